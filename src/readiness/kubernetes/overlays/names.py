"""Names that objects write of each other, after those names (and namespaces) have changed.

Sources: `api/internal/accumulator/namereferencetransformer.go` and `api/filters/nameref/nameref.go` of
Kustomize 5.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.defaults import default
from readiness.kubernetes.overlays.edit import Place, item_spans, listed, place_of, put
from readiness.kubernetes.overlays.fields import Reference
from readiness.kubernetes.overlays.model import NO_NAMESPACE, Id, Object, split_version, text_of
from readiness.values import List, Map, Span

_MAPPINGS = ("subjects", "service")
"""The last parts of the built-in paths that lead to a name with its namespace."""


def fix_names(step: Step) -> None:
    """Write the new names where objects name others by former ones."""
    by_name: dict[str, list[Object]] = {}
    known: set[tuple[str, str, str]] = set()
    renamed: set[tuple[str, str, str]] = set()
    for candidate in step.objects:
        if not candidate.former:
            continue
        group, version = split_version(candidate.api_version)
        for former in candidate.former:
            known.add((group, version, former.kind))
            if former.name != candidate.name:
                renamed.add((group, version, former.kind))
        for name in dict.fromkeys(former.name for former in candidate.former):
            by_name.setdefault(name, []).append(candidate)
    if not known:
        return
    configuration = step.accumulated.configuration
    custom = configuration is not default()
    wanted: dict[tuple[str, str], list[tuple[Reference, str, tuple[str, ...]]]] = {}
    for referrer in step.objects:
        key = referrer.api_version, referrer.original.kind
        if key not in wanted:
            wanted[key] = [
                (reference, field.path, parts)
                for reference, field, parts in configuration.names(*key)
                if any(
                    reference.selects(*kind)
                    for kind in (known if custom or parts[-1] in _MAPPINGS else renamed)
                )
            ]
        if wanted[key]:
            fixer = _Fixer(step, referrer, by_name)
            for reference, path, parts in wanted[key]:
                fixer.fix(reference, path, parts)


class _Fixer:
    """Finds what one object names."""

    def __init__(self, step: Step, referrer: Object, by_name: dict[str, list[Object]]) -> None:
        self.step = step
        self.referrer = referrer
        self.by_name = by_name
        self.current = referrer.current
        self.namespaces = _subject_namespaces(referrer)

    def fix(self, reference: Reference, path: str, parts: tuple[str, ...]) -> None:
        def change(old: Any) -> tuple[Any, Place | None]:
            return self.new_value(old, reference, path), None

        self.step.change(self.referrer, parts, change, None)

    def new_value(self, old: Any, reference: Reference, path: str) -> Any:
        if isinstance(old, str):
            return self._name(old, reference, path)
        if isinstance(old, Map):
            return self._mapping(old, reference, path)
        if isinstance(old, List):
            items = [
                self._name(item, reference, path)
                if isinstance(item, str)
                else self._mapping(item, reference, path)
                if isinstance(item, Map)
                else item
                for item in old
            ]
            if any(new is not item for new, item in zip(items, old, strict=True)):
                return listed(items, item_spans(old), old)
        return old

    def _name(self, old: str, reference: Reference, path: str) -> str:
        candidates = [found for found in self.by_name.get(old, ()) if self._reachable(found)]
        found = self._select(old, candidates, reference, path, with_namespace=False)
        return old if found is None or found.name == old else found.name

    def _mapping(self, old: Map, reference: Reference, path: str) -> Map:
        if "name" not in old:
            return old
        name = text_of(old["name"])
        candidates = [found for found in self.by_name.get(name, ()) if self._reachable(found)]
        namespace = text_of(old.get("namespace"))
        if "namespace" in old:
            candidates = self._in_namespace(namespace, candidates)
        found = self._select(name, candidates, reference, path, with_namespace=True)
        if found is None or (found.name == name and not found.namespace):
            return old
        result = old if found.name == name else put(old, "name", found.name, None)
        if found.namespace and found.namespace != namespace:
            metadata = found.body.get("metadata")
            place = place_of(metadata, "namespace") if isinstance(metadata, Map) else None
            result = put(result, "namespace", found.namespace, place)
        return result

    def _in_namespace(self, namespace: str, candidates: list[Object]) -> list[Object]:
        if namespace == NO_NAMESPACE:
            return []
        if any(
            self._reachable(found) and found.original.namespace == namespace for found in self.step.objects
        ):
            return [found for found in candidates if found.original.namespace == namespace]
        return [found for found in candidates if found.current.namespace == namespace]

    def _reachable(self, found: Object) -> bool:
        """Whether this object can name another at all."""
        if self.current.namespace == NO_NAMESPACE:
            return True
        namespace = found.current.namespace
        return namespace in (NO_NAMESPACE, self.current.namespace) or found.namespace in self.namespaces

    def _select(
        self, name: str, candidates: list[Object], reference: Reference, path: str, with_namespace: bool
    ) -> Object | None:
        candidates = [found for found in candidates if _was(found, reference) and self._visible(found)]
        if path.endswith("roleRef/name"):
            candidates = self._of_role(candidates)
        if len(candidates) > 1:
            candidates = [found for found in candidates if _same_names(found, self.referrer, True)]
        if len(candidates) > 1:
            candidates = [found for found in candidates if _same_names(found, self.referrer, False)]
        if len(candidates) > 1:
            different = {(found.name, found.namespace if with_namespace else "") for found in candidates}
            if len(different) > 1:
                shown = ", ".join(sorted(found.shown for found in candidates))
                message = f"{self.referrer.shown} names `{name}`, which several objects were called: {shown}"
                self.step.error(_span_of(self.referrer), message)
                return None
        return candidates[0] if candidates else None

    def _visible(self, found: Object) -> bool:
        if self.current.namespace == NO_NAMESPACE:
            return True
        current = found.current
        return current.namespace in (NO_NAMESPACE, self.current.namespace) or current.kind == "ServiceAccount"

    def _of_role(self, candidates: list[Object]) -> list[Object]:
        role = self.referrer.body.get("roleRef")
        if not isinstance(role, Map) or "apiGroup" not in role or "kind" not in role:
            return candidates
        group, kind = text_of(role["apiGroup"]), text_of(role["kind"])
        return [
            found
            for found in candidates
            if any(
                (not group or former.group == group) and (not kind or former.kind == kind)
                for former in _formers(found)
            )
        ]


def _formers(found: Object) -> list[Id]:
    return found.ids[:-1]


def _was(found: Object, reference: Reference) -> bool:
    return any(reference.selects(former.group, former.version, former.kind) for former in _formers(found))


def _subject_namespaces(referrer: Object) -> set[str]:
    """The namespaces of the service accounts that a role binding is for."""
    subjects = referrer.body.get("subjects") if referrer.kind == "RoleBinding" else None
    if not isinstance(subjects, List):
        return set()
    return {
        text_of(subject.get("namespace"))
        for subject in subjects
        if isinstance(subject, Map) and subject.get("kind") == "ServiceAccount" and subject.get("namespace")
    }


def _same_names(one: Object, other: Object, allow_empty: bool) -> bool:
    """Whether two objects got the same prefixes and suffixes, the last ones of either."""
    return all(
        (allow_empty and not (first and second)) or _same_end(first, second)
        for first, second in ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    )


def _same_end(first: Iterable[str], second: Iterable[str]) -> bool:
    short, long = sorted((tuple(first), tuple(second)), key=len)
    return short == long[len(long) - len(short) :] if short else not long


def _span_of(referrer: Object) -> Span | None:
    return referrer.body.span
