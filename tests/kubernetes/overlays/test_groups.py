"""Which kustomizations are built, and which are variants of one thing."""

from __future__ import annotations

import pytest
from tests.kubernetes.overlays.disk import build_texts

NAMES = frozenset({"prod", "dev", "staging"})
THING = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def variants(folders: dict[str, str]) -> list[tuple[str, str, str]]:
    """Entry, root and variant of each build; a folder is given with what it names (`+x`: a component)."""
    texts = {}
    for folder, names in folders.items():
        component = (
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n" if names.startswith("!") else ""
        )
        words = names.lstrip("!").split()
        resources = [name for name in words if not name.startswith("+")]
        parts = [name[1:] for name in words if name.startswith("+")]
        if "a.yaml" in resources:
            texts[f"{folder}/a.yaml"] = THING.replace("name: a", f"name: {folder[0]}")
        texts[f"{folder}/kustomization.yaml"] = f"{component}resources: {resources}\ncomponents: {parts}\n"
    overlays = build_texts(texts, names=NAMES)
    assert overlays.errors == []
    return [(built.entry.rpartition("/")[0], built.root, built.variant) for built in overlays.built]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ({"app": "a.yaml"}, [("app", "app", "")]),
        ({"app/prod": "a.yaml"}, [("app/prod", "app", "prod")]),
        ({"base": "a.yaml", "overlay": "../base"}, [("overlay", "overlay", "")]),
        (
            {"base": "a.yaml", "overlays/dev": "../../base", "overlays/prod": "../../base"},
            [("overlays/dev", "base", "dev"), ("overlays/prod", "base", "prod")],
        ),
        (
            {"base": "a.yaml", "mid": "../base", "dev": "../mid", "prod/eu": "../../mid", "prod/us": "../../mid"},
            [("dev", "mid", "dev"), ("prod/eu", "mid", "prod/eu"), ("prod/us", "mid", "prod/us")],
        ),
        (
            {"base": "a.yaml", "prod/eu": "../../base", "prod/us": "../../base"},
            [("prod/eu", "base", "prod/eu"), ("prod/us", "base", "prod/us")],
        ),
        (
            {"a": "a.yaml", "b": "a.yaml", "clusters/dev/all": "../../../a ../../../b", "clusters/prod/all": "../../../a ../../../b"},
            [("clusters/dev/all", "clusters", "dev"), ("clusters/prod/all", "clusters", "prod")],
        ),
        (
            {"part": "!", "one": "a.yaml +../part", "two": "a.yaml +../part"},
            [("one", "one", ""), ("two", "two", "")],
        ),
        ({"part": "!a.yaml"}, []),
        (
            {"base": "a.yaml", "overlays/dev": "../../base", "overlays/with-tls": "../../base", "tests/load": "../../base"},
            [("overlays/dev", "base", "dev"), ("overlays/with-tls", "base", "overlays/with-tls"), ("tests/load", "base", "tests/load")],
        ),
    ],
)  # fmt: skip
def test_entries_and_their_variants(folders: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert variants(folders) == expected


QUOTA = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: limits}\n"
PROGRAM = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME}\n"


def test_what_everybody_shares_makes_no_environments_of_one_thing() -> None:
    texts = {"common/kustomization.yaml": "resources: [a.yaml]\n", "common/a.yaml": QUOTA}
    for name in ("shop", "stock"):
        texts[f"{name}/base/kustomization.yaml"] = "resources: [a.yaml]\n"
        texts[f"{name}/base/a.yaml"] = PROGRAM.replace("NAME", name)
        for stage in ("dev", "prod"):
            texts[f"{name}/{stage}/kustomization.yaml"] = "resources: [../base, ../../common]\n"
    texts["jobs/prod/kustomization.yaml"] = "resources: [a.yaml, ../../common]\n"
    texts["jobs/prod/a.yaml"] = PROGRAM.replace("NAME", "jobs")
    overlays = build_texts(texts, names=NAMES)
    assert overlays.errors == []
    assert [(built.entry.rpartition("/")[0], built.root, built.variant) for built in overlays.built] == [
        ("shop/dev", "shop/base", "dev"),
        ("shop/prod", "shop/base", "prod"),
        ("stock/dev", "stock/base", "dev"),
        ("stock/prod", "stock/base", "prod"),
        ("jobs/prod", "jobs", "prod"),
    ]


def test_two_things_in_the_same_folders_have_homes_of_their_own() -> None:
    texts = {}
    for name in ("shop", "stock"):
        for part in ("web", "worker"):
            texts[f"base/{name}/{part}/kustomization.yaml"] = "resources: [a.yaml]\n"
            texts[f"base/{name}/{part}/a.yaml"] = PROGRAM.replace("NAME", f"{name}-{part}")
        bases = [f"../../../base/{name}/{part}" for part in ("web", "worker")]
        for stage in ("dev", "prod"):
            texts[f"clusters/{stage}/{name}/kustomization.yaml"] = f"resources: {bases}\n"
    overlays = build_texts(texts, names=NAMES)
    assert overlays.errors == []
    assert [(built.entry.rpartition("/")[0], built.root, built.variant) for built in overlays.built] == [
        ("clusters/dev/shop", "clusters", "dev"),
        ("clusters/prod/shop", "clusters", "prod"),
        ("clusters/dev/stock", "base/stock/web", "dev"),
        ("clusters/prod/stock", "base/stock/web", "prod"),
    ]


def test_a_base_that_several_use_is_read_once() -> None:
    reads: list[str] = []

    from tests.kubernetes.overlays.disk import Texts

    from readiness.kubernetes.overlays import build_overlays

    class Counted(Texts):
        def yaml(self, path: str):  # type: ignore[no-untyped-def]
            reads.append(path)
            return super().yaml(path)

    texts = {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": THING}
    for name in ("dev", "prod"):
        texts[f"{name}/kustomization.yaml"] = "resources: [../base]\n"
    overlays = build_overlays([path for path in texts if path.endswith("kustomization.yaml")], Counted(texts))
    assert [len(built.objects) for built in overlays.built] == [1, 1]
    assert reads.count("base/a.yaml") == 1
