"""What a history tells: its runs, their numbers, and since when findings are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from readiness.errors import UsageError
from readiness.scorecard.history_file import WAIT, reading
from readiness.scorecard.model import Point

T = TypeVar("T")


class Entry(Struct, frozen=True):
    """A run as the history lists it: `levels` counts services by level, `score` is their mean."""

    when: str
    commit: str
    branch: str
    title: str
    tool: str
    definitions: str
    unread: int
    services: int
    levels: dict[str, int]
    score: float | None


Mine = Callable[[set[tuple[str, str]]], set[tuple[str, str]]]
"""Chooses the runs of one repository, by their titles and commits."""


def read(
    path: str,
    since: str = "",
    commit: str = "",
    definitions: str | None = None,
    wait: float = WAIT,
    mine: Mine = lambda runs: runs,
) -> list[Point]:
    """The runs of a history, the oldest first; none where there is no file yet.

    With `since` (`YYYY-MM-DDTHH:MM:SSZ`) they begin with the last one that was made up to then, which tells
    how things were at that time, or with the run of `commit`; of runs by these `definitions`, where they are
    given.  Of several repositories in one file they are those of the one that is `mine`.

    Raises:
        UsageError: the file is no history, or cannot be read.
    """
    with reading(path, wait) as connection:
        if connection is None:
            return []
        runs = _rows(
            connection,
            path,
            list[tuple[int, str, str, str, str]],
            "SELECT id, at, revision, definitions, title FROM runs ORDER BY at, id",
        )
        own = mine({(title, revision) for *_, revision, _, title in runs})
        runs = [run for run in runs if (run[4], run[2]) in own]
        start = _start(runs, since, commit, definitions) if since else ""
        services: dict[int, dict[str, tuple[int | None, str]]] = {}
        for run, name, score, level in _rows(
            connection,
            path,
            list[tuple[int, str, int | None, str]],
            "SELECT run, name, score, level FROM services JOIN names ON names.id = service "
            "WHERE run IN (SELECT id FROM runs WHERE at >= ?) ORDER BY run, name",
            start,
        ):
            services.setdefault(run, {})[name] = (score, level)
        kpis: dict[int, dict[str, float | None]] = {}
        for run, name, actual in _rows(
            connection,
            path,
            list[tuple[int, str, float | None]],
            "SELECT run, name, actual FROM kpis JOIN names ON names.id = kpi "
            "WHERE run IN (SELECT id FROM runs WHERE at >= ?) ORDER BY run, name",
            start,
        ):
            kpis.setdefault(run, {})[name] = actual
    return [
        Point(when, revision, services.get(run, {}), kpis.get(run, {}), told)
        for run, when, revision, told, _ in runs
        if when >= start
    ]


def seen(path: str, wait: float = WAIT) -> dict[str, tuple[str, str]]:
    """By fingerprint, the times of the first and the last run that had a finding open.

    Raises:
        UsageError: the file is no history, or cannot be read.
    """
    with reading(path, wait) as connection:
        if connection is None:
            return {}
        query = "SELECT fingerprint, first, last FROM findings"
        rows = _rows(connection, path, list[tuple[str, str, str]], query)
    return {fingerprint: (first, last) for fingerprint, first, last in rows}


def known(path: str, definitions: str, wait: float = WAIT) -> frozenset[str]:
    """The commits that a history has by these definitions.

    Raises:
        UsageError: the file is no history, or cannot be read.
    """
    with reading(path, wait) as connection:
        if connection is None:
            return frozenset()
        query = "SELECT revision FROM runs WHERE definitions = ? AND revision <> ''"
        return frozenset(row[0] for row in _rows(connection, path, list[tuple[str]], query, definitions))


def entries(path: str, wait: float = WAIT) -> list[Entry]:
    """The runs of a history as they are listed, the oldest first.

    Raises:
        UsageError: there is no history, or it cannot be read.
    """
    with reading(path, wait) as connection:
        if connection is None:
            raise UsageError("there is no history here: `readiness history build` makes one", path)
        levels: dict[int, dict[str, int]] = {}
        scores: dict[int, list[int]] = {}
        for run, level, number, total, scored in _rows(
            connection,
            path,
            list[tuple[int, str, int, int | None, int]],
            "SELECT run, level, count(*), sum(score), count(score) FROM services GROUP BY run, level",
        ):
            levels.setdefault(run, {})[level] = number
            scores.setdefault(run, []).extend((total or 0, scored))
        runs = _rows(
            connection,
            path,
            list[tuple[int, str, str, str, str, str, str, int]],
            "SELECT id, at, revision, branch, title, tool, definitions, unread FROM runs ORDER BY at, id",
        )
    return [
        Entry(
            *(when, commit, branch, title, tool, definitions, unread),
            services=sum(levels.get(run, {}).values()),
            levels=levels.get(run, {}),
            score=_mean(scores.get(run, [])),
        )
        for run, when, commit, branch, title, tool, definitions, unread in runs
    ]


def _start(
    runs: Sequence[tuple[int, str, str, str, str]], since: str, commit: str, definitions: str | None
) -> str:
    """The time of the run to begin with; `since` where there is none up to then."""
    alike = [run for run in runs if definitions is None or run[3] == definitions]
    of_commit = [at for _, at, revision, *_ in alike if commit and revision == commit]
    up_to = [at for _, at, *_ in alike if at <= since]
    return max(of_commit or up_to, default=since)


def _rows(connection: sqlite3.Connection, path: str, kind: type[T], query: str, *given: Any) -> T:
    """Rows of a query, of which nothing is of another type than the program writes.

    Raises:
        UsageError: something is.
    """
    try:
        return msgspec.convert(connection.execute(query, given).fetchall(), kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"something else wrote into it ({error}): put it aside", path) from None


def _mean(scores: list[int]) -> float | None:
    """The mean of scores, from sums and how many they are of in turn."""
    number = sum(scores[1::2])
    return round(sum(scores[0::2]) / number, 1) if number else None
