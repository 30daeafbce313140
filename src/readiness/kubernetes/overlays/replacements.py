"""Replacements: a value of one object copied into fields of others.

Sources: `api/filters/replacement/replacement.go`, `kyaml/yaml/match.go` of Kustomize 5.5.
"""

from __future__ import annotations

import re
from typing import Any

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.edit import Place, place_of, put, put_item, split_path
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.kubernetes.overlays.select import Selector, SelectorError, check_effort, exactly
from readiness.kubernetes.overlays.shapes import MISSING, REPLACEMENT, conforming
from readiness.sources.yaml_scalars import resolve
from readiness.values import List, Map, Span, Unknown

Parts = tuple[str, ...]


class _ReplacementError(Exception):
    """Why a value cannot be copied."""


def apply_replacement(step: Step, entry: Map) -> None:
    """Apply an entry of `replacements`, which may name a file with several."""
    name = text_of(entry.get("path"))
    if not name:
        _apply(step, entry)
        return
    if "source" in entry or "targets" in entry:
        step.error(entry.span, "a replacement has either a `path` or `source` and `targets`")
        return
    path = step.kustomization.at(name)

    def report(message: str, place: Span | None) -> None:
        step.sources.error(path, place, message)

    for document in step.documents(name, entry.value_spans.get("path")) or ():
        shape: Any = [REPLACEMENT] if isinstance(document.root, List) else REPLACEMENT
        read = conforming(document.root, shape, report, document.span)
        if read is not MISSING:
            for one in read if isinstance(read, List) else [read]:
                _apply(step, one)


def _apply(step: Step, entry: Map) -> None:
    source, targets = entry.get("source"), entry.get("targets")
    if not isinstance(source, Map) or not isinstance(targets, List):
        step.error(entry.span, "a replacement needs a `source` and `targets`")
        return
    try:
        value, place = _value(step, source)
    except _ReplacementError as error:
        if not step.accumulated.incomplete:
            step.error(source.span, str(error))
        return
    for target in targets:
        if isinstance(target, Map):
            _apply_to(step, target, value, place)
    step.accumulated.changed()


def _value(step: Step, source: Map) -> tuple[Any, Place]:
    """What is to be copied and where it is written."""
    selected = exactly(source)
    found = [one for one in step.objects if any(selected(candidate) for candidate in one.ids)]
    if len(found) != 1:
        many = "no object" if not found else f"{len(found)} objects"
        raise _ReplacementError(f"the `source` of this replacement means {many} of this build")
    path = text_of(source.get("fieldPath")) or "metadata.name"
    value, place = look(found[0].body, smart_path(path))
    if value is None or value == {} or value == []:
        raise _ReplacementError(f"{found[0].shown} has no `{path}`, which is to be copied from it")
    options = source.get("options")
    delimiter = text_of(options.get("delimiter")) if isinstance(options, Map) else ""
    if not delimiter or isinstance(value, Unknown):
        return value, place
    if isinstance(value, (Map, List)):
        raise _ReplacementError(f"`{path}` is no plain value, so it cannot be cut at a delimiter")
    pieces = text_of(value).split(delimiter)
    index = options.get("index", 0) if isinstance(options, Map) else 0
    if not 0 <= index < len(pieces):
        raise _ReplacementError(f"`{path}` has {len(pieces)} parts, and none with the index {index}")
    return pieces[index], place


def _apply_to(step: Step, target: Map, value: Any, place: Place) -> None:
    written = target.get("select")
    if not isinstance(written, Map):
        step.error(target.span, "a target of a replacement needs a `select`")
        return
    rejected = [reject for reject in target.get("reject") or () if isinstance(reject, Map)]
    options = target.get("options")
    options = options if isinstance(options, Map) else Map()
    listed = target.get("fieldPaths") or ["metadata.name"]
    try:
        chosen = _chosen(step.objects, written, rejected)
    except SelectorError as error:
        step.error(written.span, str(error))
        return
    for candidate in chosen:
        for index, path in enumerate(listed):
            span = listed.span_of(index) if isinstance(listed, List) else None
            try:
                candidate.body = _Copy(value, place, options).into(candidate.body, smart_path(path), path)
            except (_ReplacementError, SelectorError) as error:
                step.error(span or target.span, f"{candidate.shown}: {error}")


