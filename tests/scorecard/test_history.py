"""The history: what is put into its file is read from it, and nothing else ever happens to the file."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness import __version__
from readiness.engine.model import Counts, Finding, Report, Subject
from readiness.errors import SourceError, UsageError
from readiness.scorecard import history_file
from readiness.scorecard.history import Run, append, point_of, prune, put, run_of
from readiness.scorecard.history_file import APPLICATION, VERSION, migrate, reading, writing
from readiness.scorecard.history_read import Entry, entries, known, read, seen
from readiness.scorecard.model import (
    AreaResult,
    ControlResult,
    Kpi,
    Point,
    PolicyHealth,
    Scorecard,
    ServiceResult,
)
from readiness.values import Span

ANEW = "put it aside, and `readiness history build` makes it anew"


def finding(fingerprint: str, status: str = "fail", policy: str = "k8s-probe") -> Finding:
    """A finding that only its fingerprint, policy and status matter of."""
    subject = Subject("Deployment/shop/checkout", "Deployment", "checkout")
    words = (
        "Probes",
        "prb-01",
        (),
        "high",
        status,
        subject,
        Span("a.yaml", 1, 1, 1, 1),
        "no probe",
        "add one",
    )
    return Finding(policy, *words, fingerprint)


def service(name: str, score: int | None = 71, level: str = "silver", **more: Any) -> ServiceResult:
    """A service with its numbers."""
    return ServiceResult(name, 1, False, "catalog", "catalog-info.yaml", 1, score=score, level=level, **more)


def kpi(id_: str, actual: float | None, met: int = 7, of: int = 10) -> Kpi:
    """A key figure."""
    return Kpi(id_, id_, "run-01", 90.0, ">=", "percent", actual, met, of)


def card(when: str = "2026-10-01T12:00:00Z", commit: str = "a" * 40, **more: Any) -> Scorecard:
    """A report of two services."""
    checkout = service(
        "checkout",
        owner="payments",
        areas=[AreaResult("prb", "Health checks", ["prb-01", "prb-02"], 50, "bronze")],
        controls=[
            ControlResult("prb-01", "partly", "block", met=1, of=2),
            ControlResult("prb-02", "not-applicable", "warn"),
        ],
    )
    given: dict[str, Any] = {
        "services": [checkout, service("ledger", None, "")],
        "report": Report([finding("f1"), finding("f2", "baselined"), finding("f3", "waived")], [], Counts()),
        "controls": {},
        "levels": ("bronze", "silver", "gold"),
        "kpis": [kpi("runbook-coverage", 71.4), kpi("slo-coverage", None, 0, 0)],
        "health": [PolicyHealth("k8s-probe", "Probes", "prb-01", "high", 12, 3, 1, 2)],
        "title": "shop",
        "branch": "main",
        "definitions": "d1",
    }
    return Scorecard(when=when, commit=commit, **{**given, **more})


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The path of a history that is not there yet."""
    return str(tmp_path / "history.db")


