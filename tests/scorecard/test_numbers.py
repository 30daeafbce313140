"""Numbers of whole reports over small repositories, each worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness import api
from readiness.engine.settings import found_settings
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
    volume = 'resource "aws_ebs_volume" "x" {\n  encrypted = false\n  tags = { service = "b" }\n}\n'
    said = "policies:\n  aws-db-encryption: {severity: low}\n  aws-ebs-encryption: {severity: critical}\n"
    card = reported(
        {"services/b/main.tf": a_database("b", "b", "true") + volume, "services/b/readiness.yaml": said},
        select=("aws-db-encryption", "aws-ebs-encryption"),
    )
    control = control_of(card, "b", "sec-enc-01")
    assert [(one.policy, one.severity) for one in control.missing] == [("aws-ebs-encryption", "critical")]
    assert (control.met, control.failed, control.share) == (1, 1, 1 / 11)  # low weighs 1, critical 10


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

GROUP = """\
variable "office" {}
resource "aws_security_group" "shop" {
  name = "shop"
  tags = { service = "shop" }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office]
  }
}
"""


def test_what_is_unknown_beside_what_fails_is_missing_too(reported):
    card = reported({"main.tf": GROUP}, select=("aws-net-open-ssh",))
    control = control_of(card, "shop", "sec-net-01")
    assert (control.status, control.failed, control.unknown, control.of) == ("not-met", 1, 0, 1)
    assert [(one.status, one.line) for one in control.missing] == [("fail", 9), ("unknown", 15)]
    assert [step.line for step in service_of(card, "shop").steps] == [9, 15]


def test_what_is_unknown_beside_what_is_let_pass_is_unknown(reported):
    ignored = '    # readiness:ignore aws-net-open-ssh reason: moves in May\n    cidr_blocks = ["0'
    card = reported(
        {"main.tf": GROUP.replace('    cidr_blocks = ["0', ignored)}, select=("aws-net-open-ssh",)
    )
    control = control_of(card, "shop", "sec-net-01")
    assert sorted(one.status for one in control.missing) == ["suppressed", "unknown"]
    assert (control.status, control.unknown, control.share) == ("unknown", 1, None)


# -- levels and points --------------------------------------------------------------


def test_a_service_of_which_nothing_is_asked_has_no_level(reported):
    card = reported({"main.tf": a_database("a", "a")}, select=("iac-05",))
    service = service_of(card, "a")
    assert (service.level, service.score, service.steps) == ("", None, [])
    assert service.problem == "nothing that its levels ask concerns it"


def test_points_are_whole_only_where_nothing_is_short(reported):
    said = "policies:\n  aws-rds-deletion-protection: {severity: info}\n"
    files = {"main.tf": a_database("a", "a", "true"), "readiness.yaml": said}
    card = reported(
        files, select=("aws-rds-deletion-protection", "aws-db-final-snapshot", "aws-db-encryption")
    )
    control = control_of(card, "a", "chg-03")
    assert [one.severity for one in control.missing] == ["info"]
    assert service_of(card, "a").score < 100


# -- steps --------------------------------------------------------------------------


def commands(card: Scorecard, name: str) -> dict[tuple[str, int], str | None]:
    return {(step.path, step.line): step.command for step in service_of(card, name).steps}


def test_a_step_has_a_command_only_where_that_mends_it(reported):
    text = "".join(
        a_database(name, "shop", value)
        for name, value in (("a", "false"), ("b", "local.off"), ("c", 'tobool("false")'), ("d", "var.later"))
    )
    given = 'locals {\n  off = false\n}\nvariable "later" {}\n'
    card = reported({"main.tf": text, "given.tf": given}, select=("aws-db-encryption",))
    fix = "readiness check --fix --unsafe-fixes --select aws-db-encryption main.tf"
    assert commands(card, "shop") == {
        ("main.tf", 3): fix,
        ("given.tf", 2): None,  # a fix leaves alone what is decided elsewhere
        ("main.tf", 13): None,  # an expression
        ("main.tf", 18): None,  # not known
    }


def test_the_command_for_what_is_let_pass_mends_it(reported):
    text = a_database("a", "shop").replace(
        "  storage", "  # readiness:ignore aws-db-encryption reason: x\n  storage"
    )
    card = reported({"main.tf": text}, select=("aws-db-encryption",))
    (command,) = commands(card, "shop").values()
    assert (
        command == "readiness check --fix --unsafe-fixes --no-exceptions --select aws-db-encryption main.tf"
    )
    settings = found_settings({"exceptions": False, "select": ("aws-db-encryption",)})
    fixed = api.fix(("main.tf",), settings, unsafe=True)
    assert "storage_encrypted = true" in fixed.texts["main.tf"]


def test_what_a_chart_puts_together_has_no_command(reported):
    pod = "  template:\n    spec:\n      containers:\n        - {name: shop, image: nginx, securityContext: {privileged: true}}\n"
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "chart/templates/app.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, "
        "labels: {app.kubernetes.io/part-of: shop}}\nspec:\n" + pod,
    }
    card = reported(files, select=("k8s-sec-privileged",))
    assert list(commands(card, "shop").values()) == [None]


def test_one_edit_that_mends_what_two_policies_say_is_one_step(reported):
    card = reported({"main.tf": a_database("a", "a")}, select=("aws-rds-backup-retention", "svc-backup"))
    (step,) = service_of(card, "a").steps
    assert (step.policy, step.findings, step.unlocks) == ("aws-rds-backup-retention", 2, ("bck-01",))


# -- instances, documents and records -----------------------------------------------


def test_a_finding_of_two_services_is_told_to_each_of_its_own_instance(reported):
    module = (
        'variable "service" {}\nresource "aws_db_instance" "this" {\n  storage_encrypted = false\n'
        "  tags = { service = var.service }\n}\n"
    )
    calls = "".join(
        f'module "{name}" {{\n  source  = "../mod"\n  service = "{name}"\n}}\n' for name in ("alpha", "beta")
    )
    card = reported({"mod/main.tf": module, "root/main.tf": calls}, select=("aws-db-encryption",))
    assert len(card.report.findings) == 1
    for name in ("alpha", "beta"):
        (one,) = control_of(card, name, "sec-enc-01").missing
        assert one.addresses == (f"module.{name}.aws_db_instance.this",)
        assert one.text.startswith(f"module.{name}.aws_db_instance.this stores its data in clear")


DOCUMENTS = {"docs/runbooks/disk.md": "# Disk\n", "docs/restore-tests/2026-11-08.md": "# Restore\n"}


def test_documents_of_folders_that_were_not_asked_for_are_nobodys(reported):
    files = {**DOCUMENTS, "services/a/main.tf": a_database("a", "a"), ".git/HEAD": "ref: refs/heads/main\n"}
    assert service_of(reported(files), "a").documents == sorted(DOCUMENTS, reverse=True)[::-1]
    # Who knows what else stands in the repository?
    assert service_of(reported(files, paths=("services/a",)), "a").documents == []


def test_documents_beside_much_that_is_nobodys_are_nobodys(reported):
    nobodys = "".join(f'resource "aws_sqs_queue" "q{n}" {{}}\n' for n in range(2))
    tagged = "".join(f'resource "aws_sqs_queue" "t{n}" {{\n  tags = {{ x = "y" }}\n}}\n' for n in range(2))
    files = {**DOCUMENTS, "a/main.tf": a_database("a", "a"), "b/main.tf": nobodys + tagged}
    card = reported(files)
    assert len(card.unassigned) == 4
    assert service_of(card, "a").documents == []


def test_evidence_of_a_service_without_tier_grows_old_by_the_default_one(reported):
    said = "services:\n  a:\n    evidence: [{kind: restore-test, date: 2020-01-01}]\n"
    card = reported(
        {"main.tf": a_database("a", "a"), "readiness-services.yaml": said}, select=("svc-restore-test",)
    )
    assert control_of(card, "a", "bck-02").status == "not-met"
    assert [kpi.actual for kpi in card.kpis if kpi.id == "restore-tests"] == [0.0]


def test_the_owner_does_not_depend_on_what_is_selected(reported):
    files = {
        "CODEOWNERS": "* @acme/team-a\n",
        "main.tf": a_database("a", "a").replace(', owner = "team-x"', ""),
    }
    for select in (("aws-db-encryption",), ("svc-owner",)):
        assert service_of(reported(files, select=select), "a").owner == "@acme/team-a"
