"""What is wrong with an overlay is told with its place, and everything else is built."""

from __future__ import annotations

import pytest
from tests.counting import counted
from tests.kubernetes.overlays.disk import build_texts, told
from tests.kubernetes.overlays.test_cases import CASES, build

WEB = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n"
    "  template: {spec: {containers: [{name: a, image: a}]}}\n"
)


def one(kustomization: str, **more: str) -> dict[str, str]:
    """A kustomization beside a Deployment, and more files by name (`__` is a dot)."""
    files = {name.replace("__", "."): text for name, text in more.items()}
    return {"app/kustomization.yaml": kustomization, "app/web.yaml": WEB} | {
        f"app/{name}": text for name, text in files.items()
    }


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            "error-missing-resource",
            [
                "overlay/kustomization.yaml:3:3 `../absent` does not exist: there is no `absent`",
                "overlay/kustomization.yaml:4:3 `gone.yaml` does not exist: there is no `overlay/gone.yaml`",
            ],
        ),
        (
            "error-duplicate",
            [
                "overlay/kustomization.yaml:3:3 Service/default/web is in this build twice (the other one is at "
                "base/web.yaml:50); Kustomize does not allow that"
            ],
        ),
        (
            "error-cycle",
            [
                "overlay/kustomization.yaml:1:13 the kustomizations name each other in a circle: "
                "other → overlay → other"
            ],
        ),
        (
            "error-patch-without-target",
            ["overlay/patch.yaml:1:1 this patch is for Deployment/webb, which is not in this build"],
        ),
        (
            "error-patch-other-namespace",
            [
                "overlay/kustomization.yaml:4:5 this patch is for Deployment/shop/web, which is not in this build; "
                "there it is in the namespace `default`"
            ],
        ),
        (
            "error-json-path",
            [
                "overlay/kustomization.yaml:6:7 Deployment/web: there is no `absent` on the way to "
                "`/spec/absent/deeper`"
            ],
        ),
        (
            "error-json-test",
            ["overlay/kustomization.yaml:6:7 Deployment/web: the test of `/spec/replicas` fails: it is `1`"],
        ),
        (
            "error-unknown-field",
            [
                "overlay/kustomization.yaml:2:1 a kustomization has no field `configMapGenerators`; "
                "did you mean `configMapGenerator`?"
            ],
        ),
        (
            "error-wrong-type",
            [
                "overlay/kustomization.yaml:1:12 `resources` is a list, not `../base`",
                "overlay/kustomization.yaml:2:19 `a` is text, not `1` (put it in quotes)",
            ],
        ),
        (
            "error-two-kustomizations",
            [
                "overlay/kustomization.yml:1:1 `overlay` has two kustomizations: this one and `overlay/kustomization.yaml`"
            ],
        ),
        (
            "error-generator-file",
            ["overlay/kustomization.yaml:4:11 `absent.ini` does not exist: there is no `overlay/absent.ini`"],
        ),
        (
            "error-merge-kinds",
            [
                "overlay/kustomization.yaml:9:9 Deployment/web: `spec` is a list in this patch and a mapping in the "
                "object that it patches"
            ],
        ),
    ],
)
def test_an_error_names_its_place(case: str, expected: list[str]) -> None:
    overlays = build(CASES / case)
    assert told(overlays.errors) == expected
    assert overlays.notices == []


