"""What a report says of those before it: since when, by the same measure, and by how much."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.model import Counts, Report
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.policy.model import Policy
from readiness.scorecard.definitions import definitions
from readiness.scorecard.history import append, point_of
from readiness.scorecard.history_read import read
from readiness.scorecard.model import Kpi, Point, Scorecard
from readiness.scorecard.trend import (
    Since,
    days_of,
    definitions_of,
    keep,
    parse_since,
    thinned,
    trend,
    utc,
)
from readiness.values import List, Map

NOW = datetime.datetime(2026, 10, 31, 12, 0, tzinfo=datetime.UTC)
OTHERS = (
    "{} of the history {} measured by other levels, policies or settings, and cannot be compared: "
    "`readiness history build` makes what is missing by those of now"
)


def kpi(id_: str, actual: float | None) -> Kpi:
    """A key figure."""
    return Kpi(id_, id_, "run-01", 90.0, ">=", "percent", actual, 7, 10)


def card(day: str = "10-31", commit: str = "z", by: str = "d1", **kpis: float | None) -> Scorecard:
    """A report with key figures alone."""
    return Scorecard(
        [],
        Report([], [], Counts()),
        {},
        ("bronze",),
        kpis=[kpi(name, actual) for name, actual in kpis.items()],
        when=f"2026-{day}T12:00:00Z",
        commit=commit * 40,
        definitions=by,
    )


def point(day: str, commit: str, by: str = "d1", **kpis: float | None) -> Point:
    """An earlier run."""
    return Point(f"2026-{day}T12:00:00Z", commit * 40, {}, kpis, by)


def test_key_figures_change_since_the_first_run() -> None:
    now = card(runbooks=71.4, slos=50.0, owners=None, probes=3.0, new=1.0)
    earlier = [
        point("10-01", "a", runbooks=70.1, slos=60.0, owners=1.0, probes=None),
        point("10-09", "b", runbooks=90.0, new=7.0),
    ]
    assert trend(now, earlier) == []
    assert {one.id: one.trend for one in now.kpis} == {
        "runbooks": 1.3,
        "slos": -10.0,
        "owners": None,
        "probes": None,
        "new": None,
    }
    assert now.history == [*earlier, point_of(now)]
    assert trend(now, earlier, before=True) == []
    assert [one.trend for one in now.kpis] == [-18.6, None, None, None, -6.0]
    assert now.history == [*earlier, point_of(now)]


def test_without_earlier_runs_there_is_no_trend() -> None:
    now = card(runbooks=71.4)
    now.kpis[0].trend = 5.0
    assert trend(now, []) == []
    assert now.kpis[0].trend is None
    assert now.history == [point_of(now)]


def test_runs_by_other_definitions_are_left_out_and_told() -> None:
    now = card(runbooks=71.0)
    same = point("10-09", "b", runbooks=70.0)
    other = point("10-01", "a", "d0", runbooks=10.0)
    assert trend(now, [other, same]) == [OTHERS.format("1 run", "was")]
    assert (now.kpis[0].trend, now.history) == (1.0, [same, point_of(now)])
    assert trend(now, [other, other]) == [OTHERS.format("2 runs", "were")]
    assert (now.kpis[0].trend, now.history) == (None, [point_of(now)])


def test_a_run_of_the_same_commit_gives_way_to_this_one() -> None:
    now = card(runbooks=71.0)
    earlier = [point("10-01", "a", runbooks=70.0), point("10-20", "z", runbooks=99.0)]
    assert trend(now, earlier) == []
    assert now.history == [earlier[0], point_of(now)]
    # Without a commit only the same time makes it the same run.
    now = card(commit="", runbooks=71.0)
    earlier = [point("10-01", "", runbooks=70.0), point("10-31", "", runbooks=99.0)]
    assert trend(now, earlier) == []
    assert now.history == [earlier[0], point_of(now)]


def test_later_runs_are_no_history() -> None:
    now = card("05-01", runbooks=71.0)
    assert trend(now, [point("04-01", "a", runbooks=70.0), point("10-01", "b", "d0")]) == [
        "1 run of the history is later than this one, and left out of trends"
    ]
    assert [one.commit[0] for one in now.history] == ["a", "z"]


def test_a_long_history_is_thinned_with_its_ends() -> None:
    points = [point("01-01", str(number)) for number in range(1000)]
    few = thinned(points, 5)
    assert [points.index(one) for one in few] == [0, 250, 500, 749, 999]
    assert thinned(points[:5], 5) == points[:5]
    now = card()
    trend(now, [point("10-01", "a")] * 500, most=3)
    assert len(now.history) == 3
    assert now.history[-1] == point_of(now)


# Since when.


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("30d", "2026-10-01T12:00:00Z"),
        ("2w", "2026-10-17T12:00:00Z"),
        ("1y", "2025-10-31T12:00:00Z"),
        ("2026-08-01", "2026-08-01T00:00:00Z"),
    ],
)
def test_times_to_look_back_to(tmp_path: Path, text: str, when: str) -> None:
    assert parse_since(text, tmp_path, NOW) == Since(when)


def test_a_time_in_another_zone_is_told_in_utc(tmp_path: Path) -> None:
    there = datetime.timezone(datetime.timedelta(hours=9))
    now = datetime.datetime(2026, 10, 31, 3, 0, tzinfo=there)
    assert parse_since("1d", tmp_path, now) == Since("2026-10-29T18:00:00Z")


@pytest.mark.parametrize("text", ["", "d", "0d", "30", "-30d", "30 d", "6m", "1.5y", "123456d", "٣d"])
def test_what_is_no_span(text: str) -> None:
    assert days_of(text) is None


@pytest.fixture
def repo(tmp_path: Path) -> Any:
    """A repository with a commit of 2026-06-01, its folder and its git."""
    root = tmp_path / "repo"
    root.mkdir()

    def git(*args: str) -> str:
        when = {"GIT_COMMITTER_DATE": "2026-06-01T01:00:00+02:00", "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
        command = ["git", *who, *args]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True, env=when | PATH)
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-qm", "x", "--allow-empty")
    return root, git


PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


def test_a_revision_is_the_time_of_its_commit(repo: Any) -> None:
    root, git = repo
    git("tag", "v1")
    found = Since("2026-05-31T23:00:00Z", git("rev-parse", "HEAD"))
    assert parse_since("v1", root, NOW) == found
    assert parse_since("HEAD", root, NOW) == found


def test_what_is_no_time_and_no_revision(repo: Any, tmp_path: Path) -> None:
    root, git = repo
    git("branch", "release")
    kinds = "takes a time (30d, 12w, 1y), a day (2026-08-01) or a revision"

    def message(text: str, folder: Path, option: str = "--since") -> str:
        with pytest.raises(UsageError) as caught:
            parse_since(text, folder, NOW, option)
        return caught.value.message

    assert (
        message("relaese", root)
        == f"--since {kinds}: there is no revision 'relaese' here; did you mean 'release'?"
    )
    assert message("2026-02-30", root, "--before").startswith(
        f"--before {kinds}: there is no revision '2026-02-30'"
    )
    assert message("--upload-pack=x", root) == f"--since {kinds}: '--upload-pack=x' is no revision"
    assert "needs a git repository" in message("v1", tmp_path)
    assert message("99999y", root) == "--since: 99999y ago there was no calendar"


def test_times_outside_of_the_calendar() -> None:
    assert utc(0) == "1970-01-01T00:00:00Z"
    assert utc(10**15) == "9999-12-31T23:59:59Z"
    assert utc(-(10**15)) == "0001-01-01T00:00:00Z"


# What numbers are measured by.


def digest(**more: Any) -> str:
    """The digest of the built-in definitions, one policy and settings."""
    policy = Policy(
        *(
            "p1",
            "Title",
            "run-01",
            "high",
            ("Deployment",),
            "object.x == 1",
            "message",
            "remediation",
            "p.yaml",
        )
    )
    given: dict[str, Any] = {
        "known": definitions(Settings()),
        "policies": [policy],
        "settings": Settings(),
        "paths": ["/srv/shop"],
        "root": Path("/srv/shop"),
    }
    changed = more.pop("policy", None)
    if changed is not None:
        given["policies"] = [replace(policy, **changed)]
    return definitions_of(**(given | more))


def test_the_same_measure_has_the_same_digest_everywhere() -> None:
    code = (
        "from pathlib import Path\nfrom readiness.engine.settings import Settings\n"
        "from readiness.scorecard.definitions import definitions\n"
        "from readiness.scorecard.trend import definitions_of\n"
        "print(definitions_of(definitions(Settings()), [], Settings(jobs=7), ['/a/b'], Path('/a')))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)} | PATH,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1
    assert digest(paths=["/srv/shop/a"]) == digest(paths=["/home/x/a"], root=Path("/home/x"))


def test_what_changes_no_number_changes_no_digest() -> None:
    same = digest()
    for settings in (
        Settings(jobs=3),
        Settings(fail_on="low"),
        Settings(cache=False),
        Settings(unknown="fail"),
    ):
        assert digest(settings=settings) == same
    words = {"title": "t", "message": "m", "remediation": "r", "path": "q.yaml", "aliases": ("X",)}
    assert digest(policy=words) == same


@pytest.mark.parametrize(
    "more",
    [
        {"settings": Settings(tier=2)},
        {"settings": Settings(environments=("prod",))},
        {"settings": Settings(variables=("a=1",))},
        {"settings": Settings(exceptions=False)},
        {"settings": Settings(metadata=Map({"owner": List(["squad"])}))},
        {"settings": Settings(services=("services/{name}",))},
        {"paths": ["/srv/shop/infra"]},
        {"policies": []},
        {"policy": {"assert_": "object.x == 2"}},
        {"policy": {"severity": "low"}},
        {"policy": {"params": {"n": {"default": 3}}}},
        {"policy": {"control": "run-02"}},
    ],
)
def test_what_changes_numbers_changes_the_digest(more: dict[str, Any]) -> None:
    assert digest(**more) != digest()


def test_other_levels_and_key_figures_have_another_digest() -> None:
    known = definitions(Settings())
    levels = replace(known.levels, caps={"critical": 10})
    assert digest(known=replace(known, levels=levels)) != digest()
    assert digest(known=replace(known, kpis=known.kpis[1:])) != digest()
    other = replace(known.kpis[0], tiers=(7,))
    assert digest(known=replace(known, kpis=[other, *known.kpis[1:]])) != digest()
    # Another target is another goal, not another measure.
    other = replace(known.kpis[0], target=12.0, comparison="<=", name="x")
    assert digest(known=replace(known, kpis=[other, *known.kpis[1:]])) == digest()


# A report and its history.


def test_a_report_is_compared_and_then_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "h.db")
    for day, commit, by, actual in (
        ("08-01", "a", "d1", 10.0),
        ("09-01", "b", "d0", 20.0),
        ("10-01", "c", "d1", 30.0),
    ):
        append(path, card(day, commit, by, runbooks=actual))
    now = card(runbooks=31.5)
    kept = keep(path, now, Since("2026-10-15T00:00:00Z"))
    assert (kept.notes, kept.problems, now.kpis[0].trend) == ([], [], 1.5)
    assert [one.commit[0] for one in now.history] == ["c", "z"]
    assert [one.commit[0] for one in read(path)] == ["a", "b", "c", "z"]
    now = card(runbooks=31.5)
    kept = keep(path, now)
    assert (kept.notes, kept.problems) == ([OTHERS.format("1 run", "was")], [])
    # Without a time it is the run before.
    assert (now.kpis[0].trend, [one.commit[0] for one in now.history]) == (1.5, ["a", "c", "z"])
    now = card(runbooks=31.5)
    keep(path, now, Since("2026-08-15T00:00:00Z"))
    assert now.kpis[0].trend == 21.5
    assert [one.commit[0] for one in read(path)] == ["a", "b", "c", "z"]


def test_the_first_report_begins_a_history(tmp_path: Path) -> None:
    path = str(tmp_path / "h.db")
    now = card(runbooks=31.5)
    assert keep(path, now) == keep(path, now)
    assert read(path) == now.history == [point_of(now)]


def test_a_report_is_delivered_whatever_its_history_is(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    path.write_text("no database")
    now = card(runbooks=31.5)
    kept = keep(str(path), now)
    assert [(one.path, one.message.split(" (")[0]) for one in kept.problems] == [
        (
            str(path),
            "the report is not compared with its history, and not put there: this is no history: the file is "
            "no SQLite database",
        )
    ]
    assert now.history == [point_of(now)]
    assert path.read_text() == "no database"
    kept = keep(str(tmp_path / "no" / "h.db"), now)
    assert [one.message for one in kept.problems] == [
        "the report is not put into its history: it cannot be written: its folder does not exist"
    ]


def test_runs_of_another_repository_in_the_file_are_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "h.db")
    append(path, replace(card("08-01", "a", runbooks=10.0), title="shop"))
    append(path, replace(card("09-01", "b", runbooks=90.0), title="pay"))
    now = replace(card(runbooks=31.5), title="shop")
    kept = keep(path, now, folder=tmp_path)
    assert kept.notes == ["1 run of the history is of another repository ('pay'), and left out"]
    assert (now.kpis[0].trend, [one.commit[0] for one in now.history]) == (21.5, ["a", "z"])
    # The run of the other one is not what a time is held against either.
    now = replace(card(runbooks=31.5), title="shop")
    keep(path, now, Since("2026-09-15T00:00:00Z"), folder=tmp_path)
    assert now.kpis[0].trend == 21.5


def test_a_checkout_of_another_name_is_the_same_repository(cli, tmp_path: Path) -> None:
    cli.git("init", "-q")
    cli.write({"a.tf": ""})
    cli.commit()
    commit = str(cli.git("rev-parse", "HEAD")).strip()
    path = str(tmp_path / "h.db")
    append(path, replace(card("08-01", runbooks=10.0), title="shop-main", commit=commit))
    append(path, replace(card("09-01", "b", runbooks=90.0), title="pay"))
    now = replace(card(runbooks=31.5), title="shop")
    kept = keep(path, now, folder=cli.root)
    assert kept.notes == ["1 run of the history is of another repository ('pay'), and left out"]
    assert now.kpis[0].trend == 21.5


def test_a_clock_before_the_last_run_and_a_history_that_begins_late_are_told(tmp_path: Path) -> None:
    path = str(tmp_path / "h.db")
    append(path, card("08-01", "a", runbooks=10.0))
    append(path, card("12-01", "b", runbooks=90.0))
    now = card(runbooks=31.5)
    kept = keep(path, now, Since("2026-07-01T00:00:00Z"))
    assert kept.notes == [
        "1 run of the history is later than this one, and left out of trends",
        "trends begin with the first run that can be compared, of 2026-08-01T12:00:00Z: after --since",
    ]
    assert now.kpis[0].trend == 21.5
