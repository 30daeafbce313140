"""Versions: `semver()` as Kubernetes has it, and the lenient `version()` of policies."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import Impl, function, method, overloaded
from readiness.policy.cel.types import Opaque, no_overload

_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_SEMVER = re.compile(
    rf"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-({_IDENTIFIERS}))?(?:\+({_IDENTIFIERS}))?",
    re.ASCII,
)
_LENIENT = re.compile(r"\s*[vV]?([0-9]+(?:\.[0-9]+)*)([-+._~0-9A-Za-z]*)\s*", re.ASCII)
_TOKENS = re.compile(r"[0-9]+|[A-Za-z]+")
_EARLY = {"dev": 0, "snapshot": 0, "a": 1, "alpha": 1, "b": 2, "beta": 2, "m": 2, "pre": 3, "preview": 3,
          "c": 4, "rc": 4, "cr": 4}  # fmt: skip
_MAX_DIGITS = 18


class Semver(Opaque):
    """A semantic version; `key` orders it as semver.org says, build metadata left out."""

    __slots__ = ("text",)
    cel_type: ClassVar[str] = "kubernetes.Semver"

    def __init__(self, key: Any, text: str) -> None:
        self.key = key
        self.text = text

    def __str__(self) -> str:
        return self.text


class Version(Opaque):
    """A version as people write it; missing numbers count as 0, so 1.29 equals 1.29.0."""

    __slots__ = ("text",)
    cel_type: ClassVar[str] = "version"

    def __init__(self, key: Any, text: str) -> None:
        self.key = key
        self.text = text

    def __str__(self) -> str:
        return self.text


def _weight(identifier: str) -> tuple[int, int, str]:
    """Numbers before words, numbers by value, words by their characters."""
    return (0, int(identifier), "") if identifier.isdigit() else (1, 0, identifier)


def to_semver(value: Any, normalize: Any = False) -> Semver:
    """`semver(text)`; with `true`, a leading v, missing numbers and leading zeros are mended."""
    if isinstance(value, Semver):
        return value
    if not isinstance(value, str) or not isinstance(normalize, bool):
        raise no_overload("semver", value, normalize)
    text = _normalized(value) if normalize else value
    match = _SEMVER.fullmatch(text) if len(text) <= 256 else None
    if match is None or any(len(part) > _MAX_DIGITS for part in match.groups()[:3]):
        raise CelError(f"{value[:40]!r} is not a semantic version such as 1.2.3")
    before = (match[4] or "").split(".") if match[4] else []
    if any(
        part.isdigit() and (len(part) > _MAX_DIGITS or (part[0] == "0" and part != "0")) for part in before
    ):
        raise CelError(f"{value[:40]!r} is not a semantic version: a number in it starts with 0")
    numbers = tuple(int(part) for part in match.groups()[:3])
    return Semver((numbers, not before, tuple(_weight(part) for part in before)), text)


def _normalized(text: str) -> str:
    text = text.removeprefix("v").removeprefix("V")
    core = re.match(r"[0-9.]*", text)
    numbers = (core.group() if core else "").split(".")
    rest = text[len(".".join(numbers)) :]
    while len(numbers) < 3:
        numbers.append("0")
    return ".".join(part.lstrip("0") or ("0" if part else "") for part in numbers) + rest


def to_version(value: Any) -> Version:
    """`version(x)`: `1.29`, `v1.29.3-gke.100`, `15.4`, `5.7.mysql_aurora.2.11`, `1.0rc1`, or a number.

    Numbers compare first.  A part after `-`, or one that begins with alpha, beta, rc or the
    like, is a pre-release and comes before; any other part comes after; `+build` is left out.
    """
    if isinstance(value, Version):
        return value
    if isinstance(value, Semver):
        return to_version(value.text)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return to_version(repr(value) if type(value) is float else str(int(value)))
    if not isinstance(value, str):
        raise no_overload("version", value)
    match = _LENIENT.fullmatch(value) if len(value) <= 256 else None
    if match is None or any(len(part) > _MAX_DIGITS for part in re.findall(r"[0-9]+", value)):
        raise CelError(f"{value[:40]!r} is not a version such as 1.29 or v1.2.3")
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    rest = match[2].partition("+")[0]
    tokens = [token.lower() for token in _TOKENS.findall(rest)]
    if not tokens:
        return Version((tuple(numbers), 1, ()), value.strip())
    early = rest[0] in "-~" or tokens[0] in _EARLY
    weights = tuple(_token_weight(token) for token in tokens)
    return Version((tuple(numbers), 0 if early else 2, weights), value.strip())


def _token_weight(token: str) -> tuple[int, int, str]:
    if token.isdigit():
        return (1, int(token), "")
    return (0, _EARLY[token], "") if token in _EARLY else (2, 0, token)


def compare(a: Opaque, b: Any) -> int:
    """-1, 0 or 1 for two versions of one kind."""
    if type(a) is not type(b):
        raise no_overload("compareTo", a, b)
    return int(a.key > b.key) - int(a.key < b.key)


def _is_semver(value: Any, normalize: Any = False) -> bool:
    if not isinstance(value, str) or not isinstance(normalize, bool):
        raise no_overload("isSemver", value, normalize)
    try:
        to_semver(value, normalize)
    except CelError:
        return False
    return True


def _number(at: int) -> Impl:
    def call(value: Opaque) -> int:
        numbers = value.key[0]
        return int(numbers[at]) if at < len(numbers) else 0

    return call


def _part(name: str, at: int) -> Impl:
    return overloaded(name, {Semver: _number(at), Version: _number(at)})


FUNCTIONS = (
    function("semver", to_semver, 1, 2),
    function("isSemver", _is_semver, 1, 2, nulls="false"),
    function("version", to_version),
    method("major", _part("major", 0)),
    method("minor", _part("minor", 1)),
    method("patch", _part("patch", 2)),
)
