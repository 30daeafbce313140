"""`readiness init`: whole outputs on small repositories, and that what it writes holds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from readiness import __version__
from readiness.onboarding import source

if TYPE_CHECKING:
    from conftest import Cli

HASH = "0123456789abcdef0123456789abcdef01234567"
HOSTED = f"https://github.com/acme/readiness@{HASH}"
ELSEWHERE = f"https://git.example.com/acme/readiness@{HASH}"
HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/readiness.yml"
BASELINE = "readiness-baseline.json"

QUEUE = """\
resource "aws_sqs_queue" "orders" {
  name = "orders"
  tags = { Squad = "shop", tier = "1", env = var.env }
}

variable "env" {}
"""
TERRAFORM = {
    ".git/config": '[remote "origin"]\n\turl = git@github.com:acme/shop.git\n',
    ".git/HEAD": "ref: refs/heads/trunk\n",
    ".github/CODEOWNERS": "/infra/ @acme/shop\n",
    "infra/main.tf": QUEUE,
    "infra/dev.tfvars": 'env = "dev"\n',
    "infra/prod.tfvars": 'env = "prod"\n',
}
CHART = {
    ".gitlab-ci.yml": "# The pipeline.\nstages: [build, deploy]\n\ndeploy:\n  stage: deploy\n  script: [./deploy]\n",
    "deploy/app.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: shop, labels: {app: shop}}\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
    "chart/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}
GATE = """\
# The gate: findings at or above this severity fail the run (critical, high, medium, low, info).
fail-on: high

# Which policies: default, security, readiness or all; `readiness policies list --profile NAME`.
profile: default

# What only apply knows is neither a pass nor a failure: ignore it, warn, or fail the run.
unknown: warn

# The service tier of what has no label, annotation or tag `tier`; 0 is the most critical.
"""
HEAD = """\
# Settings of readiness. `readiness config` shows what holds and where it comes from, and
# `readiness config --schema` prints the JSON Schema for editors.
"""
LOCAL_HOOK = r"""repos:
  - repo: local
    hooks:
      - id: readiness
        name: readiness
        description: Check what a commit touches, with the readiness that is installed.
        entry: readiness check --changed --allow-empty
        language: system
        require_serial: true
        files: '\.(tf|tofu|tfvars)(\.json)?$|\.(ya?ml|json|tpl|tftpl)$'
"""


@pytest.fixture(autouse=True)
def _not_installed_from_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tests' own readiness comes from must not matter."""
    monkeypatch.setattr(source, "_installed", lambda: None)


def text(cli: Cli, name: str) -> str:
    """A file of the repository."""
    return (cli.root / name).read_bytes().decode()


def tree(cli: Cli) -> dict[str, bytes]:
    """Every file of the repository."""
    return {p.relative_to(cli.root).as_posix(): p.read_bytes() for p in cli.root.rglob("*") if p.is_file()}


def skips(cli: Cli, *args: str) -> list[tuple[Any, ...]]:
    """The mapping report as (tool, id, line, outcome, policies, why)."""
    result = cli.run("init", "--dry-run", "--format", "json", *args)
    assert result.status == 0
    return [
        (s["tool"], s["id"], s["line"], s["outcome"], s["policies"], s["why"])
        for s in json.loads(result.out)["skips"]
    ]


def test_an_empty_repository(cli: Cli) -> None:
    result = cli.run("init")
    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "found\n"
        "  nothing  that readiness checks yet\n"
        "\n"
        "files\n"
        "  create  readiness.yaml           settings\n"
        "  create  .pre-commit-config.yaml  the hook\n"
        "\n"
        "to do\n"
        "  * no CI was found: run `readiness check` there, or name another with --ci github|gitlab\n"
    )
    found = "# Found when this was written: nothing that readiness checks yet.\n\n"
    assert text(cli, "readiness.yaml") == HEAD + found + GATE + "tier: 1\n"
    assert text(cli, HOOKS) == LOCAL_HOOK
    assert sorted(tree(cli)) == [HOOKS, "readiness.yaml"]
    assert cli.run("check", "--allow-empty").status == 0


