"""The file of the history: an SQLite database of a known layout, changed whole or not at all.

What stands in it is laid out in `docs/history.md`, for whoever asks it by SQL.
"""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from readiness.errors import UsageError

FILE = "readiness-history.db"
"""The history where nobody names another."""

APPLICATION = 0x52444E53
"""What tells a history from other databases (`PRAGMA application_id`): `RDNS`."""

VERSION = 1
"""The layout that this program writes (`PRAGMA user_version`)."""

WAIT = 30.0
"""Seconds for which a program waits while another one writes."""

LAYOUT = (
    # `at` is `YYYY-MM-DDTHH:MM:SSZ`, `revision` the commit ("" for none).
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, at TEXT NOT NULL, revision TEXT NOT NULL, "
    "branch TEXT NOT NULL, title TEXT NOT NULL, tool TEXT NOT NULL, definitions TEXT NOT NULL, "
    "unread INTEGER NOT NULL)",
    "CREATE INDEX runs_at ON runs (at)",
    # Names stand once: those of services, owners, areas, controls, key figures and policies.
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE services (run INTEGER NOT NULL, service INTEGER NOT NULL, tier INTEGER NOT NULL, "
    "level TEXT NOT NULL, score INTEGER, owner INTEGER, PRIMARY KEY (run, service)) WITHOUT ROWID",
    "CREATE TABLE areas (run INTEGER NOT NULL, service INTEGER NOT NULL, area INTEGER NOT NULL, "
    "score INTEGER, level TEXT, PRIMARY KEY (run, service, area)) WITHOUT ROWID",
    "CREATE TABLE controls (run INTEGER NOT NULL, service INTEGER NOT NULL, control INTEGER NOT NULL, "
    "status TEXT NOT NULL, met INTEGER NOT NULL, checks INTEGER NOT NULL, "
    "PRIMARY KEY (run, service, control)) WITHOUT ROWID",
    "CREATE TABLE kpis (run INTEGER NOT NULL, kpi INTEGER NOT NULL, actual REAL, met INTEGER NOT NULL, "
    "things INTEGER NOT NULL, unknown INTEGER NOT NULL, target REAL NOT NULL, comparison TEXT NOT NULL, "
    "unit TEXT NOT NULL, PRIMARY KEY (run, kpi)) WITHOUT ROWID",
    "CREATE TABLE policies (run INTEGER NOT NULL, policy INTEGER NOT NULL, evaluated INTEGER NOT NULL, "
    "failed INTEGER NOT NULL, waived INTEGER NOT NULL, unknown INTEGER NOT NULL, "
    "PRIMARY KEY (run, policy)) WITHOUT ROWID",
    # The times of the first and the last run that had a finding open.
    "CREATE TABLE findings (fingerprint TEXT PRIMARY KEY NOT NULL, policy INTEGER NOT NULL, "
    "first TEXT NOT NULL, last TEXT NOT NULL) WITHOUT ROWID",
)

PARTS = ("services", "areas", "controls", "kpis", "policies")
"""The tables with rows of a run (`run`)."""

MIGRATIONS: dict[int, Sequence[str]] = {}
"""By an older layout, the statements that make the next one of it."""

_WORDS = {
    sqlite3.SQLITE_BUSY: "another program is writing to it, and did not end: try again",
    sqlite3.SQLITE_LOCKED: "another program is writing to it, and did not end: try again",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_PERM: "it may not be opened",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOTADB: "this is no history: the file is no SQLite database",
    sqlite3.SQLITE_CORRUPT: "it is damaged or was cut short",
}
_ANEW = "put it aside, and `readiness history build` makes it anew"


@contextmanager
def reading(path: str, wait: float = WAIT) -> Iterator[sqlite3.Connection | None]:
    """A history as it is at one moment, in the layout of now; None where there is none yet.

    An older layout is brought up to date in memory: nothing is written.

    Raises:
        UsageError: it is no history, is damaged, newer than this program, or locked for `wait` seconds.
    """
    if _is_new(path):
        yield None
        return
    with _told(path), closing(_open(path, wait)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        version = _check(connection, path)
        if version == VERSION:
            _check_layout(connection, path)
            yield connection
            return
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            copy.execute("PRAGMA trusted_schema = OFF")
            connection.backup(copy)
            migrate(copy, version, path)
            _check_layout(copy, path)
            yield copy


@contextmanager
def writing(path: str, wait: float = WAIT, make: bool = True) -> Iterator[sqlite3.Connection]:
    """A history to be changed in one transaction, in the layout of now: made where there is none (`make`).

    What is raised inside leaves the file as it was.

    Raises:
        UsageError: as by `reading`; or it cannot be written, or is not there and must not be made.
    """
    if _is_new(path):
        if not make:
            raise UsageError("there is no history here: `readiness history build` makes one", path)
        if not Path(path).absolute().parent.is_dir():
            raise UsageError("it cannot be written: its folder does not exist", path)
    with _told(path), closing(_open(path, wait, make)) as connection:
        # One file, also on a disk of a network: no write-ahead log beside it.
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Asked behind the lock: another program may have made it meanwhile.
            if _is_new(path):
                _lay_out(connection)
            else:
                version = _check(connection, path)
                if version < VERSION:
                    migrate(connection, version, path)
                _check_layout(connection, path)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def compact(path: str, wait: float = WAIT) -> None:
    """Give back the room of what was taken out.

    Raises:
        UsageError: the file is in use, or cannot be written.
    """
    with _told(path), closing(_open(path, wait)) as connection:
        connection.execute("VACUUM")


def migrate(
    connection: sqlite3.Connection,
    version: int,
    path: str,
    steps: Mapping[int, Sequence[str]] | None = None,
    to: int = VERSION,
) -> None:
    """Bring an older layout up to date, step by step, in the transaction that is open.

    Raises:
        UsageError: nobody knows how.
    """
    steps = MIGRATIONS if steps is None else steps
    for number in range(version, to):
        if number not in steps:
            raise UsageError(f"layout {number} of a history is not known: {_ANEW}", path)
        for statement in steps[number]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {to:d}")


def _is_new(path: str) -> bool:
    """Whether a history is still to be made: there is no file, or one in which nothing was written.

    Raises:
        UsageError: the path is one of a folder or a device, or none at all.
    """
    try:
        state = Path(path).stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError) as error:
        raise UsageError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", path) from None
    if not stat.S_ISREG(state.st_mode):
        kind = "a folder" if stat.S_ISDIR(state.st_mode) else "no file"
        raise UsageError(f"this is {kind}: a history is a file", path)
    # The file is never opened but by SQLite: closing it would end the locks that the process has on it
    # (https://www.sqlite.org/howtocorrupt.html).  A single byte SQLite takes for a file still to be made.
    if state.st_size == 1:
        raise UsageError(_WORDS[sqlite3.SQLITE_NOTADB], path)
    return state.st_size == 0


def _open(path: str, wait: float, make: bool = False) -> sqlite3.Connection:
    # Also to read it is opened for writing, where that is allowed: what a run that was killed left half
    # written is taken back then.
    place = f"{Path(path).absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
    connection = sqlite3.connect(place, uri=True, timeout=wait, isolation_level=None)
    # Nothing in a file of strangers is executed: https://www.sqlite.org/security.html
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _lay_out(connection: sqlite3.Connection) -> None:
    for statement in LAYOUT:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION:d}")
    connection.execute(f"PRAGMA user_version = {VERSION:d}")


