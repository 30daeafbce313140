"""The same verdict as JSON Schema on changed manifests, see `record.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness.kubernetes.schemas.store import load, minor
from readiness.kubernetes.schemas.validate import validate
from readiness.values import List, Map

CASES = json.loads(Path(__file__).with_name("verdicts.json").read_text(encoding="utf-8"))


def wrapped(value: Any) -> Any:
    """A value as the readers give it."""
    if isinstance(value, dict):
        return Map({key: wrapped(item) for key, item in value.items()})
    return List([wrapped(item) for item in value]) if isinstance(value, list) else value


def test_there_are_cases_of_both_kinds() -> None:
    valid = [case[1] for case in CASES]
    assert len(valid) == 120
    assert 20 < sum(valid) < 100


@pytest.mark.parametrize(("release", "valid", "manifest"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_verdict(release: str, valid: bool, manifest: dict[str, Any]) -> None:
    node = load(minor(release)).kind(manifest["apiVersion"], manifest["kind"])
    assert node is not None
    found = [p for p in validate(wrapped(manifest), node, lambda _p, _t: True) if p.kind != "duplicate"]
    assert (not found) is valid, found or manifest
