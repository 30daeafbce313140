"""The command line: options, destinations, exit statuses, and errors in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import readiness.api
import readiness.engine.prepare
import readiness.engine.proofs
from readiness.api import Settings
from readiness.cli.main import COMMANDS, main
from readiness.cli.options import PROFILES
from readiness.cli.show import body_lines, matcher, to_json
from readiness.cli.writing import terminal_width, to_file, wants_color
from readiness.engine.model import SEVERITIES, Counts, Finding, Report, Subject
from readiness.engine.proofs import Problem, Proofs
from readiness.errors import SourceError, UsageError
from readiness.policy.model import Example, Examples, Policy
from readiness.policy.packs import Facts, Pack, Place
from readiness.values import Map, Span, Unknown

FINDING = Finding(
    policy="aws-s3-encryption",
    title="Buckets are encrypted",
    control="sec-enc-01",
    aliases=("CKV_AWS_19",),
    severity="high",
    status="fail",
    subject=Subject("aws_s3_bucket.logs", "aws_s3_bucket", "logs"),
    span=Span("a.tf", 1, 1, 1, 31),
    message="aws_s3_bucket.logs is not encrypted",
    remediation="Encrypt it.",
    fingerprint="f",
)


def policy(
    id_: str, severity: str = "high", control: str = "own-01", aliases: tuple[str, ...] = ()
) -> Policy:
    """A policy as the loader gives it."""
    return Policy(
        id=id_,
        title="At least {params.days} days",
        control=control,
        severity=severity,
        resources=("aws_db_instance",),
        assert_="object.a >= params.days",
        message="{address} is wrong",
        remediation="Set `a`\n\n```hcl\na = 7\n```",
        path=f"policies/{id_}.yaml",
        params={"days": {"type": "integer", "default": 7, "description": "how many"}},
        aliases=aliases,
        frameworks={"soc2": ["A1.2"]},
        examples=Examples([Example({"main.tf": "a = 1\n"}, 3)], [Example({"main.tf": "a = 2"}, 5)]),
    )


POLICIES = [
    policy("aws-rds-backup", aliases=("CKV_AWS_133", "AVD-AWS-0077")),
    policy("aws-rds-encryption", "critical", "sec-enc-01", ("CKV_AWS_16",)),
    policy("k8s-probe-liveness", "low", "own-01", ("kube-linter:no-liveness-probe", "CKV_AWS_133")),
]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Run the program in this process: (status, standard output, standard error)."""
    for name in ("NO_COLOR", "FORCE_COLOR", "READINESS_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: str) -> tuple[int, str, str]:
        status = main(args)
        captured = capsysbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], Settings, bytes | None]]:
    """Replaces the check of files by a report of one finding, and keeps what it was asked for."""
    asked: list[tuple[tuple[str, ...], Settings, bytes | None]] = []

    def check(paths: Sequence[str], settings: Settings, stdin: bytes | None = None) -> Report:
        # Which files the settings come from is for tests of files.
        asked.append((tuple(paths), replace(settings, cascade=None), stdin))
        return Report(
            [FINDING],
            [],
            Counts(files=1, resources=1, policies=1, evaluated=1),
            fail_on=settings.fail_on,
            unknown=settings.unknown,
            allow_empty=settings.allow_empty,
        )

    monkeypatch.setattr(readiness.api, "check", check)
    return asked


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the built-in policies by three."""
    pack = Pack(Facts("readiness"), "built-in", list(POLICIES))
    monkeypatch.setattr(readiness.engine.prepare, "load_packs", lambda settings, examples=False: [pack])


# -- errors in words ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["chek"], "there is no command 'chek'; did you mean 'check'?"),
        (["zzz"], f"there is no command 'zzz'; there are {', '.join(COMMANDS)}"),
        (["check", "--fromat", "json"], "--format"),
        (["check", "-f", "jsn"], "'jsn' is not a choice; did you mean 'json'?"),
        (["check", "-f", "zzz"], "'zzz' is not a choice; choose from text, concise, json, sarif, github"),
        (["check", "--fail-on", "hgih"], "did you mean 'high'?"),
        (["check", "--profile", "secure"], "did you mean 'security'?"),
        (["check", "--report", "sarif"], "'sarif' is not FORMAT=FILE, such as sarif=readiness.sarif"),
        (["check", "--report", "srif=x"], "did you mean 'sarif'?"),
        (["check", "--select", "a,,b"], "an empty name"),
        (["check", "--tier", "x"], "'x' is not a valid integer"),
        (["check", "--jobs", "0"], "0 is not in the range"),
        (["check", "-q", "-v"], "--quiet and --verbose exclude each other"),
        (["check", "--statistics", "-f", "json"], "--statistics needs --format text or concise, not json"),
        (["check", "-o", "/nowhere/at/all/x"], "the folder '/nowhere/at/all' does not exist"),
        (["check", "-o", "."], "'.' is a folder"),
        (["check", "-o", "x", "--report", "json=x"], "two reports would be written to 'x'"),
        (["check", "no-such-path"], "the path 'no-such-path' does not exist"),
        (["explain"], "missing argument 'ID'"),
        (["policies", "tset"], "tset"),
    ],
)
def test_wrong_usage_is_status_2(
    run: Any, loaded: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err


def test_errors_in_files_name_the_place(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> Report:
        raise UsageError("there is no field 'asert'", "my/policy.yaml", 4, 1)

    monkeypatch.setattr(readiness.api, "check", check)
    assert run("check") == (2, "", "error: my/policy.yaml:4:1: there is no field 'asert'\n")


def test_a_bug_is_one_line_and_status_3(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> Report:
        raise KeyError("boom")

    monkeypatch.setattr(readiness.api, "check", check)
    status, out, err = run("check")
    assert (status, out) == (3, "")
    assert err.startswith("internal error: KeyError: 'boom' (")
    assert "please report it" in err
    assert "Traceback" not in err


def test_a_bug_shows_its_place_on_request(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> Report:
        raise KeyError("boom")

    monkeypatch.setattr(readiness.api, "check", check)
    monkeypatch.setenv("READINESS_DEBUG", "1")
    with pytest.raises(KeyError, match="boom"):
        main(["check"])


def test_interrupted(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(readiness.api, "check", check)
    status, out, err = run("check")
    assert (status, out, err.strip()) == (130, "", "readiness: interrupted")


def test_no_command_shows_help(run: Any) -> None:
    for args in ((), ("policies",)):
        status, out, err = run(*args)
        assert (status, out) == (2, "")
        assert "Commands:" in err


@pytest.mark.parametrize(
    "args", [["-h"], *([name, "--help"] for name in COMMANDS), ["policies", "test", "-h"]]
)
def test_help(run: Any, args: list[str]) -> None:
    status, out, err = run(*args)
    assert (status, err) == (0, "")
    assert out.startswith("Usage: readiness")


def test_version(run: Any) -> None:
    assert run("--version") == (0, f"readiness {readiness.__version__}\n", "")


# -- check ----------------------------------------------------------------------------


def test_every_option_reaches_the_settings(run: Any, calls: list[Any]) -> None:
    args = [
        "check",
        "infra",
        "k8s",
        "--select",
        "a,b",
        "--select",
        "c",
        "--ignore",
        "d",
        "--profile",
        "all",
        "--fail-on",
        "low",
        "--unknown",
        "fail",
    ]
    args += [
        "--policies",
        "p1",
        "--policies",
        "p2",
        "--var-file",
        "v",
        "--tier",
        "0",
        "--jobs",
        "3",
        "--no-cache",
        "--allow-empty",
    ]
    assert run(*args)[0] == 1
    expected = Settings(
        select=("a", "b", "c"),
        ignore=("d",),
        profile="all",
        fail_on="low",
        unknown="fail",
        policies=("p1", "p2"),
        var_files=("v",),
        tier=0,
        jobs=3,
        cache=False,
        allow_empty=True,
    )
    assert calls == [(("infra", "k8s"), expected, None)]


def test_defaults(run: Any, calls: list[Any]) -> None:
    status, out, err = run("check")
    assert (status, err) == (1, "")
    assert out.splitlines()[-1] == "failed: 1 finding at or above the gate `high` (exit status 1)"
    assert calls == [((".",), Settings(), None)]


@pytest.mark.parametrize(
    ("args", "status"),
    [([], 1), (["--exit-zero"], 0), (["--fail-on", "critical"], 0), (["--fail-on", "info"], 1), (["-q"], 1)],
)
def test_exit_status(run: Any, calls: list[Any], args: list[str], status: int) -> None:
    assert run("check", *args)[0] == status


def test_exit_zero_forgives_no_unread_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report([FINDING], [SourceError("b.tf", 1, 1, "broken")], Counts(files=1, resources=1))
    monkeypatch.setattr(readiness.api, "check", lambda *_: report)
    assert run("check", "--exit-zero")[0] == 3


def test_formats_go_where_they_are_sent(
    run: Any, calls: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out.json").write_text("old")
    Path("out.json").chmod(0o640)
    status, out, err = run(
        "check", "-f", "json", "-o", "out.json", "--report", "sarif=r.sarif", "--report", "concise=c"
    )
    assert (status, out) == (1, "")
    assert err.endswith("(exit status 1); the report is in out.json\n")
    assert json.loads(Path("out.json").read_text())["findings"][0]["policy"] == "aws-s3-encryption"
    assert Path("out.json").stat().st_mode & 0o777 == 0o640
    assert json.loads(Path("r.sarif").read_text())["version"] == "2.1.0"
    assert Path("c").read_text().startswith("a.tf:1:1: high aws-s3-encryption ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "out.json", "r.sarif"]


def test_machine_formats_are_alone_on_standard_output(run: Any, calls: list[Any]) -> None:
    status, out, err = run("check", "-f", "json")
    assert (status, err) == (1, "")
    assert json.loads(out)["schema_version"] == 1


def test_color_on_request(run: Any, calls: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("check")[1]
    assert "\x1b[1;31mhigh\x1b[0m" in run("check", "--color", "always")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("check")[1]
    assert "\x1b" not in run("check", "--color", "never")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check")[1]


def test_standard_input(run: Any, calls: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(b"kind: Pod\xff")
    with source.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        run("check", "-")
    assert calls[0][0] == ("-",)
    assert calls[0][2] == b"kind: Pod\xff"


# -- writing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "env", "terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_wants_color(
    monkeypatch: pytest.MonkeyPatch, choice: str, env: dict[str, str], terminal: bool, expected: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert wants_color(choice, terminal) is expected


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_width(True) == 72
    assert terminal_width(False) == 100
    monkeypatch.setenv("COLUMNS", "3")
    assert terminal_width(True) == 40


def test_a_link_is_written_through_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (tmp_path / "link").symlink_to(real)
    to_file(str(tmp_path / "link"), "text\n")
    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "text\n"
    to_file(os.devnull, "text\n")
    assert not Path(os.devnull).is_file()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report"
    target.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UsageError, match="No space left"):
        to_file(str(target), "new")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert target.read_text() == "old"


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    script = (
        "import sys; from readiness.cli.writing import to_stdout; to_stdout('x' * 10_000_000); sys.exit(5)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 5


def test_start_up_is_light() -> None:
    script = (
        "import sys; from readiness.cli.main import main; main(['check', '--help']); "
        "heavy = {'rich', 'jsonschema', 'hcl2', 'lark', 'yaml', 'readiness.api', "
        "'readiness.cli.show', 'readiness.cli.explain'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_lists_that_are_repeated_for_a_light_start_up_agree() -> None:
    from readiness.cli import check
    from readiness.policy.select import PROFILES as KNOWN

    assert KNOWN == PROFILES
    assert check.SEVERITIES == SEVERITIES


# -- explain and policies -------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "first_line"),
    [
        ("aws-rds-backup", "aws-rds-backup: At least 7 days"),
        ("AWS-RDS-Backup", "aws-rds-backup: At least 7 days"),
        ("ckv_aws_16", "aws-rds-encryption: At least 7 days"),
        ("AWS-0077", "aws-rds-backup: At least 7 days"),
        ("kube-linter:no-liveness-probe", "k8s-probe-liveness: At least 7 days"),
        ("no-liveness-probe", "k8s-probe-liveness: At least 7 days"),
        ("CKV_AWS_133", "CKV_AWS_133 stands for 2 policies:"),
        ("own-01", "own-01: "),
    ],
)
def test_explain_finds(run: Any, loaded: None, wanted: str, first_line: str) -> None:
    status, out, err = run("explain", wanted)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith(first_line)


def test_explain_tells_everything(run: Any, loaded: None) -> None:
    out = run("explain", "aws-rds-backup")[1]
    for line in (
        "  severity       high",
        "  resources      aws_db_instance",
        "  asserts        object.a >= params.days",
        "  also known as  CKV_AWS_133, AVD-AWS-0077",
        "  soc2           A1.2",
        "  parameter      days = 7 (how many)",
        "  a = 7",
        "Passes\n    a = 1",
        "Fails\n    a = 2",
    ):
        assert f"{line}\n" in out


def test_explain_a_control_lists_its_policies(run: Any, loaded: None) -> None:
    out = run("explain", "own-01")[1]
    assert "  aws-rds-backup      high      At least 7 days\n" in out
    assert "  k8s-probe-liveness  low       At least 7 days\n" in out
    assert "aws-rds-encryption" not in out


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("aws-rds-backpu", "did you mean aws-rds-backup"), ("zzz", "see `readiness policies list`")],
)
def test_explain_unknown_is_status_2(run: Any, loaded: None, wanted: str, hint: str) -> None:
    status, out, err = run("explain", wanted)
    assert (status, out) == (2, "")
    assert f"there is no policy, control or peer's id {wanted!r}; {hint}" in err


def test_explain_json(run: Any, loaded: None) -> None:
    document = json.loads(run("explain", "CKV_AWS_133", "--format", "json")[1])
    assert document["schema_version"] == 1
    assert document["control"] is None
    assert [item["id"] for item in document["policies"]] == ["aws-rds-backup", "k8s-probe-liveness"]
    assert document["policies"][0]["examples"]["fail"] == [
        {"files": {"main.tf": "a = 2"}, "line": 5, "params": {}}
    ]


def test_policies_list(run: Any, loaded: None) -> None:
    status, out, err = run("policies", "list")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "aws-rds-backup      high      own-01      At least 7 days",
        "aws-rds-encryption  critical  sec-enc-01  At least 7 days",
        "k8s-probe-liveness  low       own-01      At least 7 days",
        "",
        "3 policies of the profile default; `--profile all` lists every one",
    ]


def test_policies_list_counts(run: Any, loaded: None) -> None:
    status, out, err = run("policies", "list", "--profile", "all", "--statistics")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "by severity",
        "  critical              1",
        "  high                  1",
        "  low                   1",
        "",
        "by platform",
        "  other                 3",
        "",
        "by control",
        "  own-01                2",
        "  sec-enc-01            1",
        "",
        "3 policies",
    ]


def test_policies_list_json_is_the_contract(run: Any, loaded: None) -> None:
    document = json.loads(run("policies", "list", "--format", "json")[1])
    assert document[0] == {
        "id": "aws-rds-backup",
        "title": "At least 7 days",
        "severity": "high",
        "control": "own-01",
        "aliases": ["CKV_AWS_133", "AVD-AWS-0077"],
        "resources": ["aws_db_instance"],
        "fixable": None,
    }


def fake_proofs(monkeypatch: pytest.MonkeyPatch, *problems: Problem) -> list[list[str]]:
    """Replaces the proving of packs; gives the folders that were asked for."""
    asked: list[list[str]] = []

    def prove(places: list[Place], fixes: Any) -> Proofs:
        asked.append([place.folder.name for place in places])
        return Proofs(list(problems), Counter(policies=3, examples=2))

    monkeypatch.setattr(readiness.engine.proofs, "prove", prove)
    return asked


def test_policies_test_proves_the_built_in_policies(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_proofs(monkeypatch)
    assert run("policies", "test") == (0, "3 policies, 2 examples: all proven\n", "")
    assert asked == [["policies"]]


def test_policies_test_says_what_is_not_proven(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Problem(
        "p.yaml", 9, 7, "examples", "aws-rds-backup", "fail example 2: expected a finding, got none"
    )
    control = Problem("controls.yaml", 4, 1, "controls", "", "no policy implements the control 'own-09'")
    fake_proofs(monkeypatch, bad, control)
    assert run("policies", "test") == (
        2,
        "p.yaml:9:7: aws-rds-backup: fail example 2: expected a finding, got none\n"
        "controls.yaml:4:1: no policy implements the control 'own-09'\n"
        "3 policies, 2 examples: 2 problems\n",
        "",
    )


def test_policies_test_proves_packs_of_ones_own(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = fake_proofs(monkeypatch)
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    assert run("policies", "test", str(tmp_path / "x"), str(tmp_path / "y"))[0] == 0
    assert asked == [["x", "y"]]


# -- show -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("aws_s3_bucket.*", "aws_s3_bucket.logs", True),
        ("*", 'module.db["a"].aws_db_instance.this[0]', True),
        ('module.db["?"].*', 'module.db["a"].aws_db_instance.this[0]', True),
        ("aws_s3_bucket.log", "aws_s3_bucket.logs", False),
        ("aws_s3_bucket.[abc]", "aws_s3_bucket.a", False),
        ("a.b", "axb", False),
    ],
)
def test_address_globs(pattern: str, address: str, expected: bool) -> None:
    assert bool(matcher(pattern).fullmatch(address)) is expected


def test_values_as_json() -> None:
    body = Map({"a": Unknown("var.x has no value"), "b": [1, True, None, float("inf")], "c": {"d": "e"}})
    assert to_json(body) == {
        "a": {"$unknown": "var.x has no value"},
        "b": [1, True, None, "inf"],
        "c": {"d": "e"},
    }


TERRAFORM = """\
variable "acl" {
  default = "private"
}
variable "name" {}
resource "aws_s3_bucket" "logs" {
  acl    = var.acl
  bucket = var.name
  tags   = { owner = "team-a" }
}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Terraform file in the current folder, and a cache of its own."""
    monkeypatch.setenv("READINESS_CACHE_DIR", "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(TERRAFORM)
    return tmp_path


def test_show_text(run: Any, repository: Path) -> None:
    status, out, err = run("show", "aws_s3_bucket.*", "--jobs", "1")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "aws_s3_bucket.logs"
    assert "  location:    main.tf:5:1" in lines
    assert '    owner = "team-a"' in lines
    assert '    acl = "private"  # value from default of variable acl: main.tf:2:13' in lines
    assert [line for line in lines if line.startswith("    bucket = (unknown: ") and "name" in line]


def test_short_lists_stand_on_one_line() -> None:
    body = Map({"a": ["x", 1, Unknown("why")], "b": [], "c": [{"d": []}], "e": ["x" * 90]})
    assert list(body_lines(body, "")) == [
        'a = ["x", 1, (unknown: why)]',
        "b = []",
        "c = [",
        "  {",
        "    d = []",
        "  }",
        "]",
        "e = [",
        f'  "{"x" * 90}"',
        "]",
    ]


def test_show_json(run: Any, repository: Path) -> None:
    first = run("show", "--format", "json", "--jobs", "1")
    assert first == run("show", "--format", "json", "--jobs", "1")
    document = json.loads(first[1])
    assert document["schema_version"] == 1
    bucket = next(item for item in document["resources"] if item["address"] == "aws_s3_bucket.logs")
    assert {"address", "type", "name", "body", "tags", "links", "location"} <= set(bucket)
    assert bucket["body"]["acl"] == "private"
    assert list(bucket["body"]["bucket"]) == ["$unknown"]
    assert bucket["location"] == {"path": "main.tf", "line": 5, "column": 1, "end_line": 9, "end_column": 2}
    assert bucket["spans"].keys() >= {f"/{name}" for name in bucket["body"]}
    first = min(bucket["spans"].values(), key=lambda span: (span["line"], span["column"]))
    assert (first["path"], first["line"], first["column"]) == ("main.tf", 6, 3)


def test_show_wrong_address(run: Any, repository: Path) -> None:
    status, out, err = run("show", "aws_s3_bucket.lgos", "--jobs", "1")
    assert (status, out) == (2, "")
    assert "did you mean aws_s3_bucket.logs?" in err


def test_show_says_what_it_could_not_read(run: Any, repository: Path) -> None:
    (repository / "broken.tf").write_text('resource "a" "b" {\n  x = = 1\n}\n')
    status, out, err = run("show", "aws_s3_bucket.logs", "--jobs", "1")
    assert status == 3
    assert out.startswith("aws_s3_bucket.logs\n")
    assert "error: broken.tf:2:" in err


def test_show_nothing(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run("show")
    assert (status, out) == (3, "")
    assert "nothing to show: no Terraform or Kubernetes resource in ." in err
