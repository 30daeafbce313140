"""Settings of a monorepo as a user meets them: folders, `extends`, `overrides` and what is locked."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OWN_POLICIES

from readiness import api
from readiness.engine import forked
from readiness.engine.settings import found_settings

TOP = f"packs: [{OWN_POLICIES}]\nselect: [demo-*]\n"
BUCKET = 'resource "demo_bucket" "a" {\n}\n'
ENCRYPTED, VERSIONED = "demo-bucket-encrypted", "demo-bucket-versioned"
FILES = {"a/main.tf": BUCKET, "b/main.tf": BUCKET, "b/deep/main.tf": BUCKET}


def found(result: Any) -> dict[str, str]:
    """The severities of the failing findings by folder and what follows `demo-bucket-`."""
    return {
        f"{f['location']['path'].rpartition('/')[0]}:{f['policy'].removeprefix('demo-bucket-')}": f[
            "severity"
        ]
        for f in result.findings
        if f["status"] == "fail"
    }


def both(*folders: str) -> dict[str, str]:
    """What every bucket is found for."""
    return {
        f"{folder}:{p}": s for folder in folders for p, s in (("encrypted", "high"), ("versioned", "medium"))
    }


def check(cli: Any, *args: str) -> Any:
    return cli.run("check", "--format", "json", *args)


def notices(result: Any) -> list[tuple[str, int, str]]:
    return [(n["path"], n["line"], n["message"]) for n in result.report["notices"]]


# -- folders --------------------------------------------------------------------------


def test_the_nearest_file_wins_key_by_key(cli: Any) -> None:
    cli.write(
        {
            **FILES,
            "readiness.yaml": TOP + f"policies: {{{VERSIONED}: {{severity: low}}}}\n",
            "b/readiness.yaml": f"policies: {{{ENCRYPTED}: {{severity: critical}}}}\n",
            "b/deep/readiness.yaml": f"ignore: [{ENCRYPTED}]\npolicies: {{{VERSIONED}: {{severity: info}}}}\n",
        }
    )
    assert found(check(cli)) == {
        "a:encrypted": "high",
        "a:versioned": "low",
        "b:encrypted": "critical",
        "b:versioned": "low",
        "b/deep:versioned": "info",
    }


def test_it_is_the_same_from_wherever_it_is_run(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(
        {
            **FILES,
            ".git/HEAD": "",
            "readiness.yaml": f"packs: [own]\nselect: [demo-*]\npolicies: {{{VERSIONED}: {{severity: low}}}}\n",
            "b/readiness.yaml": f"policies: {{{ENCRYPTED}: {{severity: critical}}}}\n",
            **{f"own/{path.name}": path.read_text() for path in OWN_POLICIES.glob("*.yaml")},
        }
    )
    expected = {"b/deep:encrypted": "critical", "b/deep:versioned": "low"}
    # Whichever path was named: the folders above it are asked, too.
    assert found(check(cli, "b/deep")) == found(check(cli, "b/deep/main.tf")) == expected
    monkeypatch.chdir(cli.root / "b" / "deep")
    assert found(check(cli)) == {f":{key.partition(':')[2]}": value for key, value in expected.items()}
    monkeypatch.chdir(cli.root / "a")
    assert found(check(cli, "../b/deep")) == {f"../{key}": value for key, value in expected.items()}


def test_above_the_repository_nothing_is_read(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({"readiness.yaml": "tier: nonsense\n", "inner/.git/HEAD": "", "inner/a/main.tf": BUCKET})
    monkeypatch.chdir(cli.root / "inner" / "a")
    assert cli.check().status == 1
    monkeypatch.chdir(cli.root)
    assert cli.check().status == 2


def test_a_file_may_begin_anew(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TOP + f"ignore: [{VERSIONED}]\npolicies: {{{ENCRYPTED}: {{severity: low, locked: true}}}}\n"
    cli.write(
        {
            **FILES,
            "readiness.yaml": text,
            "b/readiness.yaml": "root: true\nselect: [demo-*]\n",
            ".git/HEAD": "",
        }
    )
    expected = {"b:encrypted": "low", "b:versioned": "medium"}
    deep = {key.replace("b:", "b/deep:"): value for key, value in expected.items()}
    assert found(check(cli)) == {"a:encrypted": "low", **expected, **deep}
    # Run below it is the same, although the pack of the locked policy is named above.
    monkeypatch.chdir(cli.root / "b")
    assert found(check(cli, "main.tf")) == {":encrypted": "low", ":versioned": "medium"}
    # It is the top file then, and may say what holds for a whole run.
    cli.write({"b/readiness.yaml": "root: true\nunknown: fail\n" + TOP})
    assert found(check(cli, "main.tf")) == {":encrypted": "low", ":versioned": "medium"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("packs", "packs: [x]"),
        ("unknown", "unknown: fail"),
        ("kubernetes-version", "kubernetes-version: 1.30"),
    ],
)
def test_what_holds_for_a_run_is_said_at_the_top(cli: Any, key: str, text: str) -> None:
    cli.write({**FILES, "readiness.yaml": TOP, "b/readiness.yaml": f"tier: 2\n{text}\n"})
    result = check(cli)
    assert (result.status, result.out) == (2, "")
    message = f"{key}: it holds for a run as a whole, so only the top file (readiness.yaml) may say it"
    assert result.err == f"error: b/readiness.yaml:2:1: {message}\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"b/readiness.yaml": "select: [hihg]\n"},
            "b/readiness.yaml:1:10: select: no policy, control or severity",
        ),
        ({"b/readiness.yaml": "ignore: [no-such]\n"}, "b/readiness.yaml:1:10: ignore: no policy, control or"),
        ({"b/readiness.yaml": "fail-on: hihg\n"}, "b/readiness.yaml:1:10: fail-on: 'hihg' is not one of"),
        (
            {"b/readiness.yaml": "policies: {no-such: {ignore: true}}\n"},
            "b/readiness.yaml:1:12: policies.no-such: ",
        ),
        (
            {"b/readiness.yaml": "fial-on: low\n"},
            "b/readiness.yaml:1:1: there is no setting 'fial-on' here; did you",
        ),
        ({"readiness.yaml": TOP + "extends: p.yaml\n", "p.yaml": "select: [hihg]\n"}, None),
        (
            {"readiness.yaml": "extends: p.yaml\n", "p.yaml": "select: [hihg]\n"},
            "p.yaml:1:10: select: no policy",
        ),
        (
            {"readiness.yaml": TOP + "overrides: [{paths: [b], select: [hihg]}]\n"},
            "readiness.yaml:3:35: select: no policy, control or severity matches 'hihg'; did you mean 'high'?",
        ),
        (
            {"readiness.yaml": TOP + "overrides: [{paths: [b], fail-on: hihg}]\n"},
            "readiness.yaml:3:35: overrides.0.fail-on: 'hihg' is not one of",
        ),
        ({"readiness.yaml": TOP + "overrides: [{tier: 1}]\n"}, "readiness.yaml:3:13: overrides.0: an empty"),
        (
            {"readiness.yaml": TOP + "overrides: [{tier: 1, ignore: [low]}]\n"},
            "readiness.yaml:3:13: overrides.0: `paths` or `environments` are missing here",
        ),
        (
            {
                "readiness.yaml": TOP
                + f"overrides: [{{paths: [b], policies: {{{ENCRYPTED}: {{params: {{x: 1}}}}}}}}]\n"
            },
            f"overrides.0.policies.{ENCRYPTED}.params.x: {ENCRYPTED} has no parameter 'x'",
        ),
        (
            {"readiness.yaml": TOP + "overrides: [{paths: [b], unknown: fail}]\n"},
            "there is no setting 'unknown' here",
        ),
        (
            {"readiness.yaml": TOP + "overrides: [{environments: [b], locked: true}]\n"},
            "there is no setting 'locked'",
        ),
    ],
)
def test_a_filter_that_can_do_nothing_is_a_mistake(
    cli: Any, files: dict[str, str], message: str | None
) -> None:
    cli.write({**FILES, "readiness.yaml": TOP, **files})
    result = check(cli)
    assert result.status == (1 if message is None else 2)
    assert message is None or (message in result.err and result.out == "")


def test_what_is_no_settings_file(cli: Any) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\n"
    patch = "# of some probe\n- op: replace\n  path: /spec\n"
    cli.write({**FILES, "a/readiness.yaml": patch, "b/deep/pyproject.toml": "[tool.x]\n"})
    cli.write({"readiness.yaml": TOP, "b/readiness.yaml": manifest})
    result = check(cli)
    assert found(result) == {**both("a", "b", "b/deep"), "b:demo-config-owner": "low"}


def test_named_and_isolated(cli: Any) -> None:
    cli.write({**FILES, "readiness.yaml": "tier: nonsense\n", "b/readiness.yaml": f"ignore: [{VERSIONED}]\n"})
    cli.write({"ci/gate.yaml": TOP + f"overrides: [{{paths: [a], ignore: [{VERSIONED}]}}]\n"})
    nested = check(cli, "--config", "ci/gate.yaml")
    assert found(nested) == {"a:encrypted": "high", "b:encrypted": "high", "b/deep:encrypted": "high"}
    alone = check(cli, "--config", "ci/gate.yaml", "--isolated")
    assert found(alone) == {"a:encrypted": "high", **both("b", "b/deep")}
    none = cli.check("--isolated")
    assert found(none) == both("a", "b", "b/deep")


# -- pyproject.toml -------------------------------------------------------------------


def test_settings_in_a_project_file(cli: Any) -> None:
    toml = f"""[project]