def test_terraform_on_github(cli: Cli) -> None:
    cli.write(TERRAFORM)
    result = cli.run("init", "--source", HOSTED, "--baseline")
    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "found\n"
        "  Terraform     1 root, 1 resource\n"
        "  environments  dev, prod\n"
        "  owner         tag Squad (1)\n"
        "  tier          tag tier (1)\n"
        "  environment   tag env (1)\n"
        "  owners        .github/CODEOWNERS\n"
        "\n"
        "files\n"
        "  create  readiness.yaml                   settings\n"
        "  create  .pre-commit-config.yaml          the hook\n"
        "  create  .github/workflows/readiness.yml  the CI job\n"
        "  record  readiness-baseline.json          the findings of today\n"
        "\n"
        "to do\n"
        "  * .github/CODEOWNERS: readiness.yaml has no owner, so anybody may silence the gate\n"
        "\n"
        f"readiness-baseline.json: {len(json.loads(text(cli, BASELINE))['findings'])} findings recorded\n"
    )
    assert text(cli, "readiness.yaml") == (
        "# yaml-language-server: $schema=https://raw.githubusercontent.com/acme/readiness/"
        f"{HASH}/src/readiness/config/settings.schema.json\n{HEAD}"
        "# Found when this was written: 1 Terraform root, 1 Terraform resource.\n\n"
        f"{GATE}# Resources that name theirs: 1 of 1.\ntier: 1\n\n"
        "# Findings that were there before: only new ones gate, and what is fixed is taken out by\n"
        "# `readiness baseline update --prune-only`.\n"
        "baseline: readiness-baseline.json\n\n"
        "# Environments found: dev, prod. One that may be less ready than others:\n"
        "# overrides:\n"
        "#   - environments: [dev]\n"
        "#     fail-on: critical\n"
    )
    assert text(cli, HOOKS) == (
        "repos:\n"
        "  - repo: https://github.com/acme/readiness\n"
        f"    rev: {HASH}\n"
        "    hooks:\n"
        "      - id: readiness\n"
    )
    assert text(cli, WORKFLOW) == (
        "# Fails when something is not production-ready: readiness.yaml says from which severity on.\n"
        "name: readiness\n"
        "on:\n"
        "  pull_request:\n"
        "  push:\n"
        "    branches: [trunk]\n"
        "permissions:\n"
        "  contents: read\n"
        "jobs:\n"
        "  readiness:\n"
        "    runs-on: ubuntu-latest\n"
        "    timeout-minutes: 15\n"
        "    steps:\n"
        "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1\n"
        "        with:\n"
        "          # With the history, pull requests are held against their base: what is new or worse gates.\n"
        "          fetch-depth: 0\n"
        "          persist-credentials: false\n"
        f"      - uses: acme/readiness@{HASH}\n"
    )
    # What was there is in the baseline, and what comes is not.
    assert cli.run("check", "--fail-on", "info").status == 0
    cli.write({"infra/new.tf": QUEUE.split("\n\n")[0].replace("orders", "returns")})
    assert cli.run("check", "--fail-on", "info").status == 1


def test_kubernetes_on_gitlab(cli: Cli) -> None:
    cli.write(CHART)
    result = cli.run("init", "--source", ELSEWHERE)
    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "found\n"
        "  Kubernetes  2 objects\n"
        "  Helm        1 chart\n"
        "  service     label app (1)\n"
        "  CI          GitLab\n"
        "\n"
        "files\n"
        "  create  readiness.yaml           settings\n"
        "  create  .pre-commit-config.yaml  the hook\n"
        "  extend  .gitlab-ci.yml           the CI job\n"
        "\n"
        "to do\n"
        "  * where there are findings already: `readiness init --baseline`, so that only new ones gate\n"
    )
    assert text(cli, HOOKS).endswith(
        "      - id: readiness\n        additional_dependencies: [helm-python-sdk]  # renders Helm charts\n"
    )
    pipeline = text(cli, ".gitlab-ci.yml")
    assert pipeline.startswith(CHART[".gitlab-ci.yml"] + "\n# Fails when something is not production-ready: ")
    job = yaml.safe_load(pipeline)["readiness"]
    assert (job["stage"], job["variables"]) == (
        ".pre",
        {
            "GIT_DEPTH": "0",
            "READINESS": f"readiness[helm] @ git+https://git.example.com/acme/readiness@{HASH}",
        },
    )
    assert job["script"][1] == '/tmp/readiness/bin/pip install --quiet "$READINESS"'
    assert "# Put the address" not in pipeline
    assert "# kubernetes-version: 1.33\n" in text(cli, "readiness.yaml")


