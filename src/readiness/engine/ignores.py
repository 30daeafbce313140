"""Ignoring findings in place: our own comments and annotations, and those of peers.

A comment counts for the line it stands on, for the block or
attribute that begins right below it, or (the peers' `skip` comments) for the block around it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from readiness.engine.model import Finding
from readiness.errors import SourceError
from readiness.estate.model import Resource
from readiness.policy.names import Names
from readiness.sources.comments import Comment
from readiness.sources.exceptions import Request, parse_annotations, parse_comment
from readiness.values import List, Map, Span

_ANY = frozenset({"*"})


NO_REASON = "no reason given"


class Ignore(Struct, frozen=True):
    """A request that has not expired: the line of its comment, and the line that it is meant for."""

    request: Request
    line: int
    target: int


class Ignores:
    """Answers whether a finding is ignored in place."""

    def __init__(self, today: datetime.date, former: Mapping[str, Iterable[str]] | None = None) -> None:
        self.today = today
        self._former = former or {}  # former ids, by the present one
        self._by_path: dict[str, list[Ignore]] = {}
        self._by_address: dict[tuple[str, str], list[Ignore]] = {}
        self._spans: dict[tuple[str, str], Resource] = {}
        self._scattered: dict[str, list[tuple[str, list[Ignore]]]] = {}

    def add_comments(self, path: str, comments: Iterable[Comment], lines: list[str]) -> None:
        """Take the marked comments of a file; `lines` is its text."""
        for comment in comments:
            request = parse_comment(comment.text)
            if request is None or request.expired(self.today):
                continue
            target = comment.line
            if not lines[comment.line - 1][: comment.column - 1].strip():
                target = _next_code_line(lines, comment.line)
            self._by_path.setdefault(path, []).append(Ignore(request, comment.line, target))

    def add_resources(self, resources: Iterable[Resource]) -> None:
        """Take the annotations of resources, and their extents for comments in a block."""
        for resource in resources:
            self._spans[resource.header.path, resource.address] = resource
            annotations = resource.annotations
            if isinstance(annotations, Map):
                requests = [request for _, request in parse_annotations(annotations)]
                live = [Ignore(request, 0, 0) for request in requests if not request.expired(self.today)]
                if live:
                    self._by_address[resource.header.path, resource.address] = live
                if live and resource.scattered:
                    below = "" if resource.root == "." else f"{resource.root}/"
                    self._scattered.setdefault(resource.address, []).append((below, live))

    def reason(self, finding: Finding) -> str | None:
        """Why a finding is ignored, or None if it is not."""
        names = {finding.policy, finding.control, *(alias.lower() for alias in finding.aliases)}
        names.update(self._former.get(finding.policy, ()))
        names |= {name.removeprefix("avd-") for name in names}
        names |= {name.split(":", 1)[-1] for name in names}
        for ignore in self._candidates(finding):
            ids = ignore.request.ids
            if ids & names or ids & _ANY or _all_of_a_peer(ids, names):
                return ignore.request.reason or NO_REASON
        return None

    def _candidates(self, finding: Finding) -> Iterable[Ignore]:
        path = finding.span.path
        resource = self._spans.get((path, finding.subject.address))
        own = self._by_address.get((path, finding.subject.address))
        if own is not None:
            yield from own
        else:
            for folder, ignores in self._scattered.get(finding.subject.address, ()):
                if path.startswith(folder):
                    yield from ignores
        for ignore in self._by_path.get(path, ()):
            inside = resource is not None and resource.span.line <= ignore.line <= resource.span.end_line
            above = resource is not None and ignore.target == resource.span.line
            meant = (ignore.request.around and inside) or above or ignore.target == finding.span.line
            if meant or (resource and inside and _covers(resource.body, ignore.target, finding.span.line)):
                yield ignore


def misnamed(ignores: Iterable[Resource], names: Names) -> Iterator[SourceError]:
    """A notice for each name in our own form of ignores that is old or means nothing.

    What other tools' forms name is their business.
    """
    for resource in ignores:
        if resource.body.get("form") != "readiness":
            continue
        for name in resource.body["ids"]:
            complaint = names.complaint(name)
            if complaint is not None:
                span = resource.header
                yield SourceError(span.path, span.line, span.column, complaint, "notice")


def _covers(body: Map, target: int, line: int) -> bool:
    """Whether a nested block, an attribute or an item of a body starts at one line and holds another."""
    left: list[object] = [body]
    while left:
        value = left.pop()
        spans: list[Span | None] = []
        if isinstance(value, Map):
            spans = [value.span_of(key) for key in value]
            left.extend(value.values())
        elif isinstance(value, List):
            spans = list(value.item_spans)
            left.extend(value)
        if any(span is not None and span.line == target and line <= span.end_line for span in spans):
            return target <= line
    return False


def _all_of_a_peer(ids: frozenset[str], names: set[str]) -> bool:
    """Whether one of the ids means every check of a peer (`polaris:*`), and a name is one of these."""
    peers = tuple(name[:-1] for name in ids if name.endswith(":*"))
    return bool(peers) and any(name.startswith(peers) for name in names)


def _next_code_line(lines: list[str], line: int) -> int:
    """The first line below (from 1) that is neither blank nor a comment."""
    for index in range(line, len(lines)):
        text = lines[index].strip()
        if text and not text.startswith(("#", "//", "---")):
            return index + 1
    return line
