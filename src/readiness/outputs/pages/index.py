"""The pages that list others: the index, platforms, severities, other tools' ids and frameworks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from readiness.engine.model import SEVERITIES
from readiness.outputs.pages.markdown import code, document, inline, link, table
from readiness.outputs.pages.site import (
    MARK,
    Catalogue,
    area_of,
    area_title,
    by_severity,
    platform_file,
    platform_title,
    policy_row,
)
from readiness.outputs.terminal import count
from readiness.policy.model import Policy

_HEAD = ["policy", "severity", "what is expected"]


def index_page(catalogue: Catalogue) -> str:
    """All platforms, severities and controls, with their numbers."""
    policies = catalogue.policies
    controls = catalogue.used_controls()
    default = sum(policy.default for policy in policies)
    total = f"{count(len(policies), 'policy', 'policies')} for {count(len(controls), 'control')}"
    further = [
        link("By the ids of other tools", "other-tools.md"),
        link("by sections of frameworks", "frameworks.md"),
    ]
    blocks = [
        ["# Policies and controls"],
        [
            f"{total}; {default:,} {'is' if default == 1 else 'are'} in the profile `default`. "
            "A control is one expectation about running "
            "systems, a policy checks one thing that belongs to it.",
        ],
        [", ".join(further) + "."],
        ["## Platforms"],
        _platforms(catalogue),
        ["## Severities"],
        _severities(policies),
        ["## Controls"],
    ]
    numbers = Counter(policy.control for policy in policies)
    for area, group in groupby(controls, area_of):
        rows = [
            (
                link(code(control), f"controls/{control}.md"),
                inline(str(catalogue.controls.get(control, {}).get("title", ""))),
                f"{numbers[control]:,}",
            )
            for control in group
        ]
        blocks += [
            [f"### {inline(area_title(area))}"],
            table(["control", "what is expected", "policies"], rows),
        ]
    return document([*blocks, [MARK]])


def _platforms(catalogue: Catalogue) -> list[str]:
    found: dict[str, list[Policy]] = {}
    for policy in catalogue.policies:
        found.setdefault(catalogue.place(policy)[0], []).append(policy)
    rows = []
    for platform, policies in sorted(found.items(), key=lambda item: platform_title(item[0]).lower()):
        counter = Counter(policy.severity for policy in policies)
        name = link(inline(platform_title(platform)), platform_file(platform))
        rows.append([name, f"{len(policies):,}", *(_number(counter[severity]) for severity in SEVERITIES)])
    return table(["platform", "policies", *SEVERITIES], rows)


def _severities(policies: Sequence[Policy]) -> list[str]:
    rows = []
    for severity in SEVERITIES:
        own = [policy for policy in policies if policy.severity == severity]
        if own:
            name = link(severity, f"severities/{severity}.md")
            rows.append([name, f"{len(own):,}", _number(sum(policy.default for policy in own))])
    return table(["severity", "policies", "in the profile `default`"], rows)


def _number(number: int) -> str:
    return f"{number:,}" if number else ""


def platform_page(platform: str, catalogue: Catalogue) -> str:
    """The policies of a platform by topic."""
    own = [policy for policy in catalogue.policies if catalogue.place(policy)[0] == platform]
    return _list_page(
        platform_title(platform), own, lambda policy: catalogue.place(policy)[1].replace("-", " ")
    )


def severity_page(severity: str, catalogue: Catalogue) -> str:
    """The policies of a severity by platform."""
    own = [policy for policy in catalogue.policies if policy.severity == severity]
    return _list_page(f"Severity {severity}", own, lambda policy: platform_title(catalogue.place(policy)[0]))


def _list_page(title: str, policies: Sequence[Policy], group_of: Callable[[Policy], str]) -> str:
    number = f"{count(len(policies), 'policy', 'policies')}. [All policies](../README.md)"
    blocks = [[f"# {inline(title)}"], [number]]
    ordered = sorted(policies, key=lambda policy: group_of(policy).lower())
    for group, found in groupby(ordered, group_of):
        rows = [policy_row(policy, "../") for policy in by_severity(list(found))]
        blocks += [[f"## {inline(group)}"], table(_HEAD, rows)] if group else [table(_HEAD, rows)]
    return document([*blocks, [MARK]])


def aliases_page(catalogue: Catalogue) -> str:
    """The ids of other tools, each with the policies that mean the same."""
    found: dict[str, list[Policy]] = {}
    for policy in catalogue.policies:
        for alias in policy.aliases:
            found.setdefault(alias, []).append(policy)
    rows = [
        (code(alias), _policies(policies))
        for alias, policies in sorted(found.items(), key=lambda item: _natural(item[0]))
    ]
    intro = (
        f"{count(len(found), 'id')} of other tools that a policy stands for. `--select`, `explain` and "
        "ignores in place accept them. [All policies](README.md)"
    )
    blocks = [["# Ids of other tools"], [intro]]
    return document([*blocks, table(["id", "policies"], rows) if rows else [], [MARK]])


def frameworks_page(catalogue: Catalogue) -> str:
    """The sections of frameworks, each with the policies that belong to it."""
    found: dict[str, dict[str, list[Policy]]] = {}
    for policy in catalogue.policies:
        for framework, sections in policy.frameworks.items():
            for section in sections:
                found.setdefault(framework, {}).setdefault(section, []).append(policy)
    intro = "Sections that policies name; a policy is evidence for a section and never all of it."
    blocks = [["# Frameworks"], [f"{intro} [All policies](README.md)"]]
    for framework, own_sections in sorted(found.items()):
        rows = [
            (inline(section), _policies(own))
            for section, own in sorted(own_sections.items(), key=lambda item: _natural(item[0]))
        ]
        blocks += [[f"## {inline(framework)}"], table(["section", "policies"], rows)]
    return document([*blocks, [MARK]])


def _policies(policies: Sequence[Policy]) -> str:
    return ", ".join(link(code(policy.id), f"{policy.id}.md") for policy in policies)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Orders `A.9` before `A.10`."""
    from re import split

    parts = split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in parts if part]
