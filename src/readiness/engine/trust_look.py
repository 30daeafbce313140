"""Which files decide about a gate: those of the revision that is trusted, and those that a change adds."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from readiness.config.packages import PREFIX
from readiness.config.settings import FILE, TOML_FILE
from readiness.config.waivers import FILE as WAIVERS
from readiness.engine.exceptions import Exceptions
from readiness.engine.settings import Settings, existing_files, waiver_folders
from readiness.engine.trust import Trust
from readiness.engine.trust_changes import Looked, Lookup, changes_of, hidden_since, ignored_since
from readiness.engine.trust_ignores import refused_requests
from readiness.estate.build import Loaded
from readiness.estate.model import Estate, Resource
from readiness.policy.files import SUFFIXES
from readiness.repo.ignored import IGNORE_FILE, ignored_of
from readiness.values import Span


class Load(Protocol):
    """Reads paths below a folder."""

    def __call__(
        self, paths: Sequence[str], settings: Settings, stdin: bytes | None, /, *, base: Path | None
    ) -> Loaded: ...


def refused_of(trust: Trust, settings: Settings, loaded: Loaded, load: Load) -> frozenset[Span]:
    """Where requests in place stand that do not count, as the revision has not got them.

    Raises:
        UsageError: the revision cannot be read.
    """

    def base() -> Estate:
        scope = loaded.scope
        asked = ["."] if scope is None or settings.changed else [*scope.files, *scope.folders]
        with trust.everything() as folder:
            there = [path for path in asked if os.path.lexists(folder / path)]
            own = existing_files(replace(settings, diff_base="", changed=False), folder)
            return load(there, own, None, base=folder).estate if there else Estate()

    return refused_requests(loaded, trust.source, base)


def add_altered(
    exceptions: Exceptions, trust: Trust, settings: Settings, loaded: Loaded, ignores: Iterable[Resource]
) -> None:
    """Add to exceptions what the change makes of its own gate; `ignores` are its requests in place.

    Raises:
        UsageError: the revision cannot be read.
    """
    if trust.silent:
        return
    refused = [one for one in ignores if one.span in exceptions.ignores.refused]
    exceptions.altered = _altered(trust, settings, loaded, refused)
    for one in exceptions.altered:
        path = one.span.path
        text = trust.now(path)
        # Of two texts with one path none is shown: a line of one would be taken for that of the other.
        if exceptions.texts.pop(path, text) == text and text is not None:
            exceptions.texts[path] = text


def _altered(trust: Trust, settings: Settings, loaded: Loaded, refused: Iterable[Resource]) -> list[Resource]:
    files = {path for path in loaded.sources.texts if path not in loaded.context}
    places = sorted({place for path in files if (place := trust.place(path)) is not None})
    folders = sorted({folder for place in {*places, trust.inside} for folder in _upwards(place)})

    def hidden(text_of: Lookup) -> set[str]:
        return ignored_of(places, lambda place: text_of(trust.shown(place)))

    ignore_files = [trust.shown(posixpath.join(folder, IGNORE_FILE)) for folder in folders]
    return [
        *changes_of(trust, _looked(trust, settings, folders)),
        *hidden_since(trust, ignore_files, hidden),
        *ignored_since(trust, refused),
    ]


def _upwards(place: str) -> Iterator[str]:
    """The folders that something lies in, up to the root (`""`)."""
    while place:
        place = posixpath.dirname(place)
        yield place


def _looked(trust: Trust, settings: Settings, folders: Iterable[str]) -> Looked:
    looked = Looked()
    cascade = settings.cascade
    if cascade is not None:
        named = [path for group in cascade.groups for path in (group.file.path, *group.extended)]
        looked.settings = [path for path in named if _is_own(path)]
    above = set(_upwards(trust.inside))
    nested: set[str] = set()
    for folder in folders if cascade is not None and cascade.nested else ():
        # A file that is named takes the place of those at and above the working directory.
        if folder in above and trust.config is not None:
            continue
        names = [trust.shown(posixpath.join(folder, name)) for name in (FILE, TOML_FILE)]
        looked.settings += names[:1] if trust.was(names[0]) is not None else names
        nested.update(names if trust.shown(folder) != "." else ())
    looked.nested = frozenset(nested)
    if settings.exceptions:
        looked.waivers = list(filter(_is_own, [*settings.waivers, *_found_waivers(settings)]))
        looked.baseline = [settings.baseline] if settings.baseline and _is_own(settings.baseline) else []
    looked.lock = [settings.lock] if settings.lock and _is_own(settings.lock) else []
    looked.pack = [path for spec in settings.policies if _is_own(spec) for path in _files_of(spec, trust)]
    return looked


def _is_own(path: str) -> bool:
    """Whether a path is one of the repository."""
    return not path.startswith(PREFIX) and not os.path.isabs(path)  # noqa: PTH117


def _found_waivers(settings: Settings) -> list[str]:
    """Where waivers are looked for that nobody names, if they are."""
    cascade = settings.cascade
    if cascade is None or "waivers" in cascade.given or not cascade.nested:
        return []
    if any("waivers" in layer.values for group in cascade.groups for layer in group.layers):
        return []
    return [posixpath.normpath(posixpath.join(folder, WAIVERS)) for folder in waiver_folders(settings)]


def _files_of(spec: str, trust: Trust) -> Iterator[str]:
    """The files of a pack, of the revision and of the change."""
    top = trust.place(spec)
    if top is None:
        return
    if spec.endswith(SUFFIXES):
        yield spec
    there = [place for place in trust.places() if place.startswith(f"{top}/" if top != "." else "")]
    for current, folders, names in os.walk(trust.revision.root / top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inner = os.path.relpath(current, trust.revision.root).replace(os.sep, "/")
        there += [posixpath.normpath(posixpath.join(inner, name)) for name in sorted(names)]
    for place in dict.fromkeys(there):
        hidden = any(part.startswith(".") for part in posixpath.relpath(place, top or ".").split("/"))
        if place.endswith(SUFFIXES) and not hidden:
            yield trust.shown(place)
