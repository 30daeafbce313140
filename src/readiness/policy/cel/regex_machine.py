"""A matcher that follows all ways through a pattern at once (a Pike machine).

Its time is at most the length of the text times the size of the pattern.  For a yes or no it
remembers the transitions between sets of states, which makes it a DFA built as it is needed.
"""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct, field

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.regex_syntax import Assertion, Chars, Choice, Part, Repeat, Sequence

MAX_STATES = 5_000
MAX_CACHE = 20_000
"""Transitions that are remembered, over all texts."""


class _State(Struct):
    """`chars` reads a character, `split` goes both ways (first preferred), `assert` tests, `match` ends."""

    kind: str
    next: int = 0
    other: int = 0
    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)
    test: str = ""

    def reads(self, code: int) -> bool:
        """Whether a `chars` state takes the character."""
        place = bisect_right(self.lows, code) - 1
        return place >= 0 and code <= self.highs[place]


class Machine:
    """The states of a pattern."""

    __slots__ = ("_numbers", "_places", "_remembered", "_rows", "_states")

    def __init__(self, part: Part) -> None:
        # The DFA: a place is the states before a character and the kind of what was before them;
        # a row gives the number of the place after each character that was met there.
        self._numbers: dict[tuple[frozenset[int], str], int] = {}
        self._places: list[tuple[frozenset[int], str]] = []
        self._rows: list[dict[str, int]] = []
        self._remembered = 0
        self._states: list[_State] = []
        self._compile(part)
        self._add(_State("match"))

    def _add(self, state: _State) -> int:
        if len(self._states) >= MAX_STATES:
            raise CelError("the regular expression is too large with its repetitions written out")
        self._states.append(state)
        return len(self._states) - 1

    def _compile(self, part: Part) -> None:
        """Add the states of a part; each ends by going to the state after it."""
        if isinstance(part, Chars):
            at = self._add(_State("chars", lows=[low for low, _ in part.ranges],
                                  highs=[high for _, high in part.ranges]))  # fmt: skip
            self._states[at].next = at + 1
        elif isinstance(part, Assertion):
            at = self._add(_State("assert", test=part.kind))
            self._states[at].next = at + 1
        elif isinstance(part, Sequence):
            for each in part.parts:
                self._compile(each)
        elif isinstance(part, Choice):
            self._choice(part)
        else:
            self._repeat(part)

    def _choice(self, part: Choice) -> None:
        ends: list[int] = []
        for branch in part.branches[:-1]:
            split = self._add(_State("split"))
            self._states[split].next = split + 1
            self._compile(branch)
            ends.append(self._add(_State("split")))
            self._states[split].other = len(self._states)
        self._compile(part.branches[-1])
        for end in ends:
            self._states[end].next = self._states[end].other = len(self._states)

    def _repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self._compile(part.body)
        if part.most is None:
            loop = self._add(_State("split"))
            self._compile(part.body)
            back = self._add(_State("split"))
            self._states[back].next = self._states[back].other = loop
            self._prefer(loop, part.greedy)
            return
        splits: list[int] = []
        for _ in range(part.most - part.least):
            splits.append(self._add(_State("split")))
            self._compile(part.body)
        for split in splits:
            self._prefer(split, part.greedy)

    def _prefer(self, split: int, greedy: bool) -> None:
        """Let a split prefer the body after it, or the way out behind everything so far."""
        state, out = self._states[split], len(self._states)
        state.next, state.other = (split + 1, out) if greedy else (out, split + 1)

    def test(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        if not self._rows or self._remembered > MAX_CACHE:
            self._forget()
        rows = self._rows
        number = 0
        for char in text:
            following = rows[number].get(char)
            if following is None:
                following = self._advance(number, char)
            if following < 0:
                return True
            number = following
        return self._advance(number, "") < 0

    def _forget(self) -> None:
        """Start the DFA anew: number 0 is the place before the first character."""
        start: tuple[frozenset[int], str] = (frozenset(), "start")
        self._numbers, self._places, self._rows, self._remembered = {start: 0}, [start], [{}], 0

    def _advance(self, number: int, char: str) -> int:
        """The DFA state after a character (`""`: the end), -1 once the pattern has matched."""
        states, before = self._places[number]
        following = self._step(states, before, char)
        result = -1
        if following is not None:
            place = (following, _class(char))
            result = self._numbers.setdefault(place, len(self._places))
            if result == len(self._places):
                self._places.append(place)
                self._rows.append({})
        if self._remembered <= MAX_CACHE:
            self._rows[number][char] = result
            self._remembered += 1
        return result

    def _step(self, states: frozenset[int], before: str, char: str) -> frozenset[int] | None:
        # `around` stands for the text at this point: assertions look one character either way.
        previous = {"start": "", "line": "\n", "word": "a", "other": "-"}[before]
        around, at = previous + char, len(previous)
        ready: list[tuple[int, int]] = []
        seen: set[int] = set()
        for state in (*states, 0):
            self._follow(state, 0, at, around, seen, ready)
        following: list[int] = []
        for number, _ in ready:
            target = self._states[number]
            if target.kind == "match":
                return None
            if char and target.reads(ord(char)):
                following.append(target.next)
        return frozenset(following)

    def find(self, text: str, start: int) -> tuple[int, int] | None:
        """The leftmost match at or after `start`, as `re` would choose it, or None."""
        best: tuple[int, int] | None = None
        threads: list[tuple[int, int]] = []  # (state, where the match began), the preferred first
        for at in range(start, len(text) + 1):
            ready: list[tuple[int, int]] = []
            seen: set[int] = set()
            for state, began in threads:
                self._follow(state, began, at, text, seen, ready)
            if best is None:
                self._follow(0, at, at, text, seen, ready)
            threads = []
            code = ord(text[at]) if at < len(text) else -1
            for number, began in ready:
                state_ = self._states[number]
                if state_.kind == "match":
                    best = (began, at)
                    break  # Those after this one are less preferred.
                if state_.reads(code):
                    threads.append((state_.next, began))
            if not threads and best is not None:
                break
        return best

    def _follow(
        self, number: int, began: int, at: int, text: str, seen: set[int], ready: list[tuple[int, int]]
    ) -> None:
        """Add the states that read a character, or end, reachable from a state without reading."""
        stack = [number]
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            state = self._states[current]
            if state.kind == "split":
                stack.append(state.other)
                stack.append(state.next)
            elif state.kind == "assert":
                if _holds(state.test, text, at):
                    stack.append(state.next)
            else:
                ready.append((current, began))


def _class(char: str) -> str:
    if char == "\n":
        return "line"
    return "word" if _is_word(char) else "other"


def _holds(test: str, text: str, at: int) -> bool:
    if test == "start":
        return at == 0
    if test == "end":
        return at == len(text)
    if test == "line-start":
        return at == 0 or text[at - 1] == "\n"
    if test == "line-end":
        return at == len(text) or text[at] == "\n"
    boundary = (at > 0 and _is_word(text[at - 1])) is not (at < len(text) and _is_word(text[at]))
    return boundary is (test == "boundary")


def _is_word(char: str) -> bool:
    return char == "_" or (char.isascii() and char.isalnum())
