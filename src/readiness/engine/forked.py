"""Work in a copy of this process, beside it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

POSSIBLE = sys.platform == "linux"
"""Elsewhere a copy of a process is not safe, or not to be had."""

FORK_FROM = 6_000
"""Resources from which a second process pays off: it copies what it touches of the estate."""


def pays_off(resources: int, workers: int) -> bool:
    """Whether work on so many resources is worth a second process; `workers` is how many there may be."""
    return POSSIBLE and workers >= 2 and resources >= FORK_FROM


def _end(number: int, frame: object) -> None:
    """End by an exception: what the work made for a while is cleared away."""
    raise SystemExit(number)


class Turns:
    """Numbers below 256 that a process and its copies take by turns, each number once.

    Made before the copies: each takes what is next when it is free.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        self._reading, writing = os.pipe()
        os.write(writing, bytes(numbers))
        os.close(writing)

    def __iter__(self) -> Iterator[int]:
        while taken := os.read(self._reading, 1):
            yield taken[0]

    def close(self) -> None:
        """To be called in this process when all are taken."""
        os.close(self._reading)


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


class Meanwhile(Generic[T]):
    """What a function gives, worked out in a copy of this process while this one does something else.

    `type_` is what it gives, which msgspec can write.  Where it is not to be done `apart`, or no copy can be
    made, this process does it when asked for the result.
    """

    def __init__(self, work: Callable[[], T], type_: Any, apart: bool) -> None:
        self._work, self._type = work, type_
        self._other: Forked | None = None
        if apart:
            with suppress(OSError):  # a limit on processes
                self._other = Forked(lambda: msgspec.msgpack.encode(work()))

    def result(self) -> T:
        """To be asked for once.

        Raises:
            Exception: whatever the function raises.
        """
        data = None if self._other is None else self._other.result()
        if data is not None:
            with suppress(msgspec.MsgspecError):
                found: T = msgspec.msgpack.decode(data, type=self._type)
                return found
        # The other process died, or its work ended in an error: that is to be raised here.
        return self._work()
