"""Controls: the expectations taken from the role blueprints, and those of a user's own pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readiness.errors import UsageError

CONTROLS_FILE = "controls.yaml"
_CONTROL: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title"],
    "additionalProperties": False,
    "properties": {
        "id": {
            "type": "string",
            "pattern": "^[a-z]+(-[a-z]+)?-[0-9]{2}$",
            "description": "the id of a control is a word or two and two digits, such as acme-01",
        },
        "title": {"type": "string", "minLength": 1},
        "statement": {"type": "string"},
        "why": {"type": "string"},
        "evidence": {"type": "string"},
        "sources": {"type": "array"},
        "kpi": {"type": "array"},
        "tiers": {"type": "object"},
    },
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["controls"],
    "additionalProperties": False,
    "properties": {"version": {}, "controls": {"type": "array", "items": {"$ref": "#/$defs/control"}}},
    "$defs": {"control": _CONTROL},
}


def load_controls(folder: Path) -> dict[str, dict[str, Any]]:
    """The built-in controls of `controls.yaml` in a policy folder, by id.

    Raises:
        UsageError: the file is missing or not in shape.
    """
    import yaml

    path = folder / CONTROLS_FILE
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as file:
            data = yaml.load(file, Loader=loader)
        return {control["id"]: control for control in data["controls"]}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise UsageError(f"the controls cannot be read: {error}", str(path)) from None


def own_controls(folder: Path, shown: str | None = None) -> dict[str, dict[str, Any]]:
    """The controls of `controls.yaml` in the folder of a pack, by id; none where there is no such file.

    `shown` replaces the folder in the paths that users see.

    Raises:
        UsageError: the file cannot be read, or something in it is wrong; with its place.
    """
    path = folder / CONTROLS_FILE
    if not path.is_file():
        return {}
    from readiness.config.document import hold, place_of, read_document
    from readiness.policy.files import read_text

    name = f"{shown}/{CONTROLS_FILE}" if shown else path.as_posix()
    data = read_document(name, read_text(path, name), what="controls")
    hold(data, _SCHEMA, name, "field")
    found: dict[str, dict[str, Any]] = {}
    for index, control in enumerate(data["controls"]):
        if control["id"] in found:
            place = place_of(data, ("controls", index, "id"))
            raise UsageError(f"the control {control['id']!r} stands here twice", name, *place)
        found[control["id"]] = control
    return found
