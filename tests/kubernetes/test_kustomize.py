"""Patches of overlays are parts of objects: they are known, and never taken for whole ones."""

from __future__ import annotations

import pytest

from readiness.estate.build import from_texts

PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n"
WHOLE = (
    PATCH + "  selector: {matchLabels: {app: web}}\n  template: {spec: {containers: [{name: a, image: b}]}}\n"
)


def addresses(texts: dict[str, str], errors: int = 0) -> list[str]:
    loaded = from_texts(texts)
    assert len(loaded.errors) == errors
    return [f"{resource.span.path} {resource.address}" for resource in loaded.estate.resources]


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches:\n  - path: patch.yaml\n",
        "patches:\n  - path: ./patch.yaml\n    target: {kind: Deployment}\n",
        "patchesStrategicMerge:\n  - patch.yaml\n",
        "patches:\n  - patch.yaml\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: patch.yaml}]\n",
    ],
)
def test_a_patch_file_is_no_resource(kustomization: str) -> None:
    texts = {
        "base/web.yaml": WHOLE,
        "prod/kustomization.yaml": kustomization,
        # Even one that would stand for itself: the overlay says that it is a patch.
        "prod/patch.yaml": WHOLE,
    }
    # A patch for nothing is an error as well, but for one with a target, which Kustomize passes over.
    assert addresses(texts, "target" not in kustomization) == ["base/web.yaml Deployment/web"]


def test_a_pod_without_an_image_is_a_patch() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: scheduler}\nspec:\n  containers: [{name: a%s}]\n"
    assert addresses({"patch.yaml": pod % ", resources: {}"}) == []
    assert addresses({"pod.yaml": pod % ", image: a:1"}) == ["pod.yaml Pod/scheduler"]


@pytest.mark.parametrize(
    ("spec", "whole"),
    [
        ("  replicas: 5\n", False),
        ("  template: {spec: {containers: [{name: web, resources: {}}]}}\n", False),
        ("  template: {spec: {containers: [{name: web, image: web:1}]}}\n", True),
        ("  selector: {matchLabels: {app: web}}\n", True),
    ],
)
def test_part_of_a_workload_is_known_by_what_it_lacks(spec: str, whole: bool) -> None:
    assert addresses({"patch.yaml": PATCH + spec}) == (["patch.yaml Deployment/web"] if whole else [])
