"""A Terraform file as chunks of parsed blocks, with its errors and marked comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from readiness.errors import SourceError
from readiness.sources.comments import Comment
from readiness.sources.hcl import ast
from readiness.sources.hcl.cut import Cut, cut


@dataclass(slots=True)
class HclFile:
    """`chunks` pairs each chunk with the number of lines above it."""

    path: str
    chunks: list[tuple[int, ast.Chunk]] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def is_values(self) -> bool:
        """True for a file of variable values."""
        return self.path.endswith((".tfvars", ".tfvars.json"))


def cut_file(text: str) -> Cut:
    """Cut the text of a file; line ends may be CRLF and a BOM may lead."""
    return cut(text.removeprefix("\ufeff"))


def assemble(path: str, cutting: Cut, parsed: Callable[[str], ast.Chunk]) -> HclFile:
    """Make a file of its pieces; `parsed` gives the chunk of a piece's text."""
    file = HclFile(path, comments=list(cutting.comments))
    for piece in cutting.pieces:
        base = piece.line - 1
        chunk = parsed(piece.text)
        if chunk.problem is not None:
            problem = chunk.problem
            file.errors.append(_error(path, base + problem.line, problem.column, problem.message))
        elif piece.problem is not None:
            file.errors.append(_error(path, *piece.problem))
        else:
            file.chunks.append((base, chunk))
    return file


def _error(path: str, line: int, column: int, message: str) -> SourceError:
    return SourceError(path, line, column, message)


def texts(cuts: Iterable[Cut]) -> list[str]:
    """The distinct piece texts of several files, in order."""
    return list(dict.fromkeys(piece.text for cutting in cuts for piece in cutting.pieces))
