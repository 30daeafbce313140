"""Work in a copy of this process, beside it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

POSSIBLE = sys.platform == "linux"
"""Elsewhere a copy of a process is not safe, or not to be had."""


def _end(number: int, frame: object) -> None:
    """End by an exception: what the work made for a while is cleared away."""
    raise SystemExit(number)


class Forked:
    """Bytes that a function makes in a copy of this process.

    Raises:
        OSError: no copy can be made (a limit on processes).
    """

    def __init__(self, work: Callable[[], bytes]) -> None:
        reading, writing = os.pipe()
        self._reading = reading
        self._child = os.fork()
        if self._child:
            os.close(writing)
            return
        status = 1
        try:
            with suppress(ValueError):  # of a thread
                signal.signal(signal.SIGTERM, _end)
            os.close(reading)
            data = work()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(data)
            status = 0
        finally:
            os._exit(status)  # nothing of the parent may be written, closed or raised twice

    def result(self) -> bytes | None:
        """What the function made; None where it did not come to an end."""
        with os.fdopen(self._reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self._child, 0)
        return data if status == 0 else None
