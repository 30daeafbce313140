"""The configuration of kube-linter and of Polaris.

Sources: https://docs.kubelinter.io/#/configuring-kubelinter,
https://polaris.docs.fairwinds.com/customization/checks/ and
https://polaris.docs.fairwinds.com/customization/exemptions/
"""

from __future__ import annotations

import posixpath
from typing import Any

from readiness.config.document import place_of
from readiness.onboarding.documents import mapping, texts
from readiness.onboarding.model import Note, Peers, Skip
from readiness.repo.tree import Tree
from readiness.values import Map

_CONTAINERS = "it exempts single containers: an ignore in place can say that"


def read_kube_linter(path: str, tree: Tree, found: Peers) -> None:
    """`checks.exclude`, and `checks.ignorePaths`, which is told."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(path) or "."
    for id_, line in texts(data, "checks", "exclude"):
        found.skips.append(Skip("kube-linter", (f"kube-linter:{id_}",), path, line, folder=folder))
    for text, line in texts(data, "checks", "ignorePaths"):
        why = "say it in .gitignore, or waive with `paths`"
        found.skips.append(Skip("kube-linter", (f"ignorePaths: {text}",), path, line, folder=folder, why=why))


def read_polaris(path: str, tree: Tree, found: Peers) -> None:
    """Checks whose severity is `ignore`, and exemptions of controllers by name and namespace."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(path) or "."
    checks = data.get("checks")
    for name, severity in checks.items() if isinstance(checks, Map) else ():
        if severity == "ignore":
            line = place_of(data, ("checks", name), at_key=True)[0]
            found.skips.append(Skip("Polaris", (f"polaris:{name}",), path, line, folder=folder))
    exemptions = data.get("exemptions")
    for index, entry in enumerate(exemptions if isinstance(exemptions, list) else ()):
        line = place_of(data, ("exemptions", index))[0]
        rules = _names(entry, "rules")
        if not rules:
            found.notes.append(Note(path, line, "an exemption without `rules` is not taken over"))
            continue
        ids = tuple(f"polaris:{rule}" for rule in rules)
        resources = _resources(entry)
        why = _CONTAINERS if _names(entry, "containerNames") else None
        if why is None and not resources:
            why = "it names neither a namespace nor controllers"
        found.skips.append(
            Skip("Polaris", ids, path, line, folder=folder, resources=tuple(resources), why=why)
        )


def _resources(entry: Any) -> list[str]:
    """Globs of addresses: controllers are named by how their names begin."""
    namespace = entry.get("namespace") if isinstance(entry, Map) else None
    within = f"*/{namespace}/" if isinstance(namespace, str) and namespace else "*/"
    names = [name for name in _names(entry, "controllerNames") if name]
    if not names:
        return [f"{within}*"] if within != "*/" else []
    return [f"{within}{name}*" for name in names]


def _names(entry: Any, name: str) -> list[str]:
    value = entry.get(name) if isinstance(entry, Map) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
