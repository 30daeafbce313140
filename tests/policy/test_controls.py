"""The controls: each one is whole, and its sources are in the blueprints."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from readiness.policy.bundle import builtin_folder
from readiness.policy.controls import load_controls

CONTROLS = load_controls(builtin_folder())
SHARED = os.environ.get("READINESS_SHARED")
BLUEPRINTS = (Path(SHARED) if SHARED else Path(__file__).resolve().parents[3] / "shared") / "blueprints"
TIERS = ("tier-0", "tier-1", "tier-2")
LEVELS = ("info", "warn", "block")


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_a_control_is_whole(control: dict[str, Any]) -> None:
    assert {"id", "title", "statement", "why", "sources", "kpi", "tiers", "evidence"} <= control.keys()
    assert control["sources"]
    for source in control["sources"]:
        assert source.keys() == {"blueprint", "section", "note"}
    for kpi in control["kpi"]:
        assert {"name", "target", "unit", "tiers", "blueprint"} <= kpi.keys()
        assert set(kpi["tiers"]) <= set(TIERS)
    assert tuple(control["tiers"]) == TIERS
    assert all(control["tiers"][tier]["expect"] for tier in TIERS)
    if control["id"] == "cst-02":  # waste matters more where less depends on the service
        return
    strictness = [LEVELS.index(control["tiers"][tier]["level"]) for tier in TIERS]
    assert strictness == sorted(strictness, reverse=True), "a lower tier is stricter than a higher one"


@pytest.mark.skipif(not BLUEPRINTS.is_dir(), reason="the role blueprints are not beside the repository")
@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_the_sources_of_a_control_are_in_the_blueprints(control: dict[str, Any]) -> None:
    headings = {path.stem.replace("-", " "): _headings(path) for path in BLUEPRINTS.glob("*.md")}
    for source in control["sources"]:
        assert source["section"] in headings[source["blueprint"].lower()]
    assert {kpi["blueprint"].lower() for kpi in control["kpi"]} <= headings.keys()


def _headings(path: Path) -> set[str]:
    """The headings of a Markdown file, without their marks."""
    return {
        line.lstrip("# ").strip() for line in path.read_text(encoding="utf-8").splitlines() if line[:1] == "#"
    }
