"""Numbers of whole reports over small repositories, each worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness import api
from readiness.engine.settings import found_settings
from readiness.engine.tally import Short
from readiness.scorecard.model import ControlResult, Scorecard, ServiceResult

Reporting = Callable[..., Scorecard]


@pytest.fixture
def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reporting:
    """Makes the report of some files, with the settings that are among them."""

    def make(files: Mapping[str, str], paths: tuple[str, ...] = (".",), **said: Any) -> Scorecard:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(tmp_path)
        return api.report(paths, found_settings({"cache": False, **said}))

    return make


def service_of(card: Scorecard, name: str) -> ServiceResult:
    (found,) = [service for service in card.services if service.name == name]
    return found


def control_of(card: Scorecard, service: str, control: str) -> ControlResult:
    (found,) = [one for one in service_of(card, service).controls if one.control == control]
    return found


def a_database(name: str, service: str, encrypted: str = "false") -> str:
    return (
        f'resource "aws_db_instance" "{name}" {{\n'
        f'  identifier        = "{name}"\n'
        f"  storage_encrypted = {encrypted}\n"
        f'  tags              = {{ service = "{service}", owner = "team-x" }}\n'
        "}\n"
    )


TWO_ENVIRONMENTS = {"dev.tfvars": 'env = "dev"\n', "prod.tfvars": 'env = "prod"\n'}


def in_root(folder: str, text: str) -> dict[str, str]:
    """A root with two environments."""
    files = {"main.tf": 'variable "env" {}\n' + text, **TWO_ENVIRONMENTS}
    return {f"{folder}/{name}": content for name, content in files.items()}


# -- environments -------------------------------------------------------------------


def test_resources_of_one_address_in_two_roots_count_each(reported):
    card = reported(
        {**in_root("a", a_database("this", "shop")), **in_root("b", a_database("this", "shop"))},
        select=("aws-db-encryption",),
    )
    control = control_of(card, "shop", "sec-enc-01")
    assert (control.status, control.met, control.failed, control.of) == ("not-met", 0, 2, 2)
    assert sorted((one.path, one.addresses) for one in control.missing) == [
        ("a/main.tf", ("aws_db_instance.this",)),
        ("b/main.tf", ("aws_db_instance.this",)),
    ]
    assert service_of(card, "shop").resources == 2


def test_a_resource_whose_service_follows_its_environment_counts_for_each(reported):
    card = reported(in_root("c", a_database("this", "pay-${var.env}", "true")), select=("aws-db-encryption",))
    assert [service.name for service in card.services] == ["pay-dev", "pay-prod"]
    for name in ("pay-dev", "pay-prod"):
        control = control_of(card, name, "sec-enc-01")
        assert (control.status, control.met, control.of, control.share) == ("met", 1, 1, 1.0)
        assert service_of(card, name).score == 100


def test_a_key_figure_counts_a_resource_for_each_service_that_it_is_of(reported, tmp_path):
    pack = {
        "pack/kpis.yaml": (
            "kpis:\n  - {id: acme, name: Databases, control: sec-enc-01, target: 90, "
            'resources: [aws_db_instance], assert: "object.storage_encrypted == true"}\n'
        )
    }
    files = in_root("c", a_database("this", "pay-${var.env}", 'var.env == "prod"'))
    card = reported({**files, **pack}, paths=("c",), policies=("pack",), select=("aws-db-encryption",))
    (kpi,) = [kpi for kpi in card.kpis if kpi.id == "acme"]
    assert (kpi.met, kpi.of) == (1, 2)
    assert [(one.name, one.met, one.service) for one in kpi.listed] == [
        ("aws_db_instance.this", False, "pay-dev"),
        ("aws_db_instance.this", True, "pay-prod"),
    ]


# -- settings by folder -------------------------------------------------------------

TWO_FOLDERS = {
    "services/a/main.tf": a_database("a", "a"),
    "services/b/main.tf": a_database("b", "b"),
}


def test_policies_on_services_hold_below_settings_of_a_folder(reported):
    card = reported({**TWO_FOLDERS, "services/b/readiness.yaml": "fail-on: critical\n"})
    of = [
        {one.policy for control in service_of(card, name).controls for one in control.missing}
        for name in ("a", "b")
    ]
    assert "svc-catalog-entry" in of[0]
    assert of[0] == of[1]


def test_a_profile_that_a_folder_asks_for_stays(reported):
    card = reported({**TWO_FOLDERS, "services/b/readiness.yaml": "profile: security\n"})
    policies = {one.policy for control in service_of(card, "b").controls for one in control.missing}
    assert "svc-catalog-entry" not in policies
    assert "aws-db-encryption" in policies


def test_the_tier_of_a_folder_is_that_of_its_services(reported):
    card = reported({**TWO_FOLDERS, "services/b/readiness.yaml": "tier: 3\n"})
    assert [(one.name, one.tier, one.tier_assumed) for one in card.services] == [
        ("a", 1, True),
        ("b", 3, True),
    ]
    # What a tier does not ask is not checked, and no level of that tier asks for it.
    assert control_of(card, "b", "own-01").of == 0
    assert control_of(card, "a", "own-02").failed == 2
    assert [one.policy for one in control_of(card, "b", "own-02").missing] == ["svc-tier"]
    (kpi,) = [kpi for kpi in card.kpis if kpi.id == "alert-coverage"]  # of tiers 0 and 1
    assert [one.service for one in kpi.listed] == ["a"]


def test_checks_weigh_what_the_settings_of_their_folder_say(reported):
    text = a_database("x", "b", "true") + a_database("y", "b").replace(
        "}\n}", "}\n  publicly_accessible = 1\n}"
    )
    card = reported(
        {
            "services/b/main.tf": text,
            "services/b/readiness.yaml": "policies:\n  aws-db-encryption: {severity: low}\n",
        },
        select=("aws-db-encryption", "aws-ebs-encryption"),
    )
    control = control_of(card, "b", "sec-enc-01")
    assert (control.met, control.failed, control.share) == (1, 1, 0.5)
    assert [one.severity for one in control.missing] == ["low"]


# -- the repository as a whole ------------------------------------------------------


def test_what_is_about_the_whole_repository_is_in_no_services_numbers(reported):
    files = {name: text.replace(', owner = "team-x"', "") for name, text in TWO_FOLDERS.items()}
    card = reported(files, select=("own-tags-anybody", "svc-tier"))
    assert [finding.policy for finding in card.report.findings].count("own-tags-anybody") == 1
    assert [control_of(card, name, "own-01").status for name in ("a", "b")] == ["not-applicable"] * 2


def test_it_is_in_the_numbers_of_the_only_service(reported):
    text = TWO_FOLDERS["services/a/main.tf"].replace(', owner = "team-x"', "")
    card = reported({"main.tf": text}, select=("own-tags-anybody",))
    assert control_of(card, "a", "own-01").failed == 1


# -- parts of one resource ----------------------------------------------------------

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app.kubernetes.io/name: shop}}
spec:
  template:
    metadata: {labels: {app.kubernetes.io/name: shop}}
    spec:
      containers:
        - {name: one, image: "nginx:latest"}
"""


