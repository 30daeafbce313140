"""A `helm` program takes the place of the SDK where that is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.kubernetes.charts.conftest import documents, places, render

from readiness.kubernetes.charts import engine

# Prints what `helm template` prints: a stream of documents, each with the template that it comes from.
HELM = """#!{python}
import json, sys
sys.path[:0] = {path!r}
from pathlib import Path
from helm_python.chart import Chart
from helm_python.errors import HelmError
name, *options, end, release, chart = sys.argv[1:]
assert name == "template" and options[0] == "--namespace" and options[2] == "--values" and end == "--"
assert options[4] == "--kube-version" and "--api-versions=apps/v1/Deployment" in options
try:
    with Chart.load_archive(Path(chart).read_bytes()) as loaded:
        values = json.loads(Path(options[3]).read_text())
        for path, text in loaded.render(values, name=release, namespace=options[1]).items():
            for document in text.split("---\\n"):
                if document.strip():
                    print(f"---\\n# Source: {{path}}\\n{{document}}")
except HelmError as error:
    sys.exit(f"Error: {{error}}")
"""


@pytest.fixture(autouse=True)
def _only_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "helm"
    program.write_text(HELM.format(python=sys.executable, path=[p for p in sys.path if p]))
    program.chmod(0o755)
    monkeypatch.setattr(engine, "sdk", lambda: False)
    monkeypatch.setattr(engine, "program", lambda: str(program))


TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
---
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Values.name }}"}
"""


def test_objects_point_to_the_line_of_their_kind() -> None:
    charts = render(
        {"templates/a.yaml": TEMPLATE, "values-prod.yaml": "name: two\n", "values.yaml": "name: x\n"}
    )
    assert charts.errors == []
    assert [(d["kind"], d["metadata"]["name"]) for d in documents(charts, "prod")] == [
        ("ConfigMap", "one"),
        ("Secret", "two"),
    ]
    [first, second] = [places(root) for root in documents(charts, "prod")]
    assert set(first.values()) == {"shop/templates/a.yaml:2:1"}
    assert set(second.values()) == {"shop/templates/a.yaml:6:1"}


def test_a_failure_has_its_place() -> None:
    charts = render({"templates/a.yaml": 'a: {{ required "say a" .Values.a }}\n'})
    [error] = charts.errors
    assert (error.path, error.line, error.column) == ("shop/templates/a.yaml", 1, 7)
    assert error.message == "the chart shop does not render: say a"
