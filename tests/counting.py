"""How much work something does: calls are counted, so that a test says the same on every machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest


class Calls:
    """The number of functions that were called, of Python and of C."""

    def __init__(self) -> None:
        self.number = 0


@contextmanager
def counted(most: int = 10**9) -> Iterator[Calls]:
    """Count what is called; the test fails as soon as that is more than `most`.

    `most` leaves room for other versions of Python and of the code: it tells what grows with the size of the
    input from what grows with its square, or without end.
    """
    calls = Calls()

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        if event in ("call", "c_call"):
            calls.number += 1
            if calls.number > most:
                sys.setprofile(None)
                pytest.fail(f"more than {most:,} calls")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)
