"""Grants of AWS, Google Cloud and Azure in one form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy import cel
from readiness.policy.host import FUNCTIONS, Host
from readiness.policy.iam import azure
from readiness.policy.iam.google import ADMINISTERING, BASIC, IMPERSONATING
from readiness.policy.iam.grants import Grants
from readiness.repo.facts import RepositoryFacts
from readiness.values import List, Unknown


def grants(text: str, address: str) -> List:
    """The grants of one resource of a Terraform text."""
    loaded = from_texts({"main.tf": text})
    assert loaded.errors == []
    (resource,) = [r for r in loaded.estate.resources if r.address == address]
    return Grants(loaded.estate).of(resource.body)


def picked(item: Any, *keys: str) -> list[Any]:
    """Some values of a grant, lists as they are."""
    return [item[key] for key in keys]


# -- AWS ------------------------------------------------------------------------------

ROLE = """
resource "aws_iam_role" "worker" {
  assume_role_policy = jsonencode({
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }
  })
  inline_policy {
    policy = jsonencode({ Statement = { Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::a/*" } })
  }
}
"""


def test_a_role_trusts_and_permits() -> None:
    identity, trust = grants(ROLE, "aws_iam_role.worker")
    assert picked(identity, "provider", "kind", "actions", "scope") == [
        "aws",
        "identity",
        ["s3:Get*"],
        "prefix",
    ]
    assert picked(trust, "kind", "principals", "service_principals") == [
        "trust",
        ["ec2.amazonaws.com"],
        ["ec2.amazonaws.com"],
    ]


DOCUMENTS = """
variable "policy" {}
data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "whole" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
  statement {
    actions   = ["sns:Publish"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}
resource "aws_iam_policy" "whole" { policy = data.aws_iam_policy_document.whole.json }
resource "aws_iam_policy" "given" { policy = var.policy }
resource "aws_sqs_queue_policy" "text" {
  queue_url = "https://example.com/jobs"
  policy    = "{\\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Principal\\": \\"*\\", \\"Action\\": \\"sqs:*\\"}]}"
}
"""


def test_statements_are_grants_of_the_document_they_are_written_in() -> None:
    whole = grants(DOCUMENTS, "data.aws_iam_policy_document.whole")
    assert [picked(g, "kind", "actions") for g in whole] == [
        ["identity", ["sqs:SendMessage"]],
        ["trust", ["sts:AssumeRole"]],
        ["resource", ["sns:Publish"]],
    ]
    assert grants(DOCUMENTS, "aws_iam_policy.whole") == []


def test_policies_that_are_not_known() -> None:
    (given,) = grants(DOCUMENTS, "aws_iam_policy.given")
    assert isinstance(given, Unknown)


def test_resource_policies() -> None:
    (text,) = grants(DOCUMENTS, "aws_sqs_queue_policy.text")
    assert picked(text, "kind", "public", "actions") == ["resource", True, ["sqs:*"]]


@pytest.mark.parametrize(
    ("arguments", "services", "accounts", "keys"),
    [
        ('principal = "sns.amazonaws.com"', ["sns.amazonaws.com"], [], []),
        ('principal = "alexa-appkit.amazon.com"', ["alexa-appkit.amazon.com"], [], []),
        ('principal = "111122223333"', [], ["111122223333"], []),
        ('principal = "arn:aws:iam::111122223333:role/a"', [], ["111122223333"], []),
        (
            'principal = "s3.amazonaws.com"\n  source_arn = "arn:aws:s3:::a"\n  source_account = "111122223333"',
            ["s3.amazonaws.com"],
            [],
            ["aws:sourceaccount", "aws:sourcearn"],
        ),
    ],
)
def test_lambda_permissions(
    arguments: str, services: list[str], accounts: list[str], keys: list[str]
) -> None:
    text = f'resource "aws_lambda_permission" "a" {{\n  action = "lambda:InvokeFunction"\n  {arguments}\n}}\n'
    (item,) = grants(text, "aws_lambda_permission.a")
    assert picked(item, "service_principals", "accounts", "condition_keys") == [services, accounts, keys]
    assert item.span_of("principals").line == 3


TRUSTED = """
resource "aws_iam_role" "a" {
  assume_role_policy = jsonencode({
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = ["111122223333", "444455556666"] } }
  })
}
"""


@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        ("", None),
        ('provider "aws" { allowed_account_ids = ["111122223333"] }', ["444455556666"]),
        ('provider "aws" { allowed_account_ids = ["111122223333", "444455556666"] }', None),
        (
            'provider "aws" { allowed_account_ids = ["111122223333"] }\n'
            'provider "aws" {\n  alias = "b"\n  allowed_account_ids = ["444455556666"]\n}',
            None,
        ),
        ('provider "aws" { region = "eu-central-1" }', None),
    ],
)
def test_the_account_that_providers_name(providers: str, expected: list[str] | None) -> None:
    (item,) = grants(TRUSTED + providers, "aws_iam_role.a")
    found = item["external_accounts"]
    assert isinstance(found, Unknown) if expected is None else found == expected


# -- Google Cloud ---------------------------------------------------------------------


def member(role: str, who: str = '"group:ops@example.com"', kind: str = "project") -> str:
    return f'resource "google_{kind}_iam_member" "a" {{\n  role   = {role}\n  member = {who}\n}}\n'


@pytest.mark.parametrize(
    ("role", "kind", "basic", "impersonates", "administers", "privileged"),
    [
        ("roles/owner", "project", True, False, True, True),
        ("roles/editor", "folder", True, False, False, True),
        ("roles/viewer", "organization", True, False, False, False),
        ("roles/iam.serviceAccountUser", "project", False, True, False, True),
        ("roles/iam.serviceAccountUser", "service_account", False, True, False, False),
        ("roles/iam.securityAdmin", "organization", False, False, True, True),
        ("roles/pubsub.publisher", "pubsub_topic", False, False, False, False),
    ],
)
def test_roles_of_google(
    role: str, kind: str, basic: bool, impersonates: bool, administers: bool, privileged: bool
) -> None:
    (item,) = grants(member(f'"{role}"', kind=kind), f"google_{kind}_iam_member.a")
    keys = ("basic", "impersonates", "administers", "privileged")
    assert picked(item, *keys) == [basic, impersonates, administers, privileged]
    assert item["scope"] == (kind if kind in ("project", "folder", "organization") else "resource")
    assert item["principals"] == ["group:ops@example.com"]
    assert [item.span_of("role").line, item.span_of("principals").line] == [2, 3]


def test_sets_of_roles_do_not_overlap() -> None:
    assert IMPERSONATING.isdisjoint(BASIC | ADMINISTERING)


CUSTOM = """
resource "google_project_iam_custom_role" "r" {
  role_id     = "ops"
  permissions = PERMISSIONS
}
"""


@pytest.mark.parametrize(
    ("permissions", "privileged"),
    [
        ('["run.services.get"]', False),
        ('["run.services.get", "iam.serviceAccounts.actAs"]', True),
        ('["resourcemanager.folders.setIamPolicy"]', True),
        ('["storage.buckets.setIamPolicy"]', False),
        ("var.permissions", None),
    ],
)
def test_custom_roles_of_google(permissions: str, privileged: bool | None) -> None:
    text = CUSTOM.replace("PERMISSIONS", permissions) + 'variable "permissions" {}\n'
    (item,) = grants(text, "google_project_iam_custom_role.r")
    assert picked(item, "kind", "role", "scope") == ["role", "ops", "project"]
    assert isinstance(item["privileged"], Unknown) if privileged is None else item["privileged"] is privileged


def test_a_custom_role_of_the_estate_is_no_basic_role() -> None:
    text = CUSTOM.replace("PERMISSIONS", "[]") + member("google_project_iam_custom_role.r.name")
    (item,) = grants(text, "google_project_iam_member.a")
    assert picked(item, "basic", "impersonates", "administers") == [False, False, False]


@pytest.mark.parametrize(
    ("who", "public"),
    [
        ('"allUsers"', True),
        ('"allAuthenticatedUsers"', True),
        ('"user:a@example.com"', False),
        ("google_service_account.s.member", False),
        ('"serviceAccount:${google_service_account.s.email}"', False),
        ("var.who", None),
    ],
)
def test_public_members(who: str, public: bool | None) -> None:
    text = member('"roles/run.invoker"', who, "cloud_run_v2_service")
    text += 'variable "who" {}\nresource "google_service_account" "s" { account_id = "s" }\n'
    (item,) = grants(text, "google_cloud_run_v2_service_iam_member.a")
    assert isinstance(item["public"], Unknown) if public is None else item["public"] is public


def test_members_that_only_apply_knows() -> None:
    text = member('"roles/run.invoker"', "google_service_account.s.member") + (
        'resource "google_service_account" "s" { account_id = "s" }\n'
    )
    (item,) = grants(text, "google_project_iam_member.a")
    (who,) = item["principals"]
    assert (who.prefix, who.suffix) == ("serviceAccount:", ".iam.gserviceaccount.com")


POLICY = """
data "google_iam_policy" "p" {
  binding {
    role    = "roles/owner"
    members = ["user:a@example.com", "user:b@example.com"]
  }
  binding {
    role    = "roles/run.invoker"
    members = ["allUsers"]
    condition {
      title      = "until"
      expression = "request.time < timestamp(\\"2030-01-01T00:00:00Z\\")"
    }
  }
}
resource "google_project_iam_policy" "data" { policy_data = data.google_iam_policy.p.policy_data }
resource "google_folder_iam_policy" "json" {
  policy_data = jsonencode({ bindings = [{ role = "roles/viewer", members = ["domain:example.com"] }] })
}
resource "google_project_iam_policy" "given" { policy_data = var.given }
variable "given" {}
"""


def test_whole_policies_of_google() -> None:
    first, second = grants(POLICY, "google_project_iam_policy.data")
    assert picked(first, "role", "scope", "public", "conditions") == ["roles/owner", "project", False, {}]
    assert picked(second, "role", "public") == ["roles/run.invoker", True]
    assert second["conditions"]["title"] == "until"
    (text,) = grants(POLICY, "google_folder_iam_policy.json")
    assert picked(text, "role", "principals", "scope") == ["roles/viewer", ["domain:example.com"], "folder"]
    (given,) = grants(POLICY, "google_project_iam_policy.given")
    assert isinstance(given, Unknown)
    assert grants(POLICY, "data.google_iam_policy.p") == []


# -- Azure ----------------------------------------------------------------------------

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("/", "tenant"),
        ("/providers/Microsoft.Management/managementGroups/platform", "management_group"),
        (SUBSCRIPTION, "subscription"),
        (SUBSCRIPTION + "/", "subscription"),
        (SUBSCRIPTION + "/resourceGroups/a", "resource_group"),
        (SUBSCRIPTION + "/resourceGroups/a/providers/Microsoft.Web/sites/b", "resource"),
        (None, None),
        (Unknown("", ("data.azurerm_subscription.s.id",)), "subscription"),
        (Unknown("", ("azurerm_resource_group.g[0].id",)), "resource_group"),
        (Unknown("", ("module.m.azurerm_resource_group.g.id",)), "resource_group"),
        (Unknown("", ("azurerm_management_group.g.id",)), "management_group"),
        (Unknown("", ("azurerm_storage_account.a.id",)), "resource"),
        (Unknown("", ("data.azurerm_subscription.s.id",), suffix="/resourceGroups/a"), "resource_group"),
        (Unknown("", ("var.id",), prefix="/subscriptions/"), "subscription"),
        (Unknown("", ("var.g",), prefix=SUBSCRIPTION + "/resourceGroups/"), "resource_group"),
        (Unknown("", ("var.id",), prefix="/subscriptions/", suffix="/resourceGroups/a"), "resource_group"),
    ],
)
def test_scopes_of_azure(scope: Any, expected: str | None) -> None:
    assert azure.scope_of(scope) == expected


@pytest.mark.parametrize("ref", ["var.scope", "module.m.scope", "azurerm_storage_account.a.name"])
def test_scopes_that_are_not_known(ref: str) -> None:
    scope = Unknown("not known", (ref,))
    assert azure.scope_of(scope) is scope


ASSIGNMENT = f"""
variable "role" {{}}
data "azurerm_subscription" "s" {{}}
data "azurerm_role_definition" "owner" {{ name = "Owner" }}
resource "azurerm_role_definition" "custom" {{
  name  = "Owner"
  scope = "{SUBSCRIPTION}"
}}
resource "azurerm_role_assignment" "a" {{
  scope        = data.azurerm_subscription.s.id
  principal_id = "1"
  ROLE
}}
"""


@pytest.mark.parametrize(
    ("role", "name", "administers"),
    [
        ('role_definition_name = "Owner"', "Owner", True),
        ('role_definition_name = "Reader"', "Reader", False),
        (
            'role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"',
            "User Access Administrator",
            True,
        ),
        (
            'role_definition_id = "${data.azurerm_subscription.s.id}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"',
            "Contributor",
            False,
        ),
        ("role_definition_id = data.azurerm_role_definition.owner.id", "Owner", True),
        (
            "role_definition_id = azurerm_role_definition.custom.role_definition_resource_id",
            "custom role azurerm_role_definition.custom",
            False,
        ),
        ("role_definition_name = var.role", None, None),
    ],
)
def test_assignments(role: str, name: str | None, administers: bool | None) -> None:
    (item,) = grants(ASSIGNMENT.replace("ROLE", role), "azurerm_role_assignment.a")
    assert item["scope"] == "subscription"
    for key, expected in (("role", name), ("administers", administers), ("privileged", administers)):
        assert isinstance(item[key], Unknown) if expected is None else item[key] == expected


@pytest.mark.parametrize(
    ("actions", "excepted", "administers"),
    [
        ('["*"]', "[]", True),
        ('["Microsoft.Authorization/roleAssignments/*"]', "[]", True),
        ('["*"]', '["Microsoft.Authorization/*"]', False),
        ('["*"]', '["Microsoft.Authorization/roleAssignments/write"]', True),
        ('["Microsoft.Authorization/*/read"]', "[]", False),
        ("var.actions", "[]", None),
        ('["*"]', "var.actions", None),
    ],
)
def test_definitions(actions: str, excepted: str, administers: bool | None) -> None:
    text = f"""
resource "azurerm_role_definition" "a" {{
  name  = "a"
  scope = "{SUBSCRIPTION}/resourceGroups/a"
  permissions {{
    actions     = {actions}
    not_actions = {excepted}
  }}
  assignable_scopes = ["{SUBSCRIPTION}/resourceGroups/a", "{SUBSCRIPTION}"]
}}
variable "actions" {{}}
"""
    (item,) = grants(text, "azurerm_role_definition.a")
    assert picked(item, "kind", "role", "scope") == ["role", "a", "subscription"]
    assert item.span_of("actions").line == 6
    found = item["administers"]
    assert isinstance(found, Unknown) if administers is None else found is administers


# -- as policies see them -------------------------------------------------------------


def test_the_host_has_them(tmp_path: Path) -> None:
    loaded = from_texts({"main.tf": ROLE})
    host = Host(loaded.estate, RepositoryFacts(tmp_path))
    assert set(host.functions) == FUNCTIONS
    (resource,) = loaded.estate.of_type("aws_iam_role")
    program = cel.compile(
        "size(grants(object)) + size(escalations(object))", functions=FUNCTIONS, variables={"object"}
    )
    assert program.evaluate({"object": resource.body}, host.functions) == 2


def test_a_body_of_no_resource_grants_nothing() -> None:
    loaded = from_texts({"main.tf": DOCUMENTS})
    assert Grants(loaded.estate).of({"policy": "{}"}) == []


def test_escalations_of_a_resource_and_of_several() -> None:
    text = """
resource "aws_iam_role_policy" "pass" {
  policy = jsonencode({ Statement = { Effect = "Allow", Action = "iam:PassRole", Resource = "*" } })
}
resource "aws_iam_role_policy" "start" {
  policy = jsonencode({ Statement = { Effect = "Allow", Action = "cloudformation:CreateStack", Resource = "*" } })
}
"""
    loaded = from_texts({"main.tf": text})
    first, second = (resource.body for resource in loaded.estate.of_type("aws_iam_role_policy"))
    found = Grants(loaded.estate)
    assert found.escalations(first) == []
    assert found.escalations(second["policy"]) == []
    together = found.escalations([first, second])
    assert [item["name"] for item in together] == ["PassRoleToStack"]
    assert found.escalations(first) is found.escalations(first)
