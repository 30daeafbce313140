"""RBAC: what a rule permits, which bindings an account has, what they give."""

from __future__ import annotations

from typing import Any

import pytest
from tests.counting import counted

from readiness.estate.build import from_texts
from readiness.estate.model import Estate, Resource
from readiness.kubernetes.rbac import builtin
from readiness.kubernetes.rbac.access import Access
from readiness.kubernetes.rbac.rules import permits
from readiness.values import List, Map, Unknown

RBAC = "rbac.authorization.k8s.io"


def estate_of(*texts: str, tf: str = "") -> Estate:
    files = {f"{index}.yaml": text for index, text in enumerate(texts)}
    loaded = from_texts({**files, "infra/main.tf": tf} if tf else files)
    assert loaded.errors == []
    return loaded.estate


def found(estate: Estate, address: str) -> Resource:
    (resource,) = [r for r in estate.resources if r.address == address]
    return resource


def binding(name: str, role: str, *subjects: str, namespace: str = "", kind: str = "ClusterRole") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    of = "RoleBinding" if namespace else "ClusterRoleBinding"
    listed = "".join(f"\n  - {{{subject}}}" for subject in subjects)
    return (
        f"apiVersion: {RBAC}/v1\nkind: {of}\nmetadata: {{name: {name}{place}}}\n"
        f"roleRef: {{apiGroup: {RBAC}, kind: {kind}, name: {role}}}\nsubjects:{listed}\n---\n"
    )


def role(name: str, *rules: str, labels: str = "{}", kind: str = "ClusterRole", namespace: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    listed = "".join(f"\n  - {{{rule}}}" for rule in rules)
    head = f"apiVersion: {RBAC}/v1\nkind: {kind}\nmetadata: {{name: {name}{place}, labels: {labels}}}\n"
    return f"{head}rules:{listed or ' []'}\n---\n"


def pod(name: str, account: str = "", namespace: str = "shop") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    used = f"serviceAccountName: {account}, " if account else ""
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}{place}}}\n"
        f"spec: {{{used}containers: [{{name: a, image: 'a:1'}}]}}\n---\n"
    )


WEB = "kind: ServiceAccount, name: web, namespace: shop"
SECRETS = 'apiGroups: [""], resources: [secrets], verbs: [get]'


# -- rules ----------------------------------------------------------------------------


def rule(groups: Any, resources: Any, verbs: Any) -> Map:
    return Map({"apiGroups": groups, "resources": resources, "verbs": verbs})


OPEN = Unknown("var.x has no value", ("var.x",))


@pytest.mark.parametrize(
    ("given", "verb", "resource", "answer"),
    [
        (rule(List([""]), List(["secrets"]), List(["get"])), "get", "secrets", True),
        (rule(List([""]), List(["secrets"]), List(["get"])), "list", "secrets", False),
        (rule(List([""]), List(["secrets"]), List(["*"])), "list", "secrets", True),
        (rule(List(["*"]), List(["*"]), List(["get"])), "get", "pods/log", True),
        (rule(List(["apps"]), List(["*"]), List(["get"])), "get", "pods", False),
        (rule(List(["apps"]), List(["deployments"]), List(["get"])), "get", "deployments.apps", True),
        (rule(List(["x.io"]), List(["secrets"]), List(["get"])), "get", "secrets", False),
        (rule(List([""]), List(["pods"]), List(["create"])), "create", "pods/exec", False),
        (rule(List([""]), List(["pods/exec"]), List(["create"])), "create", "pods/exec", True),
        (rule(List([""]), List(["pods/exec"]), List(["create"])), "create", "pods", False),
        (rule(List([""]), List(["*/exec"]), List(["create"])), "create", "pods/exec", True),
        (rule(List([""]), List(["*/exec"]), List(["create"])), "create", "pods/log", False),
        # No patterns of RBAC.
        (rule(List([""]), List(["pods/*"]), List(["create"])), "create", "pods/exec", False),
        (rule(List([""]), List(["*/*"]), List(["create"])), "create", "pods/exec", False),
        (rule(List(["*"]), List(["*"]), List(["*"])), "*", "*.*", True),
        (rule(List(["apps"]), List(["*"]), List(["*"])), "*", "*.*", False),
        (Map({"nonResourceURLs": List(["*"]), "verbs": List(["*"])}), "get", "secrets", False),
    ],
)
def test_what_a_rule_permits(given: Map, verb: str, resource: str, answer: bool) -> None:
    assert permits(given, verb, resource) is answer


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (rule(List([""]), List(["secrets"]), OPEN), OPEN),
        (rule(List([""]), List([OPEN]), List(["get"])), OPEN),
        (rule(List([""]), List([OPEN, "secrets"]), List(["get"])), True),
        (rule(OPEN, List(["pods"]), List(["get"])), False),
        (rule(List([""]), OPEN, List(["list"])), False),
        (rule(List([""]), List([Unknown("?", prefix="pods/")]), List(["get"])), False),
    ],
)
def test_what_is_not_known_decides_only_where_nothing_else_does(given: Map, answer: Any) -> None:
    assert permits(given, "get", "secrets") is answer


