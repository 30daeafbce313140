"""ConfigMaps and Secrets that kustomizations make of literals and files, and the hashes of their names.

Sources: `api/internal/generators`, `api/kv/kv.go` and `api/hasher/hasher.go` of Kustomize 5.5.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.edit import Place, place_of, put
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.values import List, Map, Span, Unknown, unknowns

_BEHAVIORS = ("", "unspecified", "create", "merge", "replace")
_LETTERS = str.maketrans("013ae", "ghkmt")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_LINE_LENGTH = 70
_SPACE = " \t\n\v\f\r\x85\xa0"


class _Pair(NamedTuple):
    key: str
    value: bytes
    place: Place


class _MissingError(Exception):
    """A file that is not there: what it holds is not known."""


def generate(step: Step, entry: Map, kind: str, defaults: Map) -> None:
    """Make the object of an entry of `configMapGenerator` or `secretGenerator` and add it, or merge it."""
    name = text_of(entry.get("name"))
    if not name:
        step.error(entry.span, f"a generator of a {kind} needs a `name`")
        return
    behavior = text_of(entry.get("behavior"))
    if behavior not in _BEHAVIORS:
        step.error(
            entry.span_of("behavior"), f"`behavior` is `create`, `merge` or `replace`, not `{behavior}`"
        )
        return
    options = _options(entry.get("options"), defaults)
    body = Map(span=entry.span)
    whole = Place(entry.span, entry.span)
    for key, value in (("apiVersion", "v1"), ("kind", kind)):
        body = put(body, key, value, whole)
    metadata = put(Map(span=entry.span), "name", name, place_of(entry, "name"))
    if text_of(entry.get("namespace")):
        metadata = put(metadata, "namespace", entry["namespace"], place_of(entry, "namespace"))
    for key in ("labels", "annotations"):
        if options.get(key):
            metadata = put(metadata, key, options[key], place_of(options, key))
    body = put(body, "metadata", metadata, whole)
    body = _with_data(step, body, entry, kind)
    if kind == "Secret":
        place = place_of(entry, "type") if entry.get("type") else whole
        body = put(body, "type", text_of(entry.get("type")) or "Opaque", place)
    if options.get("immutable") is True:
        body = put(body, "immutable", True, place_of(options, "immutable"))
    new = Object(body, entry.span or Span(step.kustomization.path, 1, 1, 1, 1))
    new.behavior = behavior
    new.hashed = options.get("disableNameSuffixHash") is not True
    absorb(step, new, entry)


def _options(own: Any, defaults: Map) -> Map:
    """The options of one generator, with those of all where it has none."""
    result = own if isinstance(own, Map) else Map()
    for key, value in defaults.items():
        place = place_of(defaults, key)
        if isinstance(value, Map):
            mine = result.get(key)
            merged = mine if isinstance(mine, Map) else Map(span=value.span)
            for name, item in value.items():
                if name not in merged:
                    merged = put(merged, name, item, place_of(value, name))
            result = put(result, key, merged, place if mine is None else None)
        elif value is True:
            result = put(result, key, True, place)
    return result


def _with_data(step: Step, body: Map, entry: Map, kind: str) -> Map:
    whole = Place(entry.span, entry.span)
    try:
        pairs = list(_pairs(step, entry, kind))
    except _MissingError as error:
        unknown = Unknown(str(error), span=entry.span)
        return put(body, "data", unknown, whole)
    if kind == "Secret" and not pairs:
        body = put(body, "data", Map(span=entry.span), whole)
    seen: set[str] = set()
    for pair in sorted(pairs, key=lambda pair: pair.key):
        if pair.key in seen:
            step.error(
                pair.place.key, f"the generator of `{text_of(entry['name'])}` has the key `{pair.key}` twice"
            )
            continue
        seen.add(pair.key)
        field, text = _encoded(pair.value, kind)
        holder = body.get(field)
        holder = holder if isinstance(holder, Map) else Map(span=entry.span)
        body = put(body, field, put(holder, pair.key, text, pair.place), whole)
    return body


def _encoded(value: bytes, kind: str) -> tuple[str, str]:
    """The field that a value goes into, and how it is written there."""
    if kind == "ConfigMap":
        try:
            return "data", value.decode("utf-8")
        except UnicodeDecodeError:
            return "binaryData", _base64(value)
    return "data", _base64(value)


def _base64(value: bytes) -> str:
    text = base64.b64encode(value).decode("ascii")
    if len(text) < _LINE_LENGTH:
        return text
    return "".join(f"{text[at : at + _LINE_LENGTH]}\n" for at in range(0, len(text), _LINE_LENGTH))


def _pairs(step: Step, entry: Map, kind: str) -> Iterator[_Pair]:
    for source, span in (*_sources(entry, "envs"), *_single(entry, "env")):
        raw = _content(step, source, span, kind)
        yield from _lines(raw, step.kustomization.at(source))
    for literal, span in _sources(entry, "literals"):
        key, equals, value = literal.partition("=")
        if not key or not equals:
            step.error(span, f"a literal is written `key=value`, not `{key}`")
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield _Pair(key, value.encode("utf-8", "surrogatepass"), Place(span, span))
    for source, span in _sources(entry, "files"):
        key, equals, path = source.partition("=")
        if not equals:
            key, path = source.rpartition("/")[2], source
        if not key or not path or "=" in path:
            step.error(span, f"a file is written `path` or `key=path`, not `{source}`")
            continue
        yield _Pair(key, _content(step, path, span, kind), Place(span, span))


def _sources(entry: Map, key: str) -> Iterator[tuple[str, Span | None]]:
    value = entry.get(key)
    if isinstance(value, List):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield item, value.span_of(index) or value.span


def _single(entry: Map, key: str) -> Iterator[tuple[str, Span | None]]:
    if text_of(entry.get(key)):
        yield text_of(entry[key]), entry.value_spans.get(key)


def _content(step: Step, source: str, span: Span | None, kind: str) -> bytes:
    path = step.kustomization.at(source)
    if kind == "Secret" and (step.sources.raw(path) is None or step.sources.files.is_ignored(path)):
        # Files of secrets are rarely committed: that they are not there is no fault.
        step.notice(span, f"`{source}` is not in the repository, so what this Secret holds is not known")
        raise _MissingError(f"it comes from `{source}`, which is not in the repository")
    found = step.files(source, span)
    raw = None if found is None else step.sources.raw(found)
    if raw is None:
        raise _MissingError(f"it comes from `{source}`, which does not exist")
    return raw


def _lines(raw: bytes, path: str) -> Iterator[_Pair]:
    """The lines of an env file."""
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    for number, written in enumerate(text.split("\n"), 1):
        line = written.removesuffix("\r").lstrip(_SPACE)
        if not line or line.startswith("#"):
            continue
        key, _, value = line.partition("=")
        start = len(written) - len(written.lstrip(_SPACE)) + 1
        span = Span(path, number, start, number, len(written.rstrip("\r")) + 1)
        yield _Pair(key, value.encode("utf-8", "surrogateescape"), Place(span, span))


def absorb(step: Step, new: Object, entry: Map) -> None:
    """Add a generated object, or merge it into the one that it means."""
    found = step.accumulated.find(new.current)
    place = entry.span_of("name") or entry.span
    merging = new.behavior in ("merge", "replace")
    if not found:
        if not merging:
            step.accumulated.append(new)
        elif not step.accumulated.incomplete:
            step.error(place, f"there is no {new.shown} in this build to {new.behavior}")
        return
    if len(found) > 1:
        step.error(place, f"there are {len(found)} objects that {new.shown} may mean")
        return
    old = found[0]
    if not merging:
        step.error(place, f"{new.shown} exists already: `behavior` has to be `merge` or `replace`")
        return
    _take_over(new, old)
    step.accumulated.replace(old, new)


def _take_over(new: Object, old: Object) -> None:
    """Make a generated object the next version of one that is there."""
    new.former, new.prefixes, new.suffixes = old.former, old.prefixes, old.suffixes
    new.variables, new.chart = old.variables, old.chart
    new.hashed = new.hashed and old.hashed
    before = old.body.get("metadata")
    metadata = new.body["metadata"]
    if isinstance(before, Map):
        for key in ("name", "namespace"):
            if before.get(key):
                metadata = put(
                    metadata, key, before[key], place_of(metadata if key in metadata else before, key)
                )
        for key in ("labels", "annotations"):
            metadata = _over(metadata, before, key)
    new.body = put(new.body, "metadata", metadata, None)
    if new.behavior == "merge":
        for key in ("data", "binaryData"):
            new.body = _over(new.body, old.body, key)


def _over(holder: Map, before: Map, key: str) -> Map:
    """Entries of a field put over those that were there."""
    mine, old = holder.get(key), before.get(key)
    if isinstance(mine, Unknown) or not isinstance(old, (Map, Unknown)):
        return holder
    if isinstance(old, Unknown) or not mine:
        return put(holder, key, old, place_of(before, key))
    result = old
    for name, value in mine.items():
        result = put(result, name, value, place_of(mine, name))
    return put(holder, key, result, place_of(before, key))


def add_hashes(objects: list[Object]) -> None:
    """Put the hash of what they hold behind the names of generated objects."""
    for target in objects:
        if not target.hashed or any(True for _ in unknowns(target.body)):
            continue
        metadata = target.body.get("metadata")
        if isinstance(metadata, Map):
            target.remember()
            name = f"{target.name}-{_hash(target.body)}"
            target.body = put(target.body, "metadata", put(metadata, "name", name, None), None)


def _hash(body: Map) -> str:
    kind = body["kind"]
    hashed: dict[str, Any] = {"kind": kind, "name": "", "data": body.get("data", "")}
    other = "binaryData"
    if kind == "Secret":
        hashed["type"] = text_of(body.get("type"))
        other = "stringData"
    if isinstance(body.get(other), Map):
        hashed[other] = body[other]
    text = json.dumps(hashed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for sign, escape in _ESCAPED.items():
        text = text.replace(sign, escape)
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return digest[:10].translate(_LETTERS)
