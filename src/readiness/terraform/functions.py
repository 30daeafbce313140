"""Built-in functions of Terraform.

Source: https://developer.hashicorp.com/terraform/language/functions.  A function that is not
here, or is impure (`timestamp`, `uuid`), gives an Unknown that names it.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, plain, to_bool, to_number, to_text, unique
from readiness.terraform.scope import Scope
from readiness.values import JsonText, List, Map, Unknown, partial_json, unknowns


def call(name: str, args: list[Any], _scope: Scope) -> Any:
    """The value of a function call.

    Raises:
        EvaluationError: wrong arguments.
    """
    return call_plain(name.removeprefix("core::"), args)


def call_plain(name: str, args: list[Any]) -> Any:
    """The value of a function that needs no scope; raises as `call` does."""
    structural = _STRUCTURAL.get(name)
    try:
        if structural is not None:
            return structural(*args)
        for arg in args:
            if isinstance(arg, Unknown):
                return Unknown(arg.reason, arg.refs, arg.span, not_null=True)
        function = _PLAIN.get(name)
        if function is None:
            return Unknown(f"the function {name}() is not evaluated", not_null=True)
        for arg in args:
            first = next(unknowns(arg), None)
            if first is not None:
                return Unknown(first.reason, first.refs, first.span, not_null=True)
        return function(*args)
    except (TypeError, ValueError, IndexError, AttributeError, KeyError) as error:
        raise EvaluationError(f"{name}() was given arguments it does not take ({error})") from None


# -- functions that look at collections whose items may be unknown --------------------------


def _first_unknown(*values: Any) -> Unknown | None:
    return next((value for value in values if isinstance(value, Unknown)), None)


def _merge(*maps: Any) -> Any:
    unknown = _first_unknown(*maps)
    if unknown is not None:
        return Unknown(unknown.reason, unknown.refs, unknown.span, not_null=True)
    result = Map()
    for part in maps:
        if part is None:
            continue
        result.update(part)
        if isinstance(part, Map):
            result.key_spans.update(part.key_spans)
            result.value_spans.update(part.value_spans)
            result.span = result.span or part.span
    return result


def _concat(*lists: Any) -> Any:
    unknown = _first_unknown(*lists)
    if unknown is not None:
        return Unknown(unknown.reason, unknown.refs, unknown.span, not_null=True)
    items: list[Any] = []
    spans: list[Any] = []
    for part in lists:
        items.extend(part)
        spans.extend(part.item_spans if isinstance(part, List) else [])
    return List(items, None, spans if len(spans) == len(items) else [])


def _flatten(value: Any) -> Any:
    items: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Unknown):
            return Unknown(item.reason, item.refs, item.span, not_null=True)
        if isinstance(item, list):
            inner = _flatten(item)
            if isinstance(inner, Unknown):
                return inner
            items.extend(inner)
        else:
            items.append(item)
    return List(items)


def _jsonencode(value: Any) -> Any:
    first = next(unknowns(value), None)
    if first is not None:
        return partial_json(value, first)
    return JsonText(json.dumps(plain(value), separators=(",", ":"), sort_keys=True), value)


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    unknown = _first_unknown(value, key)
    if unknown is not None:
        return Unknown(unknown.reason, unknown.refs, unknown.span)
    if key in value:
        return value[key]
    if default:
        return default[0]
    raise EvaluationError(f"there is no key {key!r}")


def _coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unknown) and not value.not_null:
            return value
        if value is not None and value != "":
            return value
    raise EvaluationError("coalesce() found no value that is not null or empty")


def _length(value: Any) -> Any:
    return Unknown(value.reason, value.refs, value.span, not_null=True) if isinstance(value, Unknown) else len(value)


def _element(items: Any, position: Any) -> Any:
    unknown = _first_unknown(items, position)
    return unknown if unknown is not None else items[int(position) % len(items)]


def _set(value: Any) -> Any:
    if isinstance(value, Unknown):
        return value
    first = next((item for item in value if isinstance(item, Unknown)), None)
    if first is not None:
        return Unknown(first.reason, first.refs, first.span, not_null=True)
    return unique(value)


def _contains(items: Any, wanted: Any) -> Any:
    unknown = _first_unknown(items, wanted)
    if unknown is not None:
        return unknown
    if any(item == wanted for item in items if not isinstance(item, Unknown)):
        return True
    unknown = _first_unknown(*items)
    return False if unknown is None else unknown


def _same(value: Any) -> Any:
    return value


def _list(value: Any) -> Any:
    return List(value.values()) if isinstance(value, dict) else value


def _keys(value: Any) -> Any:
    return value if isinstance(value, Unknown) else List(sorted(value))


def _values(value: Any) -> Any:
    return value if isinstance(value, Unknown) else List([value[key] for key in sorted(value)])


def _compact(items: Any) -> Any:
    unknown = _first_unknown(items, *(items if isinstance(items, list) else ()))
    return unknown if unknown is not None else List([item for item in items if item not in (None, "")])


def _one(items: Any) -> Any:
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, items.span)
    if len(items) > 1:
        raise EvaluationError("one() was given more than one item")
    return items[0] if items else None


def _zipmap(keys: Any, values: Any) -> Any:
    unknown = _first_unknown(keys, values, *(keys if isinstance(keys, list) else ()))
    return unknown if unknown is not None else Map(zip(map(to_text, keys), values, strict=True))


def _setproduct(*sets: Any) -> Any:
    unknown = _first_unknown(*sets)
    if unknown is not None:
        return unknown
    import itertools

    return List([List(items) for items in itertools.product(*sets)])


_STRUCTURAL: dict[str, Callable[..., Any]] = {
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "element": _element,
    "flatten": _flatten,
    "jsonencode": _jsonencode,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "setproduct": _setproduct,
    "tolist": _list,
    "tomap": _same,
    "toset": _set,
    "values": _values,
    "zipmap": _zipmap,
}


# -- functions of known values ----------------------------------------------------------------


def _format(template: str, *args: Any) -> str:
    rest = list(args)

    def one(match: re.Match[str]) -> str:
        verb = match.group(2)
        if verb == "%":
            return "%"
        value = rest.pop(0)
        if verb in ("s", "v"):
            return ("%" + match.group(1) + "s") % to_text(value)
        if verb == "q":
            return json.dumps(to_text(value))
        number = to_number(value)
        return ("%" + match.group(1) + verb) % (int(number) if verb in "dxXob" else number)

    return re.sub(r"%([-+ 0#]*\d*(?:\.\d+)?)([svdfqtxXeEgG%])", one, template)


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return re.sub(old[1:-1], re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new), text)
    return text.replace(old, new)


def _substr(text: str, start: int, length: int) -> str:
    start = int(start) if start >= 0 else len(text) + int(start)
    return text[start:] if length == -1 else text[start : start + int(length)]


def _regex(pattern: str, text: str) -> Any:
    match = re.search(pattern, text)
    if match is None:
        raise EvaluationError(f"regex() found no match for {pattern!r}")
    if match.groupdict():
        return Map(match.groupdict())
    return List(match.groups()) if match.groups() else match.group()


def _range(*args: Any) -> Any:
    numbers = [to_number(arg) for arg in args]
    start, stop = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else (1 if stop >= start else -1)
    if not step or abs((stop - start) / step) > 1024:
        raise EvaluationError("range() would have more than 1,024 items")
    count = max(0, math.ceil((stop - start) / step))
    return List([start + step * position for position in range(count)])


def _slice(items: list[Any], start: int, end: int) -> Any:
    return List(items[int(start) : int(end)])


def _title(text: str) -> str:
    return re.sub(r"\b[a-z]", lambda match: match.group().upper(), text)



_PLAIN: dict[str, Callable[..., Any]] = {
    "abs": lambda x: abs(to_number(x)),
    "alltrue": lambda xs: all(to_bool(x) for x in xs),
    "anytrue": lambda xs: any(to_bool(x) for x in xs),
    "base64decode": lambda x: base64.b64decode(x).decode(),
    "base64encode": lambda x: base64.b64encode(x.encode()).decode(),
    "ceil": lambda x: math.ceil(to_number(x)),
    "chomp": lambda x: x.rstrip("\r\n"),
    "chunklist": lambda xs, n: List([List(xs[i : i + int(n)]) for i in range(0, len(xs), int(n))]),
    "coalescelist": lambda *xs: next(x for x in xs if x),
    "distinct": lambda xs: List([x for i, x in enumerate(xs) if x not in xs[:i]]),
    "endswith": lambda x, y: x.endswith(y),
    "floor": lambda x: math.floor(to_number(x)),
    "format": _format,
    "formatlist": lambda f, xs: List([_format(f, x) for x in xs]),
    "indent": lambda n, x: x.replace("\n", "\n" + " " * int(n)),
    "index": lambda xs, x: xs.index(x),
    "join": lambda sep, *xs: sep.join(to_text(x) for part in xs for x in part),
    "jsondecode": lambda x: x.value if isinstance(x, JsonText) else _plain_json(x),
    "lower": lambda x: to_text(x).lower(),
    "matchkeys": lambda vs, ks, ws: List([v for v, k in zip(vs, ks, strict=True) if k in ws]),
    "max": lambda *xs: max(to_number(x) for x in xs),
    "min": lambda *xs: min(to_number(x) for x in xs),
    "parseint": lambda x, base: int(to_text(x), int(base)),
    "pow": lambda x, y: to_number(x) ** to_number(y),
    "range": _range,
    "regex": _regex,
    "regexall": lambda p, x: List([List(m.groups()) if m.groups() else m.group() for m in re.finditer(p, x)]),
    "replace": _replace,
    "reverse": lambda xs: List(list(reversed(xs))),
    "setintersection": lambda xs, *ys: unique([x for x in xs if all(x in y for y in ys)]),
    "setsubtract": lambda xs, ys: unique([x for x in xs if x not in ys]),
    "setunion": lambda *xs: unique([x for part in xs for x in part]),
    "signum": lambda x: (to_number(x) > 0) - (to_number(x) < 0),
    "slice": _slice,
    "sort": lambda xs: List(sorted(to_text(x) for x in xs)),
    "split": lambda sep, x: List(x.split(sep) if sep else list(x)),
    "startswith": lambda x, y: x.startswith(y),
    "strcontains": lambda x, y: y in x,
    "strrev": lambda x: x[::-1],
    "substr": _substr,
    "sum": lambda xs: sum(to_number(x) for x in xs),
    "title": _title,
    "tobool": to_bool,
    "tonumber": to_number,
    "tostring": to_text,
    "transpose": lambda m: Map({v: List([k for k in m if v in m[k]]) for v in sorted({v for vs in m.values() for v in vs})}),
    "trim": lambda x, chars: x.strip(chars),
    "trimprefix": lambda x, y: x.removeprefix(y),
    "trimspace": lambda x: x.strip(),
    "trimsuffix": lambda x, y: x.removesuffix(y),
    "upper": lambda x: to_text(x).upper(),
}


def _plain_json(text: str) -> Any:
    """Parsed JSON text as values without spans."""
    return _wrap(json.loads(text))


def _wrap(value: Any) -> Any:
    if isinstance(value, dict):
        return Map({key: _wrap(item) for key, item in value.items()})
    if isinstance(value, list):
        return List([_wrap(item) for item in value])
    return value
