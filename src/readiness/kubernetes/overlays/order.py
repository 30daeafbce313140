"""The order of objects: as `kustomize build` has it unless `sortOptions` says otherwise.

Source: `api/internal/builtins/SortOrderTransformer.go` of Kustomize 5.5.
"""

from __future__ import annotations

from typing import Any

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.values import List, Map

_FIRST = (
    *("Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount"),
    *("PodSecurityPolicy", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret"),
    *("Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim"),
    *("Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget"),
)
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def sort_objects(objects: list[Object], options: Any, step: Step) -> list[Object]:
    """Objects in the order that `sortOptions` asks for; by default namespaces are first, webhooks last."""
    order = "legacy"
    legacy = None
    if isinstance(options, Map):
        order = text_of(options.get("order"))
        legacy = options.get("legacySortOptions")
    if order == "fifo":
        return objects
    if order != "legacy":
        place = options.span_of("order") or options.span if isinstance(options, Map) else None
        step.error(place, f"`order` of `sortOptions` is `legacy` or `fifo`, not `{order}`")
        return objects
    ranks = _ranks(_FIRST, _LAST)
    if isinstance(legacy, Map):
        ranks = _ranks(*(_texts(legacy.get(key)) for key in ("orderFirst", "orderLast")))
    return sorted(objects, key=lambda found: _key(found, ranks))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text_of(item) for item in value) if isinstance(value, List) else ()


def _ranks(first: tuple[str, ...], last: tuple[str, ...]) -> dict[str, int]:
    ranks = {kind: index - len(first) for index, kind in enumerate(first)}
    return ranks | {kind: index + 1 for index, kind in enumerate(last)}


def _key(found: Object, ranks: dict[str, int]) -> tuple[int, str, str]:
    """What objects are compared by."""
    group, version, kind, name, _ = found.current
    shown = ".".join((kind or "[noKind]", version or "[noVer]", group or "[noGrp]"))
    return (
        ranks.get(kind, 0),
        f"{group or '~G'}_{version or '~V'}_{kind or '~K'}",
        f"{shown}|{found.namespace or '~X'}|{name or '~N'}",
    )
