"""What every check gave, counted by service and policy: the numbers under the readiness report."""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.checks import Check
from readiness.estate.model import Resource

SHOWN = 3
"""How many resources that meet a policy are kept as evidence, per service and policy."""


class Short(Struct, frozen=True, array_like=True):
    """A resource that fails a policy, or of which it cannot be decided: `status` is `fail` or `unknown`.

    `fingerprints` are those of its findings; some may have been dropped since (an echo of another policy).
    Of one that fails, `waiting` are those of what cannot be decided besides.
    """

    address: str
    status: str
    fingerprints: tuple[str, ...]
    waiting: tuple[str, ...] = ()


class Proof(Struct, frozen=True, array_like=True):
    """A resource that meets a policy; `line` counts from 1."""

    address: str
    path: str
    line: int


class Tallied(Struct, array_like=True):
    """What one policy gave for the resources of one service.

    `met` counts resources, and `items` what their policy looked at in them one by one (`each`; the resource
    itself without): `items_met`, `items_failed` and `items_unknown`.  A resource that was evaluated for
    several environments counts once, as the worst that it was.
    """

    met: int = 0
    items_met: int = 0
    items_failed: int = 0
    items_unknown: int = 0
    short: list[Short] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)


class Tally(Struct):
    """Results of checks by service ("" for resources of none) and by id of the policy."""

    by_service: dict[str, dict[str, Tallied]] = field(default_factory=dict)
    _seen: dict[str, _Result] = field(default_factory=dict)

    def join(self, other: Tally) -> None:
        """Add the tally of other types of resources."""
        for service, policies in other.by_service.items():
            mine = self.by_service.setdefault(service, {})
            for policy, found in policies.items():
                mine[policy] = _sum(mine[policy], found) if policy in mine else found

    def add(
        self,
        check: Check,
        resource: Resource,
        items_met: int,
        marks: list[tuple[str, str]],
        context: Container[str] = (),
        everybodys: bool = False,
    ) -> None:
        """Note what a check gave for a resource: `marks` are status and fingerprint of each finding.

        Resources in files of the `context` are not counted.  What is `everybodys` is nobody's: a check of the
        estate as a whole says nothing of the service in which it happens to point at something.
        """
        if resource.header.path in context:
            return
        service = "" if everybodys else resource.service or ""
        of_service = self.by_service.setdefault(service, {})
        found = of_service.get(check.policy.id)
        if found is None:
            found = of_service[check.policy.id] = Tallied()
        if not marks and not resource.variant:
            found.items_met += items_met
            _meet(found, resource)
            return
        failed = sum(status == "fail" for status, _ in marks)
        result = _Result(failed, len(marks) - failed, items_met, tuple(marks))
        if resource.variant:
            # A service may follow its environment: what counts for one of them is not taken from another.
            key = "\0".join((check.policy.id, service, resource.root, resource.address, resource.type))
            before = self._seen.get(key)
            if before is not None:
                worst = max(before, result)
                result = replace(worst, marks=tuple(dict.fromkeys((*before.marks, *result.marks))))
                if result == before:
                    return
                _take_back(found, resource, before)
            self._seen[key] = result
        _count(found, resource, result)


class _Result(Struct, frozen=True, order=True):
    """What a check gave for a resource, in numbers of items; the worse one is greater."""

    failed: int
    unknown: int
    met: int
    marks: tuple[tuple[str, str], ...]


def _count(found: Tallied, resource: Resource, result: _Result) -> None:
    """Add a result."""
    found.items_met += result.met
    found.items_failed += result.failed
    found.items_unknown += result.unknown
    if result.marks:
        found.short.append(_short(resource.address, result.marks))
    else:
        _meet(found, resource)


def _meet(found: Tallied, resource: Resource) -> None:
    found.met += 1
    if len(found.proofs) < SHOWN:
        found.proofs.append(_proof(resource))


def _take_back(found: Tallied, resource: Resource, result: _Result) -> None:
    """Take a result out again; what another root has at the same address stays."""
    found.items_met -= result.met
    found.items_failed -= result.failed
    found.items_unknown -= result.unknown
    if result.marks:
        found.short.remove(_short(resource.address, result.marks))
        return
    found.met -= 1
    proof = _proof(resource)
    if proof in found.proofs:
        found.proofs.remove(proof)


def _proof(resource: Resource) -> Proof:
    place = resource.header
    return Proof(resource.address, place.path, place.line)


def _sum(one: Tallied, other: Tallied) -> Tallied:
    return Tallied(
        met=one.met + other.met,
        items_met=one.items_met + other.items_met,
        items_failed=one.items_failed + other.items_failed,
        items_unknown=one.items_unknown + other.items_unknown,
        short=[*one.short, *other.short],
        proofs=[*one.proofs, *other.proofs][:SHOWN],
    )


def _short(address: str, marks: Iterable[tuple[str, str]]) -> Short:
    """What is short of a resource: what failed goes before what is unknown."""
    marks = list(marks)
    failed = tuple(dict.fromkeys(print_ for status, print_ in marks if status == "fail"))
    unknown = tuple(dict.fromkeys(print_ for status, print_ in marks if status != "fail"))
    return Short(address, "fail", failed, unknown) if failed else Short(address, "unknown", unknown)
