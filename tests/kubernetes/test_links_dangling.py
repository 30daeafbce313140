"""What is missing, and what shows that it should be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.estate.build import from_texts
from readiness.estate.model import Estate, Resource
from readiness.kubernetes.linking.similar import Similar, looks_mistaken
from readiness.policy.objects import Objects
from readiness.repo.facts import RepositoryFacts
from readiness.values import List, Unknown


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("web-setings", "web-settings", True),
        ("web-settigns", "web-settings", True),
        ("websettings", "web-settings", True),
        ("web.settings", "web-settings", True),
        ("web-settinks", "web-settings", True),
        ("web-sett", "web-settings", False),
        ("web-1", "web-2", False),
        ("config-v1", "config-v2", False),
        ("config1", "config12", False),
        ("web-dev", "web-dex", False),
        ("web-prod", "api-prod", False),
        ("web-settings-a", "web-settings", False),
        ("checkout", "checkin", False),
        ("abcd", "badc", False),
    ],
)
def test_which_names_are_taken_for_mistakes(name: str, other: str, expected: bool) -> None:
    assert looks_mistaken(name, other) is expected
    assert looks_mistaken(other, name) is expected
    assert (Similar([other, "quite-different"]).mistaken(name) == other) is expected


def test_names_that_begin_alike() -> None:
    similar = Similar(["web", "web-api", "webhook", "api", "w"])
    assert list(similar.related("web")) == ["web", "web-api", "webhook", "w"]
    assert list(similar.related("web-api-v1")) == ["web-api", "web", "w"]
    assert list(similar.related("db")) == []


def estate_of(**texts: str) -> tuple[Estate, Objects]:
    files = {name.replace("__", "/") + ".yaml": text for name, text in texts.items()}
    loaded = from_texts(files)
    assert loaded.errors == []
    return loaded.estate, Objects(loaded.estate, RepositoryFacts(Path(), texts=files))


def one(estate: Estate, address: str) -> Resource:
    (found,) = [resource for resource in estate.resources if resource.address == address]
    return found


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: web:1
      envFrom: [{configMapRef: {name: NAME}}]
---
"""
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: SPACE}\n---\n"


def listed(value: List | Unknown) -> List:
    assert isinstance(value, List)
    return value


def asked(name: str, *rest: str) -> dict[str, object]:
    estate, objects = estate_of(all=POD.replace("NAME", name) + "".join(rest))
    (item,) = listed(objects.references(one(estate, "Pod/shop/web"), "ConfigMap"))
    return dict(item)


def config(name: str, space: str = "shop") -> str:
    return MAP.replace("NAME", name).replace("SPACE", space)


def test_what_is_there() -> None:
    item = asked("settings", config("settings"))
    assert (item["found"], item["near"], item["kept"]) == (True, None, False)
    assert (item["via"], item["kind"], item["name"], item["namespace"]) == (
        "envFrom.configMapRef",
        "ConfigMap",
        "settings",
        "shop",
    )


def test_a_misspelt_name() -> None:
    item = asked("setings", config("settings"))
    assert (item["found"], item["near"], item["candidates"]) == (False, "settings", ["settings"])


def test_another_namespace_is_no_neighbour() -> None:
    item = asked("setings", config("settings", "other"))
    assert (item["found"], item["near"]) == (False, None)


def test_what_is_in_every_namespace() -> None:
    assert asked("kube-root-ca.crt")["found"] is True


def test_one_without_a_namespace_may_be_it() -> None:
    item = asked("settings", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n---\n")
    assert isinstance(item["found"], Unknown)
    assert item["near"] is None


def test_a_name_that_is_not_known() -> None:
    assert asked("!from-environment X")["near"] is None
    item = asked("!from-environment X", config("settings"))
    assert isinstance(item["found"], Unknown)
    assert isinstance(item["near"], Unknown)


def test_an_object_whose_name_is_not_known_may_be_it() -> None:
    item = asked("settings", config("!from-environment X"))
    assert isinstance(item["found"], Unknown)


@pytest.mark.parametrize(
    "maker",
    [
        "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t, namespace: shop}\nspec: {a: [settings]}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        "metadata: {name: settings, namespace: shop}\nspec: {interval: 10m}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: settings, namespace: argocd}\n"
        "spec: {destination: {namespace: shop}}\n",
    ],
)
def test_something_that_may_make_it(maker: str) -> None:
    assert isinstance(asked("settings", maker)["found"], Unknown)


def test_others_are_kept_beside_it() -> None:
    other = POD.replace("{name: web,", "{name: other,").replace("NAME", "settings")
    text = POD.replace("NAME", "missing") + other + config("settings")
    for name, kept in (("here", True), ("missing", False)):
        files = {"a__all": text} if kept else {"a__one": POD.replace("NAME", "missing"), "b__two": other}
        if not kept:
            files["b__three"] = config("settings")
        estate, objects = estate_of(**files)
        found = listed(objects.references(one(estate, "Pod/shop/web"), ["Config*"]))
        assert [(item["found"], item["kept"]) for item in found] == [(False, kept)], name


