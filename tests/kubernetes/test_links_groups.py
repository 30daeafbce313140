"""Links that many objects share: held once, read like any others, and cheap."""

from __future__ import annotations

import pytest
from tests.counting import counted

from readiness.estate.model import Estate, Link, LinkGroup, Links, Resource
from readiness.kubernetes.build import build
from readiness.kubernetes.linking.links import link
from readiness.kubernetes.linking.selectors import LabelIndex, from_label_selector
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span, Unknown

PLACE = Span("x.yaml", 1, 1, 1, 2)


def deployment(number: int, labels: dict[str, str]) -> Map:
    template = Map({"metadata": Map({"labels": Map(labels)}), "spec": Map({"containers": List()})})
    metadata = Map({"name": f"web-{number}", "namespace": "shop"})
    spec = Map({"template": template})
    return Map({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}, PLACE)


def service(number: int, selector: dict[str, str]) -> Map:
    metadata = Map({"name": f"service-{number}", "namespace": "shop"})
    spec = Map({"selector": Map(selector)})
    return Map({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}, PLACE)


def estate_of(bodies: list[Map], folders: bool = False) -> list[Resource]:
    files = [
        (f"{number if folders else 0}/x.yaml", YamlFile([YamlDocument(body, PLACE)]))
        for number, body in enumerate(bodies)
    ]
    return build(files)[0]


@pytest.mark.parametrize("folders", [False, True])
def test_objects_that_select_the_same_share_one_group(folders: bool) -> None:
    bodies = [deployment(n, {"part-of": "shop"}) for n in range(6)]
    resources = estate_of([*bodies, *(service(n, {"part-of": "shop"}) for n in range(3))], folders)
    link(resources)
    pods, services = resources[:6], resources[6:]
    expected = [Link(f"Deployment/shop/web-{n}", "spec.selector") for n in range(6)]
    assert [list(each.links) for each in services] == [expected] * 3
    assert [item.target for item in pods[5].links] == services
    assert services[0].links.of("workload") is services[2].links.of("workload")
    estate = Estate()
    estate.add(resources)
    assert estate.linked(pods[0], "Service") == services
    assert estate.linked(pods[0], "Deployment") == []


def test_links_read_like_a_list() -> None:
    one, two, three = estate_of([deployment(n, {}) for n in range(3)])
    links = Links([Link("a", "x")])
    group = LinkGroup("v", [one, two], [three])
    links.join(group, True)
    links.append(Link("b", "y"))
    assert links == [Link("a", "x"), Link(one.address, "v"), Link(two.address, "v"), Link("b", "y")]
    assert len(links) == 4
    assert Link(two.address, "v") in links
    assert links != [Link("a", "x")]
    assert not Links()
    assert repr(Links([Link("a", "x")])) == "Links([Link('a', 'x')])"
    back = Links()
    back.join(group, False)
    assert [item.target for item in back] == [three]


def test_a_resource_that_is_linked_twice_is_found_once() -> None:
    one, two = estate_of([deployment(n, {}) for n in range(2)])
    links = Links([Link(one.address, "a", one), Link(one.address, "b", one)])
    links.join(LinkGroup("v", [one, two]), True)
    assert links.of("Deployment") == [one, two]
    assert links.of("Deploy*") == [one, two]
    assert links.of("pod") == [one, two]
    assert links.of("Service") == []


def test_two_thousand_services_of_two_thousand_pods() -> None:
    count = 2000
    bodies = [deployment(n, {"app": f"a{n}", "part-of": "shop"}) for n in range(count)]
    resources = estate_of([*bodies, *(service(n, {"part-of": "shop"}) for n in range(count))], folders=True)
    with counted(1_500_000):
        link(resources)
    assert len(resources[0].links) == count
    assert len(resources[-1].links) == count


def test_different_selectors_of_the_same_pods() -> None:
    count = 1000
    labels = {f"k{n}": "1" for n in range(10)}
    bodies = [deployment(n, labels) for n in range(count)]
    keys = [{f"k{k}": "1" for k in range(10) if n >> k & 1} or {"k0": "1"} for n in range(count)]
    resources = estate_of([*bodies, *(service(n, keys[n]) for n in range(count))])
    with counted(900_000):
        link(resources)
    assert {len(each.links) for each in resources} == {count}


def index(*labels: Map | Unknown) -> LabelIndex:
    found = LabelIndex()
    for number, each in enumerate(labels):
        (resource,) = estate_of([deployment(number, {})])
        found.add(resource, "shop" if number % 2 == 0 else "other", each)
    return found


OPEN = Unknown("is not known")
CASES = [
    ({"matchLabels": {"app": "web"}}, [0, 1], [3, 4]),
    ({"matchLabels": {"app": "web", "tier": "front"}}, [0], [4]),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, [0, 1, 2], [3, 4]),
    ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, [2], [3, 4]),
    ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, [0, 3], [4]),
    ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, [1, 2], [4]),
    ({"matchLabels": {"app": "x"}}, [], [3, 4]),
    ({}, [0, 1, 2, 3, 4], []),
]


@pytest.mark.parametrize(("written", "places", "possible"), CASES)
def test_the_index_selects_what_labels_say(
    written: dict[str, object], places: list[int], possible: list[int]
) -> None:
    labels = index(
        Map({"app": "web", "tier": "front"}),
        Map({"app": "web"}),
        Map({"app": "api"}),
        Map({"app": OPEN, "tier": "back"}),
        OPEN,
    )
    selector = from_label_selector(written)
    assert selector is not None
    sure = labels.select(None, selector)
    asked = {place for place, each in enumerate(labels.labels) if selector.surely_matches(each)}
    assert sure == asked == set(places)
    waiting = [labels.objects.index(resource) for resource in labels.possible(None, selector)]
    assert waiting == possible
    assert labels.select(("other",), selector) == {place for place in places if place % 2 == 1}
    assert labels.select(("other", "shop"), selector) == set(places)
