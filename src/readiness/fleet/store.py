"""Reports of a fleet as Parquet: one file a table, rows in the order of the repositories.

Written some repositories at a time, so a fleet of any size takes the memory of a few.
Source of the format: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.errors import UsageError
from readiness.fleet.rows import TABLES, rows_of
from readiness.fleet.work import Answer, Repository

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

GROUP = 20_000
"""Rows of a table that are held before they are written."""

WEIGHT = 8_000_000
"""Characters in such rows, about: what bounds the memory where rows are long."""

_TYPES = {"text": "string", "number": "int64", "share": "float64", "yes": "bool_"}

FORMAT = "1"
"""The version of the tables, in the metadata of each file."""


class Store:
    """Writes the tables of a fleet beside a folder, which they take the place of at last, as a whole.

    Raises:
        UsageError: the folder cannot be written, or holds something else than such tables.
    """

    def __init__(self, folder: str) -> None:
        self._shown = folder
        # A link stays: what it leads to is replaced.
        self.folder = Path(os.path.realpath(folder))
        _refuse_others(self.folder, folder)
        self.work = self.folder.parent / f".{self.folder.name}.{secrets.token_hex(4)}"
        with self._told():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.work.mkdir()
        self._defined: set[bytes] = set()
        self._writers: dict[str, pyarrow.parquet.ParquetWriter] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self._weights = dict.fromkeys(TABLES, 0)

    def add(self, repository: Repository, answer: Answer) -> None:
        """Add what came of a repository.

        Raises:
            UsageError: the tables cannot be written.
        """
        for name, rows in rows_of(repository, answer).items():
            for row in rows:
                if name == "definitions" and not self._is_new(row["detail"]):
                    continue
                self._rows[name].append(row)
                self._weights[name] += sum(len(cell) for cell in row.values() if isinstance(cell, str))
                if len(self._rows[name]) >= GROUP or self._weights[name] >= WEIGHT:
                    self._write(name)

    def _is_new(self, definition: str) -> bool:
        """Whether a control was not defined so before: nearly always it is the same everywhere."""
        digest = hashlib.blake2b(definition.encode(), digest_size=16).digest()
        is_new = digest not in self._defined
        self._defined.add(digest)
        return is_new

    def finish(self) -> None:
        """Write what is held; the tables are whole then, and not in their place yet.

        Raises:
            UsageError: they cannot be written.
        """
        for name, rows in self._rows.items():
            if rows or name not in self._writers:
                self._write(name)
        with self._told():
            for writer in self._writers.values():
                writer.close()
        self._writers = {}

    def publish(self) -> None:
        """Put the tables in their place.

        Raises:
            UsageError: that is not possible; what was there is there.
        """
        old = self.work.with_name(f"{self.work.name}.old")
        with self._told():
            try:
                with suppress(FileNotFoundError):
                    self.folder.rename(old)
                self.work.rename(self.folder)
            except OSError:
                if old.exists() and not self.folder.exists():
                    old.rename(self.folder)
                raise
            finally:
                shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """Take away what is not in its place."""
        for writer in self._writers.values():
            with suppress(OSError):
                writer.close()
        self._writers = {}
        shutil.rmtree(self.work, ignore_errors=True)

    def _write(self, name: str) -> None:
        import pyarrow
        import pyarrow.parquet

        rows, self._rows[name], self._weights[name] = self._rows[name], [], 0
        schema = pyarrow.schema(
            [(column, getattr(pyarrow, _TYPES[kind])()) for column, kind in TABLES[name].items()],
            metadata={"readiness": FORMAT},
        )
        with self._told():
            if name not in self._writers:
                path = self.work / f"{name}.parquet"
                self._writers[name] = pyarrow.parquet.ParquetWriter(path, schema, compression="zstd")
            if rows:
                self._writers[name].write_table(pyarrow.Table.from_pylist(rows, schema=schema))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what the disk says in the words of users."""
        try:
            yield
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(f"the tables cannot be written to {self._shown!r}: {why}") from None


def _refuse_others(folder: Path, shown: str) -> None:
    """See that a folder which is there holds tables of a fleet, and nothing else.

    Raises:
        UsageError: it does not: it would be replaced.
    """
    if not folder.name:
        raise UsageError(f"--store: {shown!r} is no folder that can be replaced")
    if not os.path.lexists(folder):
        return
    expected = {f"{name}.parquet" for name in TABLES}
    try:
        found = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise UsageError(f"--store: {shown!r} is no folder that can be used: {error.strerror}") from None
    others = sorted(found - expected)
    if others:
        raise UsageError(
            f"--store: {shown!r} holds {others[0]!r}, and it would be replaced: name a new folder"
        )
