"""The same input gives the same bytes, whatever the cache and the number of processes."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from readiness.sources import workers
from readiness.sources.cache import Cache, key_of
from readiness.sources.store import write_atomic

OWN_POLICIES = Path(__file__).parent / "policies"
FORMATS = ("text", "concise", "json", "sarif", "github")


def repository(large: bool = False) -> dict[str, str]:
    """Findings, unknowns, ignores and errors; large, with enough text for several processes."""
    files = {}
    name = "x" * (1000 if large else 10)
    for number in range(14):
        block = (
            f'resource "demo_bucket" "b{number}_{{}}" {{{{\n  name = "{name}"\n  encrypted = var.on\n}}}}\n'
        )
        files[f"z{number % 7}/f{number}.tf"] = "".join(block.format(index) for index in range(10))
        files[f"k/{number}.yaml"] = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{number}\n"
    files["z1/vars.tf"] = 'variable "on" {\n  default = false\n}\n'
    files["z2/vars.tf"] = 'variable "on" {}\n'
    files["bad.tf"] = "a = = 1\n"
    files["bad.yaml"] = "apiVersion: v1\nkind: [\n"
    files["ignored.tf"] = (
        '# readiness:ignore demo-bucket-encrypted reason: x\nresource "demo_bucket" "i" {\n}\n'
    )
    return files


def run(cli: Any, format_: str, *args: str) -> tuple[int, str]:
    """Status and standard output of a run that says nothing on standard error."""
    own = ("--policies", str(OWN_POLICIES), "--select", "demo-*")
    result = cli.run("check", "-f", format_, *own, *args)
    assert result.err == ""
    return result.status, result.out


@pytest.mark.parametrize("format_", FORMATS)
def test_twice(cli: Any, format_: str) -> None:
    cli.write(repository(large=True))
    first = run(cli, format_, "--no-cache")
    assert first[0] == 1
    assert run(cli, format_, "--no-cache") == first
    assert run(cli, format_, "--jobs", "1") == first
    assert run(cli, format_, "--jobs", "2") == first


def test_two_processes(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(repository(large=True))
    pools: list[int] = []
    real = workers._in_pool

    def counted(batches: list[list[workers.Job]], count: int) -> list[bytes]:
        pools.append(count)
        return real(batches, count)

    monkeypatch.setattr(workers, "_in_pool", counted)
    one = run(cli, "json", "--no-cache", "--jobs", "1")
    assert pools == []
    assert run(cli, "json", "--no-cache", "--jobs", "2") == one
    assert pools == [2]


def test_no_processes_to_be_had(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(repository(large=True))
    expected = run(cli, "json", "--no-cache", "--jobs", "1")

    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refused)
    assert run(cli, "json", "--no-cache", "--jobs", "2") == expected


@pytest.fixture
def cache(cli: Any, tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of one test, with the grammar tables but no parsed sources."""
    run(cli, "json")
    folder = tmp_path / "cache"
    shutil.copytree(shared_cache, folder, ignore=shutil.ignore_patterns("sources.sqlite*"))
    monkeypatch.setenv("READINESS_CACHE_DIR", str(folder))
    return folder


