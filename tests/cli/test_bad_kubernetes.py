"""Bad input of Kubernetes and operations: what is wrong is told with its place, the rest is checked."""

from __future__ import annotations

import pytest
from tests.conftest import Cli

GOOD = {"good.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n---\n"}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: web:1.2.3
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"
ABOUT = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
CHART = {
    "chart/Chart.yaml": ABOUT,
    "chart/values.yaml": "tag: 1\n",
    "chart/templates/web.yaml": DEPLOYMENT,
}
IN_CHART = ("k8s-replicas-min", "Deployment/web", "chart/templates/web.yaml", 6)
IN_OVERLAY = ("k8s-replicas-min", "Deployment/web", "prod/web.yaml", 6)
IN_FILE = ("k8s-replicas-min", "Deployment/web", "web.yaml", 6)
RULES = "groups:\n  - name: web\n    rules:\n      - alert: Down\n        expr: {}\n"
DASHBOARD = '{"title": "Web", "schemaVersion": 39,\n "panels": [{"type": "graph"},]}\n'

Errors = dict[str, tuple[dict[str, str], tuple[str, int, int], str, tuple[str, str, str, int] | None]]

IN_CHARTS: Errors = {
    # what: files, place, words of the message, what is found all the same
    "no such function": (
        {"chart/templates/bad.yaml": CONFIG.format("{{ .Values.tag | nope }}")},
        ("chart/templates/bad.yaml", 4, 1),
        'function "nope" not defined',
        IN_CHART,
    ),
    "block not ended": (
        {"chart/templates/bad.yaml": CONFIG.format("a") + "{{- if .Values.tag }}\n"},
        ("chart/templates/bad.yaml", 6, 1),
        "unexpected EOF",
        IN_CHART,
    ),
    "required value": (
        {"chart/templates/bad.yaml": CONFIG.format('{{ required "set image.tag" .Values.image }}')},
        ("chart/templates/bad.yaml", 4, 12),
        "does not render: set image.tag",
        IN_CHART,
    ),
    "value below one that is not there": (
        {"chart/templates/bad.yaml": CONFIG.format("{{ .Values.image.tag }}")},
        ("chart/templates/bad.yaml", 4, 19),
        "`.Values.image.tag`",
        IN_CHART,
    ),
    "no YAML": (
        {"chart/templates/bad.yaml": CONFIG.format("a") + "data: x: {{ .Values.tag }}\n"},
        ("chart/templates/bad.yaml", 5, 1),
        "what this template gives is no YAML",
        IN_CHART,
    ),
    "values of an environment": (
        {"chart/values-prod.yaml": "tag: [1\nmore: 2\n"},
        ("chart/values-prod.yaml", 2, 5),
        "`,` or `]`",
        IN_CHART,
    ),
    "values of the chart": (
        {"chart/values.yaml": "tag: [1\nmore: 2\n"},
        ("chart/values.yaml", 2, 5),
        "`,` or `]`",
        None,
    ),
    "schema of the values": (
        {"chart/values.schema.json": '{"type": "object", "required": ["image"]}'},
        ("chart/Chart.yaml", 2, 1),
        "missing property 'image'",
        None,
    ),
    "about the chart": ({"chart/Chart.yaml": "name: [\n"}, ("chart/Chart.yaml", 1, 7), "never closed", None),
}

ELSEWHERE: Errors = {
    "missing base": (
        {"prod/kustomization.yaml": "resources:\n  - ../base\n  - web.yaml\n", "prod/web.yaml": DEPLOYMENT},
        ("prod/kustomization.yaml", 2, 5),
        "`../base` does not exist",
        IN_OVERLAY,
    ),
    "patch of nothing": (
        {
            "prod/kustomization.yaml": "resources:\n  - web.yaml\npatches:\n  - path: patch.yaml\n",
            "prod/web.yaml": DEPLOYMENT,
            "prod/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: wbe\n",
        },
        ("prod/patch.yaml", 1, 1),
        "this patch is for Deployment/wbe, which is not in this build",
        IN_OVERLAY,
    ),
    "patch without target": (
        {
            "prod/kustomization.yaml": "resources: [web.yaml]\npatches:\n"
            "  - patch: |\n      - {op: remove, path: /spec/replicas}\n",
            "prod/web.yaml": DEPLOYMENT,
        },
        ("prod/kustomization.yaml", 3, 5),
        "a JSON patch needs a `target`",
        IN_OVERLAY,
    ),
    "two objects of one name in an overlay": (
        {
            "prod/kustomization.yaml": "resources: [web.yaml, other.yaml]\n",
            "prod/web.yaml": DEPLOYMENT,
            "prod/other.yaml": DEPLOYMENT,
        },
        ("prod/kustomization.yaml", 1, 23),
        "Deployment/web",
        IN_OVERLAY,
    ),
    "broken dashboard": (
        {"dashboard.json": DASHBOARD, "web.yaml": DEPLOYMENT},
        ("dashboard.json", 2, 30),
        "a comma before `]`",
        IN_FILE,
    ),
    "broken dashboard in a ConfigMap": (
        {
            "dashboards.yaml": CONFIG.format("dashboards")
            + "data:\n  web.json: |\n"
            + "".join(f"    {line}\n" for line in DASHBOARD.splitlines()),
            "web.yaml": DEPLOYMENT,
        },
        ("dashboards.yaml", 8, 34),
        "a comma before `]`",
        IN_FILE,
    ),
}


