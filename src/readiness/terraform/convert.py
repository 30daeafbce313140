"""Terraform's conversions between types, with unknowns passed through, and limits on values.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from readiness.terraform import numbers
from readiness.terraform.kinds import differ
from readiness.terraform.kinds import family as value_family
from readiness.terraform.numbers import EvaluationError as EvaluationError
from readiness.values import List, Unknown

ITEM_LIMIT = 50_000
"""Items in one value, counted with all that is nested in it."""

TEXT_LIMIT = 4_000_000
"""Characters in one text that an expression makes, and in all texts of one value."""

_SMALL = 1 << 64
_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t",
           "\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}  # fmt: skip
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def to_text(value: Any) -> Any:
    """A value as a string, or the Unknown it is.

    Raises:
        EvaluationError: null or a collection.
    """
    if isinstance(value, (str, Unknown)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -_SMALL < value < _SMALL:
        return str(value)
    if isinstance(value, (int, float)):
        return numbers.text_of(value)
    if value is None:
        raise EvaluationError("null cannot be part of a string")
    raise EvaluationError("a collection cannot be converted to a string")


def to_bool(value: Any) -> Any:
    """A value as a bool, or the Unknown it is.

    Raises:
        EvaluationError: it is none.
    """
    if isinstance(value, (bool, Unknown)):
        return value
    if isinstance(value, str) and value in _BOOLS:
        return _BOOLS[value]
    raise EvaluationError("a bool is required")


def to_number(value: Any) -> Any:
    """A value as a number, or the Unknown it is.

    Raises:
        EvaluationError: it is none.
    """
    if isinstance(value, bool):
        raise EvaluationError("a number is required, not a bool")
    if isinstance(value, (int, float, Unknown)):
        return value
    if isinstance(value, str):
        number = numbers.parse(value)
        if number is None:
            raise EvaluationError(f"{_short(value)} is not a number")
        return number
    raise EvaluationError("a number is required")


def exact(number: float) -> int | float:
    """A result of arithmetic with floats or ints: an int where it is whole.

    Raises:
        EvaluationError: it is too large, or no number.
    """
    if isinstance(number, int):
        return numbers.whole(number)
    if number != number or number in (float("inf"), float("-inf")):
        raise EvaluationError("the number is too large")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def convert(value: Any, kind: str) -> Any:
    """A value converted to a primitive type by name; other types are left as they are.

    Raises:
        EvaluationError: it cannot be converted.
    """
    if value is None or isinstance(value, Unknown):
        return value
    if kind == "string":
        return to_text(value)
    if kind == "number":
        return to_number(value)
    if kind == "bool":
        return to_bool(value)
    return value


def identity(value: Any) -> Hashable:
    """What two values of one type have in common exactly where Terraform's `==` holds between them."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return ("map", *sorted((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", *map(identity, value))
    if isinstance(value, numbers.Exact):
        return (False, value.exact)
    return (isinstance(value, bool), value)


def unique(items: Any) -> List:
    """A set of Terraform: unique items, in the order in which Terraform iterates them."""
    spans = items.item_spans if isinstance(items, List) else []
    kept: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        kept.setdefault(identity(item), index)
    order = list(kept.values())
    found = [items[i] for i in order]
    if all(isinstance(item, str) for item in found):
        order.sort(key=lambda i: str(items[i]))
    elif not any(isinstance(item, Unknown) for item in found):
        order.sort(key=_set_key(found, items))
    return List(
        [items[i] for i in order],
        items.span if isinstance(items, List) else None,
        [spans[i] for i in order] if len(spans) == len(items) else [],
    )


def _set_key(found: list[Any], items: Any) -> Callable[[int], Any]:
    """What the items of a set are sorted by: null comes last, false before true."""
    if all(item is None or isinstance(item, (str, int, float)) for item in found):
        if not any(isinstance(item, str) for item in found):
            return lambda i: (items[i] is None, 0 if items[i] is None else _comparable(items[i]))
        return lambda i: (items[i] is None, "" if items[i] is None else str(to_text(items[i])))
    return lambda i: (items[i] is None, _fingerprint(items[i]))


