"""What objects of continuous delivery name: Argo CD, Argo Rollouts, Flux.

Sources: https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml and …/applicationset/;
https://argo-rollouts.readthedocs.io/en/stable/features/specification/; the specifications of Flux 2
(https://fluxcd.io/flux/components/helm/helmreleases/, …/kustomize/kustomizations/, …/source/).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.kubernetes.linking.mentions import Finder, Found, inner, named, typed
from readiness.values import Map, dig, maps

FLUX_SOURCE = "source.toolkit.fluxcd.io/v1"
_TEMPLATED = ("{{", "${", "<<")


class Delivered(NamedTuple):
    """A folder of a repository that an object delivers; `holder[key]` is where it is written.

    `repository` is the address of the repository, or a text that stands for it; `pattern` is true for
    a glob of folders.
    """

    via: str
    path: str
    repository: str
    revision: str
    holder: Map
    key: str
    pattern: bool = False


def delivered(resource: Resource) -> Iterator[Delivered]:
    """The folders that an Application, ApplicationSet or Flux Kustomization delivers, as far as known."""
    spec = resource.body.get("spec")
    if not isinstance(spec, Map):
        return
    if resource.type == "argoproj.io/Application":
        yield from _sources(spec, "spec")
    elif resource.type == "ApplicationSet":
        yield from _sources(inner(spec, "template", "spec"), "spec.template.spec")
        for generator in _generators(spec.get("generators"), 0):
            git = inner(generator, "git")
            for folder in maps(git.get("directories")):
                if folder.get("exclude") is not True:
                    yield from _folder("spec.generators.git.directories", git, folder, "path", True)
    elif resource.type == "kustomize.toolkit.fluxcd.io/Kustomization":
        reference = inner(spec, "sourceRef")
        if reference.get("kind") == "GitRepository":
            named_ = "/".join(str(reference.get(key) or "") for key in ("namespace", "name"))
            yield from _folder("spec.path", Map({"repoURL": f"GitRepository {named_}"}), spec, "path", False)


def _sources(spec: Map, path: str) -> Iterator[Delivered]:
    hydrated = inner(spec, "sourceHydrator", "drySource")
    for via, source in [
        (f"{path}.source.path", inner(spec, "source")),
        *((f"{path}.sources.path", source) for source in maps(spec.get("sources"))),
        (f"{path}.sourceHydrator.drySource.path", hydrated),
    ]:
        if "chart" not in source:
            yield from _folder(via, source, source, "path", False)


def _generators(value: Any, depth: int) -> Iterator[Map]:
    """Generators, those within `matrix` and `merge` among them (which nest once)."""
    for generator in maps(value):
        yield generator
        if depth < 2:
            for key in ("matrix", "merge"):
                yield from _generators(dig(generator, key, "generators"), depth + 1)


def _folder(via: str, source: Map, holder: Map, key: str, pattern: bool) -> Iterator[Delivered]:
    path, repository = holder.get(key), source.get("repoURL")
    revision = source.get("targetRevision", source.get("revision", ""))
    if not isinstance(path, str) or not isinstance(repository, str) or not isinstance(revision, str):
        return
    if any(mark in text for text in (path, repository, revision) for mark in _TEMPLATED):
        return
    folder = posixpath.normpath(path.lstrip("/") or ".")
    # The whole repository says nothing about which objects are meant.
    if folder != "." and not folder.startswith(".."):
        yield Delivered(via, folder, repository, revision, holder, key, pattern)


def _application(body: Map, spec: Map, namespace: str) -> Found:
    yield from named("spec.project", "AppProject", namespace, spec, "project")


def _application_set(body: Map, spec: Map, namespace: str) -> Found:
    project = dig(spec, "template", "spec", "project")
    if isinstance(project, str) and not any(mark in project for mark in _TEMPLATED):
        holder = dig(spec, "template", "spec")
        yield from named("spec.template.spec.project", "AppProject", namespace, holder, "project")


def _rollout(body: Map, spec: Map, namespace: str) -> Found:
    yield from typed("spec.workloadRef", spec.get("workloadRef"), namespace, "apps/v1", "Deployment")
    strategy = inner(spec, "strategy")
    canary, blue_green = inner(strategy, "canary"), inner(strategy, "blueGreen")
    for holder, way, key in (
        (canary, "canary", "canaryService"),
        (canary, "canary", "stableService"),
        (blue_green, "blueGreen", "activeService"),
        (blue_green, "blueGreen", "previewService"),
    ):
        yield from named(f"spec.strategy.{way}.{key}", "Service", namespace, holder, key)
    yield from _traffic(inner(canary, "trafficRouting"), namespace)
    analyses = [("spec.strategy.canary.analysis", canary.get("analysis"))]
    for key in ("prePromotionAnalysis", "postPromotionAnalysis"):
        analyses.append((f"spec.strategy.blueGreen.{key}", blue_green.get(key)))
    for step in maps(canary.get("steps")):
        analyses.append(("spec.strategy.canary.steps.analysis", step.get("analysis")))
        for template in maps(dig(step, "experiment", "analyses")):
            yield from _analysis("spec.strategy.canary.steps.experiment.analyses", template, namespace)
    for via, analysis in analyses:
        for template in maps(dig(analysis, "templates")):
            yield from _analysis(via, template, namespace)


def _analysis(via: str, template: Map, namespace: str) -> Found:
    if template.get("clusterScope") is True:
        yield from named(via, "ClusterAnalysisTemplate", "", template, "templateName")
    elif "clusterScope" not in template or template["clusterScope"] is False:
        yield from named(via, "AnalysisTemplate", namespace, template, "templateName")


def _traffic(routing: Map, namespace: str) -> Found:
    path = "spec.strategy.canary.trafficRouting"
    for way, key in (("nginx", "stableIngress"), ("alb", "ingress")):
        yield from named(f"{path}.{way}.{key}", "Ingress", namespace, routing.get(way), key)
    istio = inner(routing, "istio")
    for service in (istio.get("virtualService"), *maps(istio.get("virtualServices"))):
        yield from named(f"{path}.istio.virtualService", "VirtualService", namespace, service)
    yield from named(
        f"{path}.istio.destinationRule", "DestinationRule", namespace, istio.get("destinationRule")
    )


def _helm_release(body: Map, spec: Map, namespace: str) -> Found:
    chart = dig(spec, "chart", "spec")
    via = "spec.chart.spec.sourceRef"
    yield from typed(via, dig(chart, "sourceRef"), namespace, FLUX_SOURCE, "HelmRepository", True)
    yield from typed("spec.chartRef", spec.get("chartRef"), namespace, FLUX_SOURCE, None, True)
    for values in maps(spec.get("valuesFrom")):
        kind = values.get("kind")
        if isinstance(kind, str) and kind in ("ConfigMap", "Secret"):
            optional = values.get("optional") is True
            yield from named("spec.valuesFrom", kind, namespace, values, "name", optional)
    version = str(body.get("apiVersion"))
    for other in maps(spec.get("dependsOn")):
        yield from typed("spec.dependsOn", other, namespace, version, "HelmRelease", True)
    yield from named("spec.kubeConfig", "Secret", namespace, dig(spec, "kubeConfig", "secretRef"))


def _kustomization(body: Map, spec: Map, namespace: str) -> Found:
    yield from typed("spec.sourceRef", spec.get("sourceRef"), namespace, FLUX_SOURCE, None, True)
    version = str(body.get("apiVersion"))
    for other in maps(spec.get("dependsOn")):
        yield from typed("spec.dependsOn", other, namespace, version, "Kustomization", True)
    for values in maps(dig(spec, "postBuild", "substituteFrom")):
        kind = values.get("kind")
        if isinstance(kind, str) and kind in ("ConfigMap", "Secret"):
            optional = values.get("optional") is True
            yield from named("spec.postBuild.substituteFrom", kind, namespace, values, "name", optional)
    key = "spec.decryption.secretRef"
    yield from named(key, "Secret", namespace, dig(spec, "decryption", "secretRef"))
    yield from named("spec.kubeConfig", "Secret", namespace, dig(spec, "kubeConfig", "secretRef"))


def _source(body: Map, spec: Map, namespace: str) -> Found:
    for key in ("secretRef", "certSecretRef", "proxySecretRef"):
        yield from named(f"spec.{key}", "Secret", namespace, spec.get(key))
    yield from named("spec.verify.secretRef", "Secret", namespace, dig(spec, "verify", "secretRef"))
    yield from named("spec.serviceAccountName", "ServiceAccount", namespace, spec, "serviceAccountName")
    if body.get("kind") == "HelmChart":
        yield from typed("spec.sourceRef", spec.get("sourceRef"), namespace, FLUX_SOURCE, "HelmRepository")


def _receiver(body: Map, spec: Map, namespace: str) -> Found:
    """Flux notifications: the provider of an alert, and what a receiver reconciles."""
    if "providerRef" in spec:
        version = str(body.get("apiVersion"))
        yield from typed("spec.providerRef", spec.get("providerRef"), namespace, version, "Provider")
    yield from named("spec.secretRef", "Secret", namespace, spec.get("secretRef"))


FINDERS: dict[str, Finder] = {
    "argoproj.io/Application": _application,
    "ApplicationSet": _application_set,
    "argoproj.io/Rollout": _rollout,
    "HelmRelease": _helm_release,
    "kustomize.toolkit.fluxcd.io/Kustomization": _kustomization,
    **dict.fromkeys(
        ("GitRepository", "HelmRepository", "OCIRepository", "HelmChart", "source.toolkit.fluxcd.io/Bucket"),
        _source,
    ),
    "Alert": _receiver,
    "notification.toolkit.fluxcd.io/Provider": _receiver,
    "Receiver": _receiver,
}