def _checked(cli: Cli, files: dict[str, str], case: str, table: Errors) -> None:
    more, place, words, found = table[case]
    cli.write({**files, **more})
    result = cli.run("check", "--select", "k8s-replicas-min", "-f", "json")
    errors = [error for error in result.errors if error[:3] == place]
    assert len(errors) == 1, result.errors
    assert words in errors[0][3]
    assert result.found() == ([] if found is None else [found])
    assert result.status == (3 if found is None else 1)
    text = cli.run("check", "--select", "k8s-replicas-min")
    assert f" --> {place[0]}:{place[1]}:{place[2]}\n" in text.out
    assert words in text.out
    assert "1 file not read" in " ".join(text.out.split())


@pytest.mark.parametrize("case", IN_CHARTS)
def test_a_chart_that_is_wrong(cli: Cli, case: str) -> None:
    pytest.importorskip("helm_python", reason="the engine of charts (readiness[helm]) is not installed")
    _checked(cli, CHART, case, IN_CHARTS)


@pytest.mark.parametrize("case", ELSEWHERE)
def test_an_overlay_or_a_file_that_is_wrong(cli: Cli, case: str) -> None:
    _checked(cli, {}, case, ELSEWHERE)


def test_a_target_that_means_nothing_is_a_note(cli: Cli) -> None:
    cli.write(
        {
            "prod/kustomization.yaml": "resources: [web.yaml]\npatches:\n  - target: {name: wbe}\n"
            "    patch: |\n      - {op: remove, path: /spec/replicas}\n",
            "prod/web.yaml": DEPLOYMENT,
        }
    )
    result = cli.run("check", "--select", "k8s-replicas-min")
    assert (
        "note: no build has an object that this `target` means\n --> prod/kustomization.yaml:3:13\n"
        in result.out
    )
    assert result.status == 1


@pytest.mark.parametrize("ignored", [True, False])
def test_a_secret_that_git_ignores_is_not_committed(cli: Cli, ignored: bool) -> None:
    (cli.root / ".git").mkdir()
    cli.write(
        {
            "prod/kustomization.yaml": "secretGenerator:\n  - name: web\n    envs: [.env]\n",
            "prod/.env": "PASSWORD=hunter2\n",
            ".gitignore": ".env\n" if ignored else "*.log\n",
        }
    )
    result = cli.run("check", "--select", "k8s-secret-manifest", "-f", "json")
    statuses = [(f["status"], f["location"]["path"], f["location"]["line"]) for f in result.findings]
    assert statuses == (
        [("unknown", "prod/kustomization.yaml", 2)] if ignored else [("fail", "prod/.env", 1)]
    )
    if ignored:
        told = "note: `.env` is not in the repository, so what this Secret holds is not known"
        assert told in cli.run("check", "--select", "k8s-secret-manifest").out


NO_PATHS = {"long": "x" * 300, "half a character": "\\ud800", "NUL": "\\0", "many folders": "x/" * 3000}


@pytest.mark.parametrize("what", NO_PATHS)
def test_what_can_be_no_path_is_no_internal_error(cli: Cli, what: str) -> None:
    path = f'"./{NO_PATHS[what]}"'
    cli.write(
        {
            "prod/kustomization.yaml": f"resources: [web.yaml, {path}]\ncomponents: [{path}]\ncrds: [{path}]\n"
            f"configMapGenerator: [{{name: a, files: [{path}], envs: [{path}]}}]\npatches: [{{path: {path}}}]\n"
            f"secretGenerator: [{{name: a, files: [{path}]}}]\nhelmCharts: [{{name: {path}, valuesFile: {path}}}]\n",
            "prod/web.yaml": DEPLOYMENT,
            "main.tf": f'module "a" {{\n  source = {path}\n}}\nlocals {{\n  a = file({path})\n}}\n'.replace(
                "\\0", "\\u0000"
            ),
            "app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
            f"spec: {{source: {{path: {path}, repoURL: a, helm: {{valueFiles: [{path}]}}}}}}\n"
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: b}\n"
            f"spec: {{source: {{path: prod, repoURL: a, helm: {{valueFiles: [{path}]}}}}}}\n"
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
            f"spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: a}}}}\n"
            "---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: a}\n"
            f"spec: {{targets: [{path}]}}\n",
            "rules.yaml": RULES.format("up") + f'        annotations: {{runbook_url: {path[:-1]}.md#a"}}\n',
            "chart/Chart.yaml": ABOUT
            + f"dependencies: [{{name: a, version: '1', repository: file://{path[1:-1]}}}]\n",
            "chart/templates/a.yaml": CONFIG.format("a"),
        }
    )
    result = cli.run("check", "--profile", "all", "-f", "json")
    assert IN_OVERLAY in result.found()
    assert not any("internal" in error[3] for error in result.errors)


