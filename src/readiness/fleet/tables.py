"""The tables of a fleet, asked in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from readiness.errors import UsageError
from readiness.fleet.rows import TABLES
from readiness.fleet.store import FORMAT


class Tables:
    """The tables in a folder, asked in SQL: a query sees them, and no other file, nor the network.

    Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
    """

    def __init__(self, folder: Path, scratch: str, shown: str) -> None:
        """Open the tables of a folder; what does not fit into memory goes to the folder `scratch`.

        Raises:
            UsageError: one is missing, no such table, or one of another version; `shown` is the folder as the
                user names it.
        """
        import duckdb

        paths = {name: folder.absolute() / f"{name}.parquet" for name in TABLES}
        for name, path in paths.items():
            _check(name, path, shown)
        self._connection = duckdb.connect(":memory:")
        for statement in (
            f"SET temp_directory = {_quoted(scratch)}",
            "SET python_enable_replacements = false",
            f"SET allowed_paths = [{', '.join(_quoted(str(path)) for path in paths.values())}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)
        for name, path in paths.items():
            try:
                self._connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({_quoted(str(path))})")
            except duckdb.Error as error:
                message = f"the table {name!r} cannot be read: {_first(error)}"
                raise UsageError(message, shown) from None

    def close(self) -> None:
        """Let the files go."""
        self._connection.close()

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query of our own.

        Raises:
            UsageError: a table is broken.
        """
        import duckdb

        try:
            cursor = self._connection.execute(query)
            while chunk := cursor.fetchmany(1_000):
                yield from chunk
        except duckdb.Error as error:
            raise UsageError(f"the tables of the fleet cannot be read: {_first(error)}") from None

    def asked(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of a query that a user wrote, which `check_query` has let pass.

        Raises:
            UsageError: it cannot be answered.
        """
        import duckdb

        check_query(query)
        try:
            cursor = self._connection.execute(query)
            return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except duckdb.Error as error:
            raise UsageError(f"--query: {_first(error)}") from None


def check_query(query: str) -> None:
    """See that a text is one query, which only reads: others could write over the tables themselves.

    Raises:
        UsageError: it is none.
    """
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"--query: {_first(error)}") from None
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise UsageError("--query: it takes one query that reads: SELECT, FROM, WITH, DESCRIBE or SUMMARIZE")


def _check(name: str, path: Path, shown: str) -> None:
    """See that a file is a table of this version.

    Raises:
        UsageError: it is not.
    """
    import pyarrow
    import pyarrow.parquet

    if not path.is_file():
        message = "there are no tables of a fleet here: `readiness fleet REPO --store DIR` makes them"
        raise UsageError(message, shown)
    try:
        schema = pyarrow.parquet.read_schema(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise UsageError(f"the table {name!r} cannot be read: {_first(error)}", shown) from None
    told = (schema.metadata or {}).get(b"readiness", b"").decode("utf-8", "replace")
    if told != FORMAT or schema.names != list(TABLES[name]):
        message = f"the table {name!r} is of another version of readiness: `readiness fleet REPO` makes it anew"
        raise UsageError(message, shown)


def _first(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
