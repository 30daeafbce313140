"""Checks of a service → controls, scores, levels and the way to the next."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.engine.model import SEVERITIES, Allowance, Counts, Finding, Origin, Report, Subject
from readiness.engine.tally import Proof, Short, Tallied
from readiness.policy.controls import load_controls
from readiness.policy.model import Policy
from readiness.scorecard.controls import control_results, judged
from readiness.scorecard.levels import read_levels
from readiness.scorecard.model import ControlResult, Evidence, Missing
from readiness.scorecard.score import add_levels, area_results, level_if_known, lowest, score_of
from readiness.scorecard.steps import next_level, steps
from readiness.values import Span

CONTROLS = load_controls(Path(__file__).parents[2] / "policies")
LEVELS = read_levels(
    "levels.yaml",
    """\
levels:
  - {id: bronze, severity: high}
  - {id: silver, severity: medium}
  - {id: gold, severity: low}
areas:
  own: {title: Ownership, controls: [own-01, own-02]}
  bck: {title: Backup, controls: [bck-01, bck-02]}
tiers:
  1: {bronze: [own-01], silver: [own, bck-01], gold: [own, bck]}
""",
    CONTROLS,
)


def a_policy(id_: str, control: str, severity: str, **more: object) -> Policy:
    return Policy(
        id=id_,
        title=f"title of {id_}",
        control=control,
        severity=severity,
        resources=("x",),
        assert_="true",
        message="-",
        remediation="-",
        path="-",
        **more,
    )


def a_finding(policy: str, address: str, severity: str, status: str = "fail", **more: object) -> Finding:
    print_ = hashlib.sha256(f"{policy}{address}{more.get('line', 1)}".encode()).hexdigest()[:24]
    line = more.pop("line", 1)
    return Finding(
        policy=policy,
        title=f"title of {policy}",
        control="own-01",
        aliases=(),
        severity=severity,
        status=status,
        subject=Subject(address, "x", address),
        span=Span("a.tf", line, 1, line, 9),
        message=f"{address} lacks it",
        remediation="-",
        fingerprint=print_,
        **more,
    )


def results(
    policies: list[Policy], findings: list[Finding], met: dict[str, int] | None = None
) -> tuple[list[ControlResult], object]:
    """The controls of a service of tier 1 in which resources meet or miss policies."""
    tallied = {policy.id: Tallied() for policy in policies}
    for id_, number in (met or {}).items():
        tallied[id_].met = number
        tallied[id_].proofs = [Proof(f"m{n}", "a.tf", n + 1) for n in range(number)][:3]
    for finding in findings:
        status = "unknown" if finding.status == "unknown" else "fail"
        tallied[finding.policy].short.append(Short(finding.subject.address, status, (finding.fingerprint,)))
    run = judged(Report(findings, [], Counts()), policies, {finding.fingerprint for finding in findings})
    tallied = {id_: found for id_, found in tallied.items() if found.met or found.short}
    found = control_results(tallied, 1, run, LEVELS, ["own-01", "own-02", "bck-01", "bck-02"])
    add_levels(found, 1, LEVELS)
    return found, run


OWN = a_policy("p-own", "own-01", "high")
LOW = a_policy("p-low", "own-01", "low")
BCK = a_policy("p-bck", "bck-01", "critical")


@pytest.mark.parametrize(
    ("statuses", "met", "expected"),
    [
        ([], 0, ("not-applicable", 0, 0, None)),
        ([], 2, ("met", 2, 2, 1.0)),
        (["fail"], 0, ("not-met", 0, 1, 0.0)),
        (["fail"], 3, ("partly", 3, 4, 0.75)),
        (["baselined"], 1, ("partly", 1, 2, 0.5)),
        (["waived"], 1, ("waived", 1, 2, 0.5)),
        (["suppressed"], 0, ("waived", 0, 1, 0.0)),
        (["unknown"], 0, ("unknown", 0, 1, None)),
        (["unknown"], 3, ("unknown", 3, 4, 1.0)),
        (["waived", "unknown"], 1, ("unknown", 1, 3, 0.5)),
        (["fail", "unknown", "waived"], 1, ("partly", 1, 4, pytest.approx(1 / 3))),
    ],
)
def test_the_status_of_a_control(statuses, met, expected):
    findings = [a_finding("p-own", f"r{n}", "high", status) for n, status in enumerate(statuses)]
    (own, *_), _ = results([OWN], findings, {"p-own": met})
    assert (own.status, own.met, own.of, own.share) == expected
    assert len(own.missing) == len(statuses)


def test_what_is_met_has_evidence_and_what_is_missing_its_reason():
    waived = a_finding(
        "p-own",
        "r",
        "high",
        "waived",
        line=7,
        reason="moves in May",
        allowance=Allowance("waiver", Span("waivers.yaml", 3, 1, 3, 2), expires="2027-05-31"),
    )
    (own, *_), _ = results([OWN], [waived], {"p-own": 1})
    assert own.evidence == [Evidence("a.tf", 1, "m0: title of p-own")]
    assert own.missing == [
        Missing(
            policy="p-own",
            severity="high",
            status="waived",
            text="r lacks it",
            path="a.tf",
            line=7,
            addresses=("r",),
            fingerprint=waived.fingerprint,
            reason="moves in May",
            until="2027-05-31",
        )
    ]


def test_evidence_is_of_every_policy_the_gravest_first():
    (own, *_), _ = results([LOW, OWN], [], {"p-low": 3, "p-own": 3})
    assert own.evidence == [
        Evidence("a.tf", 1, "m0: title of p-own"),
        Evidence("a.tf", 1, "m0: title of p-low"),
        Evidence("a.tf", 2, "m1: title of p-own"),
        Evidence("a.tf", 2, "m1: title of p-low"),
        Evidence("a.tf", 3, "m2: title of p-own"),
    ]


def test_a_dropped_echo_counts_in_nothing():
    finding = a_finding("p-own", "r", "high")
    tallied = {"p-own": Tallied(short=[Short("r", "fail", (finding.fingerprint,))])}
    run = judged(Report([], [], Counts()), [OWN])
    (own,) = control_results(tallied, 1, run, LEVELS, ["own-01"])
    assert (own.status, own.of, own.missing) == ("not-applicable", 0, [])


def test_severities_weigh_and_follow_the_tier():
    tiered = a_policy("p-tier", "own-01", "low", tiers={0: "critical", 1: "medium"})
    (own, *_), _ = results([OWN, tiered], [a_finding("p-tier", "r", "medium")], {"p-own": 1})
    assert own.share == pytest.approx(5 / 7)


@pytest.mark.parametrize(
    ("findings", "level", "known", "score"),
    [
        ([], "gold", "gold", 100),
        ([("p-low", "low", "fail")], "silver", "silver", 93),
        ([("p-own", "high", "fail")], "", "", 74),
        ([("p-own", "high", "unknown")], "", "gold", 100),
        ([("p-own", "high", "waived")], "", "", 74),
        # Backups are asked for at silver first.
        ([("p-bck", "critical", "fail")], "bronze", "bronze", 49),
        ([("p-bck", "critical", "unknown"), ("p-low", "low", "fail")], "bronze", "silver", 93),
    ],
)
def test_levels_and_scores(findings, level, known, score):
    made = [
        a_finding(policy, f"r{n}", severity, status) for n, (policy, severity, status) in enumerate(findings)
    ]
    found, _ = results([OWN, LOW, BCK], made, {"p-own": 1, "p-low": 1, "p-bck": 1})
    areas = area_results(found, LEVELS)
    assert lowest((area.level for area in areas), LEVELS) == level
    assert level_if_known(found, 1, LEVELS) == known
    assert score_of(found, LEVELS)[0] == score


def test_one_missing_critical_control_is_not_averaged_away():
    found, _ = results([OWN, LOW, BCK], [a_finding("p-bck", "r", "critical")], {"p-own": 900, "p-bck": 99})
    areas = {area.area: area for area in area_results(found, LEVELS)}
    assert (areas["own"].score, areas["own"].capped_by) == (100, None)
    assert (areas["bck"].score, areas["bck"].capped_by) == (49, "bck-01")
    assert score_of(found, LEVELS) == (49, "bck-01")


def test_steps_are_one_for_each_place_and_those_that_close_most_come_first():
    source = Origin("default of variable x", Span("vars.tf", 4, 3, 4, 9))
    findings = [
        a_finding("p-own", "r1", "high", origins=(source,)),
        a_finding("p-own", "r2", "high", origins=(source,), line=2, fixable=None),
        a_finding("p-low", "r1", "low"),
        a_finding("p-bck", "db", "critical", line=8, fixable="safe"),
    ]
    found, run = results([OWN, LOW, BCK], findings, {})
    (only,) = steps(found, 1, "bronze", run, LEVELS)
    assert (only.policy, only.path, only.line, only.findings) == ("p-own", "vars.tf", 4, 2)
    assert (only.closes, only.unlocks, only.command) == (("own-01",), ("own-01",), None)
    to_silver = steps(found, 1, "silver", run, LEVELS)
    assert [(step.policy, step.path, step.line) for step in to_silver] == [
        ("p-bck", "a.tf", 8),
        ("p-own", "vars.tf", 4),
    ]
    assert to_silver[0].command == "readiness check --fix --select p-bck a.tf"
    to_gold = steps(found, 1, "gold", run, LEVELS)
    assert [(step.policy, step.unlocks) for step in to_gold] == [
        ("p-bck", ("bck-01",)),
        ("p-own", ()),
        ("p-low", ()),
    ]
    assert steps(found, 1, None, run, LEVELS) == []


def test_a_step_for_what_is_unknown_or_waived_says_so():
    findings = [
        a_finding("p-own", "r1", "high", "unknown"),
        a_finding("p-own", "r2", "high", "waived", line=2),
    ]
    found, run = results([OWN], findings)
    assert [step.action for step in steps(found, 1, "bronze", run, LEVELS)] == [
        "Make known to the check: title of p-own",
        "Mend what is waived: title of p-own",
    ]


def test_the_next_level():
    assert [next_level(level, LEVELS) for level in ("", "bronze", "silver", "gold")] == [
        "bronze",
        "silver",
        "gold",
        None,
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["p-own", "p-low", "p-bck"]),
            st.sampled_from(SEVERITIES),
            st.sampled_from(["fail", "unknown", "waived", "suppressed", "baselined"]),
        ),
        max_size=6,
    ),
    st.tuples(*[st.integers(0, 3)] * 3),
)
def test_mending_one_thing_never_costs_points_or_a_level(given_findings, met):
    """And every step on the way is needed: with all of them done the level is there."""
    policies = [OWN, LOW, BCK]
    made = [
        a_finding(policy, f"r{n}", severity, status, line=n + 1)
        for n, (policy, severity, status) in enumerate(given_findings)
    ]
    counts = dict(zip(["p-own", "p-low", "p-bck"], met, strict=True))
    found, run = results(policies, made, counts)
    order = ("", *LEVELS.names)

    def level_of(results_: list[ControlResult]) -> int:
        return order.index(lowest((area.level for area in area_results(results_, LEVELS)), LEVELS) or "")

    score = score_of(found, LEVELS)[0]
    for index, finding in enumerate(made):
        mended = {**counts, finding.policy: counts[finding.policy] + 1}
        better, _ = results(policies, [*made[:index], *made[index + 1 :]], mended)
        after = score_of(better, LEVELS)[0]
        assert score is None or (after is not None and after >= score)
        assert level_of(better) >= level_of(found)
    target = next_level(order[level_of(found)], LEVELS)
    if target is not None and any(result.level is not None for result in found):
        closed = {mark for step in steps(found, 1, target, run, LEVELS) for mark in step.fingerprints}
        assert closed
        rest, _ = results(
            policies, [one for one in made if one.fingerprint not in closed], {**counts, "p-own": 9}
        )
        assert level_of(rest) >= order.index(target)
