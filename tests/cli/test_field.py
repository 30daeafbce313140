"""What adopters of linters complain of most, tried here: each test says what must not happen.

The first part has a test for each way in which a gate was seen to be green, to run code or to say nothing
where it had to speak; the second has those of the commonest requests that no other test is about.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Cli

TOP = Path(__file__).parents[2]
TRAP = "import pathlib\npathlib.Path({!r}).write_text('ran')\n"
BUCKET = 'resource "demo_bucket" "logs" {\n  encrypted = false\n}\n'
ENCRYPTED = "demo-bucket-encrypted"
DATABASE = """\
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.m7g.large"
  storage_encrypted = true
}
"""


def program(cli: Cli, *args: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, as it is installed: the working directory is no place for modules."""
    command = [sys.executable, "-P", "-m", "readiness", *args]
    return subprocess.run(command, cwd=cli.root, capture_output=True, text=True, env=_environment())


def _environment() -> dict[str, str]:
    places = [str(Path(path).resolve()) for path in sys.path if path]
    return os.environ | {"PYTHONPATH": os.pathsep.join(places)}


# -- seen in the field ----------------------------------------------------------------


def test_code_of_a_repository_never_runs(cli: Cli, tmp_path: Path) -> None:
    """Settings that lie in the checked folder must not load Python from it, nor may modules be found there."""
    trap = TRAP.format(str(tmp_path / "ran"))
    names = ("checks/__init__.py", "checks/own.py", "conftest.py", "sitecustomize.py", "usercustomize.py")
    shadows = ("readiness/__init__.py", "click.py", "yaml.py", "msgspec.py", "readiness_plugin.py")
    cli.write(dict.fromkeys((*names, *shadows), trap))
    cli.write(
        {
            "main.tf": DATABASE,
            ".checkov.yaml": "external-checks-dir: [checks]\n",
            "trivy.yaml": "config-check: [checks]\n",
            ".tflint.hcl": 'config {\n  plugin_dir = "checks"\n}\n',
            "setup.cfg": "[options.entry_points]\nreadiness.policies = own = checks.own\n",
        }
    )
    runs = {("check",): 1, ("init", "--dry-run"): 0, ("policies", "list", "--policies", "checks"): 2}
    for args, status in runs.items():
        result = program(cli, *args)
        assert (result.returncode, "Traceback" in result.stderr) == (status, False), result.stderr
        assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("external-checks-dir: [checks]", "there is no setting 'external-checks-dir' here"),
        ("plugins: [checks.own]", "there is no setting 'plugins' here"),
        ("policies: {own: {python: checks/own.py}}", "there is no setting 'python' here"),
        ("packs: [checks]", "the policy folder 'checks' holds no policy files (*.yaml)"),
        ("packs: [checks/own.py]", "'checks/own.py' is neither a folder of policies nor a file of one"),
        ("packs: [package:checks]", "the Python package 'checks' is not installed"),
        ("extends: package:checks", "the Python package 'checks' is not installed"),
        ("extends: checks/own.py", "a mapping of settings is expected"),
        ("fail-on: !!python/object/apply:os.system [touch ran]", ""),
    ],
)
def test_settings_that_name_code_are_refused(cli: Cli, tmp_path: Path, settings: str, message: str) -> None:
    """What cannot be settings ends the run with its place: it is neither run nor passed over."""
    trap = TRAP.format(str(tmp_path / "ran"))
    cli.write({"main.tf": DATABASE, "readiness.yaml": settings + "\n"})
    cli.write({"checks/__init__.py": trap, "checks/own.py": trap})
    result = cli.run("check")
    assert (result.status, result.out) == (2, "")
    assert re.match(r"error: (readiness\.yaml|checks/own\.py):1:\d+: ", result.err)
    assert message in result.err
    assert not (tmp_path / "ran").exists() and not (cli.root / "ran").exists()


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
@pytest.mark.parametrize(("beside", "status"), [("", 3), (BUCKET, 1)])
def test_a_file_that_cannot_be_parsed_is_never_green(
    cli: Cli, beside: str, status: int, quiet: tuple[str, ...]
) -> None:
    """One broken file: an exit status of its own, and its place in the report, with `--quiet` too."""
    cli.write({"broken.tf": 'resource "demo_bucket" "x" {\n', "main.tf": beside + "locals {}\n"})
    result = cli.check("--fail-on", "high", *quiet, select=ENCRYPTED)
    assert result.status == status
    assert [error[:2] for error in result.errors] == [("broken.tf", 1)]
    assert result.report["summary"]["unread"] == 1
    text = cli.run("check", "--select", "aws-db-encryption", *quiet)
    assert (text.status, "broken.tf:1:" in text.out) == (3, True)


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("--fail-on", "HIGH"), "did you mean 'high'?"),
        (("--fail-on", "severe"), "is not a choice"),
        (("--select", "hihg"), "did you mean 'high'?"),
        (("--select", "severe"), "no policy, control or severity matches 'severe'"),
        (("--ignore", "severe"), "no policy, control or severity matches 'severe'"),
    ],
)
def test_a_severity_that_does_not_exist_is_a_mistake(cli: Cli, args: tuple[str, ...], hint: str) -> None:
    """A filter by severity must not turn a red run into a green one by doing nothing."""
    cli.write({"main.tf": DATABASE.replace("true", "false")})
    result = cli.run("check", *args)
    assert (result.status, result.out, hint in result.err) == (2, "", True)
    result = cli.run("check", "--select", "HIGH", "--format", "json")
    assert result.status == 1
    assert "aws-db-encryption" in {finding["policy"] for finding in result.findings}