def test_a_second_run_changes_nothing(cli: Cli) -> None:
    cli.write({**TERRAFORM, **PEERS})
    args = ("--source", ELSEWHERE, "--baseline", "--rewrite")
    assert cli.run("init", *args).status == 0
    before = tree(cli)
    result = cli.run("init", *args)
    assert (result.status, tree(cli)) == (0, before)
    files = result.out.split("\nfiles\n")[1].split("\n\n")[0]
    assert files == (
        "  keep  readiness.yaml                   settings are there\n"
        "  keep  .pre-commit-config.yaml          the hook is there\n"
        "  keep  .github/workflows/readiness.yml  it runs readiness\n"
        "  keep  readiness-baseline.json          a baseline is there"
    )
    assert cli.run("check").status == 0


def test_a_dry_run_writes_nothing_and_its_diff_applies(cli: Cli) -> None:
    cli.write({**TERRAFORM, **PEERS, HOOKS: "repos:\n- repo: a  # one\n"})
    before = tree(cli)
    result = cli.run("init", "--dry-run", "--rewrite", "--baseline")
    assert (result.status, tree(cli)) == (0, before)
    assert "\nwould write\n  create   readiness.yaml " in result.out
    diff = "--- " + result.out.partition("\n--- ")[2]
    assert (
        f"--- a/{HOOKS}\n+++ b/{HOOKS}\n@@ -1,2 +1,11 @@\n repos:\n - repo: a  # one\n+- repo: local\n"
        in diff
    )
    assert "--- /dev/null\n+++ b/waivers.yaml\n" in diff
    report = json.loads(cli.run("init", "--dry-run", "--rewrite", "--baseline", "--format", "json").out)
    assert report["diff"] == diff
    assert report["baseline"] == {"path": BASELINE, "findings": None, "locked": None}
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=cli.root, check=True)
    applied = tree(cli)
    assert cli.run("init", "--rewrite", "--baseline").status == 0
    assert tree(cli) == applied | {BASELINE: (cli.root / BASELINE).read_bytes()}


def test_settings_that_are_there(cli: Cli) -> None:
    own = "fail-on: medium  # ours\npolicies:\n  aws-sqs-dead-letter: {ignore: true}\n\n# The end.\nunknown: fail\n"
    cli.write({**TERRAFORM, "readiness.yaml": own, ".checkov.yaml": "skip-check: [CKV_AWS_18, CKV_AWS_21]\n"})
    result = cli.run("init", "--no-hook", "--ci", "none", "--baseline")
    assert (result.status, result.err) == (0, "")
    assert "  extend  readiness.yaml           the baseline and what other tools leave out\n" in result.out
    assert text(cli, "readiness.yaml") == (
        "fail-on: medium  # ours\npolicies:\n  aws-sqs-dead-letter: {ignore: true}\n"
        "  # CKV_AWS_18 in .checkov.yaml:1\n  aws-s3-access-logging: {ignore: true}\n"
        "  # CKV_AWS_21 in .checkov.yaml:1\n  aws-s3-versioning: {ignore: true}\n"
        "\n# The end.\nunknown: fail\n\nbaseline: readiness-baseline.json\n"
    )
    assert cli.run("init", "--no-hook", "--ci", "none", "--force", "--no-migrate").status == 0
    assert text(cli, "readiness.yaml").startswith(HEAD)


