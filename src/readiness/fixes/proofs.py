"""Policies prove their fixes: what each makes of the examples that fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from readiness.engine.checks import make_checks
from readiness.engine.model import Counts, Report
from readiness.engine.run import Run
from readiness.errors import SourceError, UsageError
from readiness.estate.build import from_texts
from readiness.fixes.apply import Checked, apply
from readiness.fixes.model import Fixed
from readiness.fixes.offer import Failures, fixes_for
from readiness.policy.model import Example, Policy
from readiness.repo.facts import RepositoryFacts


def prove_fix(policy: Policy) -> Iterator[tuple[int, int, str]]:
    """What the fix of a policy does not prove: line and column of an example, and what is wrong.

    Each example that fails has to pass afterwards, keep its comments, and stay as it is when it is fixed
    again, unless it says `fixed: false`.  One whose value comes from elsewhere is left alone.
    """
    if policy.fix is None:
        return
    mended = 0
    for index, example in enumerate(policy.examples.fail, 1):
        try:
            done = apply_to(policy, example)
        except UsageError:
            return  # its conditions do not compile, which is told already
        mended += bool(done.texts)
        for message in _unproven(policy, example, done):
            yield example.line, example.column, f"fix: fail example {index}: {message}"
    if not mended:
        yield (*policy.lines.get("fix", (1, 1)), "fix: it mends none of the examples that fail")


def _unproven(policy: Policy, example: Example, done: Fixed) -> Iterator[str]:
    missed = [left.reason for left in done.left if not left.elsewhere]
    if not example.fixed:
        if not missed:
            yield "it says `fixed: false` and is mended"
        return
    yield from (f"not mended: {reason}" for reason in missed)
    if apply_to(policy, replace(example, files={**example.files, **done.texts})).texts:
        yield "fixing it again changes it again"
    for path, text in done.texts.items():
        if not _keeps_comments(done.was[path], text):
            yield f"a comment of {path} is lost"


def apply_to(policy: Policy, example: Example) -> Fixed:
    """The fix of a policy on one of its examples."""

    def check(edited: Mapping[str, str]) -> Checked:
        files = {**example.files, **edited}
        loaded = from_texts(files, example.day)
        own = make_checks([policy], {policy.id: example.params})[0]
        failures = Failures()
        run = Run(loaded.estate, RepositoryFacts(Path(), texts=files, today=example.day), 1)
        run.watch = failures.note
        run.execute([own])
        errors: list[SourceError] = [*loaded.sources.errors, *run.errors]
        report = Report(run.results(), errors, Counts())
        return Checked(report, loaded.sources.texts, fixes_for(report, loaded, failures))

    return apply(check, unsafe=True)


def _keeps_comments(before: str, after: str) -> bool:
    lines = after.split("\n")
    comments = [line.strip() for line in before.split("\n") if line.strip().startswith(("#", "//"))]
    return all(any(comment in line for line in lines) for comment in comments)
