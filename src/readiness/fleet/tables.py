"""The tables of a fleet, asked in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from readiness.errors import UsageError
from readiness.fleet.rows import TABLES
from readiness.fleet.store import FORMAT


class Tables:
    """The tables in a folder."""

    def __init__(self, folder: Path, scratch: str, shown: str) -> None:
        """Open the tables of a folder; what does not fit into memory goes to the folder `scratch`.

        Raises:
            UsageError: one is missing, no such table, or one of another version; `shown` is the folder as the
                user names it.
        """
        self._paths = {name: str(folder.absolute() / f"{name}.parquet") for name in TABLES}
        self._scratch = scratch
        for name, path in self._paths.items():
            _check(name, Path(path), shown)

    def scan(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Columns of all rows of a table in their order, in the memory of a few rows.

        Raises:
            UsageError: the table is broken.
        """
        import pyarrow
        import pyarrow.parquet

        try:
            with pyarrow.parquet.ParquetFile(self._paths[table]) as file:
                for batch in file.iter_batches(batch_size=1_000, columns=list(columns), use_threads=False):
                    found = batch.to_pydict()
                    yield from zip(*(found[column] for column in columns), strict=True)
        except (pyarrow.ArrowException, OSError) as error:
            raise UsageError(f"the table {table!r} cannot be read: {_first(error)}") from None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query of our own, as it has few.

        Raises:
            UsageError: a table is broken.
        """
        import duckdb

        try:
            with self._links() as links, self._opened(list(links.values())) as connection:
                for name, path in links.items():
                    connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({_quoted(path)})")
                return list(connection.execute(query).fetchall())
        except duckdb.Error as error:
            raise UsageError(f"the tables of the fleet cannot be read: {_first(error)}") from None

    def asked(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of a query that a user wrote: it sees the tables, and no file nor the network.

        It gets them as data sets of Arrow: a file that it could name it could write as well (DuckDB 2 has
        `COPY` within `WITH`).

        Raises:
            UsageError: it is none, or cannot be answered.
        """
        import duckdb
        import pyarrow
        import pyarrow.dataset

        check_query(query)
        try:
            with self._opened([]) as connection:
                for name, path in self._paths.items():
                    connection.register(name, pyarrow.dataset.dataset(path, format="parquet"))
                cursor = connection.execute(query)
                return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except (duckdb.Error, pyarrow.ArrowException, OSError) as error:
            raise UsageError(f"--query: {_first(error)}") from None

    @contextmanager
    def _links(self) -> Iterator[dict[str, str]]:
        """Links to the tables: DuckDB would take `[` and `*` in the name of a folder for a pattern."""
        with TemporaryDirectory(dir=self._scratch) as folder:
            links = {name: f"{folder}/{name}.parquet" for name in self._paths}
            for name, path in self._paths.items():
                Path(links[name]).symlink_to(path)
            yield links

    @contextmanager
    def _opened(self, allowed: list[str]) -> Iterator[Any]:
        """A database in memory, which sees no files but those allowed, and its own ones in `scratch`.

        Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
        """
        import duckdb

        with closing(duckdb.connect(":memory:")) as connection:
            for statement in (
                f"SET temp_directory = {_quoted(self._scratch)}",
                "SET python_enable_replacements = false",
                f"SET allowed_paths = [{', '.join(map(_quoted, allowed))}]",
                "SET enable_external_access = false",
                "SET lock_configuration = true",
            ):
                connection.execute(statement)
            yield connection


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
        message = (
            f"the table {name!r} is of another version of readiness: `readiness fleet REPO` makes it anew"
        )
        raise UsageError(message, shown)


def _first(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
