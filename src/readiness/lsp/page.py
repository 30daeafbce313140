"""What an editor shows where the mouse rests on a finding."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness.engine.model import Finding
from readiness.outputs.options import label_of, reason_of
from readiness.outputs.pages.markdown import code, document, inline, prose
from readiness.outputs.pages.policy import best_example, example_blocks
from readiness.policy.bundle import builtin_folder
from readiness.policy.controls import load_controls, own_controls
from readiness.policy.loader import load_file
from readiness.policy.model import Examples, Policy
from readiness.policy.packs import Pack, locate


def page(policy: Policy, packs: Sequence[Pack]) -> str:
    """Why a policy is there, how to mend what it finds, and an example that is right, as Markdown.

    Raises:
        UsageError: the file of the policy or the controls of a pack cannot be read any more.
    """
    control = _controls(packs).get(policy.control, {})
    blocks = [prose(policy.remediation)]
    if control.get("why"):
        blocks.append([f"Why: {inline(str(control['why']))}"])
    title = inline(str(control.get("title", "")))
    blocks.append([f"Control {code(policy.control)}" + (f": {title}" if title else "")])
    passing = _examples(policy, packs).pass_
    if passing:
        blocks += [["**Right:**"], *example_blocks(best_example(passing), policy)]
    blocks.append([f"* <{reference}>" for reference in policy.references])
    return document(blocks)


def heading(finding: Finding) -> str:
    """What was found, above the page of its policy."""
    blocks = [[f"**{inline(label_of(finding))}[{code(finding.policy)}]: {inline(finding.message)}**"]]
    reason = reason_of(finding)
    if reason is not None:
        blocks.append([f"Reason: {inline(reason)}"])
    origins = [
        f"* value from {inline(origin.kind)} at {code(f'{origin.span.path}:{origin.span.line}')}"
        for origin in finding.origins
    ]
    return document([*blocks, origins])


def _controls(packs: Sequence[Pack]) -> dict[str, dict[str, Any]]:
    controls = dict(_builtin_controls())
    for place in (locate(pack.spec) for pack in packs[1:]):
        controls |= own_controls(place.folder, place.shown)
    return controls


@functools.cache
def _builtin_controls() -> dict[str, dict[str, Any]]:
    return load_controls(builtin_folder())


def _examples(policy: Policy, packs: Sequence[Pack]) -> Examples:
    """The examples of a policy, which runs do without: they are in its file."""
    if policy.admission is not None:
        return policy.examples
    for path in _files(policy, packs):
        if path.is_file():
            found = load_file(path, policy.path, None)
            if found.id == policy.id:
                return found.examples
    return policy.examples


def _files(policy: Policy, packs: Sequence[Pack]) -> list[Path]:
    """Where the file of a policy may be, by the path that users see of it."""
    found = [builtin_folder().parent / policy.path, Path(policy.path)]
    for place in (locate(pack.spec) for pack in packs[1:]):
        if place.shown is not None and policy.path.startswith(f"{place.shown}/"):
            found.append(place.folder / policy.path.removeprefix(f"{place.shown}/"))
    return found
