"""Results of checks → findings: where they point to, what is told once, and who may let them pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import Check
from readiness.engine.locate import locate
from readiness.engine.model import Counts, Finding, Identity, Origin, Subject
from readiness.engine.yields import Yields
from readiness.errors import SourceError
from readiness.estate.model import Estate, Resource
from readiness.estate.secrets import mask, secret_texts
from readiness.policy.cel import Blame
from readiness.policy.host import Host
from readiness.repo.facts import RepositoryFacts
from readiness.values import Map, Span, Unknown

if TYPE_CHECKING:
    from readiness.engine.parts import Part, Parts
    from readiness.engine.tally import Tally

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


class Telling:
    """Collects the findings, errors and counts of a run."""

    def __init__(self, estate: Estate, facts: RepositoryFacts, kubernetes_version: str = "") -> None:
        self.estate = estate
        self.host = Host(estate, facts, kubernetes_version)
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
        self.tally: Tally | None = None
        self._marks: list[tuple[str, str]] = []  # status and fingerprint of what one check found

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
        if self._yields.waits(check.policy.id, names.get("item"), check.each is not None, unknown):
            self.counts.skipped += 1
            return
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
        if self.tally is not None:
            self._marks.append((status, identity.fingerprint))
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
        if self.tally is not None:
            self._marks.append((status, self.findings[first.index].fingerprint))
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
                    all_environments=_names(
                        name for root, _ in several for name in environments.get(root, ())
                    ),
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


def _within(span: Span, resource: Resource) -> bool:
    """Whether a span is a part of a resource, and not all of it."""
    outer = resource.span
    if resource.scattered and span.path != outer.path:
        return True
    return span.path == outer.path and span != outer and outer.line <= span.line <= outer.end_line
