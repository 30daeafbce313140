"""`check --trust-base`: a change of a stranger cannot silence its own gate, and is told where it tries."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OWN_POLICIES

from readiness import api
from readiness.engine.settings import found_settings

ENCRYPTED, VERSIONED = "demo-bucket-encrypted", "demo-bucket-versioned"
OWN = {f"own/{path.name}": path.read_text() for path in OWN_POLICIES.glob("demo-bucket-*.yaml")}
SETTINGS = f"packs: [own]\nselect: [{ENCRYPTED}, gov-gate-*]\n"
BUCKET = 'resource "demo_bucket" "{name}" {{\n  encrypted = false\n}}\n'
BAD = BUCKET.format(name="a")
ENTRY = (
    '{"policy": "demo-bucket-encrypted", "path": "main.tf", "address": "demo_bucket.a", "severity": "high"}'
)
BASELINE = f'{{"schema_version": 1, "findings": [\n{ENTRY}\n]}}\n'
WAIVERS = f"waivers:\n  - policy: {ENCRYPTED}\n    resources: '*'\n"
COMMENT = f"# readiness:ignore {ENCRYPTED} reason: because\n"


def git(root: Path, *args: str, given: str | None = None) -> str:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *args], cwd=root, check=True, capture_output=True, text=True, input=given
    )
    return done.stdout.strip()


def commit(cli: Any, files: Mapping[str, str] | None = None) -> None:
    """Write files, and commit everything."""
    cli.write(files or {})
    git(cli.root, "add", "-Af")
    git(cli.root, "commit", "-qm", "x", "--allow-empty")


def start(cli: Any, files: Mapping[str, str] | None = None, change: bool = True) -> None:
    """A repository whose gate holds on `main`, and a branch that begins there."""
    git(cli.root, "init", "-q")
    commit(cli, {"main.tf": "", "readiness.yaml": SETTINGS, **OWN, **(files or {})})
    if change:
        git(cli.root, "switch", "-qc", "change")


def check(cli: Any, *args: str) -> Any:
    result = cli.run("check", "--format", "json", "--trust-base", "main", *args)
    assert result.status != 2, result.err
    return result


def told(result: Any) -> list[tuple[str, str, int]]:
    """What is told of the gate: (policy, path, line)."""
    return [(policy, path, line) for policy, _, path, line in result.found() if policy.startswith("gov-")]


def failing(result: Any) -> list[str]:
    """The addresses of what fails in the estate."""
    return [address for policy, address, _, _ in result.found() if policy == ENCRYPTED]


ATTEMPTS: dict[str, tuple[dict[str, str], list[tuple[str, str, int]]]] = {
    "settings": (
        {"readiness.yaml": SETTINGS + "fail-on: critical\n"},
        [("gov-gate-settings", "readiness.yaml", 3)],
    ),
    "ignored in settings": (
        {"readiness.yaml": SETTINGS + f"ignore: [{ENCRYPTED}]\n"},
        [("gov-gate-settings", "readiness.yaml", 3)],
    ),
    "settings of a folder": (
        {"infra/readiness.yaml": "fail-on: critical\n", "infra/main.tf": BAD, "main.tf": ""},
        [("gov-gate-settings", "infra/readiness.yaml", 1)],
    ),
    "settings that are broken": (
        {"readiness.yaml": "packs: [\n"},
        [("gov-gate-settings", "readiness.yaml", 2)],
    ),
    "waivers": ({"waivers.yaml": WAIVERS}, [("gov-gate-waivers", "waivers.yaml", 2)]),
    "waivers of another file": (
        {"readiness.yaml": SETTINGS + "waivers: w.yaml\n", "w.yaml": WAIVERS},
        [("gov-gate-settings", "readiness.yaml", 3)],
    ),
    "baseline": (
        {"readiness.yaml": SETTINGS + "baseline: b.json\n", "b.json": BASELINE},
        [("gov-gate-settings", "readiness.yaml", 3)],
    ),
    "comment": ({"main.tf": COMMENT + BAD}, [("gov-gate-ignore", "main.tf", 1)]),
    "comment of a peer": (
        {"main.tf": BAD.replace("{\n", "{\n  # checkov:skip=CKV_DEMO_1: because\n", 1)},
        [("gov-gate-ignore", "main.tf", 2)],
    ),
    "policy": (
        {f"own/{ENCRYPTED}.yaml": OWN[f"own/{ENCRYPTED}.yaml"].replace("severity: high", "severity: info")},
        [("gov-gate-packs", f"own/{ENCRYPTED}.yaml", 4)],
    ),
    "gitignore": ({".gitignore": "main.tf\n"}, [("gov-gate-hidden", ".gitignore", 1)]),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_attempt_has_an_effect_and_each_is_told(cli: Any, attempt: str) -> None:
    files, expected = ATTEMPTS[attempt]
    start(cli)
    commit(cli, {"main.tf": BAD, **files})
    result = check(cli)
    assert (result.status, failing(result)) == (1, ["demo_bucket.a"])
    assert told(result) == expected
    # Without --trust-base it gets through, or nothing is checked at all.
    alone = cli.run("check", "--format", "json")
    assert alone.status != 1
    assert alone.status == (
        2 if attempt == "settings that are broken" else 3 if attempt == "gitignore" else 0
    )


def test_nothing_is_told_where_nothing_is_altered(cli: Any) -> None:
    start(cli, {"waivers.yaml": WAIVERS, ".gitignore": "*.log\n"})
    commit(cli, {"main.tf": BAD, "readiness.yaml": "# ours\n" + SETTINGS, ".gitignore": "*.log\n*.tmp\n"})
    result = check(cli)
    assert (result.status, result.found(), result.found("waived")[0][1]) == (0, [], "demo_bucket.a")


def test_what_only_the_base_altered_is_not_told(cli: Any) -> None:
    start(cli, {"waivers.yaml": WAIVERS})
    git(cli.root, "switch", "-q", "main")
    commit(cli, {"readiness.yaml": SETTINGS + "tier: 2\n", "waivers.yaml": "waivers: []\n"})
    git(cli.root, "switch", "-q", "change")
    commit(cli, {"main.tf": BAD})
    # The tip holds, wherever the branch begins.
    result = check(cli)
    assert (result.status, failing(result), told(result)) == (1, ["demo_bucket.a"], [])


def test_a_change_that_is_stricter_is_told_of_settings_alone(cli: Any) -> None:
    start(
        cli, {"waivers.yaml": WAIVERS, "b.json": BASELINE, "readiness.yaml": SETTINGS + "baseline: b.json\n"}
    )
    empty = '{"schema_version": 1, "findings": []}\n'
    commit(cli, {"waivers.yaml": "waivers: []\n", "b.json": empty, "main.tf": BAD})
    result = check(cli)
    assert (result.status, told(result)) == (0, [])
    git(cli.root, "rm", "-q", "waivers.yaml")
    git(cli.root, "rm", "-q", "readiness.yaml")
    result = check(cli)
    assert (result.status, told(result)) == (0, [("gov-gate-settings", "readiness.yaml", 1)])


# -- requests in place ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "ignored"),
    [
        ({"main.tf": COMMENT + BAD}, {"main.tf": "# moved\n\n" + COMMENT + BAD}, True),
        ({"main.tf": COMMENT + BAD}, {"main.tf": COMMENT + BAD + "\n" + BUCKET.format(name="b")}, True),
        ({"main.tf": COMMENT + BAD}, {"main.tf": COMMENT + BUCKET.format(name="b")}, False),
        # Which of two is new cannot be told.
        ({"main.tf": COMMENT + BAD}, {"main.tf": COMMENT + COMMENT + BAD}, False),
        ({"main.tf": COMMENT + BAD}, {"main.tf": COMMENT.replace("because", "why not") + BAD}, False),
        ({"main.tf": COMMENT + BAD}, {"main.tf": "", "infra/all.tf": COMMENT + BAD}, True),
        ({"main.tf": COMMENT + BAD}, {"other.tf": COMMENT + BUCKET.format(name="b")}, None),
    ],
)
def test_comments(cli: Any, before: dict[str, str], after: dict[str, str], ignored: bool | None) -> None:
    start(cli, before)
    for path in before:
        if after.get(path) == "":
            (cli.root / path).unlink()
            after = {name: text for name, text in after.items() if name != path}
    commit(cli, after)
    result = check(cli)
    suppressed = [address for _, address, _, _ in result.found("suppressed")]
    if ignored is None:
        assert (suppressed, failing(result)) == (["demo_bucket.a"], ["demo_bucket.b"])
        assert told(result) == [("gov-gate-ignore", "other.tf", 1)]
        return
    assert ("demo_bucket.a" in suppressed) is ignored
    assert bool(told(result)) is not ignored


def test_a_comment_does_not_move_to_another_block(cli: Any) -> None:
    inner = f"  # readiness:ignore {ENCRYPTED} reason: because\n  encrypted = false\n"
    with_it = 'resource "demo_bucket" "{name}" {{\n' + inner + "}}\n"
    start(cli, {"main.tf": with_it.format(name="a") + BUCKET.format(name="b")})
    commit(cli, {"main.tf": BUCKET.format(name="a") + with_it.format(name="b")})
    result = check(cli)
    assert failing(result) == ["demo_bucket.a", "demo_bucket.b"]
    assert told(result) == [("gov-gate-ignore", "main.tf", 5)]
    # Nor by lines that look as if they stood in the other.
    twisted = 'resource "demo_bucket" "a" {\n    }\n    resource "demo_bucket" "b" {\n' + inner + "    }\n"
    commit(cli, {"main.tf": twisted})
    result = check(cli)
    assert failing(result) == ["demo_bucket.a", "demo_bucket.b"]
    assert told(result) == [("gov-gate-ignore", "main.tf", 4)]


POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n{more}spec:\n  containers: [{{name: x, image: y}}]\n"
OPEN = "demo-pod-open"
PODS = f"""\
id: {OPEN}
title: Pods are named
control: run-01
severity: high
resources: [Pod]
assert: 'false'
message: "{{address}}"
remediation: Give the pod another name.
examples:
  pass: [code]
  fail: [code]