name = "acme"

[tool.readiness]
packs = ["{OWN_POLICIES}"]
select = ["demo-*"]

[tool.readiness.policies.{VERSIONED}]
severity = "low"

[[tool.readiness.overrides]]
paths = ["b/deep"]
ignore = ["{ENCRYPTED}"]
"""
    cli.write({**FILES, "pyproject.toml": toml})
    expected = {
        "a:encrypted": "high",
        "a:versioned": "low",
        "b:encrypted": "high",
        "b:versioned": "low",
        "b/deep:versioned": "low",
    }
    assert found(check(cli)) == expected
    cli.write({"pyproject.toml": toml.replace('"low"', '"lwo"')})
    result = check(cli)
    place = f"pyproject.toml:9:12: policies.{VERSIONED}.severity: 'lwo' is not one of"
    assert (result.status, place in result.err) == (2, True)
    # The file that is for nothing else comes first.
    cli.write({"readiness.yaml": TOP})
    assert found(check(cli)) == both("a", "b", "b/deep")


# -- extends --------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with settings and a pack; it fails the test when it is executed."""
    package = tmp_path / "site" / "acme_platform"
    (package / "own").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('a package was executed')\n")
    for path in OWN_POLICIES.glob("*.yaml"):
        (package / "own" / path.name).write_text(path.read_text())
    (package / "readiness.yaml").write_text(
        f"packs: [own]\nselect: [demo-*]\npolicies:\n  {ENCRYPTED}: {{severity: critical, locked: true}}\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site")])
    return package


