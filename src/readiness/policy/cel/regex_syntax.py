"""RE2's regular expression syntax, parsed.

Everything that depends on flags is settled here: case-insensitive characters become sets, `.`,
`^` and `$` what they mean where they stand.  What RE2 has not (back-references, lookaround,
possessive and atomic groups) is an error.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.regex_chars import MAX_CODE, PERL, POSIX, Ranges, category, complement, fold, union

MAX_REPEAT = 1000
MAX_DEPTH = 200


class Chars(Struct, frozen=True):
    """One character out of sorted, disjoint, inclusive ranges of code points."""

    ranges: Ranges


class Assertion(Struct, frozen=True):
    """`start`, `end`, `line-start`, `line-end`, `boundary` or `no-boundary`."""

    kind: str


class Sequence(Struct, frozen=True):
    """Parts one after the other; none match the empty text."""

    parts: tuple[Part, ...]


class Choice(Struct, frozen=True):
    """The first of the branches that matches."""

    branches: tuple[Part, ...]


class Repeat(Struct, frozen=True):
    """`least` to `most` times (None: without limit)."""

    body: Part
    least: int
    most: int | None
    greedy: bool


Part = Chars | Assertion | Sequence | Choice | Repeat

_QUANTIFIERS = frozenset("*+?{")
_ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


def parse_pattern(pattern: str) -> Part:
    """The pattern as a tree; raises CelError."""
    parser = _Parser(pattern)
    part = parser.choice(_Flags())
    if parser.at < len(pattern):
        raise parser.error("`)` without `(`")
    return part


class _Flags(Struct, frozen=True):
    ignore_case: bool = False
    multi_line: bool = False
    dot_all: bool = False
    ungreedy: bool = False


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def error(self, message: str) -> CelError:
        return CelError(f"the regular expression {self.pattern[:60]!r} is wrong at {self.at + 1}: {message}")

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def accept(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def choice(self, flags: _Flags) -> Part:
        """Branches up to the end of the group; flags set inside hold to that end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("groups nest too deeply")
        branches: list[Part] = []
        parts: list[Part] = []
        while self.at < len(self.pattern) and (char := self.pattern[self.at]) != ")":
            if char == "|":
                self.at += 1
                branches.append(_sequence(parts))
                parts = []
            elif char == "(" and self.accept("(?"):
                flags = self.special(flags, parts)
            else:
                part = self.atom(flags)
                parts.append(self.repeated(part, flags))
        branches.append(_sequence(parts))
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def special(self, flags: _Flags, parts: list[Part]) -> _Flags:
        """After `(?`: a named or plain group, or flags; returns the flags that hold from here."""
        for opening in ("P<", "<"):
            if self.peek(opening) and not self.peek("<=") and not self.peek("<!"):
                self.at += len(opening)
                name, closed, _ = self.pattern[self.at :].partition(">")
                if not closed or not name.isascii() or not name.replace("_", "a").isalnum():
                    raise self.error("a group name has letters, digits and `_`")
                self.at += len(name) + 1
                parts.append(self.group(flags, flags))
                return flags
        for opening in ("=", "!", "<=", "<!", ">", "P=", "P>", "(", "#", "|"):
            if self.peek(opening):
                raise self.error(f"`(?{opening}` is not supported (RE2 has no lookaround or back-references)")
        inner, positive = flags, True
        seen = False
        while self.at < len(self.pattern):
            char = self.pattern[self.at]
            self.at += 1
            names = {"i": "ignore_case", "m": "multi_line", "s": "dot_all", "U": "ungreedy"}
            if char in names:
                inner, seen = _with(inner, names[char], positive), True
            elif char == "-" and positive:
                positive, seen = False, False
            elif char == ":" and (seen or positive):
                parts.append(self.group(inner, flags))
                return flags
            elif char == ")" and seen:
                return inner
            else:
                raise self.error(f"`{char}` is not a flag of a group")
        raise self.error("`(` is not closed")

    def group(self, inner: _Flags, outer: _Flags) -> Part:
        part = self.choice(inner)
        if not self.accept(")"):
            raise self.error("`(` is not closed")
        return self.repeated(part, outer)

    def atom(self, flags: _Flags) -> Part:
        char = self.pattern[self.at]
        self.at += 1
        if char == "(":
            part = self.choice(flags)
            if not self.accept(")"):
                raise self.error("`(` is not closed")
            return part
        if char == "[":
            return Chars(self.bracket(flags))
        if char == ".":
            return Chars(((0, MAX_CODE),) if flags.dot_all else complement(((10, 10),)))
        if char == "^":
            return Assertion("line-start" if flags.multi_line else "start")
        if char == "$":
            return Assertion("line-end" if flags.multi_line else "end")
        if char == "\\":
            return self.escape(flags)
        if char in "*+?" or (char == "{" and self.bounds(self.at)):
            raise self.error(f"`{char}` has nothing to repeat")
        return _char(ord(char), flags)

    def repeated(self, part: Part, flags: _Flags) -> Part:
        found = self.quantifier()
        if found is None:
            return part
        least, most = found
        greedy = not self.accept("?")
        if self.quantifier() is not None:
            raise self.error("a repetition of a repetition; use a group")
        return Repeat(part, least, most, greedy is not flags.ungreedy)

    def quantifier(self) -> tuple[int, int | None] | None:
        if self.pattern[self.at : self.at + 1] not in _QUANTIFIERS:
            return None
        for text, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.accept(text):
                return bounds
        found = self.bounds(self.at + 1) if self.peek("{") else None
        if found is None:
            return None
        least, most, end = found
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise self.error(f"a repetition is at most {MAX_REPEAT} times, the smaller number first")
        self.at = end
        return least, most

    def bounds(self, at: int) -> tuple[int, int | None, int] | None:
        """`2}`, `2,}` or `2,5}` at an offset; other text after `{` is plain text."""
        end = self.pattern.find("}", at, at + 24)
        least, comma, most = self.pattern[at:end].partition(",") if end > 0 else ("", "", "")
        if not (least.isascii() and least.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None
        return int(least), (int(most) if most else None) if comma else int(least), end + 1

    def escape(self, flags: _Flags) -> Part:
        if self.at >= len(self.pattern):
            raise self.error("it ends with `\\`")
        char = self.pattern[self.at]
        simple = {"A": "start", "z": "end", "b": "boundary", "B": "no-boundary"}
        if char in simple:
            self.at += 1
            return Assertion(simple[char])
        if char == "Q":
            text, _, _ = self.pattern[self.at + 1 :].partition("\\E")
            self.at = min(len(self.pattern), self.at + 1 + len(text) + 2)
            literals: list[Part] = [_char(ord(each), flags) for each in text]
            # A repetition after \E repeats the last character only.
            if literals:
                literals[-1] = self.repeated(literals[-1], flags)
            return _sequence(literals)
        ranges = self.escaped_class(flags)
        return Chars(ranges) if ranges is not None else _char(self.escaped_char(), flags)

    def escaped_class(self, flags: _Flags) -> Ranges | None:
        """`\\d`, `\\W`, `\\p{L}`, `\\PN` after the backslash, or None."""
        char = self.pattern[self.at]
        if char.lower() in PERL:
            self.at += 1
            ranges = fold(PERL[char.lower()]) if flags.ignore_case else PERL[char.lower()]
            return complement(ranges) if char.isupper() else ranges
        if char not in "pP":
            return None
        self.at += 1
        name = self.pattern[self.at : self.at + 1]
        self.at += 1
        if name == "{":
            name, closed, _ = self.pattern[self.at :].partition("}")
            if not closed:
                raise self.error("`\\p{` is not closed")
            self.at += len(name) + 1
        negated = (char == "P") is not name.startswith("^")
        name = name.removeprefix("^")
        if name == "Any":
            return complement(((0, MAX_CODE),)) if negated else ((0, MAX_CODE),)
        if name[:1] not in "CLMNPSZ" or not (len(name) == 1 or (len(name) == 2 and name[1].islower())):
            raise self.error(f"`\\p{{{name}}}`: only general categories such as L, Lu or Nd are supported")
        ranges = category(name)
        if not ranges:
            raise self.error(f"`{name}` is not a general category")
        if flags.ignore_case:
            ranges = fold(ranges)
        return complement(ranges) if negated else ranges

    def escaped_char(self) -> int:
        """The code point of an escape, after the backslash."""
        char = self.pattern[self.at]
        self.at += 1
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char == "x":
            braced = self.accept("{")
            end = self.pattern.find("}", self.at) if braced else self.at + 2
            digits = self.pattern[self.at : max(end, self.at)]
            if not digits or len(digits) > 8 or any(each not in "0123456789abcdefABCDEF" for each in digits):
                raise self.error("`\\x` needs two hexadecimal digits, or more in braces")
            if (not braced and len(digits) != 2) or int(digits, 16) > MAX_CODE:
                raise self.error("`\\x` needs two hexadecimal digits, or a Unicode character in braces")
            self.at = end + (1 if braced else 0)
            return int(digits, 16)
        if char == "0" or (char in "1234567" and self.pattern[self.at : self.at + 1] in set("01234567")):
            digits = char
            while len(digits) < 3 and self.pattern[self.at : self.at + 1] in set("01234567"):
                digits += self.pattern[self.at]
                self.at += 1
            return int(digits, 8)
        if char.isascii() and char.isalnum():
            what = "back-references are not supported" if char.isdigit() else "not an escape of RE2"
            raise self.error(f"`\\{char}`: {what}")
        return ord(char)

    def bracket(self, flags: _Flags) -> Ranges:
        """A class, after its `[`."""
        negated = self.accept("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self.peek("]"):
            if self.at >= len(self.pattern):
                raise self.error("`[` is not closed")
            first = False
            if self.accept("[:"):
                ranges.extend(self.posix(flags))
                continue
            if self.peek("\\") and self.at + 1 < len(self.pattern):
                self.at += 1
                escaped = self.escaped_class(flags)
                if escaped is not None:
                    ranges.extend(escaped)
                    continue
                self.at -= 1
            low = self.bracket_char()
            high = low
            if self.peek("-") and not self.peek("-]") and self.at + 1 < len(self.pattern):
                self.at += 1
                high = self.bracket_char()
                if high < low:
                    raise self.error("a range of characters that ends before it starts")
            found: Ranges = ((low, high),)
            ranges.extend(fold(found) if flags.ignore_case else found)
        self.at += 1
        merged = union(ranges)
        return complement(merged) if negated else merged

    def bracket_char(self) -> int:
        if self.at >= len(self.pattern):
            raise self.error("`[` is not closed")
        char = self.pattern[self.at]
        self.at += 1
        if char != "\\":
            return ord(char)
        if self.at >= len(self.pattern):
            raise self.error("it ends with `\\`")
        return self.escaped_char()

    def posix(self, flags: _Flags) -> Ranges:
        name, closed, _ = self.pattern[self.at :].partition(":]")
        ranges = POSIX.get(name.removeprefix("^"))
        if not closed or ranges is None:
            raise self.error(f"`[:{name[:20]}:]` is not a class")
        self.at += len(name) + 2
        folded = fold(ranges) if flags.ignore_case else ranges
        return complement(folded) if name.startswith("^") else folded


def _char(code: int, flags: _Flags) -> Chars:
    return _one(code, flags.ignore_case)


@lru_cache(maxsize=512)
def _one(code: int, ignore_case: bool) -> Chars:
    ranges: Ranges = ((code, code),)
    return Chars(fold(ranges) if ignore_case else ranges)


def _sequence(parts: list[Part]) -> Part:
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _with(flags: _Flags, name: str, value: bool) -> _Flags:
    return replace(flags, **{name: value})
