"""Findings and the report: what every output is made from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.values import Span

SEVERITIES = ("critical", "high", "medium", "low", "info")
"""Severities, gravest first."""

STATUSES = ("fail", "unknown", "suppressed", "waived", "baselined")


class Origin(Struct, frozen=True):
    """Where a value came from when it is not written where it is used."""

    kind: str  # "default of variable x" | "tfvars" | "argument of module.y" | "local z" …
    span: Span


class Subject(Struct, frozen=True):
    """The resource of a finding, as outputs show it."""

    address: str
    type: str
    name: str
    service: str | None = None
    tier: int | None = None


class Identity(Struct, frozen=True):
    """What makes a finding the same one in another revision: no line is part of it.

    `item` names the part of the resource that it is about ("" for the whole), and `occurrence` counts
    findings that agree in all else, from 0.
    """

    policy: str
    path: str
    address: str
    item: str = ""
    occurrence: int = 0

    @property
    def fingerprint(self) -> str:
        """A digest of 24 hexadecimal digits."""
        parts = (self.policy, self.path, self.address, self.item)
        text = "\0".join(parts) + f"\0{self.occurrence}"
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class Allowance(Struct, frozen=True):
    """Who lets a finding pass, and until when; `span` is where that is written.

    `kind` is `ignore` (in place), `waiver`, `baseline` or `acknowledgement` (of a change).  `expires` is a
    day (`YYYY-MM-DD`).
    """

    kind: str
    span: Span
    reason: str | None = None
    owner: str | None = None
    ticket: str | None = None
    approved_by: str | None = None
    expires: str | None = None


class Comparison(Struct):
    """What a run found against a base revision: `base` is as the user named it, `commit` its full hash.

    `fixed` are the findings of the base that are gone.
    """

    base: str
    commit: str
    fixed: list[Finding] = field(default_factory=list)


class ChangeRisk(Struct, frozen=True):
    """How much can go wrong with a change, and who should look at it.

    `level` is `routine`, `elevated` or `high`; `review` says in words what it takes.  `actions` counts what
    the change does to resources (`create`, `update`, `replace`, `delete`, `forget`), `policies` are the ids
    of those that make it what it is.
    """

    level: str
    review: str
    actions: dict[str, int]
    policies: tuple[str, ...] = ()


class Finding(Struct, frozen=True):
    """One policy not met by one resource.

    `span` is what to look at (an attribute, an item, or the header of a block); `reason` is
    why it is unknown, suppressed, waived or baselined, else None.  `instances` holds further
    addresses that have the same cause at the same place (`count`, `for_each`, module calls).
    Where a root is evaluated for several environments, `environments` are those that the finding holds
    in, of `all_environments`; both are empty otherwise.  `advisory_until` is the day (`YYYY-MM-DD`) from
    which its policy gates, where that is still to come.  `identity` is what `fingerprint` is made from.
    `allowance` says who lets it pass, where its status is suppressed, waived or baselined.  Against a base
    revision it is `compared` as `new`, `worsened` or `unchanged`, else None; `was` is then the value that
    was better.  `affects` are the addresses of what hangs on a resource that a change touches.  `gates_at` is
    the severity that fails the gate for its path, where settings differ by path.  `apart` are the numbers of
    the exceptions that may hold for all of its resources (`readiness.engine.exceptions`), and `homes` the
    roots that they are in, each with its environment ("" where that has no name).
    """

    policy: str
    title: str
    control: str
    aliases: tuple[str, ...]
    severity: str
    status: str
    subject: Subject
    span: Span
    message: str
    remediation: str
    fingerprint: str
    fixable: str | None = None  # "safe" | "unsafe" | None
    reason: str | None = None
    origins: tuple[Origin, ...] = ()
    instances: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    all_environments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    advisory_until: str | None = None
    identity: Identity | None = None
    allowance: Allowance | None = None
    compared: str | None = None
    was: str | None = None
    gates_at: str | None = None
    affects: tuple[str, ...] = ()
    apart: tuple[int, ...] = ()
    homes: tuple[tuple[str, str], ...] = ()


class Counts(Struct):
    """What a run did; nothing that was not looked at may go uncounted."""

    files: int = 0  # read
    unread: int = 0  # could not be read, wholly or in part
    ignored_files: int = 0  # looked at and found to be no infrastructure
    templates: int = 0  # Helm templates, which are not manifests until they are rendered
    patches: int = 0  # files and parts of objects that overlays apply, never judged by themselves
    resources: int = 0
    policies: int = 0  # selected for the run
    evaluated: int = 0  # checks that gave pass or fail
    unknown: int = 0  # checks that gave unknown
    skipped: int = 0  # checks whose `when` or tier did not apply
    unknown_reasons: Counter[str] = field(default_factory=Counter)

    def add_checks(self, other: Counts) -> None:
        """Add the checks of another run on the same estate."""
        self.evaluated += other.evaluated
        self.unknown += other.unknown
        self.skipped += other.skipped
        self.unknown_reasons = self.unknown_reasons + other.unknown_reasons


class PolicyMeta(Struct):
    """What outputs need to know of a policy (SARIF rules, explain)."""

    id: str
    title: str
    severity: str
    control: str
    remediation: str
    aliases: tuple[str, ...]
    references: tuple[str, ...]
    resources: tuple[str, ...]
    fixable: str | None = None


class Report(Struct):
    """The result of one run: sorted findings, errors and counts.

    `sources` gives the text of a file by path for code excerpts (only of files with findings).
    `policies` holds the metadata of every policy that was selected, by id.
    """

    findings: list[Finding]
    errors: list[SourceError]
    counts: Counts
    policies: dict[str, PolicyMeta] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    fail_on: str = "high"
    unknown: str = "warn"  # "ignore" | "warn" | "fail"
    allow_empty: bool = False
    notices: list[SourceError] = field(default_factory=list)  # worth knowing; the run is complete without
    remarks: list[str] = field(default_factory=list)  # the same about the command line, for standard error
    comparison: Comparison | None = None
    risk: ChangeRisk | None = None  # of a change: a plan, or what differs from a base revision

    @property
    def gating(self) -> list[Finding]:
        """Findings that fail the gate: at or above `fail_on`, not advisory, and not triaged away."""
        return [finding for finding in self._at_the_gate() if finding.advisory_until is None]

    @property
    def advisory(self) -> list[Finding]:
        """Findings that would fail the gate, were their policies not advisory yet."""
        return [
            finding
            for finding in self._at_the_gate()
            if finding.advisory_until is not None and finding.status == "fail"
        ]

    def _at_the_gate(self) -> Iterator[Finding]:
        """Findings at or above the gate of their path which nothing lets pass, and which the base had not."""
        statuses = {"fail", "unknown"} if self.unknown == "fail" else {"fail"}
        for finding in self.findings:
            if finding.status in statuses and finding.compared != "unchanged":
                limit = finding.gates_at or self.fail_on
                if SEVERITIES.index(finding.severity) <= SEVERITIES.index(limit):
                    yield finding

    @property
    def empty(self) -> bool:
        """True when nothing was there to check."""
        return self.counts.resources == 0

    @property
    def exit_status(self) -> int:
        """0, 1 or 3 as in the contract: findings gate first, then what could not be read."""
        if self.gating:
            return 1
        if self.errors or (self.empty and not self.allow_empty):
            return 3
        return 0
