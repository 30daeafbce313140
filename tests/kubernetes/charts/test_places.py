"""Where the values of rendered objects point to."""

from __future__ import annotations

from tests.kubernetes.charts.conftest import documents, places, render

TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
    spec:
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          {{- if .Values.resources }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
          {{- end }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- toYaml .Values.extra | nindent 12 }}
            - name: FIXED
              value: 'yes'
"""
HELPERS = """\
{{- define "shop.name" -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "shop.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
team: {{ .Values.team }}
{{- end }}
"""
VALUES = """\
replicas: 1
team: payments
image:
  repository: shop
  tag: v1
securityContext:
  runAsNonRoot: true
resources:
  limits:
    memory: 1Gi
env:
  COLOR: red
extra:
  - name: MORE
    value: "2"
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  a: {{ .Values.team }}\n"

FILES = {
    "templates/app.yaml": TEMPLATE,
    "templates/config.yaml": CONFIG,
    "templates/_helpers.tpl": HELPERS,
    "values.yaml": VALUES,
}


def test_values_point_to_the_values_file_and_everything_else_to_its_template() -> None:
    charts = render(FILES)
    assert charts.errors == []
    app = next(d for d in documents(charts) if d["kind"] == "Deployment")
    at = "shop/templates/app.yaml"
    pod = "spec.template.spec"
    assert places(app) == {
        "apiVersion": f"{at}:1:13",
        "kind": f"{at}:2:7",
        "metadata.name": f"{at}:4:9",
        "metadata.labels.app.kubernetes.io/name": "shop/templates/_helpers.tpl:5:25",
        "metadata.labels.team": "shop/values.yaml:2:7",
        "spec.replicas": "shop/values.yaml:1:11",
        "spec.template.metadata.annotations.checksum/config": f"{at}:12:26",
        f"{pod}.securityContext.runAsNonRoot": "shop/values.yaml:7:17",
        f"{pod}.containers[0].name": f"{at}:19:17",
        f"{pod}.containers[0].image": f"{at}:20:18",
        f"{pod}.containers[0].resources.limits.memory": "shop/values.yaml:10:13",
        f"{pod}.containers[0].env[0].name": f"{at}:26:21",
        f"{pod}.containers[0].env[0].value": "shop/values.yaml:12:10",
        f"{pod}.containers[0].env[1].name": "shop/values.yaml:14:11",
        f"{pod}.containers[0].env[1].value": "shop/values.yaml:15:12",
        f"{pod}.containers[0].env[2].name": f"{at}:30:21",
        f"{pod}.containers[0].env[2].value": f"{at}:31:22",
    }


def test_a_text_that_is_put_together_tells_the_values_behind_it() -> None:
    app = next(d for d in documents(render(FILES)) if d["kind"] == "Deployment")
    container = app["spec"]["template"]["spec"]["containers"][0]
    assert [(what, span.path, span.line) for what, span in container.origin.explain("image")] == [
        (".Values.image.repository", "shop/values.yaml", 4),
        (".Values.image.tag", "shop/values.yaml", 5),
    ]


def test_an_environment_points_to_its_own_file_where_that_says_something() -> None:
    charts = render({**FILES, "values-prod.yaml": "replicas: 3\nresources:\n  limits:\n    cpu: 1\n"})
    assert [rendered.render.variant for rendered in charts.rendered] == ["default", "prod"]
    app = next(d for d in documents(charts, "prod") if d["kind"] == "Deployment")
    found = places(app)
    limits = "spec.template.spec.containers[0].resources.limits"
    assert app["spec"]["replicas"] == 3
    assert found["spec.replicas"] == "shop/values-prod.yaml:1:11"
    assert found[f"{limits}.cpu"] == "shop/values-prod.yaml:4:10"
    assert found[f"{limits}.memory"] == "shop/values.yaml:10:13"
    assert found["metadata.labels.team"] == "shop/values.yaml:2:7"


def test_two_values_that_are_the_same_are_not_told_apart_by_guessing() -> None:
    template = "a:\n{{- range .Values.items }}\n  - port: {{ .port }}\n{{- end }}\nkind: X\napiVersion: v1\n"
    charts = render(
        {"templates/x.yaml": template, "values.yaml": "items:\n  - port: 1\n  - port: 1\n  - port: 2\n"}
    )
    found = places(documents(charts)[0])
    assert [found[f"a[{i}].port"] for i in range(3)] == [
        "shop/templates/x.yaml:3:11",
        "shop/templates/x.yaml:3:11",
        "shop/values.yaml:4:11",
    ]


def test_values_of_a_subchart_and_global_ones_are_found_under_their_keys() -> None:
    charts = render(
        {
            "values.yaml": "cache:\n  size: 5\nglobal:\n  zone: a\n",
            "charts/redis/Chart.yaml": "apiVersion: v2\nname: redis\nversion: 1.0.0\n",
            "charts/redis/values.yaml": "size: 1\nport: 6379\n",
            "charts/redis/templates/r.yaml": "kind: R\napiVersion: v1\nsize: {{ .Values.size }}\n"
            "port: {{ .Values.port }}\nzone: {{ .Values.global.zone }}\n",
            "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n"
            "  - {name: redis, alias: cache, version: 1.0.0}\n",
        }
    )
    assert charts.errors == [] and charts.notices == []
    [root] = documents(charts)
    assert (root["size"], root["port"], root["zone"]) == (5, 6379, "a")
    assert places(root) == {
        "kind": "shop/charts/redis/templates/r.yaml:1:7",
        "apiVersion": "shop/charts/redis/templates/r.yaml:2:13",
        "size": "shop/values.yaml:2:9",
        "port": "shop/charts/redis/values.yaml:2:7",
        "zone": "shop/values.yaml:4:9",
    }


def test_a_library_chart_gives_the_places_of_its_own_templates() -> None:
    charts = render(
        {
            "charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n",
            "charts/common/templates/_d.tpl": '{{- define "common.d" -}}\nkind: ConfigMap\napiVersion: v1\n'
            "metadata:\n  name: {{ .Values.name }}\n{{- end }}\n",
            "templates/d.yaml": '{{- include "common.d" . }}\n',
            "values.yaml": "name: n\n",
        }
    )
    [root] = documents(charts)
    assert places(root) == {
        "kind": "shop/charts/common/templates/_d.tpl:2:7",
        "apiVersion": "shop/charts/common/templates/_d.tpl:3:13",
        "metadata.name": "shop/values.yaml:1:7",
    }


def test_a_value_that_a_named_template_prints_points_to_the_action() -> None:
    charts = render(
        {
            "templates/_n.tpl": '{{ define "n" }}nn{{ end }}',
            "templates/a.yaml": 'kind: A\napiVersion: v1\na: {{ template "n" . }}\nb: x-{{- template "n" . }}\n',
        }
    )
    [root] = documents(charts)
    assert (root["a"], root["b"]) == ("nn", "x-nn")
    assert places(root)["a"] == "shop/templates/a.yaml:3:4"


def test_keys_that_are_sorted_point_to_the_key_that_they_are_below() -> None:
    template = (
        '{{ define "d" }}\nb: {{ .Values.x }}\na: 1\n{{ end }}kind: A\napiVersion: v1\n'
        'data:\n  {{- $d := include "d" . | fromYaml }}\n'
        "  {{- range $k, $v := $d }}\n  {{ $k | upper }}: {{ $v }}\n  {{- end }}\n"
        "more:\n{{ $d | toYaml | indent 2 }}\nend: 1\n"
    )
    charts = render({"templates/a.yaml": template, "values.yaml": "x: 5\n"})
    [root] = documents(charts)
    assert (root["data"], root["more"]) == ({"A": 1, "B": 5}, {"a": 1, "b": 5})
    found = places(root)
    assert found["end"] == "shop/templates/a.yaml:13:6"
    assert {found["more.a"].split(":")[1], found["more.b"].split(":")[1]} <= {"11", "12"}
