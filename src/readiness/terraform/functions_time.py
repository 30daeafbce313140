"""Functions of points in time.

Source: https://developer.hashicorp.com/terraform/language/functions (Date and Time Functions); for the
texts they take https://github.com/zclconf/go-cty/blob/v1.16.2/cty/function/stdlib/datetime_rfc3339.go and
https://pkg.go.dev/time#ParseDuration
"""

from __future__ import annotations

import re
from typing import NamedTuple

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import Function

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+])(\d\d):(\d\d))", re.ASCII
)
_PART = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_NANOSECONDS = {
    "ns": 1, "us": 10**3, "\u00b5s": 10**3, "\u03bcs": 10**3, "ms": 10**6,
    "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9,
}  # fmt: skip
_DURATION_LIMIT = (1 << 63) - 1
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_TOKEN = re.compile(r"''|'(?:[^']|'')*'|'|([A-Za-z])\1*|[^A-Za-z']+")
_EPOCH_SHIFT = 719_468
"""Days from the first of March of the year 0 to 1970-01-01."""


class Moment(NamedTuple):
    """A point in time: nanoseconds since 1970 in UTC, and the offset of its zone in minutes."""

    nanoseconds: int
    offset: int


class _Fields(NamedTuple):
    """What the clock and the calendar of a zone show."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int


def parse(text: str) -> Moment:
    """A point in time as RFC 3339 writes it.

    Raises:
        EvaluationError: the text is none.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise EvaluationError(f"{text[:40]!r} is not a time such as 2006-01-02T15:04:05Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, hours, minutes = match.groups()[6:]
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    valid = 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] + leap
    if not valid or hour > 23 or minute > 59 or second > 59 or int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise EvaluationError(f"{text[:40]!r} is a time that does not exist")
    offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1) if sign else 0
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
    return Moment(seconds * 10**9 + int(f"{fraction or '0':0<9}"[:9]), offset)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar."""
    year -= month <= 2
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - _EPOCH_SHIFT


def _fields(moment: Moment) -> _Fields:
    seconds = moment.nanoseconds // 10**9 + moment.offset * 60
    days, rest = divmod(seconds, 86_400)
    era, of_era = divmod(days + _EPOCH_SHIFT, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    hour, rest = divmod(rest, 3600)
    return _Fields(year + era * 400 + (month <= 2), month, day, hour, *divmod(rest, 60), (days + 4) % 7)


def _zone(offset: int, colon: str) -> str:
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}{colon}{minutes:02d}"


def written(moment: Moment) -> str:
    """A point in time as RFC 3339 writes it, without parts of a second."""
    at = _fields(moment)
    zone = _zone(moment.offset, ":") if moment.offset else "Z"
    year = f"-{-at.year:04d}" if at.year < 0 else f"{at.year:04d}"
    return f"{year}-{at.month:02d}-{at.day:02d}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}{zone}"


def _duration(text: str) -> int:
    """Nanoseconds of a duration such as `1h30m`.

    Raises:
        EvaluationError: the text is none.
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    total = 0
    position = 0
    while position < len(rest) and rest != "0":
        match = _PART.match(rest, position)
        if match is None or not (match[1] or match[2]):
            raise EvaluationError(f"{text[:40]!r} is not a duration such as 1h30m")
        digits = f"{match[1]}{(match[2] or '')[:18]}"
        total += int(digits) * _NANOSECONDS[match[3]] // 10 ** len((match[2] or "")[:18])
        position = match.end()
    if not rest or total > _DURATION_LIMIT:
        raise EvaluationError(f"{text[:40]!r} is not a duration such as 1h30m, or too long")
    return -total if text.startswith("-") else total


def _timeadd(text: str, duration: str) -> str:
    moment = parse(text)
    return written(Moment(moment.nanoseconds + _duration(duration), moment.offset))


def _timecmp(first: str, second: str) -> int:
    one, other = parse(first).nanoseconds, parse(second).nanoseconds
    return (one > other) - (one < other)


def _formatdate(pattern: str, text: str) -> str:
    moment = parse(text)
    at = _fields(moment)
    parts = []
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        if token == "'":
            raise EvaluationError("a quote is not closed")
        if token == "''":
            parts.append("'")
        elif token.startswith("'"):
            parts.append(token[1:-1].replace("''", "'"))
        elif match.group(1):
            parts.append(_verb(token, at, moment.offset))
        else:
            parts.append(token)
    return "".join(parts)


def _verb(token: str, at: _Fields, offset: int) -> str:
    letter, size = token[0], len(token)
    of_twelve = (at.hour - 1) % 12 + 1
    numbers = {"D": at.day, "M": at.month, "h": at.hour, "H": of_twelve, "m": at.minute, "s": at.second}
    if letter in numbers and size <= 2:
        return f"{numbers[letter]:0{size}d}"
    half = "AM" if at.hour < 12 else "PM"
    if letter == "Z" and offset == 0 and size in (1, 3):
        return "Z" if size == 1 else "UTC"
    found = {
        "YY": f"{at.year % 100:02d}", "YYYY": f"{at.year:04d}",
        "MMM": _MONTHS[at.month - 1][:3], "MMMM": _MONTHS[at.month - 1],
        "EEE": _WEEKDAYS[at.weekday][:3], "EEEE": _WEEKDAYS[at.weekday],
        "AA": half, "aa": half.lower(),
        "Z": _zone(offset, ":"), "ZZZZZ": _zone(offset, ":"),
        "ZZZ": _zone(offset, ""), "ZZZZ": _zone(offset, ""),
    }.get(token)  # fmt: skip
    if found is None:
        raise EvaluationError(f"{token!r} is no verb of a time; text is put in '…'")
    return found


TIME: dict[str, Function] = {
    "formatdate": Function(_formatdate, "s s"),
    "timeadd": Function(_timeadd, "s s"),
    "timecmp": Function(_timecmp, "s s"),
}
