"""Sets of characters as ranges of code points: the classes that RE2 names, and operations."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
"""Sorted, disjoint, inclusive."""
MAX_CODE = 0x10FFFF

DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
PERL = {"d": DIGIT, "w": WORD, "s": SPACE}
POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)), "cntrl": ((0, 31), (127, 127)), "digit": DIGIT, "graph": ((33, 126),),
    "lower": ((97, 122),), "print": ((32, 126),), "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)), "upper": ((65, 90),), "word": WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
_FOLDS = {"k": "\u212a", "s": "\u017f", "å": "\u212b"}


def union(ranges: list[tuple[int, int]]) -> Ranges:
    """Sorted and disjoint."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """Every other code point."""
    result: list[tuple[int, int]] = []
    next_low = 0
    for low, high in ranges:
        if low > next_low:
            result.append((next_low, low - 1))
        next_low = high + 1
    if next_low <= MAX_CODE:
        result.append((next_low, MAX_CODE))
    return tuple(result)


@lru_cache(maxsize=64)
def category(name: str) -> Ranges:
    """The code points of a general category (`L`, `Lu`), from Python's own Unicode data."""
    # Beyond these there is nothing but what is unassigned or private (C).
    assigned = (*range(0x34000), *range(0xE0000, 0xE0200))
    codes = range(MAX_CODE + 1) if name.startswith("C") else assigned
    found = [code for code in codes if unicodedata.category(chr(code)).startswith(name)]
    return union([(code, code) for code in found])


@lru_cache(maxsize=256)
def fold(ranges: Ranges) -> Ranges:
    """The ranges with the other cases of their characters (of small ranges; big ones have both)."""
    result = list(ranges)
    for low, high in ranges:
        if high - low > 0x3000:
            continue
        for code in range(low, high + 1):
            char = chr(code)
            others = char.lower() + char.upper() + _FOLDS.get(char.lower(), "")
            if len(char.lower()) == len(char.upper()) == 1:
                result.extend((ord(other), ord(other)) for other in others)
    return union(result)
