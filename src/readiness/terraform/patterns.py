"""Regular expressions of Terraform (RE2) on Python's engine.

Syntax: https://github.com/google/re2/wiki/Syntax.  RE2 takes linear time, Python's engine may take
exponential time; so an expression is refused where the worst it could take is too much.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from readiness.terraform.convert import EvaluationError

_STEPS = 100_000_000
_LENGTH = 1_000
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<low>[0-9]+)(?P<comma>,(?P<high>[0-9]*))?\})\??")
_GROUP = re.compile(r"\(\?(?:P?<([A-Za-z_]\w*)>|([imsU]*)(-[imsU]+)?(:))", re.ASCII)
_FLAGS = re.compile(r"\(\?([ims]+)\)")


class Compiled(NamedTuple):
    """An expression, and what it may cost: the power of the text's length and a factor."""

    pattern: re.Pattern[str]
    power: int
    factor: int
    nested: bool


def prepare(pattern: str, text: str) -> re.Pattern[str]:
    """The compiled expression, safe to be applied to a text.

    Raises:
        EvaluationError: it is not valid in RE2, or not worked out here.
    """
    compiled = _compile(pattern)
    size = len(text) + 1
    steps = (2 ** min(size, 64) if compiled.nested else 1) * size**compiled.power * compiled.factor
    if steps > _STEPS:
        raise EvaluationError(f"the regular expression {pattern!r} might take too long on this text")
    return compiled.pattern


@functools.lru_cache(256)
def _compile(pattern: str) -> Compiled:
    if len(pattern) > _LENGTH:
        raise EvaluationError(f"the regular expression is longer than {_LENGTH} characters")
    translator = _Translator(pattern)
    translated = translator.run()
    try:
        compiled = re.compile(translated, translator.flags | re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"{pattern!r} is not a regular expression ({error})") from None
    return Compiled(compiled, translator.power, translator.factor, translator.nested)


class _Translator:
    """One pass over an expression: translates it, and counts what may make the engine go back."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.flags = 0
        self.power = 1
        self.factor = 1
        self.nested = False
        self.open = [False]  # for each open group: does it hold choices?
        self.closed = False  # the last part is a group that holds choices

    def run(self) -> str:
        """The expression for Python."""
        lead = _FLAGS.match(self.source)
        if lead:
            for letter in lead.group(1):
                self.flags |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
            self.position = lead.end()
        if self.source.startswith(("^", r"\A"), self.position):
            self.power = 0
        parts = []
        while self.position < len(self.source):
            parts.append(self.part())
        return "".join(parts)

    def part(self) -> str:
        """One step: an atom, a quantifier or a bracket."""
        char = self.source[self.position]
        quantifier = _QUANTIFIER.match(self.source, self.position)
        if quantifier:
            return self.quantifier(quantifier)
        if char == "(":
            return self.group()
        if char == ")":
            choices = self.open.pop() if len(self.open) > 1 else False
            self.open[-1] |= choices
            self.closed = choices
            self.position += 1
            return char
        self.closed = False
        if char == "\\":
            return self.escape()
        if char == "[":
            return self.char_class()
        self.position += 1
        if char == "|":
            self.open[-1] = True
            self.factor *= 2
        if char == "$" and not self.flags & re.MULTILINE:
            return r"\Z"
        return r"\{" if char == "{" else char

    def quantifier(self, match: re.Match[str]) -> str:
        token = match.group()
        low, high = int(match["low"] or 0), int(match["high"] or match["low"] or 0)
        bounded = match["low"] is not None and (not match["comma"] or bool(match["high"]))
        if token[0] == "?":
            self.factor *= 2
        else:
            self.nested |= self.closed
            if bounded:
                self.factor *= max(1, high - low + 1)
            else:
                self.power += 1
        self.open[-1] |= not bounded or high != low
        self.closed = False
        self.position = match.end()
        if _QUANTIFIER.match(self.source, self.position):
            raise EvaluationError(f"{self.source!r} repeats a repetition, which RE2 refuses")
        return token

    def group(self) -> str:
        self.open.append(False)
        if not self.source.startswith("(?", self.position):
            self.position += 1
            return "("
        match = _GROUP.match(self.source, self.position)
        if match is None:
            what = self.source[self.position : self.position + 4]
            raise EvaluationError(f"the regular expression uses {what!r}, which is not supported")
        self.position = match.end()
        if match.group(1):
            return f"(?P<{match.group(1)}>"
        if set("mU") & set((match.group(2) or "") + (match.group(3) or "")):
            raise EvaluationError(f"the flags of {match.group()!r} are not supported in a group")
        return match.group()

    def escape(self) -> str:
        code = self.source[self.position + 1 : self.position + 2]
        self.position += 2
        if code == "s":
            return r"[\t\n\f\r ]"
        if code == "S":
            return r"[^\t\n\f\r ]"
        if code == "z":
            return r"\Z"
        if code and code in "AbBdDwWafnrtv":
            return "\\" + code
        return self.character(code)

    def character(self, code: str) -> str:
        """An escape that stands for one character; the position is behind its letter."""
        if code == "x":
            match = re.compile(r"\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})").match(self.source, self.position)
            if match and int(match.group(1) or match.group(2), 16) < 0x110000:
                self.position = match.end()
                return re.escape(chr(int(match.group(1) or match.group(2), 16)))
        elif code and not code.isalnum():
            return "\\" + code
        raise EvaluationError(f"the regular expression uses '\\{code}', which is not supported")

    def char_class(self) -> str:
        """`[…]`, whose inner brackets name classes or are plain characters."""
        source, start = self.source, self.position
        self.position += 1
        parts = ["["]
        if source.startswith("^", self.position):
            parts.append("^")
            self.position += 1
        first = True
        while self.position < len(source) and (first or source[self.position] != "]"):
            parts.append(self.member())
            first = False
        if self.position >= len(source):
            raise EvaluationError(f"the class {source[start : start + 20]!r} is not closed")
        self.position += 1
        return "".join([*parts, "]"])

    def member(self) -> str:
        named = re.compile(r"\[:(\w+):\]").match(self.source, self.position)
        if named and named.group(1) in _CLASSES:
            self.position = named.end()
            return _CLASSES[named.group(1)]
        char = self.source[self.position]
        self.position += 1
        if char != "\\":
            # Python would warn of what these may mean in a later version.
            return "\\" + char if char in "[]&~|" else char
        code = self.source[self.position : self.position + 1]
        self.position += 1
        if code == "s":
            return r"\t\n\f\r "
        if code and code in "dDwWafnrtv":
            return "\\" + code
        return self.character(code)


def expand(match: re.Match[str], template: str) -> str:
    """A replacement with `$1`, `${1}` and `$name`, as Go writes them; unknown groups are empty."""
    names = match.re.groupindex

    def one(reference: re.Match[str]) -> str:
        if reference.group() == "$$":
            return "$"
        name = reference.group(1) or reference.group(2)
        if name.isdigit():
            return (match.group(int(name)) or "") if len(name) < 4 and int(name) <= match.re.groups else ""
        return (match.group(name) or "") if name in names else ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", one, template, flags=re.ASCII)
