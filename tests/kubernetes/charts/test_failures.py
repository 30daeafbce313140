"""Charts that do not render, or not wholly: what is wrong is told with its place, the rest is there."""

from __future__ import annotations

import pytest
from tests.kubernetes.charts.conftest import ABOUT, documents, render

from readiness.kubernetes.charts.render import Charts, Means, render_charts
from readiness.repo.tree import TextTree
from readiness.sources.cache import Cache
from readiness.sources.yaml_source import read

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n"


def told(charts: Charts) -> list[tuple[str, int, int, str]]:
    return [(e.path, e.line, e.column, e.message) for e in charts.errors]


@pytest.mark.parametrize(
    ("template", "values", "line", "column", "message"),
    [
        (
            "kind: X\na: {{ .Values.a.b }}\n",
            "",
            2,
            14,
            "nil pointer evaluating interface {}.b (at `.Values.a.b`)",
        ),
        ('a: {{ required "a is needed" .Values.a }}\n', "", 1, 7, "a is needed"),
        ('{{- fail "never" }}\n', "", 1, 5, "never"),
        ("a: {{ nothing }}\n", "", 1, 1, 'function "nothing" not defined'),
        ("{{ if }}\n", "", 1, 1, "missing value for if"),
        ("a: {{ .Values.a\n", "", 1, 1, "unclosed action"),
    ],
)
def test_a_template_that_fails_is_told_and_the_others_are_rendered(
    template: str, values: str, line: int, column: int, message: str
) -> None:
    charts = render({"templates/bad.yaml": template, "templates/good.yaml": GOOD, "values.yaml": values})
    [(path, at_line, at_column, text)] = told(charts)
    assert (path, at_line, at_column) == ("shop/templates/bad.yaml", line, column)
    assert text.startswith("the chart shop does not render: ") and message in text
    assert [root["metadata"]["name"] for root in documents(charts)] == ["good"]


def test_the_innermost_template_is_the_place_of_a_failure() -> None:
    charts = render(
        {
            "templates/_h.tpl": '{{ define "h" }}\n{{ .Values.x.y }}\n{{ end }}',
            "templates/bad.yaml": 'a: {{ include "h" . }}\n',
        }
    )
    [(path, line, _, text)] = told(charts)
    assert (path, line) == ("shop/templates/_h.tpl", 2)
    assert "(at `.Values.x.y`)" in text


def test_output_that_is_no_yaml_points_to_what_printed_it() -> None:
    charts = render({"templates/bad.yaml": "a: b\n{{ .Values.x }}: [\n", "templates/good.yaml": GOOD})
    [(path, line, _, text)] = told(charts)
    assert (path, line) == ("shop/templates/bad.yaml", 2)
    assert text.startswith("what this template gives is no YAML: ")
    assert [root["metadata"]["name"] for root in documents(charts)] == ["good"]


def test_values_that_an_environment_lacks_are_an_error_of_that_environment() -> None:
    charts = render(
        {
            "templates/a.yaml": 'kind: A\napiVersion: v1\nkey: {{ required "set key" .Values.key }}\n',
            "values-prod.yaml": "key: 1\n",
            "values-stage.yaml": "other: 1\n",
        }
    )
    # The chart's own values are not meant to be used alone: an environment gives what they lack.
    assert told(charts) == [
        ("shop/templates/a.yaml", 3, 9, "the chart shop does not render with the values of stage: set key")
    ]
    assert [root["key"] for root in documents(charts, "prod")] == [1]


def test_a_chart_that_asks_for_values_is_rendered_with_those_of_its_tests() -> None:
    charts = render(
        {
            "templates/a.yaml": 'kind: A\napiVersion: v1\nkey: {{ required "set key" .Values.key }}\n',
            "ci/full-values.yaml": "key: 7\n",
        }
    )
    assert told(charts) == []
    assert [root["key"] for root in documents(charts)] == [7]


def test_a_dependency_that_is_not_there_is_a_notice() -> None:
    charts = render(
        {
            "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - name: redis\n"
            "    version: 1.0.0\n    repository: https://charts.example.com\n",
            "templates/good.yaml": GOOD,
        }
    )
    assert told(charts) == []
    [notice] = charts.notices
    assert (notice.path, notice.line) == ("shop/Chart.yaml", 5)
    assert notice.message.startswith("not in the charts folder of shop, so not checked: redis;")
    assert [root["metadata"]["name"] for root in documents(charts)] == ["good"]


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ("a: [\n", "a list that is not closed"),
        ("- a\n", "the `Chart.yaml` of this chart is not a mapping"),
    ],
)
def test_a_broken_chart_file_is_an_error(about: str, message: str) -> None:
    charts = render({"Chart.yaml": about, "templates/good.yaml": GOOD})
    [(path, _, _, text)] = told(charts)
    assert path == "shop/Chart.yaml"
    assert message in text or "[" in text


def test_values_that_are_no_mapping_are_an_error() -> None:
    charts = render({"templates/good.yaml": GOOD, "values-prod.yaml": "- a\n"})
    assert told(charts) == [("shop/values-prod.yaml", 1, 1, "the values in this file are not a mapping")]


def test_nothing_is_looked_up_or_resolved() -> None:
    template = (
        "kind: A\napiVersion: v1\n"
        'found: {{ lookup "v1" "Secret" "default" "x" | toJson }}\n'
        'host: "{{ getHostByName "localhost" }}"\n'
        'file: "{{ .Files.Get "../../etc/passwd" }}{{ .Files.Get "/etc/passwd" }}"\n'
    )
    [root] = documents(render({"templates/a.yaml": template}))
    assert root["found"] == {} and root["host"] == "" and root["file"] == ""


