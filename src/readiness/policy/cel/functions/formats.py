"""Kubernetes' format library: `format.dns1123Label().validate(name)`.

`validate` gives an optional list of what is wrong, none when the text fits the format.  The
formats are those of k8s.io/apimachinery/pkg/util/validation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.functions.network import to_url
from readiness.policy.cel.functions.times import to_timestamp
from readiness.policy.cel.registry import Function, function, method
from readiness.policy.cel.types import NONE, Opaque, OptionalValue, no_overload

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

Check = Callable[[str], list[str]]


class Format(Opaque):
    """A named format; `key` is its name."""

    __slots__ = ()
    cel_type: ClassVar[str] = "kubernetes.NamedFormat"
    ordered: ClassVar[bool] = False

    def __str__(self) -> str:
        return str(self.key)


def _pattern(expression: re.Pattern[str], limit: int, shape: str) -> Check:
    def check(text: str) -> list[str]:
        wrong = [f"must be no more than {limit} characters"] if len(text) > limit else []
        return wrong if expression.fullmatch(text) else [*wrong, shape]

    return check


def _subdomain(text: str) -> list[str]:
    wrong = ["must be no more than 253 characters"] if len(text) > 253 else []
    if all(_LABEL.fullmatch(label) for label in text.split(".")):
        return wrong
    return [
        *wrong,
        "must be lower case letters, digits, `-` and `.`, each part starting and ending without `-`",
    ]


_label = _pattern(_LABEL, 63, "must be lower case letters, digits and `-`, and start and end without `-`")
_label_1035 = _pattern(
    _LABEL_1035, 63, "must be lower case letters, digits and `-`, start with a letter and end without `-`"
)
_name = _pattern(
    _NAME, 63, "must be letters, digits, `-`, `_` and `.`, and start and end with a letter or digit"
)


def _qualified(text: str) -> list[str]:
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return ["must be a name, or a DNS subdomain, `/` and a name"]
    wrong = [f"prefix part {problem}" for problem in _subdomain(prefix)] if slash else []
    return [*wrong, *(f"name part {problem}" for problem in _name(name))]


def _prefix(check: Check) -> Check:
    """For names to which something is added: a dash at the end is fine."""

    def relaxed(text: str) -> list[str]:
        return check(text[:-1] + "a" if len(text) > 1 and text.endswith("-") else text)

    return relaxed


def _label_value(text: str) -> list[str]:
    return _name(text) if text else []


def _parses(parse: Callable[[str], Any], text: str) -> list[str]:
    try:
        parse(text)
    except CelError as error:
        return [error.message]
    return []


def _date(text: str) -> list[str]:
    if not _DATE.fullmatch(text):
        return ["must be a date such as 2026-01-31"]
    return [problem.replace("T00:00:00Z", "") for problem in _parses(to_timestamp, f"{text}T00:00:00Z")]


_FORMATS: dict[str, Check] = {
    "dns1123Label": _label,
    "dns1123Subdomain": _subdomain,
    "dns1035Label": _label_1035,
    "qualifiedName": _qualified,
    "dns1123LabelPrefix": _prefix(_label),
    "dns1123SubdomainPrefix": _prefix(_subdomain),
    "dns1035LabelPrefix": _prefix(_label_1035),
    "labelValue": _label_value,
    "uri": lambda text: _parses(to_url, text),
    "uuid": lambda text: [] if _UUID.fullmatch(text) else ["must be a UUID"],
    "byte": lambda text: [] if _BASE64.fullmatch(text) else ["must be base64"],
    "date": _date,
    "datetime": lambda text: _parses(to_timestamp, text),
}


def _named(name: Any) -> OptionalValue:
    if not isinstance(name, str):
        raise no_overload("format.named", name)
    return OptionalValue(True, Format(name)) if name in _FORMATS else NONE


def _validate(form: Any, text: Any) -> OptionalValue:
    if not isinstance(form, Format) or not isinstance(text, str):
        raise no_overload("validate", form, text)
    wrong = _FORMATS[form.key](text)
    return OptionalValue(True, wrong) if wrong else NONE


def _constant(name: str) -> Function:
    value = Format(name)
    return function(f"format.{name}", lambda: value, 0)


FUNCTIONS = (
    *(_constant(name) for name in _FORMATS),
    function("format.named", _named),
    method("validate", _validate, 1),
)
