"""What a change makes of its own gate: resources of type `gate-change`, for policies to tell of.

None of it has an effect where the settings of another revision hold.  Each is placed where the text first
says something else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct, field

from readiness.errors import UsageError
from readiness.estate.model import Resource
from readiness.values import List, Map, Span

TYPE = "gate-change"
Lookup = Callable[[str], str | None]


class Sides(Protocol):
    """Texts of a revision that is trusted (`name` is what the user calls it) and of the change, by path."""

    @property
    def name(self) -> str: ...

    def was(self, path: str) -> str | None:
        """The text of the revision, None where it has none."""

    def now(self, path: str) -> str | None:
        """The text of the change, None where it has none."""

    def touched(self, path: str) -> bool:
        """Whether the change is why they differ."""


class Looked(Struct):
    """The files that decide about a gate, by what they are; `nested` are settings that may be objects."""

    settings: list[str] = field(default_factory=list)
    nested: frozenset[str] = frozenset()
    waivers: list[str] = field(default_factory=list)
    baseline: list[str] = field(default_factory=list)
    lock: list[str] = field(default_factory=list)
    pack: list[str] = field(default_factory=list)


def changes_of(sides: Sides, looked: Looked) -> list[Resource]:
    """What the change alters in files that decide about the gate."""
    found = []
    for path in _touched(sides, looked.settings):
        place = _settings(sides, path, path in looked.nested)
        if place is not None:
            found.append(_change(sides, path, "settings", place))
    for kind, entries in (("waivers", _waivers), ("baseline", _recorded)):
        for path in _touched(sides, getattr(looked, kind)):
            adds, place = _added(sides, path, entries)
            found.append(_change(sides, path, kind, place, adds=adds))
    for kind in ("lock", "pack"):
        for path in _touched(sides, getattr(looked, kind)):
            place = _first_line(path, sides.was(path) or "", sides.now(path) or "")
            found.append(_change(sides, path, kind, place))
    return found


def ignored_since(sides: Sides, refused: Iterable[Resource]) -> list[Resource]:
    """The same of requests in place (resources of type `ignore`) that do not count."""
    found: dict[Span, Resource] = {}
    for one in refused:
        if one.span not in found:
            ids = one.body["ids"]
            found[one.span] = _change(sides, one.span.path, "ignore", one.span, ids=ids, what="added")
    return list(found.values())


def hidden_since(sides: Sides, paths: Iterable[str], hidden: Callable[[Lookup], set[str]]) -> list[Resource]:
    """The same of ignore files; `hidden` says which files such texts hide."""
    found = []
    before: set[str] | None = None
    for path in _touched(sides, paths):
        before = hidden(sides.was) if before is None else before
        more = hidden(_with(sides, path)) - before
        if more:
            place = _first_line(path, sides.was(path) or "", sides.now(path) or "")
            found.append(_change(sides, path, "gitignore", place, hides=len(more)))
    return found


def _with(sides: Sides, path: str) -> Lookup:
    """The texts of the revision, with one of the change."""
    return lambda other: sides.now(other) if other == path else sides.was(other)


def _touched(sides: Sides, paths: Iterable[str]) -> Iterator[str]:
    return (path for path in dict.fromkeys(paths) if sides.touched(path))


def _change(
    sides: Sides,
    path: str,
    kind: str,
    place: Span,
    ids: Sequence[str] = (),
    adds: int | None = None,
    hides: int = 0,
    what: str = "",
) -> Resource:
    if not what:
        before, after = sides.was(path), sides.now(path)
        what = "added" if before is None else "removed" if after is None else "changed"
    body = Map({}, place)
    body |= {"path": path, "kind": kind, "what": what, "base": sides.name}
    body |= {"ids": List(ids), "adds": adds, "hides": hides}
    name = ", ".join(ids) or path
    return Resource(
        address=f"{TYPE}.{'+'.join(ids) or path}",
        type=TYPE,
        name=name,
        platform="repository",
        body=body,
        span=place,
        header=place,
        mode="block",
    )


# -- places ---------------------------------------------------------------------------


def _first_line(path: str, before: str, after: str) -> Span:
    """The first line that differs."""
    old, new = before.split("\n"), after.split("\n")
    differing = (number for number, pair in enumerate(zip(old, new, strict=False), 1) if pair[0] != pair[1])
    line = next(differing, min(len(old) + 1, len(new)))
    return Span(path, line, 1, line, len(new[line - 1]) + 1)


def _settings(sides: Sides, path: str, nested: bool) -> Span | None:
    """Where settings say something else; None where they say the same."""
    from readiness.config.settings import settings_of

    was, now = sides.was(path), sides.now(path)
    line = _first_line(path, was or "", now or "")
    try:
        before = None if was is None else settings_of(path, was, nested)
        after = None if now is None else settings_of(path, now, nested)
    except UsageError as error:
        return Span(path, error.line or 1, error.column or 1, error.line or 1, (error.column or 1) + 1)
    if before == after:
        return None
    if after is None:
        return line
    found = _first_entry(before, after, after.span)
    return line if found is None or found == after.span else found


def _first_entry(before: Any, after: Any, place: Span | None) -> Span | None:
    """The first entry of a value that is another one, or is new."""
    if isinstance(before, Map) and isinstance(after, Map):
        for key, value in after.items():
            if key not in before or before[key] != value:
                return _first_entry(before.get(key), value, after.span_of(key) or place)
    elif isinstance(before, List) and isinstance(after, List):
        for index, value in enumerate(after):
            if index >= len(before) or before[index] != value:
                return after.span_of(index) or place
    return place


Entries = Callable[[str, str], Iterable[tuple[Hashable, Span]]]


def _added(sides: Sides, path: str, entries: Entries) -> tuple[int | None, Span]:
    """How many entries are new, and where the first of them stands; None where that cannot be told."""
    was, now = sides.was(path) or "", sides.now(path) or ""
    try:
        known = {key for key, _ in entries(path, was)} if was else set()
        new = [place for key, place in entries(path, now) if key not in known] if now else []
    except UsageError as error:
        line = error.line or 1
        return None, Span(path, line, 1, line, 2)
    return len(new), new[0] if new else _first_line(path, was, now)


def _waivers(path: str, text: str) -> Iterator[tuple[Hashable, Span]]:
    from readiness.config.waivers import parse_waivers

    for waiver in parse_waivers(path, text).waivers:
        yield waiver.content, waiver.span


def _recorded(path: str, text: str) -> Iterator[tuple[Hashable, Span]]:
    from readiness.engine.baseline_file import parse_baseline

    file = parse_baseline(path, text)
    for entry, span in zip(file.entries, file.spans, strict=True):
        yield (entry.identity, entry.severity, entry.status, entry.expires), span
