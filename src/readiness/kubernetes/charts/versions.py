"""Whether a version of a chart is one that a dependency asks for.

Source: https://helm.sh/docs/chart_best_practices/dependencies/ and the constraints of
https://github.com/Masterminds/semver
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[\w.-]+)?(?:\+[\w.-]+)?")
_TERM = re.compile(
    r"(?P<sign>=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*v?(?P<major>\d+|[xX*])"
    r"(?:\.(?P<minor>\d+|[xX*]))?(?:\.(?P<patch>\d+|[xX*]))?(?:-[\w.-]+)?(?:\+[\w.-]+)?"
)
_RANGE = re.compile(r"(\S+)\s+-\s+(\S+)")

_Version = tuple[int, int, int]


def satisfies(version: str, constraint: str) -> bool:
    """Whether a version meets a constraint (`^1.2`, `2.x.x`, `>= 1.0, < 3`); false for what is neither."""
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        return False
    wanted = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    return any(_all(wanted, part) for part in constraint.split("||"))


def _all(version: _Version, constraint: str) -> bool:
    constraint = _RANGE.sub(r">=\1 <=\2", constraint.strip())
    terms = list(_TERM.finditer(constraint))
    if not terms or _TERM.sub("", constraint).strip(" ,"):
        return False
    return all(_holds(version, term) for term in terms)


def _holds(version: _Version, term: re.Match[str]) -> bool:
    parts = [None if part is None or not part.isdigit() else int(part) for part in term.group(2, 3, 4)]
    known = parts[: parts.index(None)] if None in parts else parts
    low = tuple([part or 0 for part in known] + [0] * (3 - len(known)))
    sign = term["sign"] or "="
    if not known:
        return sign not in ("!=", "<", ">")
    if sign == "^":
        first = next((index for index, part in enumerate(known) if part), len(known) - 1)
        return low <= version < _next(known[: first + 1])
    if sign in ("~", "~>"):
        return low <= version < _next(known[:2])
    high = _next(known)
    if sign in ("=", "!="):
        return (low <= version < high) is (sign == "=")
    if sign in (">=", "=>"):
        return version >= low
    if sign == ">":
        return version >= high
    return version < high if sign in ("<=", "=<") else version < low


def _next(known: list[int | None]) -> tuple[int, ...]:
    """The first version above all that begin with these parts."""
    parts = [part or 0 for part in known]
    parts[-1] += 1
    return tuple(parts + [0] * (3 - len(parts)))
