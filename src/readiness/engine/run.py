"""Checks on an estate give findings."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import Check
from readiness.engine.indexing import changed_by_type, checks_by_type
from readiness.engine.locate import locate
from readiness.engine.model import Counts, Finding, Identity, Origin, Subject
from readiness.engine.yields import Yields, in_yield_order
from readiness.errors import SourceError, UsageError
from readiness.estate.model import Estate, Resource, in_view
from readiness.estate.secrets import mask, secret_texts
from readiness.policy.cel import HOST, Blame, CelError, cel_error
from readiness.policy.host import Host, bindings
from readiness.repo.facts import RepositoryFacts
from readiness.values import Map, Span, Unknown

if TYPE_CHECKING:
    from readiness.engine.parts import Part, Parts

EVALUATION = (CelError, RecursionError, OverflowError)
"""What the closure of a condition raises where it has no value."""


NAMING = ("name", "alert", "sid", "id", "key")
"""Keys whose value tells an item of `each` from the others, the best first."""

Watch = Callable[[Finding, Check, Resource, Any], None]
"""Is told of each finding that fails, with its check, resource and item."""

Apart = Callable[[str, Resource], tuple[int, ...]]
"""Says of the id of a policy and a resource which exceptions may hold."""


class _Told(Struct):
    """A finding that was told: its index, and the addresses and homes of what it stands for."""

    index: int
    addresses: dict[str, None]
    homes: dict[tuple[str, str], None]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


class Run:
    """One pass of checks over an estate; collects findings, errors and counts."""

    def __init__(
        self, estate: Estate, facts: RepositoryFacts, default_tier: int, kubernetes_version: str = ""
    ) -> None:
        self.estate = estate
        self.host = Host(estate, facts, kubernetes_version)
        self.default_tier = default_tier
        self.findings: list[Finding] = []
        self.errors: list[SourceError] = []
        self.counts = Counts()
        self._secrets = estate.secrets
        self._occurrences: dict[tuple[str, str, str, str], int] = {}
        self._ordinals: dict[tuple[int, str, Span], int] = {}
        self._told: dict[tuple[object, ...], _Told] = {}
        self._yields = Yields(())
        self._everywhere = False  # while a check looks at the estate as a whole
        self.watch: Watch | None = None
        # Findings are told as one only where this says the same of their resources: exceptions may differ.
        self.apart: Apart = lambda policy, resource: ()
        self.parts: Parts | None = None  # where settings differ by path or environment
        self._part: Part | None = None

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
            try:
                self._check(check, resource, names)
            except UsageError:
                raise
            except Exception as error:
                self._internal(check, resource, error)

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
        for code, conjunct in check.codes:
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

    # -- results --------------------------------------------------------------------

    def _fail(
        self,
        check: Check,
        resource: Resource,
        names: dict[str, Any],
        severity: str,
        conjunct: Any,
        extra: str,
    ) -> None:
        self.counts.evaluated += 1
        self._yields.failed(check.policy.id, names.get("item"), check.each is not None)
        functions = self.host.functions
        at = check.at
        blames = at.blame(names, functions) if at is not None else []
        blames = blames or conjunct.blame(names, functions)
        if check.each is not None and not any(blame.span for blame in blames):
            item = names["item"]
            own = [Blame(item.span, None, None, item)] if isinstance(item, Map) and item.span else []
            blames = own or check.each.blame(names, functions) or blames
        # What is gone stands where it stood, whatever else its condition looked at.
        span, origins = (resource.header, ()) if resource.is_gone else locate(resource, blames)
        if self._merged(check.policy.id, resource, "fail", severity, span):
            return
        message = check.message.render(names, functions) + extra
        self._add(check, resource, names, severity, "fail", span, message, None, origins)
        if self.watch is not None:
            self.watch(self.findings[-1], check, resource, names.get("item"))

    def _unknown(
        self,
        check: Check,
        resource: Resource,
        severity: str,
        unknown: Unknown,
        names: dict[str, Any],
        waiting: Any = None,
    ) -> None:
        """Note that a check waits for a value; `waiting` is the condition that looked at it."""
        self.counts.unknown += 1
        why = mask(unknown.reason, self._secrets, resource.address)
        reason = unknown.refs[0] if unknown.refs else why
        self.counts.unknown_reasons[reason] += 1
        span = unknown.span
        if waiting is not None and (span is None or not _within(span, resource)):
            blames = waiting.blame(names, self.host.functions)
            span = next((blame.span for blame in blames if isinstance(blame.value, Unknown)), None)
        if span is None or not _within(span, resource):
            span = resource.header
        if self._merged(check.policy.id, resource, "unknown", severity, span):
            return
        message = f"{check.title}: cannot be decided for {resource.address}, because {why}"
        self._add(check, resource, names, severity, "unknown", span, message, why, ())

    def tell_worse(
        self,
        check: Check,
        resource: Resource,
        severity: str,
        name: str,
        was: str,
        now: str,
        blames: list[Blame],
        item: str,
    ) -> None:
        """Add a finding for a value that was better in the base; the policy may still hold."""
        span, origins = locate(resource, blames)
        within = f" of {item}" if item else ""
        message = f"{name}{within} of {resource.address} went from {was} to {now}"
        names = {"item": f"{item}:{name}"}
        self._add(check, resource, names, severity, "fail", span, message, None, origins)
        last = self.findings[-1]
        was = mask(was, self._secrets | secret_texts(resource), resource.address)
        self.findings[-1] = replace(last, compared="worsened", was=was, fixable=None)

    def _add(
        self,
        check: Check,
        resource: Resource,
        names: dict[str, Any],
        severity: str,
        status: str,
        span: Span,
        message: str,
        reason: str | None,
        origins: tuple[Origin, ...],
    ) -> None:
        policy = check.policy
        service = mask(resource.service, self._secrets) if resource.service else None
        identity = self._identity(policy.id, resource, names)
        self.findings.append(
            Finding(
                policy=policy.id,
                title=check.title,
                control=policy.control,
                aliases=policy.aliases,
                severity=severity,
                status=status,
                subject=Subject(resource.address, resource.type, resource.name, service, resource.tier),
                span=span,
                message=mask(message, self._secrets | secret_texts(resource), resource.address),
                remediation=policy.remediation,
                fingerprint=identity.fingerprint,
                identity=identity,
                fixable=policy.fixable,
                reason=reason,
                origins=origins,
                references=policy.references,
                apart=self.apart(policy.id, resource),
                homes=((resource.root, "") if self._everywhere else resource.home,),
                advisory_until=None if self._part is None else self._part.late.get(policy.id),
                gates_at=None if self._part is None else self._part.gates_at,
            )
        )

    def _merged(self, policy: str, resource: Resource, status: str, severity: str, span: Span) -> bool:
        """True where the finding has been told already for another instance of the same block.

        A block with `count` or `for_each`, or in a module that is called twice, has one cause:
        it is one finding, which names the other addresses and the environments it holds in.
        """
        of_resource = (id(resource), policy, span)
        ordinal = self._ordinals.get(of_resource, 0)
        self._ordinals[of_resource] = ordinal + 1
        apart: tuple[object, ...] = self.apart(policy, resource)
        if self._part is not None:
            apart = (*apart, self._part.variants[policy], self._part.gates_at)
        key = (policy, status, severity, span, resource.inside, resource.type, ordinal, apart)
        home = (resource.root, "") if self._everywhere else resource.home
        first = self._told.get(key)
        if first is None:
            self._told[key] = _Told(len(self.findings), {resource.address: None}, {home: None})
            return False
        first.addresses[resource.address] = None
        first.homes[home] = None
        return True

    def results(self) -> list[Finding]:
        """The findings, each with the other instances that it stands for."""
        results = list(self.findings)
        environments = self.estate.environments()
        for told in self._told.values():
            several = [home for home in told.homes if home[1]]
            if len(told.addresses) > 1 or len(told.homes) > 1 or several:
                results[told.index] = replace(
                    results[told.index],
                    instances=tuple(told.addresses)[1:],
                    homes=tuple(told.homes),
                    environments=_names(home[1] for home in several),
                    all_environments=_names(name for root, _ in several for name in environments[root]),
                )
        return results

    def _identity(self, policy: str, resource: Resource, names: dict[str, Any]) -> Identity:
        """Policy, file, address and item, with the occurrence among those that agree in all of them."""
        named = mask(item_name(names.get("item")), self._secrets)
        one = (policy, _encodable(resource.header.path), resource.address, _encodable(named))
        occurrence = self._occurrences.get(one, 0)
        self._occurrences[one] = occurrence + 1
        return Identity(*one, occurrence)


def item_name(item: Any) -> str:
    """What tells an item of `each` from the others, "" where nothing does."""
    if isinstance(item, Map):
        return str(next((item[key] for key in NAMING if item.get(key) is not None), ""))
    return item if isinstance(item, str) else ""


def _encodable(text: str) -> str:
    """A text of which files can be written: names of files need not be UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")


def _because(error: Exception) -> str:
    """What a message says of a condition that has no value."""
    return f" ({cel_error(error).message})"


def _within(span: Span, resource: Resource) -> bool:
    """Whether a span is a part of a resource, and not all of it."""
    outer = resource.span
    if resource.scattered and span.path != outer.path:
        return True
    return span.path == outer.path and span != outer and outer.line <= span.line <= outer.end_line