def test_a_package_of_settings_is_not_executed(cli: Any, installed: Path) -> None:
    cli.write({**FILES, "readiness.yaml": f"extends: package:acme-platform\nignore: [{VERSIONED}]\n"})
    assert found(check(cli, "a")) == {"a:encrypted": "critical"}
    assert "acme_platform" not in sys.modules
    cli.write({"b/readiness.yaml": f"policies: {{{ENCRYPTED}: {{severity: high}}}}\n"})
    result = check(cli)
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        f"error: b/readiness.yaml:1:46: policies.{ENCRYPTED}.severity: {ENCRYPTED!r} is locked at 'critical' "
        "by package:acme-platform/readiness.yaml:4\n"
    )


def test_later_ones_win_and_own_keys_win_over_all(cli: Any) -> None:
    cli.write(
        {
            **FILES,
            "readiness.yaml": f"extends: [p/one.yaml, p/two.yaml]\npolicies: {{{VERSIONED}: {{severity: info}}}}\n",
            "p/one.yaml": "extends: base.yaml\nfail-on: low\nignore: [demo-store-copies]\n",
            "p/base.yaml": TOP + "fail-on: info\ntier: 3\n",
            "p/two.yaml": "fail-on: critical\npolicies: {demo-bucket-*: {severity: low}}\n",
        }
    )
    result = check(cli, "a")
    assert (result.status, found(result)) == (0, {"a:encrypted": "low", "a:versioned": "info"})


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"readiness.yaml": "extends: gone.yaml\n"},
            "readiness.yaml:1:10: extends: 'gone.yaml' does not exist",
        ),
        ({"readiness.yaml": "extends: a\n"}, "readiness.yaml:1:10: extends: 'a' is a folder: name the file"),
        (
            {"readiness.yaml": "extends: [p.yaml]\n", "p.yaml": "tier: 1\nextends: readiness.yaml\n"},
            "p.yaml:2:10: extends: a circle: readiness.yaml -> p.yaml -> readiness.yaml",
        ),
        (
            {
                "readiness.yaml": "extends: 0.yaml\n",
                **{f"{n}.yaml": f"extends: {n + 1}.yaml\n" for n in range(20)},
            },
            "14.yaml:1:10: extends: more than 16 files extend one another",
        ),
        (
            {
                "readiness.yaml": "extends: [0.yaml]\n",
                **{f"{n}.yaml": f"extends: [{n + 1}.yaml, ./{n + 1}.yaml]\n" for n in range(9)},
                "9.yaml": "",
            },
            "5.yaml:1:11: extends: more than 100 files altogether",
        ),
        (
            {"readiness.yaml": "extends: package:acme_none\n"},
            "readiness.yaml:1:10: extends: the Python package 'acme_none' is not installed",
        ),
        (
            {"readiness.yaml": "extends: p.yaml\n", "p.yaml": "tier: x\n"},
            "p.yaml:1:7: tier: a whole number is expected",
        ),
        (
            {"readiness.yaml": "extends: 7\n"},
            "readiness.yaml:1:10: extends: a text or a list is expected, not 7",
        ),
        (
            {"readiness.yaml": TOP, "b/readiness.yaml": "extends: ../p.yaml\n", "p.yaml": "packs: [own]\n"},
            "p.yaml:1:1: packs: it holds for a run as a whole, so only the top file (readiness.yaml) may say it",
        ),
    ],
)
def test_what_cannot_be_extended(cli: Any, files: dict[str, str], message: str) -> None:
    cli.write({**FILES, **files})
    result = check(cli)
    assert (result.status, result.out) == (2, "")
    assert f"error: {message}" in result.err


