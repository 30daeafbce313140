"""What editors offer at a finding: its fix, and a comment that ignores it; and all safe fixes of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsprotocol import types
from msgspec import Struct

from readiness.fixes.model import CannotFixError, Fix
from readiness.fixes.text import Text
from readiness.lsp.edits import changed, ignore
from readiness.lsp.model import Evaluation, Spot
from readiness.lsp.positions import Positions, overlap, to_uri
from readiness.outputs.terminal import clean

FIX_ALL = "source.fixAll.readiness"
"""The kind of the action that applies all safe fixes of a file."""

KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)


class Client(Struct, frozen=True):
    """What an editor can do.

    `versioned` edits name the state of the document that they are for; with `resolves` the edit of an action
    is asked for when a person takes it; `progress` shows that something takes a while.
    """

    encoding: str = "utf-16"
    versioned: bool = False
    resolves: bool = False
    progress: bool = False
    watches: bool = False


class Files(Struct, frozen=True):
    """The files of a project by their path there; `open` has the address and version of open documents."""

    base: Path
    open: dict[str, tuple[str, int | None]]

    def place(self, path: str) -> Path:
        """Where a file is."""
        return Path(os.path.normpath(self.base / path))

    def uri(self, path: str) -> str:
        """The address of a file."""
        known = self.open.get(path)
        return to_uri(self.place(path)) if known is None else known[0]

    def version(self, path: str) -> int | None:
        """The version of a file; None for one that is not open."""
        return self.open[path][1] if path in self.open else None


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Whether an editor asks for actions of a kind, or of one above it (`source.fixAll`)."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") or not one for one in only)


def quick_fixes(
    found: Evaluation, path: str, params: types.CodeActionParams, files: Files, client: Client
) -> list[types.CodeAction]:
    """The fixes of findings in a region that hold, safe ones first, then the comments that ignore them."""
    spots = meant(found, path, params)
    told = {one.data: one for one in params.context.diagnostics if isinstance(one.data, str)}
    fixes, ignores = [], []
    for spot in spots:
        diagnostic = told.get(spot.finding.fingerprint, spot.diagnostic)
        if spot.fix is not None and found.holds.get(spot.finding.fingerprint):
            fixes += list(_fix(spot.fix, diagnostic, found, files, client))
        ignores += list(_ignore(spot, path, diagnostic, found, files, client))
    fixes.sort(key=lambda action: not action.is_preferred)
    return [*fixes, *ignores]


def meant(found: Evaluation, path: str, params: types.CodeActionParams) -> list[Spot]:
    """The findings in a region; of them those that the editor names, if it names any."""
    spots = found.spots.get(path, ())
    inside = [spot for spot in spots if overlap(spot.diagnostic.range, params.range)]
    named = {one.data for one in params.context.diagnostics if isinstance(one.data, str)}
    return [spot for spot in inside if spot.finding.fingerprint in named] or inside


def _fix(
    fix: Fix, diagnostic: types.Diagnostic, found: Evaluation, files: Files, client: Client
) -> Iterator[types.CodeAction]:
    before = found.texts.get(fix.path)
    if before is None:
        return
    try:
        after = Text(fix.path, before).edited(fix.edits)
    except CannotFixError:
        return
    edits = changed(Positions(before, client.encoding), after)
    safe = fix.safety == "safe"
    warning = "" if safe else ", may change what runs"
    yield types.CodeAction(
        clean(f"{fix.title} ({fix.policy}{warning})"),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        is_preferred=safe or None,
        edit=edit_of(fix.path, edits, files, client),
    )


def _ignore(
    spot: Spot,
    path: str,
    diagnostic: types.Diagnostic,
    found: Evaluation,
    files: Files,
    client: Client,
) -> Iterator[types.CodeAction]:
    text = found.texts.get(path)
    if text is None or not spot.comments:
        return
    edit = ignore(path, Positions(text, client.encoding), spot.comments, spot.finding.policy)
    if edit is not None:
        yield types.CodeAction(
            f"Ignore {spot.finding.policy} here (write the reason)",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            edit=edit_of(path, [edit], files, client),
        )


def edit_of(path: str, edits: list[types.TextEdit], files: Files, client: Client) -> types.WorkspaceEdit:
    """Edits of one file, for the state of it that was looked at where the editor can tell states apart."""
    uri = files.uri(path)
    if not client.versioned:
        return types.WorkspaceEdit(changes={uri: edits})
    document = types.OptionalVersionedTextDocumentIdentifier(uri, files.version(path))
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])


def fix_all(uri: str) -> types.CodeAction:
    """The action that applies all safe fixes of a file, without its edit."""
    return types.CodeAction("Fix all that readiness can fix safely", kind=FIX_ALL, data={"uri": uri})
