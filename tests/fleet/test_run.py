"""Reports through an executor: in order, a few at a time, and what happens when workers die."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import msgspec
import pytest

from readiness.errors import UsageError
from readiness.fleet import run
from readiness.fleet.run import AHEAD, DIED, Workers, answers, dask_workers, local_workers
from readiness.fleet.work import Answer, Asked, Repository, report_of


class Fake(Executor):
    """An executor that does a task at once; one for a deadly folder breaks it, as a pool does."""

    def __init__(self, log: list[str], does: Callable[[str], Answer], deadly: frozenset[str]) -> None:
        self.log, self.does, self.deadly, self.broken = log, does, deadly, False

    def submit(self, fn, /, *args, **kwargs):
        assert fn is report_of
        folder, asked = args
        assert msgspec.msgpack.decode(asked, type=Asked).when == "then"
        self.log.append(folder)
        future: Future[bytes] = Future()
        if self.broken:
            raise BrokenProcessPool("broken")
        if folder in self.deadly:
            self.broken = True
        if self.broken:
            future.set_exception(BrokenProcessPool("broken"))
        else:
            future.set_result(msgspec.msgpack.encode(self.does(folder)))
        return future


def fleet(deadly: str = "", number: int = 9, workers: int = 1, does: Callable[[str], Answer] | None = None):
    """The answers of a fleet of folders `0`, `1` …, and what was handed to executors."""
    log: list[str] = []
    made: list[int] = []

    @contextmanager
    def make():
        made.append(len(log))
        yield Fake(log, does or (lambda folder: Answer(problem=f"of {folder}")), frozenset(deadly.split()))

    repositories = [Repository(f"r{n}", str(n)) for n in range(number)]
    found = [
        (one.name, answer.problem)
        for one, answer in answers(repositories, Asked(when="then"), Workers(make, workers))
    ]
    return found, log, made


def test_answers_come_in_order_and_few_wait():
    held: list[int] = []
    log: list[str] = []

    @contextmanager
    def make():
        yield Fake(log, lambda folder: Answer(problem=folder), frozenset())

    repositories = [Repository(f"r{n}", str(n)) for n in range(40)]
    for number, (_, answer) in enumerate(answers(repositories, Asked(when="then"), Workers(make, 2))):
        assert answer.problem == str(number)
        held.append(len(log) - number)
    assert max(held) == 2 * AHEAD


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("deadly", ["", "0", "3", "8", "2 3", "0 8", "0 1 2 3 4 5 6 7 8"])
def test_a_worker_that_dies_takes_only_its_own_repository(deadly, workers):
    found, _, _ = fleet(deadly, workers=workers)
    dead = set(deadly.split())
    assert found == [(f"r{n}", DIED if str(n) in dead else f"of {n}") for n in range(9)]


def test_what_was_beside_a_dead_worker_is_read_again_alone():
    found, log, made = fleet("1", number=3)
    assert [name for name, _ in found] == ["r0", "r1", "r2"]
    # All at once; the first again, alone; the deadly one with the rest, then alone, twice; the rest.
    assert (log[0], log[-1]) == ("0", "2")
    assert log.count("1") == 3 + 1
    assert len(made) > 3


def test_an_error_of_a_task_is_its_repositorys_alone():
    def does(folder: str) -> Answer:
        return Answer(problem="fine")

    class Failing(Fake):
        def submit(self, fn, /, *args, **kwargs):
            future: Future[bytes] = Future()
            if args[0] == "1":
                future.set_exception(ValueError("no such thing"))
            else:
                future.set_result(msgspec.msgpack.encode(does(args[0])))
            return future

    @contextmanager
    def make():
        yield Failing([], does, frozenset())

    repositories = [Repository(f"r{n}", str(n)) for n in range(3)]
    found = [answer.problem for _, answer in answers(repositories, Asked(), Workers(make, 1))]
    assert found == ["fine", "internal error: ValueError: no such thing", "fine"]


def _die_at_bad(folder: str, asked: bytes) -> bytes:
    """What a worker of the test does: it is killed where the folder says so."""
    import os
    import signal

    if folder.endswith("bad"):
        os.kill(os.getpid(), signal.SIGKILL)
    return msgspec.msgpack.encode(Answer(problem=f"read {folder}"))


@pytest.mark.slow
def test_a_process_that_is_killed_costs_its_repository_alone(monkeypatch):
    import multiprocessing

    monkeypatch.setattr(run, "report_of", _die_at_bad)

    def make():
        return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))

    repositories = [Repository(name, name) for name in ("a", "bad", "c", "d")]
    found = {one.name: answer.problem for one, answer in answers(repositories, Asked(), Workers(make, 2))}
    assert found == {"a": "read a", "bad": DIED, "c": "read c", "d": "read d"}


def test_a_repository_that_is_gone_or_takes_too_long_is_a_problem(tmp_path, monkeypatch):
    import time

    from readiness.fleet import work
    from readiness.fleet.work import decoded

    gone = decoded(report_of(str(tmp_path / "gone"), msgspec.msgpack.encode(Asked())))
    assert gone == Answer(None, "the folder is not there")
    monkeypatch.setattr(work, "_scorecard", lambda folder, asked: time.sleep(60))
    late = decoded(report_of(str(tmp_path), msgspec.msgpack.encode(Asked(timeout=0.05))))
    assert late == Answer(None, "it took longer than 0.05 seconds")


def test_a_scheduler_that_does_not_answer(monkeypatch):
    pytest.importorskip("distributed")
    with pytest.raises(UsageError) as error:
        dask_workers("nonsense://127.0.0.1:1")
    assert error.value.message.startswith("--scheduler: nothing answers at 'nonsense://127.0.0.1:1'")


def test_processes_of_this_machine_have_a_number():
    assert local_workers(3).number == 3
