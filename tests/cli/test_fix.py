"""`check --fix` and `--diff`: what is written, what is left and why, and that nothing is half-written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from readiness import api
from readiness.engine.settings import Settings
from readiness.fixes import write as writing
from readiness.fixes.write import write

if TYPE_CHECKING:
    from conftest import Cli, Result

OWN = Path(__file__).parents[1] / "fixes" / "policies"
OPTIONS = ("--policies", str(OWN), "--select", "demo-fix-*", "--no-cache")

STORES = """# Stores.
resource "demo_store" "a" {
  name = "a" # the first
}

resource "demo_store" "b" {
  on = false

  copies {
    days = 1
  }
}
"""
FIXED = STORES.replace('"a" # the first\n', '"a" # the first\n  on   = true\n').replace(
    "on = false", "on = true"
)
ALL_FIXED = FIXED.replace("days = 1", "days = 7")


def fix(cli: Cli, *args: str, paths: tuple[str, ...] = ()) -> Result:
    return cli.run("check", *OPTIONS, "--format", "concise", *args, *paths)


def settings(**more: Any) -> Settings:
    return Settings(policies=(str(OWN),), select=("demo-fix-*",), cache=False, **more)


def text(cli: Cli, name: str = "main.tf") -> str:
    return (cli.root / name).read_bytes().decode()


def test_safe_fixes_are_applied_and_the_rest_is_reported(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    result = fix(cli, "--fix")
    assert text(cli) == FIXED
    assert result.status == 0
    assert result.out.startswith("main.tf:11:5: medium demo-fix-days ")
    assert (
        result.err == "readiness: fixed 2 findings in 1 file (1 left: 1 unsafe); --unsafe-fixes fixes more\n"
    )


def test_unsafe_fixes_and_a_second_run(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    result = fix(cli, "--fix", "--unsafe-fixes", "--verbose")
    assert text(cli) == ALL_FIXED
    assert result.err == (
        "fixed: main.tf:2: demo-fix-on: demo_store.a: Set `on` to true\n"
        "fixed: main.tf:7: demo-fix-on: demo_store.b: Set `on` to true\n"
        "fixed: main.tf:10: demo-fix-days: demo_store.b: Set `copies.days` to 7\n"
        "readiness: fixed 3 findings in 1 file\n"
    )
    before = (cli.root / "main.tf").stat()
    assert fix(cli, "--fix", "--unsafe-fixes").err == "readiness: fixed 0 findings\n"
    after = (cli.root / "main.tf").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_diff_that_git_applies(cli: Cli) -> None:
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: b}"
    files = {
        "main.tf": STORES,
        "a b/pod ü.yaml": manifest,
        "crlf.tf": STORES.replace("\n", "\r\n").replace('"a" {', '"c" {'),
    }
    cli.write({"main.tf": STORES, "a b/pod ü.yaml": manifest})
    cli.write({"other/crlf.tf": files["crlf.tf"]})
    result = fix(cli, "--diff", "--unsafe-fixes")
    assert result.status == 1
    assert text(cli) == STORES
    assert result.out.startswith("--- a/a b/pod ü.yaml\t\n+++ b/a b/pod ü.yaml\t\n@@ -3,4 +3,4 @@\n")
    assert "\\ No newline at end of file\n" in result.out
    assert result.err == "readiness: would fix 7 findings in 3 files\n"
    subprocess.run(["git", "init", "-q"], cwd=cli.root, check=True)
    subprocess.run(["git", "apply", "-"], cwd=cli.root, check=True, input=result.out.encode())
    assert text(cli) == ALL_FIXED
    assert (
        text(cli, "other/crlf.tf").count("\r\n")
        == text(cli, "other/crlf.tf").count("\n")
        == ALL_FIXED.count("\n")
    )
    assert text(cli, "a b/pod ü.yaml").endswith(
        "- {name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}"
    )
    again = fix(cli, "--diff", "--unsafe-fixes")
    assert (again.status, again.out) == (0, "")


def test_the_exit_status_of_a_diff(cli: Cli) -> None:
    cli.write(
        {"main.tf": 'variable "x" {\n  default = false\n}\n\nresource "demo_store" "a" {\n  on = var.x\n}\n'}
    )
    result = fix(cli, "--diff")
    assert (result.status, result.out) == (1, "")  # a finding at the gate, which no fix mends
    assert result.err == (
        "not fixed: main.tf:6: demo-fix-on: demo_store.a: `on` is decided by default of variable x at "
        "main.tf:2, which a fix leaves alone\nreadiness: would fix 0 findings (1 left: 1 not fixed)\n"
    )
    cli.write({"main.tf": 'resource "demo_clash" "a" {\n  mode = "none"\n}\n'})
    assert fix(cli, "--diff").status == 1  # below the gate, and there is a difference
    assert fix(cli, "--diff", "--exit-zero").status == 0
    cli.write({"main.tf": 'resource "demo_store" "a" {\n  on = true\n}\n'})
    assert fix(cli, "--diff").status == 0


def test_colours_and_what_would_drive_a_terminal(cli: Cli) -> None:
    cli.write({"main.tf": 'resource "demo_store" "a" {\n  # \x1b[2J\n  on = false\n}\n'})
    out = fix(cli, "--diff", "--color", "always").out
    assert "\x1b[31m-  on = false\x1b[0m\n\x1b[32m+  on = true\x1b[0m\n" in out
    assert "\x1b[2J" not in out
    assert "\\x1b[2J" in out


def test_wrong_usage(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    for args, message in {
        ("--unsafe-fixes",): "--unsafe-fixes goes with --fix or --diff",
        ("--fix", "--diff"): "--fix and --diff exclude each other",
        ("--diff", "--output", "x.txt"): "--diff shows a diff in place of the report",
    }.items():
        result = fix(cli, *args)
        assert (result.status, message in result.err) == (2, True)
    assert text(cli) == STORES


def test_what_is_not_for_editing(cli: Cli) -> None:
    off = 'resource "demo_store" "{}" {{\n  on = false\n}}\n'
    files = {
        "generated/main.tf": "# Code generated by acmegen. DO NOT EDIT.\n" + off.format("a"),
        "vendor/main.tf": off.format("b"),
    }
    cli.write(files)
    result = fix(cli, "--fix")
    assert result.status == 1
    assert result.err == (
        "not fixed: generated/main.tf:3: demo-fix-on: demo_store.a: generated/main.tf says that it is generated\n"
        "not fixed: vendor/main.tf:2: demo-fix-on: demo_store.b: vendor/main.tf is in a folder of what others wrote\n"
        "readiness: fixed 0 findings (2 left: 2 not fixed)\n"
    )
    assert {name: text(cli, name) for name in files} == files


def test_only_the_files_that_were_asked_for(cli: Cli) -> None:
    off = 'resource "demo_store" "a" {\n  on = false\n}\n'
    cli.write({"live/main.tf": 'module "m" {\n  source = "../m"\n}\n', "m/main.tf": off})
    result = fix(cli, "--fix", paths=("live",))
    assert text(cli, "m/main.tf") == off
    assert (
        "not fixed: m/main.tf:2: demo-fix-on: module.m.demo_store.a: m/main.tf was not asked for\n"
        in result.err
    )
    fix(cli, "--fix", paths=("live", "m"))
    assert text(cli, "m/main.tf") == off.replace("false", "true")


def test_standard_input_is_left_alone(cli: Cli) -> None:
    result = cli.run("check", *OPTIONS, "--fix", "-", stdin=b'resource "demo_store" "a" {}\n')
    assert result.status == 1
    assert "it comes from standard input" in result.err


def test_ignored_findings_are_left_alone(cli: Cli) -> None:
    kept = 'resource "demo_store" "a" {\n  # readiness:ignore demo-fix-on reason: planned\n  on = false\n}\n'
    cli.write({"main.tf": kept})
    assert fix(cli, "--fix").status == 0
    assert text(cli) == kept


def test_several_instances_are_one_edit(cli: Cli) -> None:
    cli.write({"main.tf": 'resource "demo_store" "a" {\n  count = 3\n  on    = false\n}\n'})
    result = fix(cli, "--fix")
    assert text(cli) == 'resource "demo_store" "a" {\n  count = 3\n  on    = true\n}\n'
    assert result.err == "readiness: fixed 1 finding in 1 file\n"


def test_fixes_that_do_not_hold_are_taken_back(cli: Cli) -> None:
    wrong = 'resource "demo_thing" "a" {\n  size = 1\n}\n'
    cli.write({"main.tf": wrong + STORES})
    result = fix(cli, "--fix")
    assert text(cli) == wrong + FIXED
    assert result.err.startswith(
        "not fixed: main.tf:2: demo-fix-helpless: demo_thing.a: its policy does not pass with it, so it was taken back\n"
    )


def test_fixes_that_undo_each_other(cli: Cli) -> None:
    cli.write({"main.tf": 'resource "demo_clash" "a" {\n  mode = "none"\n}\n'})
    result = fix(cli, "--fix")
    assert text(cli) == 'resource "demo_clash" "a" {\n  mode = "one"\n}\n'
    assert result.err == (
        "not fixed: main.tf:2: demo-fix-clash-two: demo_clash.a: it undoes another fix, so it was taken back\n"
        "readiness: fixed 1 finding in 1 file (1 left: 1 not fixed)\n"
    )


def test_links_are_written_through_and_only_inside_the_repository(cli: Cli, tmp_path: Path) -> None:
    off = 'resource "demo_store" "a" {\n  on = false\n}\n'
    cli.write({"real/store.tf": off, "live/other.tf": "locals {}\n"})
    (cli.root / "live" / "store.tf").symlink_to("../real/store.tf")
    fix(cli, "--fix", paths=("live",))
    assert (cli.root / "live" / "store.tf").is_symlink()
    assert text(cli, "real/store.tf") == off.replace("false", "true")
    outside = tmp_path / "outside.tf"
    outside.write_text(off, encoding="utf-8")
    (cli.root / "out").mkdir()
    (cli.root / "out" / "store.tf").symlink_to(outside)
    fix(cli, "--fix", paths=("out/store.tf",))
    assert outside.read_text(encoding="utf-8") == off


def test_a_link_and_its_target_are_edited_once(cli: Cli) -> None:
    off = 'resource "demo_store" "a" {\n  on = false\n}\n'
    cli.write({"a/store.tf": off})
    (cli.root / "b").mkdir()
    (cli.root / "b" / "store.tf").symlink_to("../a/store.tf")
    result = fix(cli, "--fix")
    assert text(cli, "a/store.tf") == off.replace("false", "true")
    assert "b/store.tf" not in result.err or "by another name" in result.err


def test_permissions_stay(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    (cli.root / "main.tf").chmod(0o640)
    fix(cli, "--fix")
    assert (cli.root / "main.tf").stat().st_mode & 0o777 == 0o640


def test_a_file_that_changed_is_left_as_it_is(cli: Cli) -> None:
    cli.write({"main.tf": STORES, "other/main.tf": STORES})
    fixed = api.fix((".",), settings())
    changed = STORES + "# more\n"
    cli.write({"main.tf": changed})
    errors = write(fixed)
    assert [(error.path, error.message) for error in errors] == [
        ("main.tf", "the file changed while it was being fixed, so it is left as it is: run it again")
    ]
    assert (text(cli), text(cli, "other/main.tf")) == (changed, FIXED)
    assert sorted(path.name for path in cli.root.iterdir()) == ["main.tf", "other"]


def test_a_file_that_cannot_be_written(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({"main.tf": STORES, "other/main.tf": STORES})

    def refuse(**given: Any) -> Any:
        if Path(given["dir"]).name != "other":
            raise OSError(30, "Read-only file system")
        return real(**given)

    real = writing.mkstemp
    monkeypatch.setattr(writing, "mkstemp", refuse)
    result = fix(cli, "--fix", "--fail-on", "critical")
    assert result.status == 3
    assert "main.tf:1:1: error: the fixed file cannot be written" in result.out + result.err
    assert result.err.endswith(
        "readiness: fixed 2 findings in 1 file (2 left: 2 unsafe); --unsafe-fixes fixes more\n"
    )
    assert (text(cli), text(cli, "other/main.tf")) == (STORES, FIXED)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_without_permission_to_write(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    (cli.root / "main.tf").chmod(0o444)
    assert fix(cli, "--fix", "--fail-on", "critical").status == 3
    assert text(cli) == STORES


def test_rendered_objects_are_left_alone(cli: Cli) -> None:
    base = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: b}\n"
    overlay = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [pod.yaml]\nnamePrefix: x-\n"
    cli.write({"pod.yaml": base, "kustomization.yaml": overlay})
    result = fix(cli, "--fix")
    assert text(cli, "pod.yaml") == base
    assert "it is put together by a chart or an overlay" in result.err


def test_the_json_report_stays_alone_on_standard_output(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    result = cli.run("check", *OPTIONS, "--format", "json", "--fix", "--quiet")
    assert [finding["policy"] for finding in result.findings] == ["demo-fix-days"]
    assert result.findings[0]["fixable"] == "unsafe"
    assert result.err == ""


def test_what_a_library_gets(cli: Cli) -> None:
    cli.write({"main.tf": STORES})
    fixed = api.fix((".",), settings(), unsafe=True)
    assert text(cli) == STORES
    first = fixed.fixed[0]
    assert (first.policy, first.title, first.safety) == ("demo-fix-on", "Set `on` to true", "safe")
    assert [(edit.span[1:], edit.text) for edit in first.edits] == [((3, 25, 3, 25), "\n  on   = true")]
    assert fixed.texts == {"main.tf": ALL_FIXED}


def test_a_plan_is_left_alone_and_so_is_what_it_was_made_from(cli: Cli) -> None:
    off = 'resource "demo_store" "a" {\n  on = false\n}\n'
    change = '{"actions": ["create"], "before": null, "after": {"on": false}}'
    plan = (
        '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": ['
        '{"address": "demo_store.a", "mode": "managed", "type": "demo_store", "name": "a", "values": {"on": false}}]}},'
        '"resource_changes": [{"address": "demo_store.a", "mode": "managed", "type": "demo_store", "name": "a",'
        f'"change": {change}}}], "configuration": {{"root_module": {{"resources": [{{"address": "demo_store.a",'
        '"mode": "managed", "type": "demo_store", "name": "a", "expressions": {"on": {"constant_value": false}}}]}}}'
    )
    cli.write({"main.tf": off, "plan.json": plan})
    result = fix(cli, "--fix")
    assert result.status == 1
    assert "it comes from a plan: the files that it is made from can be fixed" in result.err
    assert text(cli) == off


def test_only_what_a_change_brings(cli: Cli) -> None:
    off = 'resource "demo_store" "{}" {{\n  on = false\n}}\n'
    cli.write({"main.tf": off.format("a")})
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    for args in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "x")):
        subprocess.run([*git, *args], cwd=cli.root, check=True)
    cli.write({"new.tf": off.format("b")})
    fix(cli, "--fix", "--diff-base", "HEAD")
    assert text(cli) == off.format("a")
    assert text(cli, "new.tf") == off.format("b").replace("false", "true")
