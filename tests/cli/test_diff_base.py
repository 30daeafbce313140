"""`check --diff-base`: only what a change brings gates, whatever it moves or renames."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OWN_POLICIES

SELECT = "demo-bucket-encrypted,demo-store-copies"
BAD = 'resource "demo_bucket" "{name}" {{\n  encrypted = false\n}}\n'
STORE = 'resource "demo_store" "main" {{\n  copies = {copies}\n  tags   = {{ tier = "0" }}\n}}\n'


def bad(*names: str) -> str:
    """Terraform with a bucket for each name, none of them encrypted."""
    return "\n".join(BAD.format(name=name) for name in names)


@pytest.fixture
def repo(cli: Any) -> Any:
    """A repository with one commit of two bad buckets on `main`."""
    cli.git("init", "-q")
    cli.write({"main.tf": bad("a", "b")})
    cli.commit()
    return cli


def compared(result: Any) -> list[tuple[str, str, str]]:
    """The findings as (how they compare, policy, address), sorted."""
    return sorted((f["compared"], f["policy"], f["resource"]["address"]) for f in result.findings)


def new(result: Any) -> list[str]:
    """The addresses of the findings that the base has not."""
    return sorted(f["resource"]["address"] for f in result.findings if f["compared"] != "unchanged")


def test_what_was_there_does_not_gate(repo: Any) -> None:
    result = repo.check("--diff-base", "main", select=SELECT)
    assert result.status == 0
    assert compared(result) == [
        ("unchanged", "demo-bucket-encrypted", "demo_bucket.a"),
        ("unchanged", "demo-bucket-encrypted", "demo_bucket.b"),
    ]
    assert repo.check(select=SELECT).status == 1


def test_what_a_change_adds_gates_and_what_it_mends_is_told(repo: Any) -> None:
    repo.write({"main.tf": bad("a", "c")})
    result = repo.check("--diff-base", "main", select=SELECT)
    assert result.status == 1
    assert new(result) == ["demo_bucket.c"]
    fixed = result.report["comparison"]["fixed"]
    assert [f["resource"]["address"] for f in fixed] == ["demo_bucket.b"]
    assert result.report["comparison"]["base"] == "main"
    assert result.report["comparison"]["commit"] == repo.git("rev-parse", "main").strip()


@pytest.mark.parametrize("committed", [False, True])
def test_a_renamed_file_and_moved_lines_are_no_change(repo: Any, committed: bool) -> None:
    repo.git("switch", "-qc", "change")
    repo.git("mv", "main.tf", "buckets.tf")
    if committed:
        repo.write({"buckets.tf": "# moved\n\n" + bad("b", "a")})
        repo.commit()
    result = repo.check("--diff-base", "main", select=SELECT)
    assert (result.status, new(result)) == (0, [])


def test_a_folder_that_moved_is_no_change(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"old/main.tf": bad("a"), "old/x.tf": BAD.format(name="x")})
    cli.commit()
    cli.git("mv", "old", "new")
    result = cli.check("--diff-base", "main", select=SELECT)
    assert (result.status, new(result)) == (0, [])
    assert [f["location"]["path"] for f in result.findings] == ["new/main.tf", "new/x.tf"]


def test_a_resource_that_went_to_another_file_of_its_folder_is_no_change(repo: Any) -> None:
    repo.write({"main.tf": bad("a"), "other.tf": bad("b")})
    assert new(repo.check("--diff-base", "main", select=SELECT)) == []


def test_the_same_defect_in_another_folder_is_new(repo: Any) -> None:
    repo.write({"copy/main.tf": bad("a")})
    result = repo.check("--diff-base", "main", select=SELECT)
    assert result.status == 1
    assert [f["location"]["path"] for f in result.findings if f["compared"] == "new"] == ["copy/main.tf"]


def test_a_moved_block_tells_the_new_address(repo: Any) -> None:
    moved = "\nmoved {\n  from = demo_bucket.b\n  to   = demo_bucket.c\n}\n"
    repo.write({"main.tf": bad("a", "c") + moved})
    assert new(repo.check("--diff-base", "main", select=SELECT)) == []
    repo.write({"main.tf": bad("a", "c")})
    assert new(repo.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.c"]


def test_moves_of_a_module_and_of_instances(cli: Any) -> None:
    cli.git("init", "-q")
    call = 'module "{name}" {{\n  source = "./m"\n}}\n'
    cli.write({"main.tf": call.format(name="one"), "m/main.tf": bad("a")})
    cli.commit()
    cli.write({"main.tf": call.format(name="two") + "moved {\n  from = module.one\n  to = module.two\n}\n"})
    result = cli.check("--diff-base", "main", select=SELECT)
    assert [f["resource"]["address"] for f in result.findings] == ["module.two.demo_bucket.a"]
    assert new(result) == []


def test_one_more_instance_of_a_bad_block_is_worse(cli: Any) -> None:
    cli.git("init", "-q")
    several = 'resource "demo_bucket" "a" {{\n  for_each  = toset([{keys}])\n  encrypted = false\n}}\n'
    cli.write({"main.tf": several.format(keys='"x"')})
    cli.commit()
    cli.write({"main.tf": several.format(keys='"x", "y"')})
    result = cli.check("--diff-base", "main", select=SELECT)
    assert result.status == 1
    assert [(f["compared"], f["was"]) for f in result.findings] == [("worsened", "1 resource")]


def test_a_value_that_gets_worse_gates_though_its_policy_holds(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"main.tf": STORE.format(copies=9)})
    cli.commit()
    cli.write({"main.tf": STORE.format(copies=4)})
    assert cli.check(select=SELECT).found() == []
    result = cli.check("--diff-base", "main", select=SELECT)
    assert result.status == 1
    (finding,) = result.findings
    assert (finding["compared"], finding["was"], finding["location"]["line"]) == ("worsened", "9", 2)
    assert finding["message"] == "copies of demo_store.main went from 9 to 4"
    cli.write({"main.tf": STORE.format(copies=12)})
    assert cli.check("--diff-base", "main", select=SELECT).findings == []


def test_a_failing_value_that_gets_worse_gates_as_well(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"main.tf": STORE.format(copies=1)})
    cli.commit()
    assert [f["compared"] for f in cli.check("--diff-base", "main", select=SELECT).findings] == ["unchanged"]
    cli.write({"main.tf": STORE.format(copies=0)})
    result = cli.check("--diff-base", "main", select=SELECT)
    assert result.status == 1
    assert [(f["compared"], f["was"]) for f in result.findings] == [("worsened", "1")]


def test_a_baseline_does_not_let_a_recorded_value_get_worse(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"main.tf": STORE.format(copies=1)})
    own = ("--policies", str(OWN_POLICIES), "--select", SELECT)
    assert cli.run("baseline", "create", *own).status == 0
    cli.commit()
    against = ("--diff-base", "main", "--baseline", "readiness-baseline.json")
    result = cli.check(*against, select=SELECT)
    assert (result.status, [(f["status"], f["compared"]) for f in result.findings]) == (
        0,
        [("baselined", None)],
    )
    cli.write({"main.tf": STORE.format(copies=0)})
    result = cli.check(*against, select=SELECT)
    (finding,) = result.findings
    assert (result.status, finding["status"], finding["compared"], finding["was"]) == (
        1,
        "fail",
        "worsened",
        "1",
    )
    assert (finding["reason"], finding["allowance"]) == (None, None)


def test_an_ignore_that_goes_brings_its_finding_back(cli: Any) -> None:
    cli.git("init", "-q")
    ignored = "# readiness:ignore demo-bucket-encrypted reason: public\n"
    cli.write({"main.tf": ignored + bad("a")})
    cli.commit()
    assert cli.check("--diff-base", "main", select=SELECT).status == 0
    cli.write({"main.tf": bad("a")})
    assert new(cli.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.a"]


def test_the_change_counts_from_where_it_left_the_base(repo: Any) -> None:
    repo.git("switch", "-qc", "change")
    repo.write({"new.tf": bad("c")})
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write({"main.tf": bad("a")})  # mended on main, meanwhile
    repo.commit()
    repo.git("switch", "-q", "change")
    assert new(repo.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.c"]


def test_a_subfolder_and_paths_from_elsewhere(repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write({"infra/prod/main.tf": bad("x")})
    repo.commit()
    repo.write({"infra/prod/more.tf": bad("y"), "empty/keep.txt": ""})
    monkeypatch.chdir(repo.root / "infra")
    assert new(repo.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.y"]
    assert new(repo.check("prod/more.tf", "--diff-base", "main", select=SELECT)) == ["demo_bucket.y"]
    assert new(repo.check(str(repo.root / "infra/prod"), "--diff-base", "main", select=SELECT)) == [
        "demo_bucket.y"
    ]
    monkeypatch.chdir(repo.root / "empty")
    result = repo.check("..", "--diff-base", "main", select=SELECT)
    assert [f["location"]["path"] for f in result.findings if f["compared"] == "new"] == [
        "../infra/prod/more.tf"
    ]


def test_a_path_that_the_base_has_not(repo: Any) -> None:
    repo.write({"new/main.tf": bad("n")})
    assert new(repo.check("new", "--diff-base", "main", select=SELECT)) == ["demo_bucket.n"]


def test_what_cannot_be_read_now_is_not_fixed(repo: Any) -> None:
    repo.write({"main.tf": 'resource "demo_bucket" "a" {\n', "ok.tf": BAD.format(name="ok")})
    result = repo.check("--diff-base", "main", select=SELECT)
    assert result.report["comparison"]["fixed"] == []
    assert result.status == 1
    assert new(result) == ["demo_bucket.ok"]


def test_what_the_base_could_not_read_is_new_and_told(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"main.tf": 'resource "demo_bucket" "a" {\n'})
    cli.commit()
    cli.write({"main.tf": bad("a")})
    result = cli.check("--diff-base", "main", select=SELECT)
    assert new(result) == ["demo_bucket.a"]
    assert [n["message"] for n in result.report["notices"]] == [
        "in main this file could not be read; what is found in it now is new"
    ]


def test_kubernetes_objects(cli: Any) -> None:
    cli.git("init", "-q")
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n"
        "    spec:\n      containers:\n        - {{name: app, image: a}}\n---\n"
    )
    cli.write({"k.yaml": deployment.format(name="one")})
    cli.commit()
    cli.write({"k.yaml": deployment.format(name="zero") + deployment.format(name="one")})
    result = cli.check("--diff-base", "main", select="demo-workload-probe")
    assert compared(result) == [
        ("new", "demo-workload-probe", "Deployment/zero"),
        ("unchanged", "demo-workload-probe", "Deployment/one"),
    ]


@pytest.mark.parametrize("cached", [True, False])
def test_the_outcome_of_a_base_is_kept_and_the_same(repo: Any, cached: bool) -> None:
    repo.write({"main.tf": bad("a", "c")})
    more = () if cached else ("--no-cache",)
    first = repo.check("--diff-base", "main", *more, select=SELECT)
    assert repo.check("--diff-base", "main", *more, select=SELECT).out == first.out


def test_a_work_tree_and_a_detached_head(repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    (tmp_path / "tree" / "new.tf").write_text(bad("c"))
    monkeypatch.chdir(tmp_path / "tree")
    assert new(repo.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.c"]


def test_nothing_is_written_into_the_repository(repo: Any) -> None:
    before = {p: p.stat().st_mtime_ns for p in repo.root.rglob("*")}
    repo.check("--diff-base", "main", select=SELECT)
    assert {p: p.stat().st_mtime_ns for p in repo.root.rglob("*")} == before


def test_nothing_that_the_repository_asks_git_for_runs(repo: Any) -> None:
    mark = repo.root / "ran"
    (repo.root / ".gitattributes").write_text("*.tf filter=evil diff=evil\n")
    repo.commit()
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"):
        repo.git("config", key, f"touch {mark}; cat")
    repo.git("config", "diff.external", f"touch {mark}")
    hook = repo.root / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    repo.write({"main.tf": bad("a", "c")})
    assert new(repo.check("--diff-base", "main", select=SELECT)) == ["demo_bucket.c"]
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mian", "there is no revision 'mian' here; did you mean 'main'?"),
        ("zzz", "there is no revision 'zzz' here; fetch it first, or name a branch, tag or commit"),
        ("--output=x", "'--output=x' is no revision"),
        (
            "main:main.tf",
            "there is no revision 'main:main.tf' here; fetch it first, or name a branch, tag or commit",
        ),
    ],
)
def test_a_revision_that_is_none(repo: Any, name: str, message: str) -> None:
    result = repo.run("check", f"--diff-base={name}")
    assert (result.status, result.out) == (2, "")
    assert result.err == f"error: --diff-base: {message}\n"


def test_outside_of_any_repository(cli: Any) -> None:
    cli.write({"main.tf": bad("a")})
    result = cli.run("check", "--diff-base", "main")
    assert result.status == 2
    assert result.err.startswith("error: --diff-base needs a git repository")


def test_a_shallow_clone_says_what_to_do(repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = repo.git("rev-parse", "HEAD").strip()
    repo.commit()
    repo.git("clone", "-q", "--depth", "1", repo.root.as_uri(), "clone", folder=tmp_path)
    monkeypatch.chdir(tmp_path / "clone")
    result = repo.run("check", "--diff-base", first)
    assert result.status == 2
    assert "the history here is shallow: fetch more of it (actions/checkout: `fetch-depth: 0`" in result.err


def test_histories_without_a_common_commit(repo: Any) -> None:
    repo.git("switch", "-q", "--orphan", "other")
    repo.write({"main.tf": bad("a")})
    repo.commit()
    result = repo.run("check", "--diff-base", "main")
    assert (result.status, result.err) == (
        2,
        "error: --diff-base: 'main' and HEAD have no commit in common\n",
    )


def test_standard_input_has_no_base(repo: Any) -> None:
    result = repo.check("-", "--diff-base", "main", stdin=bad("a").encode(), select=SELECT)
    assert result.status == 2
    assert result.err == "error: --diff-base: standard input has no base revision\n"


PLANS = Path(__file__).parents[1] / "terraform" / "plans"


def with_plan(cli: Any, name: str) -> bytes:
    """A recorded root as the base; its plan."""
    shutil.copytree(PLANS / name, cli.root, dirs_exist_ok=True)
    (cli.root / "state.json").unlink(missing_ok=True)
    plan = (cli.root / "plan.json").read_bytes()
    (cli.root / "plan.json").unlink()
    cli.git("init", "-q")
    cli.git("add", "-Af")
    cli.git("commit", "-qm", "x")
    return plan


def test_a_plan_beside_its_source_is_held_against_the_source_of_the_base(cli: Any, tmp_path: Path) -> None:
    plan = with_plan(cli, "shop")
    (tmp_path / "plan.json").write_bytes(plan)
    args = ("check", "-f", "json", "--diff-base", "main", ".", str(tmp_path / "plan.json"))
    result = cli.run(*args)
    assert (result.status, {f["compared"] for f in result.findings}) == (0, {"unchanged"})
    assert result.report["comparison"]["fixed"] == []
    main = (cli.root / "main.tf").read_text()
    cli.write({"main.tf": main + 'resource "aws_db_instance" "newer" {\n  publicly_accessible = true\n}\n'})
    found = {
        (f["compared"], f["resource"]["address"])
        for f in cli.run(*args).findings
        if f["policy"] == "aws-rds-public"
    }
    assert found == {("unchanged", "aws_db_instance.orders"), ("new", "aws_db_instance.newer")}


def test_plans_of_several_environments_destroy_nothing_by_themselves(cli: Any) -> None:
    plan = with_plan(cli, "change")
    cli.write({"plan-dev.json": plan, "plan-prod.json": plan})
    result = cli.run("check", "-f", "json", "--diff-base", "main", "--select", "tf-change-destroy-*")
    assert {(f["resource"]["address"], tuple(f["environments"])) for f in result.findings} == {
        ("aws_ebs_volume.data[1]", ("prod",)),
        ('module.store["invoice"].aws_s3_bucket.this', ("prod",)),
        ("aws_s3_bucket.scratch", ("prod",)),
    }


def test_plans_alone_have_no_base(cli: Any, tmp_path: Path) -> None:
    plan = with_plan(cli, "shop")
    (tmp_path / "plan.json").write_bytes(plan)
    cli.write({"live.json": plan})
    cli.write({"live/plan.json": plan})
    for path, root in (("../plan.json", "."), ("live.json", "."), ("live/plan.json", "live")):
        result = cli.run("check", "--diff-base", "main", path)
        assert (result.status, result.err) == (
            2,
            f"error: --diff-base: {path} is a plan, and 'main' has none to hold it against: name the folder of its "
            f"source as well, as in `readiness check {root} {path}`\n",
        )
    (cli.root / "live/plan.json").unlink()
    assert cli.run("check", "-f", "json", "--diff-base", "main", ".", "live.json").status == 0
    cli.write({"new.tf": "locals {}\n"})
    assert cli.run("check", "-f", "json", "--diff-base", "main", "new.tf").status == 0


def test_unchanged_findings_are_listed_when_asked_for(repo: Any) -> None:
    own = ("--policies", str(Path(__file__).parents[1] / "engine" / "policies"), "--select", "demo-*")
    hidden = repo.run("check", "-f", "concise", *own, "--diff-base", "main")
    shown = repo.run("check", "-f", "concise", *own, "--diff-base", "main", "--show-unchanged")
    assert "demo_bucket.a" not in hidden.out
    assert "main.tf:2:3: unchanged high demo-bucket-encrypted" in shown.out
    refused = repo.run("check", "--show-unchanged")
    assert refused.status == 2
    assert "--show-unchanged needs --diff-base" in refused.err
