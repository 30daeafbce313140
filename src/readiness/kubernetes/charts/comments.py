"""Comments of templates that carry a marker: YAML's (`# …`) and Go's (`{{/* … */}}`)."""

from __future__ import annotations

import re

from readiness.sources.comments import MARKER, Comment

_COMMENT = re.compile(r"\{\{-?\s*/\*(?P<go>.*?)(?:\*/|$)|(?:^|(?<=[ \t]))(?P<yaml>#.*)")


def template_comments(text: str) -> list[Comment]:
    """The comments with a marker, one a line at most."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if MARKER.search(line) is None:
            continue
        for match in _COMMENT.finditer(line):
            written = match["go"] if match["go"] is not None else match["yaml"]
            if MARKER.search(written):
                found.append(Comment(number, match.start() + 1, written.strip()))
                break
    return found