def test_cold_and_warm(cli: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write(repository())
    cold = run(cli, "json")
    assert (cache / "sources.sqlite").is_file()
    parsed: list[Any] = []
    monkeypatch.setattr(workers, "parse", parsed.append)
    assert run(cli, "json") == cold
    assert parsed == []


def test_the_cache_knows_what_changed(cli: Any, cache: Path) -> None:
    cli.write({"a.tf": 'resource "demo_bucket" "a" {\n  encrypted = true\n}\n'})
    assert cli.check(select="demo-bucket-encrypted").found() == []
    cli.write({"a.tf": 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n'})
    assert len(cli.check(select="demo-bucket-encrypted").found()) == 1


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _other_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE source (a INTEGER)")
    connection.close()


def _wrong_values(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE source SET value = x'c1ff00'")
    connection.close()


def _text_values(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE source SET value = 'text'")
    connection.close()


def _other_shape(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE source SET value = x'93010203'")
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [_garbage, _cut_short, _empty, _folder, _other_table, _wrong_values, _text_values, _other_shape],
)
def test_damaged_cache(cli: Any, cache: Path, damage: Any) -> None:
    cli.write(repository())
    expected = run(cli, "json")
    for extra in cache.glob("sources.sqlite-*"):
        extra.unlink()
    damage(cache / "sources.sqlite")
    assert run(cli, "json") == expected
    assert run(cli, "json") == expected


def test_damaged_tables_and_policies(cli: Any, cache: Path) -> None:
    cli.write(repository())
    expected = run(cli, "json")
    for path in cache.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\xc1 damaged")
    assert run(cli, "json") == expected


@pytest.mark.parametrize("place", ["file", "below a file", "missing", ""])
def test_no_place_for_a_cache(cli: Any, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({"a.tf": 'resource "demo_bucket" "a" {\n  name = "x"\n}\n'})
    expected = run(cli, "json")
    (tmp_path / "file").write_text("")
    places = {
        "file": tmp_path / "file",
        "below a file": tmp_path / "file" / "x",
        "missing": tmp_path / "a" / "b",
    }
    monkeypatch.setenv("READINESS_CACHE_DIR", str(places.get(place, "")))
    before = sorted(cli.root.rglob("*"))
    assert run(cli, "json") == expected
    assert sorted(cli.root.rglob("*")) == before


def test_nothing_is_written_into_the_checked_tree(cli: Any) -> None:
    cli.write(repository())
    before = {path: path.stat().st_mtime_ns for path in cli.root.rglob("*")}
    run(cli, "text")
    assert {path: path.stat().st_mtime_ns for path in cli.root.rglob("*")} == before


def test_findings_are_in_order(cli: Any) -> None:
    cli.write(repository())
    places = [(f["location"]["path"], f["location"]["line"], f["policy"]) for f in cli.check().findings]
    assert places == sorted(places)
    assert len({path for path, *_ in places}) > 20


def test_paths_are_relative_with_slashes(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({"a/b/c.tf": 'resource "demo_bucket" "a" {\n}\n'})
    for given in (
        ".",
        "a",
        "./a/",
        "a/b/c.tf",
        "a/../a/b",
        str(cli.root),
        str(cli.root / "a" / "b" / "c.tf"),
    ):
        paths = {f["location"]["path"] for f in cli.check(given).findings}
        assert paths == {"a/b/c.tf"}, given
    monkeypatch.chdir(cli.root / "a")
    assert {f["location"]["path"] for f in cli.check(".").findings} == {"b/c.tf"}
    monkeypatch.chdir(cli.root / "a" / "b")
    assert {f["location"]["path"] for f in cli.check("..").findings} == {"c.tf"}
    (cli.root / "other").mkdir()
    monkeypatch.chdir(cli.root / "other")
    assert {f["location"]["path"] for f in cli.check("../a").findings} == {"../a/b/c.tf"}


def test_a_cache_without_a_folder() -> None:
    cache = Cache(None)
    cache.put({key_of("hcl", "a"): b"x"})
    assert cache.get([key_of("hcl", "a")]) == {}
    cache.close()


def test_a_cache_that_is_full_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of("hcl", "a")
    first = Cache(tmp_path)
    first.put({key: b"x"})
    first.close()
    second = Cache(tmp_path)
    assert second.get([key]) == {key: b"x"}
    second.close()
    monkeypatch.setattr("readiness.sources.cache.SIZE_LIMIT", 10)
    third = Cache(tmp_path)
    assert third.get([key]) == {}
    third.close()


def test_keys_differ_by_kind_and_text() -> None:
    assert len({key_of("hcl", "a"), key_of("yaml", "a"), key_of("hcl", "b"), key_of("hcl", "\ud800")}) == 4


def test_write_atomic(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").read_bytes() == b"x"
    assert not write_atomic(tmp_path / "a" / "b" / "c", b"x")
    (tmp_path / "folder" / "x").mkdir(parents=True)
    assert not write_atomic(tmp_path / "folder", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "folder"]
