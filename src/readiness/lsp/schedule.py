"""When a project is looked at: a little after the newest edit, and for that one alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Look = Callable[[Callable[[], bool]], Awaitable[None]]
"""Looks at a project; what it is given says whether anybody still waits for that."""


class Schedule:
    """Calls `look` once for many edits in a row; a new edit makes nobody wait for what is under way."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def touch(self, delay: float) -> None:
        """Something is different: look at it after so many seconds without another edit."""
        self._number += 1
        self._idle.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay, self._start)

    def hurry(self) -> None:
        """Look now at what waits for its time."""
        if self._timer is not None:
            self._timer.cancel()
            self._start()

    async def settled(self) -> None:
        """Wait until the newest edit was looked at."""
        await self._idle.wait()

    def stop(self) -> None:
        """Look no more."""
        self._number += 1
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._idle.set()

    def _start(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._run(self._number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, number: int) -> None:
        try:
            await self._look(lambda: number == self._number)
        finally:
            if number == self._number:
                self._idle.set()
