"""How many attribute values of a repository's Terraform resources are known.

    python bench/known.py FOLDER…

Counts the leaves of the bodies of managed resources and data sources, as `readiness show` prints
them for every folder given; an unknown counts as one leaf, however much it stands for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any


def leaves(value: Any) -> Iterator[bool]:
    """For each leaf of a JSON value whether it is known."""
    if isinstance(value, dict):
        if "$unknown" in value:
            yield False
            return
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield True


def count(folder: str) -> tuple[int, int, int]:
    """Resources, known values and all values of a folder."""
    command = [sys.executable, "-m", "readiness", "show", "--in", folder, "--format", "json"]
    output = subprocess.run(command, capture_output=True, check=False, text=True).stdout
    found = [
        resource["body"]
        for resource in json.loads(output)["resources"]
        if resource["platform"] == "terraform" and "_" in resource["type"]
    ]
    known = [flag for body in found for flag in leaves(body)]
    return len(found), sum(known), len(known)


def main() -> None:
    """Print a line for each folder."""
    for folder in sys.argv[1:]:
        resources, known, values = count(folder)
        share = known / max(values, 1)
        print(f"{folder}: {resources} resources, {known:,} of {values:,} values known ({share:.1%})")


if __name__ == "__main__":
    main()
