"""Globs of addresses, paths and names, as exceptions are written with them.

In all of them `*` is any text and `?` one character; everything else, brackets too, is itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WILD = frozenset("*?")
_WILDS = re.compile(r"[*?]+")
_END = re.compile(r"[.\[]")
_BRACKET = re.compile(r"\[")
_ANY = {"*": ".*", "?": "."}
_IN_PATH = {"*": "[^/]*", "?": "[^/]"}


def is_glob(text: str) -> bool:
    """Whether a text has a wildcard."""
    return not WILD.isdisjoint(text)


def address_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """Matches addresses that a glob names, and what is in these.

    In a module that is called `module.db` are `module.db.aws_db_instance.this` and `module.db["a"].…`; an
    address of Terraform is also every instance of its block.
    """
    return re.compile("|".join(f"(?:{_translate(glob)}{_within(glob)})" for glob in globs), re.DOTALL)


def literal(glob: str) -> str:
    """The longest part of a glob without wildcards: what it matches has this in it."""
    return max(_WILDS.split(glob), key=len)


def address_parents(address: str) -> list[str]:
    """An address and what it is in: `module.db["a"].x.y[0]` → itself, `module.db["a"].x.y`, … `module`."""
    of_kubernetes = "/" in address and _is_of_kubernetes(address)
    found = [address]
    if '"' not in address:
        ends = _BRACKET if of_kubernetes else _END
        return [*found, *(address[: match.start()] for match in ends.finditer(address))]
    quoted = False
    for index, char in enumerate(address):
        if char == '"':
            quoted = not quoted
        elif not quoted and (char == "[" or (char == "." and not of_kubernetes)):
            found.append(address[:index])
    return found


def path_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """Matches paths: `*` stays in its folder, `**` does not, and a folder is everything below it."""
    parts = []
    for glob in globs:
        text = glob.removeprefix("./").rstrip("/")
        inner = "".join(
            _part(piece, _IN_PATH) if not piece.startswith("**") else ".*" for piece in _pieces(text)
        )
        # `a/**/b` is `a/b` as well.
        inner = inner.replace("/.*/", "/(?:.*/)?")
        inner = re.sub(r"^\.\*/", "(?:.*/)?", inner)
        parts.append(".*" if text in ("", ".") else f"(?:{inner})(?:/.*)?")
    return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL)


def name_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """Matches whole names, whatever their case."""
    return re.compile("|".join(f"(?:{_translate(glob)})" for glob in globs), re.DOTALL | re.IGNORECASE)


def _is_of_kubernetes(address: str) -> bool:
    """Whether an address is that of an object (`Deployment/shop/checkout`): dots are part of its names."""
    return "/" in address.partition("[")[0]


def _within(glob: str) -> str:
    return r"(?:\[.*)?" if _is_of_kubernetes(glob) else r"(?:[.\[].*)?"


def _translate(glob: str) -> str:
    return "".join(_part(char, _ANY) for char in re.sub(r"\*+", "*", glob))


def _part(text: str, wild: dict[str, str]) -> str:
    return wild.get(text) or re.escape(text)


def _pieces(text: str) -> list[str]:
    """The characters of a glob of paths, with `**` as one."""
    return re.findall(r"\*\*+|.", text, re.DOTALL)