def _check(connection: sqlite3.Connection, path: str) -> int:
    """The layout of a file, which is a whole history.

    Raises:
        UsageError: it is something else, damaged, or newer.
    """

    def one(pragma: str) -> int:
        return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    if one("application_id") != APPLICATION:
        raise UsageError("this is no history: it is a database of another program", path)
    version = one("user_version")
    if version > VERSION:
        raise UsageError(
            f"a newer readiness wrote this history (layout {version}; this one knows {VERSION}): upgrade it",
            path,
        )
    whole = one("page_count") * one("page_size") <= Path(path).stat().st_size
    if not whole or connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise UsageError(f"{_WORDS[sqlite3.SQLITE_CORRUPT]}: {_ANEW}", path)
    return version


def _check_layout(connection: sqlite3.Connection, path: str) -> None:
    """See that the tables are those of the program; views and tables of others do no harm.

    Raises:
        UsageError: something else changed them.
    """
    with closing(sqlite3.connect(":memory:")) as ours:
        _lay_out(ours)
        expected = _shapes(ours)
    found = _shapes(connection)
    wrong = [name for name, shape in expected.items() if found.get(name) != shape]
    if not wrong:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1")
        wrong = [str(row[0]) for row in listed]
    if wrong:
        raise UsageError(f"something else changed its layout ({wrong[0]!r}): {_ANEW}", path)


def _shapes(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """The columns of each table that is a plain one: name, type, whether it must be there, key."""
    listed = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    )
    names = [str(row[0]) for row in listed.fetchall()]
    query = 'SELECT name, type, "notnull", pk FROM pragma_table_info(?)'
    return {name: connection.execute(query, (name,)).fetchall() for name in names}


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say what SQLite says in the words of users."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None) or 0
        words = _WORDS.get(code & 0xFF, "it cannot be used")
        message = f"{words} ({error})"
        if code & 0xFF == sqlite3.SQLITE_CORRUPT:
            message += f": {_ANEW}"
        raise UsageError(message, path) from None
    except UnicodeDecodeError:
        # Also what SQLite says of a damaged file may have texts of it.
        raise UsageError(f"{_WORDS[sqlite3.SQLITE_CORRUPT]}: {_ANEW}", path) from None
