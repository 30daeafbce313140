"""The dated table of what vendors support: `policies/lifecycles.yaml` → when support of a version ends.

Dates are those that the vendors publish; each product names the page.  What is not in the table is
not judged.  `scripts/refresh_lifecycles.py` renews the table from the data of https://endoflife.date
(MIT licence); products without `data` were read in the vendor's documentation.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.errors import UsageError
from readiness.values import Map

FILE = "lifecycles.yaml"
"""Name of the table in the folder of the built-in policies."""

_NUMBERS = re.compile(r"v?(\d+(?:\.\d+)*)", re.IGNORECASE)


class Version(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version: the last day of its support, and that of the support that costs extra.

    `ended` is for a version that the vendor calls unsupported without saying since when.
    """

    released: datetime.date | None = None
    end_of_support: datetime.date | None = None
    extended_until: datetime.date | None = None
    ended: bool = False


class Product(Struct, frozen=True, forbid_unknown_fields=True):
    """The versions of one product as of a day, and where their dates stand.

    `scheme` says how a version is found: `numbers` takes the longest version of the table that the
    asked one begins with (`14` for `14.9`), `names` the one that is equal (`python3.9`).  `ordered`
    says that support ends in the order of versions, so that what is older than all of the table has
    ended where the oldest has.
    """

    title: str
    source: str
    as_of: datetime.date
    versions: dict[str, Version]
    data: str | None = None
    scheme: str = "numbers"
    ordered: bool = True


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All products by the name that conditions use."""

    products: dict[str, Product] = field(default_factory=dict)


def read_table(folder: Path) -> Table:
    """The table of a policy folder.

    Raises:
        UsageError: the file is missing or not in shape.
    """
    import yaml

    path = folder / FILE
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as file:
            table = msgspec.convert(yaml.load(file, Loader=loader), type=Table)
        _check(table)
    except (OSError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"the lifecycles cannot be read: {error}", str(path)) from None
    return table


def _check(table: Table) -> None:
    """Refuse what has the right types and cannot be true."""
    for name, product in table.products.items():
        if product.scheme not in ("numbers", "names"):
            raise ValueError(f"{name}: scheme is {product.scheme!r}; it is `numbers` or `names`")
        for url in (product.source, product.data or product.source):
            if not url.startswith("https://"):
                raise ValueError(f"{name}: {url!r} is no https:// address")
        for version, dates in product.versions.items():
            if product.scheme == "numbers" and _NUMBERS.fullmatch(version) is None:
                raise ValueError(f"{name}: {version!r} is no version of numbers")
            known = [d for d in (dates.released, dates.end_of_support, dates.extended_until) if d is not None]
            if known != sorted(known):
                raise ValueError(f"{name} {version}: the dates are not in their order")


def lifecycle(table: Table, today: datetime.date, product: Any, version: Any) -> Map | None:
    """What the table says of a version, or None where it says nothing of it.

    The map has `product` (its title), `version` (that of the table), `released`, `end_of_support`
    and `extended_until` (`YYYY-MM-DD` or None), `ended`, `days_left` (until the end of support,
    negative after it, None without a date), `source` and `as_of`.
    """
    entry = table.products.get(product) if isinstance(product, str) else None
    if entry is None or version is None or isinstance(version, bool):
        return None
    text = str(version).strip()
    found = _named(entry, text) if entry.scheme == "names" else _numbered(entry, text, today)
    return None if found is None else _told(entry, *found, today)


def _named(product: Product, text: str) -> tuple[str, Version] | None:
    dates = product.versions.get(text)
    return None if dates is None else (text, dates)


def _numbered(product: Product, text: str, today: datetime.date) -> tuple[str, Version] | None:
    match = _NUMBERS.match(text)
    if match is None:
        return None
    parts = match[1].split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in product.versions:
            return key, product.versions[key]
    oldest = min(product.versions, key=_order, default=None)
    if oldest is None or not product.ordered or not _ended(product.versions[oldest], today):
        return None
    asked, least = _order(match[1]), _order(oldest)
    return (match[1], Version(ended=True)) if asked < least[: len(asked)] else None


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.lstrip("vV").split("."))


def _ended(dates: Version, today: datetime.date) -> bool:
    return dates.ended or (dates.end_of_support is not None and dates.end_of_support < today)


def _told(product: Product, version: str, dates: Version, today: datetime.date) -> Map:
    end = dates.end_of_support
    return Map(
        {
            "product": product.title,
            "version": version,
            "released": _text(dates.released),
            "end_of_support": _text(end),
            "ended": _ended(dates, today),
            "days_left": None if end is None else (end - today).days,
            "extended_until": _text(dates.extended_until),
            "source": product.source,
            "as_of": product.as_of.isoformat(),
        }
    )


def _text(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()
