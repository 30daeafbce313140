"""Reports through an executor: in order, a few at a time, and what happens when workers die."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import msgspec
import pytest

from readiness import __version__
from readiness.errors import UsageError
from readiness.fleet import run
from readiness.fleet.run import AHEAD, DIED, answers
from readiness.fleet.work import Answer, Asked, Late, Repository, decoded, encoded, report_of
from readiness.fleet.workers import Workers, dask_workers, local_workers


def sent(answer: Answer) -> bytes:
    """An answer as a worker of this version sends it."""
    return encoded(msgspec.structs.replace(answer, tool=__version__))


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
            future.set_result(sent(self.does(folder)))
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
                future.set_result(sent(does(args[0])))
            return future

    @contextmanager
    def make():
        yield Failing([], does, frozenset())

    repositories = [Repository(f"r{n}", str(n)) for n in range(3)]
    found = [answer.problem for _, answer in answers(repositories, Asked(), Workers(make, 1))]
    assert found == ["fine", "internal error: ValueError: no such thing", "fine"]


def _does_as_told(folder: str, asked: bytes) -> bytes:
    """What a worker of the tests does: it is killed, or hangs, where the folder says so."""
    import os
    import signal
    import time

    if folder == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    if folder == "hangs":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(1_000)
    return sent(Answer(problem=f"read {folder} in {os.getpid()}"))


@pytest.mark.slow
def test_a_process_that_is_killed_or_hangs_costs_its_repository_alone(monkeypatch):
    from readiness.fleet import workers

    monkeypatch.setattr(run, "report_of", _does_as_told)
    monkeypatch.setattr(workers, "GRACE", 8.0)
    monkeypatch.setattr(run, "LOOK", 0.2)
    repositories = [Repository(name, name) for name in ("a", "bad", "c", "hangs", "d")]
    found = {
        one.name: answer.problem.split(" in ")[0]
        for one, answer in answers(repositories, Asked(timeout=0.5), local_workers(2))
    }
    late = "it took longer than 0.5 seconds"
    assert found == {"a": "read a", "bad": DIED, "c": "read c", "hangs": late, "d": "read d"}


@pytest.mark.slow
def test_no_process_is_left_when_nobody_wants_the_rest(monkeypatch):
    import os

    monkeypatch.setattr(run, "report_of", _does_as_told)
    coming = answers([Repository(name, name) for name in ("a", "hangs")], Asked(), local_workers(2))
    number = int(next(coming)[1].problem.split(" in ")[1])
    coming.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_worker_of_another_version_is_refused():
    class Older(Fake):
        def submit(self, fn, /, *args, **kwargs):
            future: Future[bytes] = Future()
            future.set_result(encoded(Answer(tool="0.0.1")))
            return future

    @contextmanager
    def older():
        yield Older([], lambda _: Answer(), frozenset())

    with pytest.raises(UsageError) as error:
        list(answers([Repository("a", "a")], Asked(), Workers(older, 1)))
    assert error.value.message == f"a worker has readiness 0.0.1, not {__version__}"


def test_nobody_left_ends_the_wait(monkeypatch):
    monkeypatch.setattr(run, "LOOK", 0.01)

    class Idle(Fake):
        def submit(self, fn, /, *args, **kwargs):
            return Future()

    @contextmanager
    def make():
        yield Idle([], lambda _: Answer(), frozenset())

    def look():
        raise UsageError("the cluster has gone")

    with pytest.raises(UsageError, match="the cluster has gone"):
        list(answers([Repository("a", "a")], Asked(), Workers(make, 1, look)))


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError(5, "Input/output error"), "internal error: OSError: [Errno 5] Input/output error"),
        (TimeoutError("of a disk"), "internal error: TimeoutError: of a disk"),
        (MemoryError(), "there is too little memory to read it"),
        (UsageError("no", "a.yaml", 3, 4), "no"),
    ],
)
def test_whatever_a_repository_raises_is_its_own_problem(tmp_path, monkeypatch, error, problem):
    from readiness.fleet import work

    def fail(folder, asked):
        raise error

    monkeypatch.setattr(work, "_answer", fail)
    answer = decoded(report_of(str(tmp_path), msgspec.msgpack.encode(Asked())))
    assert (answer.problem, answer.tool) == (problem, __version__)
    assert (answer.path, answer.line, answer.column) == (
        ("a.yaml", 3, 4) if isinstance(error, UsageError) else ("", 0, 0)
    )


@pytest.mark.parametrize("main", [True, False])
def test_what_takes_too_long_is_no_error_of_a_file(tmp_path, monkeypatch, main):
    """Code that reads takes an `OSError`, which `TimeoutError` is one of, for a file that cannot be read."""
    import threading
    import time

    from readiness.fleet import work

    def read(folder, asked):
        until = time.monotonic() + 60
        try:
            while time.monotonic() < until:
                time.sleep(0.01)
        except Exception:
            return Answer(problem="a file cannot be read")
        return Answer()

    monkeypatch.setattr(work, "_answer", read)
    found = []
    thread = threading.Thread(
        target=lambda: found.append(report_of(str(tmp_path), msgspec.msgpack.encode(Asked(timeout=0.1))))
    )
    (thread.run if main else thread.start)()
    if not main:
        thread.join()
    assert decoded(found[0]).problem == "it took longer than 0.1 seconds"
    assert not issubclass(Late, Exception)


def test_names_that_are_no_text_are_written_with_escapes():
    answer = decoded(encoded(Answer(problem="a\udcff", kpis={"\udcff": "b"})))
    assert (answer.problem, answer.kpis) == ("a\\udcff", {"\\udcff": "b"})


def test_a_repository_that_is_gone_is_a_problem(tmp_path):
    gone = decoded(report_of(str(tmp_path / "gone"), msgspec.msgpack.encode(Asked())))
    assert gone == Answer(None, "the folder is not there", tool=__version__)


def test_a_scheduler_that_does_not_answer(monkeypatch):
    pytest.importorskip("distributed")
    with pytest.raises(UsageError) as error:
        dask_workers("nonsense://127.0.0.1:1")
    assert error.value.message.startswith("--scheduler: nothing answers at 'nonsense://127.0.0.1:1'")


def test_processes_of_this_machine_have_a_number():
    assert local_workers(3).number == 3
