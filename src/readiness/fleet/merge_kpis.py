"""The key figures of many repositories → those of all together."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from readiness.fleet.names import inside, some
from readiness.fleet.tables import Tables
from readiness.scorecard.kpis import LISTED, share_of
from readiness.scorecard.model import Kpi, Listed, Problem, Scorecard


def add_kpis(card: Scorecard, tables: Tables) -> None:
    """Add the key figures, in the order of the first repository that has each, as most of them count it."""
    found: dict[str, Kpi] = {}
    variants: dict[str, tuple[str, str]] = {}  # what is counted, and the repository whose target is shown
    for kpi, counted, first in tables.rows(
        "SELECT kpi, counted, min(repository) FROM kpis GROUP BY kpi, counted, target, comparison "
        "ORDER BY count(*) DESC, min(repository)"
    ):
        variants.setdefault(kpi, (counted, first))
    sums = {
        (kpi, counted): [int(number) for number in numbers]
        for kpi, counted, *numbers in tables.rows(
            "SELECT kpi, counted, sum(met), sum(of), sum(unknown) FROM kpis GROUP BY kpi, counted"
        )
    }
    unmet: dict[str, list[Listed]] = {}
    met: dict[str, list[Listed]] = {}
    for repository, kpi, counted, detail in tables.scan("kpis", "repository", "kpi", "counted", "detail"):
        of_most, first = variants[kpi]
        seen = unmet.setdefault(kpi, [])
        found.setdefault(kpi, Kpi(kpi, "", "", 0, "", "", None, 0, 0))
        if counted != of_most or (len(seen) >= LISTED and repository != first):
            continue
        one = msgspec.json.decode(detail, type=Kpi)
        if repository == first:
            of = sums[kpi, counted]
            found[kpi] = replace(one, met=of[0], of=of[1], unknown=of[2], trend=None, listed=[])
        for each in one.listed:
            group = met.setdefault(kpi, []) if each.met else seen
            if len(group) < LISTED:
                group.append(
                    Listed(each.name, inside(repository, each.path), each.line, each.met, each.service)
                )
    for id_, total in found.items():
        total.actual, total.on_target = share_of(total.met, total.of, total.comparison, total.target)
        total.listed = [*unmet[id_], *met.get(id_, [])][:LISTED]
    card.kpis = list(found.values())
    _tell_kpis(card, tables, variants)


def _tell_kpis(card: Scorecard, tables: Tables, variants: dict[str, tuple[str, str]]) -> None:
    """Say which repositories count something else by the name of a key figure."""
    others: dict[str, list[str]] = {}
    query = (
        "SELECT kpi, counted, list(repository ORDER BY repository) FROM kpis GROUP BY kpi, counted "
        "ORDER BY kpi, counted"
    )
    for kpi, counted, names in tables.rows(query):
        if counted != variants[kpi][0]:
            others.setdefault(kpi, []).extend(names)
    for kpi, names in others.items():
        message = f"the key figure {kpi!r} counts something else there, and is left out"
        card.problems.append(Problem(f"{some(sorted(names))}: {message}"))
