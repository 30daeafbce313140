"""Why a policy holds for a resource, or does not: the real run, and beside it everything it looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.config.model import Cascade, Layer
from readiness.engine.checks import Check, checks_of
from readiness.engine.explain_conditions import Conditions
from readiness.engine.explain_targets import looks_at
from readiness.engine.explain_trace import Trace, skip
from readiness.engine.explain_why import Basis, basis_of, facts_of
from readiness.engine.explained import OUTCOMES, SKIPPED, Explained, Fact
from readiness.engine.model import Finding, Report
from readiness.engine.prepare import Prepared
from readiness.engine.run import Run
from readiness.engine.settings import Settings
from readiness.engine.triage import advisory, gating_alone
from readiness.engine.yields import Yields, all_above
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.estate.secrets import mask, masked, secret_texts
from readiness.policy.host import Host, bindings
from readiness.policy.model import Policy
from readiness.policy.overrides import override

if TYPE_CHECKING:
    from readiness.engine.parts import Parts

ReportOf = Callable[[frozenset[str] | None], Report]
"""Gives the report of the run: of the policies of some ids alone, or (None) of all."""


class World(Struct):
    """A loaded estate with what a run on it would use; `parts` where settings differ by path."""

    loaded: Loaded
    prepared: Prepared
    settings: Settings
    parts: Parts | None
    report_of: ReportOf


class _Ground(Struct):
    """What holds for a resource: the basis of the policy, the checks that count, and the tier of others."""

    basis: Basis
    check: Check
    checks: list[Check]
    tier: int


def explain(policy: Policy, resources: Sequence[Resource], world: World) -> list[Explained]:
    """Explain a policy for each of some resources.

    Raises:
        UsageError: a condition of the policy, or of one that it yields to, is wrong.
    """
    return _Explainer(policy, world).every(resources)


class _Explainer:
    def __init__(self, policy: Policy, world: World) -> None:
        self.id = policy.id
        self.on = policy.on
        self.world = world
        self.estate = world.loaded.estate
        loaded = world.loaded
        facts = loaded.facts()
        self.host = Host(self.estate, facts, world.settings.kubernetes_version)
        self._facts = facts
        self._secrets = self.estate.secrets
        self._owners = {id(r.body): r for r in (*self.estate.changes, *self.estate.resources)}
        self._grounds: dict[int, _Ground] = {}
        self._report: Report | None = None

    def every(self, resources: Sequence[Resource]) -> list[Explained]:
        """The explanations, what wants attention first; else in their order."""
        found = [self.one(resource) for resource in resources]
        return sorted(found, key=lambda one: OUTCOMES.index(one.outcome))

    def one(self, resource: Resource) -> Explained:
        """The explanation for one resource."""
        ground = self._ground(resource)
        if not ground.check.ready:
            ground.check.prepare()
        given = self.world.settings.cascade or Cascade()
        service = None if resource.service is None else mask(resource.service, self._secrets)
        told = Explained(
            resource.address,
            resource.type,
            resource.name,
            resource.header,
            ground.check.title,
            resource.variant,
            resource.root,
            service,
            facts=[
                self._shown(fact)
                for fact in facts_of(ground.basis, resource, self.estate, given, ground.tier)
            ],
        )
        if not looks_at(ground.check.policy, resource):
            kinds = ", ".join(ground.check.policy.resources[:5])
            return skip(told, "type", f"it looks at {kinds}; this is {resource.type}")
        own, yields = self._run(told, ground, resource)
        self.host.current = resource
        trace = Trace(
            ground.check, resource, self._conditions(resource, told.facts), self.host, self._hidden(resource)
        )
        trace.run(told, bindings(resource, ground.tier), yields)
        self._settle(told, ground, own)
        return told

    def _shown(self, fact: Fact) -> Fact:
        value = masked(fact.value, self._secrets)
        return Fact(fact.name, value, mask(fact.origin, self._secrets), fact.place)

    def _conditions(self, resource: Resource, facts: Sequence[Fact]) -> Conditions:
        return Conditions(resource, self._owners, facts, self._hidden(resource))

    def _hidden(self, resource: Resource) -> frozenset[str]:
        """What is not printed of a resource."""
        return self._secrets | secret_texts(resource)

    # -- what holds for a resource ----------------------------------------------------

    def _ground(self, resource: Resource) -> _Ground:
        parts = self.world.parts
        number = 0 if parts is None else parts.scopes.number_of(resource)
        if number not in self._grounds:
            self._grounds[number] = self._made(number)
        return self._grounds[number]

    def _made(self, number: int) -> _Ground:
        world, prepared, parts = self.world, self.world.prepared, self.world.parts
        layers: tuple[Layer, ...] = ()
        if parts is None:
            settings, selected = world.settings, prepared.policies
            late = advisory(selected, world.loaded.today)
            checks = checks_of(gating_alone(selected, late), prepared.made)
            every = prepared.every
        else:
            scope = parts.scopes.every[number]
            settings, selected, layers = scope.settings, scope.policies, scope.layers
            checks = parts.every[number].checks
            every = override(prepared.written, settings.overrides, lenient=True).policies
        basis = basis_of(settings, layers, selected, every, prepared.written, self.id)
        above = all_above(checks).get(self.id, frozenset())
        needed = [c for c in checks if c.policy.id in {self.id, *above} and c.policy.on == self.on]
        check = next((check for check in needed if check.policy.id == self.id), None)
        check = check or checks_of([basis.policy], prepared.made)[0]
        return _Ground(basis, check, needed, settings.tier)

    # -- what the run says ------------------------------------------------------------

    def _run(self, told: Explained, ground: _Ground, resource: Resource) -> tuple[list[Finding], Yields]:
        """What the run finds on the resource by itself."""
        run = Run(self.estate, self._facts, ground.tier, self.world.settings.kubernetes_version)
        run.host = self.host
        if not ground.basis.selected:
            return [], Yields(ground.checks)
        yields = run.one(resource, ground.checks)
        told.errors = [
            error.message
            for error in run.errors
            if error.message.startswith(f"internal error in policy {self.id} ")
        ]
        return [finding for finding in run.findings if finding.policy == self.id], yields

    def _settle(self, told: Explained, ground: _Ground, own: list[Finding]) -> None:
        """The outcome, as the report of the whole run has it."""
        if told.errors:
            told.outcome = "error"
            return
        if not ground.basis.selected:
            told.would = told.outcome
            skip(told, "not-selected", SKIPPED["not-selected"])
            return
        if not own:
            return
        report = self._whole(ground)
        told.findings = _as_told(own, report.findings, told)
        told.gates = any(finding in report.gating for finding in told.findings)
        if told.findings:
            told.outcome = min((f.status for f in told.findings), key=OUTCOMES.index)
        else:
            why = "another finding says the same, or its file was read for context only"
            told.would = told.outcome
            skip(told, "context", why)

    def _whole(self, ground: _Ground) -> Report:
        if self._report is None:
            # Whether a finding on a change is told depends on those on the resource as it is now.
            every = {check.policy.id for known in self._grounds.values() for check in known.checks}
            self._report = self.world.report_of(None if self.on == "change" else frozenset(every))
        return self._report


def _as_told(own: Sequence[Finding], report: Sequence[Finding], told: Explained) -> list[Finding]:
    """The findings of a report that stand for those of one resource, each once."""
    left = [
        finding
        for finding in report
        if told.address in (finding.subject.address, *finding.instances)
        and (not finding.environments or not told.variant or told.variant in finding.environments)
    ]
    found = []
    for finding in own:
        same = [one for one in left if _kind(one) == _kind(finding)]
        named = [one for one in same if _item(one) == _item(finding)]
        for one in (named or same)[:1]:
            found.append(one)
            left.remove(one)
    return found


def _kind(finding: Finding) -> tuple[object, ...]:
    unknown = finding.status == "unknown" or finding.message.find(": cannot be decided for ") > 0
    return finding.policy, finding.span, finding.severity, unknown


def _item(finding: Finding) -> str:
    return "" if finding.identity is None else finding.identity.item
