"""Regular expressions of Terraform (those of Go, which are RE2's) on Python's engine.

Syntax: https://pkg.go.dev/regexp/syntax.  RE2 takes linear time, Python's engine may take exponential
time; so an expression is not worked out where the worst it could take is too much.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from readiness.terraform import pattern_classes as classes
from readiness.terraform.convert import EvaluationError, check_text
from readiness.terraform.functions_common import Unevaluated
from readiness.terraform.kinds import OBJECT, TUPLE
from readiness.values import List, Map

_STEPS = 100_000_000
_LENGTH = 1_000
_REPEAT_LIMIT = 1_000
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<low>[0-9]+)(?P<comma>,(?P<high>[0-9]*))?\})(?P<lazy>\??)")
_NAMED_GROUP = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>", re.ASCII)
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_LETTERS_FOLDED_IN_PYTHON = "\u0130\u0131"
_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)


class Compiled(NamedTuple):
    """An expression, and what it may cost: the power of the text's length and a factor.

    `names` are those of all groups in order, "" for one without a name.
    """

    pattern: re.Pattern[str]
    names: tuple[str, ...]
    folds: bool
    power: int
    factor: int
    nested: bool


def prepare(pattern: str, text: str) -> Compiled:
    """The compiled expression, safe to be applied to a text.

    Raises:
        EvaluationError: it is not valid in RE2.
        Unevaluated: it is not worked out here.
    """
    compiled = _compile(pattern)
    size = len(text) + 1
    steps = (2 ** min(size, 64) if compiled.nested else 1) * size**compiled.power * compiled.factor
    if steps > _STEPS:
        raise Unevaluated(f"the regular expression {pattern!r} might take too long on this text")
    if compiled.folds and any(char in text for char in _LETTERS_FOLDED_IN_PYTHON):
        raise Unevaluated("Turkish letters where capitals do not matter")
    return compiled


@functools.lru_cache(256)
def _compile(pattern: str) -> Compiled:
    if len(pattern) > _LENGTH:
        raise Unevaluated(f"the regular expression is longer than {_LENGTH} characters")
    translator = _Translator(pattern)
    translated = translator.run()
    try:
        compiled = re.compile(translated)
    except (re.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"{pattern!r} is not a regular expression ({error})") from None
    names = tuple(translator.names)
    return Compiled(compiled, names, translator.folds, translator.power, translator.factor, translator.nested)


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches as Go finds them: an empty one is not taken right behind another."""
    position = 0
    previous = -1
    while position <= len(text):
        match = pattern.search(text, position)
        if match is None:
            return
        start, end = match.span()
        position = end + 1 if end == position else end
        if start != end or start != previous:
            yield match
        previous = end


def captured(compiled: Compiled, match: re.Match[str]) -> Any:
    """What `regex` gives: the text, or an object or a tuple of what the groups hold."""
    named = [name for name in compiled.names if name]
    if not compiled.names:
        return match.group()
    if named and len(named) < len(compiled.names):
        raise EvaluationError("either all groups of the regular expression have names, or none has")
    if not named:
        groups = List(match.groups())
        groups.kind = (TUPLE, ("string",) * len(groups))
        return groups
    result = Map(zip(named, match.groups(), strict=True))
    result.kind = (OBJECT, dict.fromkeys(named, "string"))
    return result


def replaced(pattern: str, text: str, template: str) -> str:
    """A text with all matches replaced, as `ReplaceAllString` of Go does it.

    Raises:
        EvaluationError: the expression is not valid in RE2, or the result too long.
        Unevaluated: the expression is not worked out here.
    """
    compiled = prepare(pattern, text)
    check_text(len(text) + (len(text) + 1) * len(template))
    parts = []
    last = position = 0
    while position <= len(text):
        match = compiled.pattern.search(text, position)
        if match is None:
            break
        start, end = match.span()
        parts.append(text[last:start])
        if end > last or start == 0:
            parts.append(_expanded(compiled.names, match, template))
        last = end
        position = position + 1 if position + 1 > end else end
    parts.append(text[last:])
    return "".join(parts)


def _expanded(names: tuple[str, ...], match: re.Match[str], template: str) -> str:
    """A replacement with `$1`, `${1}` and `$name`, as Go writes them; unknown groups are empty."""

    def one(reference: re.Match[str]) -> str:
        if reference.group() == "$$":
            return "$"
        name = reference.group(1) or reference.group(2)
        if name.isdigit():
            valid = len(name) < 4 and str(int(name)) == name and int(name) <= len(names)
            return (match.group(int(name)) or "") if valid else ""
        groups = (match.group(i + 1) for i, other in enumerate(names) if other == name)
        return next((group for group in groups if group is not None), "")

    return _REFERENCE.sub(one, template)


