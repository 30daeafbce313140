"""Key figures: what they count, of what, and what stands behind them; numbers are recounted by another program."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from kpi_shop import FILES, TODAY
from msgspec.structs import replace

from readiness.engine.checks import make_checks
from readiness.engine.hold import hold
from readiness.engine.loading import load_with
from readiness.engine.model import Finding
from readiness.engine.prepare import prepare
from readiness.engine.run import Run
from readiness.engine.settings import Settings
from readiness.engine.tally import Proof, Short, Tallied, Tally
from readiness.errors import UsageError
from readiness.estate.build import from_texts
from readiness.estate.services.model import Service
from readiness.policy.bundle import builtin_folder
from readiness.policy.controls import load_controls
from readiness.policy.model import Policy
from readiness.policy.packs import locate
from readiness.repo.facts import RepositoryFacts
from readiness.scorecard.health import health, suspicious
from readiness.scorecard.kpi_file import Definition, builtin_kpis, check_kpis, kpis_of, read_kpis
from readiness.scorecard.kpis import World, measure
from readiness.scorecard.model import Kpi, Listed, PolicyHealth
from readiness.values import Span

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONTROLS = load_controls(builtin_folder())


def a_kpi(**measured: Any) -> Definition:
    """A key figure with a target of 90 percent."""
    entry = {"id": "share", "name": "Share", "control": "own-01", "target": 90, **measured}
    return read_kpis(json.dumps({"kpis": [entry]}), "kpis.yaml")[0]


def a_policy(id_: str, assert_: str, **more: Any) -> Policy:
    """A policy on buckets."""
    given = {"resources": ("aws_s3_bucket",), "severity": "high", "message": "{address}", **more}
    return Policy(
        id=id_, title=id_, control="own-01", assert_=assert_, remediation="-", path=f"{id_}.yaml", **given
    )


def a_service(name: str, tier: int | None = None) -> Service:
    """A service that is found in `main.tf`."""
    return Service(name, "tag", Span("main.tf", 1, 1, 1, 2), tier=tier)


def world_of(
    texts: Mapping[str, str] | str,
    *policies: Policy,
    left_out: Iterable[Policy] = (),
    services: Iterable[Service] = (),
    context: tuple[str, ...] = (),
    tier: int = 1,
) -> World:
    """The world of some texts, in which `policies` ran and those that are `left_out` did not."""
    texts = {"main.tf": texts} if isinstance(texts, str) else texts
    loaded = from_texts(texts)
    loaded.estate.services = list(services)
    facts = RepositoryFacts(Path(), texts=texts, today=datetime.date.fromisoformat(TODAY))
    run = Run(loaded.estate, facts, tier)
    run.tally, run.context = Tally(), context
    run.execute(make_checks(policies))
    every = [*policies, *left_out]
    ran = frozenset(policy.id for policy in policies)
    return World(loaded.estate, facts, run.tally, run.results(), every, ran, tier, context)


def one(world: World, **measured: Any) -> Kpi:
    """A key figure in a world."""
    return measure([a_kpi(**measured)], world)[0]


BUCKETS = """\
variable "name" {
  type = string
}
resource "aws_s3_bucket" "logs" {
  bucket        = "logs"
  force_destroy = false
}
resource "aws_s3_bucket" "cache" {
  bucket        = "cache"
  force_destroy = true
}
resource "aws_s3_bucket" "later" {
  bucket        = var.name
  force_destroy = false
}
"""

NAMED = a_policy("bucket-named", 'object.bucket == "logs"')
KEPT = a_policy("bucket-kept", "object.force_destroy == false")


# -- a whole repository -----------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small shop."""
    folder = tmp_path_factory.mktemp("shop")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def measured(shop: Path) -> dict[str, Kpi]:
    """The built-in key figures of the shop, by id, as the report measures them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop)
        settings = Settings(profile="report", jobs=1, cache=False, waivers=("waivers.yaml",))
        prepared = prepare(settings)
        loaded = load_with(["."], settings, None)
        loaded.today = datetime.date.fromisoformat(TODAY)
        held = hold(prepared.policies, loaded, settings, prepared, tallied=True)
        assert held.tally is not None
        assert held.report.errors == []
        facts = RepositoryFacts(loaded.root, loaded.base, today=loaded.today)
        ran = held.extent.policies
        world = World(loaded.estate, facts, held.tally, held.report.findings, prepared.every, ran)
        found = {kpi.id: kpi for kpi in measure(builtin_kpis(), world)}
        assert world.errors == []
        return found


def test_another_program_counts_the_same(shop: Path, measured: dict[str, Kpi]) -> None:
    script = HERE / "recount.py"
    assert "import readiness" not in script.read_text(encoding="utf-8")
    assert "from readiness" not in script.read_text(encoding="utf-8")
    command = [sys.executable, "-I", str(script), str(shop), TODAY]
    done = subprocess.run(command, capture_output=True, check=True)
    counted = json.loads(done.stdout)
    assert {id_: [measured[id_].met, measured[id_].of] for id_ in counted} == counted
    assert len(counted) == 24
    assert all(met < of or id_ in _WHOLE for id_, (met, of) in counted.items())


_WHOLE = {"ownership", "exceptions-reasoned", "waivers-owned"}
"""What the shop has for all that asks for it."""


def test_what_is_short_is_listed_with_its_place(measured: dict[str, Kpi]) -> None:
    alerts = measured["alert-quality"]
    assert alerts.listed == [
        Listed("PrometheusRule/shop/shop: CheckoutSlow", "deploy/rules.yaml", 17, False, "checkout"),
        Listed("PrometheusRule/shop/shop: SearchDown", "deploy/rules.yaml", 30, False, "checkout"),
        Listed("PrometheusRule/shop/shop: CheckoutDown", "deploy/rules.yaml", 12, True, "checkout"),
        Listed("PrometheusRule/shop/shop: CheckoutRestarts", "deploy/rules.yaml", 22, True, "checkout"),
    ]
    assert (alerts.actual, alerts.target, alerts.comparison, alerts.on_target) == (50.0, 70.0, ">", False)
    runbooks = measured["runbook-alerts"]
    assert runbooks.listed == [
        Listed("PrometheusRule/shop/shop: CheckoutSlow", "deploy/rules.yaml", 17, False, "checkout")
    ]
    assert [one.name for one in measured["runbook-freshness"].listed] == [
        "docs/runbooks/restarts.md",
        "docs/runbooks/checkout.md",
    ]


def test_what_waits_for_a_value_counts_in_neither(measured: dict[str, Kpi]) -> None:
    backups = measured["backup-coverage"]
    assert (backups.met, backups.of, backups.unknown) == (1, 2, 1)
    assert [one.name for one in backups.listed] == ["aws_db_instance.search", "aws_db_instance.orders"]


def test_what_is_waived_is_not_met(measured: dict[str, Kpi]) -> None:
    assert (
        Listed("aws_db_instance.search", "main.tf", 53, False, "search")
        in measured["encryption-at-rest"].listed
    )


def test_where_there_is_nothing_there_is_no_number(measured: dict[str, Kpi]) -> None:
    empty = measured["encryption-in-transit"]
    assert (empty.actual, empty.on_target, empty.met, empty.of, empty.listed) == (None, None, 0, 0, [])


# -- what is counted ------------------------------------------------------------------


def test_checks_of_several_policies_add_up() -> None:
    kpi = one(world_of(BUCKETS, NAMED, KEPT), policies=["bucket-*"])
    assert (kpi.met, kpi.of, kpi.unknown, kpi.actual) == (3, 5, 1, 60.0)
    assert kpi.listed == [
        Listed("aws_s3_bucket.cache", "main.tf", 9, False),
        Listed("aws_s3_bucket.cache", "main.tf", 10, False),
        Listed("aws_s3_bucket.logs", "main.tf", 4, True),
        Listed("aws_s3_bucket.later", "main.tf", 12, True),
    ]


def test_the_policies_of_a_control_count_but_for_those_without_a_share() -> None:
    change = a_policy("bucket-change", "false", on="change")
    whole = a_policy("bucket-whole", "false", on="estate")
    kpi = one(world_of(BUCKETS, KEPT, change, whole), controls=["own-01"])
    assert (kpi.met, kpi.of) == (2, 3)


def test_a_policy_that_did_not_run_runs_for_those_who_name_it() -> None:
    world = world_of(BUCKETS, left_out=[NAMED])
    assert (one(world, policies=["bucket-named"]).met, one(world, policies=["bucket-named"]).of) == (1, 2)
    assert one(world, policies=["bucket-*"]).actual is None
    assert one(world, controls=["own-01"]).actual is None


TAGGED = """\
resource "aws_s3_bucket" "one" {
  tags = { service = "shop", tier = "0" }
}
resource "aws_s3_bucket" "two" {
  bucket = "two"
  tags   = { service = "shop", tier = "0" }
}
resource "aws_s3_bucket" "three" {
  bucket = "three"
  tags   = { service = "back", tier = "2" }
}
resource "aws_s3_bucket" "four" {
  bucket = "four"
}
"""


@pytest.mark.parametrize(
    ("tiers", "tier", "counted"),
    [
        ([], 1, (3, 4)),
        ([0], 1, (1, 2)),
        ([1], 1, (1, 1)),
        ([2], 1, (1, 1)),
        ([2], 2, (2, 2)),
        ([3], 1, (0, 0)),
    ],
)
def test_tiers_are_those_of_the_services(tiers: list[int], tier: int, counted: tuple[int, int]) -> None:
    named = a_policy("bucket-name", "object.bucket != null")
    services = [a_service("shop", 0), a_service("back", 2)]
    ran = world_of(TAGGED, named, services=services, tier=tier)
    left = world_of(TAGGED, left_out=[named], services=services, tier=tier)
    own = {"resources": ["aws_s3_bucket"], "assert": "object.bucket != null"}
    for kpi in (
        one(ran, policies=["bucket-name"], tiers=tiers),
        one(left, policies=["bucket-name"], tiers=tiers),
        one(ran, tiers=tiers, **own),
    ):
        assert (kpi.met, kpi.of) == counted


def test_services_count_where_all_that_is_asked_of_them_holds() -> None:
    named = a_policy("bucket-name", "object.bucket != null")
    tagged = a_policy("bucket-tag", "tags.owner != null", when='tags.service == "shop"')
    services = [a_service("back", 2), a_service("none"), a_service("shop", 0)]
    world = world_of(TAGGED, named, tagged, services=services)
    both = one(world, policies=["bucket-name", "bucket-tag"], count="services")
    # The second policy asks nothing of `back`, none of them of `none`.
    assert (both.met, both.of, both.listed) == (0, 1, [Listed("shop", "main.tf", 1, False, "shop")])
    first = one(world, policies=["bucket-name"], count="services")
    assert (first.met, first.of, [one.name for one in first.listed]) == (1, 2, ["shop", "back"])
    either = one(world, policies=["bucket-*"], count="services")
    assert (either.met, either.of) == (1, 2)
    left = world_of(TAGGED, named, left_out=[tagged], services=services)
    assert (one(left, policies=["bucket-name", "bucket-tag"], count="services").of) == 1


RULES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {x: "1", u: "2", z: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data: {x: "1", w: "3"}
"""


