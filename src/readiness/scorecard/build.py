"""A run and its services → the readiness report."""

from __future__ import annotations

import datetime
import os
from collections.abc import Container, Mapping, Sequence
from typing import Any

from readiness.engine.forked import Meanwhile, pays_off
from readiness.engine.hold import Held
from readiness.engine.prepare import Prepared
from readiness.engine.settings import Settings
from readiness.engine.tally import Tallied, Tally
from readiness.errors import SourceError
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.estate.services.find import unassigned
from readiness.estate.services.model import Said, Service
from readiness.repo.revision import branch_of, committed
from readiness.scorecard.controls import Judged, control_results, judged
from readiness.scorecard.definitions import Definitions
from readiness.scorecard.health import health
from readiness.scorecard.kpi_file import check_kpis
from readiness.scorecard.kpis import World, measure
from readiness.scorecard.levels import Levels, strengths_of
from readiness.scorecard.model import (
    ControlInfo,
    Fact,
    Kpi,
    Problem,
    Scorecard,
    ServiceResult,
    Unassigned,
)
from readiness.scorecard.score import add_levels, area_results, level_if_known, lowest, score_of
from readiness.scorecard.steps import next_level, steps


def build(
    held: Held,
    loaded: Loaded,
    prepared: Prepared,
    settings: Settings,
    known: Definitions,
    mendable: Container[str] = (),
) -> Scorecard:
    """The report of a tallied run, of which `prepared` has the policies.

    `mendable` are the fingerprints of findings that a fix mends.

    Raises:
        UsageError: a key figure names a policy or control that is not there, or its condition is wrong.
    """
    tally = held.tally or Tally()
    policies = [policy for policy in prepared.every if policy.id in held.report.policies]
    run = judged(held.report, policies, mendable)
    controls = list(known.controls)
    parts = _parts(run, held)
    placed = [
        (service, *parts.get(_part_of(service, held), (settings.tier, run)))
        for service in loaded.estate.services
    ]
    tiers = {service.name: _tier(service, default) for service, default, _ in placed}
    check_kpis(known.kpis, prepared.every, known.controls)
    measured = Meanwhile(
        lambda: _kpis(held, loaded, prepared, settings, known, tiers),
        tuple[list[Kpi], list[SourceError]],
        pays_off(loaded.estate.size, settings.workers),
    )
    services = [
        _service(service, tally.by_service.get(service.name, {}), default, judge, known.levels, controls)
        for service, default, judge in placed
    ]
    scorecard = Scorecard(
        services=sorted(services, key=lambda service: (service.name, service.path, service.line)),
        report=held.report,
        controls={id_: _info(id_, known, run) for id_ in controls},
        levels=known.levels.names,
        areas=dict(known.levels.titles),
        health=health(tally, held.report.findings, policies),
        unassigned=[
            Unassigned(one.address, one.type, one.header.path, one.header.line)
            for one in sorted(unassigned(loaded.estate), key=_place)
            if one.header.path not in loaded.context
        ],
        problems=[
            Problem(problem.message, problem.path, problem.line, problem.column)
            for problem in loaded.estate.problems
        ],
        title=loaded.root.name,
        commit=_commit(loaded),
        when=now(),
        branch=branch_of(loaded.root),
    )
    scorecard.kpis, errors = measured.result()
    held.report.errors = sorted({*held.report.errors, *errors})
    return scorecard


def _parts(run: Judged, held: Held) -> dict[int | None, tuple[int, Judged]]:
    """By number of the part, where settings differ: the tier of services that name none, and severities."""
    if held.parts is None:
        return {}
    return {
        number: (part.tier, run.by({check.policy.id: check.policy for check in part.checks}))
        for number, part in enumerate(held.parts.every)
    }


def _part_of(service: Service, held: Held) -> int | None:
    """The number of the part of a run that a service belongs to, by where it stands."""
    if held.parts is None or service.resource is None:
        return None
    return held.parts.scopes.number_of(service.resource)


