"""`matches`, `find` and `findAll`: RE2's language in time that hostile input cannot blow up.

A pattern runs on Python's `re` where the work it could cause on a text of that length is
bounded, and otherwise on a matcher of our own that reads each character once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.regex_chars import MAX_CODE, Ranges, complement
from readiness.policy.cel.regex_machine import Machine
from readiness.policy.cel.regex_syntax import (
    Assertion,
    Chars,
    Choice,
    Part,
    Repeat,
    Sequence,
    parse_pattern,
)

BUDGET = 2_000_000
"""Steps that a text may cost with backtracking before the other matcher takes over."""
MAX_PATTERN = 2_000
MAX_RANGES = 100_000

_SHALLOW = 30
"""Groups up to which a pattern nests for sure no deeper than Python's `re` can read."""
_REMEMBERED = 1024
"""Texts of which a pattern remembers whether it matches them."""
_ASSERTIONS = {
    "start": r"\A",
    "end": r"\Z",
    "line-start": r"(?m:^)",
    "line-end": r"(?m:$)",
    "boundary": r"(?a:\b)",
    "no-boundary": r"(?!(?a:\b))",
}


class _Bounded(Struct, frozen=True):
    """Python's form of a pattern, and up to how many characters of text its work is bounded (-1: never)."""

    compiled: re.Pattern[str]
    longest: int


