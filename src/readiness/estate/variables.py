"""Options about Terraform variables → what the builder of roots needs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from readiness.errors import SourceError, UsageError
from readiness.estate.reader import Reader
from readiness.repo.discover import FoundFile, shown_path
from readiness.sources.hcl import ast
from readiness.terraform.config import Value, file_values
from readiness.terraform.inputs import PATTERNS, Inputs
from readiness.terraform.scope import Place

_NAME = re.compile(r"[^\W\d][\w-]*")
_AMBIENT = "TF_VAR_"


class VariableOptions(Struct):
    """What a run is told of variables.

    `files` are variable files and `values` texts `NAME=VALUE`, in the order in which they were given
    each; `ambient` says whether `TF_VAR_` variables of the process count.  `environments` are `NAME`
    (evaluate only this one) or `NAME=FILE`; `patterns` say where roots keep those files.
    """

    files: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ambient: bool = False
    environments: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


def read_inputs(options: VariableOptions, reader: Reader, base: Path) -> tuple[Inputs, list[SourceError]]:
    """The inputs for every root, and what could not be read of their files.

    Raises:
        UsageError: a file does not exist, or a text is not `NAME=VALUE`.
    """
    errors: list[SourceError] = []
    given = [value._replace(supplied=True) for value in _read(options.files, reader, base, errors)]
    for text in options.values:
        name, equals, value = text.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise UsageError(f"--var {text!r} is not NAME=VALUE")
        given.append(_text_value(name.strip(), value, f"--var {name.strip()}", "command line", reader))
    ambient = [
        _text_value(key.removeprefix(_AMBIENT), value, key, "environment", reader)
        for key, value in sorted(os.environ.items())
        if options.ambient and key.startswith(_AMBIENT) and _NAME.fullmatch(key.removeprefix(_AMBIENT))
    ]
    environments: dict[str, list[Value]] = {}
    for text in options.environments:
        name, equals, file = text.partition("=")
        if not name or (equals and not file):
            raise UsageError(f"--environment {text!r} is neither NAME nor NAME=FILE")
        if equals:
            environments.setdefault(name, []).extend(_read([file], reader, base, errors))
    inputs = Inputs(
        ambient=ambient,
        given=given,
        environments=environments,
        workspaces=options.workspaces,
        chosen=tuple(dict.fromkeys(text.partition("=")[0] for text in options.environments)),
        # A file that is named is the one to plan with: those that lie about are then left alone.
        patterns=() if options.files and not options.environments else options.patterns or PATTERNS,
    )
    return inputs, errors


def _read(names: Iterable[str], reader: Reader, base: Path, errors: list[SourceError]) -> list[Value]:
    values: list[Value] = []
    for file in reader.read(_found(list(names), base)).hcl:
        values += file_values(file)
        errors += file.errors
    return values


def _found(names: Sequence[str], base: Path) -> list[FoundFile]:
    files = []
    for name in names:
        path = base / name
        if not path.is_file():
            raise UsageError(f"the variable file {name!r} does not exist")
        kind = "hcl-json" if name.endswith(".json") else "hcl"
        files.append(FoundFile(shown_path(path, base), path, kind))
    return files


def _text_value(name: str, text: str, source: str, where: str, reader: Reader) -> Value:
    """A value given as text: literal, or an expression, as the type of the variable will have it."""
    at = (1, 1, 1, 1)
    literal = ast.Attribute(at, name, ast.Lit(at, text))
    structured: ast.Expr | None = None
    for file in reader.read_texts({f"{where}.tfvars": f"{name} = {text}\n"}).hcl:
        for value in file_values(file):
            structured = value.attribute.value
    return Value(literal, Place(where, 0), source, structured, supplied=True)
