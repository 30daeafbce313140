"""What every check gave, counted by service and policy: the numbers under the readiness report."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from msgspec import Struct, field

from readiness.engine.checks import Check
from readiness.estate.model import Resource

SHOWN = 3
"""How many resources that meet a policy are kept as evidence, per service and policy: the first by place."""


class Short(Struct, frozen=True, order=True, array_like=True):
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
    """Results of checks by service ("" for resources of none) and by id of the policy; `settle` ends them."""

    by_service: dict[str, dict[str, Tallied]] = field(default_factory=dict)
    _worst: dict[tuple[str, ...], _Result] = field(default_factory=dict)

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
        service, policy = "" if everybodys else resource.service or "", check.policy.id
        if not resource.variant:
            failed = sum(status == "fail" for status, _ in marks) if marks else 0
            self._count(service, policy, resource, (failed, len(marks) - failed, items_met), marks)
            return
        # A service may follow its environment: what counts for one of them is not taken from another.
        key = (policy, service, *resource.thing)
        failed = sum(status == "fail" for status, _ in marks)
        result = _Result(resource, (failed, len(marks) - failed, items_met), tuple(marks))
        before = self._worst.get(key)
        if before is not None:
            marks = list(dict.fromkeys((*before.marks, *result.marks)))
            result = _Result(before.resource, max(before.numbers, result.numbers), tuple(marks))
        self._worst[key] = result

    def settle(self) -> None:
        """Count what was evaluated for several environments: each resource once, as the worst that it was."""
        for (policy, service, *_), result in self._worst.items():
            self._count(service, policy, result.resource, result.numbers, result.marks)
        self._worst = {}
        for policies in self.by_service.values():
            for found in policies.values():
                if len(found.short) > 1:
                    found.short.sort()

    def _count(
        self,
        service: str,
        policy: str,
        resource: Resource,
        numbers: tuple[int, int, int],
        marks: Sequence[tuple[str, str]],
    ) -> None:
        of_service = self.by_service.get(service)
        if of_service is None:
            of_service = self.by_service[service] = {}
        found = of_service.get(policy)
        if found is None:
            found = of_service[policy] = Tallied()
        failed, unknown, met = numbers
        found.items_met += met
        if marks:
            found.items_failed += failed
            found.items_unknown += unknown
            found.short.append(_short(resource.address, marks))
        else:
            found.met += 1
            _prove(found.proofs, resource)


class _Result(Struct, frozen=True):
    """What a check gave for a resource: how many items failed, are unknown, and are met."""

    resource: Resource
    numbers: tuple[int, int, int]
    marks: tuple[tuple[str, str], ...]


def join(one: dict[str, dict[str, Tallied]], other: Mapping[str, Mapping[str, Tallied]]) -> None:
    """Add what was tallied of other types of resources, by service and policy; both are settled."""
    for service, policies in other.items():
        mine = one.setdefault(service, {})
        for policy, found in policies.items():
            mine[policy] = _sum(mine[policy], found) if policy in mine else found


def _prove(proofs: list[Proof], resource: Resource) -> None:
    """Keep a resource that is met, where it is one of the first by its place."""
    place = resource.header
    if len(proofs) == SHOWN and proofs[-1].path < place.path:
        return
    proofs.append(Proof(resource.address, place.path, place.line))
    proofs.sort(key=_place)
    del proofs[SHOWN:]


def _place(proof: Proof) -> tuple[str, int, str]:
    return proof.path, proof.line, proof.address


def _sum(one: Tallied, other: Tallied) -> Tallied:
    return Tallied(
        met=one.met + other.met,
        items_met=one.items_met + other.items_met,
        items_failed=one.items_failed + other.items_failed,
        items_unknown=one.items_unknown + other.items_unknown,
        short=sorted([*one.short, *other.short]),
        proofs=sorted([*one.proofs, *other.proofs], key=_place)[:SHOWN],
    )


def _short(address: str, marks: Iterable[tuple[str, str]]) -> Short:
    """What is short of a resource: what failed goes before what is unknown."""
    marks = list(marks)
    failed = tuple(dict.fromkeys(print_ for status, print_ in marks if status == "fail"))
    unknown = tuple(dict.fromkeys(print_ for status, print_ in marks if status != "fail"))
    return Short(address, "fail", failed, unknown) if failed else Short(address, "unknown", unknown)
