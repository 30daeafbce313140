"""What is dear to find out of services, for those who ask: owners by CODEOWNERS, and documents."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Sequence

from readiness.config.patterns import path_pattern
from readiness.estate.model import Estate
from readiness.estate.scope import Scope
from readiness.estate.services.find import unassigned
from readiness.estate.services.model import Said, Service
from readiness.estate.services.names import key_of
from readiness.repo.documents import Documents
from readiness.repo.facts import RepositoryFacts
from readiness.values import List, Span

FOLDERS = ("docs", "doc", "documentation", "runbooks", "playbooks", "evidence")
"""Folders of documents, beside the files of services and above them."""

_NOBODY = ""
"""In place of the name of a service, for what belongs to none."""


def complete(estate: Estate, facts: RepositoryFacts, scope: Scope | None = None) -> None:
    """Give the services of an estate the owners that CODEOWNERS gives their files, and their documents.

    An owner that something else says stays.  A document belongs to a service that declares it, that its path
    names, or that is the only one with resources in the folder that the documents are about, where `scope`
    (None for everything) has all of it, and no more in it belongs to nobody.  Both are set in
    `Service.resource` as well.
    """
    services = estate.services
    files = {service.name: _files(service) for service in services}
    for service in services:
        if service.owner is None:
            _own(service, files[service.name], facts)
    _document(services, _Folders(estate, files, facts, scope))
    for service in services:
        if service.resource is None:
            continue
        body = service.resource.body
        body["owner"], body["documents"] = service.owner, List(service.documents)
        said = service.said.get("owner")
        if said is not None:
            body.key_spans["owner"] = body.value_spans["owner"] = said.span


def _files(service: Service) -> Counter[str]:
    """The files in which a service has resources, with their number."""
    found = Counter(resource.header.path for resource in service.resources)
    if service.span.path:
        found[service.span.path] += 1
    return found


def _own(service: Service, files: Counter[str], facts: RepositoryFacts) -> None:
    """Take the owner of most of its files: of several a team before people, and whoever is named first."""
    counts: Counter[str] = Counter()
    lines: dict[str, Counter[int]] = {}
    places: dict[str, int] = {}
    for path, number in files.items():
        for rule in facts.owning(path):
            for place, owner in enumerate(rule.owners):
                counts[owner] += number
                lines.setdefault(owner, Counter())[rule.line] += number
                places[owner] = min(place, places.get(owner, place))
    codeowners = facts.codeowners() if counts else None
    if codeowners is None:
        return
    owner = min(counts, key=lambda name: (-counts[name], "/" not in name, places[name], name))
    line = min(lines[owner], key=lambda number: (-lines[owner][number], number))
    service.owner = owner
    span = Span(_shown(codeowners["path"], facts), line, 1, line, 1)
    service.said["owner"] = Said(owner, "codeowners", span)


def _document(services: Sequence[Service], folders: _Folders) -> None:
    facts = folders.facts
    documents = Documents(facts)
    found: dict[str, None] = {}
    for folder in sorted({posixpath.dirname(path) for paths in folders.files.values() for path in paths}):
        for one in documents.find(list(FOLDERS), f"{folder}/-" if folder else "-"):
            found[one["path"]] = None
    owned = {place: _owner_of(place, services, folders) for place in found}
    for service in services:
        entry = service.declared
        globs = [posixpath.join(entry.folder, glob) for glob in entry.documents] if entry else []
        pattern = path_pattern(map(posixpath.normpath, globs)) if globs else None
        service.documents = [
            shown
            for place in sorted(found)
            for shown in (_shown(place, facts),)
            if owned[place] == service.name or (pattern is not None and pattern.fullmatch(shown))
        ]


class _Folders:
    """How much each service has in the folders of a repository."""

    def __init__(
        self, estate: Estate, files: dict[str, Counter[str]], facts: RepositoryFacts, scope: Scope | None
    ) -> None:
        self.files = files
        self.facts = facts
        self.scope = scope
        self._here: dict[str, Counter[str]] = {}  # resources by folder from the root, and by service
        for name, paths in files.items():
            self._count(name, paths)
        self._count(_NOBODY, Counter(one.header.path for one in unassigned(estate)))

    def _count(self, name: str, paths: Counter[str]) -> None:
        """Add resources to their folders, and to those above them."""
        folders: Counter[str] = Counter()
        for path, number in paths.items():
            folders[posixpath.dirname(path)] += number
        for folder, number in folders.items():
            place = self.facts.place(folder or ".")
            while place is not None:
                self._here.setdefault(place, Counter())[name] += number
                place = posixpath.dirname(place) if place else None

    def only(self, folder: str) -> str | None:
        """The service that a folder is about: the only one in it, if all of it is known."""
        here = self._here.get(folder, Counter())
        names = [name for name in here if name != _NOBODY]
        whole = len(names) == 1 and here[_NOBODY] <= here[names[0]]
        return names[0] if whole and self._is_asked(folder) else None

    def _is_asked(self, folder: str) -> bool:
        return self.scope is None or self.scope.holds(posixpath.normpath(f"{_shown(folder, self.facts)}/-"))


def _owner_of(place: str, services: Sequence[Service], folders: _Folders) -> str | None:
    """The name of the service that a document belongs to; of several that its path names, the longest."""
    words = f"-{key_of(place).replace('/', '-').replace('.', '-')}-"
    named = [service.name for service in services if f"-{key_of(service.name)}-" in words]
    if named:
        return max(named, key=lambda name: (len(name), name))
    parts = place.split("/")
    at = next((index for index, part in enumerate(parts) if part in FOLDERS), None)
    if at is None:
        return None
    return folders.only("/".join(parts[:at]))


def _shown(place: str, facts: RepositoryFacts) -> str:
    """A path from the root of the repository as users see it."""
    if facts.texts is not None:
        return place
    return os.path.relpath(facts.root / place, facts.base).replace(os.sep, "/")
