"""Timestamps and durations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import function, method
from readiness.policy.cel.types import NANOS, Duration, Timestamp, no_overload

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

_UNITS = {
    "h": 3600 * NANOS, "m": 60 * NANOS, "s": NANOS,
    "ms": 1_000_000, "us": 1000, "µs": 1000, "μs": 1000, "ns": 1,
}  # fmt: skip
_DURATION = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:h|ms|m|s|us|µs|μs|ns))+")
_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<decimals>[0-9]*))?(?P<unit>h|ms|m|s|us|µs|μs|ns)")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_OFFSET = re.compile(r"([+-]?)(\d{1,2}):(\d{2})", re.ASCII)


def to_duration(value: Any) -> Duration:
    """`duration(x)` of text such as `1h30m`, `-1.5s` or `0`."""
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise no_overload("duration", value)
    if value in ("0", "+0", "-0"):
        return Duration(0)
    if len(value) > 200 or not _DURATION.fullmatch(value):
        raise CelError(f"{value[:40]!r} is not a duration such as 1h30m or 90s")
    total = 0
    for part in _PART.finditer(value):
        unit = _UNITS[part["unit"]]
        decimals = part["decimals"] or ""
        total += int(part["whole"] or "0") * unit
        if decimals:
            total += int(decimals) * unit // 10 ** len(decimals)
    return Duration(-total if value[0] == "-" else total)


def to_timestamp(value: Any) -> Timestamp:
    """`timestamp(x)` of RFC 3339 text, or of seconds since 1970."""
    if isinstance(value, Timestamp):
        return value
    if type(value) is int:
        return Timestamp(value * NANOS)
    if not isinstance(value, str):
        raise no_overload("timestamp", value)
    from datetime import UTC, datetime

    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise CelError(f"{value[:40]!r} is not a timestamp such as 2026-01-31T10:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise CelError(f"{value!r} is not a timestamp: {error}") from None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since.days * 86400 + since.seconds - _offset_seconds(match[8])
    return Timestamp(seconds * NANOS + int((match[7] or "0").ljust(9, "0")))


def _offset_seconds(zone: str) -> int:
    if zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise CelError(f"{zone} is not an offset from UTC")
    seconds = hours * 3600 + minutes * 60
    return -seconds if zone[0] == "-" else seconds


def _zone(name: str) -> tzinfo:
    from datetime import UTC, timedelta, timezone
    from zoneinfo import ZoneInfo

    match = _OFFSET.fullmatch(name)
    if match is not None and int(match[2]) < 24 and int(match[3]) < 60:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    if name in ("UTC", ""):
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise CelError(f"{name[:40]!r} is not a time zone known here") from None


def _moment(name: str, value: Timestamp, zone: Any) -> datetime:
    from datetime import UTC, datetime, timedelta

    if not isinstance(zone, str):
        raise no_overload(name, value, zone)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value.key // NANOS)
    try:
        return moment.astimezone(_zone(zone))
    except (OverflowError, ValueError):
        raise CelError(f"{value} has no date in the time zone {zone}") from None


def _getter(
    name: str, read: Callable[[datetime], int], unit: int = 0, modulus: int = 0
) -> Callable[..., int]:
    """An accessor of timestamps and, where a unit in nanoseconds is given, of durations."""

    def call(value: Any, zone: Any = "UTC", *rest: Any) -> int:
        if isinstance(value, Timestamp):
            if name == "getMilliseconds" and isinstance(zone, str):
                return int(value.key % NANOS // 1_000_000)
            return read(_moment(name, value, zone))
        if isinstance(value, Duration) and unit and zone == "UTC":
            count = abs(value.nanoseconds) // unit
            count = count % modulus if modulus else count
            return -count if value.key < 0 else count
        raise no_overload(name, value)

    return call


_GETTERS = (
    ("getFullYear", _getter("getFullYear", lambda moment: moment.year)),
    ("getMonth", _getter("getMonth", lambda moment: moment.month - 1)),
    ("getDate", _getter("getDate", lambda moment: moment.day)),
    ("getDayOfMonth", _getter("getDayOfMonth", lambda moment: moment.day - 1)),
    ("getDayOfWeek", _getter("getDayOfWeek", lambda moment: moment.isoweekday() % 7)),
    ("getDayOfYear", _getter("getDayOfYear", lambda moment: moment.timetuple().tm_yday - 1)),
    ("getHours", _getter("getHours", lambda moment: moment.hour, 3600 * NANOS)),
    ("getMinutes", _getter("getMinutes", lambda moment: moment.minute, 60 * NANOS)),
    ("getSeconds", _getter("getSeconds", lambda moment: moment.second, NANOS)),
    ("getMilliseconds", _getter("getMilliseconds", lambda moment: 0, 1_000_000, 1000)),
)

FUNCTIONS = (
    function("duration", to_duration),
    function("timestamp", to_timestamp),
    *(method(name, call, 0, 1) for name, call in _GETTERS),
)
