"""Ignoring findings in place: our own comments and annotations, and those of peers.

A comment counts for the line it stands on, for the block or
attribute that begins right below it, or (the peers' `skip` comments) for the block around it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from readiness.config.model import Place, lock_at
from readiness.engine.model import Allowance, Finding
from readiness.engine.waivers import NO_REASON, Use, refusal
from readiness.errors import SourceError
from readiness.estate.exceptions import place_of_comment
from readiness.estate.model import Resource
from readiness.policy.model import Policy
from readiness.policy.names import Names, names_of
from readiness.sources.comments import Comment
from readiness.sources.exceptions import Request, parse_annotations, parse_comment
from readiness.values import List, Map, Span

_ANY = frozenset({"*"})


class Ignore(Struct, frozen=True):
    """A request that has not expired: the line of its comment, and the line that it is meant for.

    `span` is where it is written.
    """

    request: Request
    line: int
    target: int
    span: Span


class Ignores:
    """Answers whether a finding is ignored in place; `uses` says by place what came of each request.

    `locked` are policies that nothing may ignore, `notices` tell who tried.  `refused` are the places of
    requests that do not count.
    """

    def __init__(
        self,
        today: datetime.date,
        policies: Iterable[Policy] = (),
        locked: Mapping[str, Place] | None = None,
        refused: frozenset[Span] = frozenset(),
    ) -> None:
        self.today = today
        self.refused = refused
        self.uses: dict[Span, Use] = {}
        self.notices: list[SourceError] = []
        self._locked = locked or {}
        self._policies = {policy.id: policy for policy in policies}
        self._names: dict[str, set[str]] = {}
        # Of comments at module calls: by home of the call, the address of the module with the numbers in it.
        self._calls: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._at_calls: list[Ignore] = []
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
                target = next_code_line(lines, comment.line)
            span = place_of_comment(path, comment)
            if span in self.refused:
                continue
            self._by_path.setdefault(path, []).append(Ignore(request, comment.line, target, span))

    def add_resources(self, resources: Iterable[Resource]) -> None:
        """Take the annotations of resources, and their extents for comments in a block."""
        for resource in resources:
            self._spans[resource.header.path, resource.address] = resource
            annotations = resource.annotations
            if isinstance(annotations, Map):
                live = [
                    Ignore(request, 0, 0, span)
                    for key, request in parse_annotations(annotations)
                    if not request.expired(self.today)
                    and (span := annotations.span_of(key) or resource.header) not in self.refused
                ]
                if live:
                    self._by_address[resource.header.path, resource.address] = live
                if live and resource.scattered:
                    below = "" if resource.root == "." else f"{resource.root}/"
                    self._scattered.setdefault(resource.address, []).append((below, live))

    def add_calls(self, calls: Iterable[Resource]) -> None:
        """Take the module calls: what stands at one holds for everything in its instances."""
        for call in calls:
            for ignore in self._by_path.get(call.header.path, ()):
                inside = call.span.line <= ignore.line <= call.span.end_line
                if ignore.target == call.span.line or (ignore.request.around and inside):
                    self._at_calls.append(ignore)
                    numbers = self._calls.setdefault(call.home, {}).setdefault(call.address, [])
                    numbers.append(len(self._at_calls) - 1)

    def at_calls(self, policy: str, resource: Resource) -> list[int]:
        """The numbers of the requests at module calls that ignore a policy on a resource."""
        calls = self._calls.get(resource.home) if resource.module else None
        if not calls:
            return []
        names = self._names_of(policy)
        found = []
        for address, numbers in calls.items():
            rest = resource.module.removeprefix(address)
            if len(rest) < len(resource.module) and rest[:1] in ("", ".", "["):
                found += [n for n in numbers if _means(self._at_calls[n].request, names)]
        return found

    def allow(self, finding: Finding, at_calls: Iterable[int] = ()) -> Allowance | None:
        """Who ignores a finding in place, if anybody does; `at_calls` are numbers that `at_calls` gave.

        What is locked is not ignored, which a notice tells.
        """
        found = list(self._candidates(finding))
        if found:
            names = self._names_of(finding.policy)
            found = [ignore for ignore in found if _means(ignore.request, names)]
        found += [self._at_calls[number] for number in at_calls]
        lock = lock_at(self._locked, finding.policy, finding.span.path) if found and self._locked else None
        if lock is not None:
            for ignore in found:
                notice = refusal(ignore.span, finding.policy, lock, "ignored")
                self.notices += [notice] if notice not in self.notices else []
            return None
        for ignore in dict.fromkeys(found):
            self.uses.setdefault(ignore.span, Use()).count(finding.severity)
        if not found:
            return None
        request = found[0].request
        return Allowance("ignore", found[0].span, request.reason or NO_REASON, expires=request.until)

    def _names_of(self, id_: str) -> set[str]:
        """The names by which a request may call a policy."""
        names = self._names.get(id_)
        if names is None:
            policy = self._policies.get(id_)
            names = {id_}
            if policy is not None:
                names = names_of(policy.id, policy.control, policy.aliases, policy.former_ids)
            self._names[id_] = names
        return names

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


def _means(request: Request, names: set[str]) -> bool:
    """Whether a request is about a policy of these names."""
    ids = request.ids
    return bool(ids & names or ids & _ANY) or _all_of_a_peer(ids, names)


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


def next_code_line(lines: list[str], line: int) -> int:
    """The first line below (from 1) that is neither blank nor a comment."""
    for index in range(line, len(lines)):
        text = lines[index].strip()
        if text and not text.startswith(("#", "//", "---")):
            return index + 1
    return line