def test_one_of_several_suffices() -> None:
    given = rule(List(["batch"]), List(["jobs"]), List(["create"]))
    assert permits(given, List(["get", "create"]), List(["pods", "jobs.batch"])) is True
    assert permits(given, List(["get", "list"]), List(["pods", "jobs.batch"])) is False


# -- bindings -------------------------------------------------------------------------


def paths(estate: Estate, address: str) -> list[Any]:
    return [
        item if isinstance(item, Unknown) else item["path"]
        for item in Access(estate).bindings(found(estate, address))
    ]


def test_the_path_from_a_workload_to_a_role() -> None:
    estate = estate_of(pod("p", "web") + binding("b", "edit", WEB))
    assert paths(estate, "Pod/shop/p") == [
        "Pod/shop/p -> ServiceAccount/shop/web -> ClusterRoleBinding/b -> ClusterRole/edit"
    ]


@pytest.mark.parametrize(
    ("subject", "bound"),
    [
        (WEB, True),
        ("kind: ServiceAccount, name: web, namespace: other", False),
        ("kind: ServiceAccount, name: api, namespace: shop", False),
        ("kind: Group, name: 'system:serviceaccounts'", True),
        ("kind: Group, name: 'system:serviceaccounts:shop'", True),
        ("kind: Group, name: 'system:serviceaccounts:other'", False),
        ("kind: Group, name: 'system:authenticated'", True),
        ("kind: Group, name: 'system:unauthenticated'", False),
        ("kind: User, name: 'system:serviceaccount:shop:web'", True),
        ("kind: User, name: web", False),
    ],
)
def test_subjects_that_are_the_account(subject: str, bound: bool) -> None:
    estate = estate_of(pod("p", "web") + binding("b", "view", subject))
    assert len(paths(estate, "Pod/shop/p")) == (1 if bound else 0)


def test_a_pod_without_an_account_has_the_default_one() -> None:
    default = "kind: ServiceAccount, name: default, namespace: shop"
    estate = estate_of(pod("p") + binding("b", "view", default))
    assert len(paths(estate, "Pod/shop/p")) == 1


def test_a_subject_without_a_namespace_is_in_that_of_its_binding() -> None:
    text = pod("p", "web") + binding("b", "view", "kind: ServiceAccount, name: web", namespace="shop")
    assert len(paths(estate_of(text), "Pod/shop/p")) == 1


def test_a_namespace_that_is_not_written_may_be_the_one() -> None:
    (answer,) = paths(estate_of(pod("p", "web", "") + binding("b", "view", WEB)), "Pod/p")
    assert isinstance(answer, Unknown)
    assert "ClusterRoleBinding/b" in answer.reason


def test_copies_in_other_folders_are_not_meant() -> None:
    texts = {
        f"{place}/all.yaml": pod("p", "web") + binding("b", name, WEB)
        for place, name in (("stage", "edit"), ("prod", "view"))
    }
    estate = from_texts(texts).estate
    access = Access(estate)
    told = {r.span.path: [b["role"] for b in access.bindings(r)] for r in estate.of_type("Pod")}
    assert told == {"stage/all.yaml": ["ClusterRole/edit"], "prod/all.yaml": ["ClusterRole/view"]}


