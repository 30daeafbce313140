"""One folder as `readiness check` sees it there, with the texts of editors in place of those on disk.

Everything here runs in the one thread that evaluates, and goes to the folder first: settings, packs and
variable files are found from there, as by the command.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path

from msgspec.structs import replace

from readiness import api
from readiness.config.model import lock_at
from readiness.engine.model import Report
from readiness.engine.prepare import Prepared, prepare
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.estate.reader import FILE_LIMIT
from readiness.fixes.apply import Checked, apply
from readiness.fixes.model import CannotFixError, Edit, Fix, Fixes
from readiness.fixes.offer import Failures, fixes_for
from readiness.fixes.text import Text, overlap
from readiness.lsp.diagnostics import Places, of_error, of_finding, of_problem
from readiness.lsp.model import Evaluation, Request, Spot, key_of
from readiness.outputs.options import listed

ReadSettings = Callable[[], Settings]
"""Gives the settings of the working directory; raises `UsageError`."""


class Project:
    """A folder with its settings; `paths` are what is checked of it."""

    def __init__(self, base: Path, read: ReadSettings, paths: tuple[str, ...] = (".",)) -> None:
        self.base = base
        self.paths = paths
        self._read = read
        self._settings: Settings | None = None
        self._prepared: Prepared | None = None
        self._wrong = False  # what settings name could not be read the last time

    def evaluate(self, request: Request) -> Evaluation:
        """Everything that is found in the folder.

        Wrong settings are a `problem`: the last ones that were right hold on.

        Raises:
            SupersededError: the answer is of no use any more.
        """
        request.check()
        with self._there():
            problem = self._refresh(request.saved)
            if self._settings is None or self._prepared is None:
                return self._failed(problem, request)
            failures = Failures()
            try:
                loaded, report = self._look(request, {}, failures)
            except UsageError as error:
                return self._failed(error, request)
            request.check()
            fixes = fixes_for(report, loaded, failures)
            return self._told(report, loaded, fixes, request, problem)

    def mended(self, path: str, request: Request) -> str | None:
        """The text of a file with all its safe fixes, each of which holds; None where there is none.

        Raises:
            SupersededError: the answer is of no use any more.
            UsageError: settings are wrong.
        """
        with self._there():
            problem = self._refresh(request.saved)
            if problem is not None:
                raise problem

            def look(edited: dict[str, str]) -> Checked:
                failures = Failures()
                loaded, report = self._look(request, edited, failures)
                fixes = fixes_for(report, loaded, failures)
                own = [fix for fix in fixes.fixes if fix.path == path]
                return Checked(report, loaded.sources.texts, Fixes(own))

            return apply(lambda edited: look(dict(edited))).texts.get(path)

    def prove(self, found: Evaluation, spots: Iterable[Spot], request: Request) -> None:
        """Find out which fixes of findings hold: those with which the finding is gone, and nothing is broken.

        They are tried together where they do not touch, and those that seem not to hold by themselves.

        Raises:
            SupersededError: the answer is of no use any more.
            UsageError: settings are wrong.
        """
        asked = {spot.finding.fingerprint: spot for spot in spots if spot.fix is not None}
        new = {name: spot for name, spot in asked.items() if name not in found.holds}
        if not new or self._prepared is None:
            return
        with self._there():
            self._try(found, _apart(new.values()), request)
            for spot in new.values():
                if not found.holds.get(spot.finding.fingerprint):
                    self._try(found, [spot], request)

    def _try(self, found: Evaluation, spots: list[Spot], request: Request) -> None:
        """Look at the texts with some fixes, and note which of them hold."""
        by_path: dict[str, list[Edit]] = {}
        for spot in spots:
            for edit in spot.fix.edits if spot.fix is not None else ():
                by_path.setdefault(edit.span.path, []).append(edit)
        try:
            edited = {path: Text(path, found.texts[path]).edited(edits) for path, edits in by_path.items()}
        except CannotFixError:
            found.holds.update((spot.finding.fingerprint, False) for spot in spots)
            return
        _, report = self._look(request, edited, Failures())
        unread = {error.path for error in report.errors if error.kind != "notice"}
        broken = {path for path in edited if path in unread and path not in found.others}
        before = found.failures()
        after = Counter(key_of(finding) for finding in report.findings if finding.status == "fail")
        mended = Counter(key_of(spot.finding) for spot in spots)
        for spot in spots:
            key = key_of(spot.finding)
            path = spot.fix.path if spot.fix is not None else ""
            holds = after[key] <= before[key] - mended[key] and path not in broken
            found.holds[spot.finding.fingerprint] = holds

    def explain(self, policy: str) -> str | None:
        """The page of a policy as Markdown; None for one that is not known.

        Raises:
            UsageError: its file cannot be read any more.
        """
        from readiness.lsp.page import page

        with self._there():
            prepared = self._prepared
            if prepared is None:
                return None
            found = next((one for one in prepared.every if one.id == policy), None)
            return None if found is None else page(found, prepared.packs)

    @contextmanager
    def _there(self) -> Iterator[None]:
        """In the folder, and without the collector, which would look through the estate again and again.

        Raises:
            UsageError: the folder is not there.
        """
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            with _inside(self.base):
                yield
        finally:
            if was_enabled:
                gc.enable()

    def _refresh(self, saved: bool) -> UsageError | None:
        """Read the settings, and what they name where that may be different; gives what is wrong."""
        try:
            settings = self._read()
            settings.jobs = 1  # processes are not forked beside threads
            other = saved and bool(settings.policies or settings.lock)
            if self._prepared is None or settings != self._settings or other or self._wrong:
                self._prepared = prepare(settings)
                self._settings = settings
        except UsageError as error:
            self._wrong = True
            return error
        self._wrong = False
        return None

    def _look(self, request: Request, edited: dict[str, str], failures: Failures) -> tuple[Loaded, Report]:
        """The estate with the texts of editors, and what is found in it; `edited` win over them.

        Raises:
            SupersededError: the answer is of no use any more.
            UsageError: settings are wrong.
        """
        assert self._settings is not None and self._prepared is not None
        request.check()
        unsaved = {
            path: document.text
            for path, document in request.documents.items()
            if on_disk(self.base / path) != document.text.removeprefix("\ufeff")
        }
        paths = [path for path in self.paths if (self.base / path).exists()]
        loaded = api.load_estate(paths, self._settings, None, unsaved | edited)
        request.check()
        prepared = self._prepared
        return loaded, api.run(prepared.policies, loaded, self._settings, prepared, failures.note)

    def _failed(self, problem: UsageError | None, request: Request) -> Evaluation:
        return self._with(problem, Evaluation(complete=False), self._places(request, None))

    def _told(
        self,
        report: Report,
        loaded: Loaded,
        fixes: Fixes,
        request: Request,
        problem: UsageError | None,
    ) -> Evaluation:
        """A report as editors show it."""
        places = self._places(request, loaded)
        found = Evaluation()
        found.internal = [error.message for error in report.errors if error.kind == "internal"]
        for error in (*report.errors, *report.notices):
            found.others.setdefault(error.path, []).append(of_error(error, places))
        by_finding = {fix.fingerprint: replace(fix, changes=()) for fix in fixes.fixes}
        resources = {(one.header.path, one.address): one for one in loaded.estate.resources}
        locked = self._prepared.locked if self._prepared is not None else {}
        for finding in listed(report, everything=False):
            path = finding.span.path
            resource = resources.get((path, finding.subject.address))
            header = resource is not None and finding.span == resource.header
            barred = path not in loaded.sources.comments or lock_at(locked, finding.policy, path) is not None
            lines = () if barred else _lines(finding.span.line, resource)
            diagnostic = of_finding(finding, places, header)
            spot = Spot(finding, diagnostic, by_finding.get(finding.fingerprint), lines)
            found.spots.setdefault(path, []).append(spot)
        for path in {*found.spots, *_edited(by_finding.values())}:
            positions = places.positions(path)
            if positions is not None:
                found.texts[path] = positions.text
        return self._with(problem, found, places)

    def _with(self, problem: UsageError | None, found: Evaluation, places: Places) -> Evaluation:
        """An evaluation with what is wrong with the settings."""
        found.problem = problem
        if problem is not None and problem.path is not None:
            found.others.setdefault(problem.path, []).append(of_problem(problem, places))
        return found

    def _places(self, request: Request, loaded: Loaded | None) -> Places:
        def text(path: str) -> str | None:
            if path in request.documents:
                return request.documents[path].text
            known = None if loaded is None else loaded.sources.texts.get(path)
            return on_disk(self.base / path) if known is None else known

        return Places(self.base, text, request.encoding)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """In a folder.

    Raises:
        UsageError: it is not there, or nobody may enter it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(chdir(folder))
        except OSError as error:
            raise UsageError(f"the folder {str(folder)!r} cannot be entered: {error.strerror}") from None
        yield


def on_disk(path: Path) -> str | None:
    """The text of a file without a byte order mark, or None where there is none to be had."""
    try:
        if not path.is_file() or path.stat().st_size > FILE_LIMIT:
            return None
        return path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError, ValueError):
        return None


def _lines(line: int, resource: Resource | None) -> tuple[int, ...]:
    """The lines above which a comment ignores a finding: its own, and the first of its resource."""
    return (line,) if resource is None else tuple(dict.fromkeys((line, resource.span.line)))


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    """Findings whose fixes do not touch each other, the first ones first."""
    kept: list[Spot] = []
    edits: list[Edit] = []
    for spot in spots:
        own = list(spot.fix.edits) if spot.fix is not None else []
        if not overlap([*edits, *own]):
            kept.append(spot)
            edits += own
    return kept


def _edited(fixes: Iterable[Fix]) -> set[str]:
    return {edit.span.path for fix in fixes for edit in fix.edits}
