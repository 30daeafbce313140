"""How Terraform code names a resource by text where it does not refer to it: the table of all clouds.

`name`, `id` and the like mean something else in every type, so nothing links by an attribute's
name alone: a row says which attribute of which type holds the name of what.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from readiness.estate import names_aws, names_aws_arns, names_azure, names_google


class Naming(NamedTuple):
    """A row: attribute `path` of the types `by` holds the name of a resource of the types `to`.

    `pattern` finds the name in the text, as its only group; empty where the text is the name.
    """

    by: tuple[str, ...]
    path: tuple[str, ...]
    to: tuple[str, ...]
    pattern: str

    @property
    def via(self) -> str:
        """The path as links say it."""
        return ".".join(self.path)


class Text(NamedTuple):
    """A kind of text that says itself what it names (a URI, an e-mail address), wherever it stands.

    `mark` is in all of them, so that most texts are told apart without the pattern.
    """

    mark: str
    pattern: str
    to: tuple[str, ...]


ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9*-]*:[0-9*]*:([^\s\"'\\,]+)")
"""An ARN in a text: its service, and what follows the account."""


def identity(type_: str) -> str | None:
    """The attribute by which others name a resource (`aws_x`) or data source (`data.aws_x`) of a type."""
    return _IDENTITIES.get(type_)


def namings(type_: str) -> list[Naming]:
    """The rows of a referring type; a data source names the resource that it reads."""
    family = "_".join(type_.split("_", 2)[:2])
    rows = [*_BY_TYPE.get(type_, ()), *_BY_FAMILY.get(family, ()), *_BY_FAMILY.get(family.split("_")[0], ())]
    found = [row for row in rows if any(_covers(by, type_) for by in row.by)]
    attribute = _IDENTITIES.get(type_)
    if type_.startswith("data.") and attribute is not None:
        found.append(Naming((type_,), (attribute,), (type_.removeprefix("data."),), ""))
    return found


def arn_names(service: str, resource: str) -> list[tuple[tuple[str, ...], str]]:
    """The types and names that the last part of an ARN may mean; the first that exists is meant."""
    found = []
    for pattern, to in _ARNS.get(service, ()):
        match = re.match(pattern, resource)
        if match is not None:
            found.append((to, match.group(1)))
    return found


def _covers(by: str, type_: str) -> bool:
    return type_.startswith(by[:-1]) if by.endswith("*") else by == type_


def _naming(row: tuple[str, ...]) -> Naming:
    by, path, to, *pattern = row
    return Naming(
        tuple(by.split()),
        tuple(path.split(".")),
        tuple(to.split()),
        pattern[0] if pattern else "",
    )


def _indexed(rows: list[Naming]) -> tuple[dict[str, list[Naming]], dict[str, list[Naming]]]:
    """Rows by referring type, and those of globs by the first words of them."""
    types: dict[str, list[Naming]] = {}
    families: dict[str, list[Naming]] = {}
    for row in rows:
        for by in row.by:
            if by.endswith("*"):
                family = "_".join(by[:-1].rstrip("_").split("_", 2)[:2])
                families.setdefault(family, []).append(row._replace(by=(by,)))
            else:
                types.setdefault(by, []).append(row._replace(by=(by,)))
    return types, families


_ROWS = [_naming(row) for row in (*names_aws.NAMES, *names_azure.NAMES, *names_google.NAMES)]
_BY_TYPE, _BY_FAMILY = _indexed(_ROWS)
_IDENTITIES: dict[str, str] = {
    **{type_: attribute for source in (names_aws, names_azure, names_google)
       for attribute, types in source.IDENTITIES for type_ in types.split()},
}  # fmt: skip
_IDENTITIES = {
    **{f"data.{type_}": attribute for type_, attribute in _IDENTITIES.items()},
    **_IDENTITIES,
    **names_aws.DATA_IDENTITIES,
}
_ARNS: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
for _service, _pattern, _to in names_aws_arns.ARNS:
    _ARNS.setdefault(_service, []).append((_pattern, tuple(_to.split())))

# Patterns stay texts: `re` compiles and keeps those that a run needs, which are few of them.
TEXTS = [
    Text(mark, pattern, tuple(to.split()))
    for mark, pattern, to in (*names_aws_arns.TEXTS, *names_azure.TEXTS, *names_google.TEXTS)
]