def _chosen(objects: list[Object], written: Map, rejected: list[Map]) -> list[Object]:
    select = exactly(written)
    labels = Selector(_labels_only(written))
    rejects = [
        (
            exactly(reject) if _names_only(reject) else None,
            Selector(_labels_only(reject)),
            _labels_only(reject),
        )
        for reject in rejected
    ]
    found = []
    for candidate in objects:
        ids = candidate.ids
        if not any(map(select, ids)) or not labels.matches_labels(candidate):
            continue
        if any(
            (by_id is not None and any(map(by_id, ids)))
            or (bool(texts) and by_label.matches_labels(candidate))
            for by_id, by_label, texts in rejects
        ):
            continue
        found.append(candidate)
    return found


def _labels_only(written: Map) -> Map:
    return Map({key: written[key] for key in ("labelSelector", "annotationSelector") if written.get(key)})


def _names_only(written: Map) -> bool:
    return any(written.get(key) for key in ("group", "version", "kind", "name", "namespace"))


def smart_path(path: str) -> Parts:
    """The parts of a path with dots; brackets hold a key with dots, or `[name=value]` of a list.

    Source: `SmarterPathSplitter` in `kyaml/utils/pathsplitter.go`.
    """
    parts: list[str] = []
    split = split_path(path, ".")
    index = 0
    while index < len(split):
        part = split[index]
        if part.startswith("[") and not part.endswith("]"):
            while index + 1 < len(split) and not part.endswith("]"):
                index += 1
                part += "." + split[index]
        if part.startswith("[") and part.endswith("]") and "=" not in part:
            part = part[1:-1]
        parts.append(part)
        index += 1
    return tuple(parts)


def indexed_path(path: str) -> Parts:
    """The parts of a path of `vars`, where `containers[0]` means the first item."""
    parts: list[str] = []
    for part in smart_path(path):
        name, bracket, index = part.partition("[")
        if bracket and index[:-1].isdecimal() and index.endswith("]"):
            parts += [name, index[:-1]] if name else [index[:-1]]
        else:
            parts.append(part)
    return tuple(parts)


def look(value: Any, parts: Parts) -> tuple[Any, Place]:
    """What a path of a source leads to; None where it leads nowhere."""
    place = Place()
    for part in parts:
        if isinstance(value, Map):
            value, place = value.get(part), place_of(value, part)
        elif isinstance(value, List):
            index = _position(value, part)
            if index is None:
                return None, place
            value, place = value[index], Place(value.span_of(index), value.span_of(index))
        elif isinstance(value, Unknown):
            return value, place
        else:
            return None, place
    return value, place


def _position(items: List, part: str) -> int | None:
    """The item of a list that a part of a source's path means."""
    if part == "-":
        return len(items) - 1 if items else None
    if part.isdecimal():
        return int(part) if int(part) < len(items) else None
    pair = _pair(part)
    if pair is None:
        return None
    name, wanted = pair
    for index, item in enumerate(items):
        text = text_of(item.get(name)) if isinstance(item, Map) and name else text_of(item)
        if text == wanted:
            return index
    return None


def _pair(part: str) -> tuple[str, str] | None:
    if not (part.startswith("[") and part.endswith("]")):
        return None
    name, equals, value = part[1:-1].partition("=")
    return (name, value) if equals else None


