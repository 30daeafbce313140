"""Plain scalars mean what they mean to the Kubernetes API machinery."""

from __future__ import annotations

import math
from typing import Any

import pytest

from readiness.sources.yaml_scalars import BadScalarError, key_text, resolve, resolve_tagged

PLAIN: list[tuple[str, Any]] = [
    ("yes", True),
    ("Yes", True),
    ("YES", True),
    ("yEs", "yEs"),
    ("on", True),
    ("ON", True),
    ("y", True),
    ("Y", True),
    ("true", True),
    ("True", True),
    ("tRUE", "tRUE"),
    ("no", False),
    ("No", False),
    ("off", False),
    ("OFF", False),
    ("n", False),
    ("N", False),
    ("FALSE", False),
    ("yep", "yep"),
    ("null", None),
    ("~", None),
    ("", None),
    ("nUll", "nUll"),
    ("0", 0),
    ("-0", 0),
    ("12", 12),
    ("+12", 12),
    ("-12", -12),
    ("0777", 511),
    ("0o777", 511),
    ("0O17", 15),
    ("-0755", -493),
    ("08", 8),
    ("09.5", 9.5),
    ("0x1F", 31),
    ("0X1f", 31),
    ("-0x10", -16),
    ("0x", "0x"),
    ("0b101", 5),
    ("0b102", "0b102"),
    ("1_000", 1000),
    ("1__0_", 10),
    ("_1", "_1"),
    ("1.5", 1.5),
    ("1.0", 1),
    ("1.", 1),
    (".5", 0.5),
    ("+.5", 0.5),
    ("1e3", 1000),
    ("12e-1", 1.2),
    ("1e", "1e"),
    ("1e400", "1e400"),
    ("1.2.3", "1.2.3"),
    ("22:22", "22:22"),
    ("190:20:30.15", "190:20:30.15"),
    ("100m", "100m"),
    ("1Gi", "1Gi"),
    ("2001-12-14", "2001-12-14"),
    ("2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43.10-05:00"),
    (".inf", math.inf),
    ("+.INF", math.inf),
    ("-.Inf", -math.inf),
    ("inf", "inf"),
    ("nan", "nan"),
    ("9223372036854775807", 9223372036854775807),
    ("9223372036854775808", 9223372036854775808.0),
    ("-", "-"),
    ("+", "+"),
    (".", "."),
    ("1 2", "1 2"),
    ("٣", "٣"),
    ("1" * 5000, "1" * 5000),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN, ids=[text[:20] for text, _ in PLAIN])
def test_plain_scalars(text: str, expected: Any) -> None:
    value = resolve(text)
    assert (value, type(value)) == (expected, type(expected))


def test_not_a_number() -> None:
    assert math.isnan(resolve(".NaN"))


@pytest.mark.parametrize(
    ("tag", "text", "quoted", "expected"),
    [
        ("str", "5", False, "5"),
        ("int", "5", True, 5),
        ("int", "0x10", False, 16),
        ("float", "5", False, 5),
        ("float", "2.5", False, 2.5),
        ("bool", "on", True, True),
        ("null", "", False, None),
        ("binary", "aGVs\n bG8=", True, "hello"),
        ("binary", "/w==", False, "�"),
        ("timestamp", "2001-12-14", False, "2001-12-14"),
        ("value", "=", False, "="),
    ],
)
def test_tags(tag: str, text: str, quoted: bool, expected: Any) -> None:
    value = resolve_tagged(f"tag:yaml.org,2002:{tag}", text, quoted)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("tag", "text", "message"),
    [
        ("int", "x", "`x` is not a valid !!int"),
        ("int", "on", "`on` is not a valid !!int"),
        ("bool", "1", "`1` is not a valid !!bool"),
        ("float", "a", "`a` is not a valid !!float"),
        ("null", "0", "`0` is not a valid !!null"),
        ("binary", "%%%", "not valid base64"),
    ],
)
def test_text_that_does_not_fit_its_tag(tag: str, text: str, message: str) -> None:
    with pytest.raises(BadScalarError, match=message):
        resolve_tagged(f"tag:yaml.org,2002:{tag}", text, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        (0.1, "0.1"),
        (1234567.5, "1.2345675e+06"),
        (1e-5, "1e-05"),
        (123456.5, "123456.5"),
        (1e39, ".inf"),
        (-math.inf, "-.inf"),
        (math.nan, ".nan"),
        (None, None),
    ],
)
def test_keys_become_text(value: Any, expected: str | None) -> None:
    assert key_text(value) == expected
