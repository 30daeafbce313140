"""Service accounts and the identities of clouds: who names whom, and whom a trust lets in."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.estate.identity import Identities, closest, link_identities
from readiness.estate.model import Estate, Resource
from readiness.estate.trusts import member_of, subject_of, trust_of
from readiness.policy.iam.grants import Grants
from readiness.policy.iam.privileges import privileges
from readiness.values import Unknown


def estate_of(tf: str, *manifests: str) -> Estate:
    loaded = from_texts({"infra/main.tf": tf, "k8s/all.yaml": "---\n".join(manifests)})
    assert loaded.errors == []
    return loaded.estate


def resource(estate: Estate, address: str) -> Resource:
    (found,) = [r for r in estate.resources if r.address == address]
    return found


def account(annotations: str = "", namespace: str = "shop", name: str = "web") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    written = f", annotations: {{{annotations}}}" if annotations else ""
    return f"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}{place}{written}}}\n"


def irsa(name: str = "web") -> str:
    return f"eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/{name}'"


def role(condition: str = "", name: str = "web") -> str:
    written = f"Condition = {condition}," if condition else ""
    return f"""
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{ Statement = {{
    Effect = "Allow", {written} Action = "sts:AssumeRoleWithWebIdentity"
    Principal = {{ Federated = "arn:aws:iam::111122223333:oidc-provider/cluster" }}
  }} }})
}}
"""


def subject(text: str, test: str = "StringEquals") -> str:
    return f'{{ "{test}" = {{ "cluster:sub" = "{text}" }} }}'


def told(estate: Estate, address: str = "ServiceAccount/shop/web") -> list[tuple[Any, ...]]:
    found = Identities(estate).of(resource(estate, address))
    return [(i["provider"], i["address"], i["named"], i["trusts"]) for i in found]


def links(estate: Estate, address: str) -> list[tuple[str, str]]:
    return sorted((link.address, link.via) for link in resource(estate, address).links)


# -- whom a role of AWS lets in -------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (subject("system:serviceaccount:shop:web"), True),
        (subject("system:serviceaccount:shop:api"), False),
        (subject("system:serviceaccount:shop:*", "StringLike"), True),
        (subject("system:serviceaccount:*:web", "StringLike"), True),
        (subject("system:serviceaccount:shop:w?b", "StringLike"), True),
        (subject("system:serviceaccount:other:*", "StringLike"), False),
        (subject("*", "ForAnyValue:StringLike"), True),
        # No wildcard of StringEquals.
        (subject("system:serviceaccount:shop:*"), False),
        ('{ StringEquals = { "cluster:aud" = "sts.amazonaws.com" } }', True),
        ("", True),
        ('{ StringEquals = { "cluster:sub" = ["system:serviceaccount:a:b", '
         '"system:serviceaccount:shop:web"] } }', True),
    ],
)  # fmt: skip
def test_what_a_trust_policy_lets_in(condition: str, answer: bool) -> None:
    estate = estate_of(role(condition))
    assert trust_of(resource(estate, "aws_iam_role.web")).admits("shop", "web") is answer


@pytest.mark.parametrize(
    "condition",
    [
        subject("system:serviceaccount:${var.x}:web"),
        '{ StringEquals = { "${var.x}:sub" = "system:serviceaccount:shop:api" } }',
        "var.x",
        subject("system:serviceaccount:kube-system:web", "StringNotEquals"),
    ],
)
def test_what_is_not_known_of_a_trust_policy(condition: str) -> None:
    estate = estate_of('variable "x" {}\n' + role(condition))
    trust = trust_of(resource(estate, "aws_iam_role.web"))
    assert isinstance(trust.admits("shop", "web"), Unknown)


def test_a_subject_that_is_known_in_part_tells_another_account() -> None:
    estate = estate_of('variable "x" {}\n' + role(subject("system:serviceaccount:${var.x}:web")))
    trust = trust_of(resource(estate, "aws_iam_role.web"))
    assert trust.admits("shop", "api") is False
    assert isinstance(trust.admits(None, "web"), Unknown)
    assert trust.admits(None, "api") is False


DOCUMENT = """
resource "aws_eks_cluster" "c" { name = "c" }
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/cluster"]
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(aws_eks_cluster.c.identity[0].oidc[0].issuer, "https://", "")}:sub"
      values   = ["system:serviceaccount:shop:web"]
    }
  }
}
resource "aws_iam_role" "web" {
  name               = "web"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
"""


def test_a_document_whose_issuer_only_apply_knows() -> None:
    trust = trust_of(resource(estate_of(DOCUMENT), "aws_iam_role.web"))
    assert trust.admits("shop", "web") is True
    assert trust.admits("shop", "api") is False


# -- AWS ------------------------------------------------------------------------------


def test_the_annotation_names_a_role() -> None:
    estate = estate_of(role(subject("system:serviceaccount:shop:web")), account(irsa("team/web")))
    assert told(estate) == [("aws", "aws_iam_role.web", True, True)]


def test_a_role_that_is_not_in_the_files() -> None:
    assert told(estate_of("", account(irsa("api")))) == [("aws", None, True, None)]


def test_a_trust_alone_is_an_identity_too() -> None:
    estate = estate_of(role(subject("system:serviceaccount:shop:web")), account())
    assert told(estate) == [("aws", "aws_iam_role.web", False, True)]


def test_a_pattern_is_no_link() -> None:
    estate = estate_of(role(subject("system:serviceaccount:shop:*", "StringLike")), account())
    assert told(estate) == []


def test_a_role_that_trusts_another_account() -> None:
    estate = estate_of(role(subject("system:serviceaccount:shop:api")), account(irsa()))
    assert told(estate) == [("aws", "aws_iam_role.web", True, False)]


def test_an_account_without_a_namespace() -> None:
    estate = estate_of(role(subject("system:serviceaccount:shop:web")), account(irsa(), ""))
    ((*_, trusts),) = told(estate, "ServiceAccount/web")
    assert isinstance(trusts, Unknown)


def test_a_reference_of_terraform() -> None:
    declared = """
resource "kubernetes_service_account" "web" {
  metadata {
    name        = "web"
    namespace   = "shop"
    annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.web.arn }
  }
}
"""
    estate = estate_of(role(subject("system:serviceaccount:shop:web")) + declared)
    assert told(estate) == [("aws", "aws_iam_role.web", True, True)]


ASSOCIATION = """
resource "aws_eks_pod_identity_association" "a" {
  cluster_name    = "c"
  namespace       = "shop"
  service_account = "web"
  role_arn        = aws_iam_role.pods.arn
}
resource "aws_iam_role" "pods" {
  name = "pods"
  assume_role_policy = jsonencode({ Statement = {
    Effect = "Allow", Action = ["sts:AssumeRole", "sts:TagSession"]
    Principal = { Service = "SERVICE" }
  } })
}
"""


@pytest.mark.parametrize(
    ("service", "trusts"), [("pods.eks.amazonaws.com", True), ("ec2.amazonaws.com", False)]
)
def test_pod_identity(service: str, trusts: bool) -> None:
    estate = estate_of(ASSOCIATION.replace("SERVICE", service), account())
    assert told(estate)[0][:2] == ("aws", "aws_iam_role.pods")
    assert told(estate)[0][3] is trusts


# -- links ----------------------------------------------------------------------------


def test_links_run_both_ways_and_are_made_once() -> None:
    estate = estate_of(
        role(subject("system:serviceaccount:shop:web"))
        + ASSOCIATION.replace("SERVICE", "pods.eks.amazonaws.com"),
        account(irsa()),
    )
    for _ in range(2):
        link_identities(estate)
        annotation = "metadata.annotations.eks.amazonaws.com/role-arn"
        assert links(estate, "ServiceAccount/shop/web") == [
            ("aws_eks_pod_identity_association.a", "service_account"),
            ("aws_iam_role.pods", "aws_eks_pod_identity_association.role_arn"),
            ("aws_iam_role.web", annotation),
        ]
        assert links(estate, "aws_iam_role.web") == [("ServiceAccount/shop/web", annotation)]


def test_the_environment_tells_copies_apart() -> None:
    files = {
        f"infra/{name}/main.tf": f'provider "aws" {{\n  default_tags {{\n    tags = {{ environment = "{name}" }}\n'
        "  }\n}\n" + role()
        for name in ("prod", "stage")
    }
    body = account(irsa()).replace("metadata: {", "metadata: {labels: {environment: prod}, ")
    estate = from_texts({**files, "k8s/all.yaml": body}).estate
    roles = estate.of_type("aws_iam_role")
    assert sorted(r.root for r in roles) == ["infra/prod", "infra/stage"]
    assert [r.root for r in closest(roles, resource(estate, "ServiceAccount/shop/web"))] == ["infra/prod"]


# -- Google and Azure -----------------------------------------------------------------

GOOGLE = """
variable "project" {}
resource "google_service_account" "web" {
  account_id = "web-service"
}
resource "google_service_account_iam_member" "web" {
  service_account_id = google_service_account.web.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project}.svc.id.goog[shop/NAME]"
}
"""
GKE = "iam.gke.io/gcp-service-account: web-service@acme.iam.gserviceaccount.com"


@pytest.mark.parametrize(("name", "trusts"), [("web", True), ("api", False)])
def test_google(name: str, trusts: bool) -> None:
    estate = estate_of(GOOGLE.replace("NAME", name), account(GKE))
    assert told(estate) == [("google", "google_service_account.web", True, trusts)]


def test_google_without_a_grant_in_the_files() -> None:
    estate = estate_of('resource "google_service_account" "web" { account_id = "web-service" }', account(GKE))
    assert told(estate) == [("google", "google_service_account.web", True, None)]


def test_a_service_account_of_another_project() -> None:
    body = 'resource "google_service_account" "web" {\n  account_id = "web-service"\n  project = "other"\n}'
    assert told(estate_of(body, account(GKE))) == [("google", None, True, None)]


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("serviceAccount:acme.svc.id.goog[shop/web]", ("shop", "web")),
        ("principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/"
         "acme.svc.id.goog/subject/ns/shop/sa/web", ("shop", "web")),
        ("principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/"
         "acme.svc.id.goog/namespace/shop", None),
        ("serviceAccount:web@acme.iam.gserviceaccount.com", None),
        (Unknown("?", prefix="serviceAccount:", suffix=".svc.id.goog[shop/web]"), ("shop", "web")),
        (Unknown("?", prefix="serviceAccount:"), None),
    ],
)  # fmt: skip
def test_members_that_are_accounts_of_a_cluster(member: Any, name: Any) -> None:
    assert member_of(member) == name


AZURE = """
resource "azurerm_user_assigned_identity" "web" { name = "web" }
resource "azurerm_federated_identity_credential" "web" {
  name                      = "web"
  user_assigned_identity_id = azurerm_user_assigned_identity.web.id
  subject                   = "system:serviceaccount:shop:web"
}
"""


def test_azure() -> None:
    estate = estate_of(AZURE, account())
    assert told(estate) == [("azure", "azurerm_user_assigned_identity.web", False, True)]
    link_identities(estate)
    assert ("azurerm_federated_identity_credential.web", "subject") in links(
        estate, "ServiceAccount/shop/web"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("system:serviceaccount:shop:web", ("shop", "web")),
        ("system:serviceaccount:shop", None),
        ("system:serviceaccount::web", None),
        ("repo:acme/shop:ref:refs/heads/main", None),
    ],
)
def test_subjects(text: str, name: Any) -> None:
    assert subject_of(text) == name


# -- what an identity may do ----------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "reasons"),
    [
        ("", []),
        ('resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.web.name\n'
         '  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}', ["AdministratorAccess"]),
        ('resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.web.name\n'
         '  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n}', []),
        ('resource "aws_iam_role_policy" "a" {\n  role = aws_iam_role.web.id\n  policy = jsonencode('
         '{ Statement = { Effect = "Allow", Action = "iam:PutRolePolicy", Resource = "*" } })\n}',
         ["PutRolePolicy"]),
        ('resource "aws_iam_role_policy" "a" {\n  role = aws_iam_role.web.id\n  policy = jsonencode('
         '{ Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "*" } })\n}', []),
        # Two policies together.
        ('resource "aws_iam_role_policy" "a" {\n  role = aws_iam_role.web.id\n  policy = jsonencode('
         '{ Statement = { Effect = "Allow", Action = "iam:PassRole", Resource = "*" } })\n}\n'
         'resource "aws_iam_role_policy" "b" {\n  role = aws_iam_role.web.id\n  policy = jsonencode('
         '{ Statement = { Effect = "Allow", Action = "ec2:RunInstances", Resource = "*" } })\n}',
         ["PassRoleToInstance"]),
    ],
)  # fmt: skip
def test_why_a_role_administers_its_account(more: str, reasons: list[str]) -> None:
    estate = estate_of(role() + more)
    assert privileges(resource(estate, "aws_iam_role.web").body, Grants(estate)) == reasons


def test_a_policy_that_is_not_known_may_be_a_reason() -> None:
    more = 'variable "arn" {}\nresource "aws_iam_role_policy_attachment" "a" {\n'
    more += "  role = aws_iam_role.web.name\n  policy_arn = var.arn\n}"
    estate = estate_of(role() + more)
    (answer,) = privileges(resource(estate, "aws_iam_role.web").body, Grants(estate))
    assert isinstance(answer, Unknown)


def test_roles_of_a_google_service_account() -> None:
    more = """
resource "google_project_iam_member" "editor" {
  project = "acme"
  role    = "roles/editor"
  member  = "serviceAccount:${google_service_account.web.email}"
}
"""
    estate = estate_of(GOOGLE + more)
    body = resource(estate, "google_service_account.web").body
    assert privileges(body, Grants(estate)) == ["roles/editor of a project"]