def test_settings_that_cannot_be_added_to(cli: Cli) -> None:
    table = "[tool.readiness]\nfail-on = 'low'\n"
    cli.write(
        {
            "pyproject.toml": table,
            ".checkov.yaml": "skip-check: [CKV_AWS_18]\n",
            "a/.checkov.yaml": "skip-check: CKV_AWS_21\n",
        }
    )
    result = cli.run("init", "--baseline")
    assert (result.status, result.err) == (0, "")
    assert (
        "\npyproject.toml: put this into your settings:\n"
        "    baseline: readiness-baseline.json\n"
        "\n"
        "    policies:\n"
        "      # CKV_AWS_18 in .checkov.yaml:1\n"
        "      aws-s3-access-logging: {ignore: true}\n"
        "\n"
        "    overrides:\n"
        '      - paths: ["a/**"]\n'
        "        policies:\n"
        "          # CKV_AWS_21 in a/.checkov.yaml:1\n"
        "          aws-s3-versioning: {ignore: true}\n"
    ) in result.out
    assert "aws-s3-versioning; once it is there\n" in result.out
    assert text(cli, "pyproject.toml") == table
    assert (
        "      entry: readiness check --changed --allow-empty --baseline readiness-baseline.json\n"
        in text(cli, HOOKS)
    )


def test_settings_that_others_share(cli: Cli) -> None:
    cli.write(
        {
            "platform.yaml": "locked: [fail-on]\nfail-on: medium\npolicies: {aws-s3-versioning: {locked: true}}\n"
        }
    )
    result = cli.run("init", "--extends", "platform.yaml", "--no-hook", "--ci", "none")
    assert (result.status, result.err) == (0, "")
    assert text(cli, "readiness.yaml") == (
        f"{HEAD}# Found when this was written: nothing that readiness checks yet.\n\n"
        "# Settings that others share; what is said here wins, but for what they lock.\n"
        "extends: [platform.yaml]\n"
    )
    assert "fail-on" in cli.run("config").out
    for name, message in (
        ("missing.yaml", "--extends: 'missing.yaml' is no file of the repository"),
        ("../platform.yaml", "--extends: '../platform.yaml' is no file of the repository"),
        ("package:msgspec", "--extends: the package 'package:msgspec' has no readiness.yaml"),
        ("package:no_such_package", "the Python package 'no_such_package' is not installed"),
    ):
        result = cli.run("init", "--extends", name)
        assert (result.status, result.out) == (2, "")
        assert message in result.err
    # A skip of what is locked cannot be taken over: the file is there, and the next step is said.
    cli.write({".checkov.yaml": "skip-check: [CKV_AWS_21]\n"})
    result = cli.run("init", "--extends", "platform.yaml", "--no-hook", "--ci", "none", "--force")
    assert result.status == 2
    assert result.err == (
        "error: readiness.yaml:10:31: policies.aws-s3-versioning.ignore: 'aws-s3-versioning' is locked by"
        " platform.yaml:3\n"
    )


PEERS = {
    ".checkov.yaml": "skip-check:\n  - CKV_AWS_18\n  - CKV_AWS_999\nskip-path: [examples]\n",
    "team/.checkov.yaml": "skip-check: [CKV_AWS_21]\n",
    ".trivyignore": "# of the CDN\nAVD-AWS-0089 exp:2999-01-31\nAVD-AWS-0090 exp:2020-01-31\nCVE-2020-1\n",
    ".trivyignore.yaml": "misconfigurations:\n  - {id: AVD-AWS-0086, paths: [site/], statement: public}\n",
    ".tfsec/config.yml": "exclude: [AVD-AWS-0088, aws-s3-enable-versioning]\n",
    ".tflint.hcl": 'rule "x" {\n  enabled = false\n}\n',
    ".kube-linter.yaml": "checks: {exclude: [no-liveness-probe]}\n",
    "polaris.yaml": "checks: {livenessProbeMissing: ignore}\nexemptions:\n"
    "  - {namespace: shop, controllerNames: [web], rules: [readinessProbeMissing]}\n",
    "kics.config": "exclude-queries: [a227ec01]\n",
    "site/main.tf": 'resource "aws_s3_bucket" "site" { # checkov:skip=CKV_AWS_21: public\n  bucket = "site"\n}\n',
}