# -- overrides ------------------------------------------------------------------------


def test_paths_are_those_of_the_file(cli: Any) -> None:
    override = f"overrides:\n- paths: [deep/*.tf]\n  policies: {{{ENCRYPTED}: {{severity: low}}}}\n"
    cli.write({**FILES, "readiness.yaml": TOP, "b/readiness.yaml": override})
    expected = {**both("a", "b", "b/deep"), "b/deep:encrypted": "low"}
    assert found(check(cli)) == expected
    # The nearer file has the last word over what stands above, whatever that says of its paths.
    cli.write({"readiness.yaml": TOP + override.replace("deep/*.tf", "'**/*.tf'").replace("low", "info")})
    assert found(check(cli)) == {**expected, "a:encrypted": "info", "b:encrypted": "info"}


def test_a_gate_of_its_own(cli: Any) -> None:
    cli.write(
        {
            **FILES,
            "readiness.yaml": TOP + "fail-on: critical\noverrides: [{paths: [b/deep], fail-on: medium}]\n",
        }
    )
    result = cli.run("check", "--format", "concise")
    assert result.status == 1
    assert "failed: 2 findings" in result.out
    assert check(cli, "a").status == 0
    # The command line has the last word, where it is said.
    assert check(cli, "--fail-on", "critical").status == 0


