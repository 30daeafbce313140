"""Where a piece of a condition stands in its file: YAML folds and indents what the compiler counts in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from readiness.policy.model import Policy
from readiness.policy.packs import Place


class Locator:
    """Finds text in the files of some packs, which it reads when it has to."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._shown = {place.shown: place.folder for place in places if place.shown}

    def find(self, policy: Policy, field: str, text: str) -> tuple[int, int]:
        """Line and column of a text in a field of a policy; as much of it as stands on one line."""
        line, column = policy.lines.get(field, (1, 1))
        words = text.split("\n")[0].split()
        rows = self._rows(policy.path) if words else []
        for count in range(len(words), 0, -1):
            wanted = " ".join(words[:count])
            for number in range(line, self._end(policy, line, len(rows)) + 1):
                at = rows[number - 1].find(wanted, column - 1 if number == line else 0)
                if at >= 0:
                    return number, at + 1
        return line, column

    def _end(self, policy: Policy, line: int, last: int) -> int:
        """The last line of the field that begins at a line."""
        return min((other - 1 for other, _ in policy.lines.values() if other > line), default=last)

    def _rows(self, name: str) -> list[str]:
        path = Path(name)
        for shown, folder in self._shown.items():
            if name.startswith(f"{shown}/"):
                path = folder / name.removeprefix(f"{shown}/")
        try:
            return path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return []
