"""The level and score of a service as annotations of its entity in a Backstage catalog file.

The file keeps its comments, order, indentation and line ends; only these annotations are added or changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness.errors import UsageError
from readiness.outputs.scorecard.view import level_of
from readiness.outputs.terminal import clean
from readiness.values import Map

if TYPE_CHECKING:
    from readiness.fixes.model import Change
    from readiness.scorecard.model import ServiceResult

PREFIX = "readiness.dev/"
"""What the keys of our annotations begin with."""


class NoComponentError(UsageError):
    """A catalog file has no component of the name of a service."""


UNKNOWN = "unknown"
"""The value of what is not known: a portal may go on showing what stood there before otherwise."""


def annotations_of(service: ServiceResult, commit: str = "", when: str = "") -> dict[str, str]:
    """The annotations of a service; values of annotations are strings."""
    level = level_of(service)
    score = service.score if level is not None else None
    found = {
        f"{PREFIX}level": level or UNKNOWN,
        f"{PREFIX}score": UNKNOWN if score is None else str(score),
    }
    found |= {f"{PREFIX}commit": commit} if commit else {}
    return found | ({f"{PREFIX}checked-at": when} if when else {})


def _entities(text: str, path: str) -> list[Map]:
    """The documents of a YAML text that are mappings.

    Raises:
        UsageError: it cannot be read.
    """
    from readiness.sources.yaml_source import read

    file = read(path, text)
    if file.errors:
        error = file.errors[0]
        raise UsageError(error.message, path, error.line, error.column)
    return [document.root for document in file.documents if isinstance(document.root, Map)]


def _full_name(metadata: Map) -> str | None:
    """The name of an entity, with its namespace of the catalog but for the default one."""
    name, space = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str):
        return None
    return f"{space}/{name}" if isinstance(space, str) and space not in ("", "default") else name


def _metadata(entities: list[Map], name: str, path: str) -> Map:
    """The metadata of the one component of a service: of its name, or of one that is written otherwise.

    Raises:
        NoComponentError: there is none.
        UsageError: there are several.
    """
    from readiness.estate.services.names import key_of

    named: list[tuple[str, Map]] = []
    for entity in entities:
        group, metadata = entity.get("apiVersion"), entity.get("metadata")
        if not isinstance(group, str) or not group.startswith("backstage.io/"):
            continue
        if entity.get("kind") != "Component" or not isinstance(metadata, Map):
            continue
        own = _full_name(metadata)
        if own is not None:
            named.append((own, metadata))
    found = [metadata for own, metadata in named if own == name]
    found = found or [metadata for own, metadata in named if key_of(own) == key_of(name)]
    if not found:
        raise NoComponentError(f"there is no component {clean(name)!r}", path)
    if len(found) > 1:
        raise UsageError(f"there are {len(found)} components {clean(name)!r}", path)
    return found[0]


def _changes(metadata: Map, wanted: dict[str, str]) -> list[Change]:
    """What is to be different.  Raises `CannotFixError` where the annotations are no mapping.

    A commit that stands there from before is not left beside numbers of which it is not the commit.
    """
    from readiness.fixes.model import CannotFixError, Change

    present: Any = metadata.get("annotations")
    if present is None:
        op = "fill" if "annotations" in metadata else "insert"
        return [Change(op, metadata, "annotations", wanted)]
    if not isinstance(present, Map):
        raise CannotFixError("`annotations` is no mapping")
    for key in (f"{PREFIX}commit", f"{PREFIX}checked-at"):
        if key in present:
            wanted.setdefault(key, UNKNOWN)
    return [
        Change("replace" if key in present else "insert", present, key, value)
        for key, value in wanted.items()
        if present.get(key) != value
    ]


def annotate_catalog(
    text: str, service: ServiceResult, commit: str = "", when: str = "", path: str = "catalog-info.yaml"
) -> str:
    """The text of a catalog file with the annotations of a service; unchanged where they stand there.

    `path` is named in errors, and has to end as a YAML file does.

    Raises:
        UsageError: the file cannot be read, has not one component of that name, or is written in a way in
            which the annotations cannot be put there safely.
    """
    from readiness.fixes.in_yaml import shared
    from readiness.fixes.model import CannotFixError
    from readiness.fixes.render import edits_of
    from readiness.fixes.text import Text

    wanted = annotations_of(service, commit, when)
    entities = _entities(text, path)
    metadata = _metadata(entities, service.name, path)
    line = metadata.span.line if metadata.span is not None else None
    try:
        changes = _changes(metadata, wanted)
        if not changes:
            return text
        written = Text(path, text)
        edits = edits_of(written, changes)
        regions = shared(written)
        if any(region[1:3] <= edit.span[1:3] < region[3:5] for edit in edits for region in regions):
            raise CannotFixError("an anchor shares them with another place")
        made = written.edited(edits)
    except CannotFixError as error:
        raise UsageError(f"the annotations cannot be written: {error}", path, line) from None
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **wanted}
    if _entities(made, path) != entities:
        raise UsageError("the annotations cannot be written: the file would say something else", path, line)
    return made