def test_items_count_one_by_one() -> None:
    items = {"resources": ["ConfigMap"], "each": "object.data", "assert": 'item == "1"'}
    kpi = one(world_of({"a.yaml": RULES}), **items)
    assert (kpi.met, kpi.of) == (3, 5)
    assert kpi.listed[:2] == [
        Listed("ConfigMap/a: 2", "a.yaml", 3, False),
        Listed("ConfigMap/b: 3", "a.yaml", 8, False),
    ]


def test_what_has_one_name_counts_once_and_as_its_worst() -> None:
    items = {"resources": ["ConfigMap"], "each": "object.data.map(k, k)", "once": "item"}
    kpi = one(world_of({"a.yaml": RULES}), **items, **{"assert": 'item != "x" || name == "a"'})
    assert (kpi.met, kpi.of) == (3, 4)
    assert [(one.name, one.met) for one in kpi.listed] == [
        ("x", False),
        ("u", True),
        ("z", True),
        ("w", True),
    ]


def test_items_of_a_policy_and_checks_of_it_are_two_numbers() -> None:
    each = a_policy("bucket-tags", 'item != "shop"', each="tags.map(t, tags[t])")
    world = world_of(TAGGED, each)
    assert (one(world, policies=["bucket-tags"], count="items").met) == 4
    assert (one(world, policies=["bucket-tags"], count="items").of) == 6
    assert (one(world, policies=["bucket-tags"]).met, one(world, policies=["bucket-tags"]).of) == (1, 3)
    left = world_of(TAGGED, left_out=[each])
    assert (one(left, policies=["bucket-tags"], count="items").of) == 6
    assert (one(left, policies=["bucket-tags"]).met, one(left, policies=["bucket-tags"]).of) == (1, 3)