def test_a_baseline_does_not_hide_the_same_address_elsewhere(cli: Cli) -> None:
    """What was recorded in one file is no excuse for another that declares the same name."""
    own = ("--policies", str(TOP / "tests" / "engine" / "policies"), "--select", ENCRYPTED)
    cli.write({"a/main.tf": BUCKET})
    assert cli.run("baseline", "create", *own).status == 0
    assert cli.check("--baseline", "readiness-baseline.json", select=ENCRYPTED).status == 0
    cli.write({"b/main.tf": BUCKET})
    result = cli.check("--baseline", "readiness-baseline.json", select=ENCRYPTED)
    assert result.status == 1
    assert result.found() == [(ENCRYPTED, "demo_bucket.logs", "b/main.tf", 2)]
    assert result.found("baselined") == [(ENCRYPTED, "demo_bucket.logs", "a/main.tf", 2)]


def test_a_plan_that_only_deletes_a_database_is_not_green(cli: Cli) -> None:
    """A plan without a resource that stays still has something to check."""
    change = {"actions": ["delete"], "before": {"identifier": "orders", "engine": "postgres"}, "after": None}
    gone = {
        "address": "aws_db_instance.orders",
        "mode": "managed",
        "type": "aws_db_instance",
        "name": "orders",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {**change, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": False},
    }
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [gone],
        "configuration": {"root_module": {}},
    }
    cli.write({"plan.json": json.dumps(plan)})
    result = cli.run("check", "plan.json", "--format", "json")
    assert (result.status, [line[:3] for line in result.found()]) == (
        1,
        [("tf-change-destroy-data", "aws_db_instance.orders", "plan.json")],
    )
    assert result.report["risk"]["level"] == "high"


UNKNOWN = """\
variable "encrypted" { type = bool }
variable "offices" { type = map(string) }
variable "office" { type = string }

resource "aws_db_instance" "orders" {
  storage_encrypted = var.encrypted
}

resource "aws_security_group" "office" {}

resource "aws_vpc_security_group_ingress_rule" "offices" {
  for_each          = var.offices
  security_group_id = aws_security_group.office.id
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
  cidr_ipv4         = each.value
}

resource "aws_vpc_security_group_ingress_rule" "office" {
  for_each          = { one = var.office }
  security_group_id = aws_security_group.office.id
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
  cidr_ipv4         = each.value
}
"""


def test_what_is_not_known_is_neither_passed_nor_failed(cli: Cli) -> None:
    """A variable without a value, a `for_each` over one and its `each.value`: unknown, with the reason."""
    cli.write({"main.tf": UNKNOWN})
    args = ("check", "--format", "json", "--select", "aws-db-encryption,aws-net-open-ssh")
    result = cli.run(*args)
    assert (result.status, result.found()) == (0, [])
    told = [(f["resource"]["address"], f["location"]["line"], f["reason"]) for f in result.findings]
    rule = "aws_vpc_security_group_ingress_rule"
    assert told == [
        ("aws_db_instance.orders", 6, "var.encrypted has no default and no value here"),
        (f"{rule}.offices", 17, "the instances (`for_each`) are not known"),
        (f'{rule}.office["one"]', 26, "var.office has no default and no value here"),
    ]
    checks = result.report["summary"]["checks"]
    assert (checks["evaluated"], checks["unknown"]) == (0, 3)
    assert cli.run(*args, "--unknown", "fail").status == 1
    # With values it is decided.
    values = (
        "--var",
        "encrypted=true",
        "--var",
        'offices={"hq":"0.0.0.0/0"}',
        "--var",
        "office=192.0.2.0/24",
    )
    result = cli.run(*args, *values)
    assert (result.status, [line[1] for line in result.found()]) == (1, [f'{rule}.offices["hq"]'])


