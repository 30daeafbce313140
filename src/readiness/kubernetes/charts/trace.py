"""Rendered documents whose values point to what a person edits: a values file, or else the template."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from readiness.kubernetes.charts.marks import Positions
from readiness.kubernetes.charts.merge import Written, find
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span, Unknown


class Sources(Struct, frozen=True):
    """Where entries of a rendered mapping come from, beside the place that they point to."""

    places: dict[str, tuple[tuple[str, Span], ...]]

    def explain(self, key: str) -> list[tuple[str, Span]]:
        """What decided an entry and where, nearest first."""
        return list(self.places.get(key, ()))


class Tracer:
    """Moves the spans of one rendered text to the files of the chart."""

    def __init__(self, positions: Positions, values: Map, otherwise: Span) -> None:
        self._positions = positions
        self._values = values
        self._otherwise = otherwise
        self._seen: dict[int, Any] = {}
        self._found: dict[tuple[str, ...], list[Written]] = {}

    def file(self, rendered: YamlFile) -> YamlFile:
        """Every document with its places; errors are left to the caller."""
        documents = []
        for document in rendered.documents:
            span = self._span(document.span)
            documents.append(YamlDocument(self._value(document.root), span))
        return YamlFile(documents, rendered.errors, rendered.comments)

    def _span(self, span: Span) -> Span:
        return self._positions.span(span, self._otherwise)

    def _value(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            value.span = None if value.span is None else self._span(value.span)
            return value
        if not isinstance(value, (Map, List)) or id(value) in self._seen:
            return value
        self._seen[id(value)] = value
        if isinstance(value, Map):
            self._mapping(value)
        else:
            self._sequence(value)
        if value.span is not None:
            value.span = self._span(value.span)
        return value

    def _mapping(self, mapping: Map) -> None:
        places: dict[str, tuple[tuple[str, Span], ...]] = {}
        for key, value in mapping.items():
            at, region = mapping.key_spans.get(key), mapping.value_spans.get(key)
            if at is None or region is None:
                continue
            written = self._entry(key, value, at, region)
            used = self._span(region)
            if written is None or written.span is None:
                mapping.key_spans[key] = self._span(at)
                mapping.value_spans[key] = used
                if not isinstance(value, (Map, List)):
                    places[key] = self._origins(region)
                self._value(value)
                continue
            mapping.key_spans[key] = written.name or self._span(at)
            mapping.value_spans[key] = written.span
            places[key] = (("used by the template", used),)
            self._graft(value, written.value)
        mapping.origin = Sources({key: found for key, found in places.items() if found})

    def _sequence(self, sequence: List) -> None:
        for index, value in enumerate(sequence):
            region = sequence.span_of(index)
            if region is None:
                continue
            written = self._item(value, region)
            if written is None or written.span is None:
                sequence.item_spans[index] = self._span(region)
                self._value(value)
            else:
                sequence.item_spans[index] = written.span
                self._graft(value, written.value)

    # -- values files -----------------------------------------------------------------

    def _entry(self, key: str, value: Any, at: Span, region: Span) -> Written | None:
        """Where an entry is written, where an action only passes it on."""
        name = self._positions.mark(at.line, at.column)
        if name is not None and name[0].action is not None:
            # The key is printed by an action too: the action prints a mapping.
            holders = (w.value for path in name[0].paths for w in self._at(path))
            return _only(
                Written(holder, key, holder[key])
                for holder in holders
                if isinstance(holder, Map) and key in holder and _same(value, holder[key])
            )
        return self._passed(value, region)

    def _item(self, value: Any, region: Span) -> Written | None:
        found = self._positions.mark(region.line, region.column)
        if found is not None and found[0].action is not None:
            holders = [w.value for path in found[0].paths for w in self._at(path)]
            listed = [
                Written(holder, index, item)
                for holder in holders
                if isinstance(holder, List)
                for index, item in enumerate(holder)
                if _same(value, item)
            ]
            if listed:
                return _only(listed)
        return self._passed(value, region)

    def _passed(self, value: Any, region: Span) -> Written | None:
        """Where a value is written that one action prints as it is."""
        if isinstance(value, (Map, List)):
            found = self._positions.mark(region.line, region.column)
            actions = [] if found is None or found[0].action is None else [found[0]]
        else:
            actions = self._positions.within(region)
        if len(actions) != 1:
            return None
        return _only(w for path in actions[0].paths for w in self._at(path) if _same(value, w.value))

    def _origins(self, region: Span) -> tuple[tuple[str, Span], ...]:
        """The values that a text is put together from."""
        found = []
        for mark in self._positions.within(region):
            for path in mark.paths:
                for written in self._at(path):
                    if written.span is not None and not isinstance(written.value, (Map, List)):
                        found.append((f".Values.{'.'.join(path)}", written.span))
        return tuple(dict.fromkeys(found))[:4]

    def _at(self, path: tuple[str, ...]) -> list[Written]:
        if path not in self._found:
            self._found[path] = find(self._values, path)
        return self._found[path]

    def _graft(self, value: Any, written: Any) -> None:
        """Give a rendered collection the places of the equal one in a values file."""
        if not isinstance(value, (Map, List)) or id(value) in self._seen:
            return
        self._seen[id(value)] = value
        value.span = written.span
        if isinstance(value, Map):
            value.key_spans = dict(written.key_spans)
            value.value_spans = dict(written.value_spans)
            for key, item in value.items():
                self._graft(item, written[key])
        else:
            value.item_spans = list(written.item_spans)
            for item, other in zip(value, written, strict=True):
                self._graft(item, other)


def _only(found: Any) -> Written | None:
    """The one place among several that are the same, None where there are none or many."""
    places = {written.span: written for written in found}
    return next(iter(places.values())) if len(places) == 1 else None


def _same(rendered: Any, written: Any) -> bool:
    """Whether a rendered value is what is written: texts and numbers may have changed their quotes."""
    if isinstance(rendered, Map):
        return (
            isinstance(written, Map)
            and rendered.keys() == written.keys()
            and all(_same(rendered[key], written[key]) for key in rendered)
        )
    if isinstance(rendered, List):
        return (
            isinstance(written, List) and len(rendered) == len(written) and all(map(_same, rendered, written))
        )
    if isinstance(written, (Map, List, Unknown)) or isinstance(rendered, Unknown):
        return False
    if type(rendered) is type(written):
        return bool(rendered == written)
    return rendered is not None and written is not None and _text(rendered) == _text(written)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
