"""The shared conformance cases of the CEL specification, in strict mode."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

from readiness.policy.cel import CelError, CelType, UInt, evaluate

LEFT_OUT: dict[str, str] = {}
"""Cases that are left out, each with its reason; only `comparisons` may have any, at most 3 %."""


def _folder() -> Path | None:
    shared = os.environ.get("READINESS_SHARED")
    root = Path(shared) if shared else Path(__file__).resolve().parents[3] / "shared"
    folder = root / "conformance" / "cel"
    return folder if folder.is_dir() else None


def _cases() -> list[Any]:
    folder = _folder()
    if folder is None:
        reason = "no conformance cases: set READINESS_SHARED, or put shared/ beside the repository"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    cases = [case for path in sorted(folder.glob("*.json")) for case in json.loads(path.read_text("utf-8"))]
    return [pytest.param(case, id=_id(case)) for case in cases if _id(case) not in LEFT_OUT]


def _id(case: dict[str, Any]) -> str:
    return f"{case['suite']}/{case['section']}/{case['name']}"


def _value(coded: Any) -> Any:
    """A value as the case files write it: `{"int": 1}`, `{"list": [...]}`, or plain JSON."""
    if not isinstance(coded, dict):
        return coded
    (kind, value), *_ = coded.items()
    if kind == "list":
        return [_value(item) for item in value]
    if kind == "map":
        return {_value(key): _value(item) for key, item in value}
    if kind == "double":
        return float(value)
    if kind == "bytes":
        return value.encode("latin-1")
    makers: dict[str, Any] = {"int": int, "uint": UInt, "type": CelType}
    return makers[kind](value)


def _same(got: Any, want: Any) -> bool:
    """Equal in value and in type, all the way down; NaN is the same as NaN."""
    if type(got) is not type(want):
        return False
    if isinstance(want, float):
        return math.isnan(got) if math.isnan(want) else bool(got == want)
    if isinstance(want, list):
        return len(got) == len(want) and all(map(_same, got, want))
    if isinstance(want, dict):
        rest = list(got.items())
        for key, value in want.items():
            match = next((pair for pair in rest if _same(pair[0], key) and _same(pair[1], value)), None)
            if match is None:
                return False
            rest.remove(match)
        return not rest
    return bool(got == want)


@pytest.mark.parametrize("case", _cases())
def test_conformance(case: dict[str, Any]) -> None:
    bindings = {name: _value(value) for name, value in case["bindings"].items()}
    if case["expect"].get("error"):
        with pytest.raises(CelError) as caught:
            evaluate(case["expr"], bindings)
        assert caught.value.line >= 1 and caught.value.column >= 1
    else:
        got = evaluate(case["expr"], bindings)
        want = _value(case["expect"]["value"])
        assert _same(got, want), f"{case['expr']} gave {got!r}, not {want!r}"


def test_left_out_cases_exist_and_are_few() -> None:
    folder = _folder()
    if folder is None:
        pytest.skip("no conformance cases here")
    comparisons = {_id(case) for case in json.loads((folder / "comparisons.json").read_text("utf-8"))}
    assert set(LEFT_OUT) <= comparisons
    assert len(LEFT_OUT) <= 0.03 * len(comparisons)


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        (UInt(1), 1, False),
        (float("nan"), float("nan"), True),
        ([1], [1.0], False),
        ({1: "a"}, {UInt(1): "a"}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ],
)
def test_the_comparison_respects_types(got: Any, want: Any, same: bool) -> None:
    assert _same(got, want) is same