def test_a_tier_of_its_own(cli: Any) -> None:
    store = 'resource "demo_store" "a" {\n  copies = 1\n}\n'
    text = TOP + "tier: 2\noverrides:\n- {paths: [a], tier: 0}\n- {paths: [b], tier: 5}\n"
    cli.write({"a/x.tf": store, "b/x.tf": store, "c/x.tf": store, "readiness.yaml": text})
    assert found(check(cli)) == {"a:demo-store-copies": "critical", "c:demo-store-copies": "low"}


def test_environments_of_a_root(cli: Any) -> None:
    root = {
        "main.tf": 'variable "size" {}\nresource "demo_bucket" "a" {\n  size = var.size\n}\n',
        "environments/dev.tfvars": "size = 1\n",
        "environments/prod.tfvars": "size = 2\n",
    }
    text = TOP + f"overrides: [{{environments: [dev], policies: {{{VERSIONED}: {{severity: low}}}}}}]\n"
    cli.write({**root, "readiness.yaml": text})
    result = check(cli)
    told = {(f["policy"], f["severity"]): f["environments"] for f in result.findings}
    # What is the same in both is one finding still.
    assert told == {
        (ENCRYPTED, "high"): ["dev", "prod"],
        (VERSIONED, "low"): ["dev"],
        (VERSIONED, "medium"): ["prod"],
    }
    assert notices(result) == []
    cli.write({"readiness.yaml": text.replace("[dev]", "[dve]")})
    result = check(cli)
    assert notices(result) == [
        ("readiness.yaml", 3, "overrides.0: nothing is of the environment 'dve'; did you mean 'dev'?")
    ]
    assert {(f["policy"], f["severity"]) for f in result.findings} == {
        (ENCRYPTED, "high"),
        (VERSIONED, "medium"),
    }


def test_both_conditions_count(cli: Any) -> None:
    bucket = 'resource "demo_bucket" "a" {\n}\n'
    text = TOP + f"overrides: [{{paths: [x], environments: [prod], ignore: [{VERSIONED}]}}]\n"
    files = {f"{folder}/{name}/main.tf": bucket for folder in ("x", "y") for name in ("dev", "prod")}
    cli.write({**files, "readiness.yaml": text})
    expected = both("x/dev", "x/prod", "y/dev", "y/prod")
    del expected["x/prod:versioned"]
    assert found(check(cli)) == expected


def test_a_glob_that_matches_nothing_is_told(cli: Any) -> None:
    cli.write(
        {**FILES, "readiness.yaml": TOP + "overrides:\n- paths: [b/**, c/**]\n  tier: 2\n", "c.txt": ""}
    )
    assert notices(check(cli)) == [("readiness.yaml", 4, "overrides.0: 'c/**' matches no file of this run")]
    # Whoever asks for a part cannot know.
    assert notices(check(cli, "a")) == []
    # What many repositories extend may be meant for others.
    cli.write(
        {"p.yaml": TOP + "overrides:\n- paths: [c/**]\n  tier: 2\n", "readiness.yaml": "extends: p.yaml\n"}
    )
    assert notices(check(cli)) == []


# -- locks ----------------------------------------------------------------------------

