"""Examples of policies on exceptions: what the built-in policies find is let pass, and that is judged."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.engine.examples import run
from readiness.policy.model import Example, Examples, Policy

BUCKET = 'resource "aws_s3_bucket" "a" {\n  bucket = "a"\n}\n'
WAIVER = "waivers:\n  - policy: {policy}\n    resources: aws_s3_bucket.a\n    expires: 2026-11-30\n"


def outcome(assert_: str, kind: str = "pass", waiver: str = "aws-s3-versioning", **more: Any) -> str:
    """What is wrong with an example of a policy on waivers."""
    example = Example({"main.tf": BUCKET, "waivers.yaml": WAIVER.format(policy=waiver)}, 1, **more)
    policy = Policy(
        id="own-waiver",
        title="t",
        control="gov-04",
        severity="low",
        resources=("waiver",),
        assert_=assert_,
        message="{name}",
        remediation="r",
        path="own-waiver.yaml",
        on="triage",
        examples=Examples(pass_=[example]) if kind == "pass" else Examples(fail=[example]),
    )
    (result,) = run([policy])
    return result.detail


@pytest.mark.parametrize(
    "condition",
    [
        'object.matches == 1 && object.highest == "medium"',
        "object.days_left == 9 && object.expired == false",
        'object.policy == ["aws-s3-versioning"] && object.paths == [] && object.owner == null',
        "object.looked_at == true",
        'size(resources("waiver")) == 1',
        'size(resources("aws_s3_bucket")) == 0',
        'address == "waiver.aws-s3-versioning" && name == "aws-s3-versioning"',
    ],
)
def test_what_conditions_see(condition: str) -> None:
    assert outcome(condition, today="2026-11-21") == ""


def test_after_its_last_day() -> None:
    condition = "object.expired && object.days_left == -1 && object.matches == 0"
    assert outcome(condition, today="2026-12-01") == ""


def test_other_names_of_a_policy() -> None:
    assert outcome("object.matches == 1", waiver="CKV_AWS_21", today="2026-11-21") == ""
    assert outcome("object.matches > 1", waiver='"aws-s3-*"', today="2026-11-21") == ""


def test_where_the_finding_is() -> None:
    assert outcome("object.matches == 0", "fail", today="2026-11-21", at=2) == ""
    assert outcome("object.matches == 0", "fail", today="2026-11-21", at=3).startswith(
        "expected a finding at line 3, got fail at waivers.yaml:2:5 on waiver.aws-s3-versioning"
    )


def test_what_is_wrong_in_a_file_of_an_example() -> None:
    assert outcome("true", waiver="aws-s3-versionin").startswith(
        "waivers.yaml:2:13: policy: no policy, control or other tool's id is called 'aws-s3-versionin'; did you mean"
    )
