"""Ignoring findings in place: what is meant is suppressed, counted and shown on request; nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"

ENCRYPTED = "demo-bucket-encrypted"
PROBE = "demo-workload-probe"
OTHER = 'resource "demo_bucket" "other" {\n  encrypted = false\n}\n'
FUTURE = "until 2999-12-31"
PAST = "until 2020-01-31"


def bucket(above: str = "", beside: str = "", above_attribute: str = "", attribute: str = "") -> str:
    """A bucket that is not encrypted, with comments, before one that is not ignored."""
    parts = [
        f"{above}\n" if above else "",
        f'resource "demo_bucket" "a" {{{" " if beside else ""}{beside}\n',
        '  name = "a"\n',
        f"  {above_attribute}\n" if above_attribute else "",
        f"  encrypted = false{' ' if attribute else ''}{attribute}\n}}\n\n",
        OTHER,
    ]
    return "".join(parts)


IGNORED: dict[str, tuple[str, str]] = {
    # what: text, reason
    "above the block": (bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public"), "public"),
    "above the block with //": (bucket(above=f"// readiness:ignore {ENCRYPTED} reason: public"), "public"),
    "above the block in /* */": (
        bucket(above=f"/* readiness:ignore {ENCRYPTED} reason: public */"),
        "public",
    ),
    "above more comments": (
        bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public\n# Assets.\n"),
        "public",
    ),
    "on the line of the block": (bucket(beside=f"# readiness:ignore {ENCRYPTED} reason: public"), "public"),
    "above the attribute": (
        bucket(above_attribute=f"# readiness:ignore {ENCRYPTED} reason: public"),
        "public",
    ),
    "on the line of the attribute": (
        bucket(attribute=f"# readiness:ignore {ENCRYPTED} reason: public"),
        "public",
    ),
    "until a day to come": (
        bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public, {FUTURE}"),
        "public",
    ),
    "several ids": (bucket(above=f"# readiness:ignore demo-other, {ENCRYPTED} reason: public"), "public"),
    "two comments": (
        bucket(above=f"# readiness:ignore demo-x reason: x\n# readiness:ignore {ENCRYPTED} reason: y"),
        "y",
    ),
    "control": (bucket(above="# readiness:ignore sec-enc-01 reason: public"), "public"),
    "peer's id": (bucket(above="# readiness:ignore CKV_DEMO_1 reason: public"), "public"),
    "no reason": (bucket(above=f"# readiness:ignore {ENCRYPTED}"), "no reason given"),
    "checkov": (bucket(above_attribute="# checkov:skip=CKV_DEMO_1:public"), "public"),
    "checkov beside": (bucket(beside="# checkov:skip=CKV_DEMO_1:public"), "public"),
    "trivy": (bucket(above="# trivy:ignore:AVD-DEMO-0001"), "no reason given"),
    "trivy short": (bucket(above="# trivy:ignore:DEMO-0001"), "no reason given"),
    "trivy on the attribute": (bucket(attribute="# trivy:ignore:AVD-DEMO-0001"), "no reason given"),
    "trivy with a day": (bucket(above="# trivy:ignore:AVD-DEMO-0001:exp:2999-01-01"), "no reason given"),
    "tfsec": (bucket(above="#tfsec:ignore:AVD-DEMO-0001"), "no reason given"),
    "CRLF": (bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public").replace("\n", "\r\n"), "public"),
}


@pytest.mark.parametrize("what", IGNORED)
def test_ignored_in_terraform(cli: Any, what: str) -> None:
    text, reason = IGNORED[what]
    cli.write({"a.tf": text})
    result = cli.check(select=ENCRYPTED)
    assert [finding[1] for finding in result.found("suppressed")] == ["demo_bucket.a"]
    assert [finding["reason"] for finding in result.findings if finding["status"] == "suppressed"] == [reason]
    # The same policy elsewhere is not hidden.
    assert [finding[1] for finding in result.found()] == ["demo_bucket.other"]
    assert result.report["summary"]["findings"]["suppressed"] == 1


NOT_IGNORED = {
    "until a day past": bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public, {PAST}"),
    "another policy": bucket(above="# readiness:ignore demo-bucket-versioned reason: public"),
    "another severity": bucket(above="# readiness:ignore high reason: public"),
    "part of an id": bucket(above="# readiness:ignore demo-bucket reason: public"),
    "trivy, expired": bucket(above="# trivy:ignore:AVD-DEMO-0001:exp:2020-01-01"),
    "another attribute": bucket().replace(
        'name = "a"', f'name = "a" # readiness:ignore {ENCRYPTED} reason: x'
    ),
    "inside a text": bucket().replace('name = "a"', f'name = "# readiness:ignore {ENCRYPTED} reason: x"'),
    "inside a heredoc": bucket().replace(
        '"a"\n', f"<<E\n# checkov:skip=CKV_DEMO_1:x\n# readiness:ignore {ENCRYPTED} reason: x\nE\n"
    ),
    "after the block": bucket()
    .replace("}\n\n", f"}}\n# readiness:ignore {ENCRYPTED} reason: x\n\n\n", 1)
    .replace(OTHER, "locals {\n}\n" + OTHER),
}


@pytest.mark.parametrize("what", NOT_IGNORED)
def test_not_ignored_in_terraform(cli: Any, what: str) -> None:
    cli.write({"a.tf": NOT_IGNORED[what]})
    result = cli.check(select=ENCRYPTED)
    assert sorted({finding[1] for finding in result.found()}) == ["demo_bucket.a", "demo_bucket.other"]
    assert result.found("suppressed") == []


def test_a_comment_above_one_rule_ignores_that_rule(cli: Any) -> None:
    rule = '  rule {{\n    name = "{}"\n    cidr = "0.0.0.0/0"\n  }}\n'
    comment = "  # readiness:ignore demo-rule-open reason: a public site\n"
    cli.write(
        {
            "a.tf": 'resource "demo_firewall" "a" {\n'
            + comment
            + rule.format("http")
            + rule.format("ssh")
            + "}\n"
        }
    )
    result = cli.check(select="demo-rule-open")
    assert [f["location"]["line"] for f in result.findings if f["status"] == "suppressed"] == [5]
    assert [f["location"]["line"] for f in result.findings if f["status"] == "fail"] == [9]


def test_unknowns_are_ignored_too(cli: Any) -> None:
    text = 'variable "on" {}\n# readiness:ignore demo-bucket-encrypted reason: later\nresource "demo_bucket" "a" {\n  encrypted = var.on\n}\n'
    cli.write({"a.tf": text})
    result = cli.check("--unknown", "fail", select=ENCRYPTED)
    assert (result.status, result.found("fail", "unknown")) == (0, [])
    assert len(result.found("suppressed")) == 1


DEPLOYMENT = """\
{top}apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
{metadata}spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
{container}        - name: web{beside}
          image: web:1
