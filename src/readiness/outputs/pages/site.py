"""The words and places that all pages share: areas, platforms, names of files, titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from readiness.engine.model import SEVERITIES
from readiness.estate.model import scalar_text
from readiness.outputs.pages.markdown import code, inline, link
from readiness.policy.model import Policy
from readiness.policy.packs import filed

Controls = Mapping[str, Mapping[str, Any]]

AREAS = {
    "own": "Ownership",
    "run": "Runbooks",
    "slo": "Service level objectives",
    "alr": "Alerting",
    "obs": "Telemetry",
    "prb": "Health checks",
    "cap": "Capacity",
    "res": "Resilience",
    "bck": "Backup and recovery",
    "chg": "Safe change",
    "sec-enc": "Encryption",
    "sec-iam": "Permissions",
    "sec-net": "Network exposure",
    "sec-secret": "Secrets",
    "sec-wrk": "Hardening of workloads",
    "sup": "Supply chain",
    "lcm": "Lifecycle",
    "iac": "Infrastructure code",
    "cst": "Cost",
    "gov": "Governance",
}
"""Titles of the areas of controls, in the order of the index; others follow by name."""

PLATFORMS = {
    "aws": "AWS",
    "azure": "Azure",
    "google": "Google Cloud",
    "kubernetes": "Kubernetes",
    "terraform": "Terraform",
    "observability": "Observability",
    "repository": "Repository",
}
INDEX = "README.md"
MARK = "<!-- Written by `readiness policies docs`: change the policies, not this page. -->"
"""The last line of every page, by which one that is not needed any more is known."""


class Catalogue(Struct, frozen=True):
    """What pages are made of: policies sorted by id, controls by id, and the folder of the policies.

    `folder` is what the paths of the policies begin with (`policies`).
    """

    policies: Sequence[Policy]
    controls: Controls
    folder: str = "policies"

    def place(self, policy: Policy) -> tuple[str, str]:
        """The platform and the topic of a policy, by its folder; empty where it is in none."""
        return filed(policy.path, self.folder)

    def of_control(self, control: str) -> list[Policy]:
        """The policies that implement a control."""
        return [policy for policy in self.policies if policy.control == control]

    def used_controls(self) -> list[str]:
        """The controls that have a page: those of the catalogue and those that policies name, by area."""
        known = {*self.controls, *(policy.control for policy in self.policies)}
        order = list(AREAS)

        def key(control: str) -> tuple[int, str]:
            area = area_of(control)
            return (order.index(area) if area in AREAS else len(order), control)

        return sorted(known, key=key)


def area_of(control: str) -> str:
    """The area of a control: `sec-enc` of `sec-enc-01`."""
    return control.rpartition("-")[0]


def area_title(area: str) -> str:
    """The title of an area, itself where it is not one of ours."""
    return AREAS.get(area, area.upper())


def platform_title(platform: str) -> str:
    """The title of a platform."""
    return PLATFORMS.get(platform, platform or "Others")


def platform_file(platform: str) -> str:
    """The page of a platform, from the index."""
    return f"platforms/{platform or 'others'}.md"


def title_of(policy: Policy) -> str:
    """The title of a policy with the defaults of its parameters put in, as Markdown."""
    title = policy.title
    for name, value in policy.parameter_values().items():
        title = title.replace(f"{{params.{name}}}", shown(value))
    return inline(title)


def shown(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    return scalar_text(value)


def control_link(control: str, controls: Controls, above: str) -> str:
    """A link to the page of a control; `above` leads to the index (`../`)."""
    title = inline(str(controls.get(control, {}).get("title", "")))
    target = f"{above}controls/{control}.md"
    return f"{link(title, target)} ({code(control)})" if title else link(code(control), target)


def policy_row(policy: Policy, above: str) -> list[str]:
    """A policy in a table: id, severity, what is expected; opinionated ones are marked."""
    title = title_of(policy) + ("" if policy.default else " (opinionated)")
    return [link(code(policy.id), f"{above}{policy.id}.md"), policy.severity, title]


def by_severity(policies: Sequence[Policy]) -> list[Policy]:
    """Policies, the gravest first, then by id."""
    return sorted(policies, key=lambda policy: (SEVERITIES.index(policy.severity), policy.id))