@pytest.mark.parametrize("alias", ["aws-iam-*", "CKV_AWS_62"])
def test_a_policy_made_by_a_document_is_told_once_where_it_is_written(cli: Cli, alias: str) -> None:
    """Full rights in a document of Terraform behind `aws_iam_policy`: one finding, at the statement."""
    document = (
        'data "aws_iam_policy_document" "all" {\n  statement {\n    actions   = ["*"]\n'
        '    resources = ["*"]\n  }\n}\n\n'
        'resource "aws_iam_policy" "all" {\n  policy = data.aws_iam_policy_document.all.json\n}\n'
    )
    cli.write({"main.tf": document})
    result = cli.run("check", "--format", "json", "--select", alias)
    assert [line for line in result.found() if line[0] == "aws-iam-admin"] == [
        ("aws-iam-admin", "data.aws_iam_policy_document.all", "main.tf", 3)
    ]
    assert (result.status, len(result.findings)) == (1, 1)


def test_starting_up_loads_no_more_than_is_asked_for() -> None:
    """`--version` must not load parsers, policies or the renderer of terminals."""
    code = (
        "import sys; from readiness.cli.main import main; main(['--version']); "
        "heavy = {'yaml', 'lark', 'hcl2', 'jsonschema', 'rich', 'promql_parser', 'multiprocessing', 'sqlite3'}; "
        "print(sorted(heavy & set(sys.modules)), any(m.startswith('readiness.engine') for m in sys.modules))"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment())
    assert (done.stdout.splitlines()[1:], done.stderr) == (["[] False"], "")


def test_findings_fail_the_run_without_an_option(cli: Cli) -> None:
    """The plain command is a gate: nobody has to ask for an exit status."""
    cli.write({"main.tf": DATABASE.replace("true", "false")})
    assert cli.run("check").status == 1
    assert cli.run("check", "--exit-zero").status == 0


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("runbook", ["run-prom-runbook", "run-doc-sections", "run-doc-fresh", "run-link-resolves"]),
        ("on-call", ["alr-pagerduty-schedule", "alr-pagerduty-schedule-gap", "tf-change-oncall-removed"]),
        ("objective", ["slo-coverage", "slo-target", "slo-window", "slo-indicator"]),
        ("error budget", ["slo-burn-alert", "slo-burn-multiwindow", "slo-budget-policy"]),
    ],
)
def test_readiness_is_more_than_security(cli: Cli, word: str, ids: list[str]) -> None:
    """Runbooks, on-call, objectives and error budgets are things that policies know of."""
    listed = json.loads(cli.run("policies", "list", "--profile", "all", "--format", "json").out)
    assert set(ids) <= {policy["id"] for policy in listed}
    assert any(word in policy["title"].lower() for policy in listed if policy["id"] in ids)


@pytest.mark.slow
def test_thirty_thousand_lines_are_one_run(cli: Cli) -> None:
    """A large repository is read whole: every resource is counted, and nothing is left unread."""
    block = (
        'resource "aws_sqs_queue" "queue_{n}" {{\n  name                      = "queue-{n}"\n'
        "  message_retention_seconds = {seconds}\n  sqs_managed_sse_enabled   = {sse}\n\n  tags = {{\n"
        '    owner   = "team-{n}"\n    service = "service-{n}"\n  }}\n}}\n\n'
    )
    files = {}
    for folder in range(30):
        numbers = range(folder * 100, folder * 100 + 100)
        files[f"services/{folder}/main.tf"] = "".join(
            block.format(n=n, seconds=86400 + n, sse="false" if n % 100 == 7 else "true") for n in numbers
        )
    assert sum(text.count("\n") for text in files.values()) > 30_000
    cli.write(files)
    result = cli.run("check", "--format", "json")
    summary = result.report["summary"]
    assert (result.errors, summary["unread"], summary["files"]) == ([], 0, 30)
    assert summary["resources"] >= 3_000
    unencrypted = [line[1] for line in result.found() if line[0] == "aws-sqs-encryption"]
    assert unencrypted == [f"aws_sqs_queue.queue_{n * 100 + 7}" for n in sorted(range(30), key=str)]


# -- asked for, and shown by no other test --------------------------------------------


