"""The text of `waivers.yaml`, or what is added to one that is there."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.config.waivers import WaiverFile, parse_waivers
from readiness.errors import UsageError
from readiness.onboarding.blocks import outline, with_entry, with_item
from readiness.onboarding.migrate import NewWaiver
from readiness.onboarding.texts import comment, flow, written

_HEAD = """\
# Approved exceptions of readiness. Say who answers for each (owner), why (reason), until when (expires),
# and who approved it (approved_by): policies ask for that, see `readiness explain gov-04`.
waivers:
"""


def waivers_text(waivers: Sequence[NewWaiver]) -> str:
    """A whole file."""
    return _HEAD + "\n".join(_entry(waiver, "  ") for waiver in waivers)


def extended(old: WaiverFile, waivers: Sequence[NewWaiver]) -> str | None:
    """A file with more entries behind those that are there; None where it is not certain how to add them."""
    first = outline(old.text)
    if first is not None and "waivers" not in first.nodes:
        return with_entry(first, waivers_text(waivers))
    made: str | None = old.text
    for waiver in waivers:
        before = None if made is None else outline(made)
        made = None if before is None else with_item(before, "waivers", "\n" + _entry(waiver, ""))
    if made is None:
        return None
    try:
        new = parse_waivers(old.path, made).waivers
    except UsageError:
        return None
    left = [one.written for one in new]
    kept = all(one.written in left for one in old.waivers)
    return made if kept and len(new) == len(old.waivers) + len(waivers) else None


def _entry(waiver: NewWaiver, indent: str) -> str:
    first = waiver.policies[0] if len(waiver.policies) == 1 else flow(waiver.policies)
    lines = [comment(waiver.remark, indent), f"{indent}- policy: {first}"]
    for name, values in (("resources", waiver.resources), ("paths", waiver.paths)):
        if values:
            value = written(values[0]) if len(values) == 1 else flow(values)
            lines.append(f"{indent}  {name}: {value}")
    for name, text in (("reason", waiver.reason), ("owner", waiver.owner), ("expires", waiver.expires)):
        if text:
            lines.append(f"{indent}  {name}: {written(text)}")
    return "\n".join(lines) + "\n"
