"""The schemas of providers: text files beside this module, read when a type of theirs is first asked for.

`scripts/refresh_provider_schemas.py` makes the files and says where their facts come from; their header says
of which version, and how they are written.  `retired.txt` is written by hand.
"""

from __future__ import annotations

import functools
import re
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct, field

_FOLDER = Path(__file__).parent
_RETIRED = "retired"
_NAME = re.compile(r"[a-z0-9_]+", re.IGNORECASE)
# What every resource may have: https://developer.hashicorp.com/terraform/language/resources/syntax
_EVERYWHERE = (
    "lifecycle{create_before_destroy,destroy,ignore_changes[],postcondition*,precondition*,prevent_destroy,"
    "replace_triggered_by[]},provisioner*,connection*,timeouts*,id"
)


class Shape(Struct, eq=False):
    """What a schema says of a value.

    `kind` is `scalar`, `list` (of scalars), `any`, `blocks` (a list of objects), `object`, `either` (blocks
    or an object) or `names` (an object of which it is not known what is nested where); `fields` are those
    of the objects.
    """

    kind: str
    fields: dict[str, Shape] = field(default_factory=dict)


SCALAR = Shape("scalar")
SCALARS = Shape("list")
ANY = Shape("any")


class _Provider:
    """One file: its lines, and the shapes that were asked for."""

    def __init__(self, path: Path) -> None:
        lines = (
            line.split("\t", 1)
            for line in path.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        )
        self.texts = dict(line for line in lines if len(line) == 2)
        self._definitions: dict[str, dict[str, Shape]] = {}

    def shape(self, type_: str) -> Shape:
        text = self.texts[type_]
        if text.startswith("~"):
            # Nobody knows which of the names stands in which block.
            shape = Shape("names")
            shape.fields.update((name, shape) for name in text[1:].split(","))
            shape.fields.update(
                (name, value) for name, value in self._fields(_EVERYWHERE, 0)[0].items() if name != "id"
            )
            return shape
        return Shape("object", {**self._fields(_EVERYWHERE, 0)[0], **self._fields(text, 0)[0]})

    def _fields(self, text: str, at: int) -> tuple[dict[str, Shape], int]:
        """The fields that are written from an offset on, and where they end."""
        fields: dict[str, Shape] = {}
        while at < len(text) and text[at] != "}":
            match = _NAME.match(text, at)
            if match is None:
                raise ValueError(f"no name at {at} of {text!r}")
            at = match.end()
            fields[match[0]], at = self._value(text, at)
            if text.startswith(",", at):
                at += 1
        return fields, at

    def _value(self, text: str, at: int) -> tuple[Shape, int]:
        if text.startswith("[]", at):
            return SCALARS, at + 2
        if text.startswith("*", at):
            return ANY, at + 1
        kind = {"=": "object", "?": "either"}.get(text[at : at + 1], "blocks")
        at += kind != "blocks"
        if text.startswith("{", at):
            fields, at = self._fields(text, at + 1)
            return Shape(kind, fields), at + 1
        if text.startswith("@", at):
            end = at + 1
            while end < len(text) and text[end].isdigit():
                end += 1
            return Shape(kind, self._definition(text[at:end])), end
        return SCALAR, at

    def _definition(self, name: str) -> dict[str, Shape]:
        if name not in self._definitions:
            self._definitions[name] = self._fields(self.texts[name], 0)[0]
        return self._definitions[name]


@functools.cache
def _provider(name: str) -> _Provider | None:
    path = _FOLDER / f"{name}.txt"
    return _Provider(path) if name.isalnum() and name != _RETIRED and path.is_file() else None


@functools.cache
def _retired() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Other names of types, and the arguments that were retired, by type."""
    same: dict[str, str] = {}
    arguments: dict[str, list[str]] = {}
    for line in (_FOLDER / f"{_RETIRED}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            type_, what, *_source = line.split("\t")
            if what.startswith("="):
                same[type_] = what[1:]
            else:
                arguments.setdefault(type_, []).append(what)
    return same, arguments


@functools.cache
def shape_of(type_: str) -> Shape | None:
    """The shape of a resource type (`aws_s3_bucket`), None where no schema of it is at hand."""
    same, arguments = _retired()
    provider = _provider(type_.partition("_")[0])
    known = same.get(type_, type_)
    if provider is None or known not in provider.texts:
        return None
    shape = provider.shape(known)
    for path in arguments.get(type_, ()):
        *above, name = path.split(".")
        holder = shape
        for part in above:
            holder = holder.fields[part]
        holder.fields.setdefault(name, ANY)
    return shape


def types_like(pattern: str) -> list[str]:
    """The types of which a schema is at hand that a glob (`aws_*`) takes, sorted."""
    word = pattern.partition("_")[0]
    names = [word] if word.isalnum() else sorted(path.stem for path in _FOLDER.glob("*.txt"))
    found = [provider for provider in map(_provider, names) if provider is not None]
    return sorted(type_ for provider in found for type_ in provider.texts if fnmatchcase(type_, pattern))
