"""The catalogue of AWS actions: what patterns cover, and at what cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from readiness.policy.iam import catalogue
from readiness.policy.iam.catalogue import LEVELS, actions_of, load, matches, reach

FILE = Path(catalogue.__file__).with_name("actions.txt")


def test_the_file_is_small_and_has_its_licence() -> None:
    assert FILE.stat().st_size < 500_000
    assert "Permission is hereby granted" in FILE.with_name("actions.LICENSE.txt").read_text(encoding="utf-8")


def test_every_service_has_actions_and_known_levels() -> None:
    services = load().services
    assert len(services) > 400
    assert {"ec2", "iam", "kms", "lambda", "s3", "sts"} <= set(services)
    for service in services:
        assert {level for _, level in actions_of(service)} <= set(LEVELS)
    assert sum(len(actions_of(service)) for service in services) > 20_000


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:GetObject", "read"),
        ("s3:ListBucket", "list"),
        ("s3:PutObject", "write"),
        ("s3:PutBucketPolicy", "permissions_management"),
        ("s3:PutObjectTagging", "tagging"),
        ("iam:PassRole", "permissions_management"),
        ("kms:CreateGrant", "permissions_management"),
        ("ec2:RunInstances", "write"),
        ("vpc-lattice:AssociateViaAWSService-EventsAndStates", "permissions_management"),
        ("managedblockchain:GET", "permissions_management"),
        ("nonsense:Act", "unknown"),
        ("s3:GetNonsense", "unknown"),
    ],
)
def test_levels(action: str, level: str) -> None:
    covered = reach((action,))
    assert covered.names == (action,)
    assert [name for name, count in covered.counts.items() if count] == [level]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("s3:GetObjectT*",), ["s3:GetObjectTagging", "s3:GetObjectTorrent"]),
        (("S3:getobjectt*",), ["s3:GetObjectTagging", "s3:GetObjectTorrent"]),
        (("sts:AssumeRol?",), ["sts:AssumeRole"]),
        (("sts:assumerole", "sts:AssumeRole"), ["sts:AssumeRole"]),
        (("sqs:*Permission",), ["sqs:AddPermission", "sqs:RemovePermission"]),
        (("s3:Nothing*",), ["s3:Nothing*"]),
        (("nonsense:*",), ["nonsense:*"]),
        ((), []),
    ],
)
def test_patterns(patterns: tuple[str, ...], names: list[str]) -> None:
    assert list(reach(patterns).names) == names


@pytest.mark.parametrize("everything", ["*", "**", "*:*"])
def test_everything(everything: str) -> None:
    covered = reach((everything,))
    assert len(covered.names) == sum(len(actions_of(service)) for service in load().services)
    assert covered.services == tuple(sorted(covered.services))
    assert covered.counts["unknown"] == 0


def test_all_but_some() -> None:
    covered = reach(("iam:*", "s3:DeleteBucket"), negated=True)
    assert "iam" not in covered.services
    assert "s3:DeleteBucket" not in covered.names
    assert len(covered.names) == len(reach(("*",)).names) - len(actions_of("iam")) - 1


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("*", "iam:PassRole", True),
        ("iam:*", "iam:PassRole", True),
        ("IAM:pass*", "iam:PassRole", True),
        ("iam:Pass", "iam:PassRole", False),
        ("i?m:PassRole", "iam:PassRole", True),
        ("ec2:*", "iam:PassRole", False),
        ("iam.PassRole", "iam:PassRole", False),
    ],
)
def test_matches(pattern: str, action: str, expected: bool) -> None:
    assert matches(pattern, action) is expected


@pytest.mark.parametrize(
    ("service", "beginning"),
    [("iam", "role/"), ("secretsmanager", "secret:"), ("s3", ""), ("dynamodb", "table/"), ("sqs", "")],
)
def test_beginnings_of_resources(service: str, beginning: str) -> None:
    assert beginning in load().resources[service]


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys, readiness.policy.host\n"
        "from readiness.policy.statements import statements\n"
        "[s] = statements({'Statement': {'Action': 's3:*', 'Resource': '*'}})\n"
        "assert s['actions'] == ['s3:*'] and s.get('resources') == ['*']\n"
        "loaded = [m for m in sys.modules if m.startswith('readiness.policy.iam.')]\n"
        "assert loaded == ['readiness.policy.iam.statement'], loaded\n"
        "assert s['levels'] and 'readiness.policy.iam.catalogue' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
