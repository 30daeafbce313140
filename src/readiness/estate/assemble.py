"""Parsed sources → the estate: resources of every kind, their links and metadata."""

from __future__ import annotations

import datetime

from msgspec import Struct, field

from readiness.estate import metadata
from readiness.estate.exceptions import ignore_resources
from readiness.estate.links import link_terraform
from readiness.estate.model import Estate, Resource
from readiness.estate.overlaid import overlays
from readiness.estate.plans import with_plans
from readiness.estate.reader import Reader, Sources
from readiness.estate.releases import TERRAFORM
from readiness.estate.rendered import Told, charts
from readiness.kubernetes import build as kubernetes
from readiness.kubernetes.kustomize import is_partial, patch_files
from readiness.kubernetes.workloads import Path
from readiness.repo.tree import Tree
from readiness.terraform.build import Builder

_EMBEDDING = ("kubernetes_", "kubectl_", "helm_")
"""How types begin whose resources hold Kubernetes objects or the values of charts."""


WATCHING = ("PrometheusRule", "openslo.com/SLO", "PrometheusServiceLevel", "pyrra.dev/ServiceLevelObjective")
"""Types that hold alerts or objectives: `RULES` and `TYPES` of `operations`, without importing it."""


class Rooms(Struct):
    """What charts and overlays are made from, besides the files that were read."""

    reader: Reader
    tree: Tree
    charts: list[str] = field(default_factory=list)  # folders
    kustomizations: list[str] = field(default_factory=list)  # those above files that were named
    environments: tuple[str, ...] = ()  # the only ones that are wanted, where there are any
    pod_templates: dict[str, Path | None] = field(default_factory=dict)  # of custom kinds
    meaning: metadata.Meaning | None = None  # of labels and tags, None for the built-in one


def build_estate(
    sources: Sources, builder: Builder, today: datetime.date, rooms: Rooms
) -> tuple[Estate, Told]:
    """The estate of parsed sources; and what is to be said of them, with the files read besides."""
    estate = Estate()
    terraform = with_plans(builder.build(), sources.plans, builder)
    estate.add(terraform.resources)
    estate.changes = terraform.changes
    told = Told(errors=list(builder.errors))
    overlaid = overlays(sources, rooms.tree, rooms.reader, rooms.kustomizations)
    objects = [*_objects(sources, overlaid.used, told), *_taken(overlaid, told, rooms)]
    declared = _embedded(estate, sources, told)
    releases = [*objects, *estate.by_type.get(TERRAFORM, ())]
    alone = [folder for folder in rooms.charts if folder not in overlaid.charts]
    rendered = charts(alone, releases, rooms.tree, rooms.reader, sources)
    objects += _taken(rendered, told, rooms)
    if rooms.pod_templates:
        objects = kubernetes.with_templates(objects, rooms.pod_templates)
        declared = kubernetes.with_templates(declared, rooms.pod_templates)
    operated = _operations([*objects, *declared], sources, told, rooms.reader)
    estate.add(objects)
    estate.add(declared)
    estate.add(operated)
    metadata.assign(estate, rooms.meaning)  # environments tell alike names apart
    _link(estate, [*objects, *declared, *operated], declared, told, rooms)
    estate.add(ignore_resources(sources.comments, [*objects, *declared], today))
    return estate, told


def _taken(found: Told, told: Told, rooms: Rooms) -> list[Resource]:
    """The resources of a step that are wanted, after taking over what it has to say."""
    wanted = rooms.environments
    told.errors += found.errors
    told.notices += found.notices
    told.texts |= found.texts
    told.places.update(found.places)
    told.environments |= {resource.variant for resource in found.resources}
    return [r for r in found.resources if not wanted or not r.variant or r.variant in wanted]


def _objects(sources: Sources, overlaid: set[str], told: Told) -> list[Resource]:
    """The Kubernetes objects in files that stand for themselves, not for parts of overlays."""
    patches = patch_files(sources.data)
    parts = patches | overlaid
    built, errors = kubernetes.build((path, file) for path, file in sources.data if path not in parts)
    told.errors += errors
    whole = [resource for resource in built if not is_partial(resource)]
    alone = patches - overlaid
    sources.patches = len(alone & {path for path, _ in sources.data}) + len(built) - len(whole)
    return whole


def _embedded(estate: Estate, sources: Sources, told: Told) -> list[Resource]:
    """What Terraform declares for Kubernetes."""
    if not any(type_.startswith(_EMBEDDING) for type_ in estate.by_type):
        return []
    from readiness.estate.embedded import declare

    found, errors = declare(estate.resources, sources.texts)
    told.errors += errors
    return found


def _operations(objects: list[Resource], sources: Sources, told: Told, reader: Reader) -> list[Resource]:
    """Rules, routes, dashboards and pipelines: in files of their own, and held by objects."""
    if not objects and not sources.operations:
        return []
    from readiness.operations import build, slo_files

    found: list[Resource] = []
    for resources, errors in (
        build.build(sources.operations),
        slo_files.build(sources.operations),
        build.embedded(objects, sources.texts, reader.parse_one),
    ):
        found += resources
        told.errors += errors
    return found


def _link(
    estate: Estate, objects: list[Resource], declared: list[Resource], told: Told, rooms: Rooms
) -> None:
    link_terraform(estate)
    if not objects:
        return
    from readiness.estate.identity import link_identities
    from readiness.estate.reaches import link_reached
    from readiness.kubernetes.linking.links import link as link_kubernetes
    from readiness.operations import backstage

    link_kubernetes(objects, told.places, rooms.tree.at_root)
    if declared:
        from readiness.estate.embedded import join

        join(declared)
    backstage.links(objects)
    link_identities(estate)
    link_reached(estate)
    if any(type_ in estate.by_type for type_ in WATCHING):
        from readiness.estate.alerts import link_alerts

        link_alerts(estate)
