"""Which YAML and JSON is a Kubernetes manifest, by its content."""

from __future__ import annotations

import re
from typing import Any

from readiness.kubernetes.kinds import group_of, known_plain_group
from readiness.kubernetes.template import looks_like_template
from readiness.values import Map

__all__ = ["is_kubernetes", "looks_like_template", "may_be_kubernetes"]

_API_VERSION = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?v[0-9]+(?:(?:alpha|beta)[0-9]*)?")

# Files for command-line tools that look like objects but are never stored in a cluster.
_TOOL_GROUPS = frozenset(
    {
        "client.authentication.k8s.io",
        "ctlptl.dev",
        "eksctl.io",
        "k3d.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "kustomize.config.k8s.io",
    }
)
_KUBECONFIG = frozenset({"Config", "Preferences"})

_KEYS = {
    name: re.compile(rf"^\ufeff?([ \t]*)(?:-[ \t]+)*[\"']?{name}[\"']?[ \t]*:", re.MULTILINE)
    for name in ("apiVersion", "kind")
}
_INLINE = {
    name: re.compile(rf"[{{,]\s*(?:\"{name}\"|'{name}'|{name})\s*:") for name in ("apiVersion", "kind")
}
_UNINDENTED = re.compile(r"^(?!---|\.\.\.|%)[^\s#]", re.MULTILINE)


def may_be_kubernetes(text: str) -> bool:
    """Whether a text is worth parsing: it has `apiVersion` and `kind` as keys of one top-level mapping.

    Never false for a manifest; true for some files that `is_kubernetes` then refuses.
    """
    if "apiVersion" not in text or "kind" not in text:
        return False
    if all(f"\n{name}:" in text or text.startswith(f"{name}:") for name in _KEYS):
        return True
    if _INLINE["apiVersion"].search(text) and _INLINE["kind"].search(text):
        return True
    indents = [{match[1] for match in pattern.finditer(text)} for pattern in _KEYS.values()]
    both = indents[0] & indents[1]
    return "" in both or (bool(both) and _UNINDENTED.search(text) is None)


def is_kubernetes(value: Any) -> bool:
    """Whether a document is a Kubernetes object, or a list of them.

    True for custom kinds and catalog entities (`backstage.io`), false for the files of Helm
    (`Chart.yaml`, values), Kustomize, Compose, GitHub and of tools that run outside a cluster
    (kubeconfig, kubeadm, kind, Skaffold).
    """
    if not isinstance(value, Map):
        return False
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not kind.isidentifier():
        return False
    if _API_VERSION.fullmatch(api_version) is None:
        return False
    group = group_of(api_version)
    if group in _TOOL_GROUPS or ("." not in group and not known_plain_group(group)):
        return False
    return group != "" or kind not in _KUBECONFIG
