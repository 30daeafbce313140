"""Which policies a selector names."""

from __future__ import annotations

import pytest

from readiness.errors import UsageError
from readiness.policy.model import Policy
from readiness.policy.select import matching, select


def policy(
    id_: str, severity: str, control: str, aliases: tuple[str, ...] = (), default: bool = True
) -> Policy:
    """A policy of which only what selects it matters."""
    return Policy(
        id=id_,
        title="A title",
        control=control,
        severity=severity,
        resources=("x",),
        assert_="true",
        message="a message",
        remediation="a remedy",
        path=f"{id_}.yaml",
        aliases=aliases,
        default=default,
    )


EVERY = [
    policy("aws-rds-backup", "high", "bck-01", ("CKV_AWS_133", "AVD-AWS-0077")),
    policy("aws-s3-encryption", "high", "sec-enc-01", ("CKV_AWS_19",)),
    policy("aws-s3-versioning", "medium", "bck-01", ("CKV_AWS_21", "CKV_AWS_19")),
    policy("k8s-image-signed", "low", "sup-02", ("kube-linter:signed",), default=False),
    policy("k8s-owner-slack", "info", "own-01", (), default=False),
]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("aws-s3-encryption", "aws-s3-encryption"),
        (" AWS-S3-Encryption ", "aws-s3-encryption"),
        ("aws-s3-*", "aws-s3-encryption aws-s3-versioning"),
        ("*", "aws-rds-backup aws-s3-encryption aws-s3-versioning k8s-image-signed k8s-owner-slack"),
        ("k8s-[io]*", "k8s-image-signed k8s-owner-slack"),
        ("bck-01", "aws-rds-backup aws-s3-versioning"),
        ("HIGH", "aws-rds-backup aws-s3-encryption"),
        ("CKV_AWS_19", "aws-s3-encryption aws-s3-versioning"),
        ("avd-aws-0077", "aws-rds-backup"),
        ("kube-linter:signed", "k8s-image-signed"),
    ],
)
def test_selector(selector: str, expected: str) -> None:
    assert [policy.id for policy in matching(EVERY, selector)] == expected.split()


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("aws-s3-encrypton", "; did you mean 'aws-s3-encryption'?"),
        ("bck-1", "; did you mean 'bck-01'?"),
        ("hgih", "; did you mean 'high'?"),
        ("CKV_AWS_99999", ""),
        ("zz-*", ""),
    ],
)
def test_a_selector_that_names_nothing(selector: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        matching(EVERY, selector)
    assert caught.value.message == f"no policy, control or severity matches {selector!r}{hint}"


@pytest.mark.parametrize(
    ("wanted", "ignored", "profile", "expected"),
    [
        ((), (), "default", "aws-rds-backup aws-s3-encryption aws-s3-versioning"),
        (
            (),
            (),
            "all",
            "aws-rds-backup aws-s3-encryption aws-s3-versioning k8s-image-signed k8s-owner-slack",
        ),
        ((), (), "security", "aws-s3-encryption k8s-image-signed"),
        ((), (), "readiness", "aws-rds-backup aws-s3-versioning k8s-owner-slack"),
        (("k8s-image-signed",), (), "default", "k8s-image-signed"),
        (
            ("k8s-*", "bck-01"),
            (),
            "security",
            "aws-rds-backup aws-s3-versioning k8s-image-signed k8s-owner-slack",
        ),
        ((), ("aws-s3-*",), "default", "aws-rds-backup"),
        (("high",), ("sec-enc-01",), "default", "aws-rds-backup"),
        ((), ("k8s-image-signed",), "default", "aws-rds-backup aws-s3-encryption aws-s3-versioning"),
    ],
)
def test_select(wanted: tuple[str, ...], ignored: tuple[str, ...], profile: str, expected: str) -> None:
    assert [policy.id for policy in select(EVERY, wanted, ignored, profile)] == expected.split()


@pytest.mark.parametrize(("wanted", "ignored"), [(("high",), ("high",)), ((), ("*",))])
def test_nothing_left(wanted: tuple[str, ...], ignored: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="no policy is left"):
        select(EVERY, wanted, ignored, "default")


@pytest.mark.parametrize("ignored", ["aws-s3-encrypton", "zz"])
def test_ignoring_what_is_not_there_is_a_mistake(ignored: str) -> None:
    with pytest.raises(UsageError, match="no policy, control or severity matches"):
        select(EVERY, (), (ignored,), "default")
