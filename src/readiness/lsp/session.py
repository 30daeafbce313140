"""What the server knows: the folders of the editor, its open documents, and what was found in them."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from lsprotocol import types

from readiness.errors import UsageError
from readiness.lsp import actions
from readiness.lsp.actions import Client, Files
from readiness.lsp.edits import changed
from readiness.lsp.model import Document, Evaluation, Request, Spot, SupersededError
from readiness.lsp.page import heading
from readiness.lsp.positions import Positions, overlap, to_path
from readiness.lsp.project import Project, ReadSettings, on_disk
from readiness.lsp.schedule import Schedule
from readiness.repo.discover import shown_path

T = TypeVar("T")

TYPING = 0.3
"""Seconds without an edit after which a project is looked at."""

_PAGES = 3
"""Policies that are explained at one place."""


class Editor(Protocol):
    """What the session tells the editor."""

    def publish(self, uri: str, diagnostics: list[types.Diagnostic], version: int | None) -> None:
        """Show the diagnostics of a file in place of those before."""

    def log(self, message: str, severity: types.MessageType) -> None:
        """Write to the log of the editor."""

    async def busy(self, title: str) -> Callable[[], None]:
        """Show that something takes a while; what is given ends that."""


class Opened:
    """A project with what is known of it; `folder` is one of the editor, not that of a single file."""

    def __init__(self, project: Project, schedule: Schedule, folder: bool) -> None:
        self.project = project
        self.schedule = schedule
        self.folder = folder
        self.found: Evaluation | None = None
        self.published: dict[str, list[types.Diagnostic]] = {}  # those that are shown, by path
        self.saved = True
        self.told: str | None = None  # the problem without a place that was told last


class Session:
    """All of that, and what is asked of it; lives on one loop, and evaluates in one thread beside it."""

    def __init__(self, editor: Editor, read: ReadSettings, client: Client) -> None:
        self._editor = editor
        self._read = read
        self._client = client
        self._work = ThreadPoolExecutor(1, "readiness")
        self._projects: dict[Path, Opened] = {}
        self._documents: dict[Path, tuple[str, Document]] = {}  # with the address that the editor writes

    def folders(self, added: Iterable[str], removed: Iterable[str] = ()) -> None:
        """The editor opened and closed folders."""
        for path in filter(None, map(to_path, removed)):
            self._close_project(path)
        for path in filter(None, map(to_path, added)):
            if path not in self._projects or not self._projects[path].folder:
                alone = [base for base in self._projects if base.is_relative_to(path)]
                for base in alone:
                    if not self._projects[base].folder:
                        self._close_project(base)
                self._open_project(path, folder=True).schedule.touch(0)

    def opened(self, uri: str, text: str, version: int | None) -> None:
        """A document was opened; one that is as on the disk was looked at already, or is just now."""
        path = to_path(uri)
        if path is None:
            return
        self._documents[path] = (uri, Document(text, version))
        opened = self._project_of(path)
        if not opened.folder or on_disk(path) != text.removeprefix("\ufeff"):
            opened.schedule.touch(0)
        elif opened.found is not None:
            shown = opened.found.diagnostics().get(shown_path(path, opened.project.base), [])
            self._editor.publish(uri, shown, version)

    def edited(self, uri: str, text: str, version: int | None) -> None:
        """A document is different now."""
        path = to_path(uri)
        if path is not None:
            self._documents[path] = (uri, Document(text, version))
            self._project_of(path).schedule.touch(TYPING)

    def saved(self, uris: Iterable[str], delay: float = 0) -> None:
        """Files are different on the disk."""
        for path in filter(None, map(to_path, uris)):
            for opened in self._projects.values():
                if path.is_relative_to(opened.project.base):
                    opened.saved = True
                    opened.schedule.touch(delay)

    def closed(self, uri: str) -> None:
        """A document was closed: what was not saved of it is gone."""
        path = to_path(uri)
        if path is None or path not in self._documents:
            return
        del self._documents[path]
        opened = self._project_of(path)
        opened.schedule.touch(0)
        if not opened.folder and not self._open_below(opened):
            self._close_project(opened.project.base)

    async def hover(self, uri: str, position: types.Position) -> types.Hover | None:
        """The pages of the policies whose findings are at a position."""
        at = types.Range(position, position)
        opened, path = self._at(uri)
        if opened is None or opened.found is None:
            return None
        spots = [s for s in opened.found.spots.get(path, ()) if overlap(s.diagnostic.range, at)]
        if not spots:
            return None
        told = []
        for spot in _each_policy(spots)[:_PAGES]:
            page = await self._in_thread(opened.project.explain, spot.finding.policy)
            told.append(heading(spot.finding) + ("" if page is None else f"\n{page}"))
        text = "\n---\n\n".join(told)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), spots[0].diagnostic.range)

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What may be done at a region of a document as it is now."""
        uri, only = params.text_document.uri, params.context.only
        opened, path = self._at(uri)
        if opened is None:
            return []
        found = await self._newest(opened, path)
        if found is None:
            return []
        result: list[types.CodeAction] = []
        if actions.wants(only, types.CodeActionKind.QuickFix):
            spots = actions.meant(found, path, params)
            await self._in_thread(opened.project.prove, found, spots, self._request(opened))
            if await self._newest(opened, path) is not found:
                return []
            result += actions.quick_fixes(found, path, params, self._files(opened), self._client)
        if actions.wants(only, actions.FIX_ALL) and _fixable(found, path):
            everything = actions.fix_all(uri)
            if self._client.resolves:
                result.append(everything)
            elif only is not None:
                result += [action for action in [await self.resolved(everything)] if action.edit is not None]
        return result

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """An action with its edit, where it has one."""
        data = action.data
        uri = data.get("uri") if isinstance(data, dict) else None
        opened, path = self._at(uri) if isinstance(uri, str) else (None, "")
        found = None if opened is None else await self._newest(opened, path)
        if opened is None or found is None:
            return action
        after = await self._in_thread(opened.project.mended, path, self._request(opened))
        if after is not None:
            edits = changed(Positions(found.texts[path], self._client.encoding), after)
            action.edit = actions.edit_of(path, edits, self._files(opened), self._client)
        return action

    def close(self) -> None:
        """The editor leaves."""
        for opened in self._projects.values():
            opened.schedule.stop()
        self._work.shutdown(wait=False, cancel_futures=True)

    async def _look(self, opened: Opened, wanted: Callable[[], bool]) -> None:
        """Evaluate a project and show what was found; nothing that goes wrong ends the server."""
        request = self._request(opened, wanted)
        opened.saved = False
        work = asyncio.ensure_future(self._in_thread(opened.project.evaluate, request))
        done: Callable[[], None] | None = None
        if opened.found is None:
            done = await self._editor.busy(f"readiness looks at {opened.project.base.name}")
        try:
            found = await work
        except SupersededError:
            opened.saved = opened.saved or request.saved
        except UsageError as error:
            self._editor.log(str(error), types.MessageType.Warning)
        except Exception:
            self._editor.log(traceback.format_exc(), types.MessageType.Error)
        else:
            if wanted():
                self._show(opened, found)
            else:
                opened.saved = opened.saved or request.saved
        finally:
            if done is not None:
                done()

    def _show(self, opened: Opened, found: Evaluation) -> None:
        """Publish what was found; where settings are wrong, what was found before stays beside that."""
        before = opened.found
        if not found.complete and before is not None:
            found.spots = before.spots
        opened.found = found
        self._tell(opened, found)
        files = self._files(opened)
        shown = found.diagnostics()
        for path in sorted({*shown, *files.open, *opened.published}):
            mine = self._owner(files.place(path)) in (None, opened)
            if mine and (path in files.open or shown.get(path) != opened.published.get(path)):
                self._editor.publish(files.uri(path), shown.get(path, []), files.version(path))
        opened.published = shown

    def _tell(self, opened: Opened, found: Evaluation) -> None:
        """Log what has no place in a file: it is told once, until it is another."""
        problem = found.problem
        told = None if problem is None else str(problem)
        if told is not None and told != opened.told:
            self._editor.log(told, types.MessageType.Warning)
        opened.told = told
        for message in found.internal:
            self._editor.log(message, types.MessageType.Error)

    async def _newest(self, opened: Opened, path: str) -> Evaluation | None:
        """What is found in the documents as they are now; None where nothing is in that of a path."""
        opened.schedule.hurry()
        await opened.schedule.settled()
        found = opened.found
        if found is None or path not in found.texts:
            return None
        _, document = self._documents.get(opened.project.base / path, ("", None))
        now = found.texts[path] if document is None else document.text.removeprefix("\ufeff")
        return found if found.texts[path] == now else None

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._work, work, *given)

    def _request(self, opened: Opened, wanted: Callable[[], bool] = lambda: True) -> Request:
        base = opened.project.base
        documents = {
            shown_path(path, base): document
            for path, (_, document) in self._documents.items()
            if path.is_relative_to(base)
        }
        return Request(documents, self._client.encoding, wanted, opened.saved)

    def _files(self, opened: Opened) -> Files:
        base = opened.project.base
        return Files(
            base,
            {
                shown_path(path, base): (uri, document.version)
                for path, (uri, document) in self._documents.items()
                if path.is_relative_to(base)
            },
        )

    def _at(self, uri: str) -> tuple[Opened | None, str]:
        """The project of a document, and its path there."""
        path = to_path(uri)
        opened = None if path is None else self._owner(path)
        return (
            (None, "") if path is None or opened is None else (opened, shown_path(path, opened.project.base))
        )

    def _owner(self, path: Path) -> Opened | None:
        """The project that a file belongs to: the innermost."""
        found = [
            base
            for base, opened in self._projects.items()
            if (path.is_relative_to(base) if opened.folder else path.parent == base)
        ]
        return self._projects[max(found, key=lambda base: len(base.parts))] if found else None

    def _project_of(self, path: Path) -> Opened:
        """The project of a document; outside of all folders it is one with its neighbours that are open."""
        opened = self._owner(path)
        if opened is None:
            opened = self._open_project(path.parent, folder=False)
        if not opened.folder:
            opened.project.paths = tuple(one.name for one in self._open_below(opened))
        return opened

    def _open_below(self, opened: Opened) -> list[Path]:
        base = opened.project.base
        return sorted(path for path in self._documents if path.parent == base)

    def _open_project(self, base: Path, folder: bool) -> Opened:
        project = Project(base, self._read, (".",) if folder else ())

        async def look(wanted: Callable[[], bool]) -> None:
            await self._look(opened, wanted)

        opened = Opened(project, Schedule(look), folder)
        self._projects[base] = opened
        return opened

    def _close_project(self, base: Path) -> None:
        opened = self._projects.pop(base, None)
        if opened is None:
            return
        opened.schedule.stop()
        files = self._files(opened)
        for path in sorted(opened.published):
            self._editor.publish(files.uri(path), [], None)


def _each_policy(spots: Iterable[Spot]) -> list[Spot]:
    """The first finding of each policy."""
    return list({spot.finding.policy: spot for spot in reversed(list(spots))}.values())[::-1]


def _fixable(found: Evaluation, path: str) -> bool:
    """Whether a file has a finding with a safe fix."""
    fixes = (spot.fix for spots in found.spots.values() for spot in spots if spot.fix is not None)
    return any(fix.path == path and fix.safety == "safe" for fix in fixes)
