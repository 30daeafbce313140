"""The page of one control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from readiness.outputs.pages.markdown import code, document, inline, table
from readiness.outputs.pages.site import (
    MARK,
    Catalogue,
    area_of,
    area_title,
    by_severity,
    platform_title,
    policy_row,
)
from readiness.outputs.terminal import count


def control_page(control: str, catalogue: Catalogue) -> str:
    """Everything about one control as Markdown."""
    facts = catalogue.controls.get(control, {})
    title = inline(str(facts.get("title", ""))) or code(control)
    area = area_of(control)
    blocks = [
        [f"# {title}"],
        [f"{code(control)}, area {inline(area_title(area))}. [All controls](../README.md#controls)"],
    ]
    if facts.get("statement"):
        blocks.append([inline(str(facts["statement"]))])
    for heading, key in (("Why", "why"), ("Evidence", "evidence")):
        if facts.get(key):
            blocks += [[f"## {heading}"], [inline(str(facts[key]))]]
    blocks += _tables(facts)
    return document([*blocks, *_policies(control, catalogue), [MARK]])


def _tables(facts: Mapping[str, Any]) -> list[list[str]]:
    blocks: list[list[str]] = []
    rows: list[list[Any]]
    if facts.get("tiers"):
        rows = [[t, said.get("level", ""), said.get("expect", "")] for t, said in facts["tiers"].items()]
        blocks += [["## Tiers"], _table(["tier", "level", "what is expected"], rows)]
    if facts.get("kpi"):
        keys = ("name", "target", "unit", "tiers", "blueprint")
        rows = [[_listed(kpi.get(key)) for key in keys] for kpi in facts["kpi"]]
        blocks += [["## Key figures"], _table(["figure", *keys[1:]], rows)]
    if facts.get("sources"):
        rows = [
            [_listed(one.get(key)) for key in ("blueprint", "section", "note")] for one in facts["sources"]
        ]
        blocks += [["## Sources"], _table(["blueprint", "section", "what it says"], rows)]
    return blocks


def _listed(values: Any) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str("" if values is None else values)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    return table(head, [[inline(str(cell)) for cell in row] for row in rows])


def _policies(control: str, catalogue: Catalogue) -> list[list[str]]:
    policies = catalogue.of_control(control)
    if not policies:
        return [["## Policies"], ["No policy implements this control yet."]]
    blocks = [["## Policies"], [f"{count(len(policies), 'policy', 'policies')}."]]
    platforms = sorted({catalogue.place(policy)[0] for policy in policies})
    for platform in platforms:
        own = [policy for policy in policies if catalogue.place(policy)[0] == platform]
        if len(platforms) > 1:
            blocks.append([f"### {inline(platform_title(platform))}"])
        rows = [policy_row(policy, "../") for policy in by_severity(own)]
        blocks.append(table(["policy", "severity", "what is expected"], rows))
    return blocks
