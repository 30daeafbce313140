"""What checks gave for a service → its controls, each with evidence and with what is missing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain, zip_longest

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.model import SEVERITIES, Finding, Report
from readiness.engine.tally import Proof, Short, Tallied
from readiness.policy.model import Policy
from readiness.scorecard.levels import Levels
from readiness.scorecard.model import ControlResult, Evidence, Missing

EVIDENCE = 5
"""How many places show that a control is met."""


class Judged(Struct):
    """What a run says: findings after triage by fingerprint, policies by id, their ids by control.

    `places` are those of these ids among all of them; `mendable` are the fingerprints of findings that a fix
    mends.
    """

    findings: Mapping[str, Finding]
    policies: Mapping[str, Policy]
    by_control: Mapping[str, Sequence[str]]
    places: Mapping[str, int]
    titles: Mapping[str, str] = {}  # with parameters filled in
    mendable: Container[str] = ()

    def by(self, policies: Mapping[str, Policy]) -> Judged:
        """The same with the severities of some policies, where settings say others."""
        return replace(self, policies={**self.policies, **policies})

    def title(self, policy: str) -> str:
        """The title of a policy."""
        return self.titles.get(policy) or self.policies[policy].title


def judged(report: Report, policies: Iterable[Policy], mendable: Container[str] = ()) -> Judged:
    """A report and the policies of its run, as controls are worked out from them."""
    by_id = {policy.id: policy for policy in policies}
    by_control: dict[str, list[str]] = {}
    for policy in by_id.values():
        if policy.on != "change":
            by_control.setdefault(policy.control, []).append(policy.id)
    findings = {finding.fingerprint: finding for finding in report.findings}
    titles = {id_: meta.title for id_, meta in report.policies.items()}
    places = {id_: place for place, id_ in enumerate(chain.from_iterable(by_control.values()))}
    return Judged(findings, by_id, by_control, places, titles, mendable)


def control_results(
    tallied: Mapping[str, Tallied], tier: int, run: Judged, levels: Levels, controls: Iterable[str]
) -> list[ControlResult]:
    """Every control for one service: `tallied` is what the policies gave for its resources, by id."""
    looked: dict[str, list[str]] = {}
    for id_ in sorted(tallied.keys() & run.places.keys(), key=run.places.__getitem__):
        looked.setdefault(run.policies[id_].control, []).append(id_)
    return [_control(control, looked.get(control, ()), tallied, tier, run, levels) for control in controls]


class _Weights(Struct):
    """How much of what is known holds, each check weighed by its severity."""

    held: float = 0.0
    known: float = 0.0
    # Where no check weighs anything (severity `info`), each counts the same.
    held_plain: int = 0
    known_plain: int = 0

    def add(self, weight: float, checks: int, holds: bool) -> None:
        self.known += weight * checks
        self.known_plain += checks
        if holds:
            self.held += weight * checks
            self.held_plain += checks

    @property
    def share(self) -> float | None:
        if not self.known_plain:
            return None
        return self.held / self.known if self.known else self.held_plain / self.known_plain


def _control(
    control: str,
    looked: Sequence[str],
    tallied: Mapping[str, Tallied],
    tier: int,
    run: Judged,
    levels: Levels,
) -> ControlResult:
    """A control, of whose policies some `looked` at something of the service."""
    result = ControlResult(control, "not-applicable", levels.strength(control, tier))
    if not looked:
        return result
    weights = _Weights()
    proved: list[tuple[float, str, list[Proof]]] = []
    missing: dict[str, Missing] = {}
    for id_ in looked:
        found, policy = tallied[id_], run.policies[id_]
        weight = levels.severities[severity_for(policy, tier)]
        weights.add(weight, found.met, True)
        result.met += found.met
        proved.append((weight, id_, found.proofs))
        for short in found.short:
            what = _add_missing(missing, policy, short, run)
            if what is None:
                continue
            setattr(result, what, getattr(result, what) + 1)
            if what != "unknown":
                weights.add(weight, 1, False)
    result.evidence = [
        Evidence(one.path, one.line, f"{one.address}: {run.title(id_)}") for id_, one in _shown(proved)
    ]
    result.of = result.met + result.failed + result.waived + result.unknown
    result.share = weights.share
    result.status = _status(result)
    result.missing = sorted(missing.values(), key=_by_weight)
    return result


def _shown(proved: Sequence[tuple[float, str, Sequence[Proof]]]) -> list[tuple[str, Proof]]:
    """What shows that policies are met: one of each policy first, the gravest policies before others."""
    ordered = [[(id_, one) for one in proofs] for _, id_, proofs in sorted(proved, key=lambda one: -one[0])]
    rounds = zip_longest(*ordered)
    return [one for places in rounds for one in places if one is not None][:EVIDENCE]


def severity_for(policy: Policy, tier: int) -> str:
    """The severity of a policy for a tier."""
    return policy.severity if policy.tiers is None else policy.tiers.get(tier, policy.severity)


def _status(result: ControlResult) -> str:
    if not result.of:
        return "not-applicable"
    if result.failed:
        return "partly" if result.met else "not-met"
    if result.unknown:
        return "unknown"
    return "waived" if result.waived else "met"


def _add_missing(missing: dict[str, Missing], policy: Policy, short: Short, run: Judged) -> str | None:
    """Note what a resource misses; how it counts, None where another policy says the same of it already."""
    if short.fingerprints == ("",):
        text = f"{short.address}: {policy.title} (an internal error: see the errors of the run)"
        one = Missing(policy.id, policy.severity, "unknown", text, "", 0, (short.address,), "")
        missing.setdefault(f"{policy.id}\0{short.address}", one)
        return "unknown"
    statuses = set()
    for fingerprint in (*short.fingerprints, *short.waiting):
        finding = run.findings.get(fingerprint)
        if finding is None:
            continue
        statuses.add(finding.status)
        before = missing.get(fingerprint)
        addresses = () if before is None else before.addresses
        if short.address not in addresses:
            mendable = fingerprint in run.mendable
            missing[fingerprint] = _missing(finding, (*addresses, short.address), mendable)
    if statuses & {"fail", "baselined"}:
        return "failed"
    if "unknown" in statuses or (statuses and short.status == "unknown"):
        return "unknown"
    return "waived" if statuses else None


def _missing(finding: Finding, addresses: tuple[str, ...], mendable: bool) -> Missing:
    allowance = finding.allowance
    text, told = finding.message, finding.subject.address
    if told not in addresses:
        # One finding stands for several instances, and is told of the first, which may be of another service.
        text = text.replace(told, addresses[0])
    return Missing(
        policy=finding.policy,
        severity=finding.severity,
        status=finding.status,
        text=text,
        path=finding.span.path,
        line=finding.span.line,
        addresses=addresses,
        fingerprint=finding.fingerprint,
        fixable=finding.fixable if mendable else None,
        reason=finding.reason,
        until=None if allowance is None else allowance.expires,
    )


def _by_weight(one: Missing) -> tuple[object, ...]:
    return (SEVERITIES.index(one.severity), one.path, one.line, one.policy, one.addresses)
