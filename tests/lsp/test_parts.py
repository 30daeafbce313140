"""A project by itself, the schedule of its evaluations, and a session whose evaluations fail."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.lsp.actions import Client
from readiness.lsp.model import Document, Evaluation, Request, SupersededError
from readiness.lsp.project import Project
from readiness.lsp.schedule import Schedule
from readiness.lsp.session import Session

OWN = Path(__file__).parents[1] / "fixes" / "policies"
OFF = 'resource "demo_store" "a" {\n  on = false\n}\n'


@pytest.fixture
def root(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("READINESS_CACHE_DIR", str(shared_cache))
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def settings() -> Settings:
    return Settings(policies=(str(OWN),), select=("demo-fix-*",), cache=False)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def looked(project: Project, saved: bool = True, **documents: str) -> list[tuple[str, str, str]]:
    """What is found, as (path, policy, status); `__` in a name is a slash, `_` a dot."""
    names = {name.replace("__", "/").replace("_", "."): text for name, text in documents.items()}
    found = project.evaluate(Request({name: Document(text) for name, text in names.items()}, saved=saved))
    return [
        (path, spot.finding.policy, spot.finding.status)
        for path, spots in found.spots.items()
        for spot in spots
    ]


def test_functions_read_what_is_in_the_editor(root: Path) -> None:
    write(
        root,
        {
            "main.tf": 'resource "demo_store" "a" {\n  on = jsondecode(file("on.json")).on\n}\n',
            "on.json": '{"on": true}',
        },
    )
    project = Project(root, settings)
    assert looked(project) == []
    assert looked(project, on_json='{"on": false}') == [("main.tf", "demo-fix-on", "fail")]


def test_overlays_read_what_is_in_the_editor(root: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b\n"
    right = f"{pod}      securityContext: {{allowPrivilegeEscalation: false}}\n"
    write(root, {"base/pod.yaml": right, "base/kustomization.yaml": "resources: [pod.yaml]\n"})
    write(root, {"prod/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\n"})
    project = Project(root, settings)
    assert looked(project) == []
    assert {path for path, _, _ in looked(project, base__pod_yaml=pod)} == {"base/pod.yaml"}


def test_a_plan_that_is_open_is_a_plan(root: Path) -> None:
    change = {"actions": ["create"], "after": {"on": False}, "after_unknown": {}}
    address = {"address": "demo_store.a", "mode": "managed", "type": "demo_store", "name": "a"}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**address, "values": {"on": False}}]}},
        "resource_changes": [{**address, "change": change}],
        "configuration": {"root_module": {"resources": [address]}},
    }
    write(root, {"plan.json": json.dumps(plan)})
    project = Project(root, settings)
    on_disk = looked(project)
    assert [policy for _, policy, _ in on_disk] == ["demo-fix-on"]
    assert looked(project, plan_json=json.dumps(plan, indent=1)) == on_disk


def test_what_git_ignores_is_no_source_before_it_is_saved_either(root: Path) -> None:
    write(root, {".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "mine.tf\n"})
    project = Project(root, settings)
    assert looked(project, mine_tf=OFF) == []
    assert looked(project, yours_tf=OFF) == [("yours.tf", "demo-fix-on", "fail")]


def test_conditions_are_compiled_once(root: Path) -> None:
    write(root, {"main.tf": OFF})
    project = Project(root, settings)
    looked(project)
    prepared = project._prepared
    assert prepared is not None
    [check] = prepared.made["demo-fix-on"]
    assert check.ready
    assert looked(project, saved=False, main_tf=OFF.replace("false", "true")) == []
    assert project._prepared is prepared
    assert prepared.made["demo-fix-on"] == [check]


def test_a_pack_that_changed_is_read_again_when_something_was_saved(root: Path) -> None:
    policy = (OWN / "demo-fix-on.yaml").read_text()
    write(root, {"main.tf": OFF, "packs/demo-fix-on.yaml": policy})

    def own() -> Settings:
        return Settings(policies=("packs",), select=("demo-fix-on",), cache=False)

    project = Project(root, own)
    assert looked(project) == [("main.tf", "demo-fix-on", "fail")]
    write(root, {"packs/demo-fix-on.yaml": policy.replace("object.on == true", "object.on == tru")})
    found = project.evaluate(Request())
    assert found.problem is not None and found.problem.path == "packs/demo-fix-on.yaml"
    assert [str(one.code) for one in found.others["packs/demo-fix-on.yaml"]] == ["settings"]
    assert list(found.spots) == ["main.tf"], "the last policies that were right hold on"
    assert project.evaluate(Request(saved=False)).problem is not None
    write(root, {"packs/demo-fix-on.yaml": policy.replace("== true", "== false")})
    assert looked(project) == []


def test_what_nobody_waits_for_is_given_up(root: Path) -> None:
    write(root, {"main.tf": OFF})
    answers = iter([True, True, False])
    with pytest.raises(SupersededError):
        Project(root, settings).evaluate(Request(wanted=lambda: next(answers)))
    assert gc.isenabled()
    assert Path.cwd() != root


def test_the_page_of_a_policy_that_is_built_in(root: Path) -> None:
    project = Project(root, lambda: Settings(select=("aws-db-encryption",), cache=False))
    project.evaluate(Request())
    page = project.explain("aws-db-encryption")
    assert page is not None
    assert "\nControl `sec-enc-" in page and "**Right:**\n\n```hcl\n" in page and "\n* <https://" in page
    assert project.explain("no-such-policy") is None


def test_the_schedule_looks_once_for_many_edits_and_again_for_one_in_between() -> None:
    seen: list[bool] = []

    async def story() -> None:
        going = asyncio.Event()

        async def look(wanted: Callable[[], bool]) -> None:
            await going.wait()
            seen.append(wanted())

        schedule = Schedule(look)
        await schedule.settled()
        for _ in range(5):
            schedule.touch(0.01)
        await asyncio.sleep(0.05)
        schedule.touch(60)
        going.set()
        await asyncio.sleep(0.01)
        assert seen == [False]
        schedule.hurry()
        await schedule.settled()
        assert seen == [False, True]
        schedule.touch(60)
        schedule.stop()
        await schedule.settled()

    asyncio.run(asyncio.wait_for(story(), 20))
    assert seen == [False, True]


class Told:
    """An editor that keeps what it is told."""

    def __init__(self) -> None:
        self.published: list[tuple[str, int]] = []
        self.logged: list[str] = []

    def publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        self.published.append((uri.rpartition("/")[2], len(diagnostics)))

    def log(self, message: str, severity: types.MessageType) -> None:
        self.logged.append(message)

    async def busy(self, title: str) -> Callable[[], None]:
        return lambda: None


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), UsageError("wrong")])
def test_an_evaluation_that_fails_is_logged_and_the_next_one_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    write(root, {"main.tf": OFF})
    told = Told()
    real: Any = Project.evaluate
    failing = iter([True, False])

    def evaluate(self: Project, request: Request) -> Evaluation:
        if next(failing):
            raise error
        found: Evaluation = real(self, request)
        return found

    monkeypatch.setattr(Project, "evaluate", evaluate)

    async def story() -> None:
        session = Session(told, settings, Client())
        uri = (root / "main.tf").as_uri()
        session.folders([root.as_uri()])
        opened = session._projects[root]
        await opened.schedule.settled()
        assert told.published == []
        assert len(told.logged) == 1 and str(error) in told.logged[0]
        session.saved([uri])
        await opened.schedule.settled()
        session.close()

    asyncio.run(asyncio.wait_for(story(), 60))
    assert told.published == [("main.tf", 1)]
    assert len(told.logged) == 1


if TYPE_CHECKING:
    from readiness.lsp.session import Editor

    EDITOR: Editor = Told()
