"""One statement of an IAM policy; what its breadth is is worked out when a condition asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readiness.values import Map, Span

LAZY = {
    "expanded": "actions",
    "access": "actions",
    "levels": "actions",
    "permissions": "actions",
    "services": "actions",
    "resource_scope": "resources",
    "scope": "resources",
    "condition_keys": "conditions",
    "accounts": "principals",
    "external_accounts": "principals",
    "service_principals": "principals",
    "federated_principals": "principals",
    "privileged": "actions",
}
"""Keys that are worked out on first access, each with the written key that it is about."""


class Statement(Map):
    """A mapping whose keys in `LAZY` are there without being counted or listed.

    `principal` is the element `Principal` as it is written, `document` the statements of the
    policy it stands in, and `own` the accounts that the policy is known to belong to.
    """

    __slots__ = ("document", "known", "own", "principal")

    def __init__(self, source: Map) -> None:
        super().__init__((), source.span, origin=source.origin)
        self.principal: Any = None
        self.document: Sequence[Any] = ()
        self.own: frozenset[str] = frozenset()
        self.known: dict[str, Any] = {}

    def __missing__(self, key: str) -> Any:
        if key not in LAZY:
            raise KeyError(key)
        if key not in self.known:
            from readiness.policy.iam.breadth import worked_out

            self.known[key] = worked_out(self, key)
        return self.known[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, worked out where need be."""
        return self[key] if key in LAZY or dict.__contains__(self, key) else default

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or key in LAZY

    def span_of(self, key: str) -> Span | None:
        """The span of what a key is about."""
        about = LAZY.get(key, key)
        if about == "actions" and "actions" not in self.value_spans:
            about = "not_actions"
        return super().span_of(about)

    def like(self) -> Statement:
        """A copy with its spans, to which keys may be added."""
        copy = Statement(self)
        copy.update(self)
        copy.key_spans, copy.value_spans = dict(self.key_spans), dict(self.value_spans)
        copy.principal, copy.document, copy.own = self.principal, self.document, self.own
        return copy
