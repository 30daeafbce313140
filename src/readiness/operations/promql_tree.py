"""The tree of a PromQL expression: selectors, aggregations, comparisons, constants, what it measures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from readiness.operations.promql_model import Comparison, Matcher, Selector
from readiness.operations.promql_text import SENTINEL_SECONDS, templated
from readiness.values import Unknown


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
_COMPARISONS = {"==": "==", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
"""The comparisons, each with the one that says the same from the other side."""

_STATUS_LABELS = _words(
    """
    code status status_code statuscode response_code http_code http_status http_status_code
    http_response_status_code grpc_code grpc_status rpc_grpc_status_code outcome result
    """
)
_FAILED = re.compile(r"(?:^|[_:])(?:error|errors|fail|failed|failure|failures)(?:$|[_:])")
_RATIO = re.compile(
    r"error[s_:]*.*(?:ratio|percent)|(?:ratio|percent).*error|burn_?rate|slo:sli_error:", re.I
)


def kind(node: Any) -> str:
    """The name of a node's class."""
    return type(node).__name__


def children(node: Any) -> list[Any]:
    """The expressions directly below a node."""
    name = kind(node)
    if name == "BinaryExpr":
        return [node.lhs, node.rhs]
    if name in ("ParenExpr", "UnaryExpr", "SubqueryExpr"):
        return [node.expr]
    if name == "AggregateExpr":
        return [node.expr] if node.param is None else [node.expr, node.param]
    return list(node.args) if name == "Call" else []


