"""The files that expressions read: what the functions ask for, and where a module stands among them.

Source: https://developer.hashicorp.com/terraform/language/expressions/references#filesystem-and-workspace-info
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.terraform.config import Declared
    from readiness.terraform.scope import Scope

SIZE_LIMIT = 1_000_000
"""Bytes of a file that an expression may read: policies and scripts stay far below, and what is read
may be copied into the values of many instances."""

NAMES_LIMIT = 100_000
"""Names of files and folders that one `fileset()` may look at."""

RESULT_LIMIT = 10_000
"""Files that one `fileset()` may find; every one of them tends to become an instance."""

FILE, FOLDER, OTHER, BROKEN, MISSING = "a file", "a folder", "not a regular file", "a broken link", "missing"
"""What stands at a path."""


class RefusedError(EvaluationError):
    """A file that is not read here, although Terraform might: what it holds is not known."""


class FileBytes(NamedTuple):
    """What a file holds, and its path as users see it."""

    name: str
    data: bytes


class Files(Protocol):
    """Files by a path relative to a root module's folder, which is relative to where the run started.

    Every method gives an Unknown where it cannot tell, and raises `EvaluationError` for what fails in
    Terraform as well, `RefusedError` for what lies outside of the repository or is too large.
    """

    def kind(self, root: str, path: str) -> str | Unknown:
        """What stands at a path: `FILE`, `FOLDER`, `OTHER` or `MISSING`; links are followed."""

    def read(self, root: str, path: str) -> FileBytes | Unknown:
        """The content of a file."""

    def names(self, root: str, path: str) -> Mapping[str, str] | Unknown:
        """What stands in a folder: `FILE`, `FOLDER`, `OTHER` or `BROKEN`; nothing where it is none."""

    def template(self, text: str) -> ast.Chunk:
        """A text parsed as a template: a chunk with one attribute, or a problem."""


class NoFiles:
    """No disk at all: of no file is it known whether it exists."""

    def kind(self, root: str, path: str) -> str | Unknown:
        """Not known."""
        return not_at_hand(path)

    def read(self, root: str, path: str) -> FileBytes | Unknown:
        """Not known."""
        return not_at_hand(path)

    def names(self, root: str, path: str) -> Mapping[str, str] | Unknown:
        """Not known."""
        return not_at_hand(path)

    def template(self, text: str) -> ast.Chunk:
        """A template needs no disk."""
        from readiness.sources.hcl.bare import parse_template

        return parse_template(text)


def not_at_hand(path: str) -> Unknown:
    """The unknown content, or existence, of what is not at hand."""
    return Unknown(f"the file {path!r} is not at hand", not_null=True)


def inside(path: str) -> str:
    """A path as the functions that read one file take it, in its shortest form.

    Raises:
        EvaluationError: it is no path.
        RefusedError: it does not start from the root module's folder.
    """
    if path.startswith("~"):
        if path[1:2] not in ("", "/", "\\"):
            raise EvaluationError(f"{path!r}: Terraform does not know the home folders of other users")
        raise refused(path)
    return relative(path)


def relative(path: str) -> str:
    """A relative path in its shortest form.

    Raises:
        EvaluationError: it is no path.
        RefusedError: it is an absolute one.
    """
    if "\0" in path:
        raise EvaluationError(f"{path!r} is not a path")
    if path.startswith(("/", "\\")) or path[1:3] in (":/", ":\\"):
        raise refused(path)
    return posixpath.normpath(path)


def refused(path: str) -> RefusedError:
    """The refusal of a path that is not one of the repository."""
    return RefusedError(f"the path {path!r} leaves the repository, so it is not read")


def path_between(folder: str, target: str) -> str:
    """The path that leads from one folder to another path; both are in their shortest form.

    Raises:
        EvaluationError: it depends on the names of folders further up.
    """
    start = [] if folder == "." else folder.split("/")
    end = [] if target == "." else target.split("/")
    common = len(posixpath.commonprefix([start, end]))
    if ".." in start[common:]:
        raise EvaluationError(f"no path leads from {folder!r} to {target!r} by the names that are known")
    return "/".join([".."] * (len(start) - common) + end[common:]) or "."


def module_path(caller: str | Unknown, call: tuple[Declared, Scope], root: str, folder: str) -> str | Unknown:
    """`path.module` of a module that is called: `caller` is that of the calling one.

    Terraform joins local sources to one another as they are written; what `terraform init` installed
    has the path from the root module's folder.
    """
    written = call[0].find("source")
    source = written.value.value if written is not None and isinstance(written.value, ast.Lit) else None
    if isinstance(source, str) and source.partition("/")[0] in (".", ".."):
        return posixpath.normpath(posixpath.join(caller, source)) if isinstance(caller, str) else caller
    try:
        return path_between(root, folder)
    except EvaluationError as error:
        return Unknown(f"path.module is not known: {error}", ("path.module",), not_null=True)
