"""Who does the work of a fleet: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from readiness import __version__
from readiness.errors import UsageError
from readiness.fleet.work import begin, version

GRACE = 60.0
"""Seconds that a repository has beyond its limit, which the worker watches itself."""

ENDING = 10.0
"""Seconds for which a pool may take to end, when its processes were killed."""

PATIENCE = 60.0
"""Seconds for which a cluster may be without a worker: one that died comes back."""


class Workers:
    """Executors of one kind: `make` gives a new one, when the last one broke; `number` are its workers.

    `look` is called while nothing comes: it raises `UsageError` where nobody is left who could work.
    `beside` is how many tasks one worker may have at once.
    """

    def __init__(
        self,
        make: Callable[[], AbstractContextManager[Executor]],
        number: int,
        look: Callable[[], None] = lambda: None,
        beside: int = 1,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.make = make
        self.number = number
        self.look = look
        self.close = close
        self._beside = beside

    def limit(self, seconds: float) -> float:
        """Seconds after which a task that may take so many hangs: its worker did not end it."""
        return seconds * self._beside + GRACE


def local_workers(jobs: int | None = None) -> Workers:
    """Processes of this machine, each a new one: none of them outlives the program."""
    import multiprocessing

    number = jobs or os.cpu_count() or 1
    pools: list[ProcessPoolExecutor] = []

    @contextmanager
    def make() -> Iterator[Executor]:
        # A copy of a process with threads may hang; a new one imports what it needs.
        pool = ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("spawn"), initializer=begin)
        pools.append(pool)
        try:
            yield pool
        finally:
            pools.remove(pool)
            _end(pool)

    def look() -> None:
        for pool in pools:
            if any(process.exitcode is not None for process in _processes(pool)):
                _let_go(pool)

    return Workers(make, number, look)


def _processes(pool: ProcessPoolExecutor) -> list[Any]:
    """The processes of a pool, for which it has no name of its own before Python 3.14."""
    return list((getattr(pool, "_processes", None) or {}).values())


def _let_go(pool: ProcessPoolExecutor) -> None:
    """Let a pool see that a process died while it sent its answer.

    It waits for the rest of it as long as its own end of the pipe is open.
    """
    with suppress(AttributeError, OSError):
        pool._result_queue._writer.close()  # type: ignore[attr-defined]


def _end(pool: ProcessPoolExecutor) -> None:
    """End a pool with all of its processes, also those that are at work or hang."""
    processes = _processes(pool)
    thread = getattr(pool, "_executor_manager_thread", None)
    # Nothing is cancelled: the pool would stumble over that when its processes end.
    pool.shutdown(wait=False)
    for process in processes:
        process.kill()
    _let_go(pool)
    # It sees to the processes that ended; a pool that was told not to wait has no way to wait for it.
    if thread is not None:
        thread.join(ENDING)


def dask_workers(address: str) -> Workers:
    """The workers of a Dask cluster, by the address of its scheduler (`tcp://HOST:PORT`).

    Raises:
        UsageError: the extra is not installed, nothing answers there, or the workers have no `readiness` or
            one of another version.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask: install the extra, `pip install 'readiness[fleet]'`"
        ) from None

    # What Dask logs when a cluster goes is no more than what is told here.
    level = logging.root.manager.disable
    logging.disable()
    try:
        client: Any = Client(address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        logging.disable(level)
        raise UsageError(f"--scheduler: nothing answers at {address!r}: {error}") from None

    def close() -> None:
        client.close()
        logging.disable(level)

    try:
        _see_versions(client)
        number = len(client.nthreads()) or 1
    except BaseException:
        close()
        raise
    idle = [time.monotonic()]

    def look() -> None:
        try:
            found = client.status == "running" and len(client.nthreads())
        except Exception as error:
            found = False
            raise UsageError(f"--scheduler: the cluster at {address!r} has gone: {error}") from None
        if found is False:
            raise UsageError(f"--scheduler: the cluster at {address!r} has gone")
        if found:
            idle[0] = time.monotonic()
        elif time.monotonic() - idle[0] > PATIENCE:
            raise UsageError(f"--scheduler: the cluster at {address!r} has no workers")

    @contextmanager
    def make() -> Iterator[Executor]:
        executor = client.get_executor(pure=False, retries=0)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)

    return Workers(make, number, look, beside=4, close=close)


def _see_versions(client: Any) -> None:
    """See that all workers have this program.

    Raises:
        UsageError: one has not.
    """
    try:
        found = client.run(version)
    except Exception as error:
        message = (
            f"--scheduler: the workers cannot run readiness {__version__}: {type(error).__name__}: {error}"
        )
        raise UsageError(message) from None
    other = next(((worker, one) for worker, one in found.items() if one != __version__), None)
    if other is not None:
        raise UsageError(f"--scheduler: the worker {other[0]} has readiness {other[1]}, not {__version__}")
