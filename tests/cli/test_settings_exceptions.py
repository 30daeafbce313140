"""The settings `waivers` and `baseline`: files of exceptions that settings name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OWN_POLICIES

from readiness import api
from readiness.engine.settings import found_settings

ENCRYPTED = "demo-bucket-encrypted"
TOP = f"packs: [{OWN_POLICIES}]\nselect: [{ENCRYPTED}]\n"
BUCKETS = "".join(f'resource "demo_bucket" "{name}" {{\n}}\n' for name in "abc")


def waiver(*names: str) -> str:
    """A file of waivers for some buckets."""
    return "waivers:\n" + "".join(
        f"- {{policy: {ENCRYPTED}, resources: demo_bucket.{name}}}\n" for name in names
    )


def baseline(name: str, path: str) -> str:
    """A baseline with one bucket."""
    entry = {"policy": ENCRYPTED, "path": path, "address": f"demo_bucket.{name}", "severity": "high"}
    return f'{{"schema_version": 1, "findings": [\n{json.dumps(entry)}\n]}}\n'


def statuses(result: Any) -> dict[str, str]:
    """How each bucket fares, by its name."""
    return {f["resource"]["name"]: f["status"] for f in result.findings}


def check(cli: Any, *args: str) -> Any:
    return cli.run("check", "--format", "json", *args)


FILES = {
    ".git/HEAD": "",
    "infra/main.tf": BUCKETS,
    "gate/w.yaml": waiver("a"),
    "gate/b.json": baseline("b", "../infra/main.tf"),
    "waivers.yaml": waiver("c"),
}


def test_paths_are_those_of_the_file(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({**FILES, "readiness.yaml": TOP + "waivers: gate/w.yaml\nbaseline: gate/b.json\n"})
    expected = {"a": "waived", "b": "baselined", "c": "fail"}
    assert statuses(check(cli)) == expected
    monkeypatch.chdir(cli.root / "infra")
    result = check(cli)
    assert statuses(result) == expected
    assert [f["allowance"]["location"]["path"] for f in result.findings if f["allowance"]] == [
        "../gate/w.yaml",
        "../gate/b.json",
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", {"a": "fail", "b": "fail", "c": "waived"}),
        ("waivers: [gate/w.yaml, waivers.yaml]\n", {"a": "waived", "b": "fail", "c": "waived"}),
        ("extends: gate/shared.yaml\n", {"a": "waived", "b": "baselined", "c": "fail"}),
        (
            "extends: gate/shared.yaml\nwaivers: waivers.yaml\n",
            {"a": "waived", "b": "baselined", "c": "waived"},
        ),
        ("extends: gate/shared.yaml\nbaseline: other.json\n", {"a": "waived", "b": "fail", "c": "baselined"}),
    ],
)
def test_files_add_up_and_the_nearest_baseline_wins(
    cli: Any, settings: str, expected: dict[str, str]
) -> None:
    cli.write(
        {
            **FILES,
            "gate/shared.yaml": "waivers: w.yaml\nbaseline: b.json\n",
            "other.json": baseline("c", "infra/main.tf"),
            "readiness.yaml": TOP + settings,
        }
    )
    assert statuses(check(cli)) == expected
    # The library finds what the command finds.
    assert {f.subject.name: f.status for f in api.check(["."], found_settings()).findings} == expected


def test_options_and_flags_win(cli: Any) -> None:
    cli.write({**FILES, "readiness.yaml": TOP + "waivers: gate/w.yaml\nbaseline: gate/b.json\n"})
    given = statuses(check(cli, "--waivers", "waivers.yaml"))
    assert given == {"a": "fail", "b": "baselined", "c": "waived"}
    assert set(statuses(check(cli, "--no-exceptions")).values()) == {"fail"}
    own = ("--policies", str(OWN_POLICIES), "--select", ENCRYPTED)
    assert set(statuses(check(cli, "--isolated", *own)).values()) == {"fail"}


def test_the_baseline_of_the_settings_is_the_one_that_is_written(cli: Any) -> None:
    cli.write({"infra/main.tf": BUCKETS, "gate/x": "", "readiness.yaml": TOP + "baseline: gate/b.json\n"})
    created = cli.run("baseline", "create")
    assert (created.status, created.out) == (0, "gate/b.json: 3 findings recorded\n")
    assert set(statuses(check(cli)).values()) == {"baselined"}
    cli.write({"infra/main.tf": BUCKETS.replace('"c"', '"d"')})
    assert statuses(check(cli))["d"] == "fail"
    assert cli.run("baseline", "update", "--prune").status == 0
    assert set(statuses(check(cli)).values()) == {"baselined"}
    assert not (cli.root / "readiness-baseline.json").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"readiness.yaml": TOP + "waivers: none.yaml\n"},
            "readiness.yaml:3:10: waivers: the file of waivers 'none.yaml' does not exist",
        ),
        (
            {"readiness.yaml": TOP + "waivers:\n- gate/w.yaml\n- none.yaml\n"},
            "readiness.yaml:5:3: waivers: the file of waivers 'none.yaml' does not exist",
        ),
        (
            {"readiness.yaml": TOP + "baseline: none.json\n"},
            "readiness.yaml:3:11: baseline: the baseline 'none.json' does not exist: "
            "`readiness baseline create` writes one",
        ),
        ({"readiness.yaml": TOP + "baseline: []\n"}, "readiness.yaml:3:11: baseline: a text is expected"),
        (
            {"readiness.yaml": TOP + "waivers: ''\n"},
            "readiness.yaml:3:10: waivers: an empty text is not enough",
        ),
        (
            {"readiness.yaml": TOP, "infra/readiness.yaml": "waivers: ../gate/w.yaml\n"},
            "infra/readiness.yaml:1:1: waivers: it holds for a run as a whole, so only the top file "
            "(readiness.yaml) may say it",
        ),
        (
            {"readiness.yaml": TOP, "infra/readiness.yaml": "baseline: b.json\n"},
            "infra/readiness.yaml:1:1: baseline: it holds for a run as a whole",
        ),
        (
            {"readiness.yaml": TOP + "overrides:\n- paths: [infra]\n  waivers: w.yaml\n"},
            "readiness.yaml:5:3: overrides.0: there is no setting 'waivers' here",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(cli: Any, files: dict[str, str], message: str) -> None:
    cli.write({**FILES, **files})
    result = cli.run("check")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"error: {message}")


def test_config_shows_them(cli: Any) -> None:
    cli.write(
        {
            **FILES,
            "gate/shared.yaml": "waivers: w.yaml\n",
            "readiness.yaml": "extends: gate/shared.yaml\nwaivers: waivers.yaml\nbaseline: gate/b.json\n",
        }
    )
    rows = [line.split() for line in cli.run("config").out.splitlines()]
    assert [row for row in rows if row and row[0] in ("waivers", "baseline")] == [
        ["baseline", "gate/b.json", "readiness.yaml:3:1"],
        ["waivers", "gate/w.yaml", "gate/shared.yaml:1:10"],
        ["waivers", "waivers.yaml", "readiness.yaml:2:10"],
    ]
    settings = json.loads(cli.run("config", "--format", "json").out)["settings"]
    assert settings["baseline"]["value"] == "gate/b.json"
    assert [one["value"] for one in settings["waivers"]] == ["gate/w.yaml", "waivers.yaml"]


def test_those_of_another_tree(cli: Any, tmp_path: Path) -> None:
    """Settings that are read elsewhere name files there."""
    other = tmp_path / "other"
    (other / "gate").mkdir(parents=True)
    (other / "readiness.yaml").write_text(TOP + "waivers: gate/w.yaml\n")
    (other / "gate" / "w.yaml").write_text(waiver("a", "b", "c"))
    cli.write(FILES)
    report = api.check(["."], found_settings(base=other))
    assert {finding.status for finding in report.findings} == {"waived"}
