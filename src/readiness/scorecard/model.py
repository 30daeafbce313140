"""What the readiness report is made of: plain data that every form of it shows."""

from __future__ import annotations

from msgspec import Struct, field

from readiness.engine.model import Report

CONTROL_STATUSES = ("met", "partly", "not-met", "waived", "unknown", "not-applicable")
"""What a control may be for a service.

`met`: everything that it asks is there.  `partly`: some of it.  `not-met`: none of it.  `waived`: all that is
missing is let pass by an exception, which is not the same as met.  `unknown`: nothing is known to be missing,
and something cannot be known before apply.  `not-applicable`: it asks nothing of what the service has.
"""

STRENGTHS = ("block", "warn", "info")
"""How much a control weighs for a tier, by `controls.yaml`: it stops a launch, is reported, or advises."""

SHORTFALLS = ("fail", "unknown", "suppressed", "waived", "baselined")
"""Why something is missing: the statuses of findings."""


class Evidence(Struct, frozen=True):
    """What shows that a control is met: a place (line from 1, path with `/`) and what stands there."""

    path: str
    line: int
    text: str


class Missing(Struct, frozen=True):
    """What a control misses: one finding.

    `text` is its message, `addresses` the resources of this service that it is about, `status` one of
    `SHORTFALLS`, `fixable` `safe`, `unsafe` or None.  `until` is the day (`YYYY-MM-DD`) on which the
    exception that lets it pass ends, `reason` why it is let pass or unknown.
    """

    policy: str
    severity: str
    status: str
    text: str
    path: str
    line: int
    addresses: tuple[str, ...]
    fingerprint: str
    fixable: str | None = None
    reason: str | None = None
    until: str | None = None


class ControlResult(Struct):
    """A control for one service.

    `of` is how many checks it made (a policy on a resource is one), of which `met` hold, `failed` do not
    (findings of a baseline count among them), `waived` are let pass by an ignore or a waiver, and `unknown`
    wait for a value.  `share` is the part that holds of what is known, from 0 to 1, each check weighed by the
    severity of its policy for the tier; None where nothing is known.  `strength` is one of `STRENGTHS`.
    `level` is the best level that it allows ("" for none, None where it is not asked for at any level).
    """

    control: str
    status: str
    strength: str
    met: int = 0
    of: int = 0
    failed: int = 0
    waived: int = 0
    unknown: int = 0
    share: float | None = None
    level: str | None = None
    evidence: list[Evidence] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


class AreaResult(Struct):
    """An area (ownership, runbooks …) for one service.

    `score` is a whole number from 0 to 100, None where none of its controls is known.  `capped_by` is the
    control that holds it down, where one does.  `level` is the best level that all of its controls allow, ""
    for none, None where it asks nothing.
    """

    area: str
    title: str
    controls: list[str]
    score: int | None = None
    level: str | None = None
    capped_by: str | None = None


class Step(Struct, frozen=True):
    """One change on the way to the next level: a place to edit, and all that it closes.

    `findings` is how many findings end with it, `unlocks` the controls that then hold at that level,
    `command` the command that makes the change where there is a fix.
    """

    action: str
    policy: str
    severity: str
    path: str
    line: int
    closes: tuple[str, ...]  # controls
    findings: int = 1
    unlocks: tuple[str, ...] = ()
    fixable: str | None = None
    command: str | None = None
    fingerprints: tuple[str, ...] = ()


class Fact(Struct, frozen=True):
    """Who says a fact of a service (`owner`, `tier` …): `by` is one of `SOURCES` in `estate.services`."""

    value: str
    by: str
    path: str
    line: int


class ServiceResult(Struct):
    """One service: who it is, how ready it is, and what would make it more so.

    `tier` is the one that its strictness follows; `tier_assumed` says that nothing names it.  `level` is ""
    below the lowest, `level_if_known` the one that it would have if everything unknown turned out well (equal
    to `level` where nothing is).  `score` is from 0 to 100, None where nothing is known.  `next_level` is the
    level after `level`, None at the highest; `steps` are the smallest set of changes that gets there.
    `problem` says why it has no level and score (a tier that nobody defined).
    """

    name: str
    tier: int
    tier_assumed: bool
    found_by: str
    path: str
    line: int
    owner: str | None = None
    system: str | None = None
    lifecycle: str | None = None
    link: str | None = None
    environments: list[str] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    resources: int = 0
    documents: list[str] = field(default_factory=list)
    level: str = ""
    level_if_known: str = ""
    score: int | None = None
    areas: list[AreaResult] = field(default_factory=list)
    controls: list[ControlResult] = field(default_factory=list)
    next_level: str | None = None
    steps: list[Step] = field(default_factory=list)
    problem: str | None = None
    repository: str = ""  # the checkout that it stands in, in a report over many


