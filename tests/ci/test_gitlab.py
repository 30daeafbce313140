"""`ci/gitlab.yml`: its script run as a runner of GitLab runs it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.ci.conftest import ROOT, Repository, mended, table

TEXT = (ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8")
JOB: dict[str, Any] = yaml.safe_load(TEXT)["readiness"]
REPORTS = ("gl-code-quality-report.json", "readiness.xml", "readiness.html")


class Runner:
    """A project with its origin, as a runner checks it out."""

    def __init__(
        self, make: Callable[[str], Repository], folder: Path, with_policies: Callable[[Path], None]
    ) -> None:
        self.origin = make("origin")
        self._with_policies = with_policies
        self.folder = folder
        self.home = folder / "readiness"
        # What `python3 -m venv` makes, without the time that it takes: nothing is installed.
        python = folder / "bin" / "python3"
        python.write_text('#!/bin/sh\n[ "$2" = venv ]\n', encoding="utf-8")
        python.chmod(0o755)
        commands = self.home / "bin"
        commands.mkdir(parents=True)
        (commands / "readiness").symlink_to(folder / "bin" / "readiness")
        (commands / "pip").write_text(f'#!/bin/sh\necho "$@" >> "{folder}/installed"\n', encoding="utf-8")
        (commands / "pip").chmod(0o755)

    def run(self, shell: str = "sh", **given: str) -> tuple[int, str, Repository]:
        """The job on the checked out branch `change` of the origin."""
        project = self.folder / "builds" / "project"
        if project.exists():
            shutil.rmtree(project)
        project.parent.mkdir(exist_ok=True)
        self.origin.git("clone", "--quiet", "--branch", "change", "--single-branch", ".", str(project))
        clone = object.__new__(Repository)
        clone.root, clone.environment = project, self.origin.environment
        script = self.folder / "script.sh"
        script.write_text("\n".join(JOB["script"]), encoding="utf-8")
        variables = {**JOB["variables"], "READINESS_HOME": str(self.home)}
        cache = project / ".readiness_cache"
        variables["READINESS_CACHE_DIR"] = str(cache)
        self._with_policies(cache)
        asked = {
            "READINESS_INSTALL": "readiness[helm]==1.2.0",
            "READINESS_ARGS": "--select aws-dynamodb-pitr",
        }
        done = clone.run(shell, "-e", script, **{**variables, **asked, **given})
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr, clone


@pytest.fixture
def runner(
    repository: Callable[[str], Repository], tmp_path: Path, with_policies: Callable[[Path], None]
) -> Runner:
    made = Runner(repository, tmp_path, with_policies)
    made.origin.write({"live/old.tf": table("old")})
    made.origin.commit()
    made.origin.git("checkout", "--quiet", "-b", "change")
    return made


REQUEST = {
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
}


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_reports_and_status(runner: Runner, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    status, log, clone = runner.run(shell)
    assert status == 1, log
    assert all((clone.root / name).is_file() for name in REPORTS)
    (told,) = json.loads((clone.root / REPORTS[0]).read_text(encoding="utf-8"))
    assert (told["check_name"], told["location"]["path"]) == ("aws-dynamodb-pitr", "live/old.tf")
    assert (clone.root / ".readiness_cache" / "sources.sqlite").is_file()
    installed = (runner.folder / "installed").read_text(encoding="utf-8")
    assert installed == "install --quiet --disable-pip-version-check readiness[helm]==1.2.0\n"


def test_a_merge_request_answers_for_what_it_brings(runner: Runner) -> None:
    runner.origin.write({"live/more.tf": mended("more")})
    runner.origin.commit()
    assert runner.run(**REQUEST)[0] == 0
    assert runner.run(**REQUEST, READINESS_DIFF_BASE="none")[0] == 1
    runner.origin.write({"live/more.tf": table("more")})
    runner.origin.commit()
    status, log, _ = runner.run(**REQUEST)
    assert status == 1
    assert "live/more.tf:1:1" in log and "live/old.tf:1:1" not in log


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 0),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}, 1),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2", "READINESS_TRUST_BASE": "none"}, 0),
        ({"READINESS_TRUST_BASE": "always"}, 1),
    ],
)
def test_a_stranger_does_not_decide_about_the_gate(
    runner: Runner, given: dict[str, str], status: int
) -> None:
    loose = "policies:\n  aws-dynamodb-pitr:\n    severity: low\n"
    runner.origin.write({"live/more.tf": table("b"), "readiness.yaml": loose})
    runner.origin.commit()
    assert runner.run(**{**REQUEST, **given})[0] == status


def test_paths_are_words_and_no_script(runner: Runner) -> None:
    runner.origin.write({"other/main.tf": mended("a")})
    runner.origin.commit()
    assert runner.run(READINESS_PATHS="other")[0] == 0
    status, _, clone = runner.run(READINESS_PATHS="$(touch x) *.tf")
    assert (status, (clone.root / "x").exists()) == (2, False)


def test_a_cache_that_comes_with_the_change_is_refused(runner: Runner) -> None:
    runner.origin.write({".readiness_cache/sources.sqlite": "x"})
    runner.origin.commit()
    status, log, clone = runner.run()
    assert status == 2
    assert "take it out of the repository" in log
    assert not (clone.root / REPORTS[0]).exists()


def test_what_to_install_has_to_be_said(runner: Runner) -> None:
    status, log, _ = runner.run(READINESS_INSTALL="")
    assert status != 0
    assert "say what to install" in log


def test_what_the_job_says() -> None:
    assert re.fullmatch(r"python:3\.12@sha256:[0-9a-f]{64}", JOB["image"])
    assert JOB["variables"]["GIT_DEPTH"] == "0"
    assert JOB["cache"]["paths"] == [".readiness_cache/"]
    assert JOB["artifacts"]["reports"] == {"codequality": REPORTS[0], "junit": REPORTS[1]}
    assert JOB["artifacts"]["when"] == "always"
    said = set(re.findall(r"^#   (READINESS_\w+) {2}", TEXT, re.MULTILINE))
    used = set(re.findall(r"\$\{?(READINESS_\w+)", "\n".join(JOB["script"])))
    assert used - {"READINESS_HOME"} == said
