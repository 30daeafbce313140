"""`[tool.readiness]`: values as they are, and places at which a person finds them."""

from __future__ import annotations

import pytest

from readiness.config.document import place_of
from readiness.config.toml import read_table
from readiness.errors import UsageError

TEXT = """\
[project]
name = "acme" # select = 1

[tool.readiness]
profile = "all"
select = [
  "aws-*",
  "bck-01",
]
policies."aws-x".severity = "low"
policies.bck-01 = { params = { days = 3 }, tiers = { 0 = "high" } }

[tool.other]
ignore = ["x"]

[tool.readiness.policies.aws-y]
warn_until = 2027-01-31

[[tool.readiness.overrides]]
paths = ["a/**"]
tier = 2

[[tool.readiness.overrides]]
environments = ["prod"]
tier = 3
"""


def test_values() -> None:
    table = read_table("pyproject.toml", TEXT)
    assert table == {
        "profile": "all",
        "select": ["aws-*", "bck-01"],
        "policies": {
            "aws-x": {"severity": "low"},
            "bck-01": {"params": {"days": 3}, "tiers": {"0": "high"}},
            "aws-y": {"warn_until": "2027-01-31"},
        },
        "overrides": [{"paths": ["a/**"], "tier": 2}, {"environments": ["prod"], "tier": 3}],
    }


@pytest.mark.parametrize(
    ("path", "at_key", "place"),
    [
        (("profile",), True, (5, 1)),
        (("profile",), False, (5, 11)),
        (("select",), False, (6, 10)),
        (("select", 0), False, (7, 3)),
        (("select", 1), False, (8, 3)),
        (("policies", "aws-x"), True, (10, 10)),
        (("policies", "aws-x", "severity"), False, (10, 29)),
        (("policies", "bck-01"), True, (11, 10)),
        (("policies", "bck-01", "params", "days"), False, (11, 39)),
        (("policies", "bck-01", "tiers", "0"), True, (11, 54)),
        (("policies", "aws-y"), True, (16, 26)),
        (("policies", "aws-y", "warn_until"), False, (17, 14)),
        (("overrides", 0), False, (19, 1)),
        (("overrides", 0, "paths", 0), False, (20, 10)),
        (("overrides", 0, "tier"), True, (21, 1)),
        (("overrides", 1), False, (23, 1)),
        (("overrides", 1, "tier"), False, (25, 8)),
    ],
)
def test_places(path: tuple[str | int, ...], at_key: bool, place: tuple[int, int]) -> None:
    assert place_of(read_table("pyproject.toml", TEXT), path, at_key) == place


def test_tables_in_a_line() -> None:
    table = read_table(
        "p", 'tool.readiness.overrides = [{paths = ["a"], tier = 1}, {paths = ["b"], tier = 2}]\n'
    )
    assert table == {"overrides": [{"paths": ["a"], "tier": 1}, {"paths": ["b"], "tier": 2}]}
    assert place_of(table, ("overrides", 1, "tier"), True) == (1, 72)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[tool.readiness]\nprofile = all\n", 2, "it is no TOML: invalid value"),
        ("[tool]\nreadiness = 7\n", 1, "tool.readiness: a table of settings is expected"),
    ],
)
def test_what_is_wrong(text: str, line: int, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_table("pyproject.toml", text)
    assert (raised.value.line, message in raised.value.message) == (line, True)


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'a'\n", "[tool.other]\nx = 1\n", "[tool]\na = 1\n", "not ["]
)
def test_a_project_without_settings(text: str) -> None:
    assert read_table("pyproject.toml", text) is None
