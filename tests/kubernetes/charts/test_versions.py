"""Which versions of a chart a dependency takes."""

from __future__ import annotations

import pytest

from readiness.kubernetes.charts.versions import satisfies


@pytest.mark.parametrize(
    ("version", "constraint", "expected"),
    [
        ("2.3.1", "2.x.x", True),
        ("3.0.0", "2.x.x", False),
        ("2.3.1", "2.3.*", True),
        ("2.4.0", "2.3.*", False),
        ("1.2.3", "1.2.3", True),
        ("1.2.4", "1.2.3", False),
        ("1.2.4", "1.2", True),
        ("1.2.3", "=1.2.3", True),
        ("1.2.3", "!=1.2.3", False),
        ("1.9.0", "^1.2", True),
        ("2.0.0", "^1.2", False),
        ("0.3.1", "^0.3.0", True),
        ("0.4.0", "^0.3.0", False),
        ("0.0.3", "^0.0.3", True),
        ("0.0.4", "^0.0.3", False),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("1.9.0", "~1", True),
        ("2.0.0", "~1", False),
        ("1.5.0", ">= 1.0, < 2.0", True),
        ("2.0.0", ">=1.0 <2.0", False),
        ("1.3.0", ">1.2", True),
        ("1.2.9", ">1.2", False),
        ("1.2.9", "<=1.2", True),
        ("1.5.0", "1.2 - 1.6", True),
        ("1.7.0", "1.2 - 1.6", False),
        ("3.1.0", "^1.0 || ^3.0", True),
        ("1.0.0", "*", True),
        ("v1.2.3", "1.x", True),
        ("1.2.3", "latest", False),
        ("one", "*", False),
        ("1.2.3", "", False),
    ],
)
def test_constraints(version: str, constraint: str, expected: bool) -> None:
    assert satisfies(version, constraint) is expected
