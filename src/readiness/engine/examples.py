"""Policies prove themselves: every example is run through the real readers and engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import Check, make_checks
from readiness.engine.execute import Outcome
from readiness.engine.model import Counts, Finding
from readiness.engine.run import Run
from readiness.errors import UsageError
from readiness.estate.build import Loaded, from_texts
from readiness.policy.model import Example, Policy
from readiness.repo.facts import RepositoryFacts


class ExampleResult(Struct, frozen=True):
    """The outcome of one example; `detail` says what was expected and what came."""

    policy: str
    kind: str  # "pass" | "fail" | "unknown"
    index: int  # from 1
    ok: bool
    detail: str
    path: str
    line: int
    column: int = 1


class Built(Struct):
    """An example with the estate that it describes, which is made once for everything that is asked of it."""

    kind: str
    index: int
    example: Example
    loaded: Loaded


def build(policy: Policy) -> list[Built]:
    """The examples of a policy with their estates, in their order."""
    kinds = (
        ("pass", policy.examples.pass_),
        ("fail", policy.examples.fail),
        ("unknown", policy.examples.unknown),
    )
    return [
        Built(kind, index, example, _loaded(example))
        for kind, examples in kinds
        for index, example in enumerate(examples, 1)
    ]


def _loaded(example: Example) -> Loaded:
    """The estate of an example, with what changed in it since `before`."""
    loaded = from_texts(example.files, example.day)
    if example.before is None:
        return loaded
    from readiness.engine.against import add_changes, kept_of
    from readiness.estate.kept import Moves, Renames

    was = from_texts(example.before, example.day)
    loaded.sources.errors += was.sources.errors
    add_changes(loaded, kept_of(was), Renames({}, Moves(loaded.estate.of_type("moved"))))
    return loaded


def run(policies: Iterable[Policy]) -> list[ExampleResult]:
    """Run the examples of policies, in their order.

    Raises:
        UsageError: a condition of a policy does not compile.
    """
    return [result for policy in policies for result in run_built(policy, build(policy))]


def run_built(policy: Policy, examples: Iterable[Built]) -> list[ExampleResult]:
    """Run the examples of one policy.

    Raises:
        UsageError: a condition of the policy does not compile.
    """
    check = make_checks([policy])[0]
    check.prepare()
    check.asserted()
    results = []
    for built in examples:
        problem = outcome(check, built)
        place = (policy.path, built.example.line, built.example.column)
        results.append(
            ExampleResult(policy.id, built.kind, built.index, problem is None, problem or "", *place)
        )
    return results


def outcome(check: Check, built: Built) -> str | None:
    """What is wrong with what a prepared check says of an example, or None."""
    loaded, example = built.loaded, built.example
    # A module that an example calls need not be there: it is unknown.
    if loaded.sources.errors:
        error = loaded.sources.errors[0]
        return f"it cannot be read: {error.path}:{error.line}:{error.column}: {error.message}"
    try:
        result = _judged(replace(check, params={**check.params, **example.params}), example, loaded)
    except UsageError as error:
        if error.path not in example.files:
            raise
        return str(error)
    if result.errors:
        return result.errors[0].message
    findings = result.findings
    by_status = {
        status: [finding for finding in findings if finding.status == status]
        for status in ("fail", "unknown")
    }
    if built.kind == "pass":
        return _not_passed(by_status, result.counts.evaluated, result.counts.skipped)
    if built.kind == "unknown":
        if by_status["unknown"] and not by_status["fail"]:
            return None
        return f"expected an unknown, got {_shown(findings) or 'a pass'}"
    return _not_failed(example, by_status["fail"], findings)


def _judged(check: Check, example: Example, loaded: Loaded) -> Outcome:
    """What a check says of an example."""
    if check.policy.on == "triage":
        from readiness.engine.triage_examples import judged

        return judged(check, example, loaded) or Outcome([], [], Counts(), {})
    facts = RepositoryFacts(Path(), texts=example.files, today=example.day)
    if check.policy.on == "service":
        from readiness.estate.services.complete import complete

        complete(loaded.estate, facts)
    engine = Run(loaded.estate, facts, 1)
    engine.execute([check])
    return Outcome(engine.results(), engine.errors, engine.counts, {})


def _not_passed(by_status: dict[str, list[Finding]], evaluated: int, skipped: int) -> str | None:
    findings = by_status["fail"] + by_status["unknown"]
    if findings:
        return f"expected a pass, got {_shown(findings)}"
    if evaluated == 0:
        why = "`when`, `each` or the tier left nothing to check" if skipped else "no resource of its types"
        return f"expected a pass, but nothing was checked: {why}"
    return None


def _not_failed(example: Example, fails: list[Finding], findings: list[Finding]) -> str | None:
    if not fails:
        return f"expected a finding, got {_shown(findings) or 'a pass'}"
    if example.at is not None and example.at not in {finding.span.line for finding in fails}:
        return f"expected a finding at line {example.at}, got {_shown(fails)}"
    addresses = {address for f in fails for address in (f.subject.address, *f.instances)}
    if example.address is not None and example.address not in addresses:
        return f"expected a finding on {example.address}, got {_shown(fails)}"
    return None


def _shown(findings: list[Finding]) -> str:
    return "; ".join(
        f"{finding.status} at {finding.span.path}:{finding.span.line}:{finding.span.column} "
        f"on {finding.subject.address}: {finding.message}"
        for finding in findings[:3]
    )
