"""`readiness explain POLICY ADDRESS`: why a policy holds for a resource, or does not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from readiness.cli.exceptions import Excepting
from readiness.cli.settings import with_settings

if TYPE_CHECKING:
    from readiness.config.model import Place
    from readiness.engine.explained import Condition, Explained, Fact, Input, Item
    from readiness.engine.prepare import Prepared
    from readiness.policy.model import Policy
    from readiness.values import Span

LARGEST = 2_000
"""Characters of the largest value that JSON holds as a whole."""


class Question(Struct, frozen=True):
    """What was asked: the policy by any of its names, the address, the paths, and what settings were said."""

    identifier: str
    address: str
    paths: tuple[str, ...]
    said: dict[str, Any]
    excepting: Excepting
    config: str | None
    isolated: bool
    format: str


def answer(ctx: click.Context, question: Question) -> int:
    """Explain, and give the exit status: 3 where some input could not be read.

    Raises:
        UsageError: there is no such policy, path or resource, or a setting is wrong.
    """
    from readiness.api import explain
    from readiness.cli.explaining_text import text
    from readiness.cli.writing import complain, terminal_width, to_stdout, wants_color
    from readiness.engine.prepare import prepare
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import place

    said = question.said | question.excepting.said
    settings = with_settings(ctx, question.config, question.isolated, said, locked=True)
    question.excepting.complete(settings, question.isolated)
    prepared = prepare(settings)
    found = _policies(question.identifier, prepared)
    address, paths = _where(question, found)
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    policy, every, loaded = explain(found, address, paths, settings, prepared, stdin)
    for remark in prepared.remarks:
        complain(remark, "note")
    for error in sorted(loaded.errors):
        complain(f"{place(error)}: {error.message}")
    if question.format == "json":
        to_stdout(dumps(document(policy, every), depth=4))
    else:
        terminal = sys.stdout.isatty()
        width = min(terminal_width(terminal), 100)
        to_stdout(text(policy, every, width, wants_color("auto", terminal)))
    return 3 if loaded.errors else 0


def _policies(identifier: str, prepared: Prepared) -> list[Policy]:
    from readiness.cli.explain import find
    from readiness.cli.writing import complain
    from readiness.errors import UsageError, near

    every, named = prepared.every, identifier.strip().lower()
    found = find(every, identifier)
    if found and named in prepared.names.former:
        complain(f"{identifier!r} is now called {found[0].id!r}", "note")
    if not found:
        if named in prepared.names.retired:
            raise UsageError(f"{identifier!r} is no policy any more: {prepared.names.retired[named]}")
        known = [*(policy.id for policy in every), *sorted({policy.control for policy in every})]
        raise UsageError(
            f"there is no policy, control or peer's id {identifier!r}{near(identifier.lower(), known)}"
        )
    return found


def _where(question: Question, found: list[Policy]) -> tuple[str | None, tuple[str, ...]]:
    """The address and the paths: a policy on the estate as a whole needs no address."""
    address, paths = question.address, question.paths
    if all(policy.on == "estate" for policy in found) and (address == "-" or Path(address).exists()):
        return None, (address, *paths)
    return address, paths or (".",)


# -- JSON -----------------------------------------------------------------------------


def document(policy: Policy, every: list[Explained]) -> dict[str, Any]:
    """The answer for machines."""
    return {
        "schema_version": 1,
        "policy": {
            "id": policy.id,
            "control": policy.control,
            "on": policy.on,
            "path": policy.path,
        },
        "resources": [_explained(one) for one in every],
    }


def _explained(one: Explained) -> dict[str, Any]:
    from readiness.outputs.json_report import finding_json, location

    return {
        "address": one.address,
        "type": one.type,
        "name": one.name,
        "service": one.service,
        "evaluated_for": one.variant or None,
        "location": location(one.span),
        "title": one.title,
        "outcome": one.outcome,
        "code": one.code,
        "why": one.why,
        "would": one.would,
        "gates": one.gates,
        "facts": [_fact(fact) for fact in one.facts],
        "when": [_condition(condition) for condition in one.when],
        "each": None if one.each is None else _condition(one.each),
        "items": [_item(item) for item in one.items],
        "findings": [finding_json(finding) for finding in one.findings],
        "errors": one.errors,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "value": _value(fact.value),
        "origin": fact.origin,
        "location": _place(fact.place),
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"path": place.path, "line": place.line, "column": place.column}


def _location(span: Span | None) -> dict[str, Any] | None:
    from readiness.outputs.json_report import location

    return None if span is None or not span.path else location(span)


def _item(item: Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "outcome": item.outcome,
        "location": _location(item.span),
        "silenced_by": item.silenced_by,
        "conditions": [_condition(condition) for condition in item.conditions],
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "source": condition.source,
        "element": condition.element,
        "result": condition.result,
        "reason": condition.reason,
        "inputs": [_input(one) for one in condition.inputs],
        "parts": [_condition(part) for part in condition.parts],
        "left": condition.left,
    }


def _input(one: Input) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": _value(one.value),
        "error": one.error,
        "address": one.address,
        "location": _location(one.span),
        "origins": [{"kind": o.kind, "location": _location(o.span)} for o in one.origins],
    }


def _value(value: Any) -> Any:
    """A value as JSON; of a large one what it is."""
    from readiness.cli.show import to_json

    plain = to_json(value)
    if isinstance(plain, dict | list | str) and len(str(plain)) > LARGEST:
        return {"$left_out": sized(value)}
    return plain


def sized(value: Any) -> str:
    """What a large value is: `a mapping of 12`, `a list of 3`, `a text of 4,000 characters`."""
    if isinstance(value, dict):
        return f"a mapping of {len(value):,}"
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    return f"a text of {len(str(value)):,} characters"