class Pattern:
    """A compiled regular expression.

    What runs it is made when a text first needs it: of the patterns of policies most never meet one.
    """

    __slots__ = ("_find", "_machine", "_part", "_search", "_source", "_told")

    def __init__(self, part: Part, source: str = "") -> None:
        self._part = part
        self._source = source
        self._machine: Machine | None = None
        self._search: _Bounded | None = None
        self._find: _Bounded | None = None
        self._told: dict[str, bool] = {}

    def test(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        known = self._told.get(text)
        if known is not None:
            return known
        searcher = self._search or self.searcher
        if len(text) <= searcher.longest or not text:
            return searcher.compiled.search(text) is not None
        # Infrastructure says the same words over and over, and the machine is slow.
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        found = self._told[text] = self.machine.test(text)
        return found

    @property
    def searcher(self) -> _Bounded:
        """What tells whether a text matches; raises CelError where the pattern is too complex."""
        if self._search is None:
            self._search = _bounded(_trimmed(self._part), self._part, self._source)
        return self._search

    @property
    def finder(self) -> _Bounded:
        """What tells where a text matches; raises CelError where the pattern is too complex."""
        if self._find is None:
            self._find = _bounded(self._part, self._part, self._source)
        return self._find

    @property
    def machine(self) -> Machine:
        """The matcher without backtracking, made when it is first needed."""
        if self._machine is None:
            self._machine = Machine(self._part)
        return self._machine

    def find_all(self, text: str, limit: int = -1) -> list[str]:
        """The leftmost matches that do not overlap, at most `limit` unless that is negative."""
        finder = self.finder
        safe = len(text) <= finder.longest
        found: list[str] = []
        at, last = 0, -1
        while at <= len(text) and (limit < 0 or len(found) < limit):
            if safe:
                match = finder.compiled.search(text, at)
                span = match.span() if match else None
            else:
                span = self.machine.find(text, at)
            if span is None:
                break
            start, end = span
            if start != end or start != last:  # An empty match right after a match is none.
                found.append(text[start:end])
            last = end
            at = end if end > start else end + 1
        return found


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Pattern:
    """A pattern in RE2's syntax, cached; raises CelError for what RE2 would refuse."""
    if len(pattern) > MAX_PATTERN:
        raise CelError(f"a regular expression of {len(pattern)} characters; {MAX_PATTERN} are allowed")
    part = parse_pattern(pattern)
    if _weight(part) > MAX_RANGES:
        raise CelError(f"the regular expression {pattern[:60]!r} is too large")
    made = Pattern(part, pattern)
    if pattern.count("(") > _SHALLOW:
        # What nests deeply may be too complex, and that is to be said now.
        _ = made.searcher, made.finder
    return made


def _bounded(part: Part, whole: Part, source: str) -> _Bounded:
    """A part for Python's `re`; raises CelError where it is too complex."""
    try:
        compiled = re.compile(_python(part))
        factors = _factors(part)
    except (re.error, OverflowError, RecursionError):
        raise CelError(f"the regular expression {source[:60]!r} is too complex") from None
    anchored = isinstance(_first(whole), Assertion)
    return _Bounded(compiled, -1 if factors is None else _longest(factors, anchored))


def _weight(part: Part) -> int:
    """How large the pattern is with its repetitions written out."""
    if isinstance(part, Chars):
        return 1
    if isinstance(part, Sequence):
        return 1 + sum(_weight(each) for each in part.parts)
    if isinstance(part, Choice):
        return 1 + sum(_weight(each) for each in part.branches)
    if isinstance(part, Repeat):
        return 1 + _weight(part.body) * max(part.most if part.most is not None else part.least + 1, 1)
    return 1


def _python(part: Part) -> str:
    """The pattern for Python's `re`, without flags."""
    if isinstance(part, Chars):
        return _class(part.ranges)
    if isinstance(part, Assertion):
        return _ASSERTIONS[part.kind]
    if isinstance(part, Sequence):
        return "".join(_python(each) for each in part.parts)
    if isinstance(part, Choice):
        return "(?:" + "|".join(_python(each) for each in part.branches) + ")"
    most = "" if part.most is None else str(part.most)
    return f"(?:{_python(part.body)}){{{part.least},{most}}}{'' if part.greedy else '?'}"


def _class(ranges: Ranges) -> str:
    if not ranges:
        return "(?!)"
    if ranges == ((0, MAX_CODE),):
        return r"[\s\S]"
    if ranges[0][0] == 0 and ranges[-1][1] == MAX_CODE:
        return "[^" + _class_body(complement(ranges)) + "]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _code(ranges[0][0])
    return "[" + _class_body(ranges) + "]"


def _class_body(ranges: Ranges) -> str:
    return "".join(_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in ranges)


def _code(code: int) -> str:
    return chr(code) if chr(code).isascii() and chr(code).isalnum() else f"\\U{code:08x}"


def _first(part: Part) -> Part:
    while isinstance(part, Sequence) and part.parts:
        part = part.parts[0]
    return part


def _trimmed(part: Part) -> Part:
    """Without repetitions at either end that may be empty: they decide nothing in a test."""
    if not isinstance(part, Sequence):
        return Sequence(()) if _skippable(part) else part
    parts = list(part.parts)
    while parts and _skippable(parts[0]):
        parts.pop(0)
    while parts and _skippable(parts[-1]):
        parts.pop()
    return Sequence(tuple(parts))


def _skippable(part: Part) -> bool:
    return isinstance(part, Repeat) and part.least == 0


def _factors(part: Part) -> list[int | None] | None:
    """The choices a backtracking matcher has: a number each, None for "as long as the text".

    The whole is None when a repetition repeats something that itself has choices: then the
    work can grow exponentially.
    """
    if isinstance(part, (Chars, Assertion)):
        return []
    if isinstance(part, (Sequence, Choice)):
        inner = [_factors(each) for each in (part.parts if isinstance(part, Sequence) else part.branches)]
        result: list[int | None] = []
        for each in inner:
            if each is None:
                return None
            result.extend(each)
        if isinstance(part, Choice) and not _disjoint(part):
            result.append(len(part.branches))
        return result
    body = _factors(part.body)
    once = part.most is not None and part.most <= 1
    if body is None or (body and not once) or (not once and _nullable(part.body)):
        return None
    if part.most is None:
        return [*body, None]
    return [*body, part.most - part.least + 1] if part.most != part.least else body


def _longest(factors: list[int | None], anchored: bool) -> int:
    """The longest text that stays inside the budget."""
    fixed = 1
    unbounded = 0 if anchored else 1
    for factor in factors:
        if factor is None:
            unbounded += 1
        else:
            fixed *= factor
    if fixed > BUDGET:
        return 0
    return int((BUDGET / fixed) ** (1 / unbounded)) if unbounded else BUDGET // fixed


def _nullable(part: Part) -> bool:
    if isinstance(part, Sequence):
        return all(_nullable(each) for each in part.parts)
    if isinstance(part, Choice):
        return any(_nullable(each) for each in part.branches)
    if isinstance(part, Repeat):
        return part.least == 0 or _nullable(part.body)
    return isinstance(part, Assertion)


def _disjoint(choice: Choice) -> bool:
    """Whether the next character decides between the branches."""
    taken: list[tuple[int, int]] = []
    for branch in choice.branches:
        first = _first(branch)
        if not isinstance(first, Chars):
            return False
        taken.extend(first.ranges)
    taken.sort()
    return all(left[1] < right[0] for left, right in pairwise(taken))
