"""Packs as a user meets them: overrides, names that change, the lock, and what an upgrade would bring."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ENCRYPTED = """id: acme-bucket-encrypted
title: Buckets are encrypted for {params.days} days
control: own-01
severity: high
former_ids: [acme-old-name]
aliases: ["acme:ENC_1"]
resources: [demo_bucket]
params:
  days: {type: integer, default: 7, minimum: 1, maximum: 14, description: Days.}
  names: {type: array, default: [a], items: {type: string}}
  mode: {type: string, default: soft, enum: [soft, hard]}
assert: object.encrypted == true
message: "{address} is not encrypted for {params.days} days"
remediation: |
  Set `encrypted` on the bucket.
examples:
  pass: ['resource "demo_bucket" "a" { encrypted = true }']
  fail: ['resource "demo_bucket" "a" {}']
"""
NAMED = """id: acme-bucket-named
title: Buckets have a name of their own
control: bck-01
severity: medium
default: false
tiers: {0: high, 1: medium}
resources: [demo_bucket]
assert: object.title != null
message: "{address} has no title"
remediation: |
  Set `title` on the bucket.
examples:
  pass: ['resource "demo_bucket" "a" { title = "x" }']
  fail: ['resource "demo_bucket" "a" {}']
"""
BUCKET = 'resource "demo_bucket" "a" {\n}\n'
PACK = {"own/acme-bucket-encrypted.yaml": ENCRYPTED, "own/acme-bucket-named.yaml": NAMED}
REPOSITORY = {**PACK, "a.tf": BUCKET}
E_FOUND = ("acme-bucket-encrypted", "demo_bucket.a", "a.tf", 1)
N_FOUND = ("acme-bucket-named", "demo_bucket.a", "a.tf", 1)


def acme(result: Any) -> list[tuple[str, str]]:
    """Policy and severity of the findings of our pack."""
    return [(f["policy"], f["severity"]) for f in result.findings if f["policy"].startswith("acme-")]


def check(cli: Any, settings: str = "", *args: str) -> Any:
    cli.write({"readiness.yaml": f"packs: [own]\n{settings}"})
    return cli.run("check", "--format", "json", "a.tf", *args)


# -- overrides ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", [("acme-bucket-encrypted", "high")]),
        ("policies: {acme-bucket-encrypted: {severity: low}}", [("acme-bucket-encrypted", "low")]),
        ("policies: {acme-old-name: {severity: low}}", [("acme-bucket-encrypted", "low")]),
        ("policies: {'acme:enc_1': {severity: low}}", [("acme-bucket-encrypted", "low")]),
        ("policies: {acme-bucket-encrypted: {ignore: true}}", []),
        (
            "policies: {acme-bucket-named: {enable: true}}",
            [("acme-bucket-encrypted", "high"), ("acme-bucket-named", "medium")],
        ),
        # A severity holds for the tiers that the policy checks, tiers replace them.
        (
            "policies: {acme-bucket-named: {enable: true, severity: info}}",
            [("acme-bucket-encrypted", "high"), ("acme-bucket-named", "info")],
        ),
        (
            "tier: 3\npolicies: {acme-bucket-named: {enable: true, tiers: {3: low}}}",
            [("acme-bucket-encrypted", "high"), ("acme-bucket-named", "low")],
        ),
        ("tier: 3\npolicies: {acme-bucket-named: {enable: true}}", [("acme-bucket-encrypted", "high")]),
        # The most specific wins, wherever it stands: id over other tool's id over control over glob.
        (
            "policies: {acme-bucket-encrypted: {severity: info}, 'acme:ENC_1': {severity: low}, "
            "own-01: {severity: medium}, 'acme-*': {severity: critical}}",
            [("acme-bucket-encrypted", "info")],
        ),
        ("policies: {own-01: {severity: medium}, 'acme-*': {severity: low}}", [("acme-bucket-encrypted", "medium")]),
        ("policies: {'acme-b*': {severity: medium}, 'acme-*': {severity: low}}", [("acme-bucket-encrypted", "low")]),
        (
            "policies: {acme-bucket-encrypted: {ignore: false}, 'acme-*': {ignore: true}}",
            [("acme-bucket-encrypted", "high")],
        ),
        ("policies: {'acme-*': {enable: true, severity: low}, acme-bucket-encrypted: {ignore: true}}", [("acme-bucket-named", "low")]),
    ],
)  # fmt: skip
def test_override(cli: Any, settings: str, expected: list[tuple[str, str]]) -> None:
    cli.write(REPOSITORY)
    assert acme(check(cli, settings)) == expected


def test_parameters_of_an_organisation(cli: Any) -> None:
    cli.write(REPOSITORY)
    result = check(cli, "policies:\n  acme-bucket-encrypted:\n    params: {days: 14}\n")
    found = next(f for f in result.findings if f["policy"] == E_FOUND[0])
    assert found["message"] == "demo_bucket.a is not encrypted for 14 days"
    assert found["title"] == "Buckets are encrypted for 14 days"
    assert "days = 14" in cli.run("explain", "acme-bucket-encrypted").out


WRONG: dict[str, tuple[str, str]] = {
    # what: settings below line 1, place and message
    "type": (
        "policies:\n  acme-bucket-encrypted:\n    params: {days: seven}\n",
        "4:20: policies.acme-bucket-encrypted.params.days: a whole number is expected, not 'seven' "
        "(acme-bucket-encrypted has 7)",
    ),
    "maximum": ("policies: {own-01: {params: {days: 15}}}\n", "2:36: policies.own-01.params.days: 15 is too great: 14"),
    "minimum": ("policies: {own-01: {params: {days: 0}}}\n", "2:36: policies.own-01.params.days: 0 is too small: 1"),
    "items": ("policies: {own-01: {params: {names: [a, 1]}}}\n", "2:37: policies.own-01.params.names[1]: a text is"),
    "enum": (
        "policies: {own-01: {params: {mode: hrad}}}\n",
        "2:36: policies.own-01.params.mode: 'hrad' is not one of soft, hard; did you mean 'hard'?",
    ),
    "parameter": (
        "policies: {acme-bucket-encrypted: {params: {dyas: 3}}}\n",
        "2:51: policies.acme-bucket-encrypted.params.dyas: acme-bucket-encrypted has no parameter 'dyas'; "
        "did you mean 'days'?",
    ),
    "policy": (
        "policies:\n  acme-bucket-encrypt: {ignore: true}\n",
        "3:3: policies.acme-bucket-encrypt: it names no policy, control or other tool's id; "
        "did you mean 'acme-bucket-encrypted'?",
    ),
    "glob": ("policies:\n  'acme-x*': {ignore: true}\n", "3:3: policies.acme-x*: it names no policy"),
    "twice": (
        "policies:\n  acme-bucket-encrypted: {ignore: true}\n  acme-old-name: {severity: low}\n",
        "4:3: policies.acme-old-name: 'acme-bucket-encrypted' stands here twice; first in line 3",
    ),
    "select": ("select: [acme-bucket-named, acme-bukket-named]\n", "2:29: select: no policy, control or severity matches"),
    "ignore": ("ignore:\n  - nonsense\n", "3:5: ignore: no policy, control or severity matches 'nonsense'"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_wrong_settings_are_told_at_their_place(cli: Any, what: str) -> None:
    text, message = WRONG[what]
    cli.write(REPOSITORY)
    result = check(cli, text)
    assert (result.status, result.out) == (2, "")
    assert f"error: readiness.yaml:{message}" in result.err


def test_a_pack_that_is_not_there(cli: Any) -> None:
    cli.write({"a.tf": BUCKET, "readiness.yaml": "packs:\n  - package:no_such_pack\n"})
    result = cli.run("check")
    assert result.status == 2
    assert "readiness.yaml:2:5: packs: the Python package 'no_such_pack' is not installed" in result.err
    result = cli.run("check", "--isolated", "--policies", "gone")
    assert "error: the policy folder 'gone' does not exist" in result.err


def test_settings_elsewhere_and_none(cli: Any) -> None:
    cli.write(
        {"ci/own/acme-bucket-encrypted.yaml": ENCRYPTED, "ci/gate.yaml": "packs: [own]\n", "a.tf": BUCKET}
    )
    result = cli.run("check", "-f", "json", "a.tf", "--config", "ci/gate.yaml")
    assert (result.status, acme(result)) == (1, [("acme-bucket-encrypted", "high")])
    cli.write({"readiness.yaml": "packs: [gone]\n"})
    assert acme(cli.run("check", "-f", "json", "a.tf", "--isolated")) == []
    both = cli.run("check", "-f", "json", "a.tf", "--isolated", "--config", "ci/gate.yaml")
    assert (both.status, acme(both)) == (1, [("acme-bucket-encrypted", "high")])


def test_the_command_line_beats_the_file(cli: Any) -> None:
    cli.write(REPOSITORY)
    text = "fail-on: low\npolicies: {acme-bucket-encrypted: {ignore: true, severity: low}}\n"
    result = check(cli, text, "--select", "acme-bucket-encrypted", "--fail-on", "medium")
    assert (result.status, acme(result)) == (0, [("acme-bucket-encrypted", "low")])


# -- packs ----------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages; a package that is executed fails the test."""
    site = tmp_path / "site"
    trap = "raise SystemExit('a pack was executed')\n"
    for name in ("acme_policies", "acme_flat"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text(trap)
    (site / "acme_policies" / "policies" / "aws").mkdir(parents=True)
    (site / "acme_policies" / "policies" / "aws" / "acme-bucket-encrypted.yaml").write_text(ENCRYPTED)
    (site / "acme_flat" / "acme-bucket-named.yaml").write_text(NAMED.replace("default: false\n", ""))
    (site / "acme_space").mkdir()
    (site / "acme_module.py").write_text(trap)
    info = site / "acme_policies-2.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-policies\nVersion: 2.1.0\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    return site


def test_a_package_that_carries_policies_is_not_executed(cli: Any, installed: Path) -> None:
    cli.write({"a.tf": BUCKET})
    result = cli.run(
        "check", "-f", "json", "--policies", "package:acme-policies", "--policies", "package:acme_flat"
    )
    assert acme(result) == [("acme-bucket-encrypted", "high"), ("acme-bucket-named", "medium")]
    assert "acme_policies" not in sys.modules
    explained = cli.run("explain", "--policies", "package:acme_policies", "acme-bucket-encrypted")
    assert "package:acme_policies/aws/acme-bucket-encrypted.yaml" in explained.out
    cli.run("policies", "lock", "--policies", "package:acme_policies")
    packs = json.loads((cli.root / "readiness.lock").read_text())["packs"]
    assert (packs[0]["name"], packs[0]["version"]) == ("acme_policies", "2.1.0")
    (installed / "acme_policies" / "pack.yaml").write_text("name: acme\nversion: 3.10\n")
    cli.run("policies", "lock", "--policies", "package:acme_policies")
    packs = json.loads((cli.root / "readiness.lock").read_text())["packs"]
    assert (packs[0]["name"], packs[0]["version"]) == ("acme", "3.10")


def test_a_package_in_the_checked_tree_is_not_an_installed_one(cli: Any, monkeypatch: Any) -> None:
    cli.write(
        {"acme_evil/__init__.py": "", "acme_evil/acme-bucket-encrypted.yaml": ENCRYPTED, "a.tf": BUCKET}
    )
    monkeypatch.setattr(sys, "path", ["", str(cli.root), *sys.path])
    result = cli.run("check", "--policies", "package:acme_evil")
    assert (result.status, result.out) == (2, "")
    assert "the Python package 'acme_evil' is not installed" in result.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme_polices", "is not installed; did you mean package:acme_policies?"),
        ("acme_space", "'acme_space' is a namespace without an __init__.py"),
        ("acme_module", "'acme_module' is a Python module, not a package"),
        ("acme_policies.gone", "the Python package 'acme_policies.gone' has no such folder"),
        ("../own", "'../own' is not the name of a Python package"),
        ("", "'' is not the name of a Python package"),
    ],
)
def test_a_package_that_cannot_be_a_pack(cli: Any, installed: Path, name: str, message: str) -> None:
    cli.write({"a.tf": BUCKET})
    result = cli.run("check", "--policies", f"package:{name}")
    assert (result.status, result.out) == (2, "")
    assert message in result.err


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"other/acme-bucket-encrypted.yaml": ENCRYPTED},
            "other/acme-bucket-encrypted.yaml:1:5: the id 'acme-bucket-encrypted' is taken by "
            "own/acme-bucket-encrypted.yaml:1:5",
        ),
        (
            {"other/acme-old-name.yaml": NAMED.replace("acme-bucket-named", "acme-old-name")},
            "other/acme-old-name.yaml:1:5: the id 'acme-old-name' is a former id of 'acme-bucket-encrypted' "
            "(own/acme-bucket-encrypted.yaml:1:5), which it still names",
        ),
        (
            {"other/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y"), "other/pack.yaml": "name: own\n"},
            "two packs are called 'own': own and other",
        ),
        (
            {"other/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y"), "other/pack.yaml": "naem: x\n"},
            "other/pack.yaml:1:1: there is no field 'naem' here; did you mean 'name'?",
        ),
        (
            {"other/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y"), "other/pack.yaml": "name: A B\n"},
            "other/pack.yaml:1:7: name: 'A B' is not right here: a name is lower-case words",
        ),
        (
            {"other/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y"), "other/pack.yaml": "name: readiness\n"},
            "the pack 'other' may not be called 'readiness'",
        ),
        (
            {"other/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y").replace("default: false", "warn_until: '2027-02-30'")},
            "other/acme-x-y.yaml:5:1: warn_until: there is no day '2027-02-30'",
        ),
    ],
)  # fmt: skip
def test_wrong_packs(cli: Any, files: dict[str, str], message: str) -> None:
    cli.write({**REPOSITORY, **files})
    result = cli.run("check", "--policies", "own", "--policies", "other")
    assert (result.status, result.out) == (2, "")
    assert message in result.err


