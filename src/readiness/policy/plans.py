"""The short form in which examples write the changes of a plan → the plan that Terraform would write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_ACTIONS = {"replace": ["delete", "create"]}


def plan_text(changes: Iterable[dict[str, Any]]) -> str:
    """A plan as `terraform show -json` prints it, with nothing in it but its changes.

    A change has `address`, `action`, and as it needs them `before`, `after`, `unknown` (names of
    attributes that only apply knows), `replace_paths` (names of attributes) and `reason`.
    """
    import json

    plan = {"format_version": "1.2", "resource_changes": [_change(change) for change in changes]}
    return json.dumps(plan, indent=2)


def _change(change: dict[str, Any]) -> dict[str, Any]:
    from readiness.terraform.plan_addresses import parse_address

    parts: dict[str, Any] = {
        "actions": _ACTIONS.get(change["action"], [change["action"]]),
        "before": change.get("before"),
        "after": change.get("after"),
    }
    if "unknown" in change:
        parts["after"] = parts["after"] or {}
        parts["after_unknown"] = dict.fromkeys(change["unknown"], True)
    if "replace_paths" in change:
        parts["replace_paths"] = [path.split(".") for path in change["replace_paths"]]
    address = parse_address(change["address"])
    result = {
        "address": change["address"],
        "mode": address.mode,
        "type": address.type,
        "name": address.name,
        "change": parts,
    }
    if "reason" in change:
        result["action_reason"] = change["reason"]
    return result
