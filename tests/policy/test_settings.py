"""`readiness.yaml`: what it may say, and where a mistake is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness.config.cascade import find_cascade
from readiness.config.document import read_document
from readiness.config.model import Cascade
from readiness.config.settings import SCHEMA_FILE, read_settings
from readiness.config.shape import KEYWORDS, violations
from readiness.engine.settings import Settings, merged
from readiness.errors import UsageError

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

RIGHT = [
    "",
    "# nothing yet\n",
    "profile: security\nfail-on: medium\nunknown: fail\ntier: 0\nkubernetes-version: 1.30\n",
    "select: [aws-*, bck-01]\nignore: [low]\npacks: [own, package:acme_policies]\n",
    "policies:\n  aws-a: {severity: low, params: {days: 3, list: [a], on: true}, ignore: false}\n",
    "policies:\n  'aws-*': {tiers: {0: high, 1: low}}\n  sec-enc-01: {enable: true, warn_until: 2027-01-31}\n",
]

WRONG: dict[str, tuple[str, int, int, str]] = {
    # what: text, line, column, message
    "unknown": ("fial-on: high\n", 1, 1, "there is no setting 'fial-on' here; did you mean 'fail-on'?"),
    "far": ("zzz: 1\n", 1, 1, "there is no setting 'zzz' here; there are extends, root, locked, profile, "),
    "choice": (
        "tier: 1\nfail-on: hihg\n",
        2,
        10,
        "fail-on: 'hihg' is not one of critical, high, medium, low, info; did you mean 'high'?",
    ),
    "type": ("select: aws-s3-encryption\n", 1, 9, "select: a list is expected, not 'aws-s3-encryption'"),
    "number": ("tier: '1'\n", 1, 7, "tier: a whole number is expected, not '1'"),
    "bool is no number": ("tier: true\n", 1, 7, "tier: a whole number is expected, not true"),
    "great": ("tier: 10\n", 1, 7, "tier: 10 is too great: 9 or less is expected"),
    "small": ("tier: -1\n", 1, 7, "tier: -1 is too small: 0 or more is expected"),
    "release": (
        "kubernetes-version: new\n",
        1,
        21,
        "'new' is not right here: a release of Kubernetes such as",
    ),
    "item": ("ignore:\n  - aws-a\n  - 7\n", 3, 5, "ignore.1: a text is expected, not 7"),
    "twice in a list": ("packs: [a, a]\n", 1, 12, "packs.1: 'a' stands here twice"),
    "empty text": ("packs: ['']\n", 1, 9, "packs.0: an empty text is not enough"),
    "no mapping": ("policies:\n  aws-a: high\n", 2, 10, "policies.aws-a: a mapping is expected, not 'high'"),
    "nothing": ("policies:\n  aws-a:\n", 2, 9, "policies.aws-a: a mapping is expected, not nothing"),
    "empty": ("policies:\n  aws-a: {}\n", 2, 10, "policies.aws-a: an empty mapping says nothing"),
    "field": (
        "policies:\n  aws-a:\n    sevrity: low\n",
        3,
        5,
        "policies.aws-a: there is no setting 'sevrity' here; did you mean 'severity'?",
    ),
    "tier": (
        "policies:\n  aws-a: {tiers: {12: low}}\n",
        2,
        19,
        "policies.aws-a.tiers: there is no setting '12' here",
    ),
    "both": (
        "policies:\n  aws-a: {ignore: true, enable: true}\n",
        2,
        33,
        "policies.aws-a: a policy is ignored or enabled, not both",
    ),
    "day": ("policies:\n  aws-a: {warn_until: 2027-02-30}\n", 2, 23, "there is no day '2027-02-30'"),
    "key twice": ("tier: 1\nprofile: all\ntier: 2\n", 3, 1, "'tier' stands here twice; first in line 1"),
    "glob without quotes": ("policies:\n  *aws: {ignore: true}\n", 2, 3, "a name that begins with `*` needs"),
    "alias": ("select: &a [x]\nignore: *a\n", 1, 9, "YAML aliases are not used in settings: write the value"),
    "tag": ("select: !python/name:os.system x\n", 1, 9, "the tag '!python/name:os.system' is not used"),
    "list": ("- a\n", 1, 1, "a mapping of settings is expected"),
    "documents": ("tier: 1\n---\ntier: 2\n", 3, 1, "one document is expected, and a second begins here"),
    "syntax": ("select: [a\n", 2, 1, "it is no YAML: "),
    "manifest": ("apiVersion: v1\nkind: Pod\n", 1, 1, "this is a Kubernetes object, not settings"),
}


def used(schema: Any) -> set[str]:
    """The keywords of a schema and of all in it."""
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key in ("properties", "patternProperties", "$defs"):
        for inner in schema.get(key, {}).values():
            found |= used(inner)
    return found | used(schema.get("items")) | used(schema.get("additionalProperties"))


def test_the_schema_uses_only_what_is_checked() -> None:
    assert used(SCHEMA) <= KEYWORDS
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", RIGHT)
def test_right(tmp_path: Path, text: str) -> None:
    path = tmp_path / "readiness.yaml"
    path.write_text(text)
    read_settings(str(path))
    data = plain(read_document("x", text, frozenset({"kubernetes-version"})))
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(data)) == []


@pytest.mark.parametrize("what", WRONG)
def test_wrong_is_told_at_its_place(cli: Any, what: str) -> None:
    text, line, column, message = WRONG[what]
    cli.write({"readiness.yaml": text, "a.tf": ""})
    for args in (["check"], ["explain", "aws-s3-encryption"], ["policies", "list"]):
        result = cli.run(*args)
        assert (result.status, result.out) == (2, "")
        assert f"error: readiness.yaml:{line}:{column}: " in result.err
        assert message in result.err


SHAPES = ["unknown", "choice", "type", "number", "great", "small", "release", "item", "twice in a list"]


@pytest.mark.parametrize("what", [*SHAPES, "empty text", "no mapping", "nothing", "empty", "field", "tier"])
def test_the_quick_check_agrees_with_jsonschema(what: str) -> None:
    data = read_document("x", WRONG[what][0], frozenset({"kubernetes-version"}))
    assert list(violations(data, SCHEMA))
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(plain(data)))


def test_numbers_and_days_stay_what_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "kubernetes-version: 1.30\npolicies:\n  a-b:\n    warn_until: 2027-01-31\n"
        "    params: {yes_no: yes, on: off, n: 07, f: 1.50, t: 2027-01-31, b: True, s: '7', none: ~}\n"
    )
    file = read_settings(str(path))
    assert file is not None
    assert file.own.values == {"kubernetes_version": "1.30"}
    assert file.own.overrides[0].warn_until == "2027-01-31"
    assert file.own.overrides[0].params == {
        "yes_no": "yes",
        "on": "off",
        "n": 7,
        "f": 1.5,
        "t": "2027-01-31",
        "b": True,
        "s": "7",
        "none": None,
    }


def test_where_settings_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_cascade().groups == ()
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "gate.yaml").write_text("tier: 0\npacks: [own, /abs, package:acme]\n")
    assert find_cascade().groups == ()
    named = find_cascade("ci/gate.yaml").groups[0].file
    assert named.own.packs == ("ci/own", "/abs", "package:acme")
    (tmp_path / "readiness.yaml").write_text("tier: 3\n")
    (found,) = find_cascade().groups
    assert found.file.own.values == {"tier": 3}
    assert find_cascade(isolated=True).groups == ()
    with pytest.raises(UsageError, match=r"the settings file 'no\.yaml' does not exist"):
        find_cascade("no.yaml")


def test_another_ending_is_no_silent_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "readiness.yml").write_text("tier: 3\n")
    with pytest.raises(UsageError, match=r"readiness\.yml: settings are read from readiness\.yaml"):
        find_cascade()


def test_another_ending_in_a_folder_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "repository" / "infra" / "production"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    root = tmp_path / "repository"
    (tmp_path / "readiness.yml").write_text("tier: 3\n")  # above the root: of no concern
    assert find_cascade(root=root).groups == ()
    (root / "readiness.yml").write_text("tier: 3\n")
    with pytest.raises(
        UsageError, match=r"^\.\./\.\./readiness\.yml: settings are read from readiness\.yaml"
    ):
        find_cascade(root=root)
    assert find_cascade(isolated=True, root=root).groups == ()
    # A Kubernetes object says nothing of us, and settings of the right name have the last word.
    (root / "readiness.yml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n")
    assert find_cascade(root=root).groups == ()
    (root / "readiness.yml").write_text("tier: 3\n")
    (root / "readiness.yaml").write_text("tier: 2\n")
    assert [group.file.own.values for group in find_cascade(root=root).groups] == [{"tier": 2}]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"tier": 3, "select": ("a-b",), "ignore": ("c-d",), "policies": ("own",), "fail_on": "low"}),
        ({"tier": 1, "fail_on": "high"}, {"tier": 1, "fail_on": "high", "select": ("a-b",)}),
        ({"ignore": ("e-f",)}, {"select": ("a-b",), "ignore": ("c-d", "e-f")}),
        ({"select": ("x-y",)}, {"select": ("x-y",), "ignore": ()}),
        ({"select": ("x-y",), "ignore": ("e-f",)}, {"select": ("x-y",), "ignore": ("e-f",)}),
        ({"profile": "all"}, {"profile": "all", "select": (), "ignore": ("c-d",)}),
        ({"policies": ("other", "./own")}, {"policies": ("own", "other")}),
    ],
)
def test_the_command_line_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "tier: 3\nfail-on: low\nselect: [a-b]\nignore: [c-d]\npacks: [own]\npolicies: {g-h: {ignore: true}}\n"
    )
    (tmp_path / "readiness.yaml").write_text(text)
    settings = merged(find_cascade(), given)
    assert {name: getattr(settings, name) for name in expected} == expected
    # Who names policies on the command line means them, whatever the file leaves out.
    assert settings.overrides[0].ignore is (None if "select" in given else True)
    alone = merged(Cascade(), given)
    alone.cascade = None
    assert alone == Settings(**given)
