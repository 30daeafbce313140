"""The file of a baseline: what was there when the gate was introduced, one finding a line."""

from __future__ import annotations

import bisect
import os
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from readiness.config.document import decoded
from readiness.config.settings import is_day
from readiness.engine.model import SEVERITIES, Identity
from readiness.errors import UsageError
from readiness.values import Span

FILE = "readiness-baseline.json"
VERSION = 1
LARGEST = 200_000_000
"""Bytes of the largest file that is read."""

_POLICY = re.compile(r'(?<!\\)"policy"\s*:')
_BYTE = re.compile(r"\(byte (\d+)\)")
_ENTRY = re.compile(r"`\$\.findings\[(\d+)\]([^`]*)`")
_NEWER = "it was written by a newer version of readiness"


class Entry(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One finding that may stay; `path` is relative to the folder of the file.

    `status` says whether it was certain, `severity` how grave it was.  `expires` is the last day on which it
    may stay (`YYYY-MM-DD`).  `fingerprint` is made of the rest: it is there for people who look for it.
    `environments` are those that it was in, where these were not all of its root; `roots` are, of what is in
    a module, the folders of the roots that call this, relative to that of the file.
    """

    policy: Annotated[str, Meta(min_length=1)]
    path: str
    address: str
    severity: Literal["critical", "high", "medium", "low", "info"]
    item: str = ""
    occurrence: Annotated[int, Meta(ge=0)] = 0
    status: Literal["fail", "unknown"] = "fail"
    environments: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    fingerprint: str = ""
    expires: str | None = None
    reason: str | None = None

    @property
    def identity(self) -> Identity:
        """What makes it the same finding, as the file has it."""
        return Identity(self.policy, self.path, self.address, self.item, self.occurrence)


class BaselineFile(Struct, frozen=True):
    """The entries of a file with their places; `path` is as messages show it, from the base of the run."""

    path: str
    entries: list[Entry]
    spans: list[Span]

    @property
    def folder(self) -> str:
        """The folder that the paths of entries are relative to."""
        path = os.path.relpath(self.path) if Path(self.path).is_absolute() else self.path
        return posixpath.dirname(path.replace(os.sep, "/")) or "."


class _Version(Struct):
    schema_version: int


class _Document(Struct, forbid_unknown_fields=True):
    schema_version: int
    findings: list[Entry]


def read_baseline(path: str, base: Path) -> BaselineFile:
    """Read and validate a baseline; `path` is relative to `base`.

    Raises:
        UsageError: it is missing, damaged, of another version, or has an entry twice; with its place.
    """
    try:
        with (base / path).open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        message = f"the baseline {path!r} does not exist: `readiness baseline create` writes one"
        raise UsageError(message) from None
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", path) from None
    if len(raw) > LARGEST:
        raise UsageError("a baseline has at most 200 million bytes", path)
    return parse_baseline(path, decoded(raw, path))


def parse_baseline(path: str, text: str) -> BaselineFile:
    """The entries of a text.

    Raises:
        UsageError: it is damaged, of another version, or has an entry twice; with its place.
    """
    lines = _lines_of_entries(text)
    entries = _decoded(path, text, lines)
    if len(lines) != len(entries):
        # A key that stands twice in an entry: JSON allows it, and the last one counts.
        raise UsageError("an entry has the field 'policy' twice", path, 1, 1)
    rows = text.split("\n")
    spans = []
    for line in lines:
        row = rows[line - 1]
        column = len(row) - len(row.lstrip()) + 1
        spans.append(Span(path, line, column, line, len(row.rstrip().rstrip(",")) + 1))
    _judge(path, entries, spans)
    return BaselineFile(path, entries, spans)


def _lines_of_entries(text: str) -> list[int]:
    """The line of each entry: that of the field which every one of them has."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    return [bisect.bisect_left(breaks, match.start()) + 1 for match in _POLICY.finditer(text)]


def _decoded(path: str, text: str, lines: list[int]) -> list[Entry]:
    raw = text.encode()
    try:
        version = msgspec.json.decode(raw, type=_Version).schema_version
        if version != VERSION:
            why = _NEWER if version > VERSION else "there is no such version"
            raise UsageError(f"schema_version is {version}, not {VERSION}: {why}", path, 1, 1)
        return msgspec.json.decode(raw, type=_Document).findings
    except msgspec.ValidationError as error:
        message = str(error)
        found = _ENTRY.search(message)
        line = lines[int(found.group(1))] if found and int(found.group(1)) < len(lines) else 1
        raise UsageError(f"it is no baseline: {_plainly(message)}", path, line, 1) from None
    except msgspec.DecodeError as error:
        byte = _BYTE.search(str(error))
        before = raw[: int(byte.group(1)) if byte else len(raw)].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise UsageError(f"it is no JSON: {str(error).partition(' (byte')[0]}", path, line, column) from None


def _plainly(message: str) -> str:
    """A complaint of the decoder, without the way to the place, which is told as a line."""
    text = _ENTRY.sub(lambda found: found.group(2).lstrip(".") or "the entry", message)
    return f"{text[:1].lower()}{text[1:]}".replace(" - at `$`", "")


def _judge(path: str, entries: list[Entry], spans: list[Span]) -> None:
    """See that entries can be meant.

    Raises:
        UsageError: a day does not exist, a fingerprint is another entry's, a finding stands there twice.
    """
    first: dict[Identity, int] = {}
    for entry, span in zip(entries, spans, strict=True):
        identity = entry.identity
        wrong = None
        if entry.expires is not None and not is_day(entry.expires):
            wrong = f"expires: there is no day {entry.expires!r}"
        elif identity in first:
            wrong = f"the same finding stands in line {first[identity]}: leave one of them out"
        elif entry.fingerprint and entry.fingerprint != identity.fingerprint:
            wrong = "the fingerprint is not that of the entry: leave it out where a field was changed by hand"
        if wrong is not None:
            raise UsageError(wrong, path, span.line, span.column)
        first[identity] = span.line


def to_text(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted, an entry a line, nothing that changes from run to run."""
    import json

    rows = []
    for entry in sorted(entries, key=_order):
        fields: dict[str, Any] = msgspec.to_builtins(entry)
        fields["fingerprint"] = entry.identity.fingerprint
        rows.append(
            json.dumps({name: fields[name] for name in _FIELDS if name in fields}, ensure_ascii=False)
        )
    body = ",\n".join(rows)
    return f'{{"schema_version": {VERSION}, "findings": [\n{body}{chr(10) if rows else ""}]}}\n'


_FIELDS = (
    *("policy", "path", "address", "item", "occurrence", "severity", "status"),
    *("environments", "roots", "expires", "reason", "fingerprint"),
)


def _order(entry: Entry) -> tuple[object, ...]:
    rank = SEVERITIES.index(entry.severity)
    return (entry.path, entry.policy, entry.address, entry.item, entry.occurrence, rank)
