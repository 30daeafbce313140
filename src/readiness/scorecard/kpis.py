"""Key figures: shares of what is as it should be, each with the list behind it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.checks import make_checks
from readiness.engine.model import Finding
from readiness.engine.tally import Tallied, Tally
from readiness.errors import SourceError
from readiness.estate.model import Estate
from readiness.policy.model import Policy
from readiness.repo.facts import RepositoryFacts
from readiness.scorecard.kpi_file import Definition
from readiness.scorecard.kpi_places import Places
from readiness.scorecard.kpi_run import FAILED, MET, UNKNOWN, WORST, Measuring, Seen, by_resource, once
from readiness.scorecard.model import Kpi, Listed

LISTED = 1_000
"""How many things the list behind a key figure has at most."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda actual, target: actual >= target,
    ">": lambda actual, target: actual > target,
    "<=": lambda actual, target: actual <= target,
    "<": lambda actual, target: actual < target,
    "=": lambda actual, target: actual == target,
}


class World(Struct):
    """What key figures are measured on.

    `tally` and `findings` are those of a run of `ran`, ids of `policies`; these are all that may be counted.
    `tier` is that of what belongs to no service, `tiers` are those of services by name, where settings say
    another one for some that name none.  `context` are files that count for nothing.  What goes wrong inside
    of a condition is added to `errors`.
    """

    estate: Estate
    facts: RepositoryFacts
    tally: Tally
    findings: Sequence[Finding]
    policies: Sequence[Policy]
    ran: Container[str]
    tier: int = 1
    context: Container[str] = ()
    kubernetes_version: str = ""
    errors: list[SourceError] = field(default_factory=list)
    tiers: Mapping[str, int] = {}


def measure(kpis: Sequence[Definition], world: World) -> list[Kpi]:
    """The key figures, in their order.

    Policies that one names by their id are run here where the run left them out.

    Raises:
        UsageError: a condition is wrong.
    """
    measured = _Measured(kpis, world)
    return [_kpi(kpi, measured.count(kpi)) for kpi in kpis]


class _Count(Struct):
    """How many things are met, short and unknown; and the lists behind that, of which the one of what is met
    need not be whole."""

    met: int = 0
    failed: int = 0
    unknown: int = 0
    short: list[Listed] = field(default_factory=list)
    good: list[Listed] = field(default_factory=list)

    def add(self, seen: Iterable[Seen]) -> None:
        """Count things one by one."""
        for one in seen:
            if one.status == UNKNOWN:
                self.unknown += 1
                continue
            met = one.status == MET
            self.met += met
            self.failed += not met
            listed = self.good if met else self.short
            listed.append(Listed(one.name, one.path, one.line, met, one.service))


