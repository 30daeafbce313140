"""The table of lifecycles: how versions are found, what is refused, and that the built-in one holds."""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec
import pytest

from readiness.errors import UsageError
from readiness.policy import bundle
from readiness.policy.lifecycles import Product, Table, Version, lifecycle, read_table

DAY = datetime.date.fromisoformat
TODAY = DAY("2026-11-21")
TABLE = Table(
    {
        "db": Product(
            "A database",
            "https://acme.dev/db",
            DAY("2026-08-22"),
            {
                "15": Version(end_of_support=DAY("2028-02-29")),
                "14": Version(DAY("2021-11-11"), DAY("2026-11-20"), DAY("2029-11-20")),
                "9.6": Version(end_of_support=DAY("2022-04-30")),
            },
        ),
        "cluster": Product(
            "A cluster", "https://acme.dev/cluster", DAY("2026-08-22"), {"1.30": Version(), "1.29": Version()}
        ),
        "search": Product(
            "A search engine",
            "https://acme.dev/search",
            DAY("2026-08-22"),
            {"2.1": Version(), "1.3": Version(ended=True)},
            ordered=False,
        ),
        "function": Product(
            "Functions",
            "https://acme.dev/function",
            DAY("2026-08-22"),
            {"python3.9": Version(end_of_support=DAY("2025-12-15")), "python3.1": Version(ended=True)},
            scheme="names",
        ),
    }
)


@pytest.mark.parametrize(
    ("product", "version", "found", "ended", "days"),
    [
        ("db", "14", "14", True, -1),
        ("db", "14.9", "14", True, -1),
        ("db", 14, "14", True, -1),
        ("db", "v15.1-beta", "15", False, 465),
        ("db", "9.6.24", "9.6", True, -1666),
        ("db", "9.5.3", "9.5.3", True, None),  # older than everything in the table
        ("db", "8", "8", True, None),
        ("cluster", "1.29.3-gke.100", "1.29", False, None),
        ("cluster", 1.29, "1.29", False, None),
        ("search", "1.3", "1.3", True, None),
        ("function", "python3.9", "python3.9", True, -341),
        ("function", "python3.1", "python3.1", True, None),
    ],
)
def test_versions(product: str, version: object, found: str, ended: bool, days: int | None) -> None:
    told = lifecycle(TABLE, TODAY, product, version)
    assert told is not None
    assert (told["version"], told["ended"], told["days_left"]) == (found, ended, days)


@pytest.mark.parametrize(
    ("product", "version"),
    [
        ("db", "16"),
        ("db", "9"),  # 9.6, or something older
        ("db", "13.1"),  # newer than the oldest: a gap
        ("db", "latest"),
        ("db", ""),
        ("db", None),
        ("db", True),
        ("cluster", "1.28"),  # the oldest has not ended
        ("cluster", "1.2"),
        ("search", "0.9"),  # nothing follows from the order
        ("function", "python3.10"),
        ("function", "python3"),
        ("nothing", "1"),
        (None, "1"),
    ],
)
def test_what_is_not_known_is_null(product: object, version: object) -> None:
    assert lifecycle(TABLE, TODAY, product, version) is None


def test_everything_that_is_told() -> None:
    assert lifecycle(TABLE, DAY("2026-11-20"), "db", "14.2") == {
        "product": "A database",
        "version": "14",
        "released": "2021-11-11",
        "end_of_support": "2026-11-20",
        "ended": False,  # the last day
        "days_left": 0,
        "extended_until": "2029-11-20",
        "source": "https://acme.dev/db",
        "as_of": "2026-08-22",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("products: {db: {title: DB}}", "source"),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, versions: {}, x: 1}}",
            "`x`",
        ),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, versions: {'1': {eol: 2026-01-01}}}}",
            "`eol`",
        ),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, "
            "versions: {'1': {end_of_support: soon}}}}",
            "Invalid RFC3339 encoded date",
        ),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, "
            "versions: {'1': {released: 2026-01-02, end_of_support: 2026-01-01}}}}",
            "db 1: the dates are not in their order",
        ),
        (
            "products: {db: {title: DB, source: 'http://a', as_of: 2026-01-01, versions: {}}}",
            "no https:// address",
        ),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, versions: {x1: {}}}}",
            "'x1' is no version of numbers",
        ),
        (
            "products: {db: {title: DB, source: 'https://a', as_of: 2026-01-01, scheme: any, versions: {}}}",
            "scheme is 'any'",
        ),
        ("products: [", "lifecycles cannot be read"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "lifecycles.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        read_table(tmp_path)
    assert message in str(error.value)
    assert error.value.path == str(tmp_path / "lifecycles.yaml")


def test_the_built_in_table() -> None:
    table = bundle.load_lifecycles()
    assert table == read_table(bundle.builtin_folder())
    for name, version, end in (
        ("eks", "1.29", "2025-03-23"),
        ("rds-mysql", "8.0.43", "2026-07-31"),
        ("lambda", "python3.9", "2025-12-15"),
        ("aks", "1.33.1", "2026-07-31"),
        ("cloud-sql-postgres", "9.6", "2025-01-31"),
    ):
        told = lifecycle(table, TODAY, name, version)
        assert told is not None
        assert (told["end_of_support"], told["ended"]) == (end, True)
    for product in table.products.values():
        assert product.versions
        assert DAY("2026-08-01") <= product.as_of <= DAY("2027-12-31")


def test_a_wheel_carries_it(tmp_path: Path) -> None:
    bundle.write_bundle(bundle.builtin_folder(), tmp_path)
    packed = msgspec.msgpack.decode((tmp_path / "lifecycles.bundle").read_bytes(), type=Table)
    assert packed == read_table(bundle.builtin_folder())
