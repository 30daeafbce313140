"""Terraform plans and states as JSON (`terraform show -json`): told by content, then decoded.

A plan holds secrets in clear text, so neither its text nor what is decoded from it is ever cached.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from readiness.errors import SourceError

if TYPE_CHECKING:
    from readiness.sources.plan_model import PlanFile

PLAN_LIMIT = 256_000_000
"""Bytes of the largest plan that is read: machines write them, and those of large roots pass 100 MB."""

MAJOR = 1
"""The major version of the format that is read; a higher one may mean anything."""

_HEAD = 1 << 16
_FORMAT = b'"format_version"'
_MARKS = (b'"planned_values"', b'"resource_changes"', b'"terraform_version"')
_START = re.compile(rb'\s*\{\s*"format_version"\s*:\s*"')
_FIRST_KEY = re.compile(
    rb'\s*\{\s*"(?:format_version|terraform_version|applyable|checks|complete|configuration|errored'
    rb"|output_changes|planned_values|prior_state|relevant_attributes|resource_changes|resource_drift|timestamp"
    rb'|values|variables)"\s*:'
)
_LATE_START = re.compile(rb'^\{"format_version":"', re.MULTILINE)
_LOG = re.compile(rb'\s*\{"@level":"')
_BYTE = re.compile(r"\(byte (\d+)\)")
_ADDRESS = re.compile(r'"address"\s*:\s*("(?:[^"\\]|\\.)*")')
_WHERE = re.compile(r"(?: - at `(?P<path>[^`]*)`)?$")


def recognise(raw: bytes) -> str | None:
    """What of Terraform a text is: `plan` (or state), `log`, `binary` or `wrapped`; None for anything else.

    `log` is the output of `terraform plan -json`, `binary` a saved plan, `wrapped` a plan with other
    text before it.
    """
    if raw.startswith(b"PK\x03\x04"):
        return "binary" if b"tfplan" in raw else None
    raw = _utf8(raw)
    head = raw[:_HEAD]
    if _LOG.match(head):
        return "log"
    if _START.match(head):
        return "plan"
    if _FORMAT not in raw or not any(mark in raw for mark in _MARKS):
        return None
    if _LATE_START.search(head):
        return "wrapped"
    return "plan" if _has_version(raw) else None


def may_be_plan(head: bytes) -> bool:
    """Whether the beginning of a large text may be that of a plan, with its keys in any order."""
    return _FIRST_KEY.match(_utf8(head)) is not None or recognise(head) is not None


def _utf8(raw: bytes) -> bytes:
    """The bytes as UTF-8 without a mark: `>` of Windows PowerShell 5 writes UTF-16."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")


def _has_version(raw: bytes) -> bool:
    """Whether a JSON object has `format_version` at its top, wherever tools have sorted it to."""
    try:
        top = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return "format_version" in top and "kind" not in top


_REFUSED = {
    "binary": "this is a saved plan in Terraform's own format; "
    "check what `terraform show -json {name}` prints",
    "log": "this is the log of `terraform plan -json`, not a plan; run `terraform plan -out=tfplan` "
    "and check what `terraform show -json tfplan` prints",
    "wrapped": "there is other text before the plan; leave it out (with hashicorp/setup-terraform set "
    "`terraform_wrapper: false`)",
}


def read_plan(path: str, raw: bytes, kind: str) -> PlanFile | SourceError:
    """Decode what `recognise` has told, or say what is wrong with it and what to do."""
    from readiness.sources.plan_model import Document, PlanFile, Versioned

    if kind != "plan":
        return SourceError(path, 1, 1, _REFUSED[kind].format(name=path if path != "-" else "FILE"))
    raw = _utf8(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _position(raw[: error.start])
        return SourceError(path, line, column, "the plan is not UTF-8")
    try:
        version = msgspec.json.decode(raw, type=Versioned).format_version
        major = version.split(".", 1)[0]
        if major not in ("0", str(MAJOR)):
            line, column = _position(raw[: raw.find(_FORMAT)])
            message = f"the plan has format version {version}; this release reads versions 0.x and {MAJOR}.x"
            return SourceError(path, line, column, f"{message}: use a newer release")
        document = msgspec.json.decode(raw, type=Document)
    except msgspec.ValidationError as error:
        return SourceError(path, 1, 1, f"this is no plan that Terraform writes: {_invalid(str(error))}")
    except RecursionError:
        return SourceError(path, 1, 1, "values of the plan are nested too deep to be read")
    except msgspec.DecodeError as error:
        return _broken(path, raw, str(error))
    return PlanFile(path, document, _places(text))


def _invalid(message: str) -> str:
    """What a decoder says of a wrong type and its place; never a value."""
    place = _WHERE.search(message)
    where = place["path"] if place is not None and place["path"] else "$"
    return f"{message[: place.start()] if place else message}, at {where.removeprefix('$.')}"


def _broken(path: str, raw: bytes, message: str) -> SourceError:
    """A text that stops being JSON."""
    found = _BYTE.search(message)
    at = int(found[1]) if found else len(raw)
    line, column = _position(raw[:at])
    if found is None or at >= len(raw.rstrip()):
        what = "the plan ends too early: write it again with `terraform show -json`"
    else:
        what = "the plan is not valid JSON from here on: write it again with `terraform show -json`"
    return SourceError(path, line, column, what)


def _position(before: bytes) -> tuple[int, int]:
    """Line and column, from 1, of what follows these bytes."""
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1


def _places(text: str) -> dict[str, tuple[int, int, int]]:
    """Line, column and end column of the first mention of each address."""
    places: dict[str, tuple[int, int, int]] = {}
    line, line_start, at = 1, 0, 0
    for match in _ADDRESS.finditer(text):
        start = match.start()
        newline = text.rfind("\n", at, start)
        if newline >= 0:
            line += text.count("\n", at, start)
            line_start = newline + 1
        at = start
        address = msgspec.json.decode(match[1])
        if address not in places:
            places[address] = (line, start - line_start + 1, match.end() - line_start + 1)
    return places