# -- names ----------------------------------------------------------------------------


def test_old_names_go_on_working(cli: Any) -> None:
    cli.write(REPOSITORY)
    own = ("-f", "json", "--policies", "own", "a.tf")
    result = cli.run("check", *own, "--select", "acme-old-name")
    assert result.found() == [E_FOUND]
    assert "note: --select: 'acme-old-name' is now called 'acme-bucket-encrypted'" in result.err
    result = cli.run("check", *own, "--select", "acme-*", "--ignore", "acme-old-name")
    assert result.found() == [N_FOUND]
    result = cli.run("explain", "--policies", "own", "acme-old-name")
    assert result.out.startswith("acme-bucket-encrypted: ")
    assert "'acme-old-name' is now called 'acme-bucket-encrypted'" in result.err
    result = check(cli, "ignore: [acme-old-name]\n")
    notice = "'acme-old-name' is now called 'acme-bucket-encrypted'; the old name goes on working"
    assert [(n["path"], n["line"], n["column"], n["message"]) for n in result.report["notices"]] == [
        ("readiness.yaml", 2, 10, notice)
    ]
    assert acme(result) == []


def test_an_ignore_is_told_what_its_names_are(cli: Any) -> None:
    lines = [
        "# readiness:ignore acme-old-name reason: an old name",
        'resource "demo_bucket" "a" {',
        "}",
        "# readiness:ignore acme-bucket-encripted reason: a typo",
        "# readiness:ignore acme-gone reason: retired",
        "# readiness:ignore aws-s3-* reason: globs are not names",
        "# readiness:ignore acme-bucket-named, own-01, *, CKV_AWS_99999, AVD-AWS-9999, kube-linter:x reason: right",
        "# checkov:skip=CKV_AWS_88888: theirs",
        'resource "demo_bucket" "b" {',
        "}",
    ]
    retired = "retired:\n  acme-gone: buckets are made by the platform now\n"
    cli.write({**PACK, "own/pack.yaml": retired, "a.tf": "\n".join(lines) + "\n"})
    result = cli.run("check", "-f", "json", "--policies", "own", "a.tf")
    assert [(n["line"], n["column"], n["message"]) for n in result.report["notices"]] == [
        (1, 1, "'acme-old-name' is now called 'acme-bucket-encrypted'; the old name goes on working"),
        (
            4,
            1,
            "'acme-bucket-encripted' ignores nothing: there is no policy or control of that name; "
            "did you mean 'acme-bucket-encrypted'?",
        ),
        (5, 1, "'acme-gone' is no policy any more: buckets are made by the platform now"),
        (6, 1, "'aws-s3-*' ignores nothing: an ignore in place names ids, or `*` for all of them"),
    ]
    assert ("acme-bucket-encrypted", "demo_bucket.a", "a.tf", 2) in result.found("suppressed")
    # Whatever is selected: a name is no mistake because this run does not use the policy.
    result = cli.run("check", "-f", "json", "--policies", "own", "--select", "acme-bucket-named", "a.tf")
    assert len(result.report["notices"]) == 4
    gone = cli.run("check", "--policies", "own", "--select", "acme-gone")
    assert gone.status == 2
    assert "'acme-gone' is no policy any more: buckets are made by the platform now" in gone.err