class _Measured:
    """Everything that key figures may count: what the run tallied, and what is looked at here."""

    def __init__(self, kpis: Sequence[Definition], world: World) -> None:
        self.world = world
        self.services = {one.name: one for one in world.estate.services}
        self.tiers = {one.name: world.tier if one.tier is None else one.tier for one in world.estate.services}
        self.tiers |= world.tiers
        self.places = Places(world.estate, world.findings)
        self.here = self._run(kpis)

    def _run(self, kpis: Sequence[Definition]) -> dict[str, list[Seen]]:
        """What the conditions of key figures see, and the policies that they name and that did not run."""
        own = {_id(kpi): kpi for kpi in kpis if kpi.resources}
        policies = [replace(kpi.policy(), id=id_) for id_, kpi in own.items()]
        named = {name for kpi in kpis for name in kpi.policies}
        policies += [
            # What yields to others counts by itself here.
            replace(policy, yields_to=())
            for policy in self.world.policies
            if policy.id in named and self._is_left(policy)
        ]
        world = self.world
        run = Measuring(world.estate, world.facts, world.tier, world.kubernetes_version, world.context)
        keyed = {id_ for id_, kpi in own.items() if "once" in kpi.conditions}
        seen = run.measure(make_checks(policies), keyed)
        world.errors += run.errors
        return seen

    def _is_left(self, policy: Policy) -> bool:
        runs_here = policy.on in ("resource", "service") and policy.admission is None
        return runs_here and policy.id not in self.world.ran

    def count(self, kpi: Definition) -> _Count:
        """What a key figure counts, of the tiers that it is about."""
        count = _Count()
        if kpi.resources:
            count.add(once(one for one in self.here.get(_id(kpi), ()) if self._is_asked(kpi, one.service)))
            return count
        chosen = kpi.chosen(self.world.policies)
        if kpi.count == "services":
            count.add(self._whole(kpi, chosen))
            return count
        for id_ in dict.fromkeys(policy.id for policies in chosen for policy in policies):
            self._add_policy(count, kpi, id_)
        return count

    def _is_asked(self, kpi: Definition, service: str) -> bool:
        return not kpi.tiers or self.tiers.get(service, self.world.tier) in kpi.tiers

    def _add_policy(self, count: _Count, kpi: Definition, policy: str) -> None:
        seen = [one for one in self.here.get(policy, ()) if self._is_asked(kpi, one.service)]
        count.add(seen if kpi.count == "items" else by_resource(seen))
        for service, policies in self.world.tally.by_service.items():
            if policy in policies and self._is_asked(kpi, service):
                self._add_tallied(count, policies[policy], service, kpi.count == "items")

    def _add_tallied(self, count: _Count, found: Tallied, service: str, items: bool) -> None:
        failed = [short for short in found.short if short.status == "fail"]
        if items:
            count.met += found.items_met
            count.failed += found.items_failed
            count.unknown += found.items_unknown
        else:
            count.met += found.met
            count.failed += len(failed)
            count.unknown += len(found.short) - len(failed)
        if len(count.short) < LISTED:
            count.good += [Listed(p.address, p.path, p.line, True, service) for p in found.proofs]
        for short in failed:
            count.short += self.places.of(short, service, items)

    def _whole(self, kpi: Definition, chosen: list[list[Policy]]) -> Iterator[Seen]:
        """Services, met where all of the policies hold; one that is not asked all of them is left out."""
        for name, service in self.services.items():
            if not self._is_asked(kpi, name):
                continue
            results = [self._status([policy.id for policy in policies], name) for policies in chosen]
            if all(results):
                status = min(results, key=WORST.index)
                yield Seen(name, status, service.span.path, service.span.line, name, (name,))

    @functools.cached_property
    def _statuses(self) -> dict[tuple[str, str], set[str]]:
        """What policies that were run here came to, by policy and service."""
        found: dict[tuple[str, str], set[str]] = {}
        for id_, seen in self.here.items():
            for one in seen:
                found.setdefault((id_, one.service), set()).add(one.status)
        return found

    def _status(self, policies: Sequence[str], service: str) -> str:
        """What some policies came to for a service, as in the worst of them; "" where they ask nothing."""
        found: set[str] = set()
        tallied = self.world.tally.by_service.get(service, {})
        for id_ in policies:
            found |= self._statuses.get((id_, service), set())
            one = tallied.get(id_, Tallied())
            found |= {FAILED if short.status == "fail" else UNKNOWN for short in one.short}
            found |= {MET} if one.met else set()
        return next((status for status in WORST if status in found), "")


def share_of(met: int, of: int, comparison: str, target: float) -> tuple[float | None, bool | None]:
    """A share in percent as it is shown, and whether it is on target; None for both where nothing is."""
    if not of:
        return None, None
    # Rounded down for show: 99.96 is not yet 100.
    return 1000 * met // of / 10, COMPARISONS[comparison](100 * met / of, target)


def _id(kpi: Definition) -> str:
    """The id under which the conditions of a key figure run: one that no policy has."""
    return f"key figure {kpi.id}"


def _kpi(kpi: Definition, count: _Count) -> Kpi:
    of = count.met + count.failed
    actual, on_target = share_of(count.met, of, kpi.comparison, kpi.target)
    # What several policies look at is there once.
    short = sorted(set(count.short), key=_in_order)[:LISTED]
    good = sorted(set(count.good), key=_in_order) if len(short) < LISTED else []
    return Kpi(
        id=kpi.id,
        name=kpi.name,
        control=kpi.control,
        target=kpi.target,
        comparison=kpi.comparison,
        unit="percent",
        actual=actual,
        met=count.met,
        of=of,
        unknown=count.unknown,
        on_target=on_target,
        tiers=kpi.tiers,
        blueprint=kpi.blueprint,
        listed=[*short, *good][:LISTED],
    )


def _in_order(one: Listed) -> tuple[str, int, str, str]:
    return one.path, one.line, one.name, one.service