def test_what_other_tools_leave_out(cli: Cli) -> None:
    cli.write(PEERS)
    unknown, place = "no policy has it as an alias", "say it in .gitignore, or waive with `paths`"
    assert skips(cli) == [
        ("Checkov", "CKV_AWS_18", 2, "ignored", ["aws-s3-access-logging"], None),
        ("Checkov", "CKV_AWS_999", 3, "unknown", [], unknown),
        ("Checkov", "skip-path: examples", 4, "left", [], place),
        ("kube-linter", "kube-linter:no-liveness-probe", 1, "ignored", ["k8s-probe-liveness"], None),
        ("TFLint", "x", 1, "unknown", [], "no policy has an id of TFLint as its alias"),
        ("tfsec", "AVD-AWS-0088", 1, "ignored", ["aws-s3-encryption"], None),
        ("tfsec", "aws-s3-enable-versioning", 1, "unknown", [], unknown),
        ("Trivy", "AVD-AWS-0089", 2, "waived", ["aws-s3-access-logging"], "until 2999-01-31"),
        ("Trivy", "AVD-AWS-0090", 3, "expired", ["aws-s3-versioning"], "its last day was 2020-01-31"),
        (
            "Trivy",
            "CVE-2020-1",
            4,
            "left",
            [],
            "it is about vulnerabilities, secrets or licences, not about configuration",
        ),
        ("Trivy", "AVD-AWS-0086", 2, "waived", ["aws-s3-block-public-acls"], None),
        ("KICS", "a227ec01", 1, "unknown", [], "no policy has an id of KICS as its alias"),
        ("Polaris", "polaris:livenessProbeMissing", 1, "ignored", ["k8s-probe-liveness"], None),
        ("Polaris", "polaris:readinessProbeMissing", 3, "waived", ["k8s-probe-readiness"], None),
        ("Checkov", "CKV_AWS_21", 1, "ignored", ["aws-s3-versioning"], None),
        ("Checkov", "CKV_AWS_21", 1, "honoured", ["aws-s3-versioning"], None),
    ]
    assert cli.run("init", "--rewrite", "--no-hook", "--ci", "none").status == 0
    assert text(cli, "readiness.yaml").partition("tier: 1\n")[2] == (
        "\npolicies:\n"
        "  # CKV_AWS_18 in .checkov.yaml:2\n"
        "  aws-s3-access-logging: {ignore: true}\n"
        "  # AVD-AWS-0088 in .tfsec/config.yml:1\n"
        "  aws-s3-encryption: {ignore: true}\n"
        "  # kube-linter:no-liveness-probe in .kube-linter.yaml:1\n"
        "  # polaris:livenessProbeMissing in polaris.yaml:1\n"
        "  k8s-probe-liveness: {ignore: true}\n"
        "\n"
        "overrides:\n"
        '  - paths: ["team/**"]\n'
        "    policies:\n"
        "      # CKV_AWS_21 in team/.checkov.yaml:1\n"
        "      aws-s3-versioning: {ignore: true}\n"
    )
    assert text(cli, "waivers.yaml").partition("waivers:\n")[2] == (
        "  # AVD-AWS-0089 in .trivyignore:2\n"
        "  - policy: aws-s3-access-logging\n"
        '    resources: "*"\n'
        '    reason: "of the CDN"\n'
        '    expires: "2999-01-31"\n'
        "\n"
        "  # AVD-AWS-0086 in .trivyignore.yaml:2\n"
        "  - policy: aws-s3-block-public-acls\n"
        "    paths: site\n"
        "    reason: public\n"
        "\n"
        "  # polaris:readinessProbeMissing in polaris.yaml:3\n"
        "  - policy: k8s-probe-readiness\n"
        '    resources: "*/shop/web*"\n'
    )
    assert text(cli, "site/main.tf") == (
        "# readiness:ignore aws-s3-versioning reason: public\n"
        'resource "aws_s3_bucket" "site" {\n  bucket = "site"\n}\n'
    )
    result = cli.run("check", "--format", "json")
    assert result.errors == []
    let = {f["policy"]: f["status"] for f in result.findings if f["status"] in ("waived", "suppressed")}
    assert let["aws-s3-versioning"] == "suppressed"
    assert result.found("fail") == [f for f in result.found("fail") if f[0] not in ("aws-s3-access-logging",)]


def test_the_report_of_skips_for_people(cli: Cli) -> None:
    cli.write({name: PEERS[name] for name in (".trivyignore", "kics.config", "site/main.tf")})
    report = (
        cli.run("init", "--no-hook").out.partition("what other tools leave out\n")[2].partition("\n\n")[0]
    )
    assert report == (
        "  Trivy    AVD-AWS-0089  .trivyignore:2  waived in waivers.yaml  aws-s3-access-logging; until 2999-01-31\n"
        "  Trivy    AVD-AWS-0090  .trivyignore:3  expired                 aws-s3-versioning; its last day was 2020-01-31\n"
        "  Trivy    CVE-2020-1    .trivyignore:4  not taken over          it is about vulnerabilities, secrets or"
        " licences, not about configuration\n"
        "  KICS     a227ec01      kics.config:1   not known               no policy has an id of KICS as its alias\n"
        "  Checkov  CKV_AWS_21    site/main.tf:1  honoured as it is       aws-s3-versioning"
    )


