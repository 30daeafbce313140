"""What an explanation says, as data: why a policy runs, what it looked at, and what came of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from readiness.config.model import Place
from readiness.engine.model import Finding, Origin
from readiness.values import Span

OUTCOMES = (
    *("fail", "error", "unknown", "suppressed", "waived", "baselined"),
    *("pass", "skipped"),
)
"""What may come of a policy and a resource, what wants attention first."""

SKIPPED = {
    "not-selected": "settings leave it out",
    "type": "it looks at resources of other types",
    "tier": "it is not checked in that tier",
    "when": "`when` is false",
    "no-items": "`each` has no items",
    "yields": "a more specific policy fails",
    "admission": "its bindings leave the object out",
    "context": "the finding is not told",
}
"""Why a policy does not say anything of a resource, by code."""


class Fact(Struct, frozen=True):
    """One thing that decides whether and how a policy runs: its value, who says so, and where."""

    name: str
    value: Any
    origin: str  # "default", "command line", "settings", "policy", "label `tier`" …
    place: Place | None = None


class Input(Struct, frozen=True):
    """A value that a condition looked at, by the name that the condition gives it.

    `value` is None where it is absent, and an `Unknown` where it is not known; bodies of other resources are
    their addresses.  `error` says why it has none.  `span` is where it is written, of an absent one what
    should hold it; `address` is the resource it belongs to, where that is another one.
    """

    name: str
    value: Any
    span: Span | None = None
    origins: tuple[Origin, ...] = ()
    address: str | None = None
    error: str | None = None


class Condition(Struct, frozen=True):
    """A condition with its result: `true`, `false`, `unknown`, `error`, or `unused` where others decide.

    `source` is on one line.  `reason` says why it is unknown or an error, `element` of which element of a
    list it is told.  Where it has `parts` these have the values, and it has what it looked at beside them;
    `left` counts further elements.
    """

    source: str
    result: str
    reason: str | None = None
    element: str | None = None
    inputs: tuple[Input, ...] = ()
    parts: tuple[Condition, ...] = ()
    left: int = 0


class Item(Struct, frozen=True):
    """What a policy asserts of an item of `each`, or of the resource as a whole (`name` is None).

    `outcome` is `pass`, `fail`, `unknown` or `skipped`; `silenced_by` is the policy that it yields to.
    """

    name: str | None
    outcome: str
    conditions: tuple[Condition, ...]
    span: Span | None = None
    silenced_by: str | None = None


class Explained(Struct):
    """Why a policy holds for a resource or does not.

    `title` is that of the policy, with the parameters that hold here.  `outcome` is one of `OUTCOMES`;
    `skipped` has a `code` of `SKIPPED` and `why` in words, and `would` is what came of it, were it not left
    out.  `variant` is the environment for which its root was evaluated, if there are several.  `each` is the
    condition that gives the items.  `errors` are internal errors.
    """

    address: str
    type: str
    name: str
    span: Span
    title: str
    variant: str = ""
    root: str = "."
    service: str | None = None
    outcome: str = "pass"
    code: str | None = None
    why: str | None = None
    would: str | None = None
    facts: list[Fact] = field(default_factory=list)
    when: list[Condition] = field(default_factory=list)
    each: Condition | None = None
    items: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    gates: bool = False
    errors: list[str] = field(default_factory=list)
