"""Comments that carry a marker for a linter: ours or a peer's."""

from __future__ import annotations

import re
from typing import NamedTuple

MARKER = re.compile(r"readiness:ignore|checkov:skip|bridgecrew:skip|trivy:ignore|tfsec:ignore")
"""What a comment must contain to be kept."""


class Comment(NamedTuple):
    """A comment with its place: line and column count from 1."""

    line: int
    column: int
    text: str
