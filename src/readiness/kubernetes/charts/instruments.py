"""Templates with marks, each made when it is needed and once for all charts that share it."""

from __future__ import annotations

from readiness.kubernetes.charts.marks import Marked, mark


class Instruments:
    """The templates of a run with their marks."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, tuple[str, ...], str], Marked | None] = {}

    def marked(self, path: str, text: str, prefix: tuple[str, ...]) -> Marked | None:
        """A template with marks, None where it can have none (see `mark`)."""
        key = path, prefix, text
        if key not in self._found:
            self._found[key] = mark(path, text, prefix)
        return self._found[key]