def _comparable(number: float) -> Any:
    return number if isinstance(number, int) else numbers.exact_of(number)


def _fingerprint(value: Any) -> str:
    """What go-cty sorts structures of a set by (`makeSetHashBytes`)."""
    if value is None or isinstance(value, Unknown):
        return "~" if value is None else "?"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, str):
        return '"' + "".join(_quoted(char) for char in value) + '"'
    if isinstance(value, (int, float)):
        return format(float(value), ".10g")
    if isinstance(value, dict):
        if value_family(value) == "map":
            return "{" + "".join(f"{_fingerprint(k)}:{_fingerprint(value[k])};" for k in sorted(value)) + "}"
        return "<" + "".join(f"{_fingerprint(value[key])};" for key in sorted(value)) + ">"
    inner = "".join(f"{_fingerprint(item)};" for item in value)
    return f"[{inner}]" if value_family(value) in ("list", "set") else f"<{inner}>"


def _quoted(char: str) -> str:
    if char in _QUOTED:
        return _QUOTED[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's `==`: no conversion between types, unknown where an unknown part decides."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _maybe_equal(left, right)
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        return _same_collection(left, right)
    if isinstance(left, float) or isinstance(right, float):
        both = isinstance(left, (int, float)) and isinstance(right, (int, float))
        return both and numbers.compare(left, right) == 0
    return bool(left == right)


def _maybe_equal(left: Any, right: Any) -> bool | Unknown:
    one, other = (left, right) if isinstance(left, Unknown) else (right, left)
    if isinstance(other, Unknown):
        starts, ends = (one.prefix, other.prefix), (one.suffix, other.suffix)
        apart = not (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0]))
        if apart or not (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])):
            return False
    elif one.differs(other):
        return False
    return waiting(one)


def waiting(*values: Any) -> Unknown:
    """The unknown result, never null, of an operation: it waits for the first unknown value."""
    first = next(value for value in values if isinstance(value, Unknown))
    return Unknown(first.reason, first.refs, first.span, not_null=True)


def _same_collection(left: Any, right: Any) -> bool | Unknown:
    apart = differ(left, right)
    if apart or isinstance(left, list) is not isinstance(right, list) or len(left) != len(right):
        return False
    if isinstance(left, list):
        same = _all_equal(equal(a, b) for a, b in zip(left, right, strict=True))
    elif left.keys() != right.keys():
        return False
    else:
        same = _all_equal(equal(left[key], right[key]) for key in left)
    if same is True and apart is None:
        return Unknown("the types of the two sides are not known", not_null=True)
    return same


def _all_equal(results: Iterable[bool | Unknown]) -> bool | Unknown:
    waiting: Unknown | None = None
    for result in results:
        if result is False:
            return False
        if isinstance(result, Unknown) and waiting is None:
            waiting = result
    return True if waiting is None else waiting


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown in a value, depth first.

    Raises:
        EvaluationError: the value is too large: nested lists that hold one another several
            times can stand for more than any machine can walk.
    """
    if not isinstance(value, (list, dict)):
        return value if isinstance(value, Unknown) else None
    stack: list[Any] = [value]
    count = size = 0
    found: Unknown | None = None
    while stack:
        item = stack.pop()
        if isinstance(item, (list, dict)):
            count += len(item)
            if count > ITEM_LIMIT:
                raise EvaluationError(f"the value has more than {ITEM_LIMIT:,} items")
            inner = item.values() if isinstance(item, dict) else item
            stack.extend(reversed(list(inner)))
        elif isinstance(item, str):
            size += len(item)
        elif found is None and isinstance(item, Unknown):
            found = item
    check_text(size)
    return found


def check_text(size: int) -> None:
    """Refuse to make texts of that many characters.

    Raises:
        EvaluationError: it is too long.
    """
    if size > TEXT_LIMIT:
        raise EvaluationError(f"the text would have more than {TEXT_LIMIT:,} characters")


def plain(value: Any) -> Any:
    """A value without spans, for JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
