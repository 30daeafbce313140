"""What is filled in before a manifest is applied: an unknown where the API takes no such text."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.kubernetes.build import build
from readiness.kubernetes.placeholders import is_open, may_become
from readiness.sources.yaml_source import read
from readiness.values import Unknown

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${APP}
  namespace: ${NAMESPACE}
  labels: {app: "${APP}"}
  annotations: {note: "${NOTE}"}
spec:
  replicas: ${REPLICAS:=2}
  selector: {matchLabels: {app: "${APP}"}}
  template:
    metadata: {labels: {app: "${APP}"}}
    spec:
      serviceAccountName: ${APP}
      containers:
        - name: ${APP}
          image: registry.example.com/app:${TAG}
          command: [sh, -c, "echo ${HOME}"]
          args: ["$(FLAGS)"]
          env: [{name: PASSWORD, value: "${PASSWORD}"}]
          resources: {limits: {memory: "$MEMORY"}}
          securityContext: {capabilities: {drop: ["{{ caps }}", ALL]}}
          volumeMounts: [{name: data, mountPath: /data, subPathExpr: $(POD_NAME)}]
"""
CONTAINER = ("spec", "template", "spec", "containers", 0)


def resource(text: str) -> Any:
    [found], errors = build([("a.yaml", read("a.yaml", text))])
    assert errors == []
    return found


def value(body: Any, *path: str | int) -> Any:
    for part in path:
        body = body[part]
    return body


@pytest.mark.parametrize(
    ("path", "prefix", "placeholder", "line"),
    [
        (("spec", "replicas"), "", "${REPLICAS:=2}", 9),
        ((*CONTAINER, "image"), "registry.example.com/app:", "${TAG}", 17),
        ((*CONTAINER, "resources", "limits", "memory"), "", "$MEMORY", 21),
        ((*CONTAINER, "securityContext", "capabilities", "drop", 0), "", "{{ caps }}", 22),
    ],
)
def test_values_are_unknown(path: tuple[str | int, ...], prefix: str, placeholder: str, line: int) -> None:
    found = value(resource(DEPLOYMENT).body, *path)
    assert isinstance(found, Unknown)
    assert found.reason == f"`{placeholder}` is filled in before this is applied"
    assert (found.prefix, found.not_null) == (prefix, prefix != "")
    assert found.span is not None and found.span.line == line


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("metadata", "name"), "${APP}"),
        (("metadata", "namespace"), "${NAMESPACE}"),
        (("metadata", "labels", "app"), "${APP}"),
        (("metadata", "annotations", "note"), "${NOTE}"),
        (("spec", "selector", "matchLabels", "app"), "${APP}"),
        (("spec", "template", "spec", "serviceAccountName"), "${APP}"),
        ((*CONTAINER, "name"), "${APP}"),
        ((*CONTAINER, "command", 2), "echo ${HOME}"),
        ((*CONTAINER, "args", 0), "$(FLAGS)"),
        ((*CONTAINER, "env", 0, "value"), "${PASSWORD}"),
        ((*CONTAINER, "securityContext", "capabilities", "drop", 1), "ALL"),
        ((*CONTAINER, "volumeMounts", 0, "subPathExpr"), "$(POD_NAME)"),
    ],
)
def test_names_and_what_programs_read_stay(path: tuple[str | int, ...], text: str) -> None:
    assert value(resource(DEPLOYMENT).body, *path) == text


def test_the_address_says_what_is_written() -> None:
    assert resource(DEPLOYMENT).address == "Deployment/${NAMESPACE}/${APP}"


@pytest.mark.parametrize(
    ("kind", "path", "unknown"),
    [
        ("argoproj.io/v1alpha1 Rollout", ("spec", "whole"), True),
        ("argoproj.io/v1alpha1 Rollout", ("spec", "part"), False),
        ("argoproj.io/v1alpha1 Rollout", ("spec", "image"), True),
        ("apps/v1 Deployment", ("spec", "part"), True),
        ("helm.toolkit.fluxcd.io/v2 HelmRelease", ("spec", "whole"), False),
        ("v1 ConfigMap", ("spec", "whole"), False),
        ("apps/v1 Deployment", ("spec", "path"), False),
    ],
)
def test_kinds_of_others_hold_texts_for_programs(kind: str, path: tuple[str, ...], unknown: bool) -> None:
    version, name = kind.split()
    text = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a}}\nspec:\n"
    text += "  whole: ${A}\n  part: sum(${A})\n  image: web:${A}\n  path: /shop(/|$)(.*)\n"
    assert isinstance(value(resource(text).body, *path), Unknown) == unknown


def test_what_is_shared_is_not_changed() -> None:
    file = read("a.yaml", DEPLOYMENT)
    build([("a.yaml", file)])
    assert file.documents[0].root["spec"]["replicas"] == "${REPLICAS:=2}"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("${APP}", "shop", True),
        ("${APP}-web", "shop-web", True),
        ("${APP}-web", "shop-api", False),
        ("shop", "shop", True),
        ("shop", "shops", False),
        ("a.b$X", "acb", False),
    ],
)
def test_what_a_name_may_become(text: str, name: str, expected: bool) -> None:
    assert may_become(text, name) == expected


@pytest.mark.parametrize("text", ["shop", "a$", "$1", "100$", "{}", "", None, 3])
def test_plain_names(text: Any) -> None:
    assert not is_open(text)


HASHED = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: #SERVICE#-web # filled in by the pipeline
spec:
  ingressClassName: # TODO
  rules:
    - host: #SERVICE#.#ENVIRONMENT#.example.com
      http:
        paths:
          - #PATHS#
"""


def test_what_yaml_takes_for_a_comment_is_a_placeholder_where_a_value_is_missing() -> None:
    found = resource(HASHED)
    assert found.address == "Ingress/#SERVICE#-web"
    assert found.body["metadata"].value_spans["name"][1:] == (4, 9, 4, 22)
    assert found.body["spec"]["ingressClassName"] is None
    host = value(found.body, "spec", "rules", 0, "host")
    assert isinstance(host, Unknown)
    assert (host.prefix, host.suffix) == ("", ".example.com")
    assert "`#SERVICE#, #ENVIRONMENT#` are filled in" in host.reason
    assert isinstance(value(found.body, "spec", "rules", 0, "http", "paths", 0), Unknown)


@pytest.mark.parametrize("text", ["a: #TODO: more\n", "a: #todo#\n", "a: #TODO# more\n", "a: #A##\n b: 1\n"])
def test_comments_stay_comments(text: str) -> None:
    root = read("a.yaml", text).documents[0].root
    assert root["a"] is None or root["a"] == {"b": 1}
