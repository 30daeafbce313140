"""The tree of routes of an Alertmanager: where alerts go.

An alert enters at the root and goes down: the first child that matches takes it, and those after it as well
where that child says `continue`; where no child matches, the route itself handles it.  What a route does
not say it has from its parent.  Source: https://prometheus.io/docs/alerting/latest/configuration/#route
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from readiness.operations.matchers import Matcher, Matches, matchers_of, matches
from readiness.values import List, Map, Span, Unknown

_INHERITED = ("receiver", "group_by", "group_wait", "group_interval", "repeat_interval")
_DEFAULTS = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
_OWN = ("mute_time_intervals", "active_time_intervals", "continue")
_DEPTH = 100
"""Levels of routes that are followed; trees that people write have five."""


class Node(Struct):
    """A route with what it has from its parents."""

    written: Map
    settings: Map
    matchers: list[Matcher | Unknown]
    goes_on: bool | Unknown  # `continue`
    children: list[Node] = field(default_factory=list)
    dead: bool = False  # an earlier route takes all that it would match
    hidden_too: bool = False  # and that of another one before this


def tree(configuration: Any) -> Node | None:
    """The tree of a configuration, or None where it has no route."""
    route = configuration.get("route") if isinstance(configuration, Map) else None
    return _node(route, Map(dict(_DEFAULTS)), 0) if isinstance(route, Map) else None


def _node(written: Map, parent: Map, depth: int) -> Node:
    settings = Map(parent, written.span, dict(parent.key_spans), dict(parent.value_spans))
    for key in (*_INHERITED, *_OWN):
        value = written.get(key)
        if value is None or (key == "receiver" and value == ""):
            continue
        settings[key] = value
        for spans, own in (
            (settings.key_spans, written.key_spans),
            (settings.value_spans, written.value_spans),
        ):
            if key in own:
                spans[key] = own[key]
    goes_on = written.get("continue", False)
    node = Node(
        written, settings, matchers_of(written), goes_on if isinstance(goes_on, (bool, Unknown)) else False
    )
    children = written.get("routes")
    inherited = Map(
        {key: settings[key] for key in _INHERITED if key in settings},
        None,
        {key: span for key, span in settings.key_spans.items() if key in _INHERITED},
        {key: span for key, span in settings.value_spans.items() if key in _INHERITED},
    )
    if isinstance(children, List) and depth < _DEPTH:
        node.children = [_node(child, inherited, depth + 1) for child in children if isinstance(child, Map)]
        _mark_dead(node)
    return node


def _mark_dead(node: Node) -> None:
    """Mark each child all of whose alerts an earlier one takes: that has no matcher which it has not."""
    taken: list[frozenset[Matcher]] = []
    hiding: set[frozenset[Matcher]] = set()
    for child in node.children:
        known = frozenset(matcher for matcher in child.matchers if isinstance(matcher, Matcher))
        by = next((earlier for earlier in taken if earlier <= known), None)
        if by is not None:
            child.dead, child.hidden_too = True, by in hiding
            hiding.add(by)
        if child.goes_on is False and all(isinstance(matcher, Matcher) for matcher in child.matchers):
            taken.append(known)


def _walk(node: Node, root: bool = True) -> Iterator[tuple[Node, bool]]:
    yield node, root
    for child in node.children:
        yield from _walk(child, False)


def routes(configuration: Any) -> List:
    """Every route of a configuration, the root first: a mapping with what holds for it.

    `receiver`, `group_by`, `group_wait`, `group_interval`, `repeat_interval` (inherited, with Alertmanager's
    defaults for durations), `continue`, `mute_time_intervals`, `active_time_intervals`, `root` (bool),
    `leaf` (it has no routes), `reachable` (false where an earlier route takes all of its alerts),
    `hidden_too` (that one takes those of another route before this as well),
    `inherited` (the names of the settings that it does not say itself) and `matchers`: a list of
    `{label, op, value}`.
    """
    top = tree(configuration)
    found = [] if top is None else [_shown(node, root) for node, root in _walk(top)]
    spans = [item.span for item in found if item.span is not None]
    return List(found, None, spans if len(spans) == len(found) else None)


def _shown(node: Node, root: bool) -> Map:
    shown = Map(node.settings, node.written.span, node.settings.key_spans, node.settings.value_spans)
    shown["inherited"] = List(key for key in _INHERITED if node.written.get(key) is None)
    shown["root"] = root
    shown["leaf"] = not node.children
    shown["reachable"] = not node.dead
    shown["hidden_too"] = node.hidden_too
    items: list[Any] = [
        matcher
        if isinstance(matcher, Unknown)
        else Map({"label": matcher.label, "op": matcher.op, "value": matcher.value}, node.written.span)
        for matcher in node.matchers
    ]
    shown["matchers"] = List(items)
    for key in ("matchers", "match", "match_re"):
        if key in node.written.key_spans:
            shown.key_spans.setdefault("matchers", node.written.key_spans[key])
            shown.value_spans.setdefault("matchers", node.written.value_spans[key])
    return shown


def label_values(configuration: Any, label: str) -> list[str]:
    """The values of a label that routes ask for, the plain alternatives of patterns among them."""
    found: dict[str, None] = {}
    top = tree(configuration)
    for node, _ in _walk(top) if top is not None else ():
        for matcher in node.matchers:
            if isinstance(matcher, Matcher) and matcher.label == label and isinstance(matcher.value, str):
                found.update(dict.fromkeys(_plain(matcher)))
    return list(found)


def _plain(matcher: Matcher) -> list[str]:
    if matcher.op == "=":
        return [str(matcher.value)] if matcher.value else []
    parts = str(matcher.value).strip("^$()").split("|") if matcher.op == "=~" else []
    return [part for part in parts if part and part.replace("-", "").replace("_", "").isalnum()]


def receivers(configuration: Any, labels: Any, test: Matches) -> List | Unknown:
    """The receivers that an alert with these labels reaches, or may reach by labels that are not given.

    Each is a mapping: `name`, `reached` (true for an alert with these labels and no others, else unknown),
    `defined`, `integrations` (`pagerduty`, `slack` …) and `notifies` (it has any).  Labels that are unknown,
    or templates, and those that are not given, may have any value.
    """
    if isinstance(labels, Unknown):
        return labels
    if isinstance(configuration, Unknown):
        return configuration
    top = tree(configuration)
    if top is None or not isinstance(labels, Mapping):
        return List()
    # Only the route of an AlertmanagerConfig has matchers at its top.
    if _all(top.matchers, labels, False, test) is False:
        return List()
    exact, certain = _ends(top, labels, True, test)
    possible, _ = _ends(top, labels, False, test)
    certain = certain and _all(top.matchers, labels, True, test) is True
    surely = {id(node) for node in exact} if certain else set()
    found: dict[str, Map] = {}
    for node in [*exact, *possible]:
        receiver = _receiver(configuration, node, id(node) in surely)
        key = str(receiver["name"])
        if key not in found or (receiver["reached"] is True and found[key]["reached"] is not True):
            found[key] = receiver
    return List(found.values())


def _ends(node: Node, labels: Mapping[str, Any], complete: bool, test: Matches) -> tuple[list[Node], bool]:
    """The routes that may handle an alert which is at a route, and whether all of them surely do."""
    found: list[Node] = []
    certain, taken = True, False
    for child in node.children:
        matched = _all(child.matchers, labels, complete, test)
        if matched is False:
            continue
        ends, sure = _ends(child, labels, complete, test)
        found += ends
        certain = certain and sure and matched is True and isinstance(child.goes_on, bool)
        if matched is True:
            taken = True
            if child.goes_on is False:
                break
    if not taken:
        found.append(node)
    return found, certain


def _all(
    matchers: list[Matcher | Unknown], labels: Mapping[str, Any], complete: bool, test: Matches
) -> bool | None:
    result: bool | None = True
    for matcher in matchers:
        one = matches(matcher, labels, complete, test)
        if one is False:
            return False
        result = result if one else None
    return result


def _receiver(configuration: Map, node: Node, sure: bool) -> Map:
    name = node.settings.get("receiver")
    result = Map({"name": name}, node.written.span)
    for mine, spans in (
        (result.key_spans, node.settings.key_spans),
        (result.value_spans, node.settings.value_spans),
    ):
        if "receiver" in spans:
            mine["name"] = spans["receiver"]
    result["reached"] = sure or Unknown("which receiver an alert reaches depends on its other labels")
    written = _find(configuration, name)
    if isinstance(name, Unknown):
        written = name
    known = isinstance(written, Map)
    kinds = integrations(written) if isinstance(written, Map) else List()
    result["defined"] = written if isinstance(written, Unknown) else known
    result["integrations"] = written if isinstance(written, Unknown) else kinds
    unknown = next((kind for kind in kinds if isinstance(kind, Unknown)), None)
    if isinstance(written, Unknown):
        result["notifies"] = written
    elif any(isinstance(kind, str) for kind in kinds):
        result["notifies"] = True
    else:
        result["notifies"] = False if unknown is None else unknown
    return result


def _find(configuration: Map, name: Any) -> Any:
    """The receiver of a name; an unknown where one that is not known may have it."""
    listed = configuration.get("receivers")
    if isinstance(listed, Unknown):
        return listed
    maybe: Unknown | None = None
    for receiver in listed if isinstance(listed, List) else ():
        if isinstance(receiver, Unknown):
            maybe = receiver
        elif isinstance(receiver, Map):
            own = receiver.get("name")
            if isinstance(own, Unknown):
                maybe = own
            elif own == name:
                return receiver
    return maybe


def integrations(receiver: Map) -> List:
    """What a receiver notifies through: `slack` for `slack_configs`; an unknown for an unknown list."""
    found: list[Any] = []
    spans: list[Span | None] = []
    for key, value in receiver.items():
        if key.endswith("_configs") and (isinstance(value, Unknown) or (isinstance(value, List) and value)):
            found.append(value if isinstance(value, Unknown) else key.removesuffix("_configs"))
            spans.append(receiver.span_of(key))
    known = [span for span in spans if span is not None]
    return List(found, receiver.span, known if len(known) == len(found) else None)
