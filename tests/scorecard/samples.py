"""Scorecards as the engine would make them, for tests of the forms of the report.

`card()` is a realistic one of any size, always the same for the same arguments; `small()`, `empty()` and
`hostile()` are the corner cases.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import yaml

from readiness.engine.model import (
    Allowance,
    Counts,
    Finding,
    Identity,
    PolicyMeta,
    Report,
    Subject,
)
from readiness.errors import SourceError
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

ROOT = Path(__file__).parents[2]

LEVELS = ("bronze", "silver", "gold")

AREAS = {
    "own": "Ownership",
    "run": "Runbooks",
    "slo": "Service level objectives",
    "alr": "Alerting",
    "obs": "Telemetry",
    "prb": "Health checks",
    "cap": "Capacity",
    "res": "Resilience",
    "bck": "Backup and recovery",
    "chg": "Change safety",
    "sec-enc": "Encryption",
    "sec-iam": "Permissions",
    "sec-net": "Network",
    "sec-secret": "Secrets",
    "sec-wrk": "Workload hardening",
    "sup": "Supply chain",
    "lcm": "Lifecycle",
    "iac": "Code hygiene",
    "cst": "Cost",
    "gov": "Governance",
}

SEVERITY = {"block": "high", "warn": "medium", "info": "low"}

NAMES = (
    "checkout", "billing", "ledger", "search", "catalogue", "accounts", "gateway", "mailer", "pricing",
    "stock", "returns", "reviews", "media", "events", "reports", "invoices", "shipping", "offers", "quotes",
)  # fmt: skip

OWNERS = ("payments", "storefront", "platform", "logistics", "data", "identity", "growth")

SOURCE = """resource "aws_db_instance" "main" {
  identifier        = "main"
  engine            = "postgres"
  storage_encrypted = false
  multi_az          = false
}
"""


@cache
def controls() -> dict[str, ControlInfo]:
    """The controls of `policies/controls.yaml`."""
    read = yaml.safe_load((ROOT / "policies" / "controls.yaml").read_text(encoding="utf-8"))
    found = {}
    for control in read["controls"]:
        tiers = {int(name.split("-")[1]): one["level"] for name, one in control["tiers"].items()}
        found[control["id"]] = ControlInfo(
            control["id"],
            control["title"],
            control["id"].rsplit("-", 1)[0],
            " ".join(control["statement"].split()),
            " ".join(control["why"].split()),
            tiers,
            {"CIS Controls v8": ("3.11", "4.1")} if control["id"].startswith("sec-") else {},
        )
    return found


def policy(control: str) -> str:
    """The policy of a control in these samples."""
    return f"acme-{control}"


def policies() -> dict[str, PolicyMeta]:
    """One policy for each control."""
    return {
        policy(name): PolicyMeta(
            policy(name),
            info.title,
            "high",
            name,
            f"Write it down.\n\n```hcl\nstorage_encrypted = true\n```\n\n* See `{name}` in the catalogue.",
            (),
            ("https://docs.example.com/readiness",),
            ("aws_db_instance",),
            "safe" if number % 3 == 0 else None,
        )
        for number, (name, info) in enumerate(controls().items())
    }


def finding(control: str, service: str, path: str, number: int, severity: str, status: str) -> Finding:
    """A finding of the sample policy of a control."""
    address = f"module.{service}.aws_db_instance.main[{number}]"
    identity = Identity(policy(control), path, address)
    waiver = Span("waivers.yaml", 3, 1, 9, 1)
    return Finding(
        policy(control),
        controls()[control].title,
        control,
        ("CKV_AWS_16",),
        severity,
        status,
        Subject(address, "aws_db_instance", "main", service, 1),
        Span(path, 4, 3, 4, 28),
        f"`storage_encrypted` is false in {address}",
        policies_once()[policy(control)].remediation,
        identity.fingerprint,
        fixable="safe",
        reason={"unknown": "it is known after apply", "waived": "moved to another account in June"}.get(
            status
        ),
        identity=identity,
        allowance=Allowance("waiver", waiver, owner="payments", expires="2027-01-31")
        if status == "waived"
        else None,
    )


@cache
def policies_once() -> dict[str, PolicyMeta]:
    """`policies()`, made once."""
    return policies()


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.findings: list[Finding] = []
        self.sources: dict[str, str] = {}

    def control(self, info: ControlInfo, service: str, tier: int, path: str, luck: float) -> ControlResult:
        """One control of one service; `luck` from 0 to 1 is how ready the service is."""
        strength = info.strengths.get(tier, "info")
        if self.random.random() < 0.3:
            return ControlResult(info.id, "not-applicable", strength)
        result = ControlResult(info.id, "met", strength, of=self.random.randint(1, 6), level="gold")
        result.evidence = [
            Evidence(path, 1 + number, f"aws_db_instance.{info.id}_{number}") for number in range(3)
        ]
        if self.random.random() < luck:
            result.met, result.share = result.of, 1.0
            return result
        status = self.random.choices(("fail", "waived", "unknown"), (8, 1, 1))[0]
        short = self.random.randint(1, result.of)
        for number in range(short):
            found = finding(info.id, service, path, number, SEVERITY[strength], status)
            self.findings.append(found)
            result.missing.append(missing(found))
        result.met = result.of - short
        if not result.met:
            result.evidence = []
        result.share = round(result.met / result.of, 2)
        if status == "fail":
            result.failed, result.status = short, "partly" if result.met else "not-met"
        elif status == "waived":
            result.waived, result.status = short, "waived"
        else:
            result.unknown, result.status = short, "unknown"
            result.share = None if not result.met else 1.0
        result.level = {"block": "", "warn": "bronze", "info": "silver"}[strength]
        return result

    def service(self, number: int, repository: str = "") -> ServiceResult:
        """One service."""
        name = NAMES[number % len(NAMES)] + (f"-{number // len(NAMES)}" if number >= len(NAMES) else "")
        tier = self.random.choices((0, 1, 2, 3), (1, 3, 4, 2))[0]
        path = f"services/{name}/infra/main.tf"
        self.sources[path] = SOURCE
        luck = self.random.choice((0.35, 0.6, 0.8, 0.95, 1.0))
        result = ServiceResult(
            name,
            tier,
            self.random.random() < 0.2,
            self.random.choice(("declared", "catalog", "label", "tag", "namespace", "folder")),
            f"services/{name}/catalog-info.yaml",
            1,
            owner=self.random.choice(OWNERS) if self.random.random() < 0.9 else None,
            system=self.random.choice(("shop", "back-office", None)),
            lifecycle="production",
            link=f"https://git.example.com/acme/{name}",
            environments=["dev", "prod"],
            depends_on=[NAMES[(number + 1) % len(NAMES)]],
            resources=self.random.randint(2, 90),
            documents=[f"docs/runbooks/{name}.md"],
            repository=repository,
        )
        if result.owner:
            result.facts["owner"] = Fact(result.owner, "catalog", result.path, 9)
        if not result.tier_assumed:
            result.facts["tier"] = Fact(str(tier), "label", path, 3)
        result.controls = [self.control(info, name, tier, path, luck) for info in controls().values()]
        self.rate(result)
        return result

    def rate(self, service: ServiceResult) -> None:
        """Areas, level, score and steps from the controls; near enough to what the engine makes."""
        order = ("", *LEVELS)
        for area, title in AREAS.items():
            known = [one for one in service.controls if controls()[one.control].area == area]
            asked = [one for one in known if one.status != "not-applicable"]
            shares = [one.share for one in asked if one.share is not None]
            score = round(100 * sum(shares) / len(shares)) if shares else None
            level = min((one.level or "" for one in asked), key=order.index) if asked else None
            capped = next((one.control for one in asked if one.level == ""), None)
            service.areas.append(
                AreaResult(area, title, [one.control for one in known], score, level, capped)
            )
        scores = [area.score for area in service.areas if area.score is not None]
        service.score = round(sum(scores) / len(scores)) if scores else None
        service.level = min((area.level for area in service.areas if area.level is not None), key=order.index)
        service.level_if_known = service.level
        if service.level != "gold":
            service.next_level = order[order.index(service.level) + 1]
            service.steps = [
                step(one, service.next_level)
                for one in service.controls
                if one.status in ("partly", "not-met") and one.level == service.level
            ]


def missing(found: Finding) -> Missing:
    """What a control misses, by its finding."""
    return Missing(
        found.policy,
        found.severity,
        found.status,
        found.message,
        found.span.path,
        found.span.line,
        (found.subject.address,),
        found.fingerprint,
        found.fixable,
        found.reason,
        found.allowance.expires if found.allowance else None,
    )


def step(control: ControlResult, level: str) -> Step:
    """The change that ends everything that a control misses."""
    first = control.missing[0]
    return Step(
        policies_once()[first.policy].title,
        first.policy,
        first.severity,
        first.path,
        first.line,
        (control.control,),
        len(control.missing),
        (control.control,) if level else (),
        "safe",
        f"readiness check --fix --select {first.policy}",
        tuple(one.fingerprint for one in control.missing),
    )


def kpis(services: list[ServiceResult], seed: int = 1) -> list[Kpi]:
    """Key figures of the usual kinds: shares, an age, one that could not be measured."""
    rng = random.Random(seed)
    owned = [Listed(one.name, one.path, one.line, one.owner is not None, one.name) for one in services]
    met = sum(one.met for one in owned)
    found = [
        Kpi(
            "ownership", "Services with an owner", "own-01", 95, ">=", "percent",
            100 * met / len(owned) if owned else None, met, len(owned),
            on_target=met / len(owned) >= 0.95 if owned else None, tiers=(0, 1, 2), blueprint="Principal SRE Engineer",
            trend=1.5, listed=sorted(owned, key=lambda one: one.met)[:1000],
        )
    ]  # fmt: skip
    for number, (name, control, target) in enumerate(
        (
            ("Alerts with a runbook", "run-01", 90.0),
            ("Tier-0 and tier-1 services with an SLO", "slo-01", 80.0),
            ("Workloads with readiness probes", "prb-01", 95.0),
            ("Encrypted data stores", "sec-enc-01", 100.0),
            ("Pinned module versions", "iac-02", 100.0),
        )
    ):
        of = rng.randint(20, 400)
        some = rng.randint(of // 2, of)
        actual = round(100 * some / of, 1)
        listed = [Listed(f"{name} {n}", f"services/{n}.tf", n + 1, n >= of - some) for n in range(of)]
        found.append(
            Kpi(
                f"share-{number}", name, control, target, ">=", "percent", actual, some, of, number,
                actual >= target, (0, 1), "Systems Engineer", round(rng.uniform(-5, 5), 1), listed,
            )
        )  # fmt: skip
    found.append(
        Kpi("waiver-age", "Median age of waivers", "gov-04", 90, "<=", "days", 41, 7, 9, on_target=True)
    )
    found.append(Kpi("restore", "Restore tests in time", "bck-02", 100, ">=", "percent", None, 0, 0))
    return found


def history(services: list[ServiceResult], figures: list[Kpi], runs: int, seed: int = 1) -> list[Point]:
    """As many runs, a month apart, in which scores rise to what they are now."""
    rng = random.Random(seed)
    points = []
    for run in range(runs):
        left = runs - 1 - run
        rated = {}
        for one in services:
            score = None if one.score is None else max(0, one.score - left * rng.randint(0, 4))
            level = one.level if left == 0 or rng.random() < 1 - left / (runs + 1) else ""
            rated[one.name] = (score, level)
        values = {
            one.id: None if one.actual is None else round(max(0, one.actual - left * rng.uniform(0, 2)), 1)
            for one in figures
        }
        points.append(Point(f"2026-{1 + run % 12:02}-01T06:00:00Z", f"{run:040x}", rated, values))
    return points


def health(findings: list[Finding], services: int) -> list[PolicyHealth]:
    """How the sample policies do."""
    rows = []
    for name, info in controls().items():
        mine = [one.status for one in findings if one.control == name]
        rows.append(
            PolicyHealth(
                policy(name), info.title, name, "high", services * 4,
                mine.count("fail"), mine.count("waived"), mine.count("unknown"),
            )
        )  # fmt: skip
    return rows


def card(services: int = 19, runs: int = 8, seed: int = 7, repositories: tuple[str, ...] = ()) -> Scorecard:
    """A realistic report over so many services, with a history of so many runs."""
    maker = _Maker(seed)
    found = [
        maker.service(number, repositories[number % len(repositories)] if repositories else "")
        for number in range(services)
    ]
    figures = kpis(found)
    counts = Counts(
        services * 19, 1, 40, 3, 2, sum(one.resources for one in found), 900, services * 800, 37, 60
    )
    report = Report(maker.findings, [], counts, policies_once(), maker.sources)
    report.errors.append(SourceError("services/media/infra/broken.tf", 7, 3, "expected a block"))
    report.notices.append(SourceError("services/search/chart", 0, 0, "the chart was not rendered"))
    return Scorecard(
        found,
        report,
        controls(),
        LEVELS,
        AREAS,
        figures,
        health(maker.findings, services),
        [
            Unassigned(f"aws_iam_role.shared[{n}]", "aws_iam_role", "platform/iam.tf", 3 + n)
            for n in range(max(3, services // 5))
        ],
        [Problem("tier `9` is not defined", "services/media/catalog-info.yaml", 4, 9)],
        history(found, figures, runs) if runs > 1 else [],
        "acme/shop",
        "3f1c2b7a9d0e4c5f8a6b1d2e3f4a5b6c7d8e9f00",
        "2026-08-01T06:00:00Z",
        list(repositories),
    )


def small() -> Scorecard:
    """Two services, one of them ready, without history or key figures."""
    made = card(services=2, runs=0)
    ready = made.services[1]
    ready.controls = [
        ControlResult(one.control, "met", one.strength, 1, 1, share=1.0, level="gold")
        for one in ready.controls
    ]
    ready.areas, ready.steps, ready.next_level = [], [], None
    _Maker(1).rate(ready)
    made.kpis = []
    return made


def empty() -> Scorecard:
    """Nothing was found."""
    return Scorecard([], Report([], [], Counts()), controls(), LEVELS, AREAS)


HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    "evil\u202egnp.exe",
    "naïve 🚀 日本語 `code`",
    "a/b?c=d&e=f#g%2F",
    "javascript:alert(1)",
    "\x1b[31mred\x00",
    "__proto__",
    "constructor",
)
"""Names that want to be more than text."""


def hostile() -> Scorecard:
    """A report in which every text comes from somebody who wishes its reader ill."""
    made = card(services=len(HOSTILE), runs=3)
    for name, service in zip(HOSTILE, made.services, strict=True):
        service.name = service.owner = service.system = service.found_by = name
        service.link = "javascript:alert(1)"
        service.path = f"{name}.tf"
        service.environments, service.documents, service.depends_on = [name], [f"{name}.md"], [name]
        service.facts = {"owner": Fact(name, name, name, 1)}
        service.problem = name if name == HOSTILE[3] else None
        service.steps = [Step(name, name, "high", name, 1, ("own-01",), command=name)]
        for control in service.controls:
            control.evidence = [Evidence(name, 1, name) for _ in control.evidence]
    made.report.findings = [
        Finding(
            name, name, "own-01", (name,), "high", "fail", Subject(name, name, name, name), Span(name, 1, 1, 1, 9),
            name, f"{name}\n\n```\n{name}\n```\n* {name}", f"{number:024x}", reason=name,
            references=("javascript:alert(1)", "https://docs.example.com/"), instances=(name,),
        )
        for number, name in enumerate(HOSTILE)
    ]  # fmt: skip
    made.report.sources = {name: name for name in HOSTILE}
    made.title = made.commit = HOSTILE[2]
    made.kpis = [
        Kpi(name, name, "own-01", 90, ">=", name, 50, 1, 2, on_target=False, listed=[Listed(name, name, 1, False, name)])
        for name in HOSTILE
    ]  # fmt: skip
    made.unassigned = [Unassigned(name, name, name, 1) for name in HOSTILE]
    made.problems = [Problem(name, name, 1, 1) for name in HOSTILE]
    made.health = [PolicyHealth(name, name, name, "high", 10, 9, 1, 0) for name in HOSTILE]
    return made