class Listed(Struct, frozen=True):
    """One thing behind a key figure: what it is, where it stands, whether it counts as met, whose it is."""

    name: str
    path: str
    line: int
    met: bool
    service: str = ""


class Kpi(Struct):
    """A key figure: its target, what it is now, and the list behind it.

    `target` is a number in `unit`; `comparison` (`>=`, `>`, `<=`, `<`, `=`) says on which side of it is good.
    `actual` is None where there is nothing to measure (`of` is 0).  `trend` is the difference to the run of
    the history that it is compared with, in the same unit; None without one.  `listed` holds what is not met
    first, and at most the first 1,000; `unknown` is how many could not be decided (they count in neither).
    """

    id: str
    name: str
    control: str
    target: float
    comparison: str
    unit: str
    actual: float | None
    met: int
    of: int
    unknown: int = 0
    on_target: bool | None = None
    tiers: tuple[int, ...] = ()
    blueprint: str = ""
    trend: float | None = None
    listed: list[Listed] = field(default_factory=list)


class PolicyHealth(Struct):
    """How a policy does over the whole estate: where nearly everything fails, it is perhaps the policy.

    Counted in checks (the policy on a resource): `evaluated` are those that passed or failed.
    """

    policy: str
    title: str
    control: str
    severity: str
    evaluated: int
    failed: int  # findings that nothing lets pass, and those of a baseline
    waived: int  # ignored in place or waived
    unknown: int


class Unassigned(Struct, frozen=True):
    """A resource that belongs to no service."""

    address: str
    type: str
    path: str
    line: int


class ControlInfo(Struct, frozen=True):
    """A control as the report names it: `area` is the id of its area, `strengths` its strength by tier."""

    id: str
    title: str
    area: str
    statement: str = ""
    why: str = ""
    strengths: dict[int, str] = {}
    frameworks: dict[str, tuple[str, ...]] = {}  # clauses by framework, from the policies of the control


class Problem(Struct, frozen=True):
    """Something that keeps a part of the report from being made (line and column from 1, 0 for none)."""

    message: str
    path: str = ""
    line: int = 0
    column: int = 0


class Point(Struct, frozen=True):
    """The numbers of one run in the history; `when` is `YYYY-MM-DDTHH:MM:SSZ`, `commit` "" where unknown.

    `services` has score and level by name of the service (behind that of its checkout and a `/` in a report
    over many), `kpis` the actual value by id.  `definitions` is as in `Scorecard`.
    """

    when: str
    commit: str
    services: dict[str, tuple[int | None, str]] = {}
    kpis: dict[str, float | None] = {}
    definitions: str = ""


class Scorecard(Struct):
    """The whole report.

    `levels` are their names, the lowest first.  `report` has the findings, errors and counts of the run that
    it is made from.  `repositories` are the names of the checkouts of a report over many, `commits` what each
    of them had checked out, where that is known.  `definitions` is a digest of what the numbers are measured
    by: only reports with the same one can be compared.
    """

    services: list[ServiceResult]
    report: Report
    controls: dict[str, ControlInfo]
    levels: tuple[str, ...]
    areas: dict[str, str] = field(default_factory=dict)  # titles by id, in their order
    kpis: list[Kpi] = field(default_factory=list)
    health: list[PolicyHealth] = field(default_factory=list)
    unassigned: list[Unassigned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    history: list[Point] = field(default_factory=list)  # the oldest first, this run last
    title: str = ""  # the name of the repository
    commit: str = ""
    when: str = ""  # `YYYY-MM-DDTHH:MM:SSZ`
    repositories: list[str] = field(default_factory=list)
    definitions: str = ""
    branch: str = ""
    commits: dict[str, str] = field(default_factory=dict)

    def commit_of(self, service: ServiceResult) -> str:
        """The commit whose files a service was judged by; "" where that is none."""
        return self.commits.get(service.repository, self.commit)