PLATFORM = TOP + f"policies:\n  {ENCRYPTED}: {{locked: true}}\n"
BY = f"{ENCRYPTED!r} is locked by platform.yaml:4"
AT = f"{ENCRYPTED!r} is locked at 'high' by platform.yaml:4"


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        (f"ignore: [{ENCRYPTED}]", [], f"readiness.yaml:2:10: ignore: {BY}"),
        ("ignore: [demo-*]", [], f"readiness.yaml:2:10: ignore: {BY}"),
        ("ignore: [CKV_DEMO_1]", [], f"readiness.yaml:2:10: ignore: {BY}"),
        (f"select: [{VERSIONED}]", [], f"readiness.yaml:2:1: select: {BY}"),
        ("profile: readiness", [], f"readiness.yaml:2:1: profile: {BY}"),
        (f"policies: {{{ENCRYPTED}: {{ignore: true}}}}", [], f"policies.{ENCRYPTED}.ignore: {BY}"),
        ("policies: {demo-b*: {ignore: true}}", [], f"readiness.yaml:2:30: policies.demo-b*.ignore: {BY}"),
        (f"policies: {{{ENCRYPTED}: {{severity: medium}}}}", [], f"policies.{ENCRYPTED}.severity: {AT}"),
        (f"policies: {{{ENCRYPTED}: {{tiers: {{0: high}}}}}}", [], f"policies.{ENCRYPTED}.tiers: {AT}"),
        ("policies: {sec-enc-01: {severity: low}}", [], f"policies.sec-enc-01.severity: {AT}"),
        (
            f"policies: {{{ENCRYPTED}: {{warn_until: 2999-01-01}}}}",
            [],
            f"policies.{ENCRYPTED}.warn_until: {BY}",
        ),
        ("overrides: [{paths: [b], ignore: [high]}]", [], f"readiness.yaml:2:35: overrides.0.ignore: {BY}"),
        ("tier: 2", ["--ignore", ENCRYPTED], f"--ignore: {BY}"),
        ("tier: 2", ["--select", VERSIONED], f"--select: {BY}"),
        ("tier: 2", ["--profile", "readiness"], f"--profile: {BY}"),
        # Stricter is always allowed.
        (f"policies: {{{ENCRYPTED}: {{severity: critical}}}}", [], None),
        ("policies: {demo-b*: {severity: critical}}", [], None),
        (f"ignore: [{VERSIONED}]", ["--select", "demo-bucket-*,CKV_DEMO_1"], None),
        ("fail-on: critical", ["--fail-on", "critical"], None),
    ],
)
def test_a_locked_policy(cli: Any, text: str, args: list[str], message: str | None) -> None:
    cli.write({**FILES, "platform.yaml": PLATFORM, "readiness.yaml": f"extends: platform.yaml\n{text}\n"})
    result = check(cli, *args)
    assert result.status == (2 if message else result.status)
    assert (message or "") in result.err
    assert (result.out == "") == bool(message)
    if "readiness.yaml" in (message or "") or args or not message:
        return
    # The same one folder below.
    cli.write({"readiness.yaml": "extends: platform.yaml\n", "b/readiness.yaml": f"{text}\n"})
    below = check(cli)
    assert (below.status, message in below.err, below.err.startswith("error: b/readiness.yaml:1:")) == (
        2,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("locked", "text", "message"),
    [
        ("[severity]", f"ignore: [{ENCRYPTED}]", None),
        ("[severity]", f"policies: {{{ENCRYPTED}: {{severity: low}}}}", AT),
        ("[ignore]", f"policies: {{{ENCRYPTED}: {{severity: low}}}}", None),
        ("[ignore]", f"ignore: [{ENCRYPTED}]", BY),
        ("false", f"ignore: [{ENCRYPTED}]", None),
    ],
)
def test_a_part_of_a_policy_is_locked(cli: Any, locked: str, text: str, message: str | None) -> None:
    platform = PLATFORM.replace("locked: true", f"locked: {locked}")
    cli.write({**FILES, "platform.yaml": platform, "readiness.yaml": f"extends: platform.yaml\n{text}\n"})
    result = check(cli)
    assert (result.status == 2, (message or "") in result.err) == (message is not None, True)


