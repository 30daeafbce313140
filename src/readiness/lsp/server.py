"""The server: requests and notifications of the protocol, and how it is started."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from readiness.errors import UsageError
from readiness.lsp.actions import KINDS, Client
from readiness.lsp.project import ReadSettings
from readiness.lsp.session import TYPING, Session

_WATCHED = (
    "**/*.{tf,tofu,tfvars,json,yaml,yml,toml,lock,tpl,tftpl,md}",
    "**/{CODEOWNERS,.gitignore}",
)
"""Files that say something of findings when another program changes them."""

_ANSWER = 2.0
"""Seconds in which an editor has to say that it shows progress."""


class Server(LanguageServer):
    """The server of one editor.  Whole texts are sent at each change: they are small."""

    def __init__(self, read: ReadSettings, version: str) -> None:
        super().__init__("readiness", version, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self._read = read
        self._tokens = 0
        self.leaving = False
        self.session: Session | None = None

    def begin(self, client: Client) -> Session:
        """What is known of the editor, from now on."""
        self.session = Session(self, self._read, client)
        return self.session

    def publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        """Show the diagnostics of a file in place of those before."""
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def log(self, message: str, severity: types.MessageType) -> None:
        """Write to the log of the editor."""
        self.window_log_message(types.LogMessageParams(severity, message))

    async def busy(self, title: str) -> Callable[[], None]:
        """Show that something takes a while; what is given ends that."""
        if not _client(self.client_capabilities).progress:
            return lambda: None
        self._tokens += 1
        token = f"readiness-{self._tokens}"
        progress = self.work_done_progress
        try:
            await asyncio.wait_for(progress.create_async(token), _ANSWER)
        except Exception:
            self.log(f"progress is not shown: {traceback.format_exc()}", types.MessageType.Log)
            return lambda: None
        progress.begin(token, types.WorkDoneProgressBegin(title))
        return lambda: progress.end(token, types.WorkDoneProgressEnd())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Write what went wrong to the log of the editor, and live on."""
        self.log("".join(traceback.format_exception(error)), types.MessageType.Error)


def make_server(read: ReadSettings, version: str) -> Server:
    """A server; `read` gives the settings of the working directory."""
    server = Server(read, version)
    _lifecycle(server)
    _documents(server)
    _questions(server)
    return server


def _lifecycle(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:
        client = _client(ls.client_capabilities)
        session = ls.begin(client)
        folders = [folder.uri for folder in ls.workspace.folders.values()]
        if not folders and ls.workspace.root_uri:
            folders = [ls.workspace.root_uri]
        session.folders(folders)
        if client.watches:
            await ls.client_register_capability_async(_watching())

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
        if ls.session is not None:
            event = params.event
            ls.session.folders([one.uri for one in event.added], [one.uri for one in event.removed])

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        if ls.session is not None:
            ls.session.saved([change.uri for change in params.changes], TYPING)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        """Settings are in files: what an editor has of its own is none of them."""

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: Server, params: None) -> None:
        ls.leaving = True
        if ls.session is not None:
            ls.session.close()


def _documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        if ls.session is not None:
            document = params.text_document
            ls.session.opened(document.uri, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def edited(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        if ls.session is not None:
            document = params.text_document
            text = ls.workspace.get_text_document(document.uri).source
            ls.session.edited(document.uri, text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        if ls.session is not None:
            ls.session.saved([params.text_document.uri])

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        if ls.session is not None:
            ls.session.closed(params.text_document.uri)


def _questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        if ls.session is None:
            return None
        return await ls.session.hover(params.text_document.uri, params.position)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    )
    async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        return [] if ls.session is None else await ls.session.actions(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(ls: Server, params: types.CodeAction) -> types.CodeAction:
        return params if ls.session is None else await ls.session.resolved(params)


def _client(capabilities: types.ClientCapabilities) -> Client:
    """What an editor says that it can do."""
    encodings = capabilities.general.position_encodings if capabilities.general else None
    workspace, window = capabilities.workspace, capabilities.window
    edits = workspace.workspace_edit if workspace else None
    watched = workspace.did_change_watched_files if workspace else None
    actions = capabilities.text_document.code_action if capabilities.text_document else None
    support = actions.resolve_support if actions else None
    known = [str(getattr(one, "value", one)) for one in encodings or ()]
    return Client(
        encoding=next((one for one in known if one in ("utf-8", "utf-16", "utf-32")), "utf-16"),
        versioned=bool(edits and edits.document_changes),
        resolves=bool(support and "edit" in support.properties and actions and actions.data_support),
        progress=bool(window and window.work_done_progress),
        watches=bool(watched and watched.dynamic_registration),
    )


def _watching() -> types.RegistrationParams:
    watchers = [types.FileSystemWatcher(glob_pattern=glob) for glob in _WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    name = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    return types.RegistrationParams([types.Registration("readiness-files", name, options)])


def serve(server: Server, tcp: tuple[str, int] | None = None) -> int:
    """Serve one editor until it leaves: on standard input and output, or at a host and port.

    The exit status is 0 when it said goodbye, else 1, as the protocol has it.

    Raises:
        UsageError: nothing can listen there.
    """
    gc.enable()  # a server lives long
    if tcp is None:
        with _own_streams() as (stdin, stdout):
            server.start_io(stdin, stdout)
        return 0 if server.leaving else 1
    try:
        server.start_tcp(*tcp)
    except OSError as error:
        raise UsageError(f"--tcp {tcp[0]}:{tcp[1]}: {error.strerror or error}") from None
    except SystemExit:
        return 0 if server.leaving else 1
    return 0 if server.leaving else 1


@contextmanager
def _own_streams() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Standard input and output for the protocol alone: what anything else prints goes to standard error.

    Programs that are started (Helm, git) read nothing of the one, and write nothing into the other.
    """
    sys.stdout.flush()
    stdin, stdout = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    with os.fdopen(stdin, "rb") as reader, os.fdopen(stdout, "wb") as writer:
        yield reader, writer