def test_nothing_is_migrated_where_nobody_wants_it(cli: Cli) -> None:
    cli.write(PEERS)
    assert skips(cli, "--no-migrate") == []
    assert cli.run("init", "--no-migrate").status == 0
    assert not (cli.root / "waivers.yaml").exists()


def test_who_owns_everything_owns_waivers(cli: Cli) -> None:
    cli.write({".trivyignore": "AVD-AWS-0089 exp:2999-01-31\n", "CODEOWNERS": "* @acme/platform # all\n"})
    result = cli.run("init", "--no-hook", "--ci", "none")
    assert '    owner: "@acme/platform"\n' in text(cli, "waivers.yaml")
    assert "waivers.yaml: some waivers have no reason yet, which policies ask for\n" in result.out
    assert "has no owner" not in result.out


def test_releases_of_clusters(cli: Cli) -> None:
    cluster = 'resource "aws_eks_cluster" "{}" {{\n  name = "a"\n  version = "{}"\n}}\n'
    manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {acme.io/squad: b, env: prod}}\n"
    cli.write({"main.tf": cluster.format("a", "1.33"), "a.yaml": manifest})
    assert cli.run("init", "--no-hook").status == 0
    written = text(cli, "readiness.yaml")
    assert (
        "# The release that manifests are for: that of aws_eks_cluster.a (main.tf:1).\nkubernetes-version: 1.33\n"
    ) in written
    assert (
        "  # squad: what this repository calls it.\n  own-namespace:\n    params:\n      owner_keys: ["
        in written
    )
    assert yaml.safe_load(written)["policies"]["own-namespace"]["params"]["owner_keys"][-1] == "squad"
    cli.write({"b.tf": cluster.format("b", "1.32")})
    assert cli.run("init", "--no-hook", "--force").status == 0
    assert "# Clusters here run 1.32, 1.33.\n# kubernetes-version: 1.33\n" in text(cli, "readiness.yaml")


def test_where_the_address_is_not_known(cli: Cli) -> None:
    result = cli.run("init", "--ci", "github")
    assert (
        "  * .github/workflows/readiness.yml: put the address of the repository of readiness in place of"
        " https://git.example.com/platform/readiness\n"
    ) in result.out
    workflow = text(cli, WORKFLOW)
    assert (
        "          # Put the address of the repository of readiness here, and a full commit hash behind the last @.\n"
        f'          READINESS: "readiness @ git+https://git.example.com/platform/readiness@v{__version__}"\n'
    ) in workflow
    steps = yaml.safe_load(workflow)["jobs"]["readiness"]["steps"]
    assert "${{" not in "".join(step.get("run", "") for step in steps)


