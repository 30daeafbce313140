"""An editor that starts the server as real ones do, on small folders that tests write."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import LanguageClient, make_test_lsp_client

OWN = Path(__file__).parents[1] / "fixes" / "policies"
OPTIONS = ("--policies", str(OWN), "--select", "demo-fix-*", "--no-cache")
PATIENCE = 60.0

_FULL = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
    text_document=types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            data_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
        ),
    ),
    window=types.WindowClientCapabilities(work_done_progress=True),
)
"""What an editor says that can do everything; one that says nothing can do the rest as well."""


class Editor:
    """A client with its folder; names are paths from there."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.registered: list[str] = []

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str | None = None) -> None:
        """Open a file, or a new one that is not saved."""
        text = (self.root / name).read_bytes().decode() if text is None else text
        self.texts[name], self.versions[name] = text, 1
        item = types.TextDocumentItem(self.uri(name), "text", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, name: str, text: str) -> None:
        """Write a text into an open document."""
        self.versions[name] += 1
        self.texts[name] = text
        document = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, name: str) -> None:
        """Write an open document to the disk."""
        (self.root / name).write_bytes(self.texts[name].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(name)))

    def close(self, name: str) -> None:
        """Close a document without saving it."""
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    def changed(self, name: str, text: str) -> None:
        """Another program writes a file."""
        (self.root / name).write_bytes(text.encode())
        event = types.FileEvent(self.uri(name), types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def shown(self, name: str) -> list[types.Diagnostic] | None:
        """The diagnostics that the server published last, if it published any."""
        found = self.client.diagnostics.get(self.uri(name))
        return None if found is None else list(found)

    def codes(self, name: str) -> list[str]:
        return sorted(str(one.code) for one in self.shown(name) or ())

    async def until(self, met: Callable[[], Any]) -> None:
        """Wait for something that the server tells."""
        for _ in range(int(PATIENCE / 0.02)):
            if met():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"not met: {self.client.diagnostics} {self.client.log_messages}")

    async def until_shown(self, name: str, *codes: str) -> list[types.Diagnostic]:
        """Wait until a file has exactly these diagnostics."""
        await self.until(lambda: self.shown(name) is not None and self.codes(name) == sorted(codes))
        return self.shown(name) or []

    async def actions(
        self, name: str, at: types.Range, diagnostics: list[types.Diagnostic] | None = None, **only: Any
    ) -> list[types.CodeAction]:
        """What is offered at a region."""
        context = types.CodeActionContext(diagnostics or [], **only)
        params = types.CodeActionParams(self.document(name), at, context)
        found = await self.client.text_document_code_action_async(params) or []
        return [one for one in found if isinstance(one, types.CodeAction)]

    async def hover(self, name: str, line: int, character: int) -> str | None:
        """The Markdown that is shown at a place, which counts from 0."""
        params = types.HoverParams(self.document(name), types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        return None if found is None else found.contents.value  # type: ignore[union-attr]

    def take(self, action: types.CodeAction, name: str) -> str:
        """The text of a document after an action, as UTF-16 editors apply it."""
        assert action.edit is not None
        edits = list((action.edit.changes or {}).get(self.uri(name), ()))
        for change in action.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.versions[name]
            edits += [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
        assert edits
        return _applied(self.texts[name], edits)


def _applied(text: str, edits: list[types.TextEdit]) -> str:
    """A text with edits, whose positions count UTF-16 units."""
    lines = text.split("\n")

    def offset(position: types.Position) -> int:
        before = sum(len(line) + 1 for line in lines[: position.line])
        if position.line == len(lines):
            return len(text)
        units = lines[position.line].encode("utf-16-le")[: position.character * 2]
        return before + len(units.decode("utf-16-le"))

    for edit in sorted(
        edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
    ):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


@pytest.fixture
def applied() -> Callable[[str, list[types.TextEdit]], str]:
    """Applies edits to a text."""
    return _applied


class Start:
    """Starts servers, and ends them after the test."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self._cache = cache
        self._clients: list[LanguageClient] = []

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files by their names; folders are made."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    async def __call__(
        self,
        files: Mapping[str, str | bytes],
        *options: str,
        folders: tuple[str, ...] = (".",),
        able: types.ClientCapabilities | None = None,
    ) -> Editor:
        """An editor that has opened folders with some files."""
        self.write(files)
        client = make_test_lsp_client()
        editor = Editor(client, self.root)

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params: types.RegistrationParams) -> None:
            editor.registered += [one.method for one in params.registrations]

        command = [sys.executable, "-m", "readiness", "lsp", *(options or OPTIONS)]
        await client.start_io(*command, env={**os.environ, "READINESS_CACHE_DIR": str(self._cache)})
        self._clients.append(client)
        opened = [types.WorkspaceFolder((self.root / name).as_uri(), name) for name in folders]
        await client.initialize_session(
            types.InitializeParams(_FULL if able is None else able, workspace_folders=opened)
        )
        return editor

    async def end(self) -> None:
        """End every server as editors do."""
        for client in self._clients:
            await client.shutdown_session()
            await client.stop()


@pytest_asyncio.fixture
async def start(tmp_path: Path, shared_cache: Path) -> AsyncIterator[Start]:
    """Starts the server in an empty folder."""
    root = tmp_path / "work"
    root.mkdir()
    starting = Start(root, shared_cache)
    yield starting
    await starting.end()
