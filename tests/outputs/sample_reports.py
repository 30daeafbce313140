"""Hand-made reports that outputs are shown with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from msgspec.structs import replace

from readiness.engine.model import (
    Allowance,
    Comparison,
    Counts,
    Finding,
    Origin,
    PolicyMeta,
    Report,
    Subject,
)
from readiness.errors import SourceError
from readiness.outputs import RenderOptions
from readiness.values import Span

ACL = Span("infra/s3.tf", 3, 3, 3, 19)
OPTIONS = RenderOptions(width=80, version="1.2.3")

S3 = """\
resource "aws_s3_bucket" "logs" {
  bucket = "shop-logs"
  acl    = var.acl
}

resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
VARIABLES = """\
variable "acl" {
  type    = string
  default = "public-read"
}
"""
DEPLOY = """\
kind: Deployment
metadata:
\tname: "日本語-checkout"   # 決済
spec: {template: {spec: {containers: [{name: app, image: "shop/app:latest"}]}}}
"""


def finding(
    policy: str = "aws-s3-no-public-acl",
    severity: str = "high",
    status: str = "fail",
    span: Span = ACL,
    address: str = "aws_s3_bucket.logs",
    message: str = "aws_s3_bucket.logs is readable by everyone (acl is public-read)",
    **more: object,
) -> Finding:
    """A finding with realistic defaults."""
    values: dict[str, object] = {
        "title": "S3 buckets have no public ACL",
        "control": "sec-net-02",
        "aliases": ("CKV_AWS_20", "AVD-AWS-0092"),
        "remediation": 'Set `acl` to `private`.\n\n```hcl\nacl = "private"\n```\n',
        "fingerprint": f"{policy}-{address}-{status}",
        "references": ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",),
    }
    values.update(more)
    type_, _, name = address.rpartition(".")
    return Finding(
        policy=policy,
        severity=severity,
        status=status,
        subject=Subject(
            address, type_ or "Deployment", name, "billing" if type_ else None, 1 if type_ else None
        ),
        span=span,
        message=message,
        **values,  # type: ignore[arg-type]
    )


def full_report() -> Report:
    """Every status, an origin, instances, a region of several lines, wide text, both kinds of error."""
    group = "aws_security_group.web"
    findings = [
        finding(
            origins=(Origin("default of variable acl", Span("infra/variables.tf", 3, 13, 3, 26)),),
            instances=tuple(f"module.{name}.aws_s3_bucket.logs" for name in "bcdef"),
        ),
        finding(
            "aws-sg-no-open-ssh",
            "critical",
            span=Span("infra/s3.tf", 7, 3, 11, 4),
            address=group,
            message="aws_security_group.web lets the whole internet reach port 22 (SSH)",
            title="No security group opens SSH to the internet",
            remediation="Allow only the networks of your bastion hosts or use Session Manager, which needs no "
            "open port at all.",
            references=(),
        ),
        finding(
            "aws-sg-description",
            "low",
            status="unknown",
            span=Span("infra/s3.tf", 6, 1, 6, 36),
            address=group,
            message="cannot tell whether aws_security_group.web is described",
            reason="var.description has no default and no value",
        ),
        finding(
            "aws-tags-owner",
            "medium",
            status="suppressed",
            span=Span("infra/s3.tf", 6, 1, 6, 36),
            address=group,
            message="aws_security_group.web has no owner tag",
            reason="owned by the platform team, see the folder above",
        ),
        finding(
            "k8s-image-no-latest",
            "medium",
            span=Span("k8s/deploy.yaml", 4, 58, 4, 75),
            address="Deployment/checkout",
            message="container app uses the tag latest",
            remediation="",
            origins=(Origin("labels", Span("k8s/deploy.yaml", 3, 2, 3, 23)),),
        ),
        finding(
            "k8s-probes",
            "info",
            status="waived",
            span=Span("k8s/deploy.yaml", 1, 1, 1, 17),
            address="Deployment/checkout",
            message="container app has no readiness probe",
            reason="batch only, approved until 2027-01-31",
        ),
    ]
    errors = [
        SourceError("infra/broken.tf", 4, 7, "this block does not parse: expected `=` or `{`"),
        SourceError("infra/s3.tf", 2, 3, "policy aws-s3-logging crashed on aws_s3_bucket.logs", "internal"),
        SourceError("k8s/huge.yaml", 0, 0, "the file has 61 MB; at most 50 MB are read"),
    ]
    counts = Counts(
        files=12,
        unread=2,
        resources=80,
        policies=320,
        evaluated=1900,
        unknown=6,
        skipped=12,
        unknown_reasons=Counter(
            {
                "var.b has no value": 1,
                "var.a has no value": 1,
                "known after apply": 3,
                "var.z has no value": 1,
            }
        ),
    )
    policies = {
        item.policy: PolicyMeta(
            item.policy,
            item.title,
            item.severity,
            item.control,
            item.remediation,
            item.aliases,
            item.references,
            (item.subject.type,),
        )
        for item in findings
        if item.policy != "k8s-probes"
    }
    sources = {"infra/s3.tf": S3, "infra/variables.tf": VARIABLES, "k8s/deploy.yaml": DEPLOY}
    return Report(findings, errors, counts, policies, sources)