def rows(path: str, query: str) -> list[tuple[Any, ...]]:
    """What another program reads from the file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def unchanged(path: str) -> Iterator[None]:
    """See that a file stays as it is, and that nothing is left beside it."""
    before = Path(path).read_bytes()
    yield
    assert Path(path).read_bytes() == before
    assert not Path(f"{path}-journal").exists()


def refused(path: str) -> list[str]:
    """The messages with which each use of a file is refused; it stays as it is."""
    told = []
    with unchanged(path):
        for use in (
            lambda: read(path, wait=0),
            lambda: seen(path, wait=0),
            lambda: known(path, "d1", wait=0),
            lambda: entries(path, wait=0),
            lambda: append(path, card(), wait=0),
            lambda: prune(path, keep=0, wait=0),
        ):
            with pytest.raises(UsageError) as caught:
                use()
            assert caught.value.path == path
            told.append(caught.value.message)
    return told


# What is kept.


def test_what_is_put_in_comes_out(path: str) -> None:
    append(path, card())
    assert read(path) == [
        Point(
            "2026-10-01T12:00:00Z",
            "a" * 40,
            {"checkout": (71, "silver"), "ledger": (None, "")},
            {"runbook-coverage": 71.4, "slo-coverage": None},
            "d1",
        )
    ]


def test_the_tables_hold_what_the_documentation_says(path: str) -> None:
    errors = [SourceError("b.tf", 1, 1, "broken"), SourceError("b.tf", 9, 1, "broken too")]
    report = card().report
    append(path, card(report=Report(report.findings, errors, Counts())))
    assert rows(path, "SELECT * FROM runs") == [
        (1, "2026-10-01T12:00:00Z", "a" * 40, "main", "shop", __version__, "d1", 1)
    ]
    assert rows(
        path,
        "SELECT s.name, tier, level, score, o.name FROM services JOIN names s ON s.id = service "
        "LEFT JOIN names o ON o.id = owner ORDER BY s.name",
    ) == [("checkout", 1, "silver", 71, "payments"), ("ledger", 1, "", None, None)]
    assert rows(
        path,
        "SELECT s.name, c.name, status, met, checks FROM controls JOIN names s ON s.id = service "
        "JOIN names c ON c.id = control",
    ) == [("checkout", "prb-01", "partly", 1, 2)]  # what does not apply has no row
    assert rows(
        path,
        "SELECT s.name, a.name, score, level FROM areas JOIN names s ON s.id = service "
        "JOIN names a ON a.id = area",
    ) == [("checkout", "prb", 50, "bronze")]
    assert rows(
        path,
        "SELECT name, actual, met, things, unknown, target, comparison, unit FROM kpis "
        "JOIN names ON id = kpi ORDER BY name",
    ) == [
        ("runbook-coverage", 71.4, 7, 10, 0, 90.0, ">=", "percent"),
        ("slo-coverage", None, 0, 0, 0, 90.0, ">=", "percent"),
    ]
    query = "SELECT name, evaluated, failed, waived, unknown FROM policies JOIN names ON id = policy"
    assert rows(path, query) == [("k8s-probe", 12, 3, 1, 2)]
    when = "2026-10-01T12:00:00Z"
    query = "SELECT fingerprint, name, first, last FROM findings JOIN names ON id = policy ORDER BY 1"
    assert rows(path, query) == [("f1", "k8s-probe", when, when), ("f2", "k8s-probe", when, when)]
    assert rows(path, "PRAGMA application_id") == [(APPLICATION,)]
    assert rows(path, "PRAGMA user_version") == [(VERSION,)]
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert [one.name for one in Path(path).parent.iterdir()] == ["history.db"]


def test_the_same_commit_by_the_same_definitions_takes_the_place_of_the_other(path: str) -> None:
    append(path, card())
    append(path, card("2026-10-02T12:00:00Z", services=[service("checkout", 80, "gold")]))
    assert [(p.when, p.services) for p in read(path)] == [
        ("2026-10-02T12:00:00Z", {"checkout": (80, "gold")})
    ]
    assert [
        count for (count,) in rows(path, "SELECT count(*) FROM areas UNION ALL SELECT count(*) FROM kpis")
    ] == [0, 2]
    append(path, card("2026-10-03T12:00:00Z", definitions="d2"))
    append(path, card("2026-10-03T12:00:00Z", commit="b" * 40))
    assert [(p.when, p.commit[0], p.definitions) for p in read(path)] == [
        ("2026-10-02T12:00:00Z", "a", "d1"),
        ("2026-10-03T12:00:00Z", "a", "d2"),
        ("2026-10-03T12:00:00Z", "b", "d1"),
    ]


def test_without_a_commit_only_the_same_time_is_the_same_run(path: str) -> None:
    for when in ("2026-10-01T12:00:00Z", "2026-10-02T12:00:00Z", "2026-10-02T12:00:00Z"):
        append(path, card(when, ""))
    assert [p.when for p in read(path)] == ["2026-10-01T12:00:00Z", "2026-10-02T12:00:00Z"]


def test_runs_are_read_in_their_order_whenever_they_were_put_in(path: str) -> None:
    for day, commit in (("05", "c"), ("01", "a"), ("03", "b")):
        append(path, card(f"2026-10-{day}T00:00:00Z", commit * 40))
    assert [p.commit[0] for p in read(path)] == ["a", "b", "c"]


def test_since_begins_with_how_things_were_then(path: str) -> None:
    for day, commit, by in (("01", "a", "d1"), ("05", "b", "d1"), ("06", "c", "d2"), ("09", "d", "d1")):
        append(path, card(f"2026-10-{day}T00:00:00Z", commit * 40, definitions=by))

    def read_of(since: str, **more: Any) -> str:
        return "".join(p.commit[0] for p in read(path, since, **more))

    assert read_of("2026-10-07T00:00:00Z") == "cd"
    assert read_of("2026-10-07T00:00:00Z", definitions="d1") == "bcd"
    assert read_of("2026-10-06T00:00:00Z") == "cd"
    assert read_of("2026-09-01T00:00:00Z") == "abcd"
    assert read_of("2027-01-01T00:00:00Z") == "d"
    assert read_of("2026-10-07T00:00:00Z", commit="a" * 40) == "abcd"
    assert read_of("2026-10-07T00:00:00Z", commit="e" * 40) == "cd"


def test_findings_have_the_first_and_the_last_run_that_had_them(path: str) -> None:
    def with_findings(day: str, *fingerprints: str) -> Scorecard:
        report = Report([finding(one) for one in fingerprints], [], Counts())
        return card(f"2026-10-{day}T00:00:00Z", day * 20, report=report)

    append(path, with_findings("05", "x", "y"))
    append(path, with_findings("09", "y"))
    append(path, with_findings("01", "x"))  # rebuilt later
    at = "2026-10-{}T00:00:00Z".format
    assert seen(path) == {"x": (at("01"), at("05")), "y": (at("05"), at("09"))}


def test_services_of_several_checkouts_are_told_apart(path: str) -> None:
    services = [
        service("checkout", 1, repository="eu"),
        service("checkout", 2, repository="us"),
        service("a"),
    ]
    append(path, card(services=services))
    assert read(path)[0].services == {
        "eu/checkout": (1, "silver"),
        "us/checkout": (2, "silver"),
        "a": (71, "silver"),
    }


def test_of_two_services_with_one_name_the_first_counts(path: str) -> None:
    scorecard = card(services=[service("a", 1), service("a", 2)])
    append(path, scorecard)
    assert read(path)[0].services == point_of(scorecard).services == {"a": (1, "silver")}


def test_a_name_that_is_no_text(path: str) -> None:
    scorecard = card(services=[service("caf\udce9"), service("b\0c", owner="\udcff")], title="\udce9")
    append(path, scorecard)
    assert read(path)[0].services == point_of(scorecard).services
    assert set(read(path)[0].services) == {"caf\\udce9", "b\0c"}


def test_a_run_without_a_time_is_a_mistake_of_the_program(path: str) -> None:
    for when in ("", "2026-10-01", "2026-10-01T12:00:00+00:00", "2026-10-01T12:00:00Z\n"):
        with pytest.raises(ValueError, match="is kept by its time"):
            append(path, card(when))
    assert not Path(path).exists()


def test_nothing_there_yet(path: str) -> None:
    assert (read(path), seen(path), known(path, "d1")) == ([], {}, frozenset())
    for use in (entries, prune):
        with pytest.raises(UsageError, match="there is no history here: `readiness history build` makes one"):
            use(path)
    assert not Path(path).exists()
    Path(path).touch()  # as `mktemp` makes it
    assert read(path) == []
    append(path, card())
    assert len(read(path)) == 1


def test_known_commits_are_those_by_the_same_definitions(path: str) -> None:
    append(path, card(commit="a" * 40))
    append(path, card(commit="b" * 40, definitions="d2"))
    append(path, card(commit=""))
    assert known(path, "d1") == {"a" * 40}


def test_the_list_counts_levels_and_gives_the_mean(path: str) -> None:
    services = [service("a", 70), service("b", 75), service("c", 100, "gold"), service("d", None, "")]
    append(path, card(services=services))
    append(path, card("2026-10-02T12:00:00Z", "b" * 40, services=[]))
    about = ("main", "shop", __version__, "d1", 0)
    levels = {"": 1, "gold": 1, "silver": 2}
    assert entries(path) == [
        Entry("2026-10-01T12:00:00Z", "a" * 40, *about, 4, levels, 81.7),
        Entry("2026-10-02T12:00:00Z", "b" * 40, *about, 0, {}, None),
    ]


def test_old_runs_are_taken_out_with_all_that_only_they_had(path: str) -> None:
    for number in range(1, 5):
        report = Report([finding(f"f{number}"), finding("always")], [], Counts())
        services = [service("checkout"), service(f"only-{number}", owner=f"team-{number}")]
        append(path, card(f"2026-10-0{number}T00:00:00Z", str(number) * 40, services=services, report=report))
    assert prune(path, before="2026-10-02T00:00:00Z") == 1
    assert prune(path, before="2026-10-02T00:00:00Z") == 0
    assert prune(path, keep=2) == 1
    assert [p.commit[0] for p in read(path)] == ["3", "4"]
    names = {name for (name,) in rows(path, "SELECT name FROM names")}
    assert {"only-1", "only-2", "team-1", "team-2"}.isdisjoint(names)
    assert {"only-3", "only-4", "team-3", "k8s-probe", "checkout"} <= names
    assert seen(path).keys() == {"f3", "f4", "always"}
    assert seen(path)["always"] == ("2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z")
    assert prune(path, keep=0) == 2
    assert (read(path), seen(path), rows(path, "SELECT * FROM names")) == ([], {}, [])


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(min_size=1, max_size=20)
LEVELS = st.sampled_from(["", "bronze", "silver", "gold"])
SERVICES = st.dictionaries(NAMES, st.tuples(st.none() | st.integers(0, 100), LEVELS), max_size=6)
KPIS = st.dictionaries(NAMES, st.none() | NUMBERS, max_size=6)
MOMENTS = st.datetimes().map(lambda at: at.replace(year=max(at.year, 1000)).strftime("%Y-%m-%dT%H:%M:%SZ"))


@given(st.lists(st.tuples(MOMENTS, SERVICES, KPIS), max_size=4), st.randoms())
@settings(max_examples=30, deadline=None)
def test_whatever_the_numbers_they_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, runs: list[Any], random: Any
) -> None:
    path = str(tmp_path_factory.mktemp("history") / "h.db")
    expected = []
    for number, (when, services, kpis) in enumerate(runs):
        scorecard = card(
            when,
            f"{number:040d}",
            services=[service(name, *numbers) for name, numbers in services.items()],
            kpis=[kpi(name, actual) for name, actual in kpis.items()],
        )
        append(path, scorecard)
        expected.append(point_of(scorecard))
    # Runs of one second stand in the order in which they came.
    assert read(path) == sorted(expected, key=lambda point: point.when)
    for point in expected:
        for name, actual in point.kpis.items():
            assert actual is None or math.isfinite(actual), name


# Never half a run.


def test_a_run_that_fails_half_way_leaves_the_file_as_it_was(path: str) -> None:
    append(path, card())
    broken = replace(run_of(card(commit="b" * 40)), policies=[("p", 1, 2, 3, object())])  # type: ignore[list-item]
    with unchanged(path), pytest.raises(UsageError, match="it cannot be used"):
        put(path, broken)
    broken = Run(when="2026-10-02T00:00:00Z", policies=[("p", 1, 2, 3, object())])  # type: ignore[list-item]
    new = f"{path}.new"
    with pytest.raises(UsageError):
        put(new, broken)
    assert read(new) == []


_KILLED = """
import os, sys
from readiness.scorecard.history_file import writing
with writing(sys.argv[1]) as connection:
    connection.execute("PRAGMA cache_size = 5")  # pages go to the disk before the end
    connection.execute("DELETE FROM services")
    connection.executemany("INSERT INTO names (name) VALUES (?)", [("x" * 500 + str(n),) for n in range(500)])
    os._exit(9)
