"""Comments of a YAML text that carry a marker, told from `#` inside values."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from readiness.sources.comments import Comment

_HASH = re.compile(r"(?:^|(?<=[ \t]))#")

_Region = tuple[tuple[int, int], tuple[int, int]]


def collect(text: str, first_line: int, markers: re.Pattern[str]) -> list[Comment]:
    """Comments with a marker in one text whose first line has the number `first_line`.

    A comment runs from its `#` to the end of its line.  Of a text that does not parse, only what
    stands before the error is looked at closely; after it every `# …` counts as a comment.
    """
    if markers.search(text) is None:
        return []
    regions: list[_Region] | None = None
    found: list[Comment] = []
    for row, line in enumerate(text.split("\n")):
        if markers.search(line) is None:
            continue
        if regions is None:
            regions = _scalar_regions(text)
        for match in _HASH.finditer(line):
            column = match.start()
            if _inside(regions, (row, column)):
                continue
            if markers.search(line, column):
                found.append(Comment(first_line + row, column + 1, line[column:].rstrip()))
            break
    return found


def _inside(regions: list[_Region], place: tuple[int, int]) -> bool:
    index = bisect_right(regions, place, key=lambda region: region[0]) - 1
    return index >= 0 and place < regions[index][1]


def _scalar_regions(text: str) -> list[_Region]:
    """Start and end (row, column from 0) of every scalar that may hold a `#`, in order."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    regions: list[_Region] = []
    try:
        for token in yaml.scan(text, Loader=loader):
            if isinstance(token, yaml.ScalarToken) and not token.plain:
                start = token.start_mark.line, token.start_mark.column
                if token.style in ("|", ">"):
                    # The line of the indicator may end in a comment.
                    start = start[0] + 1, 0
                regions.append((start, (token.end_mark.line, token.end_mark.column)))
    except (yaml.YAMLError, UnicodeEncodeError):
        return regions
    return regions