def test_every_policy_has_a_severity_without_an_account(cli: Cli) -> None:
    listed = json.loads(cli.run("policies", "list", "--profile", "all", "--format", "json").out)
    assert len(listed) > 1_000
    assert {policy["severity"] for policy in listed} == {"critical", "high", "medium", "low", "info"}


def test_what_many_hold_for_wrong_is_not_on_by_default(cli: Cli) -> None:
    """Limits on CPU are off unless somebody asks, and the page says why one may not want them."""
    listed = json.loads(cli.run("policies", "list", "--format", "json").out)
    assert "k8s-res-cpu-limit" not in {policy["id"] for policy in listed}
    page = cli.run("explain", "k8s-res-cpu-limit")
    assert page.status == 0
    assert "Where that matters more than bursts" in " ".join(page.out.split())


def test_no_connection_is_opened(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remote modules, bases, charts and registries are named; none of them is asked."""

    def refuse(*args: Any) -> None:
        raise AssertionError(f"a connection: {args}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    cli.write(
        {
            "main.tf": 'module "a" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.0.0"\n}\n'
            'module "b" {\n  source = "git::https://git.example.com/b.git?ref=v1"\n}\n',
            "base/kustomization.yaml": "resources: [https://example.com/base.yaml]\n",
            "chart/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n"
            "dependencies: [{name: b, version: 1.0.0, repository: https://charts.example.com}]\n",
            "deploy.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
            "spec: {containers: [{name: a, image: registry.example.com/a:1}]}\n",
        }
    )
    result = cli.run("check", "--format", "json", "--no-cache", "--jobs", "1")
    assert result.status == 1
    assert {line[0] for line in result.found()} >= {"k8s-probe-readiness"}
    told = {n["path"] for n in (*result.report["notices"], *result.report["errors"])}
    assert told == {"base/kustomization.yaml", "chart/Chart.yaml"}
    assert result.report["summary"]["resources"] >= 3


def test_dependencies_are_few_and_loosely_bounded() -> None:
    """Beside other tools in one environment there must be a version that suits all."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"]
    assert len(wanted) <= 10
    for requirement in wanted:
        assert ">=" in requirement and "==" not in requirement and "~=" not in requirement
    assert project["requires-python"] == ">=3.11"


def test_one_defect_is_one_finding_and_an_empty_report_has_the_same_shape(cli: Cli) -> None:
    """Forty instances of a block are one finding; a report without findings has every key of one with."""
    cli.write({"main.tf": BUCKET.replace("{\n", "{\n  count = 40\n", 1)})
    bad = cli.check(select=ENCRYPTED)
    (finding,) = bad.findings
    assert (finding["resource"]["address"], len(finding["instances"])) == ("demo_bucket.logs[0]", 39)
    cli.write({"main.tf": BUCKET.replace("false", "true")})
    good = cli.check(select=ENCRYPTED)
    assert (bad.status, good.status, good.findings) == (1, 0, [])
    assert _shape(good.report) == _shape(bad.report)


def _shape(report: dict[str, Any]) -> dict[str, Any]:
    return {key: sorted(value) if isinstance(value, dict) else type(value) for key, value in report.items()}


def test_a_waiver_for_ever_is_told(cli: Cli) -> None:
    """`9999-06-05` is no expiry: a policy bounds how long a waiver may last, by severity."""
    cli.write(
        {
            "main.tf": DATABASE.replace("true", "false"),
            "waivers.yaml": "waivers:\n  - policy: aws-db-encryption\n    resources: aws_db_instance.orders\n"
            "    reason: later\n    owner: us\n    approved_by: them\n    expires: 9999-06-05\n",
        }
    )
    args = ("check", "--format", "json", "--select", "aws-db-encryption,gov-waiver-*")
    result = cli.run(*args)
    assert (result.found(), result.found("waived")[0][0]) == (
        [("gov-waiver-term", "waiver.aws-db-encryption", "waivers.yaml", 7)],
        "aws-db-encryption",
    )
    # A platform makes it gate, and nobody below can take that back.
    cli.write(
        {
            "readiness.yaml": "extends: platform.yaml\n",
            "platform.yaml": "policies: {gov-waiver-term: {severity: high, locked: true}}\n",
        }
    )
    assert cli.run(*args).status == 1
    cli.write({"readiness.yaml": "extends: platform.yaml\nignore: [gov-waiver-term]\n"})
    result = cli.run(*args)
    assert (result.status, "'gov-waiver-term' is locked by platform.yaml:1" in result.err) == (2, True)