def test_what_is_unknown_beside_what_fails_is_missing_too(reported):
    files = {
        "main.tf": (
            'variable "image" {}\n'
            'resource "kubernetes_deployment_v1" "shop" {\n'
            '  metadata {\n    name = "shop"\n    labels = { "app.kubernetes.io/name" = "shop" }\n  }\n'
            "  spec {\n    template {\n      spec {\n"
            '        container {\n          name = "one"\n          image = "nginx:latest"\n        }\n'
            '        container {\n          name = "two"\n          image = var.image\n        }\n'
            "      }\n    }\n  }\n}\n"
        )
    }
    card = reported(files, select=("k8s-image-tag",))
    control = control_of(card, "shop", "sup-01")
    assert (control.status, control.failed, control.of) == ("not-met", 1, 1)
    assert sorted(one.status for one in control.missing) == ["fail", "unknown"]
    files["main.tf"] = files["main.tf"].replace(
        "resource", "# readiness:ignore k8s-image-tag reason: moves in May\nresource"
    )


def test_a_short_resource_keeps_what_waits():
    assert Short("x", "fail", ("a",), ("b",)).waiting == ("b",)


# -- levels and points --------------------------------------------------------------


def test_a_service_of_which_nothing_is_asked_has_no_level(reported):
    card = reported({"main.tf": a_database("a", "a")}, select=("iac-05",))
    service = service_of(card, "a")
    assert (service.level, service.score, service.steps) == ("", None, [])
    assert service.problem == "nothing that its levels ask concerns it"


def test_points_are_whole_only_where_nothing_is_short(reported):
    files = {
        "main.tf": a_database("a", "a", "true"),
        "readiness.yaml": "policies:\n  aws-rds-deletion-protection: {severity: info}\n",
    }
    card = reported(files, select=("aws-rds-deletion-protection", "tf-prevent-destroy", "aws-db-encryption"))
    control = control_of(card, "a", "chg-03")
    assert control.failed >= 1
    assert service_of(card, "a").score < 100
