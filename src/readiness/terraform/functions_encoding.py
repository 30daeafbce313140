"""Functions that encode and decode texts.

Source: https://developer.hashicorp.com/terraform/language/functions (Encoding Functions), and
https://opentofu.org/docs/language/functions/ (base64gunzip, urldecode).
"""

from __future__ import annotations

import base64
import re
from typing import Any

from readiness.terraform.convert import TEXT_LIMIT, EvaluationError, check_text, first_unknown
from readiness.terraform.functions_common import Function, Unevaluated, not_known
from readiness.terraform.functions_csv import csvdecode
from readiness.terraform.functions_json import decode, json_text
from readiness.terraform.functions_yaml import yamldecode, yamlencode
from readiness.values import JsonText, Unknown, partial_json

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_GZIP_HEADER = "H4sIAAAAAAAA/"
"""How gzip of Go begins, in Base64: no name, no time, an unknown system."""


def from_base64(text: str) -> bytes:
    """The bytes of Base64 with padding; line breaks do not count.

    Raises:
        EvaluationError: the text is none.
    """
    packed = text.replace("\r", "").replace("\n", "")
    if len(packed) % 4 or not _BASE64.fullmatch(packed):
        raise EvaluationError("the text is not Base64")
    return base64.b64decode(packed)


def _base64decode(text: str) -> str:
    try:
        return from_base64(text).decode()
    except UnicodeDecodeError:
        raise EvaluationError("what the text encodes is not UTF-8") from None


def _base64encode(text: Any) -> Any:
    if isinstance(text, Unknown):
        found = not_known(text)
        start = text.prefix[:-1].encode()  # the last character may yet combine with what follows
        found.prefix = base64.b64encode(start[: len(start) // 3 * 3]).decode()
        return found
    return base64.b64encode(text.encode()).decode()


def _base64gzip(text: Any) -> Unknown:
    """Unknown: what gzip makes of a text depends on how Go compresses."""
    if isinstance(text, Unknown):
        found = not_known(text)
    else:
        found = Unknown("the function base64gzip() is not evaluated", not_null=True)
    found.prefix = _GZIP_HEADER
    return found


def _base64gunzip(text: str) -> str:
    import zlib

    data = from_base64(text)
    result = b""
    try:
        while data:
            inflate = zlib.decompressobj(wbits=31)
            result += inflate.decompress(data, TEXT_LIMIT * 4 - len(result) + 1)
            check_text(len(result) // 4)
            if not inflate.eof:
                raise EvaluationError("the compressed data is cut off")
            data = inflate.unused_data
        return result.decode()
    except zlib.error:
        raise EvaluationError("the data is not compressed with gzip") from None
    except UnicodeDecodeError:
        raise Unevaluated("the data is not UTF-8") from None


def _textencodebase64(text: str, name: str) -> str:
    from readiness.terraform.encodings import encoded

    return base64.b64encode(encoded(text, name)).decode()


def _textdecodebase64(text: str, name: str) -> str:
    from readiness.terraform.encodings import decoded

    return decoded(from_base64(text), name)


def _jsonencode(value: Any) -> Any:
    first = first_unknown(value)
    if first is not None:
        return partial_json(value, first)
    return JsonText(json_text(value), value)


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


def _urldecode(text: str) -> str:
    """Text out of the query of a URL, as `url.QueryUnescape` of Go reads it."""
    from urllib.parse import unquote_to_bytes

    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise EvaluationError("a `%` is not followed by two hexadecimal digits")
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise Unevaluated("the text is not UTF-8") from None


ENCODING: dict[str, Function] = {
    "base64decode": Function(_base64decode, "s"),
    "base64encode": Function(_base64encode, "s", unknown="none"),
    "base64gunzip": Function(_base64gunzip, "s"),
    "base64gzip": Function(_base64gzip, "s", unknown="none"),
    "csvdecode": Function(csvdecode, "s"),
    "jsondecode": Function(decode, "s", nullable=True),
    "jsonencode": Function(_jsonencode, "X", unknown="none"),
    "textdecodebase64": Function(_textdecodebase64, "s s"),
    "textencodebase64": Function(_textencodebase64, "s s"),
    "urldecode": Function(_urldecode, "s"),
    "urlencode": Function(_urlencode, "s"),
    "yamldecode": Function(yamldecode, "s", nullable=True),
    "yamlencode": Function(yamlencode, "X", unknown="none"),
}
