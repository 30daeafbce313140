"""Plain and tagged scalars, resolved as the Kubernetes API machinery resolves them.

`kubectl`, the API server and Helm read YAML through sigs.k8s.io/yaml, a fork of go-yaml v2 that
turns YAML into JSON.  The facts here are those of `goyaml.v2/resolve.go` (words and numbers) and
`yaml.go` (`convertToJSONableObject`: keys) of that module, and of Go's `encoding/json`:

* `y`, `yes`, `on` and `true` (and `n`, `no`, `off`, `false`), each in three spellings of case, are
  booleans, the single letters included; a quoted scalar is always a string;
* `0777`, `0o777`, `0x1F`, `0b101` and `1_000` are integers, `08` is the number 8, and there is no
  base 60 (`22:22` is a string);
* a timestamp is a string;
* a number passes through JSON: one without a fraction that fits 64 bits is an integer (`1.0`,
  `1e3`), an integer that does not fit is a float;
* a key that is a number or a boolean becomes the text of that value (`on: push` has key `true`).
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from typing import Any

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT64 = range(-(2**63), 2**63)
# Python refuses to convert very long decimal texts, and no 64-bit number is longer.
_LONGEST_INTEGER = 80

TAG_PREFIX = "tag:yaml.org,2002:"


class BadScalarError(ValueError):
    """A scalar whose text does not fit its tag; the message says how."""


def resolve(text: str) -> Any:
    """The value of a plain (unquoted, untagged) scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    value = _integer(text.replace("_", ""))
    if value is None:
        value = _float(text if text[0] == "." else text.replace("_", ""))
    return text if value is None else value


def _integer(text: str) -> int | float | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    sign, hexadecimal, binary, octal, decimal = match.groups()
    digits = hexadecimal or binary or octal or decimal
    if len(digits) > _LONGEST_INTEGER:
        return _float(text)
    value = int(digits, 16 if hexadecimal else 2 if binary else 8 if octal else 10)
    if sign == "-":
        value = -value
    return value if value in _INT64 else float(value)


def _float(text: str) -> int | float | None:
    if _FLOAT.fullmatch(text) is None:
        return None
    value = float(text)
    # Go reports a number out of range as an error and keeps the text.
    return None if math.isinf(value) else through_json(value)


def through_json(value: float) -> int | float:
    """A float as it comes back from JSON: without a fraction it is written, and read, as an integer."""
    return int(value) if value.is_integer() and int(value) in _INT64 else value


def resolve_tagged(tag: str, text: str, quoted: bool) -> Any:
    """The value of a scalar with a `tag:yaml.org,2002:` tag.

    Raises BadScalarError when the text cannot be read as the tag says.
    """
    name = tag.removeprefix(TAG_PREFIX)
    if name == "str" or (name == "timestamp" and text):
        return text
    if name == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise BadScalarError(
                f"the text is not valid base64, as its tag !!binary says ({error})"
            ) from None
    value = resolve(text)
    fits = {
        "null": value is None,
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, (int, float)) and not isinstance(value, bool),
    }
    if name not in fits:
        return text if quoted else value
    if not fits[name]:
        raise BadScalarError(f"`{text}` is not a valid !!{name}, as its tag says")
    return value


def key_text(value: Any) -> str | None:
    """The key that a scalar value gives in JSON, or None for a value that cannot be a key."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float_key(value)
    return None


def _float_key(value: float) -> str:
    """A float as Go's `strconv.FormatFloat(value, 'g', -1, 32)` writes it."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    precision = next(
        digits
        for digits in range(1, 10)
        if struct.pack("f", float(f"{single:.{digits - 1}e}")) == struct.pack("f", single)
    )
    mantissa = f"{single:.{precision - 1}e}"
    exponent = int(mantissa.rpartition("e")[2])
    if exponent < -4 or exponent >= 6:
        return mantissa
    return f"{single:.{max(precision - 1 - exponent, 0)}f}"
