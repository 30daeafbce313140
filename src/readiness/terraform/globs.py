"""Patterns of `fileset()`, with the corners that Terraform's own matching has.

Source: https://developer.hashicorp.com/terraform/language/functions/fileset and the package that
Terraform uses, https://pkg.go.dev/github.com/bmatcuk/doublestar@v1.1.5
"""

from __future__ import annotations

import posixpath
import re

from readiness.repo.paths import below
from readiness.terraform.convert import EvaluationError
from readiness.terraform.files import BROKEN, FILE, FOLDER, NAMES_LIMIT, RESULT_LIMIT, Files, RefusedError
from readiness.values import Unknown

_MAGIC = re.compile(r"[*?\[{\\]")
_SLASH = re.compile(r"(?<!\\)/")
_COMMA = re.compile(r"(?<!\\),")
_ENDS = {"[": re.compile(r"(?<!\\)\]"), "{": re.compile(r"(?<!\\)\}")}


def glob(files: Files, root: str, pattern: str) -> list[str] | Unknown:
    """The regular files that a pattern finds, as paths relative to the root, in their order.

    `**` alone between slashes stands for folders at any depth, those behind links among them, and at
    the end for all that is in them.

    Raises:
        EvaluationError: the pattern is broken, or finds a broken link.
        RefusedError: it leads outside, or to too many files.
    """
    parts = _SLASH.split(pattern)
    found: set[str] = set()
    seen: set[tuple[str, int]] = set()
    looked = 0
    waiting = [(".", 0)]
    while waiting:
        folder, index = waiting.pop()
        while index < len(parts) and not _MAGIC.search(parts[index]):
            folder, index = posixpath.normpath(posixpath.join(folder, parts[index])), index + 1
        if (folder, index) in seen:
            continue
        seen.add((folder, index))
        whole = index == len(parts)
        parent = posixpath.dirname(folder) or "." if whole else folder
        listed = files.names(root, parent)
        if isinstance(listed, Unknown):
            return listed
        names = {below(parent, name): kind for name, kind in listed.items()}
        steps = [(folder, True)] * (folder in names) if whole else _steps(parts, index, names, waiting)
        looked += len(names) + 1
        for path, last in steps:
            if last:
                _take(path, names[path], found)
            elif names[path] == FOLDER:
                waiting.append((path, index + 1 + (parts[index] == "**")))
        if looked > NAMES_LIMIT or len(found) > RESULT_LIMIT:
            raise RefusedError(f"the pattern {pattern!r} leads to too many files")
    return sorted(found)


def _steps(
    parts: list[str], index: int, names: dict[str, str], waiting: list[tuple[str, int]]
) -> list[tuple[str, bool]]:
    """What a part of the pattern matches in a folder, and whether it is the last one."""
    if parts[index] == "**":
        waiting.extend((path, index) for path, kind in names.items() if kind == FOLDER)
        index += 1
        if index == len(parts):
            return [(path, True) for path, kind in names.items() if kind != BROKEN]
    matcher = _Matcher()
    last = index + 1 == len(parts)
    return [(path, last) for path in names if matcher.matches(parts[index], posixpath.basename(path))]


def _take(path: str, kind: str, found: set[str]) -> None:
    if kind == BROKEN:
        raise EvaluationError(f"{path!r} is a link to something that does not exist")
    if kind == FILE:
        found.add(path)


class _Matcher:
    """Matches names with the parts of a pattern; what stars have tried is remembered."""

    def __init__(self) -> None:
        self._memo: dict[tuple[str, str], bool] = {}

    def matches(self, pattern: str, name: str) -> bool:
        """Whether all of a name matches.

        Raises:
            EvaluationError: the pattern is broken, as far as it was needed.
        """
        if not pattern or (not name and pattern != "*"):
            return not pattern and not name
        at = where = 0
        while at < len(pattern) and where < len(name):
            char = pattern[at]
            if char == "*":
                rest = pattern[at + 1 :]
                return not rest or any(self._tries(rest, name[i:]) for i in range(where, len(name)))
            if char == "{":
                end = _end(pattern, at)
                options = _COMMA.split(pattern[at + 1 : end])
                return any(self.matches(option + pattern[end + 1 :], name[where:]) for option in options)
            if char == "[":
                end = _end(pattern, at)
                if not _in_class(pattern, at + 1, end, name[where]):
                    return False
                at = end
            elif char == "\\":
                at += 1
                if at == len(pattern):
                    raise _broken(pattern)
                if pattern[at] != name[where]:
                    return False
            elif char not in ("?", name[where]):
                return False
            at, where = at + 1, where + 1
        return where == len(name) and pattern[at:] in ("", "*", "**")

    def _tries(self, pattern: str, name: str) -> bool:
        key = (pattern, name)
        if key not in self._memo:
            try:
                self._memo[key] = self.matches(pattern, name)
            except EvaluationError:
                self._memo[key] = False
        return self._memo[key]


def _end(pattern: str, start: int) -> int:
    found = _ENDS[pattern[start]].search(pattern, start + 1)
    if found is None:
        raise _broken(pattern)
    return found.start()


def _in_class(pattern: str, start: int, end: int, char: str) -> bool:
    """Whether a character is in the class that stands in brackets."""
    if start == end:
        raise _broken(pattern)
    negated = pattern[start] == "^"
    at = start + negated
    inside = False
    while at < end:
        low, at = _bound(pattern, at, end)
        high = low
        if at < end and pattern[at] == "-":
            high, at = _bound(pattern, at + 1, end)
        inside = inside or low <= char <= high
    return inside != negated


def _bound(pattern: str, at: int, end: int) -> tuple[str, int]:
    escaped = at < end and pattern[at] == "\\"
    at += escaped
    if at >= end or (pattern[at] == "-" and not escaped):
        raise _broken(pattern)
    return pattern[at], at + 1


def _broken(pattern: str) -> EvaluationError:
    return EvaluationError(f"there is a syntax error in the pattern {pattern!r}")
