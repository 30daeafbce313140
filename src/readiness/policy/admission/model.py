"""A ValidatingAdmissionPolicy with its bindings as plain data, which a pack keeps in the cache.

Fields and their defaults are those of `admissionregistration/v1/types.go` of https://github.com/kubernetes/api.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

GROUP = "admissionregistration.k8s.io"
VERSIONS = ("v1", "v1beta1", "v1alpha1")
POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"
MUTATING = ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")

ACTIONS = {"Deny": "high", "Warn": "medium", "Audit": "info"}
"""What a binding does about a violation, gravest first, and how grave that makes a finding."""


class Text(Struct, frozen=True):
    """An expression; `rows` are line and column in the file of each of its lines, as far as is known."""

    source: str
    rows: list[tuple[int, int]]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Where a line and column of the expression stand in the file."""
        if not 0 < line <= len(self.rows):
            return self.rows[0]
        row, start = self.rows[line - 1]
        return row, start + column - 1


class Named(Struct, frozen=True):
    """A match condition or a variable."""

    name: str
    expression: Text


class Validation(Struct, frozen=True):
    """One validation; `message` is empty where it has none."""

    expression: Text
    message: str = ""
    message_expression: Text | None = None


class Rule(Struct, frozen=True):
    """Which requests are meant: one of each list, `*` is any; `names` empty is any."""

    groups: list[str]
    versions: list[str]
    resources: list[str]
    operations: list[str]
    scope: str = "*"
    names: list[str] = field(default_factory=list)


class Match(Struct, frozen=True):
    """Which requests are looked at; without `rules` all are.  Selectors are as written, None for all."""

    rules: list[Rule] = field(default_factory=list)
    excluded: list[Rule] = field(default_factory=list)
    namespaces: dict[str, Any] | None = None
    objects: dict[str, Any] | None = None
    exact: bool = False


class ParamRef(Struct, frozen=True):
    """The objects that are `params`: by name, or by a selector."""

    name: str = ""
    namespace: str = ""
    selector: dict[str, Any] | None = None
    deny_missing: bool = False


class Binding(Struct, frozen=True):
    """One binding; `severity` is that of its gravest action."""

    name: str
    severity: str
    match: Match | None = None
    params: ParamRef | None = None


class Admission(Struct, frozen=True):
    """A policy with the bindings that its pack has.

    `param_kind` is `apiVersion` and `kind`; `objects` are those of the pack that may be parameters,
    Namespaces or definitions of custom kinds.  `ignore` is true where an error admits the object.
    """

    name: str
    severity: str
    ignore: bool
    match: Match
    validations: list[Validation]
    conditions: list[Named] = field(default_factory=list)
    variables: list[Named] = field(default_factory=list)
    param_kind: tuple[str, str] | None = None
    bindings: list[Binding] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