class _Translator:
    """One pass over an expression: translates it, and counts what may make the engine go back."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.flags: frozenset[str] = frozenset()
        self.outer: list[frozenset[str]] = []
        self.names: list[str] = []
        self.folds = False
        self.power = 1
        self.factor = 1
        self.nested = False
        self.open = [False]  # for each open group: does it hold choices?
        self.closed = False  # the last part is a group that holds choices

    def run(self) -> str:
        """The expression for Python."""
        lead = _FLAGS.match(self.source)
        start = lead.end() if lead and lead.group(3) == ")" else 0
        if self.source.startswith(("^", r"\A"), start) and "|" not in self.source:
            self.power = 0
        parts: list[str] = []
        while self.position < len(self.source):
            parts.append(self.part(bool(parts)))
        if self.outer:
            raise EvaluationError(f"{self.source!r} is not a regular expression: a `(` is not closed")
        return "".join(parts)

    def part(self, repeatable: bool) -> str:
        """One step: an atom, a quantifier or a bracket."""
        char = self.source[self.position]
        quantifier = _QUANTIFIER.match(self.source, self.position)
        if quantifier:
            if not repeatable or (self.source[self.position - 1] in "(|" and not self.escaped()):
                raise EvaluationError(f"{self.source!r} is not a regular expression: nothing to repeat")
            return self.quantifier(quantifier)
        if char == "(":
            return self.group()
        if char == ")":
            return self.close()
        self.closed = False
        if char == "\\":
            return self.escape()
        if char == "[":
            return self.char_class()
        self.position += 1
        if char == "|":
            self.open[-1] = True
            self.factor *= 2
            return char
        if char == "^":
            return "(?m:^)" if "m" in self.flags else r"(?:\A)"
        if char == "$":
            return "(?m:$)" if "m" in self.flags else r"(?:\Z)"
        if char == ".":
            return "(?s:.)" if "s" in self.flags else r"[^\n]"
        return self.literal(char)

    def escaped(self) -> bool:
        """Whether the character before is one that a backslash has made plain."""
        start = self.position - 1
        count = 0
        while start > count and self.source[start - 1 - count] == "\\":
            count += 1
        return bool(count % 2)

    def literal(self, char: str) -> str:
        """A character that stands for itself."""
        return self.folded(re.escape(char)) if char.isalpha() else re.escape(char)

    def folded(self, atom: str) -> str:
        """An atom for which capitals do not matter where a flag says so."""
        if "i" not in self.flags:
            return atom
        self.folds = True
        return f"(?i:{atom})"

    def close(self) -> str:
        """The end of a group."""
        if not self.outer:
            raise EvaluationError(f"{self.source!r} is not a regular expression: a `)` closes nothing")
        choices = self.open.pop()
        self.open[-1] |= choices
        self.closed = choices
        self.flags = self.outer.pop()
        self.position += 1
        return ")"

    def quantifier(self, match: re.Match[str]) -> str:
        """How often the last part is repeated."""
        token = match.group()
        low, high = int(match["low"] or 0), int(match["high"] or match["low"] or 0)
        bounded = match["low"] is not None and (not match["comma"] or bool(match["high"]))
        if max(low, high) > _REPEAT_LIMIT or (bounded and high < low):
            raise EvaluationError(f"{token!r} is not a number of repetitions")
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
        lazy = bool(match["lazy"]) != ("U" in self.flags)
        return token.removesuffix("?" if match["lazy"] else "") + ("?" if lazy else "")

    def group(self) -> str:
        """The beginning of a group, or flags for the rest of one."""
        source, position = self.source, self.position
        flags = _FLAGS.match(source, position)
        if flags and (flags.group(1) or flags.group(2) or flags.group(3) == ":"):
            self.position = flags.end()
            changed = (self.flags | set(flags.group(1))) - set(flags.group(2) or "")
            if flags.group(3) == ")":
                self.flags = changed
                return "(?:)"
            self.outer.append(self.flags)
            self.open.append(False)
            self.flags = changed
            return "(?:"
        named = _NAMED_GROUP.match(source, position)
        if named is None and source.startswith("(?", position):
            what = source[position : position + 4]
            raise EvaluationError(f"the regular expression uses {what!r}, which is not supported")
        self.names.append(named.group(1) if named else "")
        self.position = named.end() if named else position + 1
        self.outer.append(self.flags)
        self.open.append(False)
        return "("

    def escape(self) -> str:
        """What a backslash begins."""
        source, position = self.source, self.position
        code = source[position + 1 : position + 2]
        if code == "Q":
            end = source.find("\\E", position + 2)
            quoted = source[position + 2 : len(source) if end < 0 else end]
            self.position = len(source) if end < 0 else end + 2
            return "".join(map(self.literal, quoted)) or "(?:)"
        simple = {"A": r"(?:\A)", "z": r"(?:\Z)", "b": r"(?a:\b)", "B": r"(?a:\B)"}.get(code)
        if simple is not None:
            self.position += 2
            return simple
        found = classes.perl(source, position)
        if found is not None:
            self.position = found[1]
            return self.folded(f"[{classes.written(found[0])}]")
        char, self.position = classes.character(source, position)
        return self.literal(char)

    def char_class(self) -> str:
        """`[…]`, whose inner brackets name classes or are plain characters."""
        ranges, negated, self.position = classes.bracketed(self.source, self.position)
        return self.folded(f"[{'^' if negated else ''}{classes.written(ranges)}]")