def test_a_keyed_name_lists_what_is_asked_for() -> None:
    text = POD.replace("envFrom: [{configMapRef: {name: NAME}}]", "env: [{name: A, valueFrom: VALUE}]")
    text = text.replace("VALUE", "{configMapKeyRef: {name: settings, key: KEY}}")
    made = config("settings").replace("---", "data: {level: info}\nbinaryData: {logo: AA==}\n---")
    for key, found in (("level", True), ("logo", True), ("levl", False)):
        estate, objects = estate_of(all=text.replace("KEY", key) + made)
        (item,) = listed(objects.references(one(estate, "Pod/shop/web"), "ConfigMap"))
        assert [(e["key"], e["found"]) for e in item["entries"]] == [(key, found)]


def test_an_empty_map_is_filled_by_something_else() -> None:
    text = POD.replace("envFrom: [{configMapRef: {name: NAME}}]", "env: [{name: A, valueFrom: VALUE}]")
    text = text.replace("VALUE", "{configMapKeyRef: {name: settings, key: level}}")
    estate, objects = estate_of(all=text + config("settings"))
    (item,) = listed(objects.references(one(estate, "Pod/shop/web"), "ConfigMap"))
    assert item["entries"] == []


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: LABELS}
    spec: {containers: [{name: web, image: "web:1"}]}
---
"""
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: SELECTOR}\n"
)


@pytest.mark.parametrize(
    ("selector", "labels", "found", "near"),
    [
        ("{app: web}", "{app: web}", True, None),
        ("{app: api}", "{app: web}", False, "Deployment web"),
        ("{team: api}", "{app: web}", False, None),
        ("{app: web, pod-template-hash: x}", "{app: web}", False, None),
        ("{app: web}", "{app: !from-environment X}", None, None),
        ("!from-environment X", "{app: web}", None, None),
    ],
)
def test_what_a_service_selects(selector: str, labels: str, found: bool | None, near: str | None) -> None:
    text = DEPLOYMENT.replace("LABELS", labels) + SERVICE.replace("SELECTOR", selector)
    estate, objects = estate_of(all=text)
    (item,) = listed(objects.selections(one(estate, "Service/shop/web"), ["pod-template-hash"]))
    if found is None:
        assert isinstance(item["found"], Unknown)
        assert isinstance(item["near"], Unknown)
    else:
        assert (item["found"], item["near"]) == (found, near)


@pytest.mark.parametrize(
    ("labels", "found"),
    [("{app: web, tier: front}", True), ("{app: api}", False), ("{app: !from-environment X}", None)],
)
def test_a_workload_selects_its_own_pods(labels: str, found: bool | None) -> None:
    estate, objects = estate_of(all=DEPLOYMENT.replace("LABELS", labels))
    (item,) = listed(objects.selections(one(estate, "Deployment/shop/web"), []))
    assert isinstance(item["found"], Unknown) if found is None else item["found"] is found


def repeated(texts: dict[str, str]) -> list[tuple[str, int]]:
    estate, objects = estate_of(**texts)
    found = [objects.duplicates(resource) for resource in estate.resources]
    return [(item["path"], item["line"]) for items in found for item in items]


def test_an_object_twice_in_one_file() -> None:
    assert repeated({"a": config("x") + config("x")}) == [("a.yaml", 3)]
    assert repeated({"a": config("x") + config("x", "other")}) == []
    assert repeated({"a": config("x") + config("x").replace("ConfigMap", "Secret")}) == []


def test_files_side_by_side_may_be_alternatives() -> None:
    assert repeated({"k8s__a": config("x"), "k8s__b": config("x")}) == []


def test_a_folder_that_is_delivered_is_one() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\n"
        "spec: {source: {repoURL: https://x.example/r.git, path: k8s}}\n"
    )
    assert repeated({"app": application, "k8s__a": config("x"), "k8s__b": config("x")}) == [("k8s/a.yaml", 3)]


def test_of_thousands_alike_the_first_are_told() -> None:
    estate, objects = estate_of(a=config("same") * 50)
    told = [[item["line"] for item in listed(objects.duplicates(r))] for r in estate.by_type["ConfigMap"]]
    assert [len(lines) for lines in told] == [*range(20), *[20] * 30]
    assert (told[2], told[49][:3]) == ([3, 7], [3, 7, 11])


def test_names_that_are_made_up_later_are_no_duplicates() -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: x-, namespace: shop}\nspec: {}\n---\n"
    assert repeated({"a": job + job}) == []
    assert repeated({"a": config("!from-environment X") * 2}) == []