def compared_report() -> Report:
    """Against a base: new, worsened, unchanged, fixed and advisory findings, and all who let one pass."""
    report = full_report()
    acl, ssh, described, owner, latest, probes = report.findings
    moved = replace(acl, subject=replace(acl.subject, address="aws_s3_bucket.old"), fingerprint="gone")
    report.comparison = Comparison("origin/main", "0123456789abcdef0123456789abcdef01234567", [moved])
    ignore = Allowance("ignore", Span("infra/s3.tf", 5, 1, 5, 44), owner.reason, expires="2027-03-31")
    waiver = Allowance(
        "waiver",
        Span("waivers.yaml", 3, 3, 3, 20),
        probes.reason,
        owner="shop",
        ticket="OPS-12",
        approved_by="security",
        expires="2027-01-31",
    )
    entry = Allowance("baseline", Span("readiness-baseline.json", 0, 0, 0, 0))
    report.findings = [
        replace(acl, compared="unchanged"),
        replace(ssh, compared="new"),
        replace(described, compared="new"),
        replace(owner, compared="unchanged", allowance=ignore),
        replace(latest, compared="worsened", was="shop/app:1.4.2"),
        replace(latest, compared="new", policy="k8s-image-digest", advisory_until="2027-06-01"),
        replace(probes, compared="new", allowance=waiver),
        replace(probes, policy="k8s-limits", status="baselined", reason=None, allowance=entry),
    ]
    report.notices = [SourceError("charts/shop", 0, 0, "the chart was not rendered", "notice")]
    return report


def many_findings(number: int, policies: int) -> Report:
    """So many findings of so many policies, of every severity and a fifth of them unknown."""
    report = full_report()
    severities = ("critical", "high", "medium", "low", "info")
    first, *_ = report.findings
    report.findings = [
        replace(
            first,
            policy=f"policy-{index % policies:04}",
            severity=severities[index % policies % 5],
            status="unknown" if index % 5 == 4 else "fail",
            subject=replace(first.subject, address=f"aws_s3_bucket.logs[{index}]"),
            fingerprint=f"{index:024x}",
        )
        for index in range(number)
    ]
    report.policies = {}
    return report


def clean_report() -> Report:
    """A run without findings."""
    return Report([], [], Counts(files=3, resources=5, policies=80, evaluated=90, skipped=310))


def empty_report() -> Report:
    """A run that found nothing to check."""
    return Report([], [], Counts(files=2, policies=80))


def errors_report() -> Report:
    """A run without findings that could not read a file."""
    report = clean_report()
    report.errors.append(SourceError("a.tf", 1, 1, "not UTF-8: byte 0xff"))
    report.counts.unread = 1
    return report


REPORTS: dict[str, Callable[[], Report]] = {
    "full": full_report,
    "compared": compared_report,
    "clean": clean_report,
    "empty": empty_report,
    "errors": errors_report,
}
