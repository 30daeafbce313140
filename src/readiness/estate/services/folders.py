"""Folders that the settings call services: `services/{name}/**`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

_PIECES = re.compile(r"\{name\}|\*\*/?|[*?]|.", re.DOTALL)
_PARTS = {"{name}": r"(?P<name>[^/]+)", "**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


class Folders(Struct, frozen=True):
    """Patterns of folders whose files belong to the service that `{name}` stands for."""

    patterns: tuple[re.Pattern[str], ...] = ()

    def name_of(self, path: str) -> str | None:
        """The service of a file; the first pattern wins."""
        for pattern in self.patterns:
            match = pattern.fullmatch(path)
            if match is not None:
                return match["name"]
        return None


def folders_of(patterns: Iterable[str], folder: str = ".") -> Folders:
    """The folders of patterns, which begin in a folder (that of the settings); each has one `{name}`.

    A pattern that ends with a folder is about all that lies below it.
    """
    prefix = "" if folder == "." else f"{re.escape(folder)}/"
    return Folders(tuple(re.compile(prefix + _expression(pattern), re.DOTALL) for pattern in patterns))


def _expression(pattern: str) -> str:
    text = pattern.removeprefix("./").rstrip("/")
    text = text.removesuffix("/**")
    inner = "".join(_PARTS.get(piece) or re.escape(piece) for piece in _PIECES.findall(text))
    return f"{inner}/.*"
