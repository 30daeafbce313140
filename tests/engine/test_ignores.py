"""Comments and annotations as they are parsed."""

from __future__ import annotations

import datetime

import pytest

from readiness.sources.exceptions import Request, parse_annotations, parse_comment

TODAY = datetime.date(2026, 6, 1)


def live(request: Request | None) -> tuple[frozenset[str], str | None, bool] | None:
    """Ids, reason, whether the block around is meant; None for a request that is none or is over."""
    if request is None or request.expired(TODAY):
        return None
    return request.ids, request.reason, request.around


@pytest.mark.parametrize(
    ("text", "ids", "reason", "around"),
    [
        ("readiness:ignore a-b reason: public assets", {"a-b"}, "public assets", False),
        ("readiness:ignore a-b reason: public assets, until 2027-01-31", {"a-b"}, "public assets", False),
        ("readiness:ignore a-b, until 2027-01-31 reason: public", {"a-b"}, "public", False),
        ("readiness:ignore a-b until: 2026-06-01 reason: last day", {"a-b"}, "last day", False),
        ("readiness:ignore a-b c-d reason: both", {"a-b", "c-d"}, "both", False),
        ("readiness:ignore a-b,c-d, e-01 reason: all", {"a-b", "c-d", "e-01"}, "all", False),
        ("readiness:ignore CKV_AWS_19 reason: x", {"ckv_aws_19"}, "x", False),
        ("readiness:ignore a-b", {"a-b"}, None, False),
        ("checkov:skip=CKV_AWS_19:public assets", {"ckv_aws_19"}, "public assets", True),
        ("checkov:skip=CKV_AWS_19", {"ckv_aws_19"}, None, True),
        ("bridgecrew:skip=CKV_AWS_19: public", {"ckv_aws_19"}, "public", True),
        ("trivy:ignore:AVD-AWS-0088", {"aws-0088"}, None, False),
        ("trivy:ignore:AVD-AWS-0088:exp:2027-01-01", {"aws-0088"}, None, False),
        (
            "tfsec:ignore:aws-s3-enable-logging,AVD-AWS-0089 why",
            {"aws-s3-enable-logging", "aws-0089"},
            "why",
            False,
        ),
    ],
)
def test_comment(text: str, ids: set[str], reason: str | None, around: bool) -> None:
    for comment in (f"# {text}", f"// {text}", f"#{text}", f"# hello. {text}"):
        assert live(parse_comment(comment)) == (frozenset(ids), reason, around)


def test_block_comment() -> None:
    assert live(parse_comment("/* readiness:ignore a-b reason: x */")) == (frozenset({"a-b"}), "x", False)


@pytest.mark.parametrize(
    "text",
    [
        "# readiness:ignore",
        "# readiness:ignore reason: nothing named",
        "# readiness:ignore a-b until 2026-05-31 reason: past",
        "# readiness:ignore a-b reason: past, until 2026-05-31",
        "# readiness:ignore a-b reason: no such day, until 2026-02-30",
        "# readiness:ignore a-b reason: not a day as it is asked for, until 20270131",
        "# readiness:ignore a-b reason: not a day as it is asked for, until 31.01.2027",
        "# readiness:ignored a-b",
        "# trivy:ignore:AVD-AWS-0088:exp:2026-05-31",
        "# trivy:ignore:AVD-AWS-0088:exp:2026-02-30",
        "# checkov:skip=",
        "# nothing",
    ],
)
def test_comment_that_does_not_ignore(text: str) -> None:
    assert live(parse_comment(text)) is None


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"readiness.dev/ignore": "a-b reason: legacy"}, [({"a-b"}, "legacy")]),
        ({"readiness.dev/ignore": "a-b, c-d reason: legacy, until 2027-01-01"}, [({"a-b", "c-d"}, "legacy")]),
        ({"readiness.dev/ignore": "a-b reason: past, until 2026-01-01"}, []),
        ({"checkov.io/skip1": "CKV_K8S_8=legacy"}, [({"ckv_k8s_8"}, "legacy")]),
        (
            {"ignore-check.kube-linter.io/no-liveness-probe": "legacy"},
            [({"kube-linter:no-liveness-probe"}, "legacy")],
        ),
        (
            {"kube-score/ignore": "pod-probes, other"},
            [({"kube-score:pod-probes", "kube-score:other"}, None)],
        ),
        (
            {"polaris.fairwinds.com/livenessProbeMissing-exempt": "true"},
            [({"polaris:livenessprobemissing"}, None)],
        ),
        ({"polaris.fairwinds.com/livenessProbeMissing-exempt": "false"}, []),
        ({"polaris.fairwinds.com/exempt": "true"}, [({"polaris:*"}, None)]),
        ({"kube-linter.io/ignore-all": "legacy"}, [({"kube-linter:*"}, "legacy")]),
        ({"other/ignore": "a-b"}, []),
    ],
)
def test_annotations(annotations: dict[str, str], expected: list[tuple[set[str], str | None]]) -> None:
    found = [live(request) for _, request in parse_annotations(annotations)]
    assert [each[:2] for each in found if each] == [(frozenset(ids), reason) for ids, reason in expected]
