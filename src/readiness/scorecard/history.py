"""The history of reports: what of a report is kept, put into its file and taken out of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from readiness import __version__
from readiness.scorecard.history_file import PARTS, WAIT, compact, writing
from readiness.scorecard.model import Point, Scorecard, ServiceResult

_OPEN = frozenset({"fail", "baselined"})  # the statuses of findings that wait to be mended
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class Run(Struct):
    """What the history keeps of a report.

    `when` is `YYYY-MM-DDTHH:MM:SSZ`, `commit` "" where it is not known, `tool` the version of the program,
    `definitions` what the numbers are measured by, `unread` how much of the input could not be read.

    Rows: `services` name, tier, level, score and owner; `areas` service, area, score and level; `controls`
    service, control, status, how many checks hold and of how many (none for what does not apply); `kpis` id,
    actual, met, of, unknown, target, comparison and unit; `policies` id, evaluated, failed, waived and
    unknown; `findings` that are open, by fingerprint and policy.
    """

    when: str
    commit: str = ""
    branch: str = ""
    title: str = ""
    tool: str = ""
    definitions: str = ""
    unread: int = 0
    services: list[tuple[str, int, str, int | None, str | None]] = field(default_factory=list)
    areas: list[tuple[str, str, int | None, str | None]] = field(default_factory=list)
    controls: list[tuple[str, str, str, int, int]] = field(default_factory=list)
    kpis: list[tuple[str, float | None, int, int, int, float, str, str]] = field(default_factory=list)
    policies: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)


def service_key(service: ServiceResult) -> str:
    """The name of a service in the history: behind that of its checkout in a report over many."""
    name = f"{service.repository}/{service.name}" if service.repository else service.name
    return _storable(name)


def run_of(scorecard: Scorecard) -> Run:
    """What is kept of a report; of two services with one name the first."""
    services: dict[str, ServiceResult] = {}
    for service in scorecard.services:
        services.setdefault(service_key(service), service)
    open_findings = {f.fingerprint: f.policy for f in scorecard.report.findings if f.status in _OPEN}
    return Run(
        when=scorecard.when,
        commit=scorecard.commit,
        branch=_storable(scorecard.branch),
        title=_storable(scorecard.title),
        tool=__version__,
        definitions=scorecard.definitions,
        unread=len({error.path for error in scorecard.report.errors}),
        services=[(key, s.tier, s.level, s.score, _owner(s)) for key, s in services.items()],
        areas=[(key, a.area, a.score, a.level) for key, s in services.items() for a in s.areas],
        controls=[
            (key, c.control, c.status, c.met, c.of)
            for key, s in services.items()
            for c in s.controls
            if c.status != "not-applicable"
        ],
        kpis=[
            (k.id, k.actual, k.met, k.of, k.unknown, k.target, k.comparison, k.unit) for k in scorecard.kpis
        ],
        policies=[(h.policy, h.evaluated, h.failed, h.waived, h.unknown) for h in scorecard.health],
        findings=sorted(open_findings.items()),
    )


def point_of(scorecard: Scorecard) -> Point:
    """The numbers of a report as the history gives them back."""
    services: dict[str, tuple[int | None, str]] = {}
    for service in scorecard.services:
        services.setdefault(service_key(service), (service.score, service.level))
    kpis = {kpi.id: kpi.actual for kpi in scorecard.kpis}
    return Point(scorecard.when, scorecard.commit, services, kpis, scorecard.definitions)


def append(path: str, scorecard: Scorecard, wait: float = WAIT) -> None:
    """Put a report into a history, in place of one of the same commit and definitions.

    The file is made where there is none.  Another program that writes is waited for, `wait` seconds at most.

    Raises:
        UsageError: the file is no history, or cannot be written; it is left as it was.
    """
    put(path, run_of(scorecard), wait)


def put(path: str, run: Run, wait: float = WAIT) -> None:
    """The same for what is kept of a report.

    Raises:
        UsageError: as by `append`.
        ValueError: the run has no time.
    """
    if not _WHEN.fullmatch(run.when):
        raise ValueError(f"a run is kept by its time (YYYY-MM-DDTHH:MM:SSZ), and {run.when!r} is none")
    with writing(path, wait) as connection:
        _take_out(connection, _same(connection, run))
        number = connection.execute(
            "INSERT INTO runs (at, revision, branch, title, tool, definitions, unread) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run.when, run.commit, run.branch, run.title, run.tool, run.definitions, run.unread),
        ).lastrowid
        names = _named(connection, run)

        def insert(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
            every = [(number, *row) for row in rows]
            if every:
                marks = ", ".join("?" * len(every[0]))
                # One service, area … has one row; of several the first.
                connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", every)

        owners = names | {None: None}
        insert("services", ((names[s], t, lv, sc, owners[o]) for s, t, lv, sc, o in run.services))
        insert("areas", ((names[s], names[area], *rest) for s, area, *rest in run.areas))
        insert("controls", ((names[s], names[control], *rest) for s, control, *rest in run.controls))
        insert("kpis", ((names[kpi], *rest) for kpi, *rest in run.kpis))
        insert("policies", ((names[policy], *rest) for policy, *rest in run.policies))
        connection.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET "
            "first = min(first, excluded.first), last = max(last, excluded.last)",
            [(fingerprint, names[policy], run.when, run.when) for fingerprint, policy in run.findings],
        )


def prune(path: str, before: str = "", keep: int | None = None, wait: float = WAIT) -> int:
    """Take out the runs before a time, and all but the newest `keep`; how many these were.

    Findings keep the time at which they were first seen.

    Raises:
        UsageError: there is no history, or it cannot be written; it is left as it was.
    """
    with writing(path, wait, make=False) as connection:
        rows = connection.execute("SELECT id, at FROM runs ORDER BY at, id").fetchall()
        left = len(rows) if keep is None else keep
        old = [number for place, (number, at) in enumerate(rows) if at < before or place < len(rows) - left]
        _take_out(connection, old)
        if old:
            _forget(connection)
    if old:
        compact(path, wait)
    return len(old)


def _same(connection: sqlite3.Connection, run: Run) -> list[int]:
    """The runs that a new one takes the place of."""
    if run.commit:
        found = connection.execute(
            "SELECT id FROM runs WHERE revision = ? AND definitions = ?", (run.commit, run.definitions)
        )
    else:
        found = connection.execute(
            "SELECT id FROM runs WHERE revision = '' AND at = ? AND definitions = ? AND title = ?",
            (run.when, run.definitions, run.title),
        )
    return [row[0] for row in found.fetchall()]


def _take_out(connection: sqlite3.Connection, runs: Iterable[int]) -> None:
    numbers = [(number,) for number in runs]
    for table in PARTS:
        connection.executemany(f"DELETE FROM {table} WHERE run = ?", numbers)
    connection.executemany("DELETE FROM runs WHERE id = ?", numbers)


def _forget(connection: sqlite3.Connection) -> None:
    """Take out findings that were mended before the oldest run, and names that nothing has."""
    connection.execute(
        "DELETE FROM findings WHERE last < (SELECT min(at) FROM runs) OR NOT EXISTS (SELECT 1 FROM runs)"
    )
    connection.execute(
        "DELETE FROM names WHERE id NOT IN (SELECT service FROM services "
        "UNION SELECT owner FROM services WHERE owner IS NOT NULL UNION SELECT service FROM areas "
        "UNION SELECT area FROM areas UNION SELECT service FROM controls UNION SELECT control FROM controls "
        "UNION SELECT kpi FROM kpis UNION SELECT policy FROM policies UNION SELECT policy FROM findings)"
    )


def _named(connection: sqlite3.Connection, run: Run) -> dict[str | None, int]:
    """The numbers of all names of a run; new ones are added."""
    names = {name for service in run.services for name in (service[0], service[4]) if name is not None}
    names.update(name for row in run.areas for name in row[:2])
    names.update(name for row in run.controls for name in row[:2])
    names.update(kpi[0] for kpi in run.kpis)
    names.update(policy[0] for policy in run.policies)
    names.update(policy for _, policy in run.findings)
    connection.executemany(
        "INSERT OR IGNORE INTO names (name) VALUES (?)", [(name,) for name in sorted(names)]
    )
    return {name: number for number, name in connection.execute("SELECT id, name FROM names")}


def _owner(service: ServiceResult) -> str | None:
    return None if service.owner is None else _storable(service.owner)


def _storable(text: str) -> str:
    """A text that is one in UTF-8: names of files need not be."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
