"""What charts are rendered with: values over values, and the files that Helm takes."""

from __future__ import annotations

import pytest
from tests.kubernetes.charts.conftest import documents, places, render

from readiness.kubernetes.charts.model import Render
from readiness.sources.yaml_source import read
from readiness.values import Map

HEAD = "apiVersion: v1\nkind: A\n"
ALL = HEAD + "values:\n{{ toYaml .Values | indent 2 }}\n"


def values(text: str) -> Map:
    root = read("v.yaml", text).documents[0].root
    assert isinstance(root, Map)
    return root


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        ("a: 1\nm: {k: 1, l: 2}\n", ["a: 2\n", "m: {k: 3}\n"], {"a": 2, "m": {"k": 3, "l": 2}}),
        ("a: [1, 2]\n", ["a: [3]\n"], {"a": [3]}),
        # Null takes the chart's own value away, also where a values file before had set another.
        ("a: 1\nb: 1\n", ["a: null\n"], {"b": 1}),
        ("a: 1\nb: 1\n", ["a: 2\n", "a: null\n"], {"b": 1}),
        ("a: 1\nb: 1\n", ["a: null\n", "a: 3\n"], {"a": 3, "b": 1}),
        ("m: {k: 1, l: 2}\n", ["m: {k: 3}\n", "m: {k: null}\n"], {"m": {"l": 2}}),
        ("m: {k: 1, l: 2}\n", ["m: null\n", "m: {k: 5}\n"], {"m": {"k": 5, "l": 2}}),
    ],
)
def test_values_are_layered_as_helm_does(own: str, given: list[str], expected: object) -> None:
    asked = Render("live", [(f"{n}.yaml", values(text)) for n, text in enumerate(given)], "shop")
    charts = render({"values.yaml": own, "templates/a.yaml": ALL}, {"shop": [asked]})
    assert charts.errors == []
    [root] = documents(charts, "live")
    assert root["values"] == expected


def test_all_documents_of_a_values_file_count() -> None:
    charts = render(
        {
            "values.yaml": "a: 1\n---\nb: 2\n",
            "values-prod.yaml": "a: 3\n---\nb: 4\n",
            "templates/a.yaml": HEAD + "a: {{ .Values.a }}\nb: {{ .Values.b }}\n",
        }
    )
    [root] = documents(charts, "prod")
    assert (root["a"], root["b"]) == (3, 4)
    assert places(root)["b"] == "shop/values-prod.yaml:3:4"
    [root] = documents(charts, "default")
    assert places(root)["b"] == "shop/values.yaml:3:4"


def test_files_that_helm_leaves_out_are_left_out() -> None:
    sub = "apiVersion: v2\nname: {0}\nversion: 1.0.0\n"
    charts = render(
        {
            ".helmignore": "*.bak\n/templates/ignored.yaml\ncharts/gone/\n",
            "templates/.hidden.yaml": HEAD + "a: hidden\n",
            "templates/ignored.yaml": HEAD + "a: ignored\n",
            "templates/old.yaml.bak": HEAD + "a: old\n",
            "templates/there.yaml": HEAD + "a: there\n",
            "templates/below/.kept.yaml": HEAD + "a: kept\n",
            "charts/gone/Chart.yaml": sub.format("gone"),
            "charts/gone/templates/a.yaml": HEAD + "a: gone\n",
            "charts/_off/Chart.yaml": sub.format("off"),
            "charts/_off/templates/a.yaml": HEAD + "a: away\n",
            "charts/near/Chart.yaml": sub.format("near"),
            "charts/near/templates/a.yaml": HEAD + "a: near\n",
        }
    )
    assert charts.errors == []
    assert sorted(root["a"] for root in documents(charts)) == ["kept", "near", "there"]
