"""PromQL expressions taken apart: metrics, matchers, windows, thresholds, what they measure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from readiness.operations import promql_tree as tree
from readiness.operations.promql_burn import Windows, burns, named_window
from readiness.operations.promql_model import Expression
from readiness.operations.promql_parse import Fault, parse
from readiness.operations.promql_text import with_durations
from readiness.values import List, Map, Unknown

__all__ = ["Expression", "analyse", "as_map", "recorded_window"]


@lru_cache(16384)
def analyse(text: str) -> Expression:
    """What an expression says, whether it is valid or not; never an error.

    A recorded rate has the window that its name ends with; see `with_windows` for what it was made of.
    """
    parsed = parse(text)
    if isinstance(parsed, Unknown):
        return Expression(text, parsed)
    if isinstance(parsed, Fault):
        return Expression(text, False, parsed.message, parsed.line, parsed.column)
    try:
        return _taken_apart(text, parsed, {})
    except (OverflowError, ValueError):
        # The parser takes durations of more days than Python counts, and says so differently by release.
        return Expression(text, Unknown("a duration of the expression is too great to be counted"))


def with_windows(expression: Expression, recorded: Windows) -> Expression:
    """The same expression, with what is known of the windows of the recorded metrics that it reads."""
    if not expression.burns or not any(name in recorded for name in expression.metrics):
        return expression
    parsed = parse(expression.text)
    if isinstance(parsed, (Unknown, Fault)):
        return expression
    return replace(expression, burns=burns(parsed, recorded))


def recorded_window(expression: Expression) -> float | None:
    """The window in seconds over which a recording rule measures; None where there is not just one."""
    found = set()
    for selector in expression.selectors:
        window = selector.window
        if window is None and selector.metric is not None:
            window = named_window(selector.metric)
        found.add(window)
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, float) else None


def _taken_apart(text: str, root: Any, recorded: Windows) -> Expression:
    by, without = tree.groupings(root)
    valid: bool | Unknown = True
    if with_durations(text) != text:
        valid = Unknown("a window of the expression is a placeholder of a template")
    elif tree.alternatives(root):
        valid = Unknown("`or` between label matchers is MetricsQL")
    return Expression(
        text,
        valid,
        type=tree.type_of(root),
        selectors=tuple(tree.selectors(root)),
        functions=tuple(tree.functions(root)),
        by=tuple(by),
        without=tuple(without),
        comparisons=tuple(tree.comparisons(root)),
        indicator=tree.indicator(root),
        burns=burns(root, recorded),
    )


def as_map(expression: Expression) -> Map:
    """An expression as conditions see it; what was not parsed has an unknown in each place."""
    head: Mapping[str, Any] = {
        "valid": expression.valid,
        "error": expression.error,
        "line": expression.line,
        "column": expression.column,
    }
    if expression.type is None:
        unread = expression.valid
        if not isinstance(unread, Unknown):
            unread = Unknown(f"the expression is not valid: {expression.error}")
        keys = ("type", "metrics", "selectors", "matchers", "windows", "offsets", "functions")
        more = ("by", "without", "comparisons", "indicator", "burns")
        return Map({**head, **dict.fromkeys((*keys, *more), unread)})
    return Map(
        {
            **head,
            "type": expression.type,
            "metrics": List(expression.metrics),
            "selectors": List([_selector_map(selector) for selector in expression.selectors]),
            "matchers": List(
                Map({"metric": selector.metric, "label": m.label, "op": m.op, "value": m.value})
                for selector in expression.selectors
                for m in selector.matchers
            ),
            "windows": List(_whole(window) for window in expression.windows),
            "offsets": List(_whole(offset) for offset in expression.offsets),
            "functions": List(expression.functions),
            "by": List(expression.by),
            "without": List(expression.without),
            "comparisons": List(Map({"op": c.op, "value": _whole(c.value)}) for c in expression.comparisons),
            "indicator": expression.indicator,
            "burns": List(_burn_map(burn.thresholds) for burn in expression.burns),
        }
    )


def _selector_map(selector: Any) -> Map:
    return Map(
        {
            "metric": selector.metric,
            "matchers": List(
                Map({"label": m.label, "op": m.op, "value": m.value}) for m in selector.matchers
            ),
            "window": _whole(selector.window),
            "offset": _whole(selector.offset),
        }
    )


def _burn_map(thresholds: Any) -> Map:
    """One way to fire: its windows (seconds, the longest first) and how fast the budget must burn."""
    measured = {threshold.window for threshold in thresholds if threshold.window is not None}
    windows = [_whole(window) for window in sorted(measured, reverse=True)]
    windows += [
        Unknown("the window of the error rate is not written here") for t in thresholds if t.window is None
    ]
    factors = [t.factor for t in thresholds if t.factor is not None]
    budgets = {t.budget for t in thresholds if t.budget is not None}
    return Map(
        {
            "windows": List(windows),
            "factor": min(factors) if factors else Unknown("the burn rate is not written as a number"),
            "budget": budgets.pop() if len(budgets) == 1 else None,
        }
    )


def _whole(value: Any) -> Any:
    """A whole number as one, so that messages say `3600` and not `3600.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
