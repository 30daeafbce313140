"""Methods of strings."""

from __future__ import annotations

from typing import Any

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.ops import MAX_LENGTH
from readiness.policy.cel.registry import function, method
from readiness.policy.cel.types import no_overload
from readiness.values import Unknown

_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def _strings(name: str, *values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise no_overload(name, *values)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _position(name: str, text: Any, value: Any) -> int:
    """An index into a string, 0 to its length."""
    if not isinstance(text, str) or not _is_int(value):
        raise no_overload(name, text, value)
    if not 0 <= value <= len(text):
        raise CelError(f"index {value} is outside a string of {len(text)}")
    return int(value)


def contains(text: Any, part: Any) -> bool:
    """`text.contains(part)`."""
    if isinstance(text, str) and isinstance(part, str):
        return part in text
    raise no_overload("contains", text, part)


def starts_with(text: Any, prefix: Any) -> bool:
    """`text.startsWith(prefix)`."""
    if isinstance(text, str) and isinstance(prefix, str):
        return text.startswith(prefix)
    raise no_overload("startsWith", text, prefix)


def ends_with(text: Any, suffix: Any) -> bool:
    """`text.endsWith(suffix)`."""
    if isinstance(text, str) and isinstance(suffix, str):
        return text.endswith(suffix)
    raise no_overload("endsWith", text, suffix)


def reverse(text: str) -> str:
    """The characters in reverse."""
    return text[::-1]


def _char_at(text: Any, index: Any) -> str:
    position = _position("charAt", text, index)
    return str(text[position : position + 1])


def index_of(text: Any, part: Any, offset: Any = 0) -> int:
    """The first position of `part`, at or after `offset`, or -1."""
    _strings("indexOf", text, part)
    return int(text.find(part, _position("indexOf", text, offset)))


def last_index_of(text: Any, part: Any, offset: Any = None) -> int:
    """The last position of `part`, at or before `offset`, or -1."""
    _strings("lastIndexOf", text, part)
    if offset is None:
        return int(text.rfind(part))
    return int(text.rfind(part, 0, _position("lastIndexOf", text, offset) + len(part)))


def _substring(text: Any, start: Any, end: Any = None) -> str:
    first = _position("substring", text, start)
    last = len(text) if end is None else _position("substring", text, end)
    if first > last:
        raise CelError(f"a substring cannot start at {first} and end at {last}")
    return str(text[first:last])


def _replace(text: Any, old: Any, new: Any, limit: Any = -1) -> str:
    _strings("replace", text, old, new)
    if not _is_int(limit):
        raise no_overload("replace", text, old, new, limit)
    found = text.count(old)
    count = found if limit < 0 else min(found, limit)
    if len(text) + count * (len(new) - len(old)) > MAX_LENGTH:
        raise CelError(f"the result of `replace` is longer than {MAX_LENGTH} characters")
    return str(text.replace(old, new, count))


def _split(text: Any, separator: Any, limit: Any = -1) -> list[str]:
    _strings("split", text, separator)
    if not _is_int(limit):
        raise no_overload("split", text, separator, limit)
    if limit == 0:
        return []
    if separator == "":
        count = len(text) if limit < 0 else limit - 1
        return [*text[:count], text[count:]] if count < len(text) else [*text]
    return list(text.split(separator, min(limit - 1, len(text)) if limit > 0 else -1))


def _trim(text: Any) -> str:
    _strings("trim", text)
    return str(text.strip(_SPACE))


def _lower(text: Any) -> str:
    _strings("lowerAscii", text)
    return str(text.translate(_LOWER))


def _upper(text: Any) -> str:
    _strings("upperAscii", text)
    return str(text.translate(_UPPER))


def _quote(text: Any) -> str:
    _strings("strings.quote", text)
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def _matches(text: Any, pattern: Any) -> bool:
    from readiness.policy.cel.regex import compile_pattern

    _strings("matches", text, pattern)
    return compile_pattern(pattern).test(text)


def _find(text: Any, pattern: Any) -> str:
    from readiness.policy.cel.regex import compile_pattern

    _strings("find", text, pattern)
    found = compile_pattern(pattern).find_all(text, 1)
    return found[0] if found else ""


def _find_all(text: Any, pattern: Any, limit: Any = -1) -> list[str]:
    from readiness.policy.cel.regex import compile_pattern

    _strings("findAll", text, pattern)
    if not _is_int(limit):
        raise no_overload("findAll", text, pattern, limit)
    return compile_pattern(pattern).find_all(text, limit)


FUNCTIONS = (
    method("contains", contains, 1, nulls="false"),
    method("startsWith", starts_with, 1, nulls="false", on_unknown=Unknown.begins),
    method("endsWith", ends_with, 1, nulls="false", on_unknown=Unknown.ends),
    method("matches", _matches, 1, nulls="false"),
    function("matches", _matches, 2, nulls="false"),
    method("charAt", _char_at, 1),
    method("substring", _substring, 1, 2),
    method("replace", _replace, 2, 3),
    method("split", _split, 1, 2),
    method("trim", _trim),
    method("lowerAscii", _lower),
    method("upperAscii", _upper),
    function("strings.quote", _quote),
    method("find", _find, 1),
    method("findAll", _find_all, 1, 2),
)
