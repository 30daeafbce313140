"""Comments for other tools in our form: where they are written, what stays, and what is taken back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest

from readiness.engine.model import Counts, Finding, Report, Subject
from readiness.estate.build import from_texts
from readiness.onboarding.names import Aliases
from readiness.onboarding.rewrite import Rewriting, rewrite
from readiness.policy.model import Policy
from readiness.values import Span

TODAY = datetime.date(2026, 11, 21)


def policy(id_: str, *aliases: str) -> Policy:
    return Policy(
        id=id_,
        title=id_,
        control="own-01",
        severity="high",
        resources=("aws_s3_bucket",),
        assert_="true",
        message="m",
        remediation="r",
        path=f"{id_}.yaml",
        aliases=aliases,
    )


ALIASES = Aliases(
    [
        policy("s3-versioning", "CKV_AWS_21", "AVD-AWS-0090"),
        policy("s3-logging", "CKV_AWS_18", "AVD-AWS-0089"),
    ]
)


def always(_texts: Mapping[str, str]) -> Report:
    """A report in which nothing ever differs."""
    return Report([], [], Counts())


def rewritten(text: str, name: str = "main.tf") -> str:
    """A text after rewriting, the same where nothing is."""
    return rewrite(from_texts({name: text}), ALIASES, always, TODAY).texts.get(name, text)


LINES = [
    ("# trivy:ignore:AVD-AWS-0090", "# readiness:ignore s3-versioning"),
    (
        "//trivy:ignore:AWS-0090,AVD-AWS-0089 of the CDN",
        "// readiness:ignore s3-logging, s3-versioning reason: of the CDN",
    ),
    ("# tfsec:ignore:avd-aws-0090:exp:2027-01-31", "# readiness:ignore s3-versioning, until 2027-01-31"),
    (
        "# trivy:ignore:AVD-AWS-0090:exp:2027-01-31 why not",
        "# readiness:ignore s3-versioning reason: why not, until 2027-01-31",
    ),
    ('#checkov:skip=CKV_AWS_21:"of the CDN"', "# readiness:ignore s3-versioning reason: of the CDN"),
    ("# trivy:ignore:AVD-AWS-0090:exp:2026-11-20", None),  # over
    ("# trivy:ignore:AVD-AWS-0001", None),  # not known
    ("# trivy:ignore:AVD-AWS-0090,AVD-AWS-0001", None),  # known in part
    ("# trivy:ignore:AVD-AWS-0090 trivy:ignore:AVD-AWS-0089", None),  # two
    ("# RISK-1 trivy:ignore:AVD-AWS-0090", None),  # says more
    ("/* trivy:ignore:AVD-AWS-0090 */", None),  # a block
    ("# checkov:skip=CKV_AWS_21: needed until 2027-01-31", None),  # would read differently
]


@pytest.mark.parametrize(("comment", "own"), LINES)
def test_a_comment_above_a_block(comment: str, own: str | None) -> None:
    block = 'resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\n'
    assert rewritten(f"{comment}\n{block}") == f"{own or comment}\n{block}"


def test_comments_of_checkov_are_written_above_their_block() -> None:
    before = """\
# The bucket.
resource "aws_s3_bucket" "a" { # checkov:skip=CKV_AWS_18
  bucket = "a"
  versioning {
    # checkov:skip=CKV_AWS_21: of the CDN
    enabled = false
  }
}

module "m" {
  source = "./m" #checkov:skip=CKV_AWS_21
}
"""
    after = """\
# The bucket.
# readiness:ignore s3-logging
# readiness:ignore s3-versioning reason: of the CDN
resource "aws_s3_bucket" "a" {
  bucket = "a"
  versioning {
    enabled = false
  }
}

# readiness:ignore s3-versioning
module "m" {
  source = "./m"
}
"""
    assert rewritten(before) == after
    assert rewritten(after) == after


def test_comments_of_trivy_stay_where_they_are() -> None:
    before = 'resource "aws_s3_bucket" "a" {\n  bucket = "a" # trivy:ignore:AVD-AWS-0090\n}\n'
    after = 'resource "aws_s3_bucket" "a" {\n  bucket = "a" # readiness:ignore s3-versioning\n}\n'
    assert rewritten(before) == after


def test_comments_in_manifests() -> None:
    before = """\
---
# Configuration.
apiVersion: v1
kind: ConfigMap
metadata:
  name: a # checkov:skip=CKV_AWS_21: x
"""
    after = """\
---
# Configuration.
# readiness:ignore s3-versioning reason: x
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
"""
    assert rewritten(before, "a.yaml") == after


@pytest.mark.parametrize(
    "text",
    [
        "# checkov:skip=CKV_AWS_21\n\n# Nothing follows.\n",
        'resource "aws_s3_bucket" "a" {\r\n  # checkov:skip=CKV_AWS_21\r\n  bucket = "a"\r\n}\r\n',
    ],
)
def test_what_is_not_certain_is_left(text: str) -> None:
    assert rewritten(text) == text


def finding(path: str, address: str, status: str) -> Finding:
    return Finding(
        policy="s3-versioning",
        title="t",
        control="own-01",
        aliases=(),
        severity="high",
        status=status,
        subject=Subject(address, "aws_s3_bucket", "a"),
        span=Span(path, 1, 1, 1, 1),
        message="m",
        remediation="r",
        fingerprint=f"{path} {address}",
    )


def test_a_file_in_which_a_finding_changes_is_taken_back() -> None:
    block = '# trivy:ignore:AVD-AWS-0090\nresource "aws_s3_bucket" "{}" {{}}\n'
    loaded = from_texts({f"{name}.tf": block.format(name) for name in "abc"})
    asked = []

    def look(texts: Mapping[str, str]) -> Report:
        asked.append(sorted(texts))
        worse = "fail" if "b.tf" in texts else "suppressed"
        return Report([finding("a.tf", "a", "suppressed"), finding("b.tf", "b", worse)], [], Counts())

    made = rewrite(loaded, ALIASES, look, TODAY)
    assert asked == [[], ["a.tf", "b.tf", "c.tf"], ["a.tf", "c.tf"]]
    assert sorted(made.texts) == ["a.tf", "c.tf"]
    assert made.done == {("a.tf", 1), ("c.tf", 1)}


def test_where_nobody_knows_why_everything_is_taken_back() -> None:
    loaded = from_texts({"a.tf": '# trivy:ignore:AVD-AWS-0090\nresource "aws_s3_bucket" "a" {}\n'})

    def look(texts: Mapping[str, str]) -> Report:
        return Report([finding("z.tf", "z", "fail")] if texts else [], [], Counts())

    assert rewrite(loaded, ALIASES, look, TODAY) == Rewriting()
