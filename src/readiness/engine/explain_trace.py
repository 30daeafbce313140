"""The conditions of a policy on one resource, evaluated as the run does, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from readiness.engine.checks import Check
from readiness.engine.explain_conditions import Conditions, name_of, result_of
from readiness.engine.explained import OUTCOMES, Condition, Explained, Item
from readiness.engine.yields import Yields
from readiness.estate.model import Resource
from readiness.estate.secrets import mask
from readiness.policy.cel import HOST, CelError
from readiness.policy.cel.anatomy import Piece, value_of
from readiness.policy.host import Host
from readiness.values import List, Map, Span, Unknown, span_at


def skip(told: Explained, code: str, why: str) -> Explained:
    """Note that a policy says nothing, by a code of `SKIPPED` and in words."""
    told.outcome, told.code, told.why = "skipped", code, why
    return told


class Trace:
    """Tells the conditions of a check on one resource, evaluated as the run does."""

    def __init__(
        self, check: Check, resource: Resource, conditions: Conditions, host: Host, secrets: frozenset[str]
    ) -> None:
        self.check = check
        self.resource = resource
        self.conditions = conditions
        self.host = host
        self.secrets = secrets

    def run(self, told: Explained, names: dict[str, Any], yields: Yields) -> None:
        """Fill in the conditions, and what follows from them."""
        policy = self.check.policy
        if self.check.admission is not None:
            self._admission(told)
        else:
            names[HOST] = self.host.functions
            names["params"] = self.check.params
            self._policy(told, names, yields)
        if policy.tiers is not None and names["tier"] not in policy.tiers:
            told.would = told.outcome
            tiers = ", ".join(map(str, sorted(policy.tiers)))
            skip(told, "tier", f"it is checked in tier {tiers} alone; this is tier {names['tier']}")

    def _policy(self, told: Explained, names: dict[str, Any], yields: Yields) -> None:
        check = self.check
        applies: Any = True
        if check.when is not None:
            applies = value_of(check.when, names)
            pieces = [Piece(conjunct, names) for conjunct in check.when.conjuncts]
            told.when = list(self.conditions.every(pieces))
            if isinstance(applies, CelError):
                told.outcome = "fail"
                return
            if result_of(applies) == "false":
                first = next((one.source for one in told.when if one.result == "false"), "")
                skip(told, "when", f"`when` is false: {first}")
                return
        if check.each is None:
            told.items = [self._item(None, None, None, names, applies, yields)]
        else:
            self._each(told, names, applies, yields)
        silenced = {item.silenced_by for item in told.items} - {None}
        outcomes = [item.outcome for item in told.items]
        if outcomes and set(outcomes) == {"skipped"}:
            by = " and ".join(sorted(str(name) for name in silenced))
            waits = silenced <= yields.left(self.check.policy.id)
            does = "waits for the same value" if waits else "fails on the same thing"
            skip(told, "yields", f"{by} {does} and says it more precisely")
        elif told.outcome == "pass" and outcomes:
            told.outcome = min(outcomes, key=OUTCOMES.index)

    def _each(self, told: Explained, names: dict[str, Any], applies: Any, yields: Yields) -> None:
        piece = Piece(self.check.each, names)
        items = piece.value
        told.each = self._listing(piece, items)
        if isinstance(items, CelError):
            told.outcome = "fail"
            return
        if isinstance(items, Unknown):
            told.outcome = "unknown"
            for by in yields.left(self.check.policy.id):
                skip(told, "yields", f"{by} waits for the same value and says it more precisely")
            return
        if items is None or (isinstance(items, list | dict) and not items):
            skip(told, "no-items", "`each` has no items")
            return
        if not isinstance(items, list | dict):
            told.outcome = "fail"
            return
        pairs: Any = items.items() if isinstance(items, dict) else enumerate(items)
        for key, item in pairs:
            own = item.span if isinstance(item, Map) else None
            span = own or span_at(items, key)
            scope = {**names, "item": item}
            number = key + 1 if isinstance(key, int) else key
            name = name_of(item) or f"{number}"
            told.items.append(self._item(name, span, item, scope, applies, yields))
        told.items.sort(key=lambda item: OUTCOMES.index(item.outcome))

    def _listing(self, piece: Piece, items: Any) -> Condition:
        """What `each` goes through: its result is the number of items, or why there is none."""
        told = self.conditions.one(piece, depth=9)
        if isinstance(items, CelError | Unknown):
            return told
        number = len(items) if isinstance(items, list | dict) else 0
        return Condition(told.source, str(number), None, None, told.inputs)

    def _item(
        self,
        name: str | None,
        span: Span | None,
        item: Any,
        names: dict[str, Any],
        applies: Any,
        yields: Yields,
    ) -> Item:
        check = self.check
        way = (List([item]), item) if isinstance(item, dict) else ()
        conditions = self.conditions.every(Piece(conjunct, names, way) for conjunct in check.conjuncts)
        shown = None if name is None else mask(name, self.secrets)
        by = None
        if check.policy.yields_to:
            by = yields.silencer(check.policy.id, item, check.each is not None)
        if by is not None:
            return Item(shown, "skipped", conditions, span, by)
        outcome = _outcome([one.result for one in conditions], applies)
        if outcome == "unknown" and check.policy.yields_to:
            by = yields.left_to(check.policy.id, item, check.each is not None)
        return Item(shown, "skipped" if by is not None else outcome, conditions, span, by)

    def _admission(self, told: Explained) -> None:
        """What the validations of a policy of Kubernetes say."""
        results = {"pass": "true", "fail": "false"}
        conditions = []
        for verdict in self.host.reviewer.verdicts(self.check.admission, self.resource):
            unknown = verdict.unknown
            result = "unknown" if unknown is not None else results.get(verdict.status, "error")
            reason = mask(unknown.reason if unknown is not None else verdict.message, self.secrets)
            inputs = self.conditions.blamed(verdict.blames)
            conditions.append(Condition(verdict.name, result, reason or None, inputs=inputs))
        if not conditions:
            bound = bool(self.check.admission.admission.bindings)
            why = "its match constraints, conditions or bindings leave this object out"
            skip(told, "admission", why if bound else "its pack has no binding for it")
            return
        outcome = _outcome([one.result for one in conditions if one.result != "error"], True)
        told.items = [Item(None, outcome, tuple(conditions))]
        told.outcome = outcome


def _outcome(results: Sequence[str], applies: Any) -> str:
    """What results of conditions amount to: an error is a failure, and nothing fails that may not apply."""
    first = next((one for one in results if one in ("false", "error")), None)
    if first is not None:
        return "unknown" if first == "false" and isinstance(applies, Unknown) else "fail"
    return "unknown" if "unknown" in results else "pass"
