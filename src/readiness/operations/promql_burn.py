"""Alerts on the error budget: which windows must burn how fast for an expression to fire.

Shape: The Site Reliability Workbook, chapter 5 (https://sre.google/workbook/alerting-on-slos/): an error
rate over a long and over a short window, joined by `and`, each above a burn rate times the budget.
Names of recorded rates: those that Sloth (`slo:sli_error:ratio_rate1h`), Pyrra and the Kubernetes mixin
(`…:burnrate1h`) generate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness.operations.promql_model import Burn, Selector, Threshold
from readiness.operations.promql_tree import (
    bare,
    comparison,
    constant,
    indicator,
    is_comparison,
    kind,
    selectors,
)

Windows = Mapping[str, float]
"""The window in seconds over which a recorded metric is measured, by its name."""

_NAMED_WINDOW = re.compile(
    r"(?:rate|ratio|burn|errors?|[_:])_?(?P<count>[0-9]+)(?P<unit>[smhdw])$", re.IGNORECASE
)
_BURN = re.compile(r"burn_?rate", re.I)
_BUDGET = re.compile(r"(?:error_?)?budget", re.I)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MANY = 64
"""Ways to fire that are told; an alert has four at most."""

_GREATEST_BUDGET = 0.5


def named_window(metric: str) -> float | None:
    """The window that the name of a recorded metric ends with: 3600 for `…:burnrate1h`."""
    found = _NAMED_WINDOW.search(metric)
    return None if found is None else int(found["count"]) * float(_SECONDS[found["unit"].lower()])


def burns(root: Any, recorded: Windows) -> tuple[Burn, ...]:
    """The ways in which an alert on the error budget fires; none for any other expression."""
    found = []
    for comparisons in _ways(root):
        thresholds = [_threshold(node, recorded) for node in comparisons]
        known = tuple(threshold for threshold in thresholds if threshold is not None)
        if known:
            found.append(Burn(known))
    return tuple(found)


def _ways(node: Any) -> list[list[Any]]:
    """The comparisons that must hold together, for each way in which an expression has a value."""
    node = bare(node)
    name = kind(node)
    if name == "AggregateExpr":
        return _ways(node.expr)
    if name == "Call":
        vectors = [arg for arg in node.args if kind(bare(arg)) not in ("NumberLiteral", "StringLiteral")]
        return _ways(vectors[0]) if len(vectors) == 1 and node.func.name != "absent" else [[]]
    if name != "BinaryExpr":
        return [[]]
    op = str(node.op)
    if op == "or":
        return (_ways(node.lhs) + _ways(node.rhs))[:_MANY]
    if op == "and":
        return [one + other for one in _ways(node.lhs) for other in _ways(node.rhs)][:_MANY]
    if op == "unless":
        return _ways(node.lhs)
    return [[node]] if is_comparison(node) else [[]]


def _threshold(node: Any, recorded: Windows) -> Threshold | None:
    """One comparison, where it holds an error rate against the budget."""
    rate, op, limit = comparison(node)
    if op not in (">", ">="):
        return None
    found = selectors(rate)
    names = tuple(dict.fromkeys(s.metric for s in found if s.metric is not None))
    scaled: tuple[float | None, float | None] | None = _scaled(limit, rate)
    if scaled is None:
        value = constant(limit)
        factor = value if value is not None and value >= 1 else None
        divided = _divided(rate)
        if divided is not None and factor is not None:
            scaled = factor, divided[1]
            found = selectors(divided[0])
        elif any(_BURN.search(name) for name in names):
            scaled = factor, None
    if scaled is None or not found:
        return None
    return Threshold(names, _measured(found, recorded), *scaled)


def _scaled(node: Any, rate: Any) -> tuple[float, float | None] | None:
    """Burn rate and budget of `14.4 * (1 - 0.999)`; the budget may be a series of that name."""
    node = bare(node)
    if kind(node) != "BinaryExpr" or str(node.op) != "*":
        return None
    for one, other in ((node.lhs, node.rhs), (node.rhs, node.lhs)):
        factor, budget = constant(one), _budget(other, rate)
        if factor is not None and factor >= 1 and budget is not None:
            return factor, budget[0]
    return None


def _divided(rate: Any) -> tuple[Any, float | None] | None:
    """The error rate and the budget of `rate / (1 - 0.999)`."""
    node = bare(rate)
    while kind(node) == "AggregateExpr":
        node = bare(node.expr)
    if kind(node) != "BinaryExpr" or str(node.op) != "/":
        return None
    budget = _budget(node.rhs, rate)
    return None if budget is None else (node.lhs, budget[0])


def _budget(node: Any, rate: Any) -> tuple[float | None] | None:
    """What an objective lets fail, as a number or by its name.

    A bare number is that only beside what surely is a rate of errors; `1 - 0.999` tells by itself.
    """
    value = constant(node)
    if value is not None:
        likely = 0 < value <= _GREATEST_BUDGET and (_is_rest(node) or indicator(rate) is not None)
        return (value,) if likely else None
    names = [selector.metric or "" for selector in selectors(node)]
    return (None,) if names and all(_BUDGET.search(name) for name in names) else None


def _is_rest(node: Any) -> bool:
    """Whether a number is written as what is left of a whole: `1 - 0.999`, `(100 - 99.9) / 100`."""
    node = bare(node)
    if kind(node) != "BinaryExpr":
        return False
    if str(node.op) == "-":
        return constant(node.lhs) in (1.0, 100.0)
    return str(node.op) == "/" and constant(node.rhs) == 100.0 and _is_rest(node.lhs)


def _measured(found: list[Selector], recorded: Windows) -> float | None:
    """The one window over which an error rate is measured; None where that is not certain."""
    windows: set[float] = set()
    for selector in found:
        window = selector.window
        if window is None and selector.metric is not None:
            window = recorded.get(selector.metric) or named_window(selector.metric)
        if not isinstance(window, float):
            return None
        windows.add(window)
    return windows.pop() if len(windows) == 1 else None
