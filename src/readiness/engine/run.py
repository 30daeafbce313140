"""Checks on an estate give findings."""

from __future__ import annotations

import os
import traceback
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from readiness.engine.checks import Check
from readiness.engine.indexing import (
    Batch,
    Share,
    batches_of,
    changed_by_type,
    judged_services,
    shares_of,
)
from readiness.engine.locate import locate
from readiness.engine.telling import Telling
from readiness.engine.yields import Yields, in_yield_order
from readiness.errors import SourceError, UsageError
from readiness.estate.model import SERVICE, Estate, Resource, in_view
from readiness.estate.secrets import mask
from readiness.policy.cel import HOST, CelError, cel_error
from readiness.policy.host import bindings
from readiness.repo.facts import RepositoryFacts
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.engine.parts import Part
    from readiness.engine.tally import Tally

EVALUATION = (CelError, RecursionError, OverflowError)
"""What the closure of a condition raises where it has no value."""


class Run(Telling):
    """One pass of checks over an estate."""

    def __init__(
        self, estate: Estate, facts: RepositoryFacts, default_tier: int, kubernetes_version: str = ""
    ) -> None:
        super().__init__(estate, facts, kubernetes_version)
        self.default_tier = default_tier
        self.context: Container[str] = ()  # files whose resources are looked at and not judged

    def execute(self, checks: list[Check]) -> None:
        """Run every check on every resource, service and change it looks at, and on the estate as a whole."""
        for share in self.shares(checks):
            self.take(share)
        self.settle()

    def settle(self) -> None:
        """To be called when all is done that this run does."""
        if self.tally is not None:
            self.tally.settle()

    def shares(self, checks: list[Check]) -> list[Share]:
        """What running checks comes to, in shares that several processes may take in any order."""
        ordered = self._begin(checks)
        batches = self._batches("resource", ordered, self.estate.judged())
        if self.estate.services:
            batches += self._batches("service", ordered, {SERVICE: judged_services(self.estate)})
        if self.estate.changes:
            batches += self._batches("change", ordered, changed_by_type(self.estate))
        return shares_of(batches, [check for check in ordered if check.policy.on == "estate"])

    def take(self, share: Share) -> None:
        """Do one share of the work."""
        for check in share.whole:
            self._estate(check)
        for batch in share.batches:
            self._batch(batch)

    def judge(self, checks: list[Check]) -> None:
        """Run the checks on every exception: those of policies that are `"on": triage`."""
        for batch in self._batches("triage", self._begin(checks), self.estate.by_type):
            self._batch(batch)
        self.settle()

    def _begin(self, checks: list[Check]) -> list[Check]:
        """Checks in their order; what is about the estate as a whole is held against the first part."""
        ordered = in_yield_order(checks)
        self._yields = Yields(ordered)
        if self.parts is not None:
            self._part = self.parts.every[0]
        return ordered

    def enter(self, part: Part) -> None:
        """Look at resources of one part from here on."""
        self._part, self.default_tier = part, part.tier

    def one(self, resource: Resource, checks: list[Check]) -> Yields:
        """Run the checks on one resource alone; what failed on it is what is given back."""
        self._yields = Yields(checks)
        self._resource(resource, in_yield_order(checks))
        return self._yields

    def _batches(self, what: str, checks: list[Check], resources: dict[str, list[Resource]]) -> list[Batch]:
        """Checks with the resources or changes that they look at: each part of the run has its own."""
        if self.parts is None:
            checks = [check for check in checks if check.policy.on == what]
            return batches_of(checks, resources, self._yields, None)
        found = []
        for part, share in self.parts.divide(resources):
            own = in_yield_order(part.checks)
            found += batches_of([check for check in own if check.policy.on == what], share, Yields(own), part)
        return found

    def _batch(self, batch: Batch) -> None:
        outer = self._yields, self.default_tier, self._part
        self._yields = batch.yields
        if batch.part is not None:
            self.enter(batch.part)
        viewed = any(view for _, view in batch.checks)
        everything = [check for check, _ in batch.checks]
        for resource in batch.resources:
            if viewed:
                everything = [c for c, view in batch.checks if view is None or in_view(resource, view)]
            self._resource(resource, everything)
        self._yields, self.default_tier, self._part = outer

    def _estate(self, check: Check) -> None:
        """An estate policy runs once; it reports on the first resource it names, if there is one."""
        subjects = [r for pattern in check.policy.resources for r in self.estate.of_type(pattern)]
        if subjects:
            self._everywhere = True
            self._resource(subjects[0], [check])
            self._everywhere = False

    def _resource(self, resource: Resource, checks: Iterable[Check]) -> None:
        self.host.current = resource
        names = bindings(resource, self.default_tier)
        names[HOST] = self.host.functions
        self._yields.next_resource()
        for check in checks:
            evaluated = self.counts.evaluated
            try:
                self._check(check, resource, names)
            except UsageError:
                raise
            except Exception as error:
                self._internal(check, resource, error)
                if self.tally is not None:
                    self._marks.append(("unknown", ""))
            evaluated = self.counts.evaluated - evaluated  # how often it was met or failed
            if self.tally is not None and (evaluated or self._marks):
                self._count(check, resource, evaluated, self.tally)

    def _count(self, check: Check, resource: Resource, evaluated: int, tally: Tally) -> None:
        """Add what one check gave to the tally."""
        marks, self._marks = self._marks, []
        if check.policy.on != "change":
            met = evaluated - sum(status == "fail" for status, _ in marks) if marks else evaluated
            everybodys = self._everywhere and len(self.estate.services) > 1
            tally.add(check, resource, met, marks, self.context, everybodys)

    def _internal(self, check: Check, resource: Resource, error: BaseException) -> None:
        """A bug in one policy or builder costs that check alone, and is reported as an error."""
        if os.environ.get("READINESS_DEBUG"):
            traceback.print_exc()
        what = error.message if isinstance(error, CelError) else f"{type(error).__name__}: {error}"
        message = f"internal error in policy {check.policy.id} on {resource.address}: {what}"
        span = resource.header
        message = mask(message, self._secrets, resource.address)
        self.errors.append(SourceError(span.path, span.line, span.column, message, "internal"))

    def _check(self, check: Check, resource: Resource, names: dict[str, Any]) -> None:
        policy = check.policy
        severity = policy.severity
        if policy.tiers is not None:
            by_tier = policy.tiers.get(names["tier"])
            if by_tier is None:
                self.counts.skipped += 1
                return
            severity = by_tier
        if not check.ready:
            check.prepare()
        if check.admission is not None:
            self._admission(check, resource, severity)
            return
        names["params"] = check.params
        applies: Any = True
        if check.applies is not None:
            try:
                applies = check.applies(names)
            except EVALUATION as error:
                self._fail(check, resource, names, severity, check.when, _because(error))
                return
            if applies is not True and not isinstance(applies, Unknown):
                self.counts.skipped += 1
                return
        if check.each is None:
            self._assert(check, resource, names, severity, applies)
            return
        self._each(check, resource, names, severity, applies)

    def _admission(self, check: Check, resource: Resource, severity: str) -> None:
        """Hold a policy of Kubernetes against an object; settings have the last word on severities."""
        policy = check.policy
        said = policy.tiers is not None or severity != check.admission.admission.severity
        for verdict in self.host.reviewer.verdicts(check.admission, resource):
            weight = severity if said else verdict.severity
            names: dict[str, Any] = {"item": verdict.name}
            if verdict.unknown is not None:
                self._unknown(check, resource, weight, verdict.unknown, names, verdict)
            elif verdict.status == "skipped":
                self.counts.skipped += 1
            else:
                self.counts.evaluated += 1
            if verdict.status == "fail":
                span, origins = locate(resource, verdict.blames)
                if not self._merged(policy.id, resource, "fail", weight, span):
                    self._add(check, resource, names, weight, "fail", span, verdict.message, None, origins)

    def _each(
        self, check: Check, resource: Resource, names: dict[str, Any], severity: str, applies: Any
    ) -> None:
        try:
            items = check.each.code(names)
        except EVALUATION as error:
            self._fail(check, resource, names, severity, check.each, _because(error))
            return
        if items is None:
            return
        if isinstance(items, dict):
            items = list(items.values())
        elif isinstance(items, Unknown):
            self._unknown(check, resource, severity, items, names)
            return
        elif not isinstance(items, list):
            self._fail(check, resource, names, severity, check.each, " (neither a list nor a mapping)")
            return
        for item in items:
            # An unknown item is asserted too: what is known of it may decide.
            names["item"] = item
            self._assert(check, resource, names, severity, applies)
        names["item"] = None

    def _assert(
        self, check: Check, resource: Resource, names: dict[str, Any], severity: str, applies: Any
    ) -> None:
        policy = check.policy
        if policy.yields_to and self._yields.silent(policy.id, names.get("item"), check.each is not None):
            self.counts.skipped += 1
            return
        unknown: Unknown | None = None
        waiting: Any = None
        for code, conjunct in check.codes or check.asserted():
            try:
                result = code(names)
            except EVALUATION as error:
                self._fail(check, resource, names, severity, conjunct, _because(error))
                return
            if result is True:
                continue
            if isinstance(result, Unknown):
                if unknown is None:
                    unknown, waiting = result, conjunct
            else:
                if isinstance(applies, Unknown):
                    self._unknown(check, resource, severity, applies, names)
                else:
                    self._fail(check, resource, names, severity, conjunct, "")
                return
        if unknown is None:
            self.counts.evaluated += 1
        else:
            self._unknown(check, resource, severity, unknown, names, waiting)


def _because(error: Exception) -> str:
    """What a message says of a condition that has no value."""
    return f" ({cel_error(error).message})"
