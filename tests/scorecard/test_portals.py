"""What portals take: facts for Backstage, entities for Port, custom data for Cortex, annotations of a catalog."""

from __future__ import annotations

import json
from typing import Any

import pytest
from form_samples import COMMIT, OPTIONS, WHEN, checkout, lost, of, scorecard, search
from samples import card, hostile

from readiness.errors import UsageError
from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.catalog_info import annotate_catalog

CHECKOUT = {
    "level": "none",
    "level_if_known": "bronze",
    "score": 41,
    "tier": 0,
    "controls_met": 1,
    "controls_asked": 4,
    "controls_waived": 1,
    "controls_unknown": 1,
    "not_met": ["run-01"],
    "steps_to_next_level": 1,
    "commit": COMMIT,
}


def read(form: str, made: Any = None, options: Any = OPTIONS) -> dict[str, Any]:
    """A rendered form."""
    document: dict[str, Any] = json.loads(render(form, made or scorecard(), options))
    return document


def test_facts_for_tech_insights() -> None:
    document = read("backstage")
    assert document["facts"][0] == {
        "entity": {"namespace": "default", "kind": "Component", "name": "checkout"},
        "facts": CHECKOUT,
        "timestamp": WHEN,
    }
    kinds = {"string": str, "integer": int, "set": list}
    for row in document["facts"]:
        for name, value in row["facts"].items():
            assert type(value) is kinds[document["schema"][name]["type"]]
    # What is not known has no fact: the service has no level.
    assert sorted(CHECKOUT.keys() - document["facts"][2]["facts"].keys()) == [
        "level",
        "level_if_known",
        "score",
        "steps_to_next_level",
    ]


def test_entities_for_port() -> None:
    document = read("port")
    (request,) = document["requests"]
    assert request["entities"][0] == {
        "identifier": "checkout",
        "title": "checkout",
        "properties": {**CHECKOUT, "owner": "payments", "checked_at": WHEN},
    }
    properties = document["blueprint"]["schema"]["properties"]
    for entity in request["entities"]:
        assert entity["properties"].keys() <= properties.keys()
    assert properties["level"]["enum"] == ["none", "bronze", "silver", "gold"]


def test_requests_to_port_have_no_more_than_20_entities() -> None:
    sizes = [len(request["entities"]) for request in read("port", card(45, 0))["requests"]]
    assert sizes == [20, 20, 5]


def test_custom_data_for_cortex() -> None:
    document = read("cortex", None, of("checkout"))
    assert list(document) == ["values"]
    told = {f"readiness-{key.replace('_', '-')}": value for key, value in CHECKOUT.items()}
    assert document["values"] == {
        "checkout": [
            {"key": key, "value": value} for key, value in {**told, "readiness-checked-at": WHEN}.items()
        ]
    }


def test_names_that_a_portal_does_not_take_are_left_out_and_named() -> None:
    backstage = read("backstage", hostile())
    assert [row["entity"]["name"] for row in backstage["facts"]] == ["constructor"]
    assert len(backstage["left_out"]) == 10
    port = read("port", hostile())
    taken = [entity["identifier"] for request in port["requests"] for entity in request["entities"]]
    assert taken == ["__proto__", "constructor"]
    assert {"service": "a/b?c=d&e=f#g%2F", "reason": "the portal does not take such a name"} in port[
        "left_out"
    ]


def test_two_services_of_one_name_do_not_take_each_others_place() -> None:
    made = scorecard()
    made.services[1].name = "Checkout"
    reasons = {one["service"]: one["reason"] for one in read("backstage", made)["left_out"]}
    assert reasons == dict.fromkeys(("checkout", "Checkout"), "another service has the same name")
    assert read("port", made)["left_out"] == []
    made.services[1].name = "checkout"
    assert len(read("port", made)["left_out"]) == 2
    assert list(read("cortex", made)["values"]) == ["lost"]