def test_services_are_looked_at_as_resources() -> None:
    texts = {
        "a.yaml": RULES.replace(
            "{name: a}", "{name: a, labels: {app.kubernetes.io/part-of: shop, tier: '0'}}"
        )
    }
    loaded = from_texts(texts)
    facts = RepositoryFacts(Path(), texts=texts)
    world = World(loaded.estate, facts, Tally(), [], [], frozenset())
    kpi = one(world, resources=["service"], **{"assert": "object.owner != null"})
    assert (kpi.met, kpi.of, [one.name for one in kpi.listed]) == (0, 1, ["service.shop"])
    assert one(world, resources=["service"], tiers=[1], **{"assert": "true"}).of == 0


def test_what_is_read_for_its_context_alone_does_not_count() -> None:
    texts = {"a/main.tf": 'resource "aws_s3_bucket" "a" {}', "b/main.tf": 'resource "aws_s3_bucket" "b" {}'}
    world = world_of(texts, KEPT, context=("b/main.tf",))
    own = {"resources": ["aws_s3_bucket"], "assert": "true"}
    assert (one(world, **own).of, one(world, policies=["bucket-kept"]).of) == (1, 1)


def test_a_resource_of_several_environments_counts_once_as_in_the_worst(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(
        'variable "keep" {\n  type = bool\n}\nresource "aws_s3_bucket" "a" {\n  force_destroy = var.keep\n}\n'
    )
    (tmp_path / "prod.tfvars").write_text("keep = false\n")
    (tmp_path / "test.tfvars").write_text("keep = true\n")
    settings = Settings(environments=("prod=prod.tfvars", "test=test.tfvars"), cache=False, jobs=1)
    loaded = load_with(["."], settings, None)
    assert sorted(r.variant for r in loaded.estate.of_type("aws_s3_bucket")) == ["prod", "test"]
    world = World(loaded.estate, RepositoryFacts(tmp_path), Tally(), [], [], frozenset())
    kpi = one(world, resources=["aws_s3_bucket"], **{"assert": "object.force_destroy == false"})
    assert (kpi.met, kpi.of, len(kpi.listed)) == (0, 1, 1)


def test_a_condition_that_cannot_be_worked_out_is_an_error_of_the_report() -> None:
    world = world_of({"a.yaml": RULES})
    items = {
        "resources": ["ConfigMap"],
        "each": "object.data.map(k, k)",
        "once": "int(item)",
        "assert": "true",
    }
    assert one(world, **items).actual is None
    assert [(error.path, error.line, error.kind) for error in world.errors] == [
        ("a.yaml", 3, "internal"),
        ("a.yaml", 8, "internal"),
    ]


def test_a_place_of_what_another_policy_tells_is_that_of_the_resource() -> None:
    world = world_of(BUCKETS, KEPT)
    world.findings = []
    assert one(world, policies=["bucket-kept"]).listed[0] == Listed(
        "aws_s3_bucket.cache", "main.tf", 8, False
    )


# -- numbers ------------------------------------------------------------------------


def tallied(met: int, failed: int) -> World:
    """A world in which a policy gave these numbers."""
    found = Tallied(met=met, short=[Short(f"aws_s3_bucket.b{i}", "fail", ()) for i in range(failed)])
    found.proofs = [Proof("aws_s3_bucket.a", "main.tf", 1)] if met else []
    estate = from_texts({}).estate
    tally = Tally({"": {"bucket-kept": found}})
    return World(estate, RepositoryFacts(Path(), texts={}), tally, [], [KEPT], frozenset({"bucket-kept"}))


@pytest.mark.parametrize(
    ("met", "failed", "comparison", "target", "actual", "on_target"),
    [
        (2, 1, ">=", 66, 66.6, True),
        (1999, 1, ">=", 100, 99.9, False),
        (9, 1, ">=", 90, 90.0, True),
        (9, 1, ">", 90, 90.0, False),
        (9001, 999, ">", 90, 90.0, True),
        (1, 9, "<=", 10, 10.0, True),
        (1, 9, "<", 10, 10.0, False),
        (0, 9, "=", 0, 0.0, True),
        (999, 1, ">=", 99.9, 99.9, True),
    ],
)
def test_a_share_is_rounded_down_and_compared_exactly(
    met: int, failed: int, comparison: str, target: float, actual: float, on_target: bool
) -> None:
    kpi = one(tallied(met, failed), policies=["bucket-kept"], target=target, comparison=comparison)
    assert (kpi.actual, kpi.on_target, kpi.met, kpi.of) == (actual, on_target, met, met + failed)


def test_a_list_has_a_thousand_entries_at_most_and_what_is_short_goes_first() -> None:
    kpi = one(tallied(1, 1500), policies=["bucket-kept"])
    assert (len(kpi.listed), kpi.of, any(one.met for one in kpi.listed)) == (1000, 1501, False)


# -- the file -------------------------------------------------------------------------


def test_the_built_in_ones_name_what_there_is() -> None:
    kpis = builtin_kpis()
    check_kpis(kpis, prepare(Settings()).every, CONTROLS)
    # As if they were a user's, whose conditions are compiled at once.
    check_kpis([replace(kpi, path="x") for kpi in kpis], prepare(Settings()).every, CONTROLS)


def test_the_built_in_targets_are_those_of_blueprints() -> None:
    for kpi in builtin_kpis():
        said = CONTROLS[kpi.control]["kpi"]
        if kpi.blueprint:
            assert kpi.blueprint in {entry["blueprint"] for entry in said}, kpi.id
        else:
            assert kpi.target == 100, kpi.id


def test_the_page_names_every_key_figure_and_every_number_of_a_blueprint() -> None:
    page = (ROOT / "docs" / "kpis.md").read_text(encoding="utf-8")
    for kpi in builtin_kpis():
        assert f"| `{kpi.id}` |" in page
    numbers = {entry["name"] for control in CONTROLS.values() for entry in control["kpi"]}
    assert [name for name in sorted(numbers) if f"| {name} |" not in page] == []


OWN = """\
kpis:
  - id: probe-coverage
    target: 95
  - id: acme-budgets
    name: Buckets with a budget
    control: cst-01
    target: 50
    resources: [aws_s3_bucket]
    assert: tags.budget != null
"""


def test_a_pack_changes_and_adds_key_figures(tmp_path: Path) -> None:
    (tmp_path / "kpis.yaml").write_text(OWN)
    before = {kpi.id: kpi for kpi in builtin_kpis()}
    kpis = kpis_of([locate(str(tmp_path))])
    assert [kpi.id for kpi in kpis] == [*before, "acme-budgets"]
    changed = next(kpi for kpi in kpis if kpi.id == "probe-coverage")
    assert (changed.target, changed.policies, changed.count) == (
        95.0,
        before["probe-coverage"].policies,
        "items",
    )
    check_kpis(kpis, prepare(Settings()).every, CONTROLS)
    world = world_of('resource "aws_s3_bucket" "a" {\n  tags = { budget = "7" }\n}\n')
    assert measure(kpis[-1:], world)[0].on_target is True


def test_a_change_may_say_anew_what_is_counted() -> None:
    known = [a_kpi(policies=["bucket-kept"], count="items")]
    text = "kpis: [{id: share, resources: [aws_s3_bucket], assert: 'true'}]"
    conditions = read_kpis(text, "own.yaml", known)[0]
    assert (conditions.policies, conditions.resources, conditions.name) == ((), ("aws_s3_bucket",), "Share")
    again = read_kpis("kpis: [{id: share, controls: [own-01]}]", "more.yaml", [conditions])[0]
    assert (again.resources, again.conditions, again.controls, again.count) == ((), {}, ("own-01",), "checks")
    narrower = read_kpis("kpis: [{id: share, when: 'false'}]", "more.yaml", [conditions])[0]
    assert narrower.conditions == {"assert": "true", "when": "false"}
    counted = read_kpis("kpis: [{id: share, count: checks}]", "more.yaml", known)[0]
    assert (counted.policies, counted.count) == (("bucket-kept",), "checks")


ENTRY = "kpis:\n  - id: share\n    name: Share\n    control: own-01\n    target: 90\n"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        (
            ENTRY + "    polices: [a]\n",
            "kpis.0: there is no field 'polices' here; did you mean 'policies'?",
            (6, 5),
        ),
        (ENTRY, "it measures nothing: give it 'policies', 'controls' or 'resources'", (2, 9)),
        (ENTRY + "    assert: 'true'\n", "'resources' is missing beside 'assert'", (6, 5)),
        (ENTRY + "    resources: [pod]\n", "'assert' is missing beside 'resources'", (6, 5)),
        (
            ENTRY + "    policies: [a-b]\n    assert: 'true'\n",
            "'policies' counts what policies gave, 'assert' what conditions say: choose one",
            (7, 5),
        ),
        (
            ENTRY + "    resources: [service, pod]\n    assert: 'true'\n",
            "'service' stands alone: services are no resources",
            (6, 5),
        ),
        (ENTRY.replace("90", "110"), "kpis.0.target: 110 is too great: 100 or less is expected", (5, 13)),
        ("kpis:\n  - id: shares\n    target: 5\n", "the key figure 'shares' has no 'name'", (2, 9)),
        (
            "kpis:\n  - {id: known, target: 1}\n  - {id: known}\n",
            "the key figure 'known' stands here twice",
            (3, 10),
        ),
        (
            "kpis:\n  - {id: know, target: 1}\n",
            "the key figure 'know' has no 'name'; did you mean 'known'?",
            (2, 10),
        ),
        ("kpi: []\n", "'kpis' is missing here", (1, 1)),
        (
            "kpis:\n  - {id: known, comparison: '=>'}\n",
            "kpis.0.comparison: '=>' is not one of >=, >, <=, <, =",
            (2, 29),
        ),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(
    text: str, message: str, place: tuple[int, int]
) -> None:
    known = read_kpis(ENTRY.replace("share", "known") + "    controls: [own-01]\n", "first.yaml")
    with pytest.raises(UsageError) as caught:
        read_kpis(text, "acme/kpis.yaml", known)
    assert caught.value.message.startswith(message)
    assert (caught.value.path, caught.value.line, caught.value.column) == ("acme/kpis.yaml", *place)


@pytest.mark.parametrize(
    ("line", "message", "place"),
    [
        ("policies: [bucket-kept, bucket-named]", None, None),
        (
            "policies: [bucket-kep]",
            "share: there is no policy 'bucket-kep'; did you mean 'bucket-kept'?",
            (6, 16),
        ),
        ("policies: [bucket-kept, x-y]", "share: there is no policy 'x-y'", (6, 29)),
        ("policies: [bucket-old]", "share: 'bucket-old' is now called 'bucket-kept'", (6, 16)),
        (
            "policies: [bucket-change]",
            "share: 'bucket-change' is on a change: there is nothing to count",
            (6, 16),
        ),
        ("policies: ['x-*']", "share: no policy is called like 'x-*'", (6, 16)),
        ("controls: [own-1]", "share: there is no control 'own-1'; did you mean 'own-01'?", (6, 16)),
        ("{resources: [pod], assert: 'nam == 1'}", "share: assert: ", (6, 0)),
    ],
)
def test_what_it_names_must_be_there(line: str, message: str | None, place: tuple[int, int] | None) -> None:
    kept = replace(KEPT, former_ids=("bucket-old",))
    policies = [kept, NAMED, a_policy("bucket-change", "true", on="change")]
    extra = f"    {line}\n" if not line.startswith("{") else "    resources: [pod]\n    assert: nam == 1\n"
    kpis = read_kpis(ENTRY + extra, "acme/kpis.yaml")
    if message is None or place is None:
        check_kpis(kpis, policies, CONTROLS)
        return
    with pytest.raises(UsageError) as caught:
        check_kpis(kpis, policies, CONTROLS)
    if line.startswith("{"):
        assert caught.value.message.startswith(message)
        assert (caught.value.path, caught.value.line, caught.value.column) == ("acme/kpis.yaml", 7, 13)
        return
    assert caught.value.message == message
    assert (caught.value.path, caught.value.line, caught.value.column) == ("acme/kpis.yaml", *place)


def test_what_things_are_told_apart_by_is_a_condition_with_a_place() -> None:
    text = ENTRY + "    resources: [pod]\n    once: nam\n    assert: 'true'\n"
    with pytest.raises(UsageError, match="share: once: ") as caught:
        check_kpis(read_kpis(text, "kpis.yaml"), [], CONTROLS)
    assert caught.value.line == 7


def test_a_control_that_is_not_there_is_told() -> None:
    with pytest.raises(
        UsageError, match=r"share: there is no control 'own-1'; did you mean 'own-01'\?"
    ) as caught:
        check_kpis(
            read_kpis(ENTRY.replace("own-01", "own-1") + "    controls: [own-01]\n", "k.yaml"), [], CONTROLS
        )
    assert (caught.value.line, caught.value.column) == (4, 14)


# -- the health of policies ---------------------------------------------------------


def test_the_health_of_a_policy_counts_checks_by_what_came_of_them() -> None:
    world = world_of(BUCKETS, NAMED, KEPT)
    assert health(world.tally, world.findings, [NAMED, KEPT]) == [
        PolicyHealth(
            "bucket-kept", "bucket-kept", "own-01", "high", evaluated=3, failed=1, waived=0, unknown=0
        ),
        PolicyHealth(
            "bucket-named", "bucket-named", "own-01", "high", evaluated=2, failed=1, waived=0, unknown=1
        ),
    ]
    let_pass = [_with(finding, "waived") for finding in world.findings]
    assert [(one.failed, one.waived) for one in health(world.tally, let_pass, [NAMED, KEPT])] == [
        (0, 1),
        (0, 1),
    ]
    recorded = [_with(finding, "baselined") for finding in world.findings]
    assert [(one.failed, one.waived) for one in health(world.tally, recorded, [NAMED, KEPT])] == [
        (1, 0),
        (1, 0),
    ]


def _with(finding: Finding, status: str) -> Finding:
    return replace(finding, status=status)


@pytest.mark.parametrize(
    ("evaluated", "failed", "waived", "unknown", "why"),
    [
        (20, 19, 0, 0, "95 % of 20 checks fail"),
        (20, 18, 0, 0, ""),
        (19, 19, 0, 0, ""),
        (100, 8, 2, 0, ""),
        (100, 7, 3, 0, "30 % of what fails is let pass"),
        (70, 0, 0, 30, ""),
        (69, 0, 0, 31, "31 % of 100 checks cannot be decided"),
        (
            30,
            20,
            9,
            40,
            "96 % of 30 checks fail; 31 % of what fails is let pass; 57 % of 70 checks cannot be decided",
        ),
    ],
)
def test_what_makes_a_policy_worth_a_look(
    evaluated: int, failed: int, waived: int, unknown: int, why: str
) -> None:
    one = PolicyHealth("a-b", "A", "own-01", "high", evaluated, failed, waived, unknown)
    assert suspicious([one]) == ([(one, why)] if why else [])


def test_what_finds_most_is_looked_at_first() -> None:
    few = PolicyHealth("a-few", "A", "own-01", "high", 20, 20, 0, 0)
    many = PolicyHealth("b-many", "B", "own-01", "high", 90, 90, 0, 0)
    assert [one.policy for one, _ in suspicious([few, many])] == ["b-many", "a-few"]


def test_manifests_of_one_address_in_two_files_are_two_things() -> None:
    pod = "{name: cart, image: registry.example.com/cart:1}"
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart}\n"
        f"spec: {{selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{pod}]}}}}}}\n"
    )
    kpi = one(world_of({"a/x.yaml": text, "b/x.yaml": text}), resources=["Deployment"], **{"assert": "true"})
    assert (kpi.met, kpi.of, [(one.name, one.path) for one in kpi.listed]) == (
        2,
        2,
        [("Deployment/cart", "a/x.yaml"), ("Deployment/cart", "b/x.yaml")],
    )
