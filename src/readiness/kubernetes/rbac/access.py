"""What an account may do: bindings, their roles with aggregation, and the rules of those.

Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ (bindings, aggregated
ClusterRoles: the control plane overwrites their rules, default roles: the API server adds what is
missing unless the annotation `autoupdate` is false).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.linking.mentions import DEFAULT_NAMESPACE
from readiness.kubernetes.linking.selectors import Selector, from_label_selector
from readiness.kubernetes.rbac import builtin
from readiness.kubernetes.rbac.subjects import (
    Bound,
    Subjects,
    account_of,
    key_of,
    namespace_in,
    nearest,
    shown,
)
from readiness.values import List, Map, Unknown, dig

BINDINGS = ("RoleBinding", "ClusterRoleBinding")
ROLES = ("Role", "ClusterRole")
_AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate"
_ARROW = " -> "


class _Rule(NamedTuple):
    """A rule, the roles that lead to it (an aggregated one first), and whether every cluster has it."""

    rule: Any
    trail: tuple[str, ...]
    builtin: bool = False


class _Binding(Map):
    """A binding whose `rules` are put together when a condition reads them."""

    __slots__ = ("_make",)

    def __init__(self, told: Map, make: Callable[[], Iterator[Any]]) -> None:
        super().__init__(told)
        self._make = make

    def __missing__(self, key: str) -> Any:
        if key != "rules":
            raise KeyError(key)
        self["rules"] = List(self._make())
        return dict.__getitem__(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; the rules are made where need be."""
        return self[key] if key == "rules" else dict.get(self, key, default)

    def __contains__(self, key: object) -> bool:
        return key == "rules" or dict.__contains__(self, key)


