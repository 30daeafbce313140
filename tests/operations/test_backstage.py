"""Links between the entities of a catalogue."""

from __future__ import annotations

from readiness.kubernetes.build import build
from readiness.operations.backstage import links
from readiness.sources import yaml_source


def entity(kind: str, name: str, spec: str = "{}", namespace: str = "") -> str:
    space = f", namespace: {namespace}" if namespace else ""
    return f"---\napiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}{space}}}\nspec: {spec}\n"


def linked(files: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    resources, errors = build((path, yaml_source.read(path, text)) for path, text in files.items())
    assert errors == []
    links(resources)
    return {r.address: [(link.address, link.via) for link in r.links] for r in resources}


def test_fields_and_their_kinds() -> None:
    component = entity(
        "Component",
        "shop",
        "{owner: Team-A, system: store, providesApis: [orders], dependsOn: ['resource:default/DB', 'db']}",
    )
    others = (
        entity("Group", "team-a")
        + entity("User", "team-a")
        + entity("System", "store")
        + entity("API", "orders")
        + entity("Resource", "db")
    )
    found = linked({"catalog-info.yaml": component + others})
    assert found["Component/shop"] == [
        ("Group/team-a", "spec.owner"),
        ("System/store", "spec.system"),
        ("API/orders", "spec.providesApis"),
        ("Resource/db", "spec.dependsOn"),
    ]
    assert found["Group/team-a"] == [("Component/shop", "spec.owner")]
    assert found["User/team-a"] == []


def test_namespaces() -> None:
    text = (
        entity("Component", "a", "{owner: team}", "ext")
        + entity("Component", "b", "{owner: 'group:ext/team'}")
        + entity("Component", "c", "{owner: {kind: Group, name: other}}", "ext")
        + entity("Group", "team")
        + entity("Group", "team", "{}", "ext")
        + entity("Group", "other")
    )
    found = linked({"a.yaml": text})
    assert found["Component/ext/a"] == [("Group/ext/team", "spec.owner")]
    assert found["Component/b"] == [("Group/ext/team", "spec.owner")]
    assert found["Component/ext/c"] == [("Group/other", "spec.owner")]


def test_a_location_leads_to_its_files() -> None:
    found = linked(
        {
            "catalog/all.yaml": entity(
                "Location",
                "all",
                "{targets: [./web.yaml, ../api.yaml, 'https://example.com/catalog/web.yaml']}",
            ),
            "catalog/web.yaml": entity("Component", "web"),
            "api.yaml": entity("API", "orders"),
            "web.yaml": entity("Component", "other"),
        }
    )
    assert found["Location/all"] == [("Component/web", "spec.targets"), ("API/orders", "spec.targets")]
    assert found["Component/other"] == []
