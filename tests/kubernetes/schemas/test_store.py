"""The packaged schemas: what they hold, and that they are read when they are needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.counting import counted

from readiness.errors import UsageError
from readiness.kubernetes.schemas import store
from readiness.kubernetes.schemas.store import load, minor, releases, served, versions_of

FILE = Path(store.__file__).with_name("kubernetes.txt")


def test_the_file_is_small_and_has_its_licence() -> None:
    assert FILE.stat().st_size < 300_000
    assert "Apache License, Version 2.0" in FILE.with_name("kubernetes.LICENSE.txt").read_text("utf-8")


def test_releases() -> None:
    assert releases()[0] == "1.25"
    assert releases()[-1] == "1.37"
    assert len(releases()) == 13


@pytest.mark.parametrize(
    ("text", "number"), [("1.33", 33), ("v1.33.4", 33), ("1.25.0", 25), ("1.30.1-gke.5", 30)]
)
def test_a_release_as_people_write_it(text: str, number: int) -> None:
    assert minor(text) == number


@pytest.mark.parametrize("text", ["1.24", "1.99", "33", "2.30", "latest", ""])
def test_a_release_that_is_not_there(text: str) -> None:
    with pytest.raises(UsageError, match=r"choose a release from 1\.25 to 1\.37"):
        minor(text)


@pytest.mark.parametrize("release", releases())
def test_every_kind_of_a_release_has_its_schema(release: str) -> None:
    schemas = load(minor(release))
    assert {("apps/v1", "Deployment"), ("v1", "Pod"), ("batch/v1", "CronJob")} <= set(schemas.kinds)
    for version, kind in schemas.kinds:
        node = schemas.kind(version, kind)
        assert node is not None
        assert {"apiVersion", "kind"} <= set(node.fields), kind
        assert set(node.required) <= set(node.fields), kind


def test_what_a_release_serves() -> None:
    assert served("autoscaling/v2beta2", "HorizontalPodAutoscaler") == (25, 25)
    assert served("apps/v1", "Deployment") == (25, 37)
    assert served("apps/v1", "Thing") is None
    assert load(26).kind("autoscaling/v2beta2", "HorizontalPodAutoscaler") is None
    assert list(versions_of("HorizontalPodAutoscaler", load(25))) == [
        "autoscaling/v1",
        "autoscaling/v2",
        "autoscaling/v2beta2",
    ]


def test_schemas_that_lead_to_themselves() -> None:
    node = load(37).definition("apiextensions.v1.JSONSchemaProps")
    assert node.fields["properties"].items is node
    assert node.fields["items"].items is node


def test_a_kind_is_made_of_its_own_schemas() -> None:
    load(37)  # the text of all releases is read once
    with counted(25_000):
        node = load.__wrapped__(37).kind("apps/v1", "Deployment")
    assert node is not None


def test_validating_looks_at_each_item_a_few_times() -> None:
    from readiness.kubernetes.schemas.validate import validate
    from readiness.values import List, Map

    container = Map({"name": "a", "image": "b", "args": List(["x"] * 20), "env": List()})
    spec = Map({"containers": List([container] * 1_000)})
    body = Map({"apiVersion": "v1", "kind": "Pod", "metadata": Map({"name": "a"}), "spec": spec})
    node = load(37).kind("v1", "Pod")
    assert node is not None
    with counted(250_000):
        found = validate(body, node, lambda _pattern, _text: True)
    assert {problem.kind for problem in found} == {"duplicate"}