"""


def deployment(
    name: str = "a", top: str = "", metadata: str = "", container: str = "", beside: str = ""
) -> str:
    """A workload without a probe."""
    if metadata:
        metadata = f"  annotations:\n    {metadata}\n"
    return DEPLOYMENT.format(name=name, top=top, metadata=metadata, container=container, beside=beside)


IGNORED_YAML: dict[str, tuple[str, str]] = {
    "above the object": (deployment(top=f"# readiness:ignore {PROBE} reason: legacy\n"), "legacy"),
    "above the item": (
        deployment(container=f"        # readiness:ignore {PROBE} reason: legacy\n"),
        "legacy",
    ),
    "beside the item": (deployment(beside=f"  # readiness:ignore {PROBE} reason: legacy"), "legacy"),
    "annotation": (deployment(metadata=f"readiness.dev/ignore: '{PROBE} reason: legacy'"), "legacy"),
    "annotation, control": (deployment(metadata="readiness.dev/ignore: 'prb-01 reason: legacy'"), "legacy"),
    "annotation, day to come": (
        deployment(metadata=f"readiness.dev/ignore: '{PROBE} reason: legacy, {FUTURE}'"),
        "legacy",
    ),
    "checkov": (deployment(metadata="checkov.io/skip1: CKV_K8S_DEMO=legacy"), "legacy"),
    "checkov comment": (deployment(top="# checkov:skip=CKV_K8S_DEMO:legacy\n"), "legacy"),
    "kube-linter": (deployment(metadata="ignore-check.kube-linter.io/demo-no-probe: legacy"), "legacy"),
    "kube-score": (deployment(metadata="kube-score/ignore: other, demo-probes"), "no reason given"),
    "polaris": (
        deployment(metadata="polaris.fairwinds.com/demoProbeMissing-exempt: 'true'"),
        "no reason given",
    ),
    "polaris, all": (deployment(metadata="polaris.fairwinds.com/exempt: 'true'"), "no reason given"),
    "above a key around it": (
        deployment(metadata="x: y").replace(
            "spec:\n  sel", f"# readiness:ignore {PROBE} reason: legacy\nspec:\n  sel"
        ),
        "legacy",
    ),
    "kube-linter, all": (deployment(metadata="kube-linter.io/ignore-all: legacy"), "legacy"),
}


@pytest.mark.parametrize("what", IGNORED_YAML)
def test_ignored_in_yaml(cli: Any, what: str) -> None:
    text, reason = IGNORED_YAML[what]
    cli.write({"a.yaml": f"{text}---\n{deployment('other')}"})
    result = cli.check(select=PROBE)
    assert [finding[1] for finding in result.found("suppressed")] == ["Deployment/a"]
    assert [finding["reason"] for finding in result.findings if finding["status"] == "suppressed"] == [reason]
    assert [finding[1] for finding in result.found()] == ["Deployment/other"]


NOT_IGNORED_YAML = {
    "annotation, day past": deployment(metadata=f"readiness.dev/ignore: '{PROBE} reason: legacy, {PAST}'"),
    "annotation of another policy": deployment(metadata="readiness.dev/ignore: 'own-01 reason: legacy'"),
    "polaris, not exempt": deployment(metadata="polaris.fairwinds.com/demoProbeMissing-exempt: 'false'"),
    "name of another peer": deployment(metadata="kube-score/ignore: demoProbeMissing"),
    "above another key": deployment().replace(
        "  selector", f"  # readiness:ignore {PROBE} reason: legacy\n  selector"
    ),
    "comment in a text": deployment(metadata=f"note: '# readiness:ignore {PROBE} reason: x'"),
    "comment in a block text": deployment(metadata=f"note: |\n      # readiness:ignore {PROBE} reason: x"),
}


@pytest.mark.parametrize("what", NOT_IGNORED_YAML)
def test_not_ignored_in_yaml(cli: Any, what: str) -> None:
    cli.write({"a.yaml": NOT_IGNORED_YAML[what]})
    result = cli.check(select=PROBE)
    assert [finding[1] for finding in result.found()] == ["Deployment/a"]


def test_suppressed_findings_are_counted_and_shown_on_request(cli: Any) -> None:
    cli.write(
        {"a.tf": bucket(above=f"# readiness:ignore {ENCRYPTED} reason: public assets").replace(OTHER, "")}
    )
    own = ("--policies", str(OWN_POLICIES), "--select", ENCRYPTED)
    for format_ in ("text", "concise"):
        result = cli.run("check", "-f", format_, *own)
        assert result.status == 0
        assert "1 suppressed" in result.out
        assert "public assets" not in result.out
        shown = cli.run("check", "-f", format_, "--show-suppressed", *own)
        assert shown.status == 0
        assert ENCRYPTED in shown.out
        assert "public assets" in shown.out
