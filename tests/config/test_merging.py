"""Which layers hold, and what comes of them: key by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.config.cascade import find_cascade, nested_group, top_of
from readiness.config.model import Place, is_everywhere, lock_at
from readiness.engine.scopes import all_groups, steps_at
from readiness.engine.settings import Settings, folded, may_differ, merged


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def settings_at(root: Path, path: str, given: dict[str, Any] | None = None, *names: str) -> Settings:
    """What holds for a path and environments of a tree whose folders may all have settings."""
    cascade = merged(find_cascade(base=root), given or {}).cascade
    assert cascade is not None
    folders = [folder.relative_to(root).as_posix() for folder in root.rglob("*") if folder.is_dir()]
    found = steps_at(all_groups(cascade, folders), path, set(names))
    return folded([step.layer for step in found], cascade)


TREE = {
    "readiness.yaml": "profile: all\nignore: [x-1]\nfail-on: low\ntier: 3\n"
    "overrides:\n- {paths: ['**/dev/**'], fail-on: critical, ignore: [x-2]}\n"
    "- {environments: [dev, test], tier: 5}\n- {paths: [a], environments: [dev], select: [x-3]}\n",
    "a/readiness.yaml": "ignore: [x-4, x-1]\nfail-on: medium\n",
    "a/b/readiness.yaml": "select: [x-5]\noverrides: [{paths: [m.tf], profile: security}]\n",
    "r/readiness.yaml": "root: true\ntier: 7\n",
}


@pytest.mark.parametrize(
    ("path", "environments", "expected"),
    [
        ("m.tf", [], {"profile": "all", "ignore": ("x-1",), "fail_on": "low", "tier": 3, "select": ()}),
        ("x/dev/m.tf", [], {"ignore": ("x-1", "x-2"), "fail_on": "critical", "tier": 3}),
        ("m.tf", ["dev"], {"tier": 5, "select": ()}),
        ("m.tf", ["prod"], {"tier": 3}),
        # The nearer file wins, also over what stands above for a path; ignores add up.
        ("a/dev/m.tf", [], {"ignore": ("x-1", "x-2", "x-4"), "fail_on": "medium"}),
        ("a/m.tf", ["dev"], {"select": ("x-3",), "tier": 5}),
        ("a/m.tf", ["test"], {"select": (), "tier": 5}),
        ("a/b/c.tf", ["dev"], {"select": ("x-5",), "profile": "all", "fail_on": "medium"}),
        # A profile puts aside what others select.
        ("a/b/m.tf", [], {"select": (), "profile": "security"}),
        ("ab/m.tf", [], {"fail_on": "low"}),
        ("r/dev/m.tf", ["dev"], {"profile": "default", "ignore": (), "fail_on": "high", "tier": 7}),
    ],
)
def test_what_holds(tmp_path: Path, path: str, environments: list[str], expected: dict[str, Any]) -> None:
    write(tmp_path, TREE)
    found = settings_at(tmp_path, path, None, *environments)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"fail_on": "info"}, {"fail_on": "info", "ignore": ("x-1", "x-4")}),
        ({"ignore": ("y-1",)}, {"ignore": ("x-1", "x-4", "y-1"), "select": ("x-5",)}),
        ({"select": ("y-1",)}, {"ignore": (), "select": ("y-1",)}),
        ({"profile": "default"}, {"ignore": ("x-1", "x-4"), "select": (), "profile": "default"}),
        ({"tier": 0}, {"tier": 0}),
    ],
)
def test_the_command_line_wins_everywhere(
    tmp_path: Path, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    write(tmp_path, TREE)
    found = settings_at(tmp_path, "a/b/c.tf", given)
    assert {name: getattr(found, name) for name in expected} == expected


def test_changes_of_policies_come_in_order(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "p.yaml": "policies: {x-1: {severity: low, params: {a: 1}}}\n",
            "readiness.yaml": "extends: p.yaml\npolicies: {x-1: {params: {b: 2}}}\n"
            "overrides: [{paths: [a], policies: {x-1: {severity: high}}}]\n",
            "a/readiness.yaml": "policies: {x-1: {params: {a: 3}}}\n",
        },
    )
    found = settings_at(tmp_path, "a/m.tf").overrides
    assert [(one.place.path, one.where, one.severity, one.params) for one in found] == [
        ("p.yaml", "policies.x-1", "low", {"a": 1}),
        ("readiness.yaml", "policies.x-1", None, {"b": 2}),
        ("readiness.yaml", "overrides.0.policies.x-1", "high", {}),
        ("a/readiness.yaml", "policies.x-1", None, {"a": 3}),
    ]


def test_of_what_stands_above_a_new_beginning_only_locked_entries_count(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "readiness.yaml": "fail-on: low\ntier: 2\nlocked: [tier]\nignore: [x-3]\n"
            "policies: {x-1: {severity: low}, x-2: {severity: high, locked: true}}\n",
            "a/readiness.yaml": "root: true\n",
        },
    )
    found = settings_at(tmp_path, "a/m.tf")
    assert (found.fail_on, found.tier, found.ignore) == ("high", 2, ())
    assert [one.key for one in found.overrides] == ["x-2"]


def test_packs_add_up_and_belong_to_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {
            "ci/p.yaml": "packs: [own, ../shared, package:acme]\n",
            "readiness.yaml": "extends: ci/p.yaml\npacks: [shared, mine]\n",
        },
    )
    monkeypatch.chdir(tmp_path)
    found = merged(find_cascade(), {"policies": ("given", "./mine")})
    assert found.policies == ("ci/own", "ci/../shared", "package:acme", "mine", "given")
    # Of another tree they have the same paths, which count from its base.
    elsewhere = merged(find_cascade(base=tmp_path), {})
    assert elsewhere.policies == ("ci/own", "ci/../shared", "package:acme", "mine")
    assert elsewhere.base == tmp_path


def test_files_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"readiness.yaml": "tier: 1\n", "a/readiness.yaml": "tier: 2\n", "a/b/x": "", "c/x": ""})
    monkeypatch.chdir(tmp_path / "a" / "b")
    found = find_cascade(root=tmp_path)
    assert [(group.file.path, group.folder) for group in found.groups] == [
        ("../../readiness.yaml", "../.."),
        ("../readiness.yaml", ".."),
    ]
    top = top_of(found)
    assert top is not None
    assert top.path == "../../readiness.yaml"
    assert find_cascade(root=tmp_path / "a").groups == found.groups[1:]
    assert find_cascade().groups == ()
    # Where the repository is another one, nothing above counts.
    assert find_cascade(root=tmp_path / "c").groups == ()


def test_a_folder_below_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"readiness.yaml": "tier: 1\n", "a/readiness.yaml": "tier: 2\n", "b/x": ""})
    monkeypatch.chdir(tmp_path)
    cascade = find_cascade()
    assert nested_group(cascade, ".") is None
    assert nested_group(cascade, "b") is None
    group = nested_group(cascade, "a")
    assert group is not None
    assert (group.folder, group.file.own.values) == ("a", {"tier": 2})


@pytest.mark.parametrize(
    ("text", "folders", "isolated", "expected"),
    [
        ("tier: 1\n", [], False, False),
        ("tier: 1\n", [".", "..", "../.."], False, False),
        ("tier: 1\n", ["a"], False, True),
        ("tier: 1\n", ["../a"], False, True),
        ("tier: 1\n", ["a"], True, False),
        ("overrides: [{paths: [a], tier: 1}]\n", [], True, True),
    ],
)
def test_whether_settings_may_differ(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    folders: list[str],
    isolated: bool,
    expected: bool,
) -> None:
    """One scope costs nothing: nothing is looked at by resource."""
    write(tmp_path, {"s.yaml": text})
    monkeypatch.chdir(tmp_path)
    settings = merged(find_cascade("s.yaml", isolated), {})
    assert may_differ(settings, folders) is expected
    assert not may_differ(Settings(), folders)


def test_who_locks_where() -> None:
    one, other = Place("p", 1, 1), Place("a/r", 1, 1)
    locked = {"x-1": one, "a/b/x-2": other}
    assert lock_at(locked, "x-1", "a/m.tf") is one
    assert lock_at(locked, "x-2", "a/b/c/m.tf") is other
    assert lock_at(locked, "x-2", "a/m.tf") is None
    assert lock_at(locked, "x-2", "m.tf") is None
    assert [is_everywhere(f) for f in (".", "..", "../..", "a", "../a")] == [True, True, True, False, False]