def ran(cli: Cli, tmp_path: Path, script: str, **variables: str) -> str:
    """What a script of a CI job calls readiness with; git and readiness only say what they are called with."""
    for name, body in (("bin/readiness", 'echo "$@"'), ("path/git", '[ "$1" != rev-parse ] || echo abc')):
        program = tmp_path / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    script = script.replace("/tmp/readiness/bin", f"{tmp_path}/bin").replace(
        "$RUNNER_TEMP/readiness/bin", f"{tmp_path}/bin"
    )
    environment = {"PATH": f"{tmp_path}/path:/usr/bin:/bin", **variables}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment,
        cwd=cli.root,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def test_what_the_jobs_run(cli: Cli, tmp_path: Path) -> None:
    assert cli.run("init", "--ci", "github").status == 0
    script = yaml.safe_load(text(cli, WORKFLOW))["jobs"]["readiness"]["steps"][2]["run"]
    known = {"GITHUB_REPOSITORY": "acme/shop"}
    assert ran(cli, tmp_path, script, BASE="", FROM="", **known) == "check --format github"
    own = "check --format github --diff-base abc"
    assert ran(cli, tmp_path, script, BASE="abc", FROM="acme/shop", **known) == own
    assert ran(cli, tmp_path, script, BASE="abc", FROM="x/shop", **known) == f"{own} --trust-base abc"

    (cli.root / WORKFLOW).unlink()
    assert cli.run("init", "--ci", "gitlab").status == 0
    script = yaml.safe_load(text(cli, ".gitlab-ci.yml"))["readiness"]["script"][2]
    reports = "check --report gitlab=gl-code-quality-report.json --report junit=readiness.xml"
    assert ran(cli, tmp_path, script) == reports
    request = {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_PROJECT_ID": "1"}
    own = f"{reports} --diff-base abc"
    assert ran(cli, tmp_path, script, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="1", **request) == own
    other = ran(cli, tmp_path, script, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="2", **request)
    assert other == f"{own} --trust-base abc"


def test_a_job_or_hook_that_is_there_is_kept(cli: Cli) -> None:
    cli.write(
        {
            ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n    - run: readiness check\n",
            HOOKS: "repos: [{repo: x, hooks: [{id: readiness-all}]}]\n",
        }
    )
    before = tree(cli)
    result = cli.run("init")
    assert "  keep    .github/workflows/ci.yml  it runs readiness\n" in result.out
    assert "  keep    .pre-commit-config.yaml   the hook is there\n" in result.out
    assert {name: data for name, data in tree(cli).items() if name != "readiness.yaml"} == before


def test_files_in_another_style_get_a_snippet(cli: Cli) -> None:
    files = {HOOKS: "repos: [{repo: x, hooks: []}]\n", ".gitlab-ci.yml": "{deploy: {script: [x]}}\n"}
    cli.write({**files, "waivers.yaml": "waivers: []\n", ".trivyignore": "AVD-AWS-0089 exp:2999-01-31\n"})
    result = cli.run("init")
    assert result.status == 0
    assert ".pre-commit-config.yaml: put this into `repos`:\n    - repo: local\n      hooks:\n" in result.out
    assert ".gitlab-ci.yml: put this job there:\n    # Fails when" in result.out
    assert "waivers.yaml: put 1 waiver there:\n" in result.out
    assert {name: text(cli, name) for name in files} == files


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("missing",), "'missing' is no folder"),
        (("infra",), "'infra' is part of the repository"),
        (("--ci", "githup"), "'githup' is not a choice; did you mean 'github'?"),
        (("--source", "readiness"), "--source: 'readiness' is not the address of a git repository"),
        (("--source", "https://token@x.org/a"), "a user or password does not belong into files"),
    ],
)
def test_wrong_usage(cli: Cli, args: tuple[str, ...], message: str) -> None:
    cli.write(TERRAFORM)
    before = tree(cli)
    result = cli.run("init", *args)
    assert (result.status, result.out, tree(cli)) == (2, "", before)
    assert message in result.err


