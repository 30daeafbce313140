"""Several fixes at once: in rounds, in memory, each held against the policies before it is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from readiness.engine.model import Report
from readiness.errors import SourceError
from readiness.fixes.model import CannotFixError, Edit, Fix, Fixed, Fixes, Left
from readiness.fixes.render import edits_of
from readiness.fixes.text import Text

ROUNDS = 10
"""Rounds after which fixes that stand in each other's way are left for the next run."""


class Checked(NamedTuple):
    """A report, the texts by path that it is about, and what can be mended of it."""

    report: Report
    texts: Mapping[str, str]
    fixes: Fixes


Look = Callable[[Mapping[str, str]], Checked]
"""What is found where some texts, by path, take the place of those on disk."""

_NUMBER = re.compile(r"\d+")

_Key = tuple[str, str, str, str]


class _Work(Struct):
    """The state of the rounds; `given_up` are findings whose fix did not hold, and why."""

    look: Look
    unsafe: bool
    edited: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    fixed: list[Fix] = field(default_factory=list)
    done: set[_Key] = field(default_factory=set)  # what the fixed findings were about
    given_up: dict[_Key, str] = field(default_factory=dict)

    def may(self, fix: Fix) -> bool:
        """Whether a fix was asked for."""
        return self.unsafe or fix.safety == "safe"


def apply(look: Look, unsafe: bool = False) -> Fixed:
    """Mend what can be mended; nothing is written.

    Only with `unsafe` are fixes applied that may change what runs.  A fix after which its policy does not
    pass, or its file cannot be read, is taken back.
    """
    work = _Work(look, unsafe)
    first = checked = look({})
    for _ in range(ROUNDS):
        done = _round(work, checked)
        if done is None:
            break
        checked = done
    left = list(checked.fixes.left)
    waiting = 0
    keys = _keys(checked.report)
    for fix in checked.fixes.fixes:
        if not work.may(fix):
            waiting += 1
            continue
        why = work.given_up.get(keys[fix.fingerprint], "other fixes stand in its way: run it again")
        left.append(Left(fix.fingerprint, fix.policy, fix.address, fix.span, why))
    texts = {path: text for path, text in work.edited.items() if text != work.was[path]}
    was = {path: work.was[path] for path in texts}
    return Fixed(checked.report, work.fixed, left, texts, was, waiting, first.report)


def _round(work: _Work, checked: Checked) -> Checked | None:
    """Apply what goes together, and look at it; None where nothing is left to do."""
    keys = _keys(checked.report)

    def eligible() -> list[Fix]:
        return [f for f in checked.fixes.fixes if work.may(f) and keys[f.fingerprint] not in work.given_up]

    chosen = eligible()
    while chosen:
        by_path: dict[str, list[Fix]] = {}
        for fix in chosen:
            by_path.setdefault(fix.path, []).append(fix)
        new, taken = dict(work.edited), []
        for path, fixes in by_path.items():
            new[path], kept = together(Text(path, checked.texts[path]), fixes)
            taken += kept
        after = work.look(new)
        crowded = {path for path in _broken(checked.report, after.report) if len(by_path.get(path, ())) > 1}
        if crowded:  # one of several did it: they are tried one by one
            firsts = {id(by_path[path][0]) for path in crowded}
            chosen = [fix for fix in chosen if fix.path not in crowded or id(fix) in firsts]
            continue
        wrong = _wrong(taken, checked.report, after.report, work.done)
        if not wrong:
            for path in by_path:
                work.was.setdefault(path, checked.texts[path])
            work.edited = new
            work.fixed += taken
            work.done.update(keys[fix.fingerprint] for fix in taken)
            return after
        work.given_up |= wrong
        chosen = eligible()
    return None


def together(text: Text, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """A text with as many fixes as go together, the first ones first, and those that do."""
    kept = _compatible(text, [], list(fixes))
    return text.edited(_edits(text, kept)), kept


def _compatible(text: Text, kept: list[Fix], wanted: list[Fix]) -> list[Fix]:
    """Some fixes, and those of others that go together with them: by halves, as few of many do not."""
    try:
        _edits(text, [*kept, *wanted])
    except CannotFixError:
        half = len(wanted) // 2
        if not half:
            return kept
        return _compatible(text, _compatible(text, kept, wanted[:half]), wanted[half:])
    return [*kept, *wanted]


def _edits(text: Text, fixes: Iterable[Fix]) -> list[Edit]:
    return edits_of(text, [change for fix in fixes for change in fix.changes])


def _wrong(fixes: list[Fix], before: Report, after: Report, done: set[_Key]) -> dict[_Key, str]:
    """The findings whose fixes do not hold: they are still there, their file cannot be read any more, or
    what was fixed before is found again.
    """
    keys = _keys(before)
    old, new = Counter(keys.values()), Counter(_keys(after).values())
    mended = Counter(keys[fix.fingerprint] for fix in fixes)
    broken = _broken(before, after)
    undone = {(path, address) for key in done if new[key] > old[key] for _, path, address, _ in [key]}
    wrong: dict[_Key, str] = {}
    for fix in fixes:
        key = keys[fix.fingerprint]
        if fix.path in broken:
            wrong[key] = f"with it the file cannot be read ({broken[fix.path]}), so it was taken back"
        elif new[key] > old[key] - mended[key]:
            wrong[key] = "its policy does not pass with it, so it was taken back"
        elif key[1:3] in undone:
            wrong[key] = "it undoes another fix, so it was taken back"
    return wrong


def _broken(before: Report, after: Report) -> dict[str, str]:
    """The files that cannot be read where they could be before, with what is wrong in them."""
    known = Counter(_told(error) for error in before.errors)
    found: dict[str, str] = {}
    for error in after.errors:
        known[_told(error)] -= 1
        if known[_told(error)] < 0:
            found.setdefault(error.path, error.message)
    return found


def _told(error: SourceError) -> tuple[str, str]:
    """What an error says, wherever it is: edits move it, and the lines that it names."""
    return error.path, _NUMBER.sub("", error.message)


def _keys(report: Report) -> dict[str, _Key]:
    """What each finding that fails is about, without its number among its like."""
    found: dict[str, _Key] = {}
    for finding in report.findings:
        if finding.status == "fail":
            item = "" if finding.identity is None else finding.identity.item
            key = (finding.policy, finding.span.path, finding.subject.address, item)
            found[finding.fingerprint] = key
    return found