def test_an_annotation_is_told_what_its_names_are(cli: Any) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    readiness.dev/ignore: 'k8s-no-such-thing reason: x'\n"
    cli.write({"a.yaml": manifest})
    result = cli.run("check", "-f", "json", "a.yaml")
    notices = [(n["line"], n["message"][:38]) for n in result.report["notices"] if "no-such" in n["message"]]
    assert notices == [(6, "'k8s-no-such-thing' ignores nothing: t")]


# -- advisory -------------------------------------------------------------------------


def test_a_policy_that_does_not_gate_yet(cli: Any) -> None:
    late = ENCRYPTED.replace("severity: high", 'severity: high\nwarn_until: "2999-01-31"')
    cli.write({"own/acme-bucket-encrypted.yaml": late, "a.tf": BUCKET})
    args = ("--policies", "own", "--select", "acme-bucket-encrypted", "a.tf")
    result = cli.run("check", "-f", "json", *args)
    assert result.status == 0
    finding = result.findings[0]
    assert (finding["status"], finding["severity"], finding["advisory_until"]) == (
        "fail",
        "high",
        "2999-01-31",
    )
    text = cli.run("check", *args).out
    assert "advisory high[acme-bucket-encrypted]: " in text
    assert "= advisory: it does not gate before 2999-01-31" in text
    assert "1 finding: 1 high (1 advisory)" in text
    assert (
        "passed: 1 finding at or above the gate `high` is advisory until 2999-01-31 (exit status 0)" in text
    )
    concise = cli.run("check", "-f", "concise", *args).out.splitlines()[0]
    assert concise.startswith("a.tf:1:1: advisory high acme-bucket-encrypted ")
    assert concise.endswith(" [demo_bucket.a] (it does not gate before 2999-01-31)")
    github = cli.run("check", "-f", "github", *args).out.splitlines()[0]
    assert github.startswith("::notice file=a.tf,")
    assert "title=advisory high acme-bucket-encrypted::" in github
    sarif = json.loads(cli.run("check", "-f", "sarif", *args).out)["runs"][0]["results"][0]
    assert (sarif["kind"], sarif["level"]) == ("fail", "note")
    assert sarif["properties"]["advisoryUntil"] == "2999-01-31"


