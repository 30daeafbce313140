"""What can be mended of a report: the one place where findings become fixes."""

from __future__ import annotations

from typing import Any

from readiness.engine.checks import Check
from readiness.engine.model import Finding, Report
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.fixes import barred
from readiness.fixes.model import CannotFixError, Edit, ElsewhereError, Fix, Fixes, Left
from readiness.fixes.render import edits_of
from readiness.fixes.steps import steps, title
from readiness.fixes.target import changes
from readiness.fixes.text import Text
from readiness.values import Span


class Failures(dict[str, tuple[Check, Resource, Any]]):
    """The check, resource and item of each finding that fails, by its fingerprint."""

    def note(self, finding: Finding, check: Check, resource: Resource, item: Any) -> None:
        """Keep one: this is what a run calls (`watch`)."""
        self.setdefault(finding.fingerprint, (check, resource, item))


def fixes_for(report: Report, loaded: Loaded, failures: Failures) -> Fixes:
    """The fixes of a report's findings that fail, safe and unsafe; nothing is written.

    `loaded` is the estate that `report` is about, and `failures` is what the run noted (`watch`).
    """
    found = Fixes()
    files = _Files(loaded)
    for finding in filter(_is_wanted, report.findings):
        place = (finding.fingerprint, finding.policy, finding.subject.address, finding.span)
        try:
            failed = failures.get(finding.fingerprint)
            if failed is None:
                raise CannotFixError("it is not known where it is written")
            found.fixes.append(_fix(finding, *failed, files))
        except CannotFixError as error:
            found.left.append(Left(*place, str(error), isinstance(error, ElsewhereError)))
    return found


class _Files:
    """The texts of an estate, with what may not be edited in them; each is looked at once."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._texts: dict[str, Text] = {}
        self._shared: dict[str, list[Span]] = {}
        self._barred: dict[str, str | None] = {}

    def text(self, resource: Resource) -> Text:
        """The text that a resource is written in.

        Raises:
            CannotFixError: it may not be edited.
        """
        path = resource.span.path
        why = barred.by_nature(resource)
        if why is None:
            if path not in self._barred:
                self._barred[path] = barred.by_place(path, self.loaded)
            why = self._barred[path]
        if why is not None:
            raise CannotFixError(why)
        if path not in self._texts:
            self._texts[path] = Text(path, self.loaded.sources.texts[path])
        return self._texts[path]

    def check_shared(self, text: Text, edits: list[Edit]) -> None:
        """Refuse to edit what an anchor names and another place uses.

        Raises:
            CannotFixError: one of the edits is there.
        """
        if not text.path.endswith((".yaml", ".yml")):
            return
        if text.path not in self._shared:
            from readiness.fixes.in_yaml import shared

            self._shared[text.path] = shared(text)
        for region in self._shared[text.path]:
            if any(region[1:3] <= edit.span[1:3] <= region[3:5] for edit in edits):
                place = f"{text.path}:{region.line}"
                raise ElsewhereError(f"the anchor at {place} shares it with other places")


def _is_wanted(finding: Finding) -> bool:
    return finding.status == "fail" and finding.fixable is not None and finding.compared != "unchanged"


def _fix(finding: Finding, check: Check, resource: Resource, item: Any, files: _Files) -> Fix:
    fix = check.policy.fix
    if fix is None or check.policy.on != "resource":
        raise CannotFixError("its policy is not about one resource")
    text = files.text(resource)
    made = changes(resource, item, steps(fix, check.params))
    if not made:
        raise CannotFixError("everything is as its fix wants it")
    edits = edits_of(text, made)
    files.check_shared(text, edits)
    return Fix(
        fingerprint=finding.fingerprint,
        policy=finding.policy,
        title=title(fix, check.params),
        safety=check.policy.fixable or "unsafe",
        address=finding.subject.address,
        span=finding.span,
        edits=tuple(edits),
        changes=tuple(made),
    )
