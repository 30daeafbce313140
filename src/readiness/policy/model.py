"""A policy as it stands in its file."""

from __future__ import annotations

import datetime
from typing import Any

from msgspec import Struct, field


class Example(Struct, frozen=True):
    """One example of a policy: files by name (`main.tf`, `manifest.yaml`), and where it stands.

    `at` is the line that a finding must point to (in the only file), if the example says so;
    `address` the resource that it must name.  `before` has the files as they were before a change; None where
    the example is of no change, or of that of a plan.
    """

    files: dict[str, str]
    line: int  # in the policy file
    at: int | None = None
    address: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    today: str | None = None  # `YYYY-MM-DD`: the day on which it is judged
    column: int = 1  # in the policy file
    fixed: bool = True  # whether the fix of the policy, if it has one, mends it
    before: dict[str, str] | None = None

    @property
    def day(self) -> datetime.date | None:
        """`today` as a date."""
        return datetime.date.fromisoformat(self.today) if self.today else None


class Examples(Struct, frozen=True):
    """The examples of a policy by what they must give."""

    pass_: list[Example] = field(default_factory=list)
    fail: list[Example] = field(default_factory=list)
    unknown: list[Example] = field(default_factory=list)


class Policy(Struct, frozen=True):
    """One policy.  Conditions are CEL source; `lines` gives the place of each field in the file.

    `since` is the version that brought it, `warn_until` the day (`YYYY-MM-DD`) until which its findings
    are advisory, `former_ids` are names that it had before, `yields_to` the ids of policies that are more
    specific: where one of them fails, this one says nothing.  `admission` is a ValidatingAdmissionPolicy with
    its bindings (`readiness.policy.admission.model`), which takes the place of the conditions.  `notes` are
    worth knowing of the pack: path, line, column and text.
    """

    id: str
    title: str
    control: str
    severity: str
    resources: tuple[str, ...]
    assert_: str
    message: str
    remediation: str
    path: str
    tiers: dict[int, str] | None = None
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    when: str | None = None
    each: str | None = None
    at: str | None = None
    on: str = "resource"
    default: bool = True
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    frameworks: dict[str, list[str]] = field(default_factory=dict)
    fix: dict[str, Any] | None = None
    since: str = ""
    warn_until: str | None = None
    former_ids: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    admission: dict[str, Any] | None = None
    notes: tuple[tuple[str, int, int, str], ...] = ()
    examples: Examples = field(default_factory=Examples)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def fixable(self) -> str | None:
        """`safe` or `unsafe` where the policy has a fix, else None."""
        return self.fix.get("safety", "unsafe") if self.fix else None

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that select this policy; `report` has those of `default` besides."""
        own = "security" if self.control.startswith(("sec-", "sup-")) else "readiness"
        if not self.default:
            return (own, "all")
        return ("report" if self.on == "service" else "default", own, "all")

    def parameter_values(self) -> dict[str, Any]:
        """The parameters with their defaults."""
        return {name: spec.get("default") for name, spec in self.params.items()}