@pytest.mark.parametrize(("day", "status"), [("2000-01-01", 1), ("2999-12-31", 0)])
def test_the_day_comes_and_settings_may_move_it(cli: Any, day: str, status: int) -> None:
    cli.write(REPOSITORY)
    result = check(cli, f"policies: {{acme-bucket-encrypted: {{warn_until: {day}}}}}\n")
    assert result.status == status
    late = [f["advisory_until"] for f in result.findings if f["policy"] == "acme-bucket-encrypted"]
    assert late == [day if status == 0 else None]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2000-01-01", [("acme-bucket-encrypted", "high")]),
        ("2999-01-31", [("acme-bucket-encrypted", "high"), ("acme-bucket-named", "medium")]),
    ],
)
def test_what_gates_does_not_yield_to_what_does_not_yet(
    cli: Any, day: str, expected: list[tuple[str, str]]
) -> None:
    yields = NAMED.replace("default: false", "yields_to: [acme-bucket-encrypted]")
    cli.write({**REPOSITORY, "own/acme-bucket-named.yaml": yields})
    assert acme(check(cli, f"policies: {{acme-bucket-encrypted: {{warn_until: {day}}}}}\n")) == expected


# -- lock and diff --------------------------------------------------------------------


def test_the_lock_pins_the_packs(cli: Any) -> None:
    cli.write({**REPOSITORY, "readiness.yaml": "packs: [own]\nselect: ['acme-*']\n"})
    result = cli.run("policies", "lock")
    assert result.status == 0
    assert result.out.startswith("readiness.lock: 2 packs, ")
    first = (cli.root / "readiness.lock").read_bytes()
    assert cli.run("check", "a.tf").status == 1
    assert "no difference" in cli.run("policies", "diff", "a.tf").out
    # Another line break is the same pack; another text is not.
    cli.write({"own/acme-bucket-named.yaml": NAMED.replace("\n", "\r\n")})
    assert cli.run("check", "a.tf").status == 1
    cli.write({"own/acme-bucket-named.yaml": NAMED.replace("on the bucket.", "on it, on each bucket.")})
    result = cli.run("check", "a.tf")
    assert (result.status, result.out) == (2, "")
    assert (
        "error: readiness.lock:5:4: the pack 'own' changed since it was locked (2 policies, sha256:"
        in result.err
    )
    assert (
        "`readiness policies diff` shows what that changes, `readiness policies lock` accepts it"
        in result.err
    )
    diff = cli.run("policies", "diff", "a.tf").out
    assert "own\n  the files differ in nothing that decides about findings\n" in diff
    assert cli.run("check", "a.tf", "--isolated", "--policies", "own").status == 1
    cli.run("policies", "lock")
    assert cli.run("check", "a.tf").status == 1
    cli.write(PACK)
    cli.run("policies", "lock")
    assert (cli.root / "readiness.lock").read_bytes() == first