@pytest.mark.parametrize(
    ("kustomization", "expected"),
    [
        ("resources: [web.yaml]\nnamesuffix: -x\n", []),
        ("resources: [web.yaml]\nimages: [{name: a, tag: b}]\n", ["app/kustomization.yaml:2:20 an item of `images` has no field `tag`"]),
        ("resources: [web.yaml]\nkind: Kustomisation\n", ["app/kustomization.yaml:2:1 `kind` of a kustomization is `Kustomization` or `Component`, not `Kustomisation`"]),
        (
            "resources: [web.yaml]\napiVersion: kustomize.config.k8s.io/v1\n",
            ["app/kustomization.yaml:2:1 `apiVersion` of a Kustomization is `kustomize.config.k8s.io/v1beta1`, not `kustomize.config.k8s.io/v1`"],
        ),
        ("resources: [web.yaml, /etc/passwd]\n", ["app/kustomization.yaml:1:23 `/etc/passwd` is an absolute path; Kustomize reads files of the repository only"]),
        ("resources: [web.yaml, ../../secret.yaml]\n", ["app/kustomization.yaml:1:23 `../../secret.yaml` does not exist: it lies outside of what is checked"]),
        (
            "resources: [web.yaml]\npatches: [{target: {kind: Deploy(.*}, patch: '[]'}]\n",
            ["app/kustomization.yaml:2:20 `Deploy(.*` is no valid pattern (missing ), unterminated subpattern)"],
        ),
        (
            "resources: [web.yaml]\npatches: [{target: {name: (a+)+b}, patch: '[]'}]\n",
            ["app/kustomization.yaml:2:20 the pattern `(a+)+b` repeats too much to be evaluated"],
        ),
        (
            "resources: [web.yaml]\nsortOptions: {order: random}\n",
            ["app/kustomization.yaml:2:15 `order` of `sortOptions` is `legacy` or `fifo`, not `random`"],
        ),
    ],
)  # fmt: skip
def test_the_rest_is_built(kustomization: str, expected: list[str]) -> None:
    overlays = build_texts(one(kustomization))
    assert told(overlays.errors) == expected
    assert [value["kind"] for value in overlays.built[0].objects] == ["Deployment"]


def test_a_patch_that_fails_leaves_the_object_and_the_other_patches() -> None:
    text = """\
resources: [web.yaml]
patches:
- target: {kind: Deployment}
  patch: |-
    - {op: add, path: /spec/first, value: 1}
    - {op: remove, path: /spec/absent}
- target: {kind: Deployment}
  patch: |-
    - {op: replace, path: /spec/replicas, value: 9}
"""
    overlays = build_texts(one(text))
    assert told(overlays.errors) == [
        "app/kustomization.yaml:6:20 Deployment/web: there is no `/spec/absent` to remove"
    ]
    spec = overlays.built[0].objects[0]["spec"]
    assert (spec["replicas"], "first" in spec) == (9, False)


@pytest.mark.parametrize(
    "name",
    [
        "https://example.com/a.yaml",
        "github.com/example/repo//base?ref=v1",
        "git@github.com:example/repo.git",
        "git::https://example.com/repo",
        "ssh://git@example.com/repo.git",
        "oci://example.com/base",
    ],
)
def test_what_is_remote_is_not_fetched_and_no_error(name: str) -> None:
    text = f"""\
resources: [web.yaml, "{name}"]
replicas: [{{name: there, count: 2}}]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: there}}
- target: {{name: there-too}}
  patch: |-
    - {{op: remove, path: /spec}}
replacements:
- source: {{kind: Secret, name: there}}
  targets: [{{select: {{kind: Deployment}}, fieldPaths: [spec.x]}}]
"""
    overlays = build_texts(one(text))
    assert overlays.errors == []
    assert told(overlays.notices) == [
        f"app/kustomization.yaml:1:23 `{name}` is not fetched, so its objects are not checked"
    ]
    assert [value["metadata"]["name"] for value in overlays.built[0].objects] == ["web"]


def test_a_selector_that_means_nothing_is_a_notice() -> None:
    text = "resources: [web.yaml]\npatches:\n- target: {kind: Job}\n  patch: '[{op: remove, path: /spec}]'\n"
    overlays = build_texts(one(text))
    assert overlays.errors == []
    assert told(overlays.notices) == [
        "app/kustomization.yaml:3:11 no build has an object that this `target` means"
    ]


def test_programs_and_containers_are_not_run() -> None:
    text = "resources: [web.yaml]\ntransformers: [fn.yaml]\nvalidators: [fn.yaml]\ngenerators: [fn.yaml]\n"
    plugin = "apiVersion: example.com/v1\nkind: Doer\nmetadata: {name: it}\n"
    overlays = build_texts(one(text, fn__yaml=plugin))
    assert overlays.errors == []
    assert told(overlays.notices) == ["app/fn.yaml:1:1 the plugin Doer/it of `example.com/v1` is not run"]
    assert [value["kind"] for value in overlays.built[0].objects] == ["Deployment"]


