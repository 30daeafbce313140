"""Functions of known strings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, check_text, plain, to_bool, to_number, to_text
from readiness.values import List, Map

_VERB = re.compile(r"%(?:%|([-+ 0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?([a-zA-Z]))", re.ASCII)
_WIDTH_LIMIT = 1_000


def _format(template: str, *args: Any) -> str:
    """Text after a template with verbs, as Go's package fmt writes them."""
    used: set[int] = set()
    following = 0

    def one(match: re.Match[str]) -> str:
        nonlocal following
        if match.group() == "%%":
            return "%"
        index = int(match.group(4)) - 1 if match.group(4) else following
        following = index + 1
        if not 0 <= index < len(args):
            raise EvaluationError(f"there is no argument for {match.group()!r}")
        used.add(index)
        return _verb(match, args[index])

    if re.search(r"%(?!%)", _VERB.sub("", template)):
        raise EvaluationError("a `%` in the template begins no verb")
    text = _VERB.sub(one, template)
    if len(used) < len(args):
        raise EvaluationError("there are more arguments than the template uses")
    check_text(len(text))
    return text


def _verb(match: re.Match[str], value: Any) -> str:
    flags, width, precision, verb = match.group(1), match.group(2), match.group(3), match.group(5)
    size = int(width or 0)
    digits = None if precision is None else int(precision or 0)
    if size > _WIDTH_LIMIT or (digits or 0) > _WIDTH_LIMIT:
        raise EvaluationError(f"the width in {match.group()!r} is larger than {_WIDTH_LIMIT}")
    if verb == "v":
        text = _any(value, "#" in flags)
    elif verb == "t":
        text = to_text(to_bool(value))
    elif verb in "sq":
        text = to_text(value)[:digits]
        text = json.dumps(text, ensure_ascii=False) if verb == "q" else text
    elif verb in "xX" and isinstance(value, str):
        text = value.encode().hex()
        text = text.upper() if verb == "X" else text
    elif verb in "bdoxXeEfgG":
        return _number(flags, size, digits, verb, to_number(value))
    else:
        raise EvaluationError(f"{match.group()!r} is no verb")
    return text.ljust(size) if "-" in flags else text.rjust(size)


def _any(value: Any, sharp: bool) -> str:
    if isinstance(value, (list, dict)) or sharp:
        return json.dumps(plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return "null" if value is None else str(to_text(value))


def _number(flags: str, size: int, digits: int | None, verb: str, number: Any) -> str:
    if verb in "bdoxX":
        if number != int(number):
            raise EvaluationError(f"a whole number is required, not {to_text(number)}")
        text = format(abs(int(number)), verb)
    else:
        text = format(abs(float(number)), f".{6 if digits is None else digits}{verb}")
        if verb in "gG" and digits is None:
            text = str(to_text(abs(number)))
    sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    if "-" in flags:
        return (sign + text).ljust(size)
    return sign + text.rjust(size - len(sign), "0") if "0" in flags else (sign + text).rjust(size)


def _formatlist(template: str, *args: Any) -> List:
    sizes = {len(arg) for arg in args if isinstance(arg, list)}
    if len(sizes) > 1:
        raise EvaluationError("the lists are not of one length")
    count = sizes.pop() if sizes else 1
    rows = ([arg[row] if isinstance(arg, list) else arg for arg in args] for row in range(count))
    return List([_format(template, *row) for row in rows])


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from readiness.terraform.patterns import expand, prepare

        pattern = prepare(old[1:-1], text)
        check_text(len(text) + (len(text) + 1) * len(new))
        return pattern.sub(lambda match: expand(match, new), text)
    count = text.count(old)
    check_text(len(text) + count * len(new))
    return text.replace(old, new)


def _regex(pattern: str, text: str) -> Any:
    from readiness.terraform.patterns import prepare

    match = prepare(pattern, text).search(text)
    if match is None:
        raise EvaluationError(f"{pattern!r} does not match")
    return _captured(match)


def _regexall(pattern: str, text: str) -> List:
    from readiness.terraform.patterns import prepare

    return List([_captured(match) for match in prepare(pattern, text).finditer(text)])


def _captured(match: re.Match[str]) -> Any:
    if match.groupdict():
        return Map(match.groupdict())
    return List(match.groups()) if match.groups() else match.group()


def _substr(text: str, start: int, length: int) -> str:
    start = max(0, int(start) + len(text) if start < 0 else int(start))
    return text[start:] if length < 0 else text[start : start + int(length)]


def _join(separator: str, *lists: Any) -> str:
    parts = [to_text(item) for part in lists for item in part]
    check_text(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


def _indent(count: int, text: str) -> str:
    check_text(len(text) + max(0, int(count)) * text.count("\n"))
    return text.replace("\n", "\n" + " " * int(count))


def _title(text: str) -> str:
    return re.sub(r"(?<!\w)\w", lambda match: match.group().upper(), text)


def _split(separator: str, text: str) -> List:
    return List(text.split(separator) if separator else list(text))


TEXT: dict[str, tuple[str, Callable[..., Any]]] = {
    "basename": ("s", lambda path: path.rstrip("/").rsplit("/", 1)[-1] or ("/" if path else ".")),
    "chomp": ("s", lambda text: text.rstrip("\r\n")),
    "endswith": ("s s", str.endswith),
    "format": ("s x*", _format),
    "formatlist": ("s x*", _formatlist),
    "indent": ("n s", _indent),
    "join": ("s l*", _join),
    "lower": ("s", str.lower),
    "regex": ("s s", _regex),
    "regexall": ("s s", _regexall),
    "replace": ("s s s", _replace),
    "split": ("s s", _split),
    "startswith": ("s s", str.startswith),
    "strcontains": ("s s", lambda text, part: part in text),
    "strrev": ("s", lambda text: text[::-1]),
    "substr": ("s n n", _substr),
    "title": ("s", _title),
    "trim": ("s s", str.strip),
    "trimprefix": ("s s", str.removeprefix),
    "trimspace": ("s", str.strip),
    "trimsuffix": ("s s", str.removesuffix),
    "upper": ("s", str.upper),
}
"""Functions by name, with the kinds of their parameters (see `functions._arguments`)."""
