"""What one rule of a Role permits.

Source: `VerbMatches`, `APIGroupMatches` and `ResourceMatches` of Kubernetes,
https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/v1/evaluation_helpers.go:
`*` is everything, subresources too; `*/exec` is that subresource of everything; `pods/*` and `*/*`
are no patterns and permit nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

from readiness.values import Unknown

Answer = bool | Unknown


class Asked(NamedTuple):
    """A resource that is asked for: its API group, and the texts of rules that mean it."""

    group: str
    texts: tuple[str, ...]


@functools.lru_cache(maxsize=256)
def asked(text: str) -> Asked:
    """`secrets`, `pods/exec`, `roles.rbac.authorization.k8s.io`, `*.*` (everything), taken apart."""
    head, slash, sub = text.partition("/")
    name, _, group = head.partition(".")
    texts = (f"{name}/{sub}", f"*/{sub}", "*") if slash else (name, "*")
    return Asked(group, texts)


def permits(rule: Any, verbs: Any, resources: Any) -> Answer:
    """Whether a rule permits one of some verbs on one of some resources, whatever their names.

    `verbs` and `resources` are a text or a list of texts, of which one suffices; resources are
    written as `asked` reads them.  `resourceNames` is not looked at.  Unknown where a part of the
    rule that decides is not known.
    """
    if not isinstance(rule, dict):
        return False
    may = _has(rule.get("verbs"), (*_texts(verbs), "*"))
    if may is False:
        return False
    found = [_reaches(rule, asked(text)) for text in _texts(resources)]
    reached = True if True in found else next((answer for answer in found if answer is not False), False)
    if reached is False or may is True:
        return reached
    return may


def _reaches(rule: dict[str, Any], wanted: Asked) -> Answer:
    group = _has(rule.get("apiGroups"), (wanted.group, "*"))
    if group is False:
        return False
    resource = _has(rule.get("resources"), wanted.texts)
    return resource if resource is False or group is True else group


def _has(values: Any, wanted: Iterable[str]) -> Answer:
    """Whether a list holds one of some texts; an unknown in it may be one of them."""
    if isinstance(values, Unknown):
        return values
    if not isinstance(values, list):
        return False
    waiting: Unknown | None = None
    for value in values:
        if isinstance(value, Unknown):
            if waiting is None and not all(value.differs(text) for text in wanted):
                waiting = value
        elif value in wanted:
            return True
    return False if waiting is None else waiting


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
