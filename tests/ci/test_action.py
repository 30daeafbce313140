"""`action.yml`: what it may say, and its scripts run as the runner of GitHub runs them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.ci.conftest import ROOT, Repository, mended, table

TEXT = (ROOT / "action.yml").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
SELECT = "--select aws-dynamodb-pitr"
BASH = shutil.which("bash")
# https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#jobsjob_idstepsshell
SHELL = (BASH or "bash", "--noprofile", "--norc", "-e", "-o", "pipefail")

needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash")


def defaults() -> dict[str, str]:
    """What the step `Check` gets where nobody says anything, as the runner works it out."""
    given = {}
    for name, value in STEPS["Check"]["env"].items():
        found = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)
        given[name] = "" if found is None else ACTION["inputs"][found.group(1)]["default"]
    return given


class Job:
    """A job whose steps before the check have run."""

    def __init__(self, repository: Repository, folder: Path) -> None:
        self.repository = repository
        self.temp = folder / "runner"
        commands = self.temp / "readiness" / "venv" / "bin"
        commands.mkdir(parents=True)
        (commands / "readiness").symlink_to(folder / "bin" / "readiness")
        self.output = self.temp / "output"
        self.summary = self.temp / "summary"

    def check(self, **given: str) -> tuple[int, str, dict[str, str]]:
        """Run the step: its exit status, its log, and its outputs."""
        self.output.write_text("", encoding="utf-8")
        script = self.temp / "script.sh"
        script.write_text(STEPS["Check"]["run"], encoding="utf-8")
        environment = {
            **defaults(),
            "ARGUMENTS": SELECT,
            **given,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/infra",
        }
        done = self.repository.run(*SHELL, script, **environment)
        assert "Traceback" not in done.stdout + done.stderr
        lines = self.output.read_text(encoding="utf-8").splitlines()
        return done.returncode, done.stdout + done.stderr, dict(line.split("=", 1) for line in lines)


@pytest.fixture
def job(
    repository: Callable[[str], Repository], tmp_path: Path, with_policies: Callable[[Path], None]
) -> Job:
    made = Job(repository("repository"), tmp_path)
    with_policies(made.temp / "readiness" / "cache")
    return made


@needs_bash
def test_findings_annotate_and_fail(job: Job) -> None:
    job.repository.write({"live/main.tf": table("a")})
    status, log, outputs = job.check()
    assert (status, outputs) == (1, {"status": "1"})
    assert "::error file=live/main.tf,line=1," in log
    assert "aws-dynamodb-pitr" in job.summary.read_text(encoding="utf-8")
    assert (job.temp / "readiness" / "cache" / "sources.sqlite").is_file()


@needs_bash
def test_what_is_in_order_passes(job: Job) -> None:
    job.repository.write({"live/main.tf": mended("a")})
    assert job.check()[::2] == (0, {"status": "0"})


@needs_bash
def test_nothing_to_check_and_wrong_options_fail(job: Job) -> None:
    assert job.check()[::2] == (3, {"status": "3"})
    assert job.check(ARGUMENTS=f"{SELECT} --allow-empty")[0] == 0
    status, log, outputs = job.check(ARGUMENTS="--fail-on hihg")
    assert (status, outputs["status"]) == (2, "2")
    assert "did you mean 'high'?" in log


@needs_bash
def test_a_pull_request_answers_for_what_it_brings(job: Job) -> None:
    job.repository.write({"live/main.tf": table("old")})
    base = job.repository.commit()
    job.repository.write({"live/more.tf": mended("new")})
    job.repository.commit()
    pull_request = {"PULL_REQUEST_BASE": base, "PULL_REQUEST_FROM": "acme/infra"}
    assert job.check(**pull_request)[0] == 0
    assert job.check(**pull_request, DIFF_BASE="none")[0] == 1
    assert job.check(MERGE_GROUP_BASE=base)[0] == 0
    assert job.check()[0] == 1
    job.repository.write({"live/more.tf": table("new")})
    job.repository.commit()
    status, log, _ = job.check(**pull_request)
    assert status == 1
    assert "live/more.tf" in log and "::error file=live/main.tf" not in log
    assert job.check(**pull_request, DIFF_BASE="HEAD")[0] == 0


@needs_bash
@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"PULL_REQUEST_FROM": "stranger/infra"}, 1),
        ({"PULL_REQUEST_FROM": ""}, 1),  # the other repository is gone
        ({"PULL_REQUEST_FROM": "acme/infra"}, 0),
        ({"PULL_REQUEST_FROM": "stranger/infra", "TRUST_BASE": "none"}, 0),
    ],
)
def test_a_stranger_does_not_decide_about_the_gate(job: Job, given: dict[str, str], status: int) -> None:
    job.repository.write({"live/main.tf": mended("a")})
    base = job.repository.commit()
    loose = "policies:\n  aws-dynamodb-pitr:\n    severity: low\n"
    job.repository.write({"live/more.tf": table("b"), "readiness.yaml": loose})
    job.repository.commit()
    assert job.check(PULL_REQUEST_BASE=base, **given)[0] == status


@needs_bash
def test_paths_and_options_are_words(job: Job) -> None:
    job.repository.write({"a b/main.tf": table("a"), "c/main.tf": table("c"), "d/main.tf": table("d")})
    options = f"  {SELECT}\n\n--fail-on   critical\n"
    status, log, _ = job.check(PATHS="a b\nc\n\n", ARGUMENTS=options)
    assert status == 0
    assert "file=a b/main.tf" in log and "file=c/main.tf" in log and "d/main.tf" not in log


@needs_bash
@pytest.mark.parametrize(
    "name", ["PATHS", "ARGUMENTS", "FORMAT", "DIFF_BASE", "TRUST_BASE", "PULL_REQUEST_BASE"]
)
@pytest.mark.parametrize(
    "text", ["$(touch x)", "`touch x`", '"; touch x; "', "'; touch x #", "--output=x", "*"]
)
def test_no_input_is_run(job: Job, name: str, text: str) -> None:
    job.repository.write({"main.tf": table("a")})
    job.repository.commit()
    status, _, outputs = job.check(**{name: text})
    assert (status != 0, outputs["status"]) == (True, str(status))
    if name != "ARGUMENTS":
        assert not (job.repository.root / "x").exists()
    assert not (job.repository.root / "touch").exists()


@needs_bash
def test_the_report_for_code_scanning(job: Job) -> None:
    job.repository.write({"live/main.tf": table("a")})
    status, _, outputs = job.check(UPLOAD="true")
    assert (status, outputs["sarif"]) == (1, str(job.temp / "readiness" / "readiness.sarif"))
    assert yaml.safe_load(Path(outputs["sarif"]).read_text(encoding="utf-8"))["version"] == "2.1.0"
    # One of a run before is not uploaded again.
    status, _, outputs = job.check(UPLOAD="true", ARGUMENTS="--fail-on nothing")
    assert (status, "sarif" in outputs) == (2, False)


@needs_bash
@pytest.mark.parametrize(
    ("requirement", "installed"), [("", "{action}[helm]"), ("readiness==1.2.0", "readiness==1.2.0")]
)
def test_what_is_installed(
    repository: Callable[[str], Repository], tmp_path: Path, requirement: str, installed: str
) -> None:
    python = tmp_path / "python"
    says = f'echo "$@" >> "{tmp_path}/said"'
    made = f"#!/bin/sh\n{says}\n"
    python.write_text(
        f'#!/bin/sh\n{says}\nmkdir -p "$3/bin"\nfor name in python readiness; do\n'
        f"  printf '%s' '{made}' > \"$3/bin/$name\"\n  chmod +x \"$3/bin/$name\"\ndone\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    action = tmp_path / "an action"
    environment = {"PYTHON": str(python), "REQUIREMENT": requirement, "RUNNER_TEMP": str(tmp_path / "runner")}
    (tmp_path / "script.sh").write_text(STEPS["Install readiness"]["run"], encoding="utf-8")
    done = repository("repository").run(
        *SHELL, tmp_path / "script.sh", **environment, GITHUB_ACTION_PATH=str(action)
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "said").read_text(encoding="utf-8").splitlines() == [
        f"-m venv {tmp_path}/runner/readiness/venv",
        f"-m pip install --quiet --disable-pip-version-check {installed.format(action=action)}",
        "--version",
    ]


def test_every_action_is_pinned() -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", TEXT, re.MULTILINE)
    assert len(used) == 4
    for line in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_no_expression_is_a_part_of_a_script() -> None:
    for name, step in STEPS.items():
        assert "${{" not in step.get("run", ""), name
        if "run" in step:
            assert step["shell"] == "bash"


def test_every_input_is_used_and_there() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", TEXT))
    assert used == set(ACTION["inputs"])
    for name, about in ACTION["inputs"].items():
        assert about["description"] and isinstance(about["default"], str), name
    read = set(re.findall(r"\$\{?([A-Z_]+)", STEPS["Check"]["run"]))
    assert read - {"RUNNER_TEMP", "GITHUB_OUTPUT", "GITHUB_REPOSITORY"} == set(STEPS["Check"]["env"])


def test_inputs_are_stable() -> None:
    assert list(ACTION["inputs"]) == [
        "paths",
        "args",
        "format",
        "diff-base",
        "trust-base",
        "upload-sarif",
        "cache",
        "version",
        "python-version",
    ]
    assert list(ACTION["outputs"]) == ["status", "sarif"]