"""


def test_a_program_that_is_killed_while_it_writes(path: str) -> None:
    append(path, card())
    before = Path(path).read_bytes()
    done = subprocess.run([sys.executable, "-c", _KILLED, path], check=False)
    assert done.returncode == 9
    # What it had written already is there, and is taken back by whoever comes next, also to read.
    assert Path(path).read_bytes() != before
    assert Path(f"{path}-journal").exists()
    assert read(path) == [point_of(card())]
    assert Path(path).read_bytes() == before


def _append_some(path: str, worker: int) -> None:
    for number in range(5):
        append(path, card(f"2026-10-0{worker + 1}T00:00:0{number}Z", f"{worker}{number}" * 20))


def test_programs_that_write_at_the_same_time_wait_for_one_another(path: str) -> None:
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_append_some, [path] * 4, range(4)))
    points = read(path)
    assert [p.commit[:2] for p in points] == [
        f"{worker}{number}" for worker in range(4) for number in range(5)
    ]
    assert all(p.services == points[0].services and len(p.services) == 2 for p in points)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_file_that_another_program_holds(path: str) -> None:
    append(path, card())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert set(refused(path)) == {
            "another program is writing to it, and did not end: try again (database is locked)"
        }
        other.execute("ROLLBACK")
    append(path, card())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM runs").fetchall()
        # Who only reads lets others read.
        assert len(read(path, wait=0)) == 1


def test_a_file_with_a_log_beside_it_gets_rid_of_it(path: str) -> None:
    append(path, card())
    assert rows(path, "PRAGMA journal_mode = WAL") == [("wal",)]
    append(path, card(commit="b" * 40))
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert len(read(path)) == 2
    assert [one.name for one in Path(path).parent.iterdir()] == ["history.db"]


# Files that are no history, or no longer one.


@pytest.mark.parametrize(
    "content", [b"x", b"when,score\n2026-10-01,71\n", b"\0" * 4096, b"SQLite format 3\0" + b"\1" * 84]
)
def test_a_file_that_is_no_database(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
    for message in refused(path):
        assert message.startswith("this is no history: the file is no SQLite database")


def test_a_database_of_another_program(path: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE runs (id INTEGER)")
    assert set(refused(path)) == {"this is no history: it is a database of another program"}


def test_a_history_of_a_newer_program(path: str) -> None:
    append(path, card())
    rows(path, f"PRAGMA user_version = {VERSION + 6}")
    message = "a newer readiness wrote this history (layout 7; this one knows 1): upgrade it"
    assert set(refused(path)) == {message}


@pytest.mark.parametrize("left", [1, 99, 512, 4096, 0.5, -4096, -1])
def test_a_file_that_was_cut_short(path: str, left: float) -> None:
    for number in range(20):
        append(path, card(f"2026-10-01T00:00:{number:02d}Z", f"{number:040d}"))
    whole = Path(path).read_bytes()
    size = int(len(whole) * left) if isinstance(left, float) else left % len(whole)
    Path(path).write_bytes(whole[:size])
    words = "this is no history: the file is no SQLite" if size < 16 else "it is damaged or was cut short"
    for message in refused(path):
        assert message.startswith(words)


def test_a_page_that_is_overwritten(path: str) -> None:
    for number in range(20):
        append(path, card(f"2026-10-01T00:00:{number:02d}Z", f"{number:040d}"))
    content = bytearray(Path(path).read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    Path(path).write_bytes(content)
    assert all(message.startswith("it is damaged or was cut short") for message in refused(path))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_a_file_holds_nothing_but_a_message_comes_of_it(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    path = str(tmp_path_factory.mktemp("history") / "h.db")
    append(path, card())
    content = bytearray(Path(path).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # Where the header, the layout and the first cells stand.
        place = data.draw(st.integers(0, 199) | st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    Path(path).write_bytes(content)
    for use in (read, seen, entries, lambda name, wait: append(name, card(commit="b" * 40), wait), read):
        try:
            use(path, wait=0)
        except UsageError as error:
            assert error.path == path


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("ALTER TABLE kpis ADD COLUMN more", "kpis"),
        ("DROP TABLE controls", "controls"),
        ("DROP TABLE kpis; CREATE VIEW kpis AS SELECT 1 AS run", "kpis"),
        ("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM services; END", "t"),
    ],
)
def test_a_layout_that_somebody_changed(path: str, change: str, what: str) -> None:
    append(path, card())
    with closing(sqlite3.connect(path)) as other:
        other.executescript(change)
    assert set(refused(path)) == {f"something else changed its layout ({what!r}): {ANEW}"}


def test_views_and_tables_of_others_do_no_harm(path: str) -> None:
    append(path, card())
    with closing(sqlite3.connect(path)) as other:
        other.executescript("CREATE VIEW latest AS SELECT max(at) FROM runs; CREATE TABLE notes (text)")
    append(path, card(commit="b" * 40))
    assert len(read(path)) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE services SET score = 'many'",
        "UPDATE kpis SET actual = x'00'",
        "UPDATE runs SET revision = x'ff'",
        "UPDATE services SET level = x'00'",
    ],
)
def test_a_value_of_another_type(path: str, change: str) -> None:
    append(path, card())
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(change)
    with unchanged(path), pytest.raises(UsageError, match="something else wrote into it") as caught:
        read(path)
    assert caught.value.path == path


def test_a_text_that_is_none(path: str) -> None:
    append(path, card())
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE names SET name = CAST(x'ff' AS TEXT) WHERE name = 'checkout'")
    with pytest.raises(UsageError, match="it cannot be used"):
        read(path)


def test_what_is_no_file(path: str, tmp_path: Path) -> None:
    Path(path).mkdir()
    for use in (read, lambda name: append(name, card())):
        with pytest.raises(UsageError) as caught:
            use(path)
        assert str(caught.value) == f"{path}: this is a folder: a history is a file"
    with pytest.raises(UsageError, match="this is no file: a history is a file"):
        append("/dev/null", card())
    with pytest.raises(UsageError, match="it cannot be written: its folder does not exist"):
        append(str(tmp_path / "no" / "h.db"), card())
    with pytest.raises(UsageError, match="it cannot be opened: embedded null"):
        append("a\0b", card())
    with pytest.raises(UsageError, match="it cannot be opened: File name too long"):
        append("a" * 5000, card())


def test_a_name_with_signs_of_an_address(tmp_path: Path) -> None:
    path = str(tmp_path / "a%20b?mode=memory#c.db")
    append(path, card())
    assert [one.name for one in tmp_path.iterdir()] == ["a%20b?mode=memory#c.db"]
    assert len(read(path)) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_file_that_may_only_be_read(path: str) -> None:
    append(path, card())
    Path(path).chmod(0o444)
    assert len(read(path)) == 1
    with unchanged(path), pytest.raises(UsageError, match="it may not be written"):
        append(path, card(commit="b" * 40))


def test_a_disk_that_may_only_be_read(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    append(path, card())

    def read_only(name: str, wait: float, make: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(f"{Path(name).as_uri()}?mode=ro", uri=True, isolation_level=None)

    monkeypatch.setattr(history_file, "_open", read_only)
    assert len(read(path)) == 1
    message = "it may not be written (attempt to write a readonly database)"
    with unchanged(path), pytest.raises(UsageError) as caught:
        append(path, card(commit="b" * 40))
    assert caught.value.message == message


# Older layouts.

OLDER = (
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, at TEXT NOT NULL, revision TEXT NOT NULL)",
    "INSERT INTO runs VALUES (1, '2026-01-01T00:00:00Z', 'abc')",
    f"PRAGMA application_id = {APPLICATION}",
)
STEPS = {
    -1: ["ALTER TABLE runs RENAME TO old", "ALTER TABLE old RENAME TO runs"],
    0: [
        *(f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''" for name in ("branch", "title")),
        *(f"ALTER TABLE runs ADD COLUMN {name} TEXT NOT NULL DEFAULT ''" for name in ("tool", "definitions")),
        "ALTER TABLE runs ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
        *(one for one in history_file.LAYOUT if not one.startswith("CREATE TABLE runs")),
    ],
}


@pytest.fixture
def older(path: str) -> str:
    """A file of an older layout, with one run."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in OLDER:
            connection.execute(statement)
    return path


