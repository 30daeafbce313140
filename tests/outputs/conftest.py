"""Whole-text snapshots of outputs.

`READINESS_UPDATE_SNAPSHOTS=1 pytest tests/outputs` writes the snapshots anew; look at the diff.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Tests are imported by path, so their shared module has to be put where Python finds it.
sys.path.insert(0, str(Path(__file__).parent))

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a text with the stored one of that name, whole."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / name
        if os.environ.get("READINESS_UPDATE_SNAPSHOTS") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"no snapshot {name}: run with READINESS_UPDATE_SNAPSHOTS=1 and read it"
        assert text == path.read_bytes().decode()

    return compare