class Access:
    """The RBAC of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._last: tuple[Resource, List] | None = None
        self._of_role: dict[int, list[_Rule]] = {}
        self._defaults: dict[tuple[str, str], list[_Rule]] = {}

    def rules(self, resource: Resource) -> List:
        """The rules that a workload's or an account's bindings, a binding, or a role give.

        Each is a mapping with `verbs`, `apiGroups`, `resources`, `resourceNames`,
        `nonResourceURLs` as written, and `scope` (`cluster`, `namespace`, or null for a ClusterRole
        by itself), `namespace`, `role` (the address of the one that holds the rule), `builtin` (no
        file holds it), `binding`, `subject` and `path`.  A part that is not known is an unknown.
        """
        if account_of(resource) is not None:
            found = List()
            for binding in self.bindings(resource):
                found += [binding] if isinstance(binding, Unknown) else binding["rules"]
            return found
        if resource.type in BINDINGS:
            return List(self._of_binding(Bound(resource, ""), (resource.address,)))
        if resource.type in ROLES:
            where = {"scope": "namespace" if resource.type == "Role" else None}
            return List(_placed(found, where, ()) for found in self._of(resource))
        return List()

    def bindings(self, resource: Resource) -> List:
        """The bindings of the account of a workload, or of a ServiceAccount; none for other types.

        Each is a mapping with `address`, `role`, `scope`, `namespace`, `subject` (`Group …` or
        `ServiceAccount/…`), `rules` (those that it gives, as in `rules`) and `path`.
        """
        if self._last is None or self._last[0] is not resource:
            self._last = (resource, List(self._bound(resource)))
        return self._last[1]

    def _bound(self, resource: Resource) -> Iterator[Any]:
        account = account_of(resource)
        if account is None:
            return
        start = (resource.address,) if resource.workload is not None else ()
        for bound in self._subjects.of(account, resource):
            if isinstance(bound, Unknown):
                yield bound
            else:
                path = (*start, account.shown, bound.binding.address)
                yield _Binding(_told(bound, path), functools.partial(self._of_binding, bound, path))

    def _of_binding(self, bound: Bound, path: tuple[str, ...]) -> Iterator[Any]:
        where = {**_scope(bound.binding), "binding": bound.binding.address, "subject": bound.subject}
        for found in self._of_reference(bound.binding):
            yield _placed(found, where, path)

    @functools.cached_property
    def _subjects(self) -> Subjects:
        return Subjects(binding for type_ in BINDINGS for binding in self.estate.of_type(type_))

    @functools.cached_property
    def _roles(self) -> dict[tuple[Any, ...], list[Resource]]:
        """Roles by kind, namespace and name."""
        found: dict[tuple[Any, ...], list[Resource]] = {}
        for type_ in ROLES:
            for role in self.estate.of_type(type_):
                name = key_of(dig(role.body, "metadata", "name"), role.home)
                found.setdefault((type_, _place(role), name), []).append(role)
        return found

    @functools.cached_property
    def _by_label(self) -> dict[tuple[str, Any], list[Resource]]:
        """ClusterRoles by each of their labels."""
        found: dict[tuple[str, Any], list[Resource]] = {}
        for role in self.estate.of_type("ClusterRole"):
            for key, value in role.labels.items() if isinstance(role.labels, Map) else ():
                if isinstance(value, str):
                    found.setdefault((key, value), []).append(role)
        return found

    @functools.cached_property
    def _open_labels(self) -> dict[tuple[str, str], Unknown]:
        """For each home a label of a ClusterRole that is not known."""
        found: dict[tuple[str, str], Unknown] = {}
        for role in self.estate.of_type("ClusterRole"):
            labels = role.labels
            values = [labels] if isinstance(labels, Unknown) else labels.values()
            for value in values:
                if isinstance(value, Unknown):
                    found.setdefault(role.home, value)
        return found

    def _of_reference(self, binding: Resource) -> list[_Rule]:
        """The rules of the role that a binding names; an unknown for one that is not in the files."""
        reference = binding.body.get("roleRef")
        if isinstance(reference, Unknown):
            return [_Rule(reference, ())]
        kind, name = dig(reference, "kind"), dig(reference, "name")
        if kind not in ROLES or not isinstance(name, (str, Unknown)):
            return [_Rule(kind, ())] if isinstance(kind, Unknown) else []
        place = _place(binding) if kind == "Role" else ""
        found = list(nearest(self._roles.get((kind, place, key_of(name, binding.home)), ()), binding))
        rules = [rule for role in found for rule in self._of(role)]  # a list of its own
        if isinstance(name, Unknown):
            return rules or [_Rule(name, ())]
        known = (
            builtin.cluster_roles().get(name) if kind == "ClusterRole" else builtin.roles().get((place, name))
        )
        if known is not None and not any(_left_alone(role) for role in found):
            rules += self._of_default(known, kind, binding)
        elif not found:
            unknown = Unknown(f"the {kind} {name}, which {binding.address} grants, is not in these files")
            return [_Rule(unknown, (f"{kind}/{name}",))]
        return rules

    def _of_default(self, known: builtin.BuiltIn, kind: str, near: Resource) -> list[_Rule]:
        """The rules of a role of every cluster, the same for all where the files add to it only once."""
        if self._added_by_place:
            return list(self._of_builtin(known, kind, near, set()))
        key = (kind, known.name)
        if key not in self._defaults:
            self._defaults[key] = list(self._of_builtin(known, kind, near, set()))
        return self._defaults[key]

    @functools.cached_property
    def _added_by_place(self) -> bool:
        """Whether what the files add to default roles differs by environment or folder."""
        labels = {known.aggregates for known in builtin.cluster_roles().values() if known.aggregates}
        added = [role for label in labels for role in self._by_label.get((label, "true"), ())]
        return len({role.address for role in added}) < len(added) or any(role.variant for role in added)

    def _of(self, role: Resource) -> list[_Rule]:
        if id(role) not in self._of_role:
            self._of_role[id(role)] = list(self._rules(role, {role.address}))
        return self._of_role[id(role)]

    def _rules(self, role: Resource, seen: set[str]) -> Iterator[_Rule]:
        aggregation = role.body.get("aggregationRule") if role.type == "ClusterRole" else None
        if aggregation is None:
            yield from _written(role.body.get("rules"), (role.address,))
            return
        if isinstance(aggregation, Unknown):
            yield _Rule(aggregation, (role.address,))
            return
        selectors = dig(aggregation, "clusterRoleSelectors")
        if isinstance(selectors, Unknown):
            yield _Rule(selectors, (role.address,))
            return
        several = selectors if isinstance(selectors, list) else []
        found = [item for one in several for item in self._aggregated(one, role, seen)]
        for item in found:
            yield item._replace(trail=(role.address, *item.trail))
        if several and not found:
            reason = f"no ClusterRole in these files has the labels that {role.address} gathers"
            yield _Rule(Unknown(reason), (role.address,))

    def _aggregated(self, written: Any, near: Resource, seen: set[str]) -> Iterator[_Rule]:
        """The rules of the roles that one selector finds, and an unknown where it may find others."""
        selector = from_label_selector(written)
        if selector is None:
            yield _Rule(Unknown(f"what {near.address} gathers is not known"), ())
            return
        yield from self._selected(selector, near, seen)
        waiting = self._open_labels.get(near.home)
        if waiting is not None:
            yield _Rule(waiting, ())

    def _selected(self, selector: Selector, near: Resource, seen: set[str]) -> Iterator[_Rule]:
        several = self.estate.of_type("ClusterRole")
        if selector.pairs:
            several = self._by_label.get(selector.pairs[0], [])
        found = [role for role in several if selector.matches(_labels(role))]
        for role in nearest(found, near):
            if role.address not in seen:
                yield from self._rules(role, {*seen, role.address})
        for known in builtin.cluster_roles().values():
            if known.labels and selector.matches(known.labels):
                yield from self._of_builtin(known, "ClusterRole", near, seen)

    def _of_builtin(
        self, known: builtin.BuiltIn, kind: str, near: Resource, seen: set[str]
    ) -> Iterator[_Rule]:
        address = f"{kind}/{known.name}"
        if address in seen and known.aggregates:
            return
        yield from (_Rule(rule, (address,), True) for rule in known.rules)
        if known.aggregates:
            selector = Selector(((known.aggregates, "true"),))
            for item in self._selected(selector, near, {*seen, address}):
                # What it is made of in every cluster is no news.
                yield item._replace(trail=(address,) if item.builtin else (address, *item.trail))


def _left_alone(role: Resource) -> bool:
    """Whether the API server adds nothing to a default role."""
    return isinstance(role.annotations, Map) and role.annotations.get(_AUTOUPDATE) == "false"


def _labels(role: Resource) -> dict[str, Any]:
    return role.labels if isinstance(role.labels, Map) else {}


def _place(resource: Resource) -> Any:
    if resource.type == "ClusterRole":
        return ""
    namespace = namespace_in(resource)
    return DEFAULT_NAMESPACE if namespace is None else key_of(namespace, resource.home)


def _written(rules: Any, trail: tuple[str, ...]) -> Iterator[_Rule]:
    if isinstance(rules, Unknown):
        yield _Rule(rules, trail)
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, (Map, Unknown)):
            yield _Rule(rule, trail)


def _scope(binding: Resource) -> dict[str, Any]:
    if binding.type == "ClusterRoleBinding":
        return {"scope": "cluster", "namespace": None}
    namespace = namespace_in(binding)
    return {"scope": "namespace", "namespace": DEFAULT_NAMESPACE if namespace is None else namespace}


def _told(bound: Bound, path: tuple[str, ...]) -> Map:
    reference = bound.binding.body.get("roleRef")
    role = "/".join(shown(dig(reference, key)) for key in ("kind", "name"))
    return Map(
        {
            "address": bound.binding.address,
            "role": role,
            **_scope(bound.binding),
            "subject": bound.subject,
            "path": _ARROW.join((*path, role)),
        }
    )


def _placed(found: _Rule, where: dict[str, Any], path: tuple[str, ...]) -> Any:
    """A rule with where it holds and how it came about."""
    if isinstance(found.rule, Unknown):
        return found.rule
    rule: Map = found.rule
    role = found.trail[-1]
    result = Map(rule, rule.span, rule.key_spans, rule.value_spans, rule.origin)
    result.update(where)
    result.update(role=role, builtin=found.builtin, path=_ARROW.join((*path, *found.trail)))
    return result
