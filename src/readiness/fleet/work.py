"""What a worker does: the report of one checkout, as bytes."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from readiness import __version__
from readiness.errors import UsageError
from readiness.scorecard.model import Scorecard

_ONE = threading.Lock()
"""A worker of Dask has several threads; a report wants a process, and gains nothing by a second one in it."""


class Asked(Struct, frozen=True):
    """What is asked of every repository: `said` are settings of the command line by their names.

    `when` is the time of the whole report (`YYYY-MM-DDTHH:MM:SSZ`), `isolated` leaves settings files out,
    `timeout` are the seconds that a repository may take (0 for any).
    """

    said: dict[str, Any] = {}
    isolated: bool = False
    no_exceptions: bool = False
    when: str = ""
    timeout: float = 0


class Answer(Struct, frozen=True):
    """The report of a repository, or what kept it from being made (with its place in there).

    `tool` is the version of the program that made it; `levels` and `kpis` (by id) are digests of what levels
    ask for and key figures count there.
    """

    scorecard: Scorecard | None = None
    problem: str = ""
    path: str = ""
    line: int = 0
    column: int = 0
    tool: str = ""
    levels: str = ""
    kpis: dict[str, str] = {}


class Late(BaseException):
    """The time is over.  It is no `Exception`: what reads files takes those for errors of a file."""


def version() -> str:
    """The version of the program that a worker has."""
    return __version__


def report_of(folder: str, asked: bytes) -> bytes:
    """The report of the checkout in a folder, by its own settings; what is wrong in it is part of the answer.

    Arguments and result are plain, so that any executor can carry them: `asked` is an `Asked`, the result an
    `Answer`, both as MessagePack.
    """
    wanted = msgspec.msgpack.decode(asked, type=Asked)
    with _ONE:
        try:
            with _limited(wanted.timeout):
                answer = _answer(Path(folder), wanted)
        except Late:
            answer = Answer(problem=f"it took longer than {wanted.timeout:g} seconds")
        except UsageError as error:
            place = (error.path or "", error.line or 0, error.column or 0)
            answer = Answer(None, error.message, *place)
        except MemoryError:
            answer = Answer(problem="there is too little memory to read it")
        except Exception as error:
            # One repository that nobody foresaw must not cost the others.
            answer = Answer(problem=f"internal error: {type(error).__name__}: {error}")
    return encoded(msgspec.structs.replace(answer, tool=__version__))


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise `Late` when that takes too long, as soon as Python is at work again."""
    if not seconds:
        yield
    elif threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGALRM"):
        with _alarm(seconds):
            yield
    else:
        with _timer(seconds):
            yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """By a signal, which also ends a call of the system."""

    def ring(number: int, frame: object) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, ring)
    # Again each second: what is raised in a finalizer is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _timer(seconds: float) -> Iterator[None]:
    """By another thread, where this is not the main one.

    Source: https://docs.python.org/3/c-api/threads.html#c.PyThreadState_SetAsyncExc
    """
    thread = ctypes.c_ulong(threading.get_ident())
    lock, over = threading.Lock(), False

    def ring() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Late))

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()


def encoded(answer: Answer) -> bytes:
    """An answer as MessagePack; names of files need not be UTF-8, and are written with escapes then."""
    try:
        return msgspec.msgpack.encode(answer)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_storable(msgspec.to_builtins(answer)))


def storable(text: str) -> str:
    r"""A text that is one in UTF-8 (`\udcff` for a byte that is none)."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_storable(key): _storable(inner) for key, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def decoded(data: bytes) -> Answer:
    """The answer of a worker.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return msgspec.msgpack.decode(data, type=Answer, dec_hook=_counter)


def _counter(_type: type, value: Any) -> Any:
    """What msgspec does not decode by itself: the counter of reasons."""
    return Counter(value)


def _answer(folder: Path, asked: Asked) -> Answer:
    """The report as `readiness report` in that folder makes it.

    Raises:
        UsageError: the folder is not there, or a setting, policy or definition of it is wrong.
    """
    from readiness.api import definitions, report
    from readiness.config.cascade import top_of
    from readiness.config.settings import is_there, lock_path
    from readiness.engine.settings import found_settings
    from readiness.scorecard.trend import measures_of

    if not folder.is_dir():
        raise UsageError("the folder is not there")
    # A worker is one of many: it has one process, and gates nothing.
    said = {**_typed(asked.said), "jobs": 1}
    settings = found_settings(said, None, asked.isolated, folder)
    settings.exceptions = settings.exceptions and not asked.no_exceptions
    if not asked.isolated:
        top = None if settings.cascade is None else top_of(settings.cascade)
        lock = lock_path(None if top is None else top.path)
        settings.lock = lock.as_posix() if is_there(settings.base / lock) else ""
    known = definitions(settings)
    scorecard = report((".",), settings, known=known, base=folder)
    scorecard.when = asked.when or scorecard.when
    scorecard.report.sources = {}
    levels, kpis = measures_of(known)
    return Answer(scorecard, levels=levels, kpis=kpis)


def _typed(said: dict[str, Any]) -> dict[str, Any]:
    """Settings as they were: lists of the wire are tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


class Repository(Struct, frozen=True):
    """A checkout: the name that it has in the report, and its folder."""

    name: str
    folder: str


def begin() -> None:
    """Begin as a worker of a pool: the program that has it says when it ends, or ends itself.

    Ctrl-C goes to all processes of a terminal, and each would tell of it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End when the program ends, however that comes: a process that waits for work would wait for ever."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
