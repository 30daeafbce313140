"""Charts and overlays from the command line: findings where people edit, and bad input with its place."""

from __future__ import annotations

import pytest
from tests.conftest import Cli

from readiness.kubernetes.charts import engine

ABOUT = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
        - name: web
          image: web:1.2.3
"""
TEMPLATE = DEPLOYMENT.format(replicas="{{ .Values.replicas }}")
CHART = {
    "chart/Chart.yaml": ABOUT,
    "chart/values.yaml": "# one is enough here\nreplicas: 1\n",
    "chart/values-prod.yaml": "replicas: 3\n",
    "chart/values-stage.yaml": "# fewer\nreplicas: 1\n",
    "chart/templates/web.yaml": TEMPLATE,
}
REPLICAS = ("check", "--select", "k8s-replicas-min", "-f", "json")
POLICY = "k8s-replicas-min"


@pytest.fixture
def _engine() -> None:
    pytest.importorskip("helm_python", reason="the engine of charts (readiness[helm]) is not installed")


@pytest.mark.usefixtures("_engine")
class TestCharts:
    """Charts, rendered by the real engine."""

    def test_each_environment_points_to_its_own_values(self, cli: Cli) -> None:
        cli.write(CHART)
        result = cli.run(*REPLICAS)
        assert result.found() == [
            (POLICY, "Deployment/web", "chart/values-stage.yaml", 2),
            (POLICY, "Deployment/web", "chart/values.yaml", 2),
        ]
        assert [f["environments"] for f in result.findings] == [["stage"], ["default"]]
        assert result.findings[0]["all_environments"] == ["default", "prod", "stage"]

    def test_an_environment_that_is_chosen_is_the_only_one(self, cli: Cli) -> None:
        cli.write(CHART)
        assert cli.run(*REPLICAS, "--environment", "prod").found() == []
        found = cli.run(*REPLICAS, "--environment", "stage").found()
        assert found == [(POLICY, "Deployment/web", "chart/values-stage.yaml", 2)]

    def test_charts_are_shown_for_the_release_that_is_chosen(self, cli: Cli) -> None:
        template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: release\ndata:\n  minor: {{ .Capabilities.KubeVersion.Minor | quote }}\n"
        cli.write({"chart/Chart.yaml": ABOUT, "chart/templates/release.yaml": template})
        result = cli.run("show", "ConfigMap/release", "--kubernetes-version", "1.30", "-f", "json")
        assert result.report["resources"][0]["body"]["data"]["minor"] == "30"

    def test_a_named_values_file_is_checked_as_part_of_its_chart(self, cli: Cli) -> None:
        cli.write(CHART)
        result = cli.run(*REPLICAS, "chart/values-stage.yaml")
        assert result.found() == [(POLICY, "Deployment/web", "chart/values-stage.yaml", 2)]
        assert cli.run(*REPLICAS, "chart/values-prod.yaml").status == 0

    def test_a_comment_in_a_template_ignores_what_it_stands_at(self, cli: Cli) -> None:
        text = TEMPLATE.replace(
            "        - name: web\n",
            "        {{- /* readiness:ignore k8s-sec-non-root reason: known */}}\n        - name: web\n",
        )
        values = "replicas: 1 # readiness:ignore k8s-replicas-min reason: a demo\n"
        cli.write({**CHART, "chart/templates/web.yaml": text, "chart/values.yaml": values})
        result = cli.run("check", "--select", "k8s-replicas-min,k8s-sec-non-root", "-f", "json")
        assert result.found("suppressed") == [
            ("k8s-sec-non-root", "Deployment/web", "chart/templates/web.yaml", 15),
            (POLICY, "Deployment/web", "chart/values.yaml", 1),
        ]

    def test_a_template_that_fails_costs_only_itself(self, cli: Cli) -> None:
        cli.write({**CHART, "chart/templates/bad.yaml": 'a: {{ required "set a" .Values.a }}\n'})
        cli.write({"plain.yaml": DEPLOYMENT.format(replicas=1)})
        result = cli.run(*REPLICAS)
        assert result.errors == [
            (
                "chart/templates/bad.yaml",
                1,
                7,
                "the chart shop does not render with the values of prod: set a",
            ),
            (
                "chart/templates/bad.yaml",
                1,
                7,
                "the chart shop does not render with the values of stage: set a",
            ),
            ("chart/templates/bad.yaml", 1, 7, "the chart shop does not render: set a"),
        ]
        assert (POLICY, "Deployment/web", "plain.yaml", 6) in result.found()
        assert (POLICY, "Deployment/web", "chart/values-stage.yaml", 2) in result.found()

    def test_a_link_out_of_the_repository_is_not_followed(self, cli: Cli) -> None:
        secret = cli.root.parent / f"{cli.root.name}-secret.yaml"
        secret.write_text(DEPLOYMENT.format(replicas=1).replace("web:1.2.3", "hidden:1"))
        cli.write(CHART)
        (cli.root / "chart/templates/link.yaml").symlink_to(secret)
        result = cli.run(*REPLICAS)
        assert result.errors == [
            (
                "chart/templates/link.yaml",
                1,
                1,
                "this file of a chart is not read: it is too large, or leads out of the repository",
            )
        ]
        assert "hidden" not in result.out

    def test_an_application_gives_the_values(self, cli: Cli) -> None:
        application = (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: live\nspec:\n"
            "  source:\n    path: chart\n    helm:\n      values: |\n        replicas: 1\n"
        )
        cli.write({**CHART, "apps/live.yaml": application})
        result = cli.run(*REPLICAS)
        assert (POLICY, "Deployment/web", "apps/live.yaml", 10) in result.found()
        # Nobody installs the chart with its own values alone.
        assert [path for _, _, path, _ in result.found()] == ["apps/live.yaml", "chart/values-stage.yaml"]

    @pytest.mark.parametrize(
        ("helm", "line"),
        [
            # What is given as an object is used in place of the text.
            ("values: |\n        replicas: 4\n      valuesObject:\n        replicas: 1\n", 12),
            (
                "ignoreMissingValueFiles: true\n      valueFiles: [none.yaml]\n      values: 'replicas: 1'\n",
                11,
            ),
            ("valueFiles: [one.yaml]\n      parameters:\n        - {name: replicas, value: '1'}\n", 11),
        ],
    )
    def test_an_application_gives_values_in_the_order_of_argo(self, cli: Cli, helm: str, line: int) -> None:
        application = (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: live\nspec:\n"
            f"  source:\n    path: chart\n    helm:\n      {helm}"
        )
        cli.write({**CHART, "chart/one.yaml": "replicas: 5\n", "apps/live.yaml": application})
        result = cli.run(*REPLICAS)
        assert result.errors == []
        assert (POLICY, "Deployment/web", "apps/live.yaml", line) in result.found()

    @pytest.mark.parametrize(
        "helm",
        [
            "valueFiles: [$values/prod.yaml]",
            "valueFiles: ['https://example.com/values.yaml']",
            "valueFiles: ['env-*.yaml']",
            "fileParameters: [{name: replicas, path: replicas.txt}]",
        ],
    )
    def test_an_application_whose_values_are_elsewhere_is_not_rendered_without(
        self, cli: Cli, helm: str
    ) -> None:
        application = (
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: live\nspec:\n"
            f"  source:\n    path: chart\n    helm:\n      {helm}\n      values: 'replicas: 1'\n"
        )
        cli.write({**CHART, "apps/live.yaml": application})
        result = cli.run(*REPLICAS)
        assert "apps/live.yaml" not in {path for _, _, path, _ in result.found()}
        [notice] = result.report["notices"]
        assert (notice["path"], notice["line"]) == ("apps/live.yaml", 4)
        assert "is not rendered: " in notice["message"]

    def test_releases_of_the_same_name_are_told_apart(self, cli: Cli) -> None:
        release = (
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\n"
            "  namespace: {0}\nspec:\n  chart:\n    spec:\n      chart: ./chart\n"
            "      sourceRef: {{kind: GitRepository, name: me}}\n  values:\n    replicas: 1\n"
        )
        folders = ("dev", "east", "prod", "west")
        cli.write({**CHART, **{f"clusters/{f}/web.yaml": release.format("shop") for f in folders}})
        result = cli.run(*REPLICAS)
        found = [path for _, _, path, _ in result.found() if path.startswith("clusters/")]
        assert sorted(found) == [f"clusters/{folder}/web.yaml" for folder in folders]
        environments = [
            name
            for finding in result.findings
            for name in finding["environments"]
            if name not in ("stage", "default")
        ]
        assert len(set(environments)) == 4
        assert "web/prod" in environments

    def test_values_files_of_flux_in_place_of_those_of_the_chart_are_not_guessed(self, cli: Cli) -> None:
        release = (
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\nspec:\n"
            "  chart:\n    spec:\n      chart: ./chart\n      valuesFiles: {0}\n"
            "      sourceRef: {{kind: GitRepository, name: me}}\n"
        )
        cli.write({**CHART, "flux.yaml": release.format("[./chart/values-stage.yaml]")})
        [notice] = cli.run(*REPLICAS).report["notices"]
        assert "take the place of the `values.yaml`" in notice["message"]
        cli.write({"flux.yaml": release.format("[./chart/values.yaml, ./chart/values-stage.yaml]")})
        result = cli.run(*REPLICAS)
        assert result.report["notices"] == []
        assert (POLICY, "Deployment/web", "chart/values-stage.yaml", 2) in result.found()

    def test_a_helm_release_gives_the_values(self, cli: Cli) -> None:
        release = (
            'resource "helm_release" "web" {\n  name  = "web"\n  chart = "${path.module}/../chart"\n'
            '  set {\n    name  = "replicas"\n    value = "1"\n  }\n}\n'
        )
        cli.write({**CHART, "tf/main.tf": release})
        assert (POLICY, "Deployment/web", "tf/main.tf", 6) in cli.run(*REPLICAS).found()

    def test_a_release_with_unknown_values_is_not_rendered_on_a_guess(self, cli: Cli) -> None:
        release = (
            'variable "n" {}\nresource "helm_release" "web" {\n  name  = "web"\n  chart = "../chart"\n'
            '  set {\n    name  = "replicas"\n    value = var.n\n  }\n}\n'
        )
        cli.write({**CHART, "tf/main.tf": release})
        result = cli.run(*REPLICAS)
        [notice] = result.report["notices"]
        assert (notice["path"], notice["line"]) == ("tf/main.tf", 2)
        assert notice["message"].startswith("helm_release.web is not rendered, because ")


def test_without_an_engine_a_note_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "sdk", lambda: False)
    monkeypatch.setattr(engine, "program", lambda: None)
    cli.write({**CHART, "plain.yaml": DEPLOYMENT.format(replicas=1)})
    result = cli.run(*REPLICAS)
    assert result.found() == [(POLICY, "Deployment/web", "plain.yaml", 6)]
    [notice] = result.report["notices"]
    assert notice["message"] == (
        "Helm charts are not rendered, so not checked: the engine is not installed"
        " (`pip install 'readiness[helm]'`)"
    )


OVERLAYS = {
    "base/web.yaml": DEPLOYMENT.format(replicas=3),
    "base/kustomization.yaml": "resources:\n  - web.yaml\n",
    "overlays/prod/kustomization.yaml": "resources:\n  - ../../base\n",
    "overlays/stage/kustomization.yaml": "resources:\n  - ../../base\npatches:\n  - path: one.yaml\n",
    "overlays/stage/one.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n",
}


class TestOverlays:
    """Kustomize overlays."""

    def test_a_patch_is_told_where_it_is_written(self, cli: Cli) -> None:
        cli.write(OVERLAYS)
        result = cli.run(*REPLICAS)
        assert result.found() == [(POLICY, "Deployment/web", "overlays/stage/one.yaml", 6)]
        assert result.findings[0]["environments"] == ["stage"]
        assert result.findings[0]["all_environments"] == ["prod", "stage"]

    def test_a_patch_alone_gives_no_finding(self, cli: Cli) -> None:
        # A Service is told from a part of one by the kustomization alone.
        patch = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: LoadBalancer\n"
        cli.write({"patch.yaml": patch, "kustomization.yaml": "patches:\n  - path: patch.yaml\n"})
        result = cli.run("check", "--profile", "all", "-f", "json")
        assert result.found("fail", "unknown") == []
        assert [path for path, *_ in result.errors] == ["patch.yaml"] or result.errors
        named = cli.run("check", "--profile", "all", "-f", "json", "patch.yaml")
        assert named.found("fail", "unknown") == []

    def test_a_base_has_one_finding_for_all_its_overlays(self, cli: Cli) -> None:
        cli.write({**OVERLAYS, "overlays/test/kustomization.yaml": "resources:\n  - ../../base\n"})
        result = cli.run("check", "--select", "k8s-sec-non-root", "-f", "json")
        assert result.found() == [("k8s-sec-non-root", "Deployment/web", "base/web.yaml", 14)]
        assert result.findings[0]["environments"] == ["prod", "stage", "test"]

    def test_a_missing_base_is_an_error_with_its_place(self, cli: Cli) -> None:
        cli.write({**OVERLAYS, "overlays/lost/kustomization.yaml": "resources:\n  - ../../bsae\n"})
        result = cli.run(*REPLICAS)
        [(path, line, column, message)] = result.errors
        assert (path, line, column) == ("overlays/lost/kustomization.yaml", 2, 5)
        assert "../../bsae" in message and "does not exist" in message
        assert result.found() == [(POLICY, "Deployment/web", "overlays/stage/one.yaml", 6)]

    def test_nothing_outside_of_the_repository_is_read(self, cli: Cli) -> None:
        secret = cli.root.parent / f"{cli.root.name}-secret.yaml"
        secret.write_text(DEPLOYMENT.format(replicas=1).replace("name: web", "name: hidden"))
        cli.write({"a/kustomization.yaml": f"resources:\n  - ../../{secret.name}\n", **OVERLAYS})
        result = cli.run(*REPLICAS)
        assert [(path, line) for path, line, *_ in result.errors] == [("a/kustomization.yaml", 2)]
        assert "hidden" not in result.out

    def test_an_environment_that_is_chosen_is_the_only_one(self, cli: Cli) -> None:
        cli.write(OVERLAYS)
        assert cli.run(*REPLICAS, "--environment", "prod").found() == []
        assert len(cli.run(*REPLICAS, "--environment", "stage").found()) == 1

    def test_what_is_asked_of_the_whole_estate_has_no_environment(self, cli: Cli) -> None:
        cli.write(OVERLAYS)
        result = cli.run("check", "--select", "own-codeowners", "-f", "json")
        assert [(f["policy"], f["environments"]) for f in result.findings] == [("own-codeowners", [])]
