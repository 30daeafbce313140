"""A Terraform file as chunks of parsed blocks, with its errors and marked comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.sources.cache import key_of
from readiness.sources.comments import Comment
from readiness.sources.hcl import ast
from readiness.sources.hcl.cut import Cut, cut


class HclFile(Struct):
    """`chunks` pairs each chunk with the number of lines above it."""

    path: str
    chunks: list[tuple[int, ast.Chunk]] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def is_values(self) -> bool:
        """True for a file of variable values."""
        return self.path.endswith((".tfvars", ".tfvars.json"))


def key(path: str, text: str) -> bytes:
    """The key of a whole file in the cache: values are held to more than configuration is."""
    return key_of("hcl-values" if path.endswith(".tfvars") else "hcl-file", text)


def cut_file(text: str) -> Cut:
    """Cut the text of a file; line ends may be CRLF and a BOM may lead."""
    return cut(text.removeprefix("\ufeff"))


def assemble(path: str, cutting: Cut, parsed: Callable[[str], ast.Chunk]) -> HclFile:
    """Make a file of its pieces; `parsed` gives the chunk of a piece's text."""
    file = HclFile(path, comments=list(cutting.comments))
    for piece in cutting.pieces:
        if piece.problem is not None:
            file.errors.append(SourceError(path, *piece.problem))
            continue
        base = piece.line - 1
        chunk = parsed(piece.text)
        if chunk.problem is not None:
            file.errors.append(_error(path, base, chunk.problem))
            continue
        file.errors.extend(_error(path, base, note) for note in chunk.notes)
        file.chunks.append((base, chunk))
    if file.is_values:
        file.errors.extend(_repeated_values(file))
    return file


class _Wire(Struct, array_like=True, gc=False):
    """A file as it is stored: everything but its path, which is the reader's."""

    chunks: list[tuple[int, ast.Chunk]]
    errors: list[tuple[int, int, str]]
    comments: list[Comment]


_WIRE = msgspec.msgpack.Decoder(_Wire)


def to_wire(file: HclFile) -> bytes:
    """A file as msgpack, to be read again under any path."""
    errors = [(error.line, error.column, error.message) for error in file.errors]
    return msgspec.msgpack.encode(_Wire(file.chunks, errors, file.comments))


def from_wire(path: str, data: bytes) -> HclFile:
    """The file of `to_wire` at a path."""
    wire = _WIRE.decode(data)
    errors = [SourceError(path, *error) for error in wire.errors]
    return HclFile(path, wire.chunks, errors, wire.comments)


def moved(file: HclFile, path: str) -> HclFile:
    """A file of the same text at another path."""
    if file.path == path:
        return file
    errors = [SourceError(path, error.line, error.column, error.message) for error in file.errors]
    return HclFile(path, file.chunks, errors, file.comments)


def _error(path: str, base: int, problem: ast.Problem) -> SourceError:
    other = f" {base + problem.first}" if problem.first else ""
    return SourceError(path, base + problem.line, problem.column, problem.message + other)


def _repeated_values(file: HclFile) -> Iterator[SourceError]:
    """Variables that a file of values sets again: each stands in a chunk of its own."""
    from readiness.sources.hcl.problems import repeated

    lines: dict[str, int] = {}
    for base, chunk in file.chunks:
        for attribute in list(chunk.attributes):
            line = base + attribute.at[0]
            first = lines.setdefault(attribute.name, line)
            if first != line:
                chunk.attributes.remove(attribute)
                message = f"{repeated(attribute, first).message} {first}"
                yield SourceError(file.path, line, attribute.at[1], message)
