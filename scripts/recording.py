"""What the scripts share that record answers of Terraform; they need a `terraform` binary and no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def terraform(folder: Path, *args: str) -> str:
    """Standard output of a run of Terraform; what went wrong ends this script."""
    done = subprocess.run(["terraform", *args], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"terraform {args[0]}:\n{done.stderr}")
    return done.stdout


def lines(path: Path) -> list[str]:
    """The expressions of a text file."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line]


def known(value: Any, unknown: Any, mark: str) -> Any:
    """A planned value with `{mark: true}` for what the plan does not know."""
    if unknown is True:
        return {mark: True}
    if isinstance(unknown, dict):
        both = {**(value or {}), **unknown}
        return {key: known((value or {}).get(key), unknown.get(key), mark) for key in both}
    if isinstance(unknown, list) and isinstance(value, list):
        rest = [*unknown, *[False] * (len(value) - len(unknown))]
        return [known(item, part, mark) for item, part in zip(value, rest, strict=True)]
    return value
