"""Parsed sources by content, in one SQLite file of the user's cache folder.

Values are msgpack of our own types, never code.  A cache that cannot be used is no cache: the
run goes on without it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

from readiness import __version__

FORMAT = "4"
"""Raised whenever the shape of what is stored changes."""

SIZE_LIMIT = 1 << 30
"""Bytes after which the cache starts anew."""

_BATCH = 500
_DIGEST = 8


def key_of(kind: str, text: str) -> bytes:
    """The key of a parsed text; `kind` names the parser."""
    seed = f"{kind}:{FORMAT}:{__version__}".encode()
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=seed[:64]).digest()


def _digest(value: bytes) -> bytes:
    return blake2b(value, digest_size=_DIGEST).digest()


def _checked(stored: object) -> bytes | None:
    """The value in a stored row, or None where a disk or a hand has damaged it."""
    if not isinstance(stored, bytes):
        return None
    value = stored[_DIGEST:]
    return value if _digest(value) == stored[:_DIGEST] else None


class Cache:
    """A persistent mapping from keys to bytes; with no folder it is empty and stays so."""

    def __init__(self, folder: Path | None) -> None:
        self._connection: sqlite3.Connection | None = None
        if folder is None:
            return
        path = folder / "sources.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size > SIZE_LIMIT:
                path.unlink()
            path.touch(mode=0o600)  # it holds what manifests say, Secrets too
            connection = sqlite3.connect(path, timeout=2)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS source (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError):
            return
        self._connection = connection

    @property
    def usable(self) -> bool:
        """False where nothing is kept, so that nothing need be made for it."""
        return self._connection is not None

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are there."""
        found: dict[bytes, bytes] = {}
        if self._connection is None:
            return found
        wanted = list(keys)
        try:
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                query = f"SELECT key, value FROM source WHERE key IN ({marks})"
                for key, stored in self._connection.execute(query, batch):
                    value = _checked(stored)
                    if value is not None:
                        found[key] = value
        except sqlite3.Error:
            return {}
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Store values; silently nothing where the cache cannot be written."""
        if self._connection is None or not values:
            return
        try:
            with self._connection:
                rows = ((key, _digest(value) + value) for key, value in values.items())
                self._connection.executemany("INSERT OR REPLACE INTO source VALUES (?, ?)", rows)
        except sqlite3.Error:
            self.close()

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
