"""What docs/ci.md says is so: statuses, inputs, hooks, recipes that are YAML and shell, and pins."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from tests.ci.conftest import ROOT

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def section(title: str) -> str:
    """The text of a section."""
    return re.split(r"^## ", TEXT.split(f"\n## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of a table below its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_every_hook_and_input_is_told() -> None:
    hooks = [row[0].strip("`") for row in rows(section("pre-commit and prek").split("###")[0])]
    assert hooks == [hook["id"] for hook in HOOKS]
    told = [row[0].strip("`") for row in rows(section("GitHub Actions"))]
    assert told == list(ACTION["inputs"])


def test_defaults_of_inputs_are_those_of_the_action() -> None:
    for name, default, _ in rows(section("GitHub Actions")):
        written = ACTION["inputs"][name.strip("`")]["default"]
        if written:
            assert default == f"`{written}`"


def test_statuses_are_those_of_the_program() -> None:
    assert [row[0] for row in rows(section("Exit status"))][:4] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "yaml"])
def test_recipes_are_yaml(text: str) -> None:
    assert yaml.safe_load(text)


def test_recipes_are_pinned() -> None:
    used = re.findall(r"uses: (\S+)", TEXT)
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}|<owner>/readiness@<full", name) for name in used)
    images = {*re.findall(r"image:? '?(python\S+?)'?(?: \}|$)", TEXT, re.MULTILINE)}
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))["readiness"]
    assert images == {job["image"]}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_scripts_of_recipes_parse() -> None:
    scripts = re.findall(r"sh '''\n(.*?)'''", TEXT, re.DOTALL)
    azure = next(yaml.safe_load(text) for _, text in BLOCKS if "AGENT_TEMPDIRECTORY" in text)
    scripts += [step["bash"] for step in azure["steps"] if "bash" in step]
    buildkite = next(yaml.safe_load(text) for _, text in BLOCKS if "buildkite-agent" in text)
    scripts += [step["command"].replace("$$", "$") for step in buildkite["steps"]]
    assert len(scripts) == 3
    for script in scripts:
        parsed = subprocess.run(
            ["bash", "-n"], input=script.replace("<", "_"), text=True, capture_output=True
        )
        assert (parsed.returncode, parsed.stderr) == (0, "")
