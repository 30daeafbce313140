"""Checks on an estate give findings."""

from __future__ import annotations

import os
import traceback
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from readiness.engine.checks import Check
from readiness.engine.indexing import changed_by_type, checks_by_type, judged_services
from readiness.engine.locate import locate
from readiness.engine.telling import Telling
from readiness.engine.yields import Yields, in_yield_order
from readiness.errors import SourceError, UsageError
from readiness.estate.model import Estate, Resource, in_view
from readiness.estate.secrets import mask
from readiness.policy.cel import HOST, CelError, cel_error
from readiness.policy.host import bindings
from readiness.repo.facts import RepositoryFacts
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.engine.parts import Part

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

    def execute(
        self, checks: list[Check], types: frozenset[str] | None = None, everything: bool = True
    ) -> None:
        """Run every check on every resource it looks at.

        `types` limits that to the resources of some types; without `everything` the checks on changes
        and on the estate as a whole are left out.
        """
        checks = in_yield_order(checks)
        self._yields = Yields(checks)
        resources = self.estate.judged()
        if types is not None:
            resources = {type_: found for type_, found in resources.items() if type_ in types}
        self._on("resource", checks, resources)
        if not everything:
            return
        if self.estate.services:
            self._on("service", checks, {"service": judged_services(self.estate)})
        if self.estate.changes:
            self._on("change", checks, changed_by_type(self.estate))
        for check in checks:
            if check.policy.on == "estate":
                self._estate(check)

    def judge(self, checks: list[Check]) -> None:
        """Run the checks on every exception: those of policies that are `"on": triage`."""
        self._yields = Yields(checks)
        self._on("triage", in_yield_order(checks), self.estate.by_type)

    def enter(self, part: Part) -> None:
        """Look at resources of one part from here on."""
        self._part, self.default_tier = part, part.tier

    def one(self, resource: Resource, checks: list[Check]) -> Yields:
        """Run the checks on one resource alone; what failed on it is what is given back."""
        self._yields = Yields(checks)
        self._resource(resource, in_yield_order(checks))
        return self._yields

    def _on(self, what: str, checks: list[Check], resources: dict[str, list[Resource]]) -> None:
        """Run the checks on resources, or on changes: each part of the run has its own."""
        if self.parts is None:
            self._execute([check for check in checks if check.policy.on == what], resources)
            return
        whole = self._yields, self.default_tier
        for part, share in self.parts.divide(resources):
            own = in_yield_order(part.checks)
            self._yields, self.default_tier, self._part = Yields(own), part.tier, part
            self._execute([check for check in own if check.policy.on == what], share)
        (self._yields, self.default_tier), self._part = whole, self.parts.every[0]

    def _execute(self, checks: list[Check], resources: dict[str, list[Resource]]) -> None:
        for type_, found in checks_by_type(checks, resources).items():
            viewed = any(view for _, view in found)
            everything = [check for check, _ in found]
            for resource in resources[type_]:
                if viewed:
                    everything = [c for c, view in found if view is None or in_view(resource, view)]
                self._resource(resource, everything)

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
            if self.tally is not None:
                self._count(check, resource, self.counts.evaluated - evaluated)

    def _count(self, check: Check, resource: Resource, evaluated: int) -> None:
        """Add what one check gave to the tally; `evaluated` is how often it was met or failed."""
        marks = self._marks
        if (evaluated or marks) and check.policy.on != "change" and self.tally is not None:
            failed = sum(status == "fail" for status, _ in marks)
            everybodys = self._everywhere and len(self.estate.services) > 1
            self.tally.add(check, resource, evaluated - failed, marks, self.context, everybodys)
        if marks:
            self._marks = []

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