def _kpis(
    held: Held,
    loaded: Loaded,
    prepared: Prepared,
    settings: Settings,
    known: Definitions,
    tiers: Mapping[str, int],
) -> tuple[list[Kpi], list[SourceError]]:
    """The key figures, with what went wrong inside of their conditions; `tiers` are those of the services."""
    world = World(
        estate=loaded.estate,
        facts=held.facts,
        tally=held.tally or Tally(),
        findings=held.report.findings,
        policies=prepared.every,
        ran=held.report.policies,
        tier=settings.tier,
        tiers=tiers,
        context=loaded.context,
        kubernetes_version=settings.kubernetes_version,
    )
    return measure(known.kpis, world), world.errors


def _place(resource: Resource) -> tuple[str, int, str]:
    return resource.header.path, resource.header.line, resource.address


def _service(
    service: Service,
    tallied: Mapping[str, Tallied],
    default_tier: int,
    run: Judged,
    levels: Levels,
    controls: Sequence[str],
) -> ServiceResult:
    tier = _tier(service, default_tier)
    result = ServiceResult(
        name=service.name,
        tier=tier,
        tier_assumed=service.tier is None,
        found_by=service.found_by,
        path=service.span.path,
        line=service.span.line,
        owner=service.owner,
        system=service.system,
        lifecycle=service.lifecycle,
        link=service.link,
        environments=list(service.environments),
        depends_on=list(service.depends_on),
        facts={name: _fact(said) for name, said in service.said.items()},
        resources=_resources(service),
        documents=list(service.documents),
    )
    if tier not in levels.asked:
        known = ", ".join(map(str, sorted(levels.asked)))
        result.problem = f"tier {tier} is not defined: levels.yaml has {known}"
        return result
    result.controls = control_results(tallied, tier, run, levels, controls)
    add_levels(result.controls, tier, levels)
    if all(control.level is None for control in result.controls):
        result.problem = "nothing that its levels ask concerns it"
        return result
    result.areas = area_results(result.controls, levels)
    result.level = lowest((area.level for area in result.areas), levels) or ""
    result.level_if_known = level_if_known(result.controls, tier, levels)
    asked = [control for control in result.controls if control.status != "not-applicable"]
    result.score = score_of(asked, levels)[0]
    result.next_level = next_level(result.level, levels)
    result.steps = steps(result.controls, tier, result.next_level, run, levels)
    return result


def _tier(service: Service, default: int) -> int:
    return default if service.tier is None else service.tier


def _resources(service: Service) -> int:
    """How many resources a service has: one that was evaluated for several environments counts once."""
    return len({one.thing for one in service.resources if one.mode == "managed"})


def _fact(said: Said) -> Fact:
    return Fact(said.value, said.by, said.span.path, said.span.line)


def _info(id_: str, known: Definitions, run: Judged) -> ControlInfo:
    control: Mapping[str, Any] = known.controls[id_]
    clauses: dict[str, dict[str, None]] = {}
    for policy in run.by_control.get(id_, ()):
        for framework, named in run.policies[policy].frameworks.items():
            clauses.setdefault(framework, {}).update(dict.fromkeys(named))
    return ControlInfo(
        id=id_,
        title=control["title"],
        area=known.levels.area_of(id_),
        statement=control.get("statement", ""),
        why=control.get("why", ""),
        strengths=strengths_of(control),
        frameworks={framework: tuple(sorted(named)) for framework, named in sorted(clauses.items())},
    )


def _commit(loaded: Loaded) -> str:
    """The commit whose files the report is about; "" where they are not those of one."""
    base = loaded.base.resolve()
    return committed(loaded.root, [f"{base}/{path}" for path in loaded.sources.texts])


def now() -> str:
    """The time of a run (`YYYY-MM-DDTHH:MM:SSZ`), or that of `SOURCE_DATE_EPOCH`, for builds that repeat.

    Source: https://reproducible-builds.org/docs/source-date-epoch/
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    when = datetime.datetime.now(datetime.UTC)
    if given.isascii() and given.isdigit() and len(given) < 12:
        when = datetime.datetime.fromtimestamp(int(given), datetime.UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def undefined(scorecard: Scorecard) -> list[Problem]:
    """The services that have neither level nor score, each with why."""
    return [
        Problem(f"{service.name}: {service.problem}", service.path, service.line, 1)
        for service in scorecard.services
        if service.problem is not None
    ]
