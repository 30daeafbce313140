"""Reports of many checkouts through an executor: in order, a few at a time, whatever dies on the way."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import TimeoutError as FutureTimeoutError

import msgspec

from readiness import __version__
from readiness.errors import UsageError
from readiness.fleet.work import Answer, Asked, Repository, decoded, report_of
from readiness.fleet.workers import Workers

AHEAD = 4
"""How many tasks for each worker wait or hold their result: what bounds the memory of a fleet."""

TRIES = 3
"""How often the worker of a repository may die: once beside others, which it may be by their fault."""

LOOK = 5.0
"""Seconds after which it is looked again whether anybody is at work."""

DIED = "the process that reads it dies, also where it is alone (perhaps for want of memory)"

_DEATHS = frozenset({"KilledWorker", "CommClosedError", "FutureCancelledError"})
"""Errors of Dask for a task whose worker died: https://distributed.dask.org/en/stable/killed.html"""


class _HangsError(Exception):
    """A task gives no answer, though its time is over."""


def answers(
    repositories: Sequence[Repository], asked: Asked, workers: Workers
) -> Generator[tuple[Repository, Answer], None, None]:
    """The answer for each repository, in their order.

    A worker that dies takes nothing with it: what it was at is tried again, at last in a worker of its own.

    Raises:
        UsageError: nobody is left who could work, or has another version of the program.
    """
    wire = msgspec.msgpack.encode(asked)
    left = deque(repositories)
    deaths: dict[str, int] = {}
    while left:
        alone = deaths.get(left[0].folder, 0) > 0
        # What was at work when a worker died is suspect: each goes alone then.
        batch = [left[0]] if alone else list(left)
        with workers.make() as executor:
            for repository, answer in _batch(batch, wire, executor, 1 if alone else workers.number, workers):
                if answer is None:
                    deaths[repository.folder] = deaths.get(repository.folder, 0) + 1
                    if deaths[repository.folder] < TRIES:
                        break
                    answer = Answer(problem=DIED)
                left.popleft()
                yield repository, answer


def _batch(
    batch: Sequence[Repository], wire: bytes, executor: Executor, number: int, workers: Workers
) -> Iterator[tuple[Repository, Answer | None]]:
    """Answers in order; None, and no more after it, where a worker died, nor after one that hangs."""
    seconds = msgspec.msgpack.decode(wire, type=Asked).timeout
    limit = workers.limit(seconds) if seconds else None
    waiting: deque[tuple[Repository, Future[bytes]]] = deque()
    coming = iter(batch)
    try:
        while True:
            while len(waiting) < number * AHEAD:
                repository = next(coming, None)
                if repository is None:
                    break
                waiting.append((repository, executor.submit(report_of, repository.folder, wire)))
            if not waiting:
                return
            repository, future = waiting[0]
            try:
                answer = _answer(future, limit, workers)
            except _HangsError:
                # Its worker did not end it: this one is lost, and what follows has new ones.
                yield repository, Answer(problem=f"it took longer than {seconds:g} seconds")
                return
            waiting.popleft()
            yield repository, answer
            if answer is None:
                return
    except BrokenExecutor:
        # On handing in the next: the one that is waited for has died, or will have.
        dead = waiting[0][0] if waiting else repository
        if dead is not None:
            yield dead, None


def _answer(future: Future[bytes], limit: float | None, workers: Workers) -> Answer | None:
    """The answer of a task; None where its worker died.

    Raises:
        _HangsError: there is none after `limit` seconds.
        UsageError: nobody is left who could work, or has another version of the program.
    """
    try:
        answer = decoded(_waited(future, limit, workers))
    except (BrokenExecutor, CancelledError):
        workers.look()
        return None
    except (_HangsError, UsageError):
        raise
    except Exception as error:
        if type(error).__name__ in _DEATHS:
            workers.look()
            return None
        return Answer(problem=f"internal error: {type(error).__name__}: {error}")
    if answer.tool != __version__:
        raise UsageError(f"a worker has readiness {answer.tool or 'of another version'}, not {__version__}")
    return answer


def _waited(future: Future[bytes], limit: float | None, workers: Workers) -> bytes:
    """The result of a task.

    Raises:
        _HangsError: there is none after `limit` seconds.
        UsageError: nobody is left who could work.
    """
    until = None if limit is None else time.monotonic() + limit
    while True:
        rest = LOOK if until is None else max(0.0, min(LOOK, until - time.monotonic()))
        try:
            return future.result(rest)
        except FutureTimeoutError:
            workers.look()
            if until is not None and time.monotonic() >= until:
                raise _HangsError from None
