"""The pod view of everything that runs containers."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Workload
from readiness.kubernetes.references import dig
from readiness.values import List, Map, Span, Unknown

# Where the pod template stands in each kind; a Pod is its own template.
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "serving.knative.dev/Service": ("spec", "template"),
}


def workload_of(type_: str, body: Map) -> Workload | None:
    """The pod view of a manifest, sharing the objects of its body; None if it has no pod spec."""
    path = _TEMPLATES.get(type_)
    if path is None:
        return None
    template = dig(body, *path)
    if not isinstance(template, Map):
        return None
    pod = template.get("spec")
    if not isinstance(pod, Map):
        return None
    metadata = template.get("metadata")
    return Workload(
        pod=pod,
        template_labels=_map(metadata, "labels"),
        template_annotations=_map(metadata, "annotations"),
        containers=_list(pod, "containers"),
        init_containers=_list(pod, "initContainers"),
    )


def _map(holder: Any, key: str) -> Map:
    value = holder.get(key) if isinstance(holder, Map) else None
    return value if isinstance(value, Map) else Map()


def _list(pod: Map, key: str) -> List:
    """The containers under a key.

    An unknown list becomes a list of one unknown, so that what is asked of every container stays
    unknown; entries that are no mapping are left out, as no policy can look into them.
    """
    value = pod.get(key)
    if isinstance(value, Unknown):
        span = pod.value_spans.get(key) or pod.span
        return List([value], span, [span] if span is not None else [])
    if not isinstance(value, List):
        return List(span=pod.span)
    if all(isinstance(item, (Map, Unknown)) for item in value):
        return value
    kept = [index for index, item in enumerate(value) if isinstance(item, (Map, Unknown))]
    spans: list[Span] = [span for span in map(value.span_of, kept) if span is not None]
    return List([value[index] for index in kept], value.span, spans)
