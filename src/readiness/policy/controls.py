"""Controls: the expectations taken from the role blueprints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readiness.errors import UsageError


def load_controls(folder: Path) -> dict[str, dict[str, Any]]:
    """The controls of `controls.yaml` in a policy folder, by id.

    Raises:
        UsageError: the file is missing or not in shape.
    """
    import yaml

    path = folder / "controls.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as file:
            data = yaml.load(file, Loader=loader)
        return {control["id"]: control for control in data["controls"]}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise UsageError(f"the controls cannot be read: {error}", str(path)) from None
