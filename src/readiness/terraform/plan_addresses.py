"""The addresses of plans and states (`module.a["x"].data.t.n[0]`), taken apart.

It reads texts alone, so that whoever has an address need not load what reads plans.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import json

Key = str | int | None
Path = tuple[tuple[str, Key], ...]
"""The instance of a module: the names of the calls that lead to it, with their keys."""

_STEP = re.compile(r'\.?([^\W\d][\w-]*)|\[("(?:[^"\\]|\\.)*"|-?\d+)\]')


class Address(NamedTuple):
    """The parts of the address of a resource instance."""

    module: Path
    mode: str
    type: str
    name: str
    key: Key


def steps_of(text: str) -> list[Key]:
    """The names and keys of an address or reference, in order; keys are those that are in brackets."""
    found: list[Key] = []
    for match in _STEP.finditer(text):
        found.append(match[1] if match[1] is not None else json.decode(match[2]))
    return found


def parse_address(text: str) -> Address:
    """The parts of the address of a resource instance (`module.a["x"].data.t.n[0]`)."""
    names: list[tuple[str, Key]] = []
    for match in _STEP.finditer(text):
        if match[1] is not None:
            names.append((match[1], None))
        elif names:
            names[-1] = (names[-1][0], json.decode(match[2]))
    module: list[tuple[str, Key]] = []
    while len(names) > 2 and names[0][0] == "module":
        module.append(names[1])
        names = names[2:]
    mode = "data" if names and names[0][0] == "data" else "managed"
    if mode == "data":
        names = names[1:]
    type_, name = (*names, ("", None), ("", None))[:2]
    return Address(tuple(module), mode, type_[0], name[0], name[1])


def without_key(text: str) -> str:
    """An address without the keys of instances: what its block is called."""
    return re.sub(r'\[(?:"(?:[^"\\]|\\.)*"|-?\d+)\]', "", text)
