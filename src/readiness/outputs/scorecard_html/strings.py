"""A table of the texts of a page: each is written once, and named by its number."""

from __future__ import annotations

from msgspec import Struct, field

from readiness.outputs.terminal import clean, clean_path

LONGEST = 4000
"""Characters of a text of the repository at most; a message may quote a file of one line."""


def text_bytes(text: str) -> int:
    """About how many bytes a text takes as an item of a JSON array inside a `script` element."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    # What begins or ends a tag is written as `\\u003c`.
    return size + text.count('"') + text.count("\\") + 5 * (text.count("<") + text.count(">")) + 3


def cut(text: str) -> str:
    """A text of at most `LONGEST` characters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


class Strings(Struct):
    """Texts by their number; `size` is about how many bytes they take as JSON."""

    texts: list[str] = field(default_factory=lambda: [""])
    size: int = 3
    _numbers: dict[str, int] = field(default_factory=lambda: {"": 0})
    _cleaned: dict[tuple[bool, str], int] = field(default_factory=dict)

    def raw(self, text: str) -> int:
        """The number of a text that may be shown as it is (0 is the empty text)."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
            self.size += text_bytes(text)
        return number

    def text(self, text: str | None) -> int:
        """The number of a text of the repository, made safe to be read on one line."""
        if not text:
            return 0
        number = self._cleaned.get((False, text))
        if number is None:
            number = self._cleaned[False, text] = self.raw(cut(clean(text)))
        return number

    def path(self, path: str) -> int:
        """The number of a path."""
        number = self._cleaned.get((True, path))
        if number is None:
            number = self._cleaned[True, path] = self.raw(clean_path(path))
        return number