class _Copy:
    """Puts a value into the fields that a path means."""

    def __init__(self, value: Any, place: Place, options: Map) -> None:
        self.value = value
        self.place = place
        self.delimiter = text_of(options.get("delimiter"))
        self.index: int = options.get("index") or 0
        self.create = options.get("create") is True

    def into(self, body: Map, parts: Parts, path: str) -> Map:
        self.path = path
        self.found = False
        result = self._walk(body, parts)
        if not self.found:
            raise _ReplacementError(f"there is no `{path}` to replace")
        return result if isinstance(result, Map) else body

    def _walk(self, value: Any, parts: Parts) -> Any:
        if isinstance(value, Unknown):
            self.found = True
            return value
        part, rest = parts[0], parts[1:]
        if part.isdecimal():
            return self._indexed(value, int(part), rest)
        pair = _pair(part)
        if pair is not None:
            return self._matching(value, pair, rest)
        if part == "*":
            return self._every(value, rest)
        if not isinstance(value, Map):
            raise _ReplacementError(f"`{part}` of `{self.path}` is looked for in a value that is no mapping")
        if part not in value and not self.create:
            return value
        old = value.get(part, MISSING)
        if not rest:
            return put(value, part, self._new(old), self.place)
        if old is MISSING:
            old = self._empty(rest[0])
            return put(value, part, self._walk(old, rest), self.place)
        new = self._walk(old, rest)
        return value if new is old else put(value, part, new, None)

    def _empty(self, part: str) -> Any:
        span = self.place.value
        return List(span=span) if part.isdecimal() or _pair(part) is not None else Map(span=span)

    def _item(self, items: List, index: int, rest: Parts) -> List:
        if not rest:
            return put_item(items, index, self._new(items[index]), self.place.value)
        return put_item(items, index, self._walk(items[index], rest), None)

    def _indexed(self, value: Any, index: int, rest: Parts) -> Any:
        if not isinstance(value, List):
            raise _ReplacementError(f"`{index}` of `{self.path}` is looked for in a value that is no list")
        if index == len(value) and self.create:
            value = put_item(value, index, self._empty(rest[0]) if rest else MISSING, self.place.value)
        if index >= len(value):
            raise _ReplacementError(f"`{self.path}` is outside of a list of {len(value)}")
        return self._item(value, index, rest)

    def _every(self, value: Any, rest: Parts) -> Any:
        if not isinstance(value, List):
            raise _ReplacementError(f"`*` of `{self.path}` is looked for in a value that is no list")
        for index in range(len(value)):
            value = self._item(value, index, rest)
        return value

    def _matching(self, value: Any, pair: tuple[str, str], rest: Parts) -> Any:
        if not isinstance(value, List):
            raise _ReplacementError(f"`{self.path}` looks for items of a list in a value that is none")
        name, written = pair
        check_effort(written)
        try:
            wanted = re.compile(written)
        except re.error as error:
            raise _ReplacementError(f"`{written}` is no valid pattern ({error.msg})") from None
        found = [
            index
            for index, item in enumerate(value)
            if (name == "" and wanted.search(text_of(item)))
            or (isinstance(item, Map) and name in item and wanted.search(text_of(item[name])))
        ]
        if not found and self.create:
            new = Map(span=self.place.value)
            item = put(new, name, written, self.place) if name else written
            value = put_item(value, len(value), item, self.place.value)
            found = [len(value) - 1]
        for index in found:
            value = self._item(value, index, rest)
        return value

    def _new(self, old: Any) -> Any:
        """What takes the place of a value: a plain one keeps its type."""
        self.found = True
        value = self.value
        if isinstance(value, Unknown) or isinstance(old, Unknown):
            return value
        if self.delimiter:
            if isinstance(old, (Map, List)):
                raise _ReplacementError(
                    f"`{self.path}` is no plain value, so it cannot be cut at a delimiter"
                )
            pieces = [] if old is MISSING else text_of(old).split(self.delimiter)
            if self.index < 0:
                pieces.insert(0, text_of(value))
            elif self.index >= len(pieces):
                pieces.append(text_of(value))
            else:
                pieces[self.index] = text_of(value)
            value = self.delimiter.join(pieces)
        if isinstance(old, (Map, List)) or isinstance(value, (Map, List)):
            return value
        if isinstance(old, str):
            return text_of(value)
        return resolve(text_of(value)) if text_of(value) else value