def test_a_pack_too_many_or_too_few(cli: Any) -> None:
    cli.write({**REPOSITORY, "more/acme-x-y.yaml": NAMED.replace("acme-bucket-named", "acme-x-y")})
    cli.run("policies", "lock", "--policies", "own")
    result = cli.run("check", "a.tf", "--policies", "own", "--policies", "more")
    assert result.status == 2
    assert "readiness.lock:1:1: the pack 'more' is in use and not locked; " in result.err
    result = cli.run("check", "a.tf")
    assert result.status == 2
    assert (
        "readiness.lock:5:4: the pack 'own' is locked and not in use: its policies would not gate"
        in result.err
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "readiness.lock:1:2: it is no lock file: "),
        ('{"version": 1, "packs": [\n{"name": 1}]}', "it is no lock file: Expected `str`, got `int`"),
        ('{"version": 7}', "readiness.lock:1:1: version 7 of the lock file is not known"),
        ('{\n<<<<<<< ours\n "version": 1', "readiness.lock:2:1: a merge conflict stands here"),
        ("", "readiness.lock:1:1: it is no lock file: "),
    ],
)
def test_a_damaged_lock(cli: Any, text: str, message: str) -> None:
    cli.write({"a.tf": BUCKET, "readiness.lock": text})
    for args in (["check"], ["policies", "diff"]):
        result = cli.run(*args)
        assert (result.status, result.out) == (2, "")
        assert message in result.err