def test_a_secret_of_a_file_that_is_not_committed_is_unknown() -> None:
    text = "resources: [web.yaml]\nsecretGenerator:\n- name: s\n  envs: [.env]\n"
    overlays = build_texts(one(text))
    assert overlays.errors == []
    assert told(overlays.notices) == [
        "app/kustomization.yaml:4:10 `.env` is not in the repository, so what this Secret holds is not known"
    ]
    secret = overlays.built[0].objects[0]
    assert secret["metadata"]["name"] == "s"
    assert "comes from `.env`" in secret["data"].reason


def test_a_file_outside_of_the_folder_is_read_with_a_notice() -> None:
    texts = one("resources: [web.yaml, ../other/map.yaml]\n")
    texts["other/map.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n"
    overlays = build_texts(texts)
    assert overlays.errors == []
    assert [notice.line for notice in overlays.notices] == [1]
    assert "LoadRestrictionsNone" in overlays.notices[0].message
    assert [value["kind"] for value in overlays.built[0].objects] == ["ConfigMap", "Deployment"]


def test_a_broken_file_is_told_and_the_others_are_built() -> None:
    texts = one("resources: [web.yaml, broken.yaml]\npatches: [{path: p.yaml}]\n", broken__yaml="a: [\n")
    texts["app/p.yaml"] = "apiVersion: v1\nkind: Service\nmetadata: {name: in-broken}\n"
    overlays = build_texts(texts)
    assert [(error.path, error.line) for error in overlays.errors] == [("app/broken.yaml", 1)]
    assert [value["kind"] for value in overlays.built[0].objects] == ["Deployment"]


def test_a_kustomization_of_flux_is_none_of_ours() -> None:
    text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {}\n"
    overlays = build_texts({"app/kustomization.yaml": text})
    assert (overlays.built, overlays.errors, overlays.used) == ([], [], set())


def test_a_chart_is_rendered_by_the_caller_and_patched() -> None:
    text = """\
helmCharts:
- name: redis
  releaseName: cache
namespace: shop
patches:
- target: {kind: Pod}
  patch: |-
    - {op: add, path: /spec, value: {a: 1}}
"""
    texts = {
        "app/kustomization.yaml": text,
        "app/charts/redis.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n",
    }
    rendered = build_texts(
        {"x/kustomization.yaml": "resources: [a.yaml]\n", "x/a.yaml": texts["app/charts/redis.yaml"]}
    )
    asked = []

    def render(entry: dict[str, str], folder: str) -> list[dict[str, str]]:
        asked.append((entry["name"], entry["releaseName"], folder))
        return rendered.built[0].objects

    overlays = build_texts(texts, render_chart=render)
    assert asked == [("redis", "cache", "app")]
    assert (overlays.errors, overlays.notices) == ([], [])
    # The chart has its own namespace: Kustomize leaves its objects where they are.
    assert overlays.built[0].objects == [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"a": 1}}
    ]
    assert told(build_texts(texts).notices) == [
        "app/kustomization.yaml:2:3 the chart `redis` is not rendered, so its objects are not checked"
    ]


def test_the_work_grows_with_the_number_of_overlays_only() -> None:
    def calls(count: int) -> int:
        texts = {"base/kustomization.yaml": "resources: [all.yaml]\n"}
        texts["base/all.yaml"] = "---\n".join(WEB.replace("name: web", f"name: web{n}") for n in range(30))
        for number in range(count):
            texts[f"overlays/e{number}/kustomization.yaml"] = (
                f"resources: [../../base]\nnamespace: n{number}\nnamePrefix: p-\nimages: [{{name: a, newTag: '{number}'}}]\n"
            )
        with counted() as made:
            overlays = build_texts(texts)
        assert sum(len(built.objects) for built in overlays.built) == 30 * count
        return made.number

    assert calls(40) < 5 * calls(10)
