"""`check --changed`: everything is looked at, and what the named files touch is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"
BUCKET = "demo-bucket-encrypted"
OWNER = "demo-config-owner"
PROBE = "demo-workload-probe"
SELECT = f"{BUCKET},{OWNER},{PROBE}"

MODULE = 'variable "on" {\n  default = false\n}\n\nresource "demo_bucket" "this" {\n  encrypted = var.on\n}\n'
CALL = 'module "{0}" {{\n  source = "../../modules/bucket"\n}}\n'


def bucket(name: str) -> str:
    return f'resource "demo_bucket" "{name}" {{\n}}\n'


def config(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def deployment(name: str, mounts: str = "") -> str:
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n"
    text += f"  selector:\n    matchLabels: {{app: {name}}}\n"
    text += f"  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:\n"
    text += "      containers:\n        - name: main\n          image: example.com/app:1\n"
    if mounts:
        text += f"          envFrom:\n            - configMapRef: {{name: {mounts}}}\n"
    return text


TERRAFORM = {
    "live/a/main.tf": CALL.format("store"),
    "live/a/other.tf": bucket("other"),
    "live/b/main.tf": bucket("alone"),
    "live/c/main.tf": CALL.format("third"),
    "modules/bucket/main.tf": MODULE,
}
MANIFESTS = {
    "deploy/app.yaml": deployment("app", "settings"),
    "deploy/settings.yaml": config("settings"),
    "deploy/unrelated.yaml": config("unrelated"),
    "else/far.yaml": deployment("far"),
}
IN_A = [("demo_bucket.other", "live/a/other.tf"), ("module.store.demo_bucket.this", "modules/bucket/main.tf")]


def told(result: Any) -> list[tuple[str, str]]:
    """The addresses and files of the findings that fail."""
    return sorted((address, path) for _, address, path, _ in result.found())


def test_a_folder_of_terraform_is_judged_as_a_whole(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    assert told(cli.check("--changed", "live/a/main.tf", select=SELECT)) == IN_A
    assert told(cli.check("--changed", "live/b/main.tf", select=SELECT)) == [
        ("demo_bucket.alone", "live/b/main.tf")
    ]


def test_a_module_touches_the_roots_that_call_it(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    result = cli.check("--changed", "modules/bucket/main.tf", select=SELECT)
    assert told(result) == IN_A
    (shared,) = [f for f in result.findings if f["location"]["path"] == "modules/bucket/main.tf"]
    assert shared["instances"] == ["module.third.demo_bucket.this"]


def test_a_module_of_a_module_touches_the_roots_above(cli: Any) -> None:
    outer = 'module "inner" {\n  source = "../bucket"\n}\n'
    call = 'module "outer" {\n  source = "../../modules/outer"\n}\n'
    cli.write({**TERRAFORM, "modules/outer/main.tf": outer, "live/d/main.tf": call + bucket("d")})
    found = told(cli.check("--changed", "modules/bucket/main.tf", select=SELECT))
    assert ("demo_bucket.d", "live/d/main.tf") in found
    assert ("demo_bucket.alone", "live/b/main.tf") not in found


def test_findings_are_known_by_what_a_whole_run_knows_them_by(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    whole = {f["fingerprint"]: f for f in cli.check(select=SELECT).findings}
    for path in (*TERRAFORM, *MANIFESTS):
        for finding in cli.check("--changed", path, select=SELECT).findings:
            assert whole[finding["fingerprint"]] == finding, path


def test_all_files_are_a_whole_run(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    whole = cli.check(select=SELECT)
    every = cli.check("--changed", *TERRAFORM, *MANIFESTS, select=SELECT)
    assert (every.findings, every.report["summary"]) == (whole.findings, whole.report["summary"])
    assert cli.check("--changed", ".", select=SELECT).findings == whole.findings


def test_files_by_turns_give_what_they_give_at_once(cli: Any) -> None:
    # A hook is called several times where a commit has more files than a command line takes.
    cli.write({**TERRAFORM, **MANIFESTS})
    at_once = told(cli.check("--changed", "live/b/main.tf", "deploy/app.yaml", select=SELECT))
    by_turns = [
        *told(cli.check("--changed", "live/b/main.tf", select=SELECT)),
        *told(cli.check("--changed", "deploy/app.yaml", select=SELECT)),
    ]
    assert at_once == sorted(by_turns)


@pytest.mark.parametrize(
    "path", ["live/a/terraform.tfvars", "live/a/prod.auto.tfvars", "live/a/envs/prod.tfvars"]
)
def test_variable_files_touch_their_root(cli: Any, path: str) -> None:
    variable = 'variable "on" {\n  type = bool\n}\n\nresource "demo_bucket" "v" {\n  encrypted = var.on\n}\n'
    cli.write({**TERRAFORM, "live/a/v.tf": variable, path: "on = false\n"})
    found = told(cli.check("--changed", path, select=SELECT))
    assert found == sorted([*IN_A, ("demo_bucket.v", "live/a/v.tf")])


def test_a_file_that_a_function_reads_touches_the_root(cli: Any) -> None:
    reads = 'resource "demo_bucket" "r" {\n  name = file("${path.module}/files/name.json")\n}\n'
    cli.write(
        {**TERRAFORM, "live/b/reads.tf": reads, "live/b/files/name.json": "x", "live/b/files/no.json": "x"}
    )
    found = told(cli.check("--changed", "live/b/files/name.json", select=SELECT))
    assert found == [("demo_bucket.alone", "live/b/main.tf"), ("demo_bucket.r", "live/b/reads.tf")]
    result = cli.check("--changed", "live/b/files/no.json", "--allow-empty", select=SELECT)
    assert (result.status, result.findings) == (0, [])


def test_a_manifest_touches_what_is_linked_with_it(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    app, settings = ("Deployment/app", "deploy/app.yaml"), ("ConfigMap/settings", "deploy/settings.yaml")
    assert told(cli.check("--changed", "deploy/app.yaml", select=SELECT)) == [settings, app]
    assert told(cli.check("--changed", "deploy/settings.yaml", select=SELECT)) == [settings, app]
    result = cli.check("--changed", "deploy/unrelated.yaml", select=SELECT)
    assert told(result) == [("ConfigMap/unrelated", "deploy/unrelated.yaml")]
    assert (result.report["summary"]["files"], result.report["summary"]["resources"]) == (1, 1)


BUDGET = """apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: app
spec:
  minAvailable: 1
  selector:
    matchLabels: {app: app}
