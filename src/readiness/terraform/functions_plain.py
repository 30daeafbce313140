"""Functions of known numbers, collections, encodings and networks."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import (
    EvaluationError,
    equal,
    exact,
    identity,
    to_bool,
    to_number,
    to_text,
    unique,
)
from readiness.values import JsonText, List, Map

_RANGE_LIMIT = 1024
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


# -- numbers ----------------------------------------------------------------------------------


def _pow(base: float, power: float) -> int | float:
    return exact(math.pow(base, power))


def _log(number: float, base: float) -> int | float:
    return exact(
        math.log10(number) if base == 10 else math.log2(number) if base == 2 else math.log(number, base)
    )


def _parseint(text: Any, base: float) -> int:
    digits = str(to_text(text))
    negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    radix = int(base)
    if not 2 <= radix <= 62 or not digits or len(digits) > 300:
        raise EvaluationError(f"{text!r} is no number in base {radix}")
    result = 0
    for char in digits if radix > 36 else digits.lower():
        value = _DIGITS.find(char)
        if not 0 <= value < radix:
            raise EvaluationError(f"{text!r} is no number in base {radix}")
        result = result * radix + value
    return -result if negative else result


def _range(*numbers: Any) -> List:
    start, stop = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 else (1 if stop >= start else -1)
    if not step or ((step > 0) != (stop > start) and stop != start):
        raise EvaluationError("the step never leads to the end")
    if abs((stop - start) / step) > _RANGE_LIMIT:
        raise EvaluationError(f"there would be more than {_RANGE_LIMIT:,} items")
    return List([exact(start + step * position) for position in range(math.ceil((stop - start) / step))])


def _sum(items: list[Any]) -> int | float:
    if not items:
        raise EvaluationError("the list is empty")
    return exact(sum(to_number(item) for item in items))


# -- collections ------------------------------------------------------------------------------


def _chunklist(items: list[Any], size: float) -> List:
    count = int(size) or max(1, len(items))
    if count < 0:
        raise EvaluationError("the size is negative")
    return List([List(items[start : start + count]) for start in range(0, len(items), count)])


def _distinct(items: list[Any]) -> List:
    kept: dict[Any, Any] = {}
    for item in items:
        kept.setdefault(identity(item), item)
    return List(kept.values())


def _index(items: list[Any], wanted: Any) -> int:
    for position, item in enumerate(items):
        if equal(item, wanted) is True:
            return position
    raise EvaluationError("the item is not in the list")


def _matchkeys(values: list[Any], keys: list[Any], wanted: list[Any]) -> List:
    if len(values) != len(keys):
        raise EvaluationError("the number of keys is not that of the values")
    chosen = {identity(item) for item in wanted}
    return List([value for value, key in zip(values, keys, strict=True) if identity(key) in chosen])


def _setintersection(first: list[Any], *others: list[Any]) -> List:
    sets = [{identity(item) for item in other} for other in others]
    return unique([item for item in first if all(identity(item) in members for members in sets)])


def _setsubtract(first: list[Any], second: list[Any]) -> List:
    members = {identity(item) for item in second}
    return unique([item for item in first if identity(item) not in members])


def _slice(items: list[Any], start: float, end: float) -> List:
    low, high = int(start), int(end)
    if not 0 <= low <= high <= len(items):
        raise EvaluationError(f"the items {low} to {high} are not all in a list of {len(items)}")
    return List(items[low:high])


def _transpose(mapping: dict[str, Any]) -> Map:
    result: dict[str, List] = {}
    for key in sorted(mapping):
        for value in mapping[key]:
            result.setdefault(to_text(value), List()).append(key)
    return Map({key: result[key] for key in sorted(result)})


# -- encodings ----------------------------------------------------------------------------------


def _base64decode(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def _base64encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _jsondecode(text: str) -> Any:
    if isinstance(text, JsonText):
        return text.value
    return _wrap(json.loads(text, parse_constant=_no_constant))


def _no_constant(name: str) -> Any:
    raise EvaluationError(f"{name} is not JSON")


def _wrap(value: Any) -> Any:
    """Parsed JSON as values without spans."""
    if isinstance(value, dict):
        return Map({key: _wrap(item) for key, item in value.items()})
    if isinstance(value, list):
        return List([_wrap(item) for item in value])
    return exact(value) if isinstance(value, float) else value


def _yamldecode(text: str) -> Any:
    from readiness.sources.yaml_source import read

    file = read("", text)
    if file.errors:
        raise EvaluationError(f"the text is not YAML: {file.errors[0].message}")
    if len(file.documents) > 1:
        raise EvaluationError("the text holds more than one document")
    return _wrap(file.documents[0].root) if file.documents else None


def _csvdecode(text: str) -> List:
    import csv

    rows = list(csv.reader(text.splitlines(), strict=True))
    if not rows:
        raise EvaluationError("the text has no header")
    if any(len(row) != len(rows[0]) for row in rows if row):
        raise EvaluationError("a row has not as many fields as the header")
    return List([Map(zip(rows[0], row, strict=True)) for row in rows[1:] if row])


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


def _hashed(name: str, as_base64: bool) -> Callable[[str], str]:
    def function(text: str) -> str:
        import hashlib

        digest = hashlib.new(name, text.encode(), usedforsecurity=False)
        return base64.b64encode(digest.digest()).decode() if as_base64 else digest.hexdigest()

    return function


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    spaces = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    return str(uuid.uuid5(spaces.get(namespace) or uuid.UUID(namespace), name))


# -- networks -------------------------------------------------------------------------------------


def _network(prefix: str) -> Any:
    import ipaddress

    if "/" not in prefix:
        raise EvaluationError(f"{prefix!r} is not an address with a prefix length")
    return ipaddress.ip_network(prefix, strict=False)


def _cidrhost(prefix: str, number: float) -> str:
    network = _network(prefix)
    position = int(number)
    if not -network.num_addresses <= position < network.num_addresses:
        raise EvaluationError(f"{prefix} has no host number {position}")
    return str(network[position])


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise EvaluationError("networks of IPv6 have no netmask")
    return str(network.netmask)


def _subnet(network: Any, bits: int, position: int) -> Any:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= position < 1 << bits:
        raise EvaluationError(f"{network} has no subnet {position} of {bits} more bits")
    address = int(network.network_address) + (position << (network.max_prefixlen - length))
    return type(network)((address, length))


def _cidrsubnet(prefix: str, bits: float, number: float) -> str:
    return str(_subnet(_network(prefix), int(bits), int(number)))


def _cidrsubnets(prefix: str, *bits: float) -> List:
    network = _network(prefix)
    result = List()
    free = int(network.network_address)
    for count in map(int, bits):
        size = 1 << max(0, network.max_prefixlen - network.prefixlen - count)
        free = -(-free // size) * size
        position = (free - int(network.network_address)) // size
        result.append(str(_subnet(network, count, position)))
        free += size
    return result


def _dirname(path: str) -> str:
    import posixpath

    return posixpath.normpath(posixpath.dirname(path) or ".")


PLAIN: dict[str, tuple[str, Callable[..., Any]]] = {
    "abs": ("n", abs),
    "base64decode": ("s", _base64decode),
    "base64encode": ("s", _base64encode),
    "base64sha256": ("s", _hashed("sha256", True)),
    "base64sha512": ("s", _hashed("sha512", True)),
    "ceil": ("n", math.ceil),
    "chunklist": ("l n", _chunklist),
    "cidrhost": ("s n", _cidrhost),
    "cidrnetmask": ("s", _cidrnetmask),
    "cidrsubnet": ("s n n", _cidrsubnet),
    "cidrsubnets": ("s n*", _cidrsubnets),
    "csvdecode": ("s", _csvdecode),
    "dirname": ("s", _dirname),
    "distinct": ("l", _distinct),
    "floor": ("n", math.floor),
    "index": ("l x", _index),
    "jsondecode": ("s", _jsondecode),
    "log": ("n n", _log),
    "matchkeys": ("l l l", _matchkeys),
    "max": ("n n*", lambda *numbers: max(numbers)),
    "md5": ("s", _hashed("md5", False)),
    "min": ("n n*", lambda *numbers: min(numbers)),
    "parseint": ("x n", _parseint),
    "pow": ("n n", _pow),
    "range": ("n n? n?", _range),
    "reverse": ("l", lambda items: List(reversed(items))),
    "setintersection": ("l l*", _setintersection),
    "setsubtract": ("l l", _setsubtract),
    "setunion": ("l l*", lambda *sets: unique([item for part in sets for item in part])),
    "sha1": ("s", _hashed("sha1", False)),
    "sha256": ("s", _hashed("sha256", False)),
    "sha512": ("s", _hashed("sha512", False)),
    "signum": ("n", lambda number: (number > 0) - (number < 0)),
    "slice": ("l n n", _slice),
    "sort": ("l", lambda items: List(sorted(to_text(item) for item in items))),
    "sum": ("l", _sum),
    "tobool": ("x", lambda value: None if value is None else to_bool(value)),
    "tonumber": ("x", lambda value: None if value is None else to_number(value)),
    "tostring": ("x", lambda value: None if value is None else to_text(value)),
    "transpose": ("m", _transpose),
    "urlencode": ("s", _urlencode),
    "uuidv5": ("s s", _uuidv5),
    "yamldecode": ("s", _yamldecode),
}
"""Functions by name, with the kinds of their parameters (see `functions._arguments`)."""
