"""What is asked for, beside what was seen: from that the files of a plan are made."""

from __future__ import annotations

from msgspec import Struct

from readiness.errors import UsageError
from readiness.onboarding.model import Found, Options
from readiness.onboarding.source import Source
from readiness.repo.tree import Tree


class Wish(Struct, frozen=True):
    """What is asked for, what was seen, and where readiness comes from; `baseline` is its file, if any."""

    options: Options
    found: Found
    source: Source
    baseline: str | None
    tree: Tree

    @property
    def charts(self) -> bool:
        """Whether Helm's engine is needed."""
        return bool(self.found.charts)

    def text(self, path: str) -> str | None:
        """What a file holds as text; None where it is not there.

        Raises:
            UsageError: it is not UTF-8.
        """
        raw = self.tree.read(path)
        if raw is None:
            return None
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError("the file is not UTF-8", path) from None
