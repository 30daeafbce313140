"""What `readiness fleet` makes of repositories that differ, of names of any kind, and of its store."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from tests.fleet.test_fleet import WEB, _bytes, fleet

pytest.importorskip("pyarrow", reason="the extra `fleet` is not installed")
pytest.importorskip("duckdb", reason="the extra `fleet` is not installed")

__all__ = ["fleet"]


# What differs between repositories.

LEVELS_OF_OTHERS = """\
version: 1
levels:
  - {id: ready, severity: high}
"""


def _checkout(fleet, name, files):
    fleet.write({f"{name}/{path}": text for path, text in files.items()})
    fleet.git("init", "-q", folder=fleet.root / name)
    fleet.git("add", "-A", folder=fleet.root / name)
    fleet.git("commit", "-qm", "x", folder=fleet.root / name)


def _ask(fleet, query):
    asked = fleet.run("fleet", "--store", "tables", "--query", query)
    assert (asked.status, asked.err) == (0, "")
    return list(csv.reader(io.StringIO(asked.out)))[1:]


def _levels(change):
    """The built-in levels, changed, for a pack."""
    text = (Path(__file__).parents[2] / "policies/levels.yaml").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    return changed


def test_other_levels_do_not_compare(fleet):
    named = _levels(lambda text: re.sub(r"\bgold\b", "platinum", text))
    meant = _levels(lambda text: text.replace("caps: {critical: 49", "caps: {critical: 48"))
    for name, levels in (("aa", named), ("ab", meant), ("ac", None), ("ad", None)):
        files = {"app.yaml": WEB}
        if levels is not None:
            files |= {"pack/levels.yaml": levels, "readiness.yaml": "packs: [pack]\n"}
        _checkout(fleet, f"mixed/{name}", files)
    args = ("fleet", "mixed", "--jobs", "1", "-f", "json", "--fail-under", "gold")
    result = fleet.run(*args)
    report = result.report
    assert report["levels"] == ["bronze", "silver", "gold"]
    # The first repository does not decide for all, and its services have no level here.
    by_name = {service["repository"]: service for service in report["services"]}
    assert (by_name["aa"]["level"], by_name["aa"]["score"]) == (None, None)
    assert by_name["aa"]["problem"] == "its repository has levels of its own (bronze, silver, platinum)"
    assert by_name["ac"]["level"] == "none"
    assert [problem["message"] for problem in report["problems"]] == [
        "aa: levels of their own, so their services have none in this report",
        "ab: levels have the same names as elsewhere, and ask for something else",
    ]
    assert result.status == 1
    assert "gate: aa/web: it has neither level nor score" in result.err


def test_a_key_figure_that_counts_something_else_is_left_out_of_the_sum(fleet):
    # The first repository counts all tiers, and has another target besides.
    own = "kpis:\n  - {id: on-call, tiers: [0, 1, 2, 3], target: 12}\n"
    for name in ("aa", "ab", "ac"):
        files = {"app.yaml": WEB}
        if name == "aa":
            files |= {"pack/kpis.yaml": own, "readiness.yaml": "packs: [pack]\n"}
        _checkout(fleet, f"mixed/{name}", files)
    report = fleet.run("fleet", "mixed", "--jobs", "1", "-f", "json", "--store", "tables").report
    kpis = {kpi["id"]: kpi for kpi in report["kpis"]}
    assert (kpis["on-call"]["of"], kpis["on-call"]["target"]) == (2, 100)
    assert kpis["ownership"]["of"] == 3
    assert [problem["message"] for problem in report["problems"]] == [
        "aa: the key figure 'on-call' counts something else there, and is left out"
    ]
    assert _ask(fleet, "SELECT count(DISTINCT counted) FROM kpis WHERE kpi = 'on-call'") == [["2"]]


def test_what_is_not_met_is_listed_first_of_all_repositories(fleet, monkeypatch):
    from readiness.fleet import merge_kpis

    monkeypatch.setattr(merge_kpis, "LISTED", 2)
    owned, nobodys = WEB, WEB.replace(", owner: team-web", "")
    for name, text in (("aa", owned), ("ab", owned), ("ac", owned), ("ad", nobodys)):
        _checkout(fleet, f"mixed/{name}", {"app.yaml": text})
    report = fleet.run("fleet", "mixed", "--jobs", "1", "-f", "json").report
    kpi = next(kpi for kpi in report["kpis"] if kpi["id"] == "ownership")
    assert (kpi["met"], kpi["of"]) == (3, 4)
    assert [(one["path"], one["met"]) for one in kpi["listed"]] == [
        ("ad/app.yaml", False),
        ("aa/app.yaml", True),
    ]


def test_findings_of_copies_are_told_apart(fleet):
    """Two repositories made from one template have findings with the same fingerprint."""
    waiver = (
        "waivers:\n  - {policy: k8s-sec-privileged, resources: '*', owner: OWNER, reason: moves, expires: 2026-12-31, "
        "approved_by: boss@example.com}\n"
    )
    for name, owner in (("aa", "team-a"), ("ab", "team-b")):
        files = {"app.yaml": WEB, "waivers.yaml": waiver.replace("OWNER", owner)}
        _checkout(fleet, f"mixed/{name}", files)
    result = fleet.run("fleet", "mixed", "--jobs", "1", "-f", "evidence", "--store", "tables")
    rows = [json.loads(line) for line in result.out.splitlines()]
    owners = {
        (row["repository"], one["owner"], one["path"])
        for row in rows
        for one in row["exceptions"]
        if one["policy"] == "k8s-sec-privileged"
    }
    assert owners == {("aa", "team-a", "aa/app.yaml"), ("ab", "team-b", "ab/app.yaml")}
    prints = _ask(fleet, "SELECT count(*), count(DISTINCT fingerprint) FROM findings WHERE status = 'waived'")
    assert prints == [["2", "1"]]
    # The commit is that of the repository of the row.
    heads = {
        name: str(fleet.git("rev-parse", "HEAD", folder=fleet.root / "mixed" / name)).strip()
        for name in ("aa", "ab")
    }
    assert {row["repository"]: row["commit"] for row in rows} == heads


def test_settings_and_packs_of_a_repository_are_its_own(fleet):
    """As if `readiness report` ran in it: also by its lock, and by packs relative to it."""
    _checkout(fleet, "mixed/aa", {"app.yaml": WEB, "readiness.yaml": "tier: 0\nprofile: nope\n"})
    pack = {"pack/kpis.yaml": "kpis:\n  - {id: ownership, target: 50}\n", "readiness.yaml": "packs: [pack]\n"}
    _checkout(fleet, "mixed/ab", {"app.yaml": WEB, **pack})
    _checkout(fleet, "mixed/ac", {"app.yaml": WEB, **pack})
    monkey = fleet.root / "mixed/ac"
    (monkey / "readiness.lock").write_text("version: 1\npacks: []\n")
    result = fleet.run("fleet", "mixed", "--jobs", "1", "-f", "json", "--store", "tables")
    assert result.status == 3
    assert next((error["path"], error["line"]) for error in result.report["errors"]) == (
        "aa/readiness.yaml",
        2,
    )
    assert [service["repository"] for service in result.report["services"]] == ["ab"]
    problems = dict(_ask(fleet, "SELECT repository, problem FROM repositories ORDER BY 1"))
    assert problems["ab"] == ""
    assert problems["aa"].startswith("profile: 'nope' is not one of")
    assert "lock" in problems["ac"]


@pytest.mark.parametrize("name", ["a b", 'q"uote', "it's", "caf\u00e9", "li\nne", "by\udcff"])
def test_names_of_any_kind(fleet, name):
    _checkout(fleet, f"mixed/{name}", {"app.yaml": WEB, "\udcff.yaml": WEB.replace("name: web", "name: x")})
    result = fleet.run("fleet", "mixed", "--jobs", "1", "-f", "json", "--store", "tables")
    shown = name.encode("utf-8", "backslashreplace").decode()
    assert {service["repository"] for service in result.report["services"]} == {shown}
    assert _ask(fleet, "SELECT DISTINCT repository FROM services") == [[shown.replace("\n", " ")]]
    assert result.status == 0


# The store.


def test_a_query_writes_nothing(fleet):
    fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    (fleet.root / ".tmp").mkdir()
    before = _bytes(fleet.root / "tables")
    table = str(fleet.root / "tables/policies.parquet")
    for query in (
        f"COPY (SELECT 1 AS a) TO '{table}' (USE_TMP_FILE false)",
        f"WITH x AS (COPY (SELECT 1 AS a) TO '{table}' (USE_TMP_FILE false)) SELECT * FROM x",
        f"EXPLAIN ANALYZE COPY (SELECT 1 AS a) TO '{table}' (USE_TMP_FILE false)",
        f"WITH x AS (COPY (SELECT 1 AS a) TO '{fleet.root}/.tmp/x.csv') SELECT * FROM x",
        f"SELECT * FROM read_parquet('{table}')",
        "SELECT * FROM glob('/etc/*')",
        "ATTACH 'x.db' AS x",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "",
        "-- nothing",
    ):
        result = fleet.run("fleet", "--store", "tables", "--query", query)
        assert (result.status, result.out) == (2, ""), query
        assert result.err.startswith("error: --query: ")
    assert _bytes(fleet.root / "tables") == before
    assert [path.name for path in (fleet.root / ".tmp").iterdir()] == []


def test_values_of_a_query(fleet):
    fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    assert _ask(fleet, "SELECT -1, -1.5, true, NULL, '=1+1', [1, 2], DATE '2026-01-02'") == [
        ["-1", "-1.5", "true", "", "'=1+1", "[1, 2]", "2026-01-02"]
    ]


def test_tables_of_another_version_are_told(fleet):
    import pyarrow.parquet

    fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    path = fleet.root / "tables/kpis.parquet"
    table = pyarrow.parquet.read_table(path)
    pyarrow.parquet.write_table(table.replace_schema_metadata({"readiness": "0"}), path)
    result = fleet.run("fleet", "--store", "tables", "--query", "SELECT 1")
    assert result.status == 2
    assert "the table 'kpis' is of another version of readiness" in result.err


def test_a_store_behind_a_link_and_with_signs_of_patterns(fleet):
    (fleet.root / "re[a]l*").mkdir()
    (fleet.root / "tables").symlink_to("re[a]l*")
    fleet.run("fleet", "repos/pay", "--jobs", "1", "-q", "-o", "out.txt", "--store", "tables")
    assert (fleet.root / "tables").is_symlink()
    assert len(list((fleet.root / "re[a]l*").iterdir())) == 7
    assert _ask(fleet, "SELECT service FROM services") == [["pay"]]


def test_a_store_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    from readiness.errors import UsageError
    from readiness.fleet.store import Store
    from readiness.fleet.work import Answer, Repository

    def filled(problem):
        store = Store(str(tmp_path / "tables"))
        store.add(Repository("a", "/a"), Answer(problem=problem))
        store.finish()
        return store

    filled("one").publish()
    before = _bytes(tmp_path / "tables")
    store = filled("two")
    rename = Path.rename

    def fail(self, target):
        if self == store.work:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(UsageError) as error:
        store.publish()
    store.discard()
    assert error.value.message.endswith(
        "cannot be written to " + repr(str(tmp_path / "tables")) + ": No space left on device"
    )
    assert _bytes(tmp_path / "tables") == before
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    import pyarrow.parquet

    from readiness.errors import UsageError
    from readiness.fleet import store as module
    from readiness.fleet.work import Answer, Repository

    def full(self, table):
        raise OSError("[Errno 28] Error writing bytes to file")

    monkeypatch.setattr(pyarrow.parquet.ParquetWriter, "write_table", full)
    monkeypatch.setattr(module, "WEIGHT", 10)
    store = module.Store(str(tmp_path / "tables"))
    with pytest.raises(UsageError, match=r"cannot be written to .*Error writing bytes"):
        store.add(Repository("a", "/a"), Answer(problem="long enough"))
    store.discard()
    assert list(tmp_path.iterdir()) == []


def test_long_rows_are_written_before_there_are_many(tmp_path, monkeypatch):
    from readiness.fleet import store as module
    from readiness.fleet.work import Answer, Repository

    monkeypatch.setattr(module, "WEIGHT", 1_000)
    store = module.Store(str(tmp_path / "tables"))
    held = []
    for number in range(100):
        store.add(Repository(f"r{number:03}", "/x"), Answer(problem="x" * 90))
        held.append(len(store._rows["repositories"]))
    store.finish()
    store.publish()
    assert 1 < max(held) < 10
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(tmp_path / "tables/repositories.parquet").num_rows == 100


def test_two_runs_into_one_store_have_their_own_reports(fleet, monkeypatch):
    """The report is made from what was read in this run, and not from what another put into place meanwhile."""
    from readiness.fleet import merge

    seen = merge.merged

    def meanwhile(tables, when):
        monkeypatch.setattr(merge, "merged", seen)
        other = fleet.run("fleet", "repos/web", "--jobs", "1", "-f", "json", "--store", "tables")
        assert [service["name"] for service in other.report["services"]] == ["web"]
        return seen(tables, when)

    monkeypatch.setattr(merge, "merged", meanwhile)
    result = fleet.run("fleet", "repos/pay", "--jobs", "1", "-f", "json", "--store", "tables")
    assert [service["name"] for service in result.report["services"]] == ["pay"]
    assert _ask(fleet, "SELECT service FROM services") == [["pay"]]
    assert sorted(path.name for path in fleet.root.iterdir()) == ["repos", "tables"]


def test_what_was_read_is_kept_where_a_query_fails(fleet):
    args = ("fleet", "repos/pay", "--jobs", "1", "--store", "tables")
    assert fleet.run(*args, "--query", "SELECT nope FROM services").status == 2
    assert _ask(fleet, "SELECT service FROM services") == [["pay"]]
    # What is no query at all is told before the work begins.
    assert fleet.run(*args[:4], "--store", "other", "--query", "SELEC").status == 2
    assert not (fleet.root / "other").exists()


def test_a_history_of_a_fleet(fleet, monkeypatch):
    import sqlite3
    from contextlib import closing

    def run(when, *more):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(when))
        args = ("fleet", "repos/web", "repos/pay", "--jobs", "1", "-f", "json", "--history", "h.db")
        return fleet.run(*args, *more)

    assert [len(run(1795219200).report["history"]), len(run(1795305600).report["history"])] == [1, 2]
    fleet.write({"repos/web/app.yaml": WEB.replace(", owner: team-web", "")})
    result = run(1795392000, "--since", "30d")
    kpi = next(kpi for kpi in result.report["kpis"] if kpi["id"] == "ownership")
    assert (kpi["actual"], kpi["trend"]) == (50.0, -50.0)
    assert "note: trends begin with the first run that can be compared" in result.err
    with closing(sqlite3.connect(fleet.root / "h.db")) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM names WHERE name LIKE '%/%'")}
        prints = connection.execute("SELECT count(*) FROM findings WHERE fingerprint LIKE 'web:%'").fetchone()
    assert names == {"web/web", "pay/pay"}
    assert prints[0] > 0
    assert fleet.run("fleet", "repos/web", "--since", "1y").status == 2
    wrong = run(1795392000, "--since", "HEAD")
    assert wrong.status == 2
    assert "--since takes a time (30d, 12w, 1y) or a day (2026-08-01), and not 'HEAD'" in wrong.err