def test_another_folder(cli: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    (other / "main.tf").write_text(QUEUE)
    result = cli.run("init", str(other), "--baseline")
    assert (result.status, result.err) == (0, "")
    assert sorted(path.name for path in other.iterdir()) == [
        ".git",
        HOOKS,
        "main.tf",
        BASELINE,
        "readiness.yaml",
    ]
    assert '"path": "main.tf"' in (other / BASELINE).read_text()
    assert tree(cli) == {}


def test_broken_files(cli: Cli) -> None:
    cli.write({"readiness.yaml": "fail-on: hihg\n"})
    result = cli.run("init")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: readiness.yaml:1:10: fail-on: 'hihg' is not one of")
    cli.write({"readiness.yaml": "{}\n", HOOKS: b"repos:\n- \xff\n"})
    result = cli.run("init")
    assert (result.status, result.err) == (2, "error: .pre-commit-config.yaml: the file is not UTF-8\n")
    cli.write({HOOKS: "repos: [\n", "main.tf": "resource {\n", ".checkov.yaml": "a: [\n"})
    result = cli.run("init", "--baseline")
    assert result.status == 3
    notes = [line.partition(": it")[0] for line in result.err.splitlines()]
    assert notes[0].startswith("note: .checkov.yaml:2")
    assert any(line.startswith("note: main.tf:1: ") for line in result.err.splitlines())


def test_links_and_folders_in_the_way(cli: Cli, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (cli.root / ".github").symlink_to(outside)
    result = cli.run("init", "--ci", "github")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: .github/workflows/readiness.yml: its folder leads out of the repository, so nothing is written\n"
    )
    (cli.root / BASELINE).symlink_to(outside / "b.json")
    result = cli.run("init", "--baseline")
    assert result.err == "error: readiness-baseline.json: it is a symbolic link, which is not written to\n"
    (cli.root / BASELINE).unlink()
    (cli.root / HOOKS).mkdir()
    result = cli.run("init")
    assert result.err == (
        "error: .pre-commit-config.yaml: something of that name is there that cannot be read as a text\n"
    )
    assert sorted(path.name for path in cli.root.iterdir()) == [".github", HOOKS]
    assert list(outside.iterdir()) == []


def test_a_tree_that_cannot_be_written(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(TERRAFORM)
    before = tree(cli)
    # Root may write anywhere, whatever the permissions are.
    monkeypatch.setattr("readiness.onboarding.write.os.access", lambda *_: False)
    result = cli.run("init")
    assert (result.status, result.out, tree(cli)) == (2, "", before)
    assert result.err == "error: readiness.yaml: its folder cannot be written to: permission denied\n"


def test_hostile_texts_are_quoted(cli: Cli) -> None:
    evil = 'x" }\u202e\u0085- policy: "*"'
    entry = {"id": "AVD-AWS-0089", "paths": ['a" b: [', "*"], "statement": evil, "expired_at": "2999-01-01"}
    cli.write(
        {
            ".trivyignore.yaml": json.dumps({"misconfigurations": [entry]}),
            "a\u202e/.checkov.yaml": "skip-check: [CKV_AWS_21]\n",
        }
    )
    result = cli.run("init", "--no-hook")
    assert result.status == 0
    assert "\u202e" not in result.out
    read = yaml.safe_load(text(cli, "waivers.yaml"))
    assert read["waivers"][0]["reason"] == 'x" } - policy: "*"'
    assert read["waivers"][0]["paths"] == ['a" b: [', "*"]
    settings = yaml.safe_load(text(cli, "readiness.yaml"))
    assert settings["overrides"][0]["paths"] == ["a\u202e/**"]
    assert cli.run("config").status == 0


def test_a_baseline_that_settings_name(cli: Cli) -> None:
    commented = 'resource "aws_s3_bucket" "a" {}  # trivy:ignore:AVD-AWS-0090\n'
    cli.write({"readiness.yaml": "baseline: ci/base.json\n", "ci/x": "", "main.tf": commented})
    result = cli.run("init", "--baseline", "--rewrite", "--no-hook")
    assert (result.status, result.err) == (0, "")
    assert "  record   ci/base.json    the findings of today\n" in result.out
    assert "# readiness:ignore aws-s3-versioning\n" in text(cli, "main.tf")
    assert '"path": "../main.tf"' in text(cli, "ci/base.json")
    assert cli.run("check", "--fail-on", "low").status == 0


def test_what_a_baseline_cannot_let_pass(cli: Cli) -> None:
    cli.write(
        {"readiness.yaml": "fail-on: medium\npolicies: {aws-sqs-dead-letter: {locked: true}}\n", **TERRAFORM}
    )
    result = cli.run("init", "--baseline", "--no-hook", "--ci", "none")
    assert (result.status, result.err) == (0, "")
    assert result.out.endswith(
        " findings recorded; 1 of them fails the gate all the same: locked policies have no baseline\n"
    )
    assert cli.run("check").status == 1


def test_a_file_with_a_byte_order_mark_is_not_rewritten(cli: Cli) -> None:
    commented = '# trivy:ignore:AVD-AWS-0090\nresource "aws_s3_bucket" "{}" {{}}\n'
    cli.write({"a.tf": "\ufeff" + commented.format("a"), "b.tf": commented.format("b")})
    assert cli.run("init", "--rewrite", "--no-hook").status == 0
    assert text(cli, "a.tf") == "\ufeff" + commented.format("a")
    assert text(cli, "b.tf").startswith("# readiness:ignore aws-s3-versioning\n")
