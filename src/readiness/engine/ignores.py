"""Ignoring findings in place: our own comments and annotations, and those of peers.

The forms are in the README.  A comment counts for the line it stands on, for the block or
attribute that begins right below it, or (the peers' `skip` comments) for the block around it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from readiness.engine.model import Finding
from readiness.estate.model import Resource
from readiness.sources.comments import Comment
from readiness.values import List, Map, Span

_OWN = re.compile(r"readiness:ignore\s+(.*)", re.DOTALL)
_PEER = re.compile(r"(checkov|bridgecrew):skip=([\w-]+)(?::\s*(.*))?")
_PEER_IDS = re.compile(r"(?:trivy|tfsec):ignore:([\w,-]+)((?::[\w-]+)*)\s*(.*)")
_UNTIL = re.compile(r"[, ]*\buntil[: ]\s*(\d{4}-\d{2}-\d{2})")


_ANY = frozenset({"*"})


class Ignore(Struct, frozen=True):
    """One request to ignore: ids (ours or a peer's, lower case), the lines it covers, its reason."""

    ids: frozenset[str]
    path: str
    line: int  # of the comment
    target: int  # the line below the comment block
    around: bool  # covers the whole block it stands in
    reason: str


class Ignores:
    """Answers whether a finding is ignored in place."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today
        self._by_path: dict[str, list[Ignore]] = {}
        self._by_address: dict[tuple[str, str], list[Ignore]] = {}
        self._spans: dict[tuple[str, str], Resource] = {}

    def add_comments(self, path: str, comments: Iterable[Comment], lines: list[str]) -> None:
        """Take the marked comments of a file; `lines` is its text."""
        for comment in comments:
            found = parse_comment(comment.text, self.today)
            if found is None:
                continue
            ids, reason, around = found
            target = comment.line
            if not lines[comment.line - 1][: comment.column - 1].strip():
                target = _next_code_line(lines, comment.line)
            ignore = Ignore(ids, path, comment.line, target, around, reason)
            self._by_path.setdefault(path, []).append(ignore)

    def add_resources(self, resources: Iterable[Resource]) -> None:
        """Take the annotations of resources, and their extents for comments in a block."""
        for resource in resources:
            self._spans[resource.header.path, resource.address] = resource
            annotations = resource.annotations
            if isinstance(annotations, Map):
                found = parse_annotations(annotations, self.today)
                if found:
                    key = (resource.header.path, resource.address)
                    self._by_address[key] = [
                        Ignore(ids, resource.span.path, 0, 0, True, reason) for ids, reason in found
                    ]

    def reason(self, finding: Finding) -> str | None:
        """Why a finding is ignored, or None if it is not."""
        names = {finding.policy, finding.control, *(alias.lower() for alias in finding.aliases)}
        names |= {name.removeprefix("avd-") for name in names}
        names |= {name.split(":", 1)[-1] for name in names}
        for ignore in self._candidates(finding):
            if ignore.ids & names or ignore.ids & _ANY or _all_of_a_peer(ignore.ids, names):
                return ignore.reason
        return None

    def _candidates(self, finding: Finding) -> Iterable[Ignore]:
        path = finding.span.path
        resource = self._spans.get((path, finding.subject.address))
        yield from self._by_address.get((path, finding.subject.address), ())
        for ignore in self._by_path.get(path, ()):
            inside = resource is not None and resource.span.line <= ignore.line <= resource.span.end_line
            above = resource is not None and ignore.target == resource.span.line
            meant = (ignore.around and inside) or above or ignore.target == finding.span.line
            if meant or (resource and inside and _covers(resource.body, ignore.target, finding.span.line)):
                yield ignore


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


def parse_comment(text: str, today: datetime.date) -> tuple[frozenset[str], str, bool] | None:
    """Ids, reason, and whether the whole block around is meant; None if it does not ignore (any more)."""
    own = _OWN.search(text)
    if own is not None:
        return _parse_own(own.group(1), today)
    peer = _PEER.search(text)
    if peer is not None:
        return frozenset({peer.group(2).lower()}), (peer.group(3) or "").strip() or "no reason given", True
    peer = _PEER_IDS.search(text)
    if peer is None:
        return None
    expires = re.search(r"exp:(\d{4}-\d{2}-\d{2})", peer.group(2))
    if expires and _past(expires.group(1), today):
        return None
    ids = frozenset(part.lower().removeprefix("avd-") for part in peer.group(1).split(","))
    return ids, peer.group(3).strip() or "no reason given", False


def _past(day: str, today: datetime.date) -> bool:
    """Whether a day is over; a day that does not exist never comes."""
    try:
        return datetime.date.fromisoformat(day) < today
    except ValueError:
        return True


def _parse_own(text: str, today: datetime.date) -> tuple[frozenset[str], str, bool] | None:
    text = text.strip().removesuffix("*/").strip()
    ids_text, _, reason = text.partition("reason:")
    until = _UNTIL.search(text)
    if until is not None and _past(until.group(1), today):
        return None
    ids = frozenset(re.split(r"[\s,]+", _UNTIL.sub("", ids_text).strip().lower())) - {""}
    return (ids, _UNTIL.sub("", reason).strip(" ,") or "no reason given", False) if ids else None


def parse_annotations(
    annotations: Mapping[str, object], today: datetime.date
) -> list[tuple[frozenset[str], str]]:
    """The ignores that the annotations of an object ask for, as (ids, reason)."""
    found = []
    for key, value in annotations.items():
        text = value if isinstance(value, str) else ""
        if key == "readiness.dev/ignore":
            own = _parse_own(text, today)
            if own is not None:
                found.append((own[0], own[1]))
        elif key.startswith("checkov.io/skip"):
            name, _, reason = text.partition("=")
            found.append((frozenset({name.strip().lower()}), reason.strip() or "no reason given"))
        elif key.startswith("ignore-check.kube-linter.io/"):
            name = key.rsplit("/", 1)[-1].lower()
            found.append((frozenset({f"kube-linter:{name}"}), text or "no reason given"))
        elif key == "kube-linter.io/ignore-all":
            found.append((frozenset({"kube-linter:*"}), text or "no reason given"))
        elif key == "kube-score/ignore":
            names = (part.strip().lower() for part in text.split(","))
            found.append((frozenset(f"kube-score:{name}" for name in names if name), "kube-score/ignore"))
        elif key == "polaris.fairwinds.com/exempt" and text == "true":
            found.append((frozenset({"polaris:*"}), "polaris exemption"))
        elif key.startswith("polaris.fairwinds.com/") and key.endswith("-exempt") and text == "true":
            name = key.rsplit("/", 1)[-1].removesuffix("-exempt")
            found.append((frozenset({f"polaris:{name.lower()}"}), "polaris exemption"))
    return found