TF_POD = """
variable "account" {}
resource "kubernetes_pod" "p" {
  metadata {
    name      = "p"
    namespace = "shop"
  }
  spec {
    service_account_name = var.account
    container {
      name  = "a"
      image = "a:1"
    }
  }
}
"""
TF_BINDING = """
resource "kubernetes_cluster_role_binding" "b" {
  metadata { name = "b" }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "view"
  }
  subject {
    kind      = "ServiceAccount"
    name      = var.account
    namespace = "shop"
  }
}
"""


def test_an_unknown_account_is_unknown() -> None:
    estate = estate_of(tf=TF_POD)
    (answer,) = Access(estate).bindings(found(estate, "Pod/shop/p"))
    assert isinstance(answer, Unknown)
    assert answer.refs == ("var.account",)


def test_the_same_unknown_name_is_the_same_account() -> None:
    estate = estate_of(tf=TF_POD + TF_BINDING)
    bound, other = Access(estate).bindings(found(estate, "Pod/shop/p"))
    assert bound["address"] == "ClusterRoleBinding/b"
    assert isinstance(other, Unknown)


def test_unknown_subjects_may_be_any_account_of_the_same_root() -> None:
    known = TF_POD.replace("var.account", '"web"')
    estate = estate_of(pod("q", "web"), tf=known + TF_BINDING)
    (answer,) = Access(estate).bindings(found(estate, "Pod/shop/p"))
    assert isinstance(answer, Unknown)
    assert answer.refs == ("var.account",)
    assert paths(estate, "Pod/shop/q") == []


# -- roles ----------------------------------------------------------------------------


def reading(estate: Estate, address: str) -> list[tuple[Any, Any]]:
    """Scope and role of the rules of a resource that read secrets."""
    rules = Access(estate).rules(found(estate, address))
    return [(r["scope"], r["role"]) for r in rules if permits(r, "get", "secrets") is True]


@pytest.mark.parametrize(
    ("name", "secrets", "exec_"),
    [("view", False, False), ("edit", True, True), ("admin", True, True), ("cluster-admin", True, True)],
)
def test_roles_of_every_cluster(name: str, secrets: bool, exec_: bool) -> None:
    estate = estate_of(binding("b", name, WEB))
    rules = Access(estate).rules(found(estate, "ClusterRoleBinding/b"))
    assert any(permits(r, "get", "secrets") is True for r in rules) is secrets
    assert any(permits(r, "create", "pods/exec") is True for r in rules) is exec_
    assert {r["role"] for r in rules} == {f"ClusterRole/{name}"}
    assert all(r["builtin"] for r in rules)


def test_edit_has_all_of_view_and_admin_all_of_edit() -> None:
    counts = {}
    for name in ("view", "edit", "admin"):
        estate = estate_of(binding("b", name, WEB))
        counts[name] = len(Access(estate).rules(found(estate, "ClusterRoleBinding/b")))
    assert counts == {"view": 11, "edit": 24, "admin": 26}


def test_a_role_that_is_not_in_the_files_is_unknown() -> None:
    estate = estate_of(binding("b", "operator", WEB))
    (answer,) = Access(estate).rules(found(estate, "ClusterRoleBinding/b"))
    assert isinstance(answer, Unknown)
    assert answer.reason == (
        "the ClusterRole operator, which ClusterRoleBinding/b grants, is not in these files"
    )


def test_a_role_of_another_namespace_is_not_meant() -> None:
    text = role("r", SECRETS, kind="Role", namespace="other")
    text += binding("b", "r", WEB, namespace="shop", kind="Role")
    estate = estate_of(text)
    (answer,) = Access(estate).rules(found(estate, "RoleBinding/shop/b"))
    assert isinstance(answer, Unknown)


def test_scope_and_namespace() -> None:
    text = pod("p", "web") + role("r", SECRETS)
    text += binding("wide", "r", WEB) + binding("narrow", "r", WEB, namespace="vault")
    rules = Access(estate := estate_of(text)).rules(found(estate, "Pod/shop/p"))
    assert [(r["binding"], r["scope"], r["namespace"]) for r in rules] == [
        ("RoleBinding/vault/narrow", "namespace", "vault"),
        ("ClusterRoleBinding/wide", "cluster", None),
    ]


AGGREGATED = f"""apiVersion: {RBAC}/v1
kind: ClusterRole
metadata: {{name: all}}
aggregationRule:
  clusterRoleSelectors:
    - matchLabels: {{of: all}}
rules:
  - {{apiGroups: [""], resources: [pods], verbs: ["*"]}}
---
"""