def walk(node: Any) -> Iterator[Any]:
    """A node and everything below it, from the left to the right."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def bare(node: Any) -> Any:
    """A node without the brackets around it."""
    while kind(node) == "ParenExpr":
        node = node.expr
    return node


def selectors(root: Any) -> list[Selector]:
    """The selectors of an expression in order; a subquery adds no window to those inside."""
    found = []
    for node in walk(root):
        if kind(node) == "MatrixSelector":
            found.append(_selector(node.vector_selector, _window(node.range)))
        elif kind(node) == "VectorSelector":
            found.append(_selector(node, None))
    return found


def _window(value: timedelta) -> float | Unknown:
    seconds = value.total_seconds()
    if math.isclose(seconds, SENTINEL_SECONDS, abs_tol=1e-4):
        return Unknown("the window is a placeholder of a template")
    return seconds


def _selector(node: Any, window: float | Unknown | None) -> Selector:
    metric: str | None = node.name or None
    matchers = []
    for found in node.matchers.matchers:
        matcher = Matcher(found.name, _OPS[str(found.op).rpartition(".")[2]], _value(found.value))
        exact = matcher.label == "__name__" and matcher.op == "="
        if metric is None and exact and isinstance(matcher.value, str):
            metric = matcher.value
        else:
            matchers.append(matcher)
    offset = node.offset
    return Selector(metric, tuple(matchers), window, offset.total_seconds() if offset is not None else 0.0)


def _value(value: str) -> str | Unknown:
    return Unknown(f"the label value {value!r} is a template") if templated(value) else value


def alternatives(root: Any) -> bool:
    """Whether a selector holds `or` between matchers, which only MetricsQL has."""
    for node in walk(root):
        name = kind(node)
        vector = node.vector_selector if name == "MatrixSelector" else node
        if name in ("MatrixSelector", "VectorSelector") and vector.matchers.or_matchers:
            return True
    return False


def type_of(node: Any) -> str:
    """The type of what an expression gives: `vector`, `scalar`, `matrix` or `string`."""
    node = bare(node)
    name = kind(node)
    if name in ("MatrixSelector", "SubqueryExpr"):
        return "matrix"
    if name == "UnaryExpr":
        return type_of(node.expr)
    if name == "Call":
        return str(node.func.return_type).rpartition(".")[2].lower()
    if name == "BinaryExpr":
        sides = {type_of(node.lhs), type_of(node.rhs)}
        return "scalar" if sides == {"scalar"} else "vector"
    return {"NumberLiteral": "scalar", "StringLiteral": "string"}.get(name, "vector")


def functions(root: Any) -> list[str]:
    """The names of the functions and aggregations that are called, each once."""
    found: dict[str, None] = {}
    for node in walk(root):
        if kind(node) == "Call":
            found[node.func.name] = None
        elif kind(node) == "AggregateExpr":
            found[str(node.op).lower()] = None
    return list(found)


def groupings(root: Any) -> tuple[list[str], list[str]]:
    """The labels that aggregations keep (`by`), and those that they drop (`without`)."""
    by: dict[str, None] = {}
    without: dict[str, None] = {}
    for node in walk(root):
        if kind(node) == "AggregateExpr" and node.modifier is not None:
            kept = str(node.modifier.type).endswith("By")
            (by if kept else without).update(dict.fromkeys(node.modifier.labels))
    return list(by), list(without)


def is_comparison(node: Any) -> bool:
    """Whether a node compares."""
    return kind(node) == "BinaryExpr" and str(node.op) in _COMPARISONS


def comparison(node: Any) -> tuple[Any, str, Any]:
    """The sides of a comparison, with what is constant on the right."""
    op = str(node.op)
    if constant(node.lhs) is not None and constant(node.rhs) is None:
        return node.rhs, _COMPARISONS[op], node.lhs
    return node.lhs, op, node.rhs


def comparisons(root: Any) -> list[Comparison]:
    """The comparisons of an expression."""
    found = []
    for node in walk(root):
        if is_comparison(node):
            _, op, right = comparison(node)
            found.append(Comparison(op, constant(right)))
    return found


def constant(node: Any) -> float | None:
    """The number that an expression without series is: `14.4 * (1 - 0.999)`; None for any other."""
    node = bare(node)
    name = kind(node)
    if name == "NumberLiteral":
        return float(node.val)
    if name == "UnaryExpr":
        inner = constant(node.expr)
        return -inner if inner is not None and str(node).startswith("-") else inner
    if name == "Call" and node.func.name in ("vector", "scalar") and len(node.args) == 1:
        return constant(node.args[0])
    if name != "BinaryExpr":
        return None
    left, right = constant(node.lhs), constant(node.rhs)
    if left is None or right is None:
        return None
    return _calculated(str(node.op), left, right)


def _calculated(op: str, left: float, right: float) -> float | None:
    try:
        if op == "+":
            return left + right
        if op == "-":
            return left - right
        if op == "*":
            return left * right
        if op == "/":
            return left / right
    except (ZeroDivisionError, OverflowError):
        pass
    return None


def indicator(root: Any) -> str | None:
    """`latency` or `errors` where an expression surely measures such a thing."""
    quotients = []
    for node in walk(root):
        name = kind(node)
        if name == "Call" and node.func.name in ("histogram_quantile", "histogram_fraction"):
            return "latency"
        if name == "VectorSelector" and _RATIO.search(node.name or ""):
            return "errors"
        if name == "MatrixSelector" and _RATIO.search(node.vector_selector.name or ""):
            return "errors"
        if name == "BinaryExpr" and str(node.op) == "/":
            quotients.append(node)
    for node in quotients:
        below = selectors(node.rhs)
        measured = _quotient(selectors(node.lhs), below) if below else None
        if measured is not None:
            return measured
    return None


def _quotient(above: list[Selector], below: list[Selector]) -> str | None:
    """What a ratio of series measures: requests faster than a limit, requests that failed."""
    totals = {s.metric for s in below if s.metric is not None}
    for selector in above:
        name = selector.metric
        if name is None or not totals:
            continue
        whole = name.removesuffix("_bucket") + "_count"
        if name.endswith("_bucket") and selector.equal("le") is not None and totals & {whole, name}:
            return "latency"
        if _FAILED.search(name) and any(total.endswith(("_total", "_count")) for total in totals):
            return "errors"
        status = {m.label for m in selector.matchers if m.label.lower() in _STATUS_LABELS}
        if name in totals and any(s.metric == name and status - {m.label for m in s.matchers} for s in below):
            return "errors"
    return None
