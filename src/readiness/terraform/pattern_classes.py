"""Classes of characters in regular expressions of Go, as ranges of code points.

Syntax: https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import Unevaluated

Range = tuple[int, int]
Ranges = Sequence[Range]

LAST = 0x10FFFF

_NAMED: dict[str, str] = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\x00\x7f", "blank": "\t\t  ", "cntrl": "\x00\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ",
    "upper": "AZ", "word": "09AZ__az", "xdigit": "09AFaf",
}  # fmt: skip
_PERL = {"d": "09", "s": "\t\n\f\r  ", "w": "09AZ__az"}
_CATEGORY = re.compile("C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?")
_POSIX = re.compile(r"\[:(\^?)([^:\]]*):\]")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_HEXADECIMAL = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_UNICODE = re.compile(r"([pP])(?:\{(\^?)([^}]*)\}|([^{]))")
_LETTERS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _pairs(text: str) -> list[Range]:
    return [(ord(text[i]), ord(text[i + 1])) for i in range(0, len(text), 2)]


def complement(ranges: Iterable[Range]) -> list[Range]:
    """All characters but those."""
    result = []
    following = 0
    for low, high in sorted(ranges):
        if low > following:
            result.append((following, low - 1))
        following = max(following, high + 1)
    if following <= LAST:
        result.append((following, LAST))
    return result


@functools.lru_cache(64)
def _category(name: str) -> tuple[Range, ...]:
    """The characters of a general category; a letter alone names all that begin with it."""
    result: list[Range] = []
    category = unicodedata.category
    for code in range(LAST + 1):
        if category(chr(code)).startswith(name):
            if result and result[-1][1] == code - 1:
                result[-1] = (result[-1][0], code)
            else:
                result.append((code, code))
    return tuple(result)


def written(ranges: Iterable[Range]) -> str:
    """Ranges as Python writes them between brackets."""
    parts = []
    for low, high in ranges:
        first, last = re.escape(chr(low)), re.escape(chr(high))
        parts.append(first if low == high else f"{first}-{last}")
    return "".join(parts) or f"{chr(LAST)}"


def perl(source: str, position: int) -> tuple[Ranges, int] | None:
    r"""The class that an escape stands for (`\d`, `\pL`), and where it ends; None for other escapes."""
    code = source[position + 1 : position + 2]
    if code.lower() in _PERL and code:
        ranges: Ranges = _pairs(_PERL[code.lower()])
        return (ranges if code.islower() else complement(ranges)), position + 2
    match = _UNICODE.match(source, position + 1)
    if match is None:
        if code in ("p", "P") and code:
            raise EvaluationError(f"{source[position:]!r} does not name a class")
        return None
    sign, caret, long, short = match.groups()
    name = long if short is None else short
    if name == "Any":
        ranges = [(0, LAST)]
    elif _CATEGORY.fullmatch(name):
        ranges = _category(name)
    else:
        raise Unevaluated(f"the class {name!r} of characters is not worked out")
    return (complement(ranges) if (sign == "P") != bool(caret) else ranges), match.end()


def character(source: str, position: int) -> tuple[str, int]:
    """The one character that an escape stands for, and where it ends.

    Raises:
        EvaluationError: it stands for none.
    """
    code = source[position + 1 : position + 2]
    octal = _OCTAL.match(source, position + 1)
    if octal:
        return chr(int(octal.group(), 8)), octal.end()
    if code in _LETTERS and code:
        return _LETTERS[code], position + 2
    if code and code.isascii() and not code.isalnum():
        return code, position + 2
    match = _HEXADECIMAL.match(source, position + 1)
    if match:
        value = int(match.group(1) or match.group(2), 16)
        if value <= LAST:
            return chr(value), match.end()
    raise EvaluationError(f"the regular expression uses '\\{code}', which is not supported")


def bracketed(source: str, start: int) -> tuple[list[Range], bool, int]:
    """The ranges of `[…]`, whether it is of all other characters, and where it ends.

    Raises:
        EvaluationError: it is not closed, or has a range that ends before it begins.
    """
    position = start + 1
    negated = source.startswith("^", position)
    position += negated
    ranges: list[Range] = []
    first = True
    while position < len(source) and (first or source[position] != "]"):
        first = False
        named = _POSIX.match(source, position)
        if named:
            if named.group(2) not in _NAMED:
                raise EvaluationError(f"{named.group()!r} does not name a class")
            found = _pairs(_NAMED[named.group(2)])
            ranges += complement(found) if named.group(1) else found
            position = named.end()
            continue
        escaped = perl(source, position) if source[position] == "\\" else None
        if escaped is not None:
            ranges += escaped[0]
            position = escaped[1]
            continue
        low, position = _one(source, position)
        high = low
        if source.startswith("-", position) and source[position + 1 : position + 2] not in ("]", ""):
            high, position = _one(source, position + 1)
        if high < low:
            raise EvaluationError(f"the range {low}-{high} ends before it begins")
        ranges.append((ord(low), ord(high)))
    if position >= len(source):
        raise EvaluationError(f"the class {source[start : start + 20]!r} is not closed")
    return ranges, negated, position + 1


def _one(source: str, position: int) -> tuple[str, int]:
    if source[position] == "\\":
        return character(source, position)
    return source[position], position + 1