@pytest.mark.parametrize("name", ["env", "expandenv"])
def test_the_environment_is_not_to_be_had(name: str) -> None:
    charts = render({"templates/a.yaml": f'a: {{{{ {name} "HOME" }}}}\n'})
    assert f'function "{name}" not defined' in charts.errors[0].message


def test_a_chart_without_end_is_given_up_and_the_others_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness.kubernetes.charts import engine

    monkeypatch.setattr(engine, "_SECONDS", 2.0)
    monkeypatch.setattr(engine, "_SECONDS_EACH", 0.0)
    endless = '{{- define "a" }}{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}{{ end }}'
    charts = render({"templates/a.yaml": endless + '{{ include "a" . }}'})
    [(path, _, _, text)] = told(charts)
    assert path == "shop/Chart.yaml"
    assert "the engine gave up" in text


@pytest.mark.parametrize(("version", "there"), [("1.4.0", True), ("2.0.0", False)])
def test_a_chart_beside_it_is_the_dependency_if_its_version_fits(version: str, there: bool) -> None:
    tree = TextTree(
        {
            "charts/shop/Chart.yaml": ABOUT + "dependencies:\n  - name: common\n    version: 1.x.x\n"
            "    repository: https://charts.example.com\n",
            "charts/shop/templates/a.yaml": 'kind: A\napiVersion: v1\nname: {{ include "name" . }}\n',
            "charts/shop/templates/b.yaml": 'kind: B\napiVersion: v1\nname: {{ include "name" . }}\n',
            "charts/common/Chart.yaml": f"apiVersion: v2\nname: common\ntype: library\nversion: {version}\n",
            "charts/common/templates/_n.tpl": '{{ define "name" }}x{{ end }}',
        }
    )
    means = Means(tree, Cache(None), lambda given: [read(path, text) for path, text in given])
    charts = render_charts(["charts/shop"], {}, means)
    assert [root["name"] for root in documents(charts)] == (["x", "x"] if there else [])
    # One cause is one error, however many templates need what is missing.
    assert len(charts.errors) == (0 if there else 1)
    assert there or charts.errors[0].message.endswith(
        "which its charts folder lacks (1 more of its templates fail)"
    )


def test_charts_that_depend_on_each_other_are_each_rendered_with_the_other_once() -> None:
    about = (
        "apiVersion: v2\nname: {0}\nversion: 1.0.0\ndependencies:\n"
        '  - {{name: {1}, version: 1.0.0, repository: "file://../{1}"}}\n'
    )
    tree = TextTree(
        {
            "a/Chart.yaml": about.format("a", "b"),
            "b/Chart.yaml": about.format("b", "a"),
            "a/templates/a.yaml": "kind: A\napiVersion: v1\nname: a\n",
            "b/templates/b.yaml": "kind: B\napiVersion: v1\nname: b\n",
        }
    )
    means = Means(tree, Cache(None), lambda given: [read(path, text) for path, text in given])
    charts = render_charts(["a"], {}, means)
    assert [root["name"] for root in documents(charts)] == ["b", "a"]
    assert [(notice.path, notice.line) for notice in charts.notices] == []


def test_more_charts_in_a_chart_than_there_may_be_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness.kubernetes.charts import folder

    monkeypatch.setattr(folder, "COUNT_LIMIT", 3)
    subs = {f"charts/s{n}/Chart.yaml": f"apiVersion: v2\nname: s{n}\nversion: 1.0.0\n" for n in range(4)}
    charts = render({"templates/good.yaml": GOOD, **subs})
    assert told(charts) == [
        ("shop/Chart.yaml", 1, 1, "the chart has more than 3 charts in it, so it is not rendered")
    ]


def test_values_that_cannot_be_read_are_told_at_their_line() -> None:
    charts = render({"templates/good.yaml": GOOD, "values.yaml": "a: 1\nb: [\nc: 2\n"})
    [(path, line, column, text)] = told(charts)
    assert (path, line, column) == ("shop/values.yaml", 2, 4)
    assert "never closed" in text


def test_values_of_a_subchart_that_cannot_be_read_are_told_in_their_file() -> None:
    sub = {"Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "values.yaml": "a: 1\nb: [\nc: 2\n"}
    below = {f"charts/sub/{name}": text for name, text in sub.items()}
    [(path, _, _, text)] = told(render({"templates/good.yaml": GOOD, **below}))
    assert path == "shop/charts/sub/values.yaml"
    assert text.startswith("the chart shop does not render: ")


def test_a_template_that_gives_too_much_text_is_left_out() -> None:
    charts = render(
        {
            "templates/good.yaml": GOOD,
            "templates/much.yaml": 'a: "{{ repeat 2000000 "abcdef" }}"\n',
        }
    )
    assert told(charts) == [
        (
            "shop/templates/much.yaml",
            1,
            1,
            "the chart shop does not render: it gives more than 10 MB of text",
        )
    ]
    assert [root["metadata"]["name"] for root in documents(charts)] == ["good"]


def test_one_chart_without_end_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness.kubernetes.charts import engine

    monkeypatch.setattr(engine, "_SECONDS", 3.0)
    monkeypatch.setattr(engine, "_SECONDS_EACH", 0.0)
    endless = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    texts = {}
    for name in ("a", "b", "c"):
        texts[f"{name}/Chart.yaml"] = ABOUT.replace("shop", name)
        texts[f"{name}/templates/x.yaml"] = endless if name == "b" else GOOD
    means = Means(TextTree(texts), Cache(None), lambda given: [read(path, text) for path, text in given])
    charts = render_charts(["a", "b", "c"], {}, means)
    assert [rendered.chart.name for rendered in charts.rendered if rendered.files] == ["a", "c"]
    assert [(error.path, "gave up" in error.message) for error in charts.errors] == [("b/Chart.yaml", True)]
