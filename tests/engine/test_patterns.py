"""Globs of addresses, paths and names in waivers."""

from __future__ import annotations

import pytest

from readiness.engine.patterns import address_parents, address_pattern, name_pattern, path_pattern


@pytest.mark.parametrize(
    ("glob", "address", "matches"),
    [
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs", True),
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs[0]", True),
        ("aws_s3_bucket.logs", 'aws_s3_bucket.logs["eu"]', True),
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs2", False),
        ("aws_s3_bucket.logs", "module.a.aws_s3_bucket.logs", False),
        ("module.db", "module.db.aws_db_instance.this", True),
        ("module.db", 'module.db["a"].aws_db_instance.this[0]', True),
        ("module.db", "module.db2.aws_db_instance.this", False),
        ('module.db["a"]', 'module.db["a"].aws_db_instance.this', True),
        ('module.db["a"]', 'module.db["b"].aws_db_instance.this', False),
        ("module.*.aws_db_instance.this", "module.a.module.b.aws_db_instance.this", True),
        ("*.aws_db_instance.*", "module.a.aws_db_instance.this", True),
        ("aws_s3_bucket.l?gs", "aws_s3_bucket.logs", True),
        ("aws_s3_bucket.l?gs", "aws_s3_bucket.loogs", False),
        ("Deployment/shop/web", "Deployment/shop/web", True),
        ("Deployment/shop/*", "Deployment/shop/web", True),
        ("ConfigMap/shop/app", "ConfigMap/shop/app.conf", False),
        ("JobSet/ml/train", "JobSet/ml/train[workers]", True),
        ("*", "anything.at[0].all/there", True),
    ],
)
def test_addresses(glob: str, address: str, matches: bool) -> None:
    assert bool(address_pattern([glob]).fullmatch(address)) is matches
    if "*" not in glob and "?" not in glob:
        assert (glob in address_parents(address)) is matches


def test_a_dot_in_a_key_is_no_part_of_the_address() -> None:
    assert address_parents('module.a["x.y"].b.c') == [
        'module.a["x.y"].b.c',
        "module",
        "module.a",
        'module.a["x.y"]',
        'module.a["x.y"].b',
    ]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("legacy", "legacy/a/main.tf", True),
        ("legacy/", "legacy/main.tf", True),
        ("legacy", "legacy2/main.tf", False),
        ("legacy", "new/legacy/main.tf", False),
        ("./legacy", "legacy/main.tf", True),
        ("*.tf", "main.tf", True),
        ("*.tf", "a/main.tf", False),
        ("**/*.tf", "main.tf", True),
        ("**/*.tf", "a/b/main.tf", True),
        ("a/**/main.tf", "a/main.tf", True),
        ("a/**/main.tf", "a/b/c/main.tf", True),
        ("a/**", "a/b/c.tf", True),
        ("a/**", "b/a/c.tf", False),
        ("a/*/main.tf", "a/b/c/main.tf", False),
        ("mod[1].tf", "mod[1].tf", True),
        ("mod[1].tf", "mod1.tf", False),
        (".", "a/b.tf", True),
    ],
)
def test_paths(glob: str, path: str, matches: bool) -> None:
    assert bool(path_pattern([glob]).fullmatch(path)) is matches


def test_names() -> None:
    pattern = name_pattern(["dev*", "Stage"])
    assert [bool(pattern.fullmatch(n)) for n in ("dev-eu", "DEV", "stage", "prod", "mydev")] == [
        True,
        True,
        True,
        False,
        False,
    ]