def test_aggregated_rules_take_the_place_of_those_written() -> None:
    text = AGGREGATED + role("part", SECRETS, labels="{of: all}") + role("other", SECRETS)
    estate = estate_of(text + binding("b", "all", WEB))
    (given,) = Access(estate).rules(found(estate, "ClusterRoleBinding/b"))
    assert (given["role"], given["resources"]) == ("ClusterRole/part", ["secrets"])
    assert given["path"] == "ClusterRoleBinding/b -> ClusterRole/all -> ClusterRole/part"


def test_an_aggregated_role_of_nothing_in_the_files_is_unknown() -> None:
    estate = estate_of(AGGREGATED + binding("b", "all", WEB))
    (answer,) = Access(estate).rules(found(estate, "ClusterRoleBinding/b"))
    assert isinstance(answer, Unknown)


def test_roles_that_gather_each_other_end() -> None:
    one = AGGREGATED.replace("name: all", "name: one, labels: {of: all}")
    two = AGGREGATED.replace("name: all", "name: two, labels: {of: all}")
    estate = estate_of(one + two + role("part", SECRETS, labels="{of: all}"))
    rules = Access(estate).rules(found(estate, "ClusterRole/one"))
    assert {r["role"] for r in rules if isinstance(r, Map)} == {"ClusterRole/part"}


def test_files_add_to_the_roles_of_every_cluster() -> None:
    label = '{"rbac.authorization.k8s.io/aggregate-to-view": "true"}'
    extra = 'apiGroups: ["x.io"], resources: [things], verbs: [get]'
    estate = estate_of(role("things", extra, labels=label) + binding("b", "admin", WEB))
    rules = Access(estate).rules(found(estate, "ClusterRoleBinding/b"))
    (given,) = [r for r in rules if permits(r, "get", "things.x.io") is True]
    assert (given["role"], given["builtin"]) == ("ClusterRole/things", False)


def test_a_default_role_that_a_file_replaces() -> None:
    label = "metadata: {name: view, labels: {}}"
    kept = 'metadata: {name: view, annotations: {rbac.authorization.kubernetes.io/autoupdate: "false"}}'
    text = role("view", SECRETS) + binding("b", "view", WEB)
    assert label in text
    assert len(Access(e := estate_of(text)).rules(found(e, "ClusterRoleBinding/b"))) == 12
    assert len(Access(e := estate_of(text.replace(label, kept))).rules(found(e, "ClusterRoleBinding/b"))) == 1


def test_reading_secrets_through_each_kind_of_resource() -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n---\n"
    text = account + pod("p", "web") + role("r", SECRETS) + binding("b", "r", WEB)
    estate = estate_of(text)
    for address in ("Pod/shop/p", "ServiceAccount/shop/web", "ClusterRoleBinding/b"):
        assert reading(estate, address) == [("cluster", "ClusterRole/r")], address
    assert reading(estate, "ClusterRole/r") == [(None, "ClusterRole/r")]


def test_the_table_of_roles_is_whole() -> None:
    """A line that is written wrongly has no verbs, no groups or no resources."""
    everything = [*builtin.cluster_roles().values(), *builtin.roles().values()]
    for known in everything:
        assert known.rules or known.aggregates, known.name
        for given in known.rules:
            assert given["verbs"]
            assert given.get("nonResourceURLs") or (given["apiGroups"] and given["resources"]), known.name
    reader = builtin.roles()["kube-system", "extension-apiserver-authentication-reader"]
    assert reader.rules == [
        {
            "apiGroups": [""],
            "resources": ["configmaps"],
            "verbs": ["get", "list", "watch"],
            "resourceNames": ["extension-apiserver-authentication"],
        }
    ]


def test_the_cost_grows_with_the_number_of_accounts() -> None:
    def calls(count: int) -> int:
        text = "".join(
            pod("p", "web", f"n{i}")
            + binding("b", "view", f"kind: ServiceAccount, name: web, namespace: n{i}", namespace=f"n{i}")
            for i in range(count)
        )
        estate = estate_of(text)
        with counted() as made:
            access = Access(estate)
            found = sum(len(access.bindings(r)) for r in estate.of_type("Pod"))
        assert found == count
        return made.number

    assert calls(400) < 5 * calls(100)
