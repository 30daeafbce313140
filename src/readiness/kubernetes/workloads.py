"""The pod view of everything that runs containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.errors import UsageError
from readiness.estate.model import Workload
from readiness.kubernetes.kinds import is_built_in
from readiness.values import List, Map, Span, Unknown

Path = tuple[str, ...]
"""Keys that lead to a pod template; `*` stands for every entry of a list or mapping."""

_EACH = "*"

# Where the pod template stands in each kind; a Pod is its own template.  Sources: the API reference of
# Kubernetes, and the resource definitions of Argo Rollouts, Knative Serving, OpenShift, KEDA, OpenKruise,
# JobSet and the Kubeflow training operator.
_TEMPLATES: dict[str, Path] = {
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
    "serving.knative.dev/Configuration": ("spec", "template"),
    "ScaledJob": ("spec", "jobTargetRef", "template"),
    "CloneSet": ("spec", "template"),
    "apps.kruise.io/StatefulSet": ("spec", "template"),
    "apps.kruise.io/DaemonSet": ("spec", "template"),
    "BroadcastJob": ("spec", "template"),
    "AdvancedCronJob": ("spec", "template", "jobTemplate", "spec", "template"),
    "JobSet": ("spec", "replicatedJobs", _EACH, "template", "spec", "template"),
    "PyTorchJob": ("spec", "pytorchReplicaSpecs", _EACH, "template"),
    "TFJob": ("spec", "tfReplicaSpecs", _EACH, "template"),
    "MPIJob": ("spec", "mpiReplicaSpecs", _EACH, "template"),
    "XGBoostJob": ("spec", "xgbReplicaSpecs", _EACH, "template"),
    "PaddleJob": ("spec", "paddleReplicaSpecs", _EACH, "template"),
}

_BATCH = frozenset(
    {"Job", "CronJob", "ScaledJob", "JobSet", "BroadcastJob", "AdvancedCronJob"}
    | {"PyTorchJob", "TFJob", "MPIJob", "XGBoostJob", "PaddleJob"}
)
"""Kinds whose pods end when their work is done."""

_SHAPE: Path = ("spec", "template")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def parse_path(text: str) -> Path:
    """The keys of a written path: `spec.workers[*].template`, or `spec.*.template` for a mapping.

    Raises:
        ValueError: the text is no such path; the message says how.
    """
    keys: list[str] = []
    for part in text.split("."):
        name, each = (part[:-3], True) if part.endswith("[*]") else (part, False)
        if name != _EACH and _KEY.fullmatch(name) is None:
            raise ValueError(f"{part!r} is no key; a path looks like spec.workers[*].template")
        keys.append(name)
        if each:
            keys.append(_EACH)
    return tuple(keys)


def parse_templates(named: Mapping[str, str]) -> dict[str, Path | None]:
    """Where the pod templates of kinds stand, from written paths; an empty one says that there is none.

    Raises:
        UsageError: a path is no path.
    """
    result: dict[str, Path | None] = {}
    for type_, text in named.items():
        try:
            result[type_] = parse_path(text) if text else None
        except ValueError as error:
            raise UsageError(f"the pod template of {type_!r}: {error}") from None
    return result


def workloads_of(
    type_: str, group: str, body: Map, templates: Mapping[str, Path | None] | None = None
) -> list[tuple[str, Workload]]:
    """The pod views of a manifest, sharing the objects of its body; none if it has no pod spec.

    Each has a label, which is empty where a kind has one template: `workers` of a JobSet.  `templates`
    says where the template of more kinds stands; with None a kind has none.  A custom kind that nothing
    is said about has a pod by its shape: a whole pod template at `spec.template`.  Whether that runs for
    long, and what its operator adds, nobody knows.
    """
    named = templates is not None and type_ in templates
    path = templates[type_] if templates is not None and named else _TEMPLATES.get(type_)
    if path is None and not named and not is_built_in(group) and _by_shape(body):
        path = _SHAPE
    if path is None:
        return []
    found = []
    for label, template in _at(body, path, ""):
        view = _view(template)
        if view is not None:
            view.lasting = _lasts(view.pod) if named else type_ in _TEMPLATES and type_ not in _BATCH
            found.append((label, view))
    return found


def _by_shape(body: Map) -> bool:
    """Whether a custom object has a pod template whose containers all have images.

    One without is completed by its operator, and says too little to be judged.
    """
    for _, template in _at(body, _SHAPE, ""):
        pod = template.get("spec")
        containers = pod.get("containers") if isinstance(pod, Map) else None
        if isinstance(containers, List) and containers:
            return all(isinstance(item, Map) and item.get("image") is not None for item in containers)
    return False


def _lasts(pod: Map) -> bool:
    """Whether the pods of a kind that a user names run for long: those are restarted always."""
    return pod.get("restartPolicy") not in ("Never", "OnFailure")


def _at(value: Any, path: Path, label: str) -> Iterator[tuple[str, Map]]:
    """The mappings at a path, each with the names of the entries that lead to it."""
    if not path:
        if isinstance(value, Map):
            yield label, value
    elif path[0] != _EACH:
        if isinstance(value, Map):
            yield from _at(value.get(path[0]), path[1:], label)
    else:
        for name, entry in _entries(value):
            yield from _at(entry, path[1:], f"{label}.{name}" if label else name)


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Map):
        yield from value.items()
    elif isinstance(value, List):
        for index, item in enumerate(value):
            name = item.get("name") if isinstance(item, Map) else None
            yield name if isinstance(name, str) and name else str(index), item


def _view(template: Map) -> Workload | None:
    pod = template.get("spec")
    if not isinstance(pod, Map):
        return None
    metadata = template.get("metadata")
    containers, inits = _list(pod, "containers"), _list(pod, "initContainers")
    ephemeral = _list(pod, "ephemeralContainers")
    return Workload(
        pod=pod,
        template_labels=_map(metadata, "labels"),
        template_annotations=_map(metadata, "annotations"),
        containers=containers,
        init_containers=inits,
        sidecar_containers=_sidecars(inits),
        ephemeral_containers=ephemeral,
        all_containers=_joined(containers, inits, ephemeral),
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
    return _picked(value, [(index, value[index]) for index in kept])


def _sidecars(inits: List) -> List:
    """The init containers that go on running beside the others; an unknown for one that may.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    kept: list[tuple[int, Any]] = []
    for index, item in enumerate(inits):
        policy = item if isinstance(item, Unknown) else item.get("restartPolicy")
        if isinstance(policy, Unknown):
            kept.append((index, policy))
        elif policy == "Always":
            kept.append((index, item))
    return _picked(inits, kept)


def _picked(source: List, kept: list[tuple[int, Any]]) -> List:
    spans: list[Span] = [span for index, _ in kept if (span := source.span_of(index)) is not None]
    return List([item for _, item in kept], source.span, spans)


def _joined(first: List, *others: List) -> List:
    if not any(others):
        return first
    items, spans = list(first), list(first.item_spans)
    for other in others:
        items += other
        spans += other.item_spans
    return List(items, first.span, spans if len(spans) == len(items) else [])
