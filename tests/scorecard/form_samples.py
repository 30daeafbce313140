"""A small scorecard whose every value is written out, for tests that name them."""

from __future__ import annotations

from readiness.engine.model import Allowance, Counts, Finding, Report, Subject
from readiness.outputs.scorecard import ScorecardOptions
from readiness.scorecard.model import (
    AreaResult,
    ControlInfo,
    ControlResult,
    Evidence,
    Fact,
    Kpi,
    Listed,
    Missing,
    Point,
    PolicyHealth,
    Problem,
    Scorecard,
    ServiceResult,
    Step,
    Unassigned,
)
from readiness.values import Span

OPTIONS = ScorecardOptions(width=80, version="1.2.3")
COMMIT = "3f1c2b7a9d0e4c5f8a6b1d2e3f4a5b6c7d8e9f00"
WHEN = "2026-08-01T06:00:00Z"


def of(service: str, **more: object) -> ScorecardOptions:
    """Options that ask for one service."""
    return ScorecardOptions(width=80, version="1.2.3", service=service, **more)  # type: ignore[arg-type]


def _finding(policy: str, control: str, severity: str, status: str, path: str, line: int) -> Finding:
    allowance = Allowance("waiver", Span("waivers.yaml", 3, 1, 9, 1), "it moves in March", "shop")
    return Finding(
        policy,
        policy,
        control,
        (),
        severity,
        status,
        Subject(f"aws_db_instance.{policy}", "aws_db_instance", policy, "checkout", 0),
        Span(path, line, 3, line, 9),
        f"{policy} is missing",
        "Write it.",
        f"print-{policy}",
        allowance=allowance if status == "waived" else None,
    )


FINDINGS = [
    _finding("run-link", "run-01", "high", "fail", "alerts/rules.yaml", 12),
    _finding("db-backup", "bck-01", "high", "waived", "infra/db.tf", 3),
    _finding("db-zones", "res-01", "high", "unknown", "infra/db.tf", 7),
]


def missing(index: int, **more: object) -> Missing:
    """What one of the findings makes missing."""
    found = FINDINGS[index]
    values: dict[str, object] = {"addresses": (found.subject.address,), "fixable": None, **more}
    return Missing(
        found.policy,
        found.severity,
        found.status,
        found.message,
        found.span.path,
        found.span.line,
        fingerprint=found.fingerprint,
        **values,  # type: ignore[arg-type]
    )


def checkout() -> ServiceResult:
    """A service of tier 0 with a control of every status."""
    evidence = [Evidence("catalog-info.yaml", 8, "spec.owner is payments")]
    return ServiceResult(
        "checkout",
        0,
        False,
        "catalog",
        "catalog-info.yaml",
        4,
        owner="payments",
        system="shop",
        link="https://git.example.com/acme/checkout",
        environments=["prod", "staging"],
        facts={"owner": Fact("payments", "catalog", "catalog-info.yaml", 8)},
        resources=14,
        level="",
        level_if_known="bronze",
        score=41,
        areas=[
            AreaResult("own", "Ownership", ["own-01"], 100, "gold"),
            AreaResult("run", "Runbooks", ["run-01"], 50, "", "run-01"),
            AreaResult("bck", "Backup and recovery", ["bck-01"], 0, ""),
            AreaResult("res", "Resilience", ["res-01"], None, ""),
        ],
        controls=[
            ControlResult("own-01", "met", "block", 3, 3, share=1.0, level="gold", evidence=evidence),
            ControlResult(
                "run-01", "partly", "block", 1, 2, failed=1, share=0.5, level="", missing=[missing(0)]
            ),
            ControlResult("run-02", "not-applicable", "warn"),
            ControlResult(
                "bck-01",
                "waived",
                "block",
                0,
                1,
                waived=1,
                share=0.0,
                level="",
                missing=[missing(1, until="2027-01-31", reason="it moves in March", fixable="safe")],
            ),
            ControlResult(
                "res-01",
                "unknown",
                "block",
                0,
                1,
                unknown=1,
                level="",
                missing=[missing(2, reason="var.zones has no value")],
            ),
        ],
        next_level="bronze",
        steps=[
            Step(
                "Add `runbook_url` to the alert HighErrors",
                "run-link",
                "high",
                "alerts/rules.yaml",
                12,
                ("run-01",),
                unlocks=("run-01",),
                fixable="safe",
                command="readiness check --fix --select run-link",
                fingerprints=("print-run-link",),
            )
        ],
    )


def search() -> ServiceResult:
    """A service that has reached the highest level."""
    return ServiceResult(
        "search",
        2,
        True,
        "label",
        "k8s/search.yaml",
        2,
        resources=3,
        level="gold",
        level_if_known="gold",
        score=100,
        areas=[AreaResult("own", "Ownership", ["own-01"], 100, "gold")],
        controls=[ControlResult("own-01", "met", "warn", 1, 1, share=1.0, level="gold")],
    )


def lost() -> ServiceResult:
    """A service of a tier that nobody defined: it has no level and no score."""
    return ServiceResult("lost", 9, False, "tag", "infra/lost.tf", 5, problem="the tier 9 is not defined")


CONTROLS = {
    "own-01": ControlInfo("own-01", "Everything has an owner", "own", "A team answers for it.", "", {0: "block"}),
    "run-01": ControlInfo(
        "run-01", "Alerts link to a runbook", "run", frameworks={"soc2": ("CC7.4", "CC7.5"), "iso-27001": ("A.5.26",)}
    ),
    "run-02": ControlInfo("run-02", "Runbooks are reviewed", "run"),
    "bck-01": ControlInfo("bck-01", "Data stores are backed up", "bck", frameworks={"soc2": ("A1.2",)}),
    "res-01": ControlInfo("res-01", "No single zone", "res"),
}  # fmt: skip


def scorecard() -> Scorecard:
    """Three services, two key figures, one of everything else."""
    slow = [Listed("checkout", "catalog-info.yaml", 4, False, "checkout")]
    return Scorecard(
        [checkout(), search(), lost()],
        Report(list(FINDINGS), [], Counts(files=4, resources=17)),
        CONTROLS,
        ("bronze", "silver", "gold"),
        {"own": "Ownership", "run": "Runbooks", "bck": "Backup and recovery", "res": "Resilience"},
        [
            Kpi("owners", "Services with an owner", "own-01", 60, ">=", "percent", 66.7, 2, 3, on_target=True),
            Kpi(
                "runbooks", "Alerts with a runbook", "run-01", 90, ">=", "percent", 50.0, 1, 2, 1, False, (0, 1),
                "Principal SRE Engineer", -2.5, slow,
            ),
            Kpi("restores", "Restore tests in time", "bck-02", 100, ">=", "percent", None, 0, 0),
        ],
        [PolicyHealth("run-link", "Alerts link to a runbook", "run-01", "high", 2, 1, 0, 0)],
        [Unassigned("aws_iam_role.shared", "aws_iam_role", "infra/iam.tf", 3)],
        [Problem("the tier 9 is not defined", "infra/lost.tf", 6, 5)],
        [Point(WHEN, COMMIT, {"checkout": (41, "")}, {"owners": 66.7})],
        "acme/shop",
        COMMIT,
        WHEN,
    )  # fmt: skip
