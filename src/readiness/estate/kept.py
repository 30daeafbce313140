"""Resources of another revision as data that a cache can keep, and what changed since."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Change, Estate, Link, Links, Resource
from readiness.values import List, Map, Span, Unknown

_UNKNOWN = "$unknown"
_JUDGED = frozenset({"managed", "block"})
_PLATFORMS = frozenset({"terraform", "kubernetes", "observability"})


class Kept(Struct):
    """A resource without the places of its values; `body` is JSON with sorted keys."""

    address: str
    type: str
    name: str
    platform: str
    body: bytes
    header: Span
    namespace: str | None = None
    module: str = ""
    root: str = "."
    mode: str = "managed"
    environment: str | None = None
    service: str | None = None
    tier: int | None = None
    variant: str = ""
    neighbours: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


def keep(resources: Iterable[Resource]) -> list[Kept]:
    """Those of some resources that can change: what is declared, without what is only read."""
    return [_kept(resource) for resource in resources if _changes(resource)]


def _changes(resource: Resource) -> bool:
    return resource.mode in _JUDGED and resource.platform in _PLATFORMS and not resource.maybe


def _kept(resource: Resource) -> Kept:
    return Kept(
        address=resource.address,
        type=resource.type,
        name=resource.name,
        platform=resource.platform,
        body=body_text(resource.body),
        header=resource.header,
        namespace=resource.namespace,
        module=resource.module,
        root=resource.root,
        mode=resource.mode,
        environment=resource.environment,
        service=resource.service,
        tier=resource.tier,
        variant=resource.variant,
        neighbours=sorted({link.address for link in resource.links}),
        secrets=sorted(resource.secrets),
    )


def body_text(body: Map) -> bytes:
    """A body as JSON with sorted keys, the same for the same values."""
    return json.dumps(body, default=_unknown, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _unknown(value: Any) -> Any:
    if not isinstance(value, Unknown):
        return str(value)
    kept: dict[str, Any] = {_UNKNOWN: value.reason, "refs": list(value.refs)}
    more = {
        "not_null": value.not_null,
        "named": _name(value) is not None,
        "prefix": value.prefix,
        "suffix": value.suffix,
        "document": value.document,
    }
    return kept | {key: item for key, item in more.items() if isinstance(item, Unknown) or item}


def _name(value: Unknown) -> str | None:
    """The attribute or variable that an unknown is, and not only waits for: the same one in every revision.

    What is made of it has its reason and not its identity; a local or an output may be made differently
    there.
    """
    identity = value.identity
    if not isinstance(identity, tuple) or len(value.refs) != 1:
        return None
    name = value.refs[0]
    return name if ".".join(part for part in identity[1:] if part) == name else None


def resource_of(kept: Kept, place: Span) -> Resource:
    """A resource with the body that it had, at a place that is there now."""
    return Resource(
        address=kept.address,
        type=kept.type,
        name=kept.name,
        platform=kept.platform,
        body=body_of(kept.body),
        span=place,
        header=place,
        namespace=kept.namespace,
        module=kept.module,
        root=kept.root,
        mode=kept.mode,
        environment=kept.environment,
        service=kept.service,
        tier=kept.tier,
        variant=kept.variant,
        secrets=frozenset(kept.secrets),
    )


def body_of(text: bytes, after: Map | None = None) -> Map:
    """The body that was written as `text`.

    Where it waits for what `after` waits for too, both unknowns are one and the same value.
    """
    same: dict[str, Hashable] = {}
    _collect(after, same)
    found = _value(json.loads(text.decode("utf-8", "surrogatepass")), same)
    return found if isinstance(found, Map) else Map()


def _collect(value: Any, same: dict[str, Hashable]) -> None:
    """The identities of attributes and variables in a value, by their names."""
    if isinstance(value, dict):
        for item in value.values():
            _collect(item, same)
    elif isinstance(value, list):
        for item in value:
            _collect(item, same)
    elif isinstance(value, Unknown):
        name = _name(value)
        if name is not None:
            same[name] = value.identity
        _collect(value.document, same)


def _value(value: Any, same: Mapping[str, Hashable]) -> Any:
    if isinstance(value, dict):
        if _UNKNOWN not in value:
            return Map({key: _value(item, same) for key, item in value.items()})
        refs = tuple(value["refs"])
        return Unknown(
            value[_UNKNOWN],
            refs,
            not_null=value.get("not_null", False),
            prefix=value.get("prefix", ""),
            suffix=value.get("suffix", ""),
            document=_value(value.get("document"), same),
            identity=same.get(refs[0]) if value.get("named") else None,
        )
    if isinstance(value, list):
        return List(_value(item, same) for item in value)
    return value


class Renames(Struct):
    """What has another name than in the base: files by their old path, and addresses."""

    files: Mapping[str, str] = {}
    moves: Moves = field(default_factory=lambda: Moves())

    def path(self, path: str) -> str:
        """The path that a file of the base has now."""
        return self.files.get(path, path)

    def folder(self, folder: str) -> str:
        """The path that a folder has now: where its files went, if they all went to one."""
        below = "" if folder == "." else f"{folder}/"
        went = {
            new.rpartition("/")[0] or "."
            for old, new in self.files.items()
            if old.startswith(below) and "/" not in old[len(below) :]
        }
        return went.pop() if len(went) == 1 else folder


class Pair(Struct):
    """A resource before and now; one of the two is None for what is gone or new."""

    before: Kept | None
    after: Resource | None


def pairs(base: Iterable[Kept], resources: Iterable[Resource], renames: Renames) -> list[Pair]:
    """What is not as it was, in the order of `resources`; what is gone comes last.

    A resource is the same one where type, address, root and environment agree, and of several such the one in
    the same file.
    """
    folders: dict[str, str] = {}
    left: dict[tuple[str, ...], list[Kept]] = {}
    for kept in base:
        root = folders.setdefault(kept.root, renames.folder(kept.root))
        address = renames.moves.address(root, kept.address)
        left.setdefault((kept.type, address, root, kept.variant), []).append(kept)
    found = []
    unmatched = []
    # First those in the same file: two manifests of one name are two objects.
    for resource in resources:
        if not _changes(resource):
            continue
        several = left.get((resource.type, resource.address, resource.root, resource.variant), [])
        same = next((k for k in several if renames.path(k.header.path) == resource.header.path), None)
        if same is None:
            unmatched.append(resource)
            continue
        several.remove(same)
        if same.body != body_text(resource.body):
            found.append(Pair(same, resource))
    for resource in unmatched:
        several = left.get((resource.type, resource.address, resource.root, resource.variant), [])
        moved = several.pop(0) if several else None
        if moved is None or moved.body != body_text(resource.body):
            found.append(Pair(moved, resource))
    found += [Pair(kept, None) for several in left.values() for kept in several]
    return found


def changes(
    found: Iterable[Pair], estate: Estate, renames: Renames, lines: Mapping[str, int]
) -> list[Resource]:
    """The resources of pairs with what the change does to them, as a plan would say it.

    What is gone stands where it stood, as far as the file is still so long: `lines` has the number of lines
    of every file.  What a plan speaks of is left to the plan.
    """
    planned = {(r.home, r.address) for r in estate.changes}
    result = []
    gone: list[tuple[Kept, Resource]] = []
    for pair in found:
        if pair.after is not None:
            if pair.after.change is None and (pair.after.home, pair.after.address) not in planned:
                before = None if pair.before is None else body_of(pair.before.body, pair.after.body)
                action = "create" if before is None else "update"
                pair.after.change = Change(action, before, pair.after.body)
                result.append(pair.after)
        elif pair.before is not None:
            resource = resource_of(pair.before, _place(pair.before.header, renames, lines))
            resource.root = renames.folder(pair.before.root)
            if (resource.home, resource.address) not in planned:
                resource.change = Change("delete", resource.body, None)
                gone.append((pair.before, resource))
                result.append(resource)
    _link(gone, estate)
    return result


def _place(header: Span, renames: Renames, lines: Mapping[str, int]) -> Span:
    path = renames.path(header.path)
    last = lines.get(path)
    if last is None or header.line <= last:
        return Span(path, header.line, 1, header.line, 1)
    return Span(path, max(last, 1), 1, max(last, 1), 1)


def _link(gone: Sequence[tuple[Kept, Resource]], estate: Estate) -> None:
    """Give what is gone its links to what is there, and to what went with it."""
    if not gone:
        return
    there: dict[str, Resource] = {}
    for resource in (*estate.resources, *(resource for _, resource in gone)):
        there.setdefault(resource.address, resource)
    for kept, resource in gone:
        others = [there[name] for name in kept.neighbours if name in there]
        resource.links = Links(Link(other.address, "before", other) for other in others)


class Moves:
    """What `moved` blocks make of the addresses of the base.

    Source: https://developer.hashicorp.com/terraform/language/block/moved
    """

    def __init__(self, moved: Iterable[Resource] = ()) -> None:
        self._roots: dict[str, list[tuple[str, str]]] = {}
        for resource in moved:
            prefix = f"{resource.module}." if resource.module else ""
            old, new = resource.body.get("from"), resource.body.get("to")
            if isinstance(old, str) and isinstance(new, str):
                self._roots.setdefault(resource.root, []).append((prefix + old, prefix + new))

    def address(self, root: str, address: str) -> str:
        """The address that a resource of a root has now."""
        for _ in self._roots.get(root, ()):  # one may lead to the next
            was = address
            for old, new in self._roots[root]:
                if address == old or address.startswith((f"{old}.", f"{old}[")):
                    address = new + address[len(old) :]
            if address == was:
                break
        return address

    def anywhere(self, address: str) -> list[str]:
        """The addresses that it may have now, whatever its root."""
        return list(dict.fromkeys([address, *(self.address(root, address) for root in self._roots)]))