def test_diff_needs_something_to_compare_with(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    result = cli.run("policies", "diff")
    assert (result.status, result.out) == (2, "")
    assert "there is no readiness.lock; `readiness policies lock` writes it" in result.err


SERVICES = "".join(
    f'resource "demo_bucket" "{name}" {{\n  tags = {{ Service = "{service}" }}\n}}\n'
    for name, service in (("a", "shop"), ("b", "shop"), ("c", "pay"))
)


def test_what_an_upgrade_would_bring(cli: Any) -> None:
    cli.write(
        {
            "own/acme-old-name.yaml": ENCRYPTED.replace("acme-bucket-encrypted", "acme-old-name").replace(
                "former_ids: [acme-old-name]\n", ""
            )
        }
    )
    cli.write(
        {"own/acme-last-one.yaml": NAMED.replace("acme-bucket-named", "acme-last-one"), "a.tf": SERVICES}
    )
    cli.write({"readiness.yaml": "packs: [own]\n"})
    cli.run("policies", "lock")
    (cli.root / "own" / "acme-old-name.yaml").unlink()
    (cli.root / "own" / "acme-last-one.yaml").unlink()
    added = NAMED.replace("default: false\n", 'warn_until: "2999-01-31"\n').replace(
        "{0: high, 1: medium}", "{1: high}"
    )
    off = NAMED.replace("acme-bucket-named", "acme-bucket-off")
    cli.write({"own/acme-bucket-named.yaml": added, "own/acme-bucket-off.yaml": off})
    cli.write({"own/acme-bucket-encrypted.yaml": ENCRYPTED.replace("severity: high", "severity: critical")})
    result = cli.run("policies", "diff", "a.tf")
    assert result.status == 0
    assert result.out.split("\nreadiness")[0] == (
        "own\n"
        "  added: 2\n"
        "    acme-bucket-named\n"
        "    acme-bucket-off (not in this run)\n"
        "  removed: 1\n"
        "    acme-last-one\n"
        "  renamed: 1\n"
        "    acme-old-name -> acme-bucket-encrypted\n"
        "  severity: 1\n"
        "    acme-bucket-encrypted: high -> critical\n"
    )
    assert result.out.split("no difference\n\n")[1] == (
        "6 findings, 2 services; 3 at or above the gate `high`, 3 that will be when they are no longer advisory\n"
        "      3  critical  acme-bucket-encrypted\n"
        "      3  high      acme-bucket-named (advisory until 2999-01-31)\n"
    )
    document = json.loads(cli.run("policies", "diff", "a.tf", "-f", "json").out)
    assert document["summary"] == {"findings": 6, "services": 2, "gating": 3}
    assert document["packs"][0]["renamed"] == {"acme-old-name": "acme-bucket-encrypted"}
    assert document["findings"][0] == {
        "policy": "acme-bucket-encrypted",
        "severity": "critical",
        "findings": 3,
        "services": 2,
        "advisory_until": None,
    }


def test_both_sides_of_an_upgrade(cli: Any) -> None:
    buckets = 'resource "demo_bucket" "a" {\n  encrypted = "yes"\n}\nresource "demo_bucket" "b" {\n}\n'
    before = ENCRYPTED.replace("object.encrypted == true", "object.encrypted == null")
    cli.write(
        {
            "old/acme-bucket-encrypted.yaml": before,
            "old/acme-last-one.yaml": NAMED.replace("acme-bucket-named", "acme-last-one").replace(
                "default: false\n", ""
            ),
        }
    )
    cli.write({"own/acme-bucket-encrypted.yaml": ENCRYPTED.replace("== true", "!= null"), "a.tf": buckets})
    result = cli.run("policies", "diff", "a.tf", "--from", "old", "--policies", "own")
    assert result.status == 0
    assert result.out == (
        "own\n"
        "  removed: 1\n"
        "    acme-last-one\n"
        "  changed: 1\n"
        "    acme-bucket-encrypted\n"
        "\n"
        "1 finding more; 1 at or above the gate `high`\n"
        "      1  high      acme-bucket-encrypted\n"
        "3 findings fewer\n"
        "      2  medium    acme-last-one\n"
        "      1  high      acme-bucket-encrypted\n"
    )


def test_without_settings_nothing_is_read_for_them(cli: Any) -> None:
    cli.write({"a.tf": BUCKET})
    assert cli.run("check", "a.tf", "--select", "aws-s3-encryption").status == 0
    assert cli.run("check", "a.tf", "--config", "none.yaml").status == 2
