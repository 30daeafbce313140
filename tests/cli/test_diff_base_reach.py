"""`check --diff-base`: what one finding stands for, and what the outcome of a base depends on."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

BUCKET = "demo-bucket-encrypted"
BAD = 'resource "demo_bucket" "{name}" {{\n  encrypted = false\n}}\n'
BY_VARIABLE = 'variable "on" {}\nresource "demo_bucket" "a" {\n  encrypted = var.on\n}\n'
CALL = 'module "store" {\n  source = "../../modules/store"\n}\n'


def begin(cli: Any, files: dict[str, str]) -> None:
    """Commit files on `main`."""
    cli.git("init", "-q")
    cli.write(files)
    cli.commit()


def told(result: Any) -> list[tuple[str, str, str, str | None]]:
    """The findings as (how they compare, address, path, what was better)."""
    return [
        (f["compared"], f["resource"]["address"], f["location"]["path"], f["was"]) for f in result.findings
    ]


def against(cli: Any, *args: str) -> Any:
    """A run held against `main`."""
    return cli.check("--diff-base", "main", *args, select=BUCKET)


# -- what a finding stands for --------------------------------------------------------------


def test_an_environment_that_a_change_makes_bad_gates_though_another_one_was(cli: Any) -> None:
    begin(cli, {"main.tf": BY_VARIABLE, "dev.tfvars": "on = false\n", "prod.tfvars": "on = true\n"})
    assert (against(cli).status, told(against(cli))) == (0, [("unchanged", "demo_bucket.a", "main.tf", None)])
    cli.write({"prod.tfvars": "on = false\n"})
    result = against(cli)
    assert (result.status, told(result)) == (1, [("worsened", "demo_bucket.a", "main.tf", "in dev only")])


def test_a_new_environment_with_a_defect_of_its_own_gates(cli: Any) -> None:
    begin(cli, {"main.tf": BY_VARIABLE, "dev.tfvars": "on = false\n", "prod.tfvars": "on = true\n"})
    cli.write({"stage.tfvars": "on = false\n"})
    assert told(against(cli)) == [("worsened", "demo_bucket.a", "main.tf", "in dev only")]
    cli.write({"stage.tfvars": "on = true\n"})
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]


def test_a_new_environment_of_what_is_bad_everywhere_is_no_change(cli: Any) -> None:
    begin(cli, {"main.tf": 'variable "x" { default = 1 }\n' + BAD.format(name="a"), "dev.tfvars": "x = 1\n"})
    cli.write({"prod.tfvars": "x = 2\n"})
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]


def test_environments_that_come_and_go_altogether_are_no_change(cli: Any) -> None:
    block = 'variable "x" { default = 1 }\n' + BAD.format(name="a")
    begin(cli, {"main.tf": block, "web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"})
    cli.write({"dev.tfvars": "x = 1\n", "prod.tfvars": "x = 2\n"})
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]
    cli.commit()
    for name in ("dev", "prod"):
        (cli.root / f"{name}.tfvars").unlink()
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]


def test_an_environment_with_another_name_is_the_same(cli: Any) -> None:
    begin(cli, {"main.tf": BY_VARIABLE, "dev.tfvars": "on = false\n", "prod.tfvars": "on = true\n"})
    cli.git("mv", "dev.tfvars", "test.tfvars")
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]


def test_a_module_that_another_root_calls_is_another_resource(cli: Any) -> None:
    begin(cli, {"modules/store/main.tf": BAD.format(name="a"), "live/one/main.tf": CALL})
    cli.write({"live/two/main.tf": CALL})
    assert told(against(cli)) == [
        ("worsened", "module.store.demo_bucket.a", "modules/store/main.tf", "in live/one only")
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('"b", "c"', [("worsened", 'demo_bucket.a["a"], demo_bucket.a["b"]')]),
        ('"b"', [("unchanged", None)]),
        ('"a", "b", "c"', [("worsened", "2 resources")]),
    ],
)
def test_keys_of_for_each_are_resources_of_their_own(
    cli: Any, keys: str, expected: list[tuple[str, str | None]]
) -> None:
    block = 'resource "demo_bucket" "a" {\n  for_each  = toset([%s])\n  encrypted = false\n}\n'
    begin(cli, {"main.tf": block % '"a", "b"'})
    cli.write({"main.tf": block % keys})
    assert [(f["compared"], f["was"]) for f in against(cli).findings] == expected


def test_a_resource_that_gets_a_count_is_the_same(cli: Any) -> None:
    block = 'resource "demo_bucket" "a" {\n%s  encrypted = false\n}\n'
    begin(cli, {"main.tf": block % ""})
    cli.write({"main.tf": block % "  count     = 1\n"})
    result = against(cli)
    assert told(result) == [("unchanged", "demo_bucket.a[0]", "main.tf", None)]
    assert result.report["comparison"]["fixed"] == []
    cli.write({"main.tf": block % "  count     = 2\n"})
    assert [(f["compared"], f["was"]) for f in against(cli).findings] == [("worsened", "1 resource")]


def test_one_finding_that_becomes_two_is_none_that_is_new(cli: Any) -> None:
    chart = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
    chart += "    spec:\n      containers:\n        - {name: app, image: a}\n"
    overlay = "resources: [../../base]\n"
    begin(
        cli,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": chart,
            "overlays/dev/kustomization.yaml": overlay,
            "overlays/prod/kustomization.yaml": overlay,
        },
    )
    patch = "patches:\n  - target: {kind: Deployment}\n    patch: |-\n"
    patch += "      - {op: replace, path: /spec/template/spec/containers, value: [{name: app, image: b}]}\n"
    cli.write({"overlays/prod/kustomization.yaml": overlay + patch})
    result = cli.check("--diff-base", "main", select="demo-workload-probe")
    assert {f["compared"] for f in result.findings} == {"unchanged"}
    assert result.report["comparison"]["fixed"] == []


# -- what the outcome of a base depends on -----------------------------------------------------


def test_the_same_paths_from_another_folder(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(cli, {"a/main.tf": BAD.format(name="a"), "b/main.tf": BAD.format(name="b")})
    for name in ("a", "b"):
        monkeypatch.chdir(cli.root / name)
        result = against(cli)
        assert told(result) == [("unchanged", f"demo_bucket.{name}", "main.tf", None)]
        assert result.report["comparison"]["fixed"] == []


def test_settings_of_folders_below_that_come_go_and_change(cli: Any) -> None:
    begin(cli, {"a/main.tf": BAD.format(name="a"), "a/ok.tf": 'resource "demo_store" "b" {\n}\n'})
    own = {"a/readiness.yaml": f"policies:\n  {BUCKET}: {{ignore: true}}\n"}
    args = ("--diff-base", "main")

    def run() -> Any:
        return cli.run("check", "-f", "json", "--policies", str(cli.root.parent / "own"), *args)

    (cli.root.parent / "own").symlink_to(Path(__file__).parent.parent / "engine" / "policies")
    cli.write(own)  # what settings leave out by now is not fixed
    assert run().report["comparison"]["fixed"] == []
    cli.commit()
    (cli.root / "a/readiness.yaml").unlink()
    (finding,) = [f for f in run().findings if f["policy"] == BUCKET]
    assert finding["compared"] == "new"  # as an ignore that goes
    for severity in ("low", "critical"):
        cli.write({"a/readiness.yaml": f"policies:\n  {BUCKET}: {{severity: {severity}}}\n"})
        (finding,) = [f for f in run().findings if f["policy"] == BUCKET]
        assert (finding["severity"], finding["compared"]) == (severity, "unchanged")


def test_a_file_of_waivers_that_goes_brings_its_findings_back(cli: Any) -> None:
    waiver = f"waivers:\n  - {{policy: {BUCKET}, resources: '*', reason: x}}\n"
    begin(cli, {"main.tf": BAD.format(name="a"), "waivers.yaml": waiver})
    (cli.root / "waivers.yaml").unlink()
    result = against(cli)
    assert (result.status, told(result)) == (1, [("new", "demo_bucket.a", "main.tf", None)])


def test_a_variable_file_of_the_repository_is_that_of_the_base(cli: Any) -> None:
    begin(cli, {"main.tf": BY_VARIABLE, "x/p.tfvars": "on = true\n"})
    cli.write({"x/p.tfvars": "on = false\n"})
    for path in ("x/p.tfvars", str(cli.root / "x/p.tfvars")):
        result = against(cli, "--var-file", path)
        assert told(result) == [("new", "demo_bucket.a", "main.tf", None)], path


def test_a_variable_file_from_elsewhere_is_the_same_for_both(cli: Any, tmp_path: Path) -> None:
    begin(cli, {"main.tf": BY_VARIABLE})
    outside = tmp_path / "o.tfvars"
    for value, expected in (("true", []), ("false", [("unchanged", "demo_bucket.a", "main.tf", None)])):
        outside.write_text(f"on = {value}\n")
        assert told(against(cli, "--var-file", str(outside))) == expected


@pytest.mark.parametrize("absolute", [True, False])
def test_waivers_and_a_baseline_from_elsewhere_are_the_same_for_both(
    cli: Any, tmp_path: Path, absolute: bool
) -> None:
    begin(cli, {"main.tf": BAD.format(name="a")})
    waiver = f"waivers:\n  - {{policy: {BUCKET}, resources: '%s', reason: x}}\n"
    outside = tmp_path / "w.yaml"
    path = str(outside) if absolute else "../w.yaml"
    for address, compared in (("demo_bucket.a", None), ("demo_bucket.b", "unchanged")):
        outside.write_text(waiver % address)
        assert [f["compared"] for f in against(cli, "--waivers", path).findings] == [compared]
    outside = tmp_path / "b.json"
    path = str(outside) if absolute else "../b.json"
    own = ("--policies", str(Path(__file__).parent.parent / "engine" / "policies"), "--select")
    none = (*own, "demo-store-*", "--force")
    assert cli.run("baseline", "create", "--file", path, *own, BUCKET).status == 0
    assert [f["status"] for f in against(cli, "--baseline", path).findings] == ["baselined"]
    assert cli.run("baseline", "create", "--file", path, *none).status == 0
    assert [f["compared"] for f in against(cli, "--baseline", path).findings] == ["unchanged"]


@pytest.mark.parametrize(
    "damage", [b"", b"no zlib", zlib.compress(b"no msgpack"), zlib.compress(b"\x81\xa6errors\x01")]
)
def test_an_entry_of_the_cache_that_cannot_be_read_is_made_anew(
    cli: Any, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    from readiness.engine import base

    class Damaged(base.Cache):
        def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
            return dict.fromkeys(keys, damage)

    monkeypatch.setattr(base, "Cache", Damaged)
    begin(cli, {"main.tf": BAD.format(name="a")})
    assert told(against(cli)) == [("unchanged", "demo_bucket.a", "main.tf", None)]


def test_names_of_files_that_are_no_text(cli: Any) -> None:
    folder = os.fsencode(cli.root) + b"/m\xff"
    try:
        os.mkdir(folder)  # noqa: PTH102 - bytes
    except OSError:
        pytest.skip("the file system wants UTF-8")
    Path(os.fsdecode(folder), "main.tf").write_text(BAD.format(name="a"))
    begin(cli, {})
    for _ in range(2):
        result = against(cli)
        assert (result.status, [f["compared"] for f in result.findings]) == (0, ["unchanged"])
    own = ("--policies", str(Path(__file__).parent.parent / "engine" / "policies"), "--select", BUCKET)
    assert cli.run("baseline", "create", *own).status == 0
    assert cli.check("--baseline", "readiness-baseline.json", select=BUCKET).status == 0


def test_what_git_says_to_hooks_is_not_heard(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(cli, {"main.tf": BAD.format(name="a")})
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES"):
        monkeypatch.setenv(name, "/nowhere")
    assert against(cli).status == 0


def test_a_revision_that_is_left_out_is_none(cli: Any) -> None:
    begin(cli, {"main.tf": BAD.format(name="a")})
    result = cli.check("--diff-base", "^main", select=BUCKET)
    assert (result.status, result.err) == (2, "error: --diff-base: '^main' is no revision\n")


def test_a_repository_of_another_user(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(cli, {"main.tf": BAD.format(name="a")})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "true")
    result = cli.check("--diff-base", "main", select=BUCKET)
    assert (result.status, result.err) == (
        2,
        "error: --diff-base: git trusts no repository of another user: `git config --global --add safe.directory "
        f"{cli.root.resolve().as_posix()}` says that this one is safe\n",
    )
