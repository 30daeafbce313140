"""`csvdecode`: comma-separated values as Go's package encoding/csv reads them."""

from __future__ import annotations

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import bounded
from readiness.terraform.kinds import OBJECT
from readiness.values import List, Map


def csvdecode(text: str) -> List:
    """The rows below the header, as objects of strings.

    Raises:
        EvaluationError: no header, a field that is broken, or rows of another length.
    """
    rows = _rows(text)
    if not rows:
        raise EvaluationError("the text has no header")
    header = rows[0]
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise EvaluationError(f"two columns have the name {twice!r}")
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise EvaluationError(f"row {number + 1} has not as many fields as the header")
    bounded((len(rows) - 1) * len(header))
    result = List([Map(zip(header, row, strict=True)) for row in rows[1:]])
    result.kind = ("list", (OBJECT, dict.fromkeys(header, "string")))
    return result


def _rows(text: str) -> list[list[str]]:
    rows: list[list[str]] = []
    position = 0
    while position < len(text):
        if text.startswith(("\n", "\r\n"), position):
            position = text.index("\n", position) + 1
            continue
        row: list[str] = []
        more = True
        while more:
            quoted = text.startswith('"', position)
            field, position, more = _quoted(text, position + 1) if quoted else _plain(text, position)
            row.append(field)
        rows.append(row)
    return rows


def _line_end(text: str, position: int) -> int:
    """Where the line ends, without the characters that end it."""
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if end > position and text[end - 1] == "\r" else end


def _after(text: str, end: int) -> int:
    found = text.find("\n", end)
    return len(text) if found < 0 else found + 1


def _plain(text: str, position: int) -> tuple[str, int, bool]:
    """A field without quotes, where the next one begins, and whether it is of the same row."""
    end = _line_end(text, position)
    comma = text.find(",", position, end)
    field = text[position : end if comma < 0 else comma]
    if '"' in field:
        raise EvaluationError('a field without quotes has a `"`')
    return (field, _after(text, end), False) if comma < 0 else (field, comma + 1, True)


def _quoted(text: str, position: int) -> tuple[str, int, bool]:
    parts: list[str] = []
    while True:
        end = text.find('"', position)
        if end < 0:
            raise EvaluationError("the quotes of a field are not closed")
        parts.append(text[position:end])
        position = end + 1
        if not text.startswith('"', position):
            break
        parts.append('"')
        position += 1
    field = "".join(parts).replace("\r\n", "\n")
    if text.startswith(",", position):
        return field, position + 1, True
    if _line_end(text, position) != position:
        raise EvaluationError('there is text behind the closing `"` of a field')
    return field, _after(text, position), False