FINDINGS: dict[str, tuple[dict[str, str], str, str, int, str]] = {
    # what: files, policy, path, line, words of the message
    "empty selector": (
        {"web.yaml": DEPLOYMENT.replace("matchLabels: {app: web}", "matchLabels: {}")},
        "k8s-selector-mismatch",
        "web.yaml",
        7,
        "Deployment/web has an empty selector",
    ),
    "two objects of one name": (
        {"a.yaml": f"{CONFIG.format('a')}---\n{CONFIG.format('a')}"},
        "k8s-duplicate-object",
        "a.yaml",
        9,
        "ConfigMap/a is declared before, in line 4 of a.yaml",
    ),
    "PromQL": (
        {"rules.yaml": RULES.format("sum(rate(x[5m])") + RULES[RULES.index("      -") :].format("up == 0")},
        "alr-prom-expression",
        "rules.yaml",
        5,
        "alert Down has a wrong expression: unclosed left parenthesis",
    ),
    "receiver": (
        {"am.yaml": "route:\n  receiver: a\n  routes:\n    - receiver: b\nreceivers:\n  - name: a\n"},
        "alr-am-receiver-missing",
        "am.yaml",
        4,
        "the receiver b, which does not exist",
    ),
    "runbook": (
        {"rules.yaml": RULES.format("up") + "        annotations: {runbook_url: docs/none.md}\n"},
        "run-link-resolves",
        "rules.yaml",
        6,
        "there is no docs/none.md in this repository",
    ),
    "schema of a custom kind": (
        {
            "crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "metadata: {name: games.acme.org}\nspec:\n  group: acme.org\n  scope: Namespaced\n"
            "  names: {kind: Game, plural: games}\n  versions:\n    - name: v1\n      served: true\n"
            "      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n"
            "          properties: [size]\n",
            "game.yaml": "apiVersion: acme.org/v1\nkind: Game\nmetadata: {name: chess}\nspec: {size: 8}\n",
        },
        "k8s-schema",
        "crd.yaml",
        15,
        "`properties` is a list, a mapping is wanted",
    ),
}


@pytest.mark.parametrize("case", FINDINGS)
def test_what_a_cluster_would_refuse_is_a_finding(cli: Cli, case: str) -> None:
    files, policy, path, line, words = FINDINGS[case]
    cli.write(files)
    result = cli.run("check", "--select", policy, "-f", "json")
    assert result.errors == []
    places = [(f["policy"], f["location"]["path"], f["location"]["line"]) for f in result.findings]
    assert places == [(policy, path, line)]
    assert words in result.findings[0]["message"]
    text = cli.run("check", "--select", policy)
    assert words in text.out
    assert f"--> {path}:{line}:" in text.out


@pytest.mark.parametrize("name", ["List", "Map"])
def test_names_that_are_no_texts_are_no_internal_errors(cli: Cli, name: str) -> None:
    value = {"List": "[a]", "Map": "{a: b}"}[name]
    cli.write(
        {
            "access.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"
            f"metadata: {{name: a}}\nroleRef: {{kind: ClusterRole, name: {value}}}\n"
            f"subjects:\n  - {{kind: ServiceAccount, name: {value}, namespace: shop}}\n"
            f"  - {{kind: ServiceAccount, name: web, namespace: {value}}}\n"
            "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
            f"spec: {{serviceAccountName: {value}, containers: [{{name: a, image: a}}]}}\n"
            f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: b, namespace: {value}}}\n"
            "spec: {serviceAccountName: web, containers: [{name: a, image: a}]}\n",
            "main.tf": 'resource "google_organization_iam_member" "a" {\n  role = [1]\n  member = "user:a"\n}\n',
        }
    )
    result = cli.run("check", "--profile", "all", "-f", "json")
    assert result.errors == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--kubernetes-version", "0.9"], "no schemas of Kubernetes '0.9'; choose a release from 1."),
        (["--kubernetes-version", "new"], "no schemas of Kubernetes 'new'; choose a release from 1."),
        (["--pod-template", "nonsense"], "'nonsense' is not TYPE=PATH, such as Game=spec.template"),
        (["--pod-template", "=spec"], "'=spec' is not TYPE=PATH"),
        (["--pod-template", "Game=spec[*"], "'spec[*' is no key; a path looks like"),
        (["--pod-template", "Game=spec..template"], "'' is no key; a path looks like"),
        (["x" * 300], "the name is too long: "),
        (["--var-file", "x" * 300], "the name is too long: "),
        (["--policies", "x" * 300], "the name is too long: "),
    ],
)
def test_options_that_are_wrong(cli: Cli, args: list[str], words: str) -> None:
    cli.write(GOOD)
    result = cli.run("check", *args)
    assert (result.status, result.out) == (2, "")
    assert words in result.err