"""


def test_a_replica_less_is_a_matter_of_the_budget(cli: Any) -> None:
    scaled = MANIFESTS["deploy/app.yaml"].replace("spec:\n", "spec:\n  replicas: 1\n", 1)
    cli.write({**MANIFESTS, "deploy/app.yaml": scaled, "deploy/budget.yaml": BUDGET})
    select = "k8s-pdb-blocks-drain"
    budget = [("PodDisruptionBudget/app", "deploy/budget.yaml")]
    assert told(cli.check("--changed", "deploy/app.yaml", select=select)) == budget
    # Each alone, neither is wrong.
    assert told(cli.check("deploy/app.yaml", select=select)) == []
    assert told(cli.check("deploy/budget.yaml", select=select)) == []


def test_a_file_that_is_gone(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    assert told(cli.check("--changed", "live/a/gone.tf", select=SELECT)) == IN_A
    assert [address for address, _ in told(cli.check("--changed", "deploy/gone.yaml", select=SELECT))] == [
        "ConfigMap/settings",
        "ConfigMap/unrelated",
        "Deployment/app",
    ]


def test_errors_elsewhere_do_not_stop_a_commit(cli: Any) -> None:
    cli.write({**TERRAFORM, "live/c/broken.tf": "a = = 1\n", "else/broken.yaml": "apiVersion: v1\nkind: [\n"})
    result = cli.check("--changed", "live/b/main.tf", select=SELECT)
    assert (result.errors, result.report["summary"]["unread"]) == ([], 0)
    for path in ("live/c/main.tf", "modules/bucket/main.tf", "live/c/broken.tf"):
        errors = cli.check("--changed", path, select=SELECT).errors
        assert [error[0] for error in errors] == ["live/c/broken.tf"], path
    assert [e[0] for e in cli.check("--changed", "else/broken.yaml", select=SELECT).errors] == [
        "else/broken.yaml"
    ]


def test_nothing_of_ours(cli: Any) -> None:
    cli.write({**TERRAFORM, "README.md": "# Hello\n"})
    assert cli.check("--changed", "README.md", select=SELECT).status == 3
    assert cli.check("--changed", "README.md", "--allow-empty", select=SELECT).status == 0
    assert cli.check("--changed", "--allow-empty", select=SELECT).status == 0
    assert cli.check("--changed", select=SELECT).status == 3


def test_a_baseline_holds(cli: Any) -> None:
    cli.write({**TERRAFORM, **MANIFESTS})
    own = ("--policies", str(OWN_POLICIES), "--select", SELECT)
    assert cli.run("baseline", "create", *own).status == 0
    for path in ("modules/bucket/main.tf", "live/c/main.tf", "deploy/app.yaml"):
        result = cli.check("--baseline", "readiness-baseline.json", "--changed", path, select=SELECT)
        assert (result.status, result.found()) == (0, []), path
        assert result.found("baselined"), path


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "name: shop\n",
    "chart/templates/_helpers.tpl": '{{ define "shop.name" }}{{ .Values.name }}{{ end }}\n',
    "chart/templates/one.yaml": config('{{ include "shop.name" . }}-one'),
    "chart/templates/two.yaml": config('{{ include "shop.name" . }}-two'),
}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("chart/templates/one.yaml", ["one"]),
        ("chart/templates/_helpers.tpl", ["one", "two"]),
        ("chart/values.yaml", ["one", "two"]),
        ("chart/Chart.yaml", ["one", "two"]),
        ("chart/templates/gone.yaml", ["one", "two"]),
    ],
)
def test_files_of_a_chart(cli: Any, path: str, names: list[str]) -> None:
    cli.write({**CHART, **MANIFESTS})
    found = told(cli.check("--changed", path, select=SELECT))
    assert [address for address, _ in found] == [f"ConfigMap/shop-{name}" for name in names]


def test_a_chart_that_breaks_is_told_where_it_breaks(cli: Any) -> None:
    broken = {**CHART, "chart/templates/two.yaml": config("{{ .Values.no.such }}"), **MANIFESTS}
    cli.write(broken)
    assert cli.check("--changed", "deploy/app.yaml", select=SELECT).errors == []
    result = cli.check("--changed", "chart/values.yaml", select=SELECT)
    assert [error[0] for error in result.errors] == ["chart/templates/two.yaml"]


OVERLAY = {
    "base/kustomization.yaml": "resources: [one.yaml, two.yaml]\n",
    "base/one.yaml": config("one"),
    "base/two.yaml": config("two"),
    "overlays/prod/kustomization.yaml": "resources: [../../base]\npatches: [{path: patch.yaml}]\n",
    "overlays/prod/patch.yaml": config("one") + "data: {a: b}\n",
}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("base/one.yaml", ["one"]),
        ("base/kustomization.yaml", ["one", "two"]),
        ("overlays/prod/patch.yaml", ["one", "two"]),
        ("overlays/prod/kustomization.yaml", ["one", "two"]),
    ],
)
def test_files_of_an_overlay(cli: Any, path: str, names: list[str]) -> None:
    cli.write({**OVERLAY, **MANIFESTS})
    found = told(cli.check("--changed", path, select=SELECT))
    assert [address for address, _ in found] == [f"ConfigMap/{name}" for name in names]


def test_ignores_of_what_is_touched_alone(cli: Any) -> None:
    ignored = "# readiness:ignore demo-bucket-encrypted reason: x\n" + bucket("x")
    cli.write({**TERRAFORM, "live/b/main.tf": ignored, "live/c/x.tf": ignored})
    result = cli.check("--changed", "live/b/main.tf", select=SELECT)
    assert [f[2] for f in result.found("suppressed")] == ["live/b/main.tf"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--changed", "-"), "--changed needs files: standard input is none"),
        (("--changed", "--diff-base", "HEAD", "a.tf"), "--changed and --diff-base exclude each other"),
    ],
)
def test_what_does_not_go_together(cli: Any, args: tuple[str, ...], message: str) -> None:
    cli.write(TERRAFORM)
    result = cli.run("check", *args, stdin=b"")
    assert (result.status, result.out) == (2, "")
    assert message in result.err
