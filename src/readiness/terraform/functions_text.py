"""Functions of strings.

Source: https://developer.hashicorp.com/terraform/language/functions (String Functions), and
https://github.com/zclconf/go-cty/tree/v1.16.2/cty/function/stdlib (string.go, regexp.go).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, check_text, to_bool, to_text
from readiness.terraform.functions_common import Function, missing, not_known
from readiness.terraform.graphemes import clusters
from readiness.terraform.kinds import OBJECT, TUPLE
from readiness.terraform.partial import partial_text
from readiness.values import List, Map, Unknown

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's `unicode.IsSpace` takes for a space."""

_WORD = re.compile(r"[0-9A-Za-z_]", re.ASCII)


# -- cases --------------------------------------------------------------------------------------


def _lower_char(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 else lower[0]


def _title_char(char: str) -> str:
    title = char.title()
    return title if len(title) == 1 else char


def _upper_char(char: str) -> str:
    upper = char.upper()
    return upper if len(upper) == 1 else _title_char(char)


def _mapped(text: str, whole: Callable[[str], str], char: Callable[[str], str]) -> str:
    """A text in another case; Go changes each character for one other, whatever is beside it."""
    return whole(text) if text.isascii() else "".join(map(char, text))


def _cased(whole: Callable[[str], str], char: Callable[[str], str]) -> Callable[[Any], Any]:
    def function(text: Any) -> Any:
        if isinstance(text, Unknown):
            found = not_known(text)
            # The last character of a known beginning may yet combine with what follows.
            found.prefix = _mapped(text.prefix[:-1], whole, char)
            return found
        return _mapped(text, whole, char)

    return function


def _title(text: str) -> str:
    result = []
    previous = " "
    for char in text:
        result.append(_title_char(char) if _separates(previous) else char)
        previous = char
    return "".join(result)


def _separates(char: str) -> bool:
    """`isSeparator` of https://go.dev/src/strings/strings.go"""
    if char.isascii():
        return not _WORD.match(char)
    return not (char.isalpha() or char.isdecimal()) and char in SPACES


# -- parts --------------------------------------------------------------------------------------


def _begins(text: Any, prefix: Any) -> Any:
    if isinstance(prefix, Unknown):
        return not_known(prefix)
    if isinstance(text, Unknown):
        found = text.begins(prefix)
        return not_known(found) if isinstance(found, Unknown) else found
    return text.startswith(prefix)


def _ends(text: Any, suffix: Any) -> Any:
    if isinstance(suffix, Unknown):
        return not_known(suffix)
    if isinstance(text, Unknown):
        found = text.ends(suffix)
        return not_known(found) if isinstance(found, Unknown) else found
    return text.endswith(suffix)


def _holds(text: Any, part: Any) -> Any:
    if isinstance(part, Unknown):
        return not_known(part)
    if isinstance(text, Unknown):
        return True if part in text.prefix or part in text.suffix else not_known(text)
    return part in text


def _trimprefix(text: Any, prefix: Any) -> Any:
    waiting = missing(prefix, text)
    if waiting is None:
        return text.removeprefix(prefix)
    if not isinstance(prefix, Unknown) and text.begins(prefix) is True:
        waiting.prefix, waiting.suffix = text.prefix[len(prefix) :], text.suffix
        if len(waiting.prefix) + len(prefix) < len(text.suffix):
            waiting.suffix = ""
    return waiting


def _trimsuffix(text: Any, suffix: Any) -> Any:
    waiting = missing(suffix, text)
    if waiting is None:
        return text.removesuffix(suffix)
    if not isinstance(suffix, Unknown) and text.ends(suffix) is True:
        waiting.suffix = text.suffix[: len(text.suffix) - len(suffix)]
    return waiting


def _substr(text: str, start: int, length: int) -> str:
    parts = clusters(text)
    if start < 0:
        start = max(0, start + len(parts))
    chosen = parts[start:] if length < 0 else parts[start : start + length]
    return "".join(chosen)


def _trim(text: str, cutset: str) -> str:
    return text.strip(cutset) if cutset else text


def _indent(count: int, text: str) -> str:
    if count < 0:
        raise EvaluationError("the number of spaces is negative")
    check_text(len(text) + count * text.count("\n"))
    return text.replace("\n", "\n" + " " * count)


def _split(separator: str, text: str) -> List:
    return List(text.split(separator) if separator else list(text))


def _join(separator: Any, *lists: Any) -> Any:
    if not lists:
        raise EvaluationError("at least one list is required")
    waiting = missing(separator, *lists)
    parts: list[Any] = []
    for position, part in enumerate(lists):
        if isinstance(part, Unknown):
            parts.append(part)
            continue
        for index, item in enumerate(part):
            if item is None:
                raise EvaluationError(f"item {index} of list {position + 1} is null")
            parts.append(item)
    if waiting is None and not any(isinstance(part, Unknown) for part in parts):
        check_text(sum(map(len, parts)) + len(separator) * len(parts))
        text: str = separator.join(parts)
        return text
    return waiting if isinstance(separator, Unknown) else _joined(separator, lists)


def _joined(separator: str, lists: tuple[Any, ...]) -> Any:
    """The text that some items make, of which some are unknown.

    An unknown list may be empty: then there is no separator beside it.
    """
    pieces: list[Any] = []
    open_end = True  # whether a separator belongs before what follows is not known, or none does
    for part in lists:
        if isinstance(part, Unknown):
            pieces.append(not_known(part))
            pieces[-1].prefix = pieces[-1].suffix = ""
            open_end = True
            continue
        for item in part:
            if pieces and not open_end:
                pieces.append(separator)
            pieces.append(item)
            open_end = False
    return partial_text(pieces, None)


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from readiness.terraform.patterns import replaced

        return replaced(old[1:-1], text, new)
    count = text.count(old)
    check_text(len(text) + count * len(new))
    return text.replace(old, new)


# -- regular expressions ----------------------------------------------------------------------------


def _regex(pattern: str, text: str) -> Any:
    from readiness.terraform.patterns import captured, prepare

    prepared = prepare(pattern, text)
    match = prepared.pattern.search(text)
    if match is None:
        raise EvaluationError(f"{pattern!r} does not match")
    return captured(prepared, match)


def _regexall(pattern: str, text: str) -> List:
    from readiness.terraform.patterns import captured, matches, prepare

    prepared = prepare(pattern, text)
    result = List([captured(prepared, match) for match in matches(prepared.pattern, text)])
    names = [name for name in prepared.names if name]
    kind: Any = "string"
    if names:
        kind = (OBJECT, dict.fromkeys(names, "string"))
    elif prepared.pattern.groups:
        kind = (TUPLE, ("string",) * prepared.pattern.groups)
    for item in result:
        if isinstance(item, (List, Map)):
            item.kind = kind
    result.kind = ("list", kind)
    return result


def _to_string(value: Any) -> Any:
    return None if value is None else to_text(value)


def _to_bool(value: Any) -> Any:
    if isinstance(value, Unknown):
        return not_known(value, nullable=not value.not_null)
    return None if value is None else to_bool(value)


def _reversed(text: str) -> str:
    return "".join(reversed(clusters(text)))


def _sorted(items: list[Any]) -> List:
    if any(item is None for item in items):
        raise EvaluationError("null cannot be sorted")
    return List(sorted(items))


def _folder(path: str) -> str:
    """`filepath.Dir` of Go: the folder of a path, cleaned up."""
    import posixpath

    folder = path[: path.rfind("/") + 1]
    cleaned = posixpath.normpath(folder) if folder else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


TEXT: dict[str, Function] = {
    "basename": Function(lambda path: path.rstrip("/").rsplit("/", 1)[-1] or ("/" if path else "."), "s"),
    "chomp": Function(lambda text: text.rstrip("\r\n"), "s"),
    "dirname": Function(_folder, "s"),
    "endswith": Function(_ends, "s s", unknown="none"),
    "indent": Function(_indent, "i s"),
    "join": Function(_join, "s S*", unknown="none"),
    "lower": Function(_cased(str.lower, _lower_char), "s", unknown="none"),
    "regex": Function(_regex, "s s"),
    "regexall": Function(_regexall, "s s"),
    "replace": Function(_replace, "s s s"),
    "sort": Function(_sorted, "S"),
    "split": Function(_split, "s s"),
    "startswith": Function(_begins, "s s", unknown="none"),
    "strcontains": Function(_holds, "s s", unknown="none"),
    "strrev": Function(_reversed, "s"),
    "substr": Function(_substr, "s i i"),
    "title": Function(_title, "s"),
    "tobool": Function(_to_bool, "X", unknown="none", nullable=True),
    "tostring": Function(_to_string, "X", unknown="none", nullable=True),
    "trim": Function(_trim, "s s"),
    "trimprefix": Function(_trimprefix, "s s", unknown="none"),
    "trimspace": Function(lambda text: text.strip(SPACES), "s"),
    "trimsuffix": Function(_trimsuffix, "s s", unknown="none"),
    "upper": Function(_cased(str.upper, _upper_char), "s", unknown="none"),
}
