"""Adding to YAML files that people wrote: what is there stays byte for byte, what is not certain is left."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from readiness.onboarding.blocks import outline, with_entry, with_item
from readiness.onboarding.hook import has_hook, hook_item, with_hook
from readiness.onboarding.jobs import gitlab_job, stage_of, with_job, workflow
from readiness.onboarding.source import Source

ITEM = "- repo: x\n  hooks:\n    - id: y\n"


def add(text: str) -> str | None:
    before = outline(text)
    return None if before is None else with_item(before, "repos", ITEM)


ADDED = [
    ("repos:\n- repo: a\n", "repos:\n- repo: a\n- repo: x\n  hooks:\n    - id: y\n"),
    ("repos:\n- repo: a", "repos:\n- repo: a\n- repo: x\n  hooks:\n    - id: y"),
    (
        "# top\nrepos:\n  - repo: a  # first\n    hooks:\n      - id: b  # last\n\n# about x\nexclude: ^v\n",
        "# top\nrepos:\n  - repo: a  # first\n    hooks:\n      - id: b  # last\n"
        "  - repo: x\n    hooks:\n      - id: y\n\n# about x\nexclude: ^v\n",
    ),
    (
        "repos:\n- repo: a\n  args:\n  - |\n    one\n    two\nexclude: x\n",
        "repos:\n- repo: a\n  args:\n  - |\n    one\n    two\n- repo: x\n  hooks:\n    - id: y\nexclude: x\n",
    ),
    (
        "repos:\n- {repo: a,\n   hooks: [b]}\n",
        "repos:\n- {repo: a,\n   hooks: [b]}\n- repo: x\n  hooks:\n    - id: y\n",
    ),
    ("repos:\r\n- repo: a\r\n", "repos:\r\n- repo: a\r\n- repo: x\r\n  hooks:\r\n    - id: y\r\n"),
    ("repos:\r\n- repo: a", "repos:\r\n- repo: a\r\n- repo: x\r\n  hooks:\r\n    - id: y"),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_an_item_is_added(before: str, after: str) -> None:
    assert add(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: a}]\n",
        "{repos: [a]}\n",
        "other: 1\n",
        "repos:\n- a\n---\nrepos:\n- b\n",
        "repos:\n- [\n",
        "repos: &r\n- a\n---\n",
        "- a\n",
        "repos:\n- a\nrepos:\n- b\n",
        "repos:\n- " + "[" * 100 + "]" * 100 + "\n",
    ],
)
def test_what_is_not_certain_is_left(text: str) -> None:
    assert add(text) is None


def test_a_bomb_is_not_expanded() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 50))
    made = add(f"l0: &l0 [x]\n{levels}repos:\n- repo: a\n")
    assert made is not None
    assert made.endswith("repos:\n- repo: a\n- repo: x\n  hooks:\n    - id: y\n")


def test_a_key_is_added_at_the_end() -> None:
    before = outline("a: 1\n# the end\n\n")
    assert before is not None
    assert with_entry(before, "b:\n  c: 2\n") == "a: 1\n# the end\n\nb:\n  c: 2\n"
    assert with_entry(before, "a: 2\n") is None
    ended = outline("a: 1\n...\n")
    assert ended is not None
    assert with_entry(ended, "b: 2\n") is None


SOURCE = Source("https://git.example.com/acme/readiness", "v1.2.3")
PINNED = Source("https://github.com/acme/readiness", "a" * 40)
UNKNOWN = Source("https://git.example.com/platform/readiness", "v1.2.3", known=False)


def test_the_hook() -> None:
    assert hook_item(PINNED, None, charts=False) == (
        f"- repo: https://github.com/acme/readiness\n  rev: {'a' * 40}\n  hooks:\n    - id: readiness\n"
    )
    assert hook_item(SOURCE, "base.json", charts=True) == (
        "- repo: https://git.example.com/acme/readiness\n"
        "  rev: v1.2.3  # a tag can be moved: `pre-commit autoupdate --freeze` pins its hash\n"
        "  hooks:\n"
        "    - id: readiness\n"
        "      args: [--baseline, base.json]\n"
        "      additional_dependencies: [helm-python-sdk]  # renders Helm charts\n"
    )
    local = hook_item(UNKNOWN, "base.json", charts=False)
    assert "- repo: local\n" in local
    assert "      entry: readiness check --changed --allow-empty --baseline base.json\n" in local
    for item in (hook_item(PINNED, None, True), hook_item(SOURCE, None, False), local):
        made = with_hook("repos:\n- repo: a\n", item)
        assert made is not None
        assert has_hook(made)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("repos:\n- repo: local\n  hooks:\n  - id: readiness\n", True),
        ("repos: [{repo: x, hooks: [{id: readiness-all}]}]\n", True),
        ("repos:\n- repo: readiness\n  hooks:\n  - id: other\n", False),
        ("repos: 3\n", False),
        ("repos: [a, {hooks: b}]\n", False),
        ("[", False),
    ],
)
def test_whether_a_hook_is_there(text: str, there: bool) -> None:
    assert has_hook(text) is there


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("a: {script: x}\n", None),
        ("stages: [build, test]\n", None),
        ("stages: [build, lint, deploy]\n", "lint"),
        ("stages: [build, deploy]\n", ".pre"),
        ("stages: !reference [x]\n", ".pre"),
        ("stages: x\n", None),
    ],
)
def test_the_stage_of_the_job(text: str, stage: str | None) -> None:
    before = outline(text)
    assert before is not None
    assert stage_of(before) == stage


def test_the_job_of_gitlab() -> None:
    made = with_job("stages:\n  - deploy\n\ndeploy:\n  stage: deploy\n  script: [make]\n", SOURCE, None, True)
    assert made is not None
    assert '\nreadiness:\n  stage: ".pre"\n  image: python:3.12@' in made
    assert '    READINESS: "readiness[helm] @ git+https://git.example.com/acme/readiness@v1.2.3"\n' in made
    assert with_job(made, SOURCE, None, True) is None
    assert "  stage: test\n" in gitlab_job(SOURCE, None, False)


ROOT = Path(__file__).parents[2]


def test_what_is_written_agrees_with_the_files_of_this_repository() -> None:
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    local = yaml.safe_load(hook_item(UNKNOWN, None, False))[0]["hooks"][0]
    for name in ("id", "name", "entry", "files", "require_serial"):
        assert local[name] == hook[name]
    template = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())["readiness"]
    job = yaml.safe_load(gitlab_job(SOURCE, None, False))["readiness"]
    for name in ("stage", "image", "rules"):
        assert job[name] == template[name]
    assert job["variables"]["GIT_DEPTH"] == template["variables"]["GIT_DEPTH"]
    checkout = workflow(PINNED, "main", None, False).partition("- uses: ")[2].partition("\n")[0]
    assert checkout in (ROOT / "docs" / "ci.md").read_text()
