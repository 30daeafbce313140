"""The levels file: what each level asks of a tier, and what is said where the file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.policy.bundle import load_builtin
from readiness.policy.controls import load_controls
from readiness.scorecard.levels import read_levels

ROOT = Path(__file__).parents[2]
CONTROLS = load_controls(ROOT / "policies")

SMALL = """\
levels:
  - {id: bronze, severity: high}
  - {id: gold, severity: low}
areas:
  own: {title: Ownership, controls: [own-01, own-02]}
  bck: {title: Backup, controls: [bck-01]}
tiers:
  0:
    bronze: [own]
    gold: [block]
"""


def test_the_built_in_file_has_every_control_in_one_area_and_asks_more_at_each_level():
    levels = read_levels("levels.yaml", (ROOT / "policies/levels.yaml").read_text(encoding="utf-8"), CONTROLS)
    assert levels.names == ("bronze", "silver", "gold")
    assert sorted(id_ for area in levels.areas.values() for id_ in area) == sorted(CONTROLS)
    assert sorted(levels.asked) == [0, 1, 2, 3]
    for asked in levels.asked.values():
        assert asked[0] < asked[1] < asked[2]
    # What is asked of a tier is asked of those above it, level by level.
    for level in range(3):
        assert levels.asked[3][level] <= levels.asked[2][level] <= levels.asked[1][level]
        assert levels.asked[1][level] <= levels.asked[0][level]


def test_what_is_mended_along_names_policies_that_there_are():
    levels = read_levels("levels.yaml", (ROOT / "policies/levels.yaml").read_text(encoding="utf-8"), CONTROLS)
    ids = {policy.id for policy in load_builtin()}
    named = {id_ for along in levels.one_change.values() for id_ in along.policies}
    assert (named | levels.one_change.keys()) - ids == set()
    assert levels.one_change["svc-backup"].same_place


def test_areas_and_strengths_stand_for_their_controls():
    levels = read_levels("levels.yaml", SMALL, CONTROLS)
    bronze, gold = levels.asked[0]
    assert bronze == {"own-01", "own-02"}
    blocking = {id_ for id_, control in CONTROLS.items() if control["tiers"]["tier-0"]["level"] == "block"}
    assert gold == bronze | blocking
    assert levels.strength("bck-01", 0) == "block"
    assert levels.strength("bck-01", 9) == CONTROLS["bck-01"]["tiers"]["tier-2"]["level"]
    assert (levels.area_of("bck-01"), levels.area_of("sec-enc-01")) == ("bck", "sec-enc")


@pytest.mark.parametrize(
    ("was", "now", "line", "column", "message"),
    [
        ("own-02]", "own-022]", 5, 46, "there is no control 'own-022'; did you mean 'own-02'?"),
        ("[bck-01]", "[own-01]", 6, 35, "'own-01' is in the area 'own' already"),
        ("    gold:", "    golf:", 10, 5, "there is no level 'golf'; did you mean 'gold'?"),
        (
            "gold: [block]",
            "gold: [blok]",
            10,
            12,
            "no control, area or strength 'blok'; did you mean 'block'?",
        ),
        ("id: gold", "id: bronze", 3, 10, "the level 'bronze' stands here twice"),
        ("severity: low", "severity: critical", 3, 26, "'gold' lets pass what 'bronze' below it does not"),
        ("severity: low", "severity: lo", 3, 26, "'lo'"),
        ("tiers:\n  0:", "tiers:\n  first:", 8, 3, "first"),
        ("levels:\n", "levls: 1\nlevels:\n", 1, 1, "levls"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(was, now, line, column, message):
    assert was in SMALL
    with pytest.raises(UsageError) as error:
        read_levels("levels.yaml", SMALL.replace(was, now), CONTROLS)
    assert message in error.value.message
    assert (error.value.path, error.value.line, error.value.column) == ("levels.yaml", line, column)
