"""What flows from the builders to the policies: resources, links and the estate."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from readiness.values import List, Map, Span, Unknown

if TYPE_CHECKING:
    from readiness.config.services import Declared
    from readiness.errors import SourceError
    from readiness.estate.metadata import Meaning
    from readiness.estate.services.model import Service


SERVICE = "service"
"""The type of what policies on services see."""

VIEWS = ("workload", "pod")
"""What stands for several types: whatever runs for long, and whatever has a pod template."""


class Link(Struct, frozen=True, eq=False):
    """An edge from one resource to another: `via` says what makes it (an attribute, a selector).

    `target` is the resource itself, once the address is resolved.
    """

    address: str
    via: str
    target: Resource | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Link) and (self.address, self.via) == (other.address, other.via)

    def __hash__(self) -> int:
        return hash((self.address, self.via))

    def __repr__(self) -> str:
        return f"Link({self.address!r}, {self.via!r})"


class LinkGroup(Struct, eq=False):
    """Edges from each of `sources` to each of `targets`, held once.

    Objects whose selectors are alike share the list of what these select, so a thousand Services over
    a thousand pods cost two thousand entries, not a million.
    """

    via: str
    targets: list[Resource]
    sources: list[Resource] = field(default_factory=list)
    _found: dict[tuple[bool, str], list[Resource]] = field(default_factory=dict)
    _by_type: dict[bool, dict[str, list[Resource]]] = field(default_factory=dict)

    def ends(self, forward: bool) -> list[Resource]:
        """What is at the other end: the targets for a source, the sources for a target."""
        return self.targets if forward else self.sources

    def of(self, forward: bool, pattern: str) -> list[Resource]:
        """The resources of a type (or view) at the other end; the list is kept and not to be changed."""
        found = self._found.get((forward, pattern))
        if found is None:
            found = self._found[forward, pattern] = self._of(forward, pattern)
        return found

    def _of(self, forward: bool, pattern: str) -> list[Resource]:
        if pattern in VIEWS:
            return [other for other in self.ends(forward) if _matches(other, pattern)]
        by_type = self._by_type.get(forward)
        if by_type is None:
            by_type = self._by_type[forward] = {}
            for other in self.ends(forward):
                by_type.setdefault(other.type, []).append(other)
        if not _is_glob(pattern):
            return by_type.get(pattern, [])
        types = [type_ for type_ in by_type if fnmatchcase(type_, pattern)]
        if len(types) < 2:
            return by_type[types[0]] if types else []
        return [other for other in self.ends(forward) if other.type in types]


class Links:
    """The links of one resource: those of its own, and those of the groups it belongs to.

    Reads like a list of `Link`; what stands in groups is made when it is read.
    """

    __slots__ = ("_entries",)

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._entries: list[Link | tuple[LinkGroup, bool]] = list(links)

    def append(self, link: Link) -> None:
        """Add one link."""
        self._entries.append(link)

    def join(self, group: LinkGroup, forward: bool) -> None:
        """Add the links of a group, as one of its sources (`forward`) or of its targets."""
        self._entries.append((group, forward))

    def of(self, pattern: str) -> list[Resource]:
        """The resources of a type (or view) that are linked, once each; not to be changed."""
        if len(self._entries) == 1 and isinstance(only := self._entries[0], tuple):
            return only[0].of(only[1], pattern)
        single: dict[int, Resource] = {}
        shared: list[list[Resource]] = []
        for entry in self._entries:
            if not isinstance(entry, Link):
                found = entry[0].of(entry[1], pattern)
                if found:
                    shared.append(found)
            elif entry.target is not None and _matches(entry.target, pattern):
                single[id(entry.target)] = entry.target
        if len(shared) == 1 and not single:
            return shared[0]
        for found in shared:
            for other in found:
                single[id(other)] = other
        return list(single.values())

    def __iter__(self) -> Iterator[Link]:
        for entry in self._entries:
            if isinstance(entry, Link):
                yield entry
            else:
                group, forward = entry
                for other in group.ends(forward):
                    yield Link(other.address, group.via, other)

    def __len__(self) -> int:
        return sum(1 if isinstance(entry, Link) else len(entry[0].ends(entry[1])) for entry in self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Links, list)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Links({list(self)!r})"


class Workload(Struct, eq=False):
    """The pod view of a resource that runs containers, whatever its kind."""

    pod: Map  # the pod spec
    template_labels: Map
    template_annotations: Map
    containers: List  # regular containers
    init_containers: List  # as written: init and sidecar (restartable init) containers
    sidecar_containers: List = field(default_factory=List)  # those of them that go on running
    ephemeral_containers: List = field(default_factory=List)
    all_containers: List = field(default_factory=List)  # regular, init, sidecar and ephemeral ones
    lasting: bool = True  # its kind runs for long: no job, and nothing recognised by its shape alone
    borrowed: bool = False  # the template is that of another resource, where it is judged


class Change(Struct, frozen=True, eq=False):
    """What a Terraform plan does to a resource.

    `before` is the body that it has now, `after` the one it will have, with what only apply knows as
    unknowns; None where there is none.  `replace_paths` are the attributes that force a replacement
    (`root_block_device[0].encrypted`), `reason` is Terraform's word for why (`delete_because_no_module`).
    """

    action: str  # "create" | "read" | "update" | "delete" | "replace" | "no-op" | "forget"
    before: Map | None = None
    after: Map | None = None
    replace_paths: tuple[str, ...] = ()
    reason: str | None = None


class Resource(Struct, eq=False):
    """One declared thing with an address.

    `body` is the manifest, or the attributes in the shape of `terraform show -json`.
    `span` covers the whole block or document;
    `header` its first line, which is what a finding about something absent points at.
    """

    address: str
    type: str
    name: str
    platform: str  # "terraform" | "kubernetes" | "observability" | "repository"
    body: Map
    span: Span
    header: Span
    namespace: str | None = None
    module: str = ""  # Terraform module address, "" for the root
    root: str = "."  # the folder of the Terraform root, or "." for Kubernetes
    mode: str = "managed"  # "managed" | "data" | "block" (module, variable, terraform …)
    tags: Map | Unknown = field(default_factory=Map)
    labels: Map | Unknown = field(default_factory=Map)
    annotations: Map | Unknown = field(default_factory=Map)
    workload: Workload | None = None
    links: Links = field(default_factory=Links)
    # Addresses (with the attribute path that mentions them) written in the body, before they
    # are resolved to links by `estate.links`.
    references: list[Link] = field(default_factory=list)
    environment: str | None = None
    service: str | None = None
    tier: int | None = None
    maybe: bool = False  # whether there is any is not known (`count` or `for_each` is unknown)
    # Of a resource in an installed module, the header of its block there: `span` and `header` are then
    # those of the call that brings the module in, which is what a person can edit.
    inside: Span | None = None
    variant: str = ""  # the environment for which its root was evaluated, where there are several
    # Put together from several files (a chart, an overlay): its values point to those that people edit.
    scattered: bool = False
    change: Change | None = None  # of a resource that comes from a Terraform plan
    secrets: frozenset[str] = frozenset()  # sensitive texts of its body, which no output may show

    @property
    def home(self) -> tuple[str, str]:
        """What its addresses are unique in: the root and the environment it was evaluated for."""
        return self.root, self.variant

    @property
    def thing(self) -> tuple[str, str, str, str]:
        """What it is in every environment that it was evaluated for: its root, type, address, and file.

        Manifests in several files may have one address, and are several things; what environments share may
        come from a file of each.
        """
        return self.root, self.type, self.address, "" if self.variant else self.header.path

    @property
    def is_gone(self) -> bool:
        """True of what a change deletes or forgets."""
        return self.change is not None and self.change.after is None


def why_open(other: Resource) -> str:
    """Why a resource may not be there, or not be the one that is meant."""
    if other.platform == "kubernetes":
        return f"it is not known whether {other.address} is there and belongs to it"
    return f"the number of {other.address} is not known"


def connect(one: Resource, other: Resource, via: str) -> None:
    """Link one resource with another; both know the link."""
    one.links.append(Link(other.address, via, other))
    other.links.append(Link(one.address, via, one))


class Estate(Struct, eq=False):
    """All resources of one run, indexed for policies."""

    resources: list[Resource] = field(default_factory=list)
    by_type: dict[str, list[Resource]] = field(default_factory=dict)
    by_address: dict[tuple[tuple[str, str], str], Resource] = field(default_factory=dict)
    # What Terraform plans change: resources that will be there, and those that will be gone, which are
    # nowhere else.
    changes: list[Resource] = field(default_factory=list)
    focus: set[int] | None = None  # by `id`, the resources that are judged; None for all of them
    services: list[Service] = field(default_factory=list)  # by name
    declared: list[Declared] = field(default_factory=list)  # what files say of services
    problems: list[SourceError] = field(default_factory=list)  # what is wrong with what is said of services
    meaning: Meaning | None = None  # of labels and tags; None for the built-in one
    _unresolved: dict[tuple[tuple[str, str], str], list[Resource]] = field(default_factory=dict)

    @property
    def gone(self) -> list[Resource]:
        """What plans delete or forget."""
        return [r for r in self.changes if r.is_gone]

    @property
    def secrets(self) -> frozenset[str]:
        """Every sensitive text of the estate."""
        # The resources of a root have one set in common.
        return frozenset().union(*{resource.secrets for resource in (*self.resources, *self.changes)})

    def add(self, resources: Iterable[Resource]) -> None:
        """Add resources and index them by type and by (home, address)."""
        for resource in resources:
            self.resources.append(resource)
            self.by_type.setdefault(resource.type, []).append(resource)
            self.by_address.setdefault((resource.home, resource.address), resource)

    @property
    def size(self) -> int:
        """How many resources are judged."""
        return len(self.resources if self.focus is None else self.focus)

    def judged(self) -> dict[str, list[Resource]]:
        """The resources that policies judge, by type; all others are there to be looked at."""
        if self.focus is None:
            return self.by_type
        kept = {t: [r for r in found if id(r) in self.focus] for t, found in self.by_type.items()}
        return {type_: found for type_, found in kept.items() if found}

    def environments(self) -> dict[str, list[str]]:
        """The environments that each root was evaluated for, where they have names."""
        found: dict[str, dict[str, None]] = {}
        for resource in self.resources:
            if resource.variant:
                found.setdefault(resource.root, {})[resource.variant] = None
        return {root: list(names) for root, names in found.items()}

    @property
    def homes(self) -> list[tuple[str, str]]:
        """The roots, each with every environment that it was evaluated for ("" where that has no name)."""
        return list(dict.fromkeys(resource.home for resource in self.resources))

    def of_type(self, pattern: str) -> list[Resource]:
        """Resources of a type, a glob of types, or the views `workload` and `pod`."""
        if pattern in VIEWS:
            return [r for r in self.resources if _matches(r, pattern)]
        if not _is_glob(pattern):
            return self.by_type.get(pattern, [])
        types = [type_ for type_ in self.by_type if fnmatchcase(type_, pattern)]
        return [resource for type_ in types for resource in self.by_type[type_]]

    def linked(self, resource: Resource, pattern: str) -> list[Resource]:
        """Every resource of a type (or view) linked with `resource`, whichever way the link runs.

        The list may be shared with others: it is not to be changed.
        """
        return resource.links.of(pattern)

    def unresolved(self, resource: Resource, pattern: str) -> list[Unknown]:
        """An unknown for each resource of a type of which it is not known whether it is linked.

        That is one in the same root that is linked with nothing of the type of `resource`, and has an
        argument at its top level which waits for a variable.
        """
        if resource.type == SERVICE:
            return []  # what belongs to a service is known
        key = (resource.home, pattern)
        if key not in self._unresolved:
            self._unresolved[key] = [
                other
                for other in self.of_type(pattern)
                if other.platform == "terraform" and other.home == resource.home
                if _waiting(other) is not None
            ]
        result = []
        for other in self._unresolved[key]:
            first = _waiting(other)
            if first is not None and other is not resource and not _belongs(other, resource.type):
                result.append(Unknown(f"{other.address} may belong to it: {first.reason}", first.refs))
        return result


def _belongs(resource: Resource, type_: str) -> bool:
    """True where a resource is linked with one of a type already."""
    return any(other.type == type_ for other in resource.links.of(type_))


def _waiting(resource: Resource) -> Unknown | None:
    """The first argument at the top level of a body that may turn out to be anything of this root."""
    for value in resource.body.values():
        if isinstance(value, Unknown) and (not value.refs or value.refs[0].startswith("var.")):
            return value
    return None


def in_view(resource: Resource, view: str) -> bool:
    """True where a resource has a pod template of its own (`pod`), and runs for long (`workload`)."""
    workload = resource.workload
    return workload is not None and not workload.borrowed and (view == "pod" or workload.lasting)


def _matches(resource: Resource, pattern: str) -> bool:
    if pattern in VIEWS:
        workload = resource.workload
        return workload is not None and (pattern == "pod" or workload.lasting)
    return resource.type == pattern or (_is_glob(pattern) and fnmatchcase(resource.type, pattern))


@functools.cache
def _is_glob(pattern: str) -> bool:
    return any(char in pattern for char in "*?[")


def scalar_text(value: Any) -> str:
    """A value as one would write it in a message: bare strings, `null`, `true`, JSON for the rest."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Unknown):
        return f"unknown ({value.reason})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {scalar_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(scalar_text(item) for item in value) + "]"
    return str(value)