HEAD = """\
# The catalog of the shop.
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
    name: checkout   # as in the cluster
"""
TAIL = """\
    tags: [java]
spec:
    type: service
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: checkout}
"""
OURS = """\
        readiness.dev/level: none
        readiness.dev/score: "41"
        readiness.dev/commit: "3f1c2b7"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    annotations:\n", f"    annotations:\n{OURS}"),
        (
            "    annotations:\n        a/b: c # d\n        readiness.dev/score: 12\n",
            "    annotations:\n        a/b: c # d\n"
            '        readiness.dev/score: "41"\n        readiness.dev/level: none\n'
            '        readiness.dev/commit: "3f1c2b7"\n',
        ),
        (
            "    annotations: {a: b}\n",
            '    annotations: {a: b, readiness.dev/level: none, readiness.dev/score: "41", '
            'readiness.dev/commit: "3f1c2b7"}\n',
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_catalog_file_keeps_everything_else(before: str, after: str, end: str) -> None:
    text, wanted = ((HEAD + part + TAIL).replace("\n", end) for part in (before, after))
    made = annotate_catalog(text, checkout(), "3f1c2b7")
    assert made == wanted
    assert annotate_catalog(made, checkout(), "3f1c2b7") == made


def test_annotations_are_added_where_there_are_none() -> None:
    made = annotate_catalog(HEAD + TAIL, checkout(), "3f1c2b7")
    assert made == HEAD + TAIL.replace("[java]\n", f"[java]\n    annotations:\n{OURS}")


def test_what_is_not_known_is_written_as_unknown() -> None:
    text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: lost\n"
    assert annotate_catalog(text, lost(), when=WHEN) == (
        text + "  annotations:\n    readiness.dev/level: unknown\n    readiness.dev/score: unknown\n"
        '    readiness.dev/checked-at: "2026-08-01T06:00:00Z"\n'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + TAIL, "catalog-info.yaml: there is no component 'search'"),
        (f"{HEAD}\tx: [\n", "catalog-info.yaml:6:1: "),
        (HEAD.replace("checkout", "search").replace("Component", "System"), "there is no component 'search'"),
        (
            HEAD.replace("checkout", "search").replace("backstage.io", "acme.io"),
            "there is no component 'search'",
        ),
    ],
)
def test_a_file_without_the_component(text: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        annotate_catalog(text, search())
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("annotations", "told"),
    [
        ("    annotations: text\n", "`annotations` is no mapping"),
        ("    annotations: &x\n        a: b\n    labels: *x\n", "an anchor shares them with another place"),
    ],
)
def test_a_file_that_is_left_alone(annotations: str, told: str) -> None:
    with pytest.raises(
        UsageError, match=r"catalog-info\.yaml:5: the annotations cannot be written: "
    ) as raised:
        annotate_catalog(HEAD + annotations + TAIL, checkout())
    assert told in str(raised.value)


def test_two_components_of_one_name() -> None:
    with pytest.raises(UsageError, match="there are 2 components 'checkout'"):
        annotate_catalog(f"{HEAD}---\n{HEAD}", checkout())


def component(name: str, more: str = "", **annotations: str) -> str:
    """An entity of a catalog file."""
    told = "".join(
        f'    readiness.dev/{key.replace("_", "-")}: "{value}"\n' for key, value in annotations.items()
    )
    head = f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{more}"
    return head + (f"  annotations:\n{told}" if told else "")


def test_two_components_of_one_name_in_two_namespaces_have_their_own() -> None:
    both = [component("checkout", "  namespace: lab\n"), component("checkout")]
    service = checkout()
    made = annotate_catalog("---\n".join(both), service).split("---\n")
    assert made[0] == both[0]
    assert (
        made[1] == both[1] + '  annotations:\n    readiness.dev/level: none\n    readiness.dev/score: "41"\n'
    )
    service.name = "lab/checkout"
    made = annotate_catalog("---\n".join(both), service).split("---\n")
    assert "readiness.dev/level: none" in made[0] and made[1] == both[1]


def test_a_name_that_the_catalogue_writes_otherwise_is_found() -> None:
    service = checkout()
    service.name = "Check out"
    assert "readiness.dev/level" in annotate_catalog(component("check_out"), service)


def test_a_commit_from_before_does_not_stay_beside_new_numbers() -> None:
    text = component("checkout", level="gold", commit="3f1c2b7", checked_at="2026-01-01T00:00:00Z")
    made = annotate_catalog(text, checkout())
    assert "gold" not in made
    assert 'readiness.dev/commit: "unknown"\n    readiness.dev/checked-at: "unknown"\n' in made
    assert annotate_catalog(made, checkout()) == made