@pytest.mark.parametrize(
    ("said", "text", "args", "message"),
    [
        (
            "fail-on: medium",
            "fail-on: high",
            [],
            "readiness.yaml:2:1: fail-on: it is locked at 'medium' by p.yaml:4",
        ),
        ("fail-on: medium", "fail-on: low", [], None),
        (
            "fail-on: medium",
            "tier: 1",
            ["--fail-on", "high"],
            "--fail-on: it is locked at 'medium' by p.yaml:4",
        ),
        (
            "fail-on: medium",
            "overrides: [{paths: [b], fail-on: high}]",
            [],
            "overrides.0.fail-on: it is locked",
        ),
        ("tier: 2", "tier: 1", [], "readiness.yaml:2:1: tier: it is locked at 2 by p.yaml:4"),
        ("unknown: warn", "unknown: fail", [], None),
        ("unknown: warn", "unknown: ignore", [], "unknown: it is locked at 'warn' by p.yaml:4"),
        (
            "ignore: [low]",
            f"ignore: [{VERSIONED}]",
            [],
            f"ignore: it leaves out {VERSIONED!r}, and `ignore` is locked",
        ),
        (
            "ignore: [low]",
            "policies: {demo-b*: {ignore: true}}",
            [],
            "policies.demo-b*.ignore: it leaves out",
        ),
        ("ignore: [low]", "select: [demo-bucket-*]", [], None),
        ("profile: all", "select: [demo-bucket-*]", [], ", and `profile` is locked by p.yaml:3\n"),
        ("profile: all", f"ignore: [{VERSIONED}]", [], None),
    ],
)
def test_a_locked_setting(cli: Any, said: str, text: str, args: list[str], message: str | None) -> None:
    name = said.partition(":")[0]
    platform = f"{TOP}{said}\nlocked: [{name}]\n"
    if name == "profile":
        platform = platform.replace("select: [demo-*]\n", "")
    cli.write({**FILES, "p.yaml": platform, "readiness.yaml": f"extends: p.yaml\n{text}\n"})
    result = check(cli, *args)
    assert (result.status == 2, (message or "") in result.err) == (message is not None, True)


def test_what_several_files_extend_stays_locked(cli: Any) -> None:
    """A file beside the one that locks cannot loosen it either, before or behind it."""
    for order in ("platform.yaml, team.yaml", "team.yaml, platform.yaml"):
        cli.write(
            {
                **FILES,
                "platform.yaml": PLATFORM,
                "team.yaml": f"ignore: [{ENCRYPTED}]\n",
                "readiness.yaml": f"extends: [{order}]\n",
            }
        )
        result = check(cli)
        assert (result.status, f"team.yaml:1:10: ignore: {BY}" in result.err) == (2, True)


def test_a_platform_may_say_more_of_what_it_locks(cli: Any) -> None:
    override = f"overrides: [{{paths: [b/**], policies: {{{ENCRYPTED}: {{severity: low}}}}}}]\n"
    cli.write({**FILES, "platform.yaml": PLATFORM + override, "readiness.yaml": "extends: platform.yaml\n"})
    assert found(check(cli)) == {
        **both("a", "b", "b/deep"),
        "b:encrypted": "low",
        "b/deep:encrypted": "low",
    }


def test_nothing_lets_a_locked_policy_pass_in_place(cli: Any) -> None:
    ignored = f'# readiness:ignore {ENCRYPTED}, {VERSIONED} reason: no\nresource "demo_bucket" "a" {{\n}}\n'
    cli.write({"a/main.tf": ignored, "b/main.tf": ignored, "readiness.yaml": TOP})
    lock = f"policies: {{{ENCRYPTED}: {{locked: true}}}}\n"
    cli.write({"b/readiness.yaml": lock})
    result = check(cli)
    assert found(result) == {"b:encrypted": "high"}
    message = f"{ENCRYPTED!r} is locked by b/readiness.yaml:1: it cannot be ignored"
    assert notices(result) == [("b/main.tf", 1, message)]
    cli.write({"readiness.yaml": TOP + lock, "b/readiness.yaml": "tier: 2\n"})
    assert found(check(cli)) == {"a:encrypted": "high", "b:encrypted": "high"}


def test_looking_is_no_gate(cli: Any) -> None:
    cli.write({"platform.yaml": PLATFORM, "readiness.yaml": "extends: platform.yaml\n"})
    result = cli.run("policies", "list", "--select", VERSIONED, "--format", "json")
    assert [policy["id"] for policy in json.loads(result.out)] == [VERSIONED]