"""


def pod(name: str, *asking: str) -> str:
    """A pod with annotations that ignore something."""
    lines = "".join(f"    {line}\n" for line in asking)
    return POD.format(name=name, more=f"  annotations:\n{lines}" if asking else "")


def pods(result: Any, status: str) -> list[str]:
    return [address for policy, address, _, _ in result.found(status) if policy == OPEN]


ANNOTATION = f'readiness.dev/ignore: "{OPEN} reason: because"'


@pytest.mark.parametrize(
    ("after", "ignored"),
    [
        (pod("a", ANNOTATION, 'more: "1"') + "---\n" + pod("b"), ["Pod/a"]),
        (pod("a", ANNOTATION) + "---\n" + pod("b", ANNOTATION), ["Pod/a"]),
        (pod("a") + "---\n" + pod("b", ANNOTATION), []),
        (pod("a", ANNOTATION.replace("because", "why not")) + "---\n" + pod("b"), []),
        (pod("b") + "---\n" + pod("a", ANNOTATION), ["Pod/a"]),
    ],
)
def test_annotations(cli: Any, after: str, ignored: list[str]) -> None:
    settings = f"packs: [own]\nselect: [{OPEN}, gov-gate-*]\n"
    before = pod("a", ANNOTATION) + "---\n" + pod("b")
    start(cli, {"pods.yaml": before, "readiness.yaml": settings, f"own/{OPEN}.yaml": PODS})
    commit(cli, {"pods.yaml": after})
    result = check(cli)
    assert pods(result, "suppressed") == ignored
    assert sorted(pods(result, "fail")) == sorted({"Pod/a", "Pod/b"} - set(ignored))


def test_annotations_of_what_is_put_together(cli: Any) -> None:
    """The annotation stands in a patch that does not change: what it is applied to does."""
    kustomization = (
        "resources: [pods.yaml]\npatches:\n- path: patch.yaml\n  target: {{kind: Pod, name: {name}}}\n"
    )
    files = {
        "app/pods.yaml": pod("a") + "---\n" + pod("b"),
        "app/patch.yaml": pod("any", ANNOTATION),
        "app/kustomization.yaml": kustomization.format(name="a"),
        "readiness.yaml": f"packs: [own]\nselect: [{OPEN}, gov-gate-*]\n",
        f"own/{OPEN}.yaml": PODS,
    }
    start(cli, files)
    assert pods(check(cli), "suppressed") == ["Pod/a"]
    commit(cli, {"app/kustomization.yaml": kustomization.format(name="'.*'")})
    result = check(cli)
    assert pods(result, "suppressed") == []
    assert sorted(pods(result, "fail")) == ["Pod/a", "Pod/b"]
    assert [(policy, path) for policy, path, _ in told(result)] == [("gov-gate-ignore", "app/patch.yaml")]


# -- where files come from ------------------------------------------------------------


def test_packs_of_the_base_hold_by_their_own_paths(cli: Any) -> None:
    """A pack that the change deletes, links elsewhere or breaks: messages name no temporary folder."""
    start(cli)
    commit(cli, {"main.tf": BAD})
    git(cli.root, "rm", "-rq", "own")
    (cli.root / "own").symlink_to("/etc")
    result = check(cli)
    assert failing(result) == ["demo_bucket.a"]
    assert ("gov-gate-packs", f"own/{ENCRYPTED}.yaml", 1) in told(result)
    git(cli.root, "switch", "-qf", "main")
    commit(cli, {f"own/{ENCRYPTED}.yaml": "id: broken\n"})
    broken = cli.run("check", "--trust-base", "main")
    assert broken.status == 2
    assert broken.err.startswith(f"error: own/{ENCRYPTED}.yaml:1:")


def test_a_link_does_not_make_two_packs_one(cli: Any) -> None:
    other = {
        name.replace("own/", "more/").replace("demo-", "more-"): text.replace("id: demo-", "id: more-")
        for name, text in OWN.items()
    }
    aliases = "aliases: [CKV_DEMO_1, AVD-DEMO-0001]\n"
    other = {name: text.replace(aliases, "") for name, text in other.items()}
    start(cli, {**other, "readiness.yaml": "packs: [own, more]\nselect: [more-bucket-encrypted]\n"})
    git(cli.root, "rm", "-rq", "more")
    (cli.root / "more").symlink_to("own")
    commit(cli, {"main.tf": BAD})
    assert [policy for policy, *_ in check(cli).found()] == ["more-bucket-encrypted"]


def test_what_options_name_is_that_of_the_base(cli: Any) -> None:
    start(cli, {"b.json": BASELINE.replace("demo_bucket.a", "demo_bucket.old"), "w.txt": "waivers: []\n"})
    commit(
        cli,
        {"b.json": BASELINE, "w.txt": WAIVERS, "main.tf": BAD, "c.yaml": SETTINGS + "fail-on: critical\n"},
    )
    for path in ("b.json", "./b.json", str(cli.root / "b.json")):
        result = check(cli, "--baseline", path)
        assert (result.status, failing(result)) == (1, ["demo_bucket.a"])
        assert told(result) == [("gov-gate-baseline", "b.json", 2)]
    assert failing(check(cli, "--waivers", "w.txt")) == ["demo_bucket.a"]
    missing = cli.run("check", "--trust-base", "main", "--config", "c.yaml")
    assert (missing.status, missing.err) == (
        2,
        "error: --config: 'c.yaml' is not in 'main', whose files count with --trust-base\n",
    )


def test_what_lies_elsewhere_is_the_callers_own(cli: Any, tmp_path: Path) -> None:
    start(cli)
    commit(cli, {"main.tf": BAD})
    waivers = tmp_path / "elsewhere.yaml"
    waivers.write_text(WAIVERS)
    for path in (str(waivers), "../elsewhere.yaml"):
        assert check(cli, "--waivers", path).status == 0
    # A link of the change leads nowhere else.
    (cli.root / "w.yaml").symlink_to(waivers)
    result = cli.run("check", "--trust-base", "main", "--waivers", "w.yaml")
    assert (result.status, "'w.yaml' is not in 'main'" in result.err) == (2, True)


def test_a_file_of_settings_that_is_named(cli: Any) -> None:
    start(cli, {"ci/gate.yaml": f"packs: [../own]\nselect: [{ENCRYPTED}, gov-gate-*]\nextends: low.yaml\n"})
    git(cli.root, "switch", "-q", "main")
    commit(cli, {"ci/low.yaml": "fail-on: low\n"})
    git(cli.root, "switch", "-q", "change")
    commit(cli, {"main.tf": BAD, "ci/gate.yaml": "fail-on: critical\n", "readiness.yaml": "tier: 3\n"})
    result = check(cli, "--config", "ci/gate.yaml")
    assert (result.status, failing(result)) == (1, ["demo_bucket.a"])
    assert told(result) == [("gov-gate-settings", "ci/gate.yaml", 1)]
    isolated = check(cli, "--isolated", "--policies", "own", "--select", f"{ENCRYPTED},gov-gate-*")
    assert (isolated.status, told(isolated)) == (1, [])


def test_a_base_without_settings_has_the_defaults(cli: Any) -> None:
    git(cli.root, "init", "-q")
    commit(cli, {"main.tf": ""})
    cli.write(
        {"main.tf": BAD, "readiness.yaml": "profile: security\nignore: [gov-04]\n", "waivers.yaml": WAIVERS}
    )
    result = check(cli)
    assert told(result) == [
        ("gov-gate-settings", "readiness.yaml", 1),
        ("gov-gate-waivers", "waivers.yaml", 2),
    ]


def test_in_a_folder(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    start(cli, {"infra/readiness.yaml": "tier: 2\n", "waivers.yaml": "waivers: []\n"})
    commit(cli, {"infra/main.tf": COMMENT + BAD, "waivers.yaml": WAIVERS, "infra/waivers.yaml": WAIVERS})
    git(cli.root, "rm", "-q", "infra/readiness.yaml")
    monkeypatch.chdir(cli.root / "infra")
    result = check(cli)
    assert failing(result) == ["demo_bucket.a"]
    assert told(result) == [
        ("gov-gate-waivers", "../waivers.yaml", 2),
        ("gov-gate-ignore", "main.tf", 1),
        ("gov-gate-settings", "readiness.yaml", 1),
        ("gov-gate-waivers", "waivers.yaml", 2),
    ]
    # One that is not in the base is settings and exceptions of the folders above.
    monkeypatch.chdir(cli.root)
    cli.write({"new/main.tf": BAD, "new/readiness.yaml": "root: true\n"})
    monkeypatch.chdir(cli.root / "new")
    assert failing(check(cli)) == ["demo_bucket.a"]


def test_a_lock_file_of_the_base(cli: Any) -> None:
    start(cli)
    assert cli.run("policies", "lock").status == 0
    git(cli.root, "switch", "-q", "main")
    commit(cli)
    git(cli.root, "switch", "-qc", "other")
    changed = OWN[f"own/{VERSIONED}.yaml"].replace("severity: medium", "severity: low")
    commit(cli, {"main.tf": BAD, f"own/{VERSIONED}.yaml": changed, "readiness.lock": "{}"})
    result = check(cli)
    assert failing(result) == ["demo_bucket.a"]
    assert told(result) == [
        ("gov-gate-packs", f"own/{VERSIONED}.yaml", 4),
        ("gov-gate-packs", "readiness.lock", 1),
    ]
    git(cli.root, "switch", "-q", "main")
    commit(cli, {f"own/{VERSIONED}.yaml": changed})
    stale = cli.run("check", "--trust-base", "main")
    assert (stale.status, "the pack 'own' changed since it was locked" in stale.err) == (2, True)
    assert stale.err.startswith("error: readiness.lock:")


# -- with other options ---------------------------------------------------------------


def test_with_a_base_to_compare_with(cli: Any) -> None:
    """The same settings, waivers and ignores hold on both sides, and what is altered is new."""
    start(cli, {"main.tf": BAD, "w.tf": BUCKET.format(name="w")})
    git(cli.root, "switch", "-q", "main")
    named = f"waivers:\n  - policy: {ENCRYPTED}\n    resources: demo_bucket.w\n"
    commit(cli, {"waivers.yaml": named})
    git(cli.root, "switch", "-q", "change")
    commit(cli, {"main.tf": BAD + BUCKET.format(name="b"), "waivers.yaml": WAIVERS})
    for _ in range(2):  # the second is that of the cache
        result = check(cli, "--diff-base", "main")
        compared = sorted((f["compared"] or f["status"], f["resource"]["address"]) for f in result.findings)
        assert compared == [
            ("new", "demo_bucket.b"),
            ("new", "gate-change.waivers.yaml"),
            ("unchanged", "demo_bucket.a"),
            ("waived", "demo_bucket.w"),
        ]


def test_without_exceptions(cli: Any) -> None:
    start(cli, {"main.tf": COMMENT + BAD, "waivers.yaml": WAIVERS})
    commit(cli, {"main.tf": COMMENT.replace("because", "x") + BAD, "waivers.yaml": WAIVERS + "# x\n"})
    result = check(cli, "--no-exceptions")
    assert (failing(result), told(result)) == (["demo_bucket.a"], [])


def test_the_library(cli: Any) -> None:
    from readiness.engine.trust import trusted

    start(cli)
    commit(cli, {"main.tf": COMMENT + BAD, "readiness.yaml": SETTINGS + "fail-on: critical\n"})
    with trusted("main") as trust:
        report = api.check(["."], found_settings(trust=trust))
    assert [finding.policy for finding in report.gating] == [ENCRYPTED]
    assert not trust.folder.exists()
    assert [finding.policy for finding in api.check(["."], found_settings()).gating] == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "--trust-base names no revision"),
        ("mian", "--trust-base: there is no revision 'mian' here; did you mean 'main'?"),
        ("--output=x", "--trust-base: '--output=x' is no revision"),
    ],
)
def test_a_revision_that_is_not_there(cli: Any, name: str, message: str) -> None:
    start(cli)
    result = cli.run("check", f"--trust-base={name}")
    assert (result.status, result.out) == (2, "")
    assert message in result.err


def test_without_a_repository_and_in_a_shallow_clone(cli: Any, tmp_path: Path, monkeypatch: Any) -> None:
    cli.write({"main.tf": BAD})
    result = cli.run("check", "--trust-base", "main")
    assert (result.status, "--trust-base needs a git repository" in result.err) == (2, True)
    start(cli)
    commit(cli, {"readiness.yaml": SETTINGS + "fail-on: critical\n"})
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "change", f"file://{cli.root}", "clone")
    monkeypatch.chdir(tmp_path / "clone")
    result = cli.run("check", "--trust-base", "origin/main")
    assert (result.status, "the history here is shallow: fetch more of it" in result.err) == (2, True)
    # The tip alone is enough.
    git(tmp_path / "clone", "fetch", "-q", "--depth", "1", "origin", "main")
    result = cli.run("check", "--format", "json", "--trust-base", "FETCH_HEAD")
    assert told(result) == [("gov-gate-settings", "readiness.yaml", 3)]
