"""Characters as people see them (grapheme clusters), which is what Terraform counts and cuts strings by.

Rules: Unicode 15 Standard Annex 29, https://www.unicode.org/reports/tr29/tr29-41.html; Terraform follows
it with https://github.com/apparentlymart/go-textseg.  What is an extending character and what a control
character is derived from general categories and the exceptions to them.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

_CONTROL, _EXTEND, _SPACING, _PREPEND = "control", "extend", "spacing", "prepend"
_ZWJ, _REGIONAL = "zwj", "regional"
_L, _V, _T, _LV, _LVT, _OTHER = "L", "V", "T", "LV", "LVT", "other"

_PREPENDED = (
    "0600-0605 06dd 070f 0890-0891 08e2 0d4e 110bd 110cd 111c2-111c3 1193f 11941 11a3a 11a84-11a89 11d46 "
    "11f02"
)
_EXTENDING = (  # Other_Grapheme_Extend, emoji modifiers and tags
    "09be 09d7 0b3e 0b57 0bbe 0bd7 0cc2 0cd5-0cd6 0d3e 0d57 0dcf 0ddf 1b35 200c 302e-302f ff9e-ff9f 1133e "
    "11357 114b0 114bd 115af 11930 1d165 1d16e-1d172 1f3fb-1f3ff e0020-e007f"
)
_NOT_SPACING = (
    "102b-102c 1038 1062-1064 1067-106d 1083 1087-108c 108f 109a-109c 1a61 1a63-1a64 aa7b aa7d 11720-11721"
)
_PICTOGRAPHS = (  # Extended_Pictographic
    "00a9 00ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 2388 23cf 23e9-23f3 23f8-23fa 24c2 "
    "25aa-25ab 25b6 25c0 25fb-25fe 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271d 2721 "
    "2728 2733-2734 2744 2747 274c 274e 2753-2755 2757 2763-2767 2795-2797 27a1 27b0 27bf 2934-2935 "
    "2b05-2b07 2b1b-2b1c 2b50 2b55 3030 303d 3297 3299 1f000-1f0ff 1f10d-1f10f 1f12f 1f16c-1f171 "
    "1f17e-1f17f 1f18e 1f191-1f19a 1f1ad-1f1e5 1f201-1f20f 1f21a 1f22f 1f232-1f23a 1f23c-1f23f 1f249-1f3fa "
    "1f400-1f53d 1f546-1f64f 1f680-1f6ff 1f774-1f77f 1f7d5-1f7ff 1f80c-1f80f 1f848-1f84f 1f85a-1f85f "
    "1f888-1f88f 1f8ae-1f8ff 1f90c-1f93a 1f93c-1f945 1f947-1faff 1fc00-1fffd"
)
_HANGUL = ((0x1100, 0x115F, _L), (0x1160, 0x11A7, _V), (0x11A8, 0x11FF, _T), (0xA960, 0xA97C, _L),
           (0xD7B0, 0xD7C6, _V), (0xD7CB, 0xD7FB, _T))  # fmt: skip
_AFTER = {_L: (_L, _V, _LV, _LVT), _V: (_V, _T), _LV: (_V, _T), _T: (_T,), _LVT: (_T,)}


class _Ranges:
    """Code points given as hexadecimal ranges."""

    __slots__ = ("ends", "starts")

    def __init__(self, text: str) -> None:
        parts = [part.partition("-") for part in text.split()]
        self.starts = [int(first, 16) for first, _, _ in parts]
        self.ends = [int(last or first, 16) for first, _, last in parts]

    def __contains__(self, code: int) -> bool:
        index = bisect_right(self.starts, code) - 1
        return index >= 0 and code <= self.ends[index]


_PREPEND_RANGES = _Ranges(_PREPENDED)
_EXTEND_RANGES = _Ranges(_EXTENDING)
_OTHER_RANGES = _Ranges(_NOT_SPACING)
_PICTOGRAPH_RANGES = _Ranges(_PICTOGRAPHS)


def _class_of(char: str) -> str:
    """The Grapheme_Cluster_Break property of a character."""
    code = ord(char)
    if code < 0x300:
        return _CONTROL if code < 0x20 or 0x7F <= code < 0xA0 or code == 0xAD else _OTHER
    if code == 0x200D:
        return _ZWJ
    if 0xAC00 <= code <= 0xD7A3:
        return _LVT if (code - 0xAC00) % 28 else _LV
    for first, last, name in _HANGUL:
        if first <= code <= last:
            return name
    if code in _PREPEND_RANGES:
        return _PREPEND
    if code in _EXTEND_RANGES:
        return _EXTEND
    if 0x1F1E6 <= code <= 0x1F1FF:
        return _REGIONAL
    category = unicodedata.category(char)
    if category in ("Mn", "Me"):
        return _EXTEND
    if category == "Mc" or code in (0xE33, 0xEB3):
        return _OTHER if code in _OTHER_RANGES else _SPACING
    if category in ("Cf", "Zl", "Zp", "Cc") or 0xE0000 <= code <= 0xE0FFF or code == 0x2065:
        return _CONTROL
    return _OTHER


def clusters(text: str) -> list[str]:
    """The grapheme clusters of a text."""
    if text.isascii() and "\r" not in text:
        return list(text)
    return list(_clusters(text))


def _clusters(text: str) -> Iterator[str]:
    start = 0
    previous = ""
    pictograph = joined = False  # the cluster ends with a pictograph (and a joiner)
    regional = 0
    for index, char in enumerate(text):
        current = _class_of(char)
        is_pictograph = ord(char) in _PICTOGRAPH_RANGES
        if index and _breaks(text[index - 1], previous, char, current, regional, joined and is_pictograph):
            yield text[start:index]
            start = index
            pictograph = False
            regional = 0
        regional = regional + 1 if current == _REGIONAL else 0
        joined = pictograph and current == _ZWJ
        pictograph = is_pictograph or (pictograph and current == _EXTEND)
        previous = current
    if start < len(text):
        yield text[start:]


def _breaks(before: str, previous: str, char: str, current: str, regional: int, joined: bool) -> bool:
    """Whether there is a boundary between two characters."""
    if before == "\r" and char == "\n":
        return False
    if _CONTROL in (previous, current):
        return True
    if current in _AFTER.get(previous, ()):
        return False
    if current in (_EXTEND, _ZWJ, _SPACING) or previous == _PREPEND or joined:
        return False
    return not (previous == current == _REGIONAL and regional % 2)


def count(text: str) -> int:
    """How many characters a text has."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return sum(1 for _ in _clusters(text))