# -- what comes of it -----------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="processes are only copied on Linux")
def test_two_processes_find_the_same(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    late = f"policies: {{{VERSIONED}: {{warn_until: 2999-01-01, severity: critical}}}}\n"
    files = {"b/x.tf": 'resource "demo_store" "a" {\n  copies = 1\n  tags = { tier = "0" }\n}\n'}
    cli.write({**FILES, **files, "readiness.yaml": TOP, "b/readiness.yaml": late + "fail-on: critical\n"})
    one = check(cli, "--jobs", "1")
    monkeypatch.setattr(forked, "FORK_FROM", 1)
    two = check(cli, "--jobs", "2")
    assert (two.out, two.status) == (one.out, one.status)
    # Advisory there alone, and what is nowhere else is told by its own gate.
    told = {(f["location"]["path"], f["policy"]): f.get("advisory_until") for f in one.findings}
    assert told["b/main.tf", VERSIONED] == "2999-01-01"
    assert told["a/main.tf", VERSIONED] is None
    assert found(one)["b:demo-store-copies"] == "critical"


def test_what_a_folder_alone_uses_is_described(cli: Any) -> None:
    """A policy that only a folder selects is among the rules of a report, and is counted."""
    top = f"packs: [{OWN_POLICIES}]\nselect: [{ENCRYPTED}]\n"
    cli.write({**FILES, "readiness.yaml": top, "b/deep/readiness.yaml": f"select: [{VERSIONED}]\n"})
    result = check(cli)
    assert found(result) == {"a:encrypted": "high", "b:encrypted": "high", "b/deep:versioned": "medium"}
    assert result.report["summary"]["policies"] == 2
    sarif = json.loads(cli.run("check", "--format", "sarif").out)
    rules = {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert rules >= {ENCRYPTED, VERSIONED}


# -- the library ----------------------------------------------------------------------


def test_the_library_reads_what_the_command_reads(cli: Any, tmp_path: Path) -> None:
    cli.write({**FILES, "readiness.yaml": TOP, "b/readiness.yaml": f"ignore: [{VERSIONED}]\n"})
    report = api.check(["b"], found_settings())
    assert [finding.policy for finding in report.findings] == [ENCRYPTED, ENCRYPTED]
    # Settings of another tree: those of this one do not count, not even in folders below.
    other = tmp_path / "other"
    (other / "a").mkdir(parents=True)
    (other / "readiness.yaml").write_text(TOP)
    (other / "a" / "readiness.yaml").write_text(f"fail-on: low\nignore: [{ENCRYPTED}]\n")
    report = api.check(["."], found_settings(base=other))
    told = [(finding.policy, finding.span.path, finding.gates_at) for finding in report.findings]
    assert told == [
        (VERSIONED, "a/main.tf", "low"),
        (ENCRYPTED, "b/deep/main.tf", None),
        (VERSIONED, "b/deep/main.tf", None),
        (ENCRYPTED, "b/main.tf", None),
        (VERSIONED, "b/main.tf", None),
    ]


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        (
            "tier: 3\n",
            [],
            "svc/readiness.yaml:1:1: tier: 'demo-store-copies' is locked by readiness.yaml:2, ",
        ),
        (
            "tier: 2\n",
            [],
            "svc/readiness.yaml:1:1: tier: 'demo-store-copies' is locked by readiness.yaml:2, ",
        ),
        ("fail-on: low\n", ["--tier", "5"], "--tier: 'demo-store-copies' is locked by readiness.yaml:2, "),
        ("fail-on: low\n", [], None),
    ],
)
def test_another_tier_does_not_loosen_a_locked_policy(
    cli: Any, text: str, args: list[str], message: str | None
) -> None:
    top = "policies:\n  demo-store-copies: {locked: true}\ntier: 0\n"
    cli.write({"readiness.yaml": top, "svc/readiness.yaml": text})
    cli.write({"svc/main.tf": 'resource "demo_store" "a" {\n  copies = 1\n}\n'})
    result = cli.check(*args)
    assert result.status == (2 if message else 1)
    if message:
        assert result.err.startswith(f"error: {message}and weighs less in tier ")
