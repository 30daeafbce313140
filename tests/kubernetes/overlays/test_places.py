"""What a person edits to change a value of a build: base, patch, or an entry of the kustomization."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kubernetes.overlays.disk import build_texts, only

from readiness.values import List, Map

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        resources:
          limits: {cpu: 1}
      - name: side
        image: side:1
"""
OVERLAY = """\
resources: [../base]
namespace: prod
namePrefix: prod-
replicas:
- name: web
  count: 4
images:
- name: web
  newTag: "2"
labels:
- pairs: {team: one}
  includeTemplates: true
commonAnnotations:
  owner: us
patches:
- path: patch.yaml
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      strategy: {type: Recreate}
- target: {kind: Deployment}
  patch: |
    # A comment, and a line without anything.

    - op: add
      path: /spec/minReadySeconds
      value: 5
configMapGenerator:
- name: settings
  literals: [a=b]
  envs: [all.env]
replacements:
- source: {kind: ConfigMap, name: settings, fieldPath: data.a}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.paused]
    options: {create: true}
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        resources:
          limits: {memory: 64Mi}
      - name: new
        image: new:1
"""
TEXTS = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": BASE,
    "prod/kustomization.yaml": OVERLAY,
    "prod/patch.yaml": PATCH,
    "prod/all.env": "# all\nKEY=value\n",
}


def at(value: Any, *path: str | int) -> str:
    """Where an entry is written: its file and the line that it begins in."""
    for part in path[:-1]:
        value = value[part]
    assert isinstance(value, (Map, List))
    span = value.span_of(path[-1])  # type: ignore[arg-type]
    assert span is not None
    return f"{span.path}:{span.line}:{span.column}"


CONTAINERS = ("spec", "template", "spec", "containers")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("metadata", "name"), "base/web.yaml:4:3"),
        (("metadata", "namespace"), "prod/kustomization.yaml:2:1"),
        (("metadata", "labels", "team"), "prod/kustomization.yaml:11:11"),
        (("metadata", "annotations", "owner"), "prod/kustomization.yaml:14:3"),
        (("spec", "replicas"), "prod/kustomization.yaml:6:3"),
        (("spec", "strategy", "type"), "prod/kustomization.yaml:23:18"),
        (("spec", "minReadySeconds"), "prod/kustomization.yaml:30:7"),
        (("spec", "paused"), "prod/kustomization.yaml:33:14"),
        (("spec", "template", "metadata", "labels", "app"), "base/web.yaml:8:25"),
        (("spec", "template", "metadata", "labels", "team"), "prod/kustomization.yaml:11:11"),
        ((*CONTAINERS, 0), "base/web.yaml:11:9"),
        ((*CONTAINERS, 0, "name"), "base/web.yaml:11:9"),
        ((*CONTAINERS, 0, "image"), "prod/kustomization.yaml:9:3"),
        ((*CONTAINERS, 0, "resources"), "base/web.yaml:13:9"),
        ((*CONTAINERS, 0, "resources", "limits", "cpu"), "base/web.yaml:14:20"),
        ((*CONTAINERS, 0, "resources", "limits", "memory"), "prod/patch.yaml:11:20"),
        ((*CONTAINERS, 1), "prod/patch.yaml:12:9"),
        ((*CONTAINERS, 1, "image"), "prod/patch.yaml:13:9"),
        ((*CONTAINERS, 2, "image"), "base/web.yaml:16:9"),
    ],
)
def test_a_value_is_where_a_person_edits_it(path: tuple[str | int, ...], place: str) -> None:
    built = only(build_texts(TEXTS), "prod/kustomization.yaml")
    web = next(value for value in built.objects if value["kind"] == "Deployment")
    assert web["metadata"]["name"] == "prod-web"
    assert [container["name"] for container in web["spec"]["template"]["spec"]["containers"]] == [
        "web",
        "new",
        "side",
    ]
    assert at(web, *path) == place


SAME = """\
resources: [../base]
replicas:
- name: web
  count: 1
images:
- name: web
  newTag: "1"
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - name: side
            image: side:1
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("metadata", "name"), "base/web.yaml:4:3"),
        (("spec", "replicas"), "prod/kustomization.yaml:4:3"),
        ((*CONTAINERS, 0, "name"), "base/web.yaml:15:9"),
        ((*CONTAINERS, 0, "image"), "prod/kustomization.yaml:18:13"),
        ((*CONTAINERS, 1, "image"), "prod/kustomization.yaml:7:3"),
    ],
)
def test_what_an_overlay_says_again_is_where_it_says_so(path: tuple[str | int, ...], place: str) -> None:
    texts = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": BASE}
    built = only(build_texts(texts | {"prod/kustomization.yaml": SAME}), "prod/kustomization.yaml")
    containers = built.objects[0]["spec"]["template"]["spec"]["containers"]
    assert [(one["name"], one["image"]) for one in containers] == [("side", "side:1"), ("web", "web:1")]
    assert at(built.objects[0], *path) == place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("metadata", "name"), "prod/kustomization.yaml:32:3"),
        (("data", "a"), "prod/kustomization.yaml:33:14"),
        (("data", "KEY"), "prod/all.env:2:1"),
        (("kind",), "prod/kustomization.yaml:32:3"),
    ],
)
def test_a_generated_value_is_where_its_generator_says_it(path: tuple[str, ...], place: str) -> None:
    built = only(build_texts(TEXTS), "prod/kustomization.yaml")
    settings = next(value for value in built.objects if value["kind"] == "ConfigMap")
    assert settings["data"] == {"a": "b", "KEY": "value"}
    assert at(settings, *path) == place


def test_nothing_of_the_base_is_changed() -> None:
    texts = TEXTS | {"plain/kustomization.yaml": "resources: [../base]\n"}
    overlays = build_texts(texts)
    web = only(overlays, "plain/kustomization.yaml").objects[0]
    assert (web["metadata"]["name"], web["spec"]["replicas"]) == ("web", 1)
    assert at(web, "spec", "replicas") == "base/web.yaml:6:3"
    assert len(web["spec"]["template"]["spec"]["containers"]) == 2


def test_a_build_names_every_file_that_took_part() -> None:
    overlays = build_texts(TEXTS)
    assert only(overlays, "prod/kustomization.yaml").used == set(TEXTS)
    assert overlays.used == set(TEXTS)


def test_a_patch_file_alone_gives_no_object() -> None:
    assert build_texts({"patch.yaml": PATCH}).built == []
    overlays = build_texts(
        {"prod/kustomization.yaml": "patches: [{path: patch.yaml}]\n", "prod/patch.yaml": PATCH}
    )
    assert overlays.built[0].objects == []
    assert [(error.path, error.line) for error in overlays.errors] == [("prod/patch.yaml", 1)]
