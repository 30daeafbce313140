"""Files that no fix touches: what is made by a program, fetched, or was not asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path

from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.repo.discover import HCL_ENDS, HCL_JSON_ENDS, repository_root, shown_path
from readiness.terraform.origins import BlockOrigin

_FOLDERS = frozenset({".terraform", ".git", "vendor", "node_modules", "third_party"})
_COMMENT = re.compile(r"""^\s*(?:\#|//|/\*|\*|"(?://|_comment|\$comment)")""")
_GENERATED = re.compile(
    r"do not (?:edit|modify|change)|(?:auto|machine)[- ]?generated|@generated"
    r"|generated (?:by|from|with|file)",
    re.IGNORECASE,
)
_HEAD = 12
"""Lines at the top of a file in which generators say that they made it, or below a licence."""

_LONGEST = 80
"""Lines of a comment at the top of a file that are read at most."""

_TERRAFORM = (*HCL_ENDS, *HCL_JSON_ENDS)


def by_nature(resource: Resource) -> str | None:
    """Why what a resource comes from is not for editing, or None."""
    if resource.scattered:
        return "it is put together by a chart or an overlay"
    if resource.platform != "terraform" and resource.span.path.endswith(_TERRAFORM):
        return "it is made of what Terraform declares"
    declared = resource.platform == "terraform" and resource.mode != "block"
    if declared and type(resource.body.origin) is not BlockOrigin:  # a plan has one of its own kind
        return "it comes from a plan: the files that it is made from can be fixed"
    if resource.inside is not None:
        return "it is declared by an installed module"
    if resource.span.path == "-":
        return "it comes from standard input"
    return None


def by_place(path: str, loaded: Loaded) -> str | None:
    """Why a file (as users see its path) may not be edited, or None where it may."""
    if path in loaded.context or (loaded.scope is not None and not loaded.scope.holds(path)):
        return f"{path} was not asked for"
    if not _FOLDERS.isdisjoint(path.split("/")[:-1]):
        return f"{path} is in a folder of what others wrote"
    text = loaded.sources.texts.get(path)
    if text is None:
        return "it does not come from a file that people edit"
    if is_generated(text):
        return f"{path} says that it is generated"
    return _linked(path, loaded)


def _linked(path: str, loaded: Loaded) -> str | None:
    """The same of a link: what it leads to is edited, once, and only inside the repository."""
    real = Path(os.path.realpath(loaded.base / path))
    home = Path(os.path.realpath(loaded.base))
    if real == home / path:
        return None
    shown = shown_path(real, home)
    if shown != path and shown in loaded.sources.texts:
        return f"it is {shown} by another name"
    link = home / path
    top = Path(os.path.realpath(repository_root(link.parent) or home))
    return f"{path} leads out of the repository" if link.is_symlink() and top not in real.parents else None


def is_generated(text: str) -> bool:
    """Whether a comment at the top of a file says that a program writes it."""
    inside = any_yet = False
    for number, line in enumerate(text.split("\n", _LONGEST)[:_LONGEST]):
        comment = inside or _COMMENT.match(line) is not None
        if comment and _GENERATED.search(line):
            return True
        if number >= _HEAD and not (any_yet and (comment or not line.strip())):
            return False
        any_yet = any_yet or comment
        inside = "*/" not in line and (inside or line.lstrip().startswith("/*"))
    return False