def test_an_older_file_is_brought_up_to_date_when_it_is_written(
    older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_file, "MIGRATIONS", STEPS)
    with unchanged(older):
        assert read(older) == [Point("2026-01-01T00:00:00Z", "abc")]
    append(older, card())
    assert [p.commit for p in read(older)] == ["abc", "a" * 40]
    assert rows(older, "PRAGMA user_version") == [(VERSION,)]
    monkeypatch.setattr(history_file, "MIGRATIONS", {})
    assert [p.commit for p in read(older)] == ["abc", "a" * 40]


def test_an_older_file_of_which_nobody_knows(older: str) -> None:
    assert set(refused(older)) == {f"layout 0 of a history is not known: {ANEW}"}


def test_a_migration_that_fails_leaves_the_older_file(older: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "MIGRATIONS", {0: [*STEPS[0], "INSERT INTO nowhere VALUES (1)"]})
    with unchanged(older), pytest.raises(UsageError, match="no such table: nowhere"):
        append(older, card())
    monkeypatch.setattr(history_file, "MIGRATIONS", {0: STEPS[0][:-1]})
    with unchanged(older), pytest.raises(UsageError, match="something else changed its layout"):
        append(older, card())


def test_migrations_go_step_by_step(older: str) -> None:
    with writing_anyhow(older) as connection:
        migrate(connection, -1, older, STEPS)
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        with pytest.raises(UsageError, match="layout 1 of a history is not known"):
            migrate(connection, 1, older, STEPS, to=2)


@contextmanager
def writing_anyhow(path: str) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction, whatever the file is."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_the_layout_of_version_1_never_changes(path: str) -> None:
    """Whoever changes it raises VERSION, writes a step for `MIGRATIONS`, and keeps this text for a test of it."""
    import hashlib

    text = "\n".join(history_file.LAYOUT)
    assert (VERSION, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()) == (1, "9ffb656a700bf615")


def test_a_transaction_is_one_moment(path: str) -> None:
    append(path, card())
    with reading(path) as connection:
        assert connection is not None
        with pytest.raises(UsageError, match="another program"), writing(path, wait=0):
            pass  # the one that reads holds what it began with, until it ends
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
