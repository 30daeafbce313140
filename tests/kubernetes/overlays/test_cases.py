"""Every case against what Kustomize itself made of it (`scripts/record_kustomize.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.kubernetes.overlays.disk import build, only, plain

from readiness.sources.yaml_source import read
from readiness.values import List, Map

CASES = Path(__file__).parent / "cases"
ALL = sorted(path.name for path in CASES.iterdir() if path.is_dir())
BUILT = [name for name in ALL if (CASES / name / "recorded.yaml").exists()]
REFUSED = [name for name in ALL if (CASES / name / "refused.txt").exists()]


def entry_of(case: Path) -> str:
    return "overlay/kustomization.yaml" if (case / "overlay").is_dir() else "kustomization.yaml"


def name_of(value: Any) -> tuple[Any, ...]:
    metadata = value["metadata"]
    return value["apiVersion"], value["kind"], metadata.get("namespace"), metadata["name"]


def test_each_case_is_recorded() -> None:
    assert sorted(BUILT + REFUSED) == ALL
    assert len(BUILT) >= 40


@pytest.mark.parametrize("name", BUILT)
def test_a_build_gives_what_kustomize_gives(name: str) -> None:
    case = CASES / name
    overlays = build(case)
    text = (case / "recorded.yaml").read_text(encoding="utf-8")
    expected = [plain(document.root) for document in read("recorded.yaml", text).documents]
    found = [plain(value) for value in only(overlays, entry_of(case)).objects]
    assert [name_of(value) for value in found] == [name_of(value) for value in expected]
    for mine, its in zip(found, expected, strict=True):
        assert mine == its
    assert overlays.errors == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_kustomize_refuses_is_an_error(name: str) -> None:
    assert build(CASES / name).errors != []


@pytest.mark.parametrize("name", BUILT)
def test_every_value_has_a_place_in_a_file_of_the_build(name: str) -> None:
    case = CASES / name
    built = only(build(case), entry_of(case))
    lines = {path: (case / path).read_bytes().decode("utf-8", "replace").splitlines() for path in built.used}
    checked = 0
    for value in built.objects:
        for span in spans(value):
            assert span.path in lines
            assert 1 <= span.line <= span.end_line <= len(lines[span.path]) + 1
            checked += 1
    assert checked > 0


def spans(value: Any) -> list[Any]:
    """The span of every entry and item in a value; one that is missing fails."""
    found: list[Any] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Map):
            assert item.span is not None
            for key in item:
                span = item.span_of(key)
                assert span is not None, key
                found.append(span)
            stack.extend(item.values())
        elif isinstance(item, List):
            for index in range(len(item)):
                span = item.span_of(index) or item.span
                assert span is not None
                found.append(span)
            stack.extend(item)
    return found
