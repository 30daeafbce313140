"""Helm's own engine in a process of its own, and what it answered before: its SDK in a wheel, else `helm`.

Nothing is executed that a chart brings, and nothing is fetched: the engine gets the files of a chart
as an archive in memory, `lookup` finds nothing, and names are not resolved.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import msgspec

from readiness.kubernetes.charts.worker import Answer, Request, Setting
from readiness.sources.cache import Cache, key_of

GAVE_UP = "the engine gave up: it took too long, or all memory it may have"

_SECONDS = 20.0  # for one chart, and for the start
_SECONDS_EACH = 3.0  # more for each of its renderings

_FORMAT = 3  # of marks and answers, for the cache

_ANSWER = msgspec.msgpack.Decoder(Answer)
_ANSWERS = msgspec.msgpack.Decoder(list[Answer])


def sdk() -> bool:
    """Whether the SDK is installed, which tells the place of every value."""
    return importlib.util.find_spec("helm_python") is not None


def program() -> str | None:
    """The `helm` program of this machine; never one that is looked for in the working directory."""
    found = shutil.which("helm")
    return found if found is not None and Path(found).is_absolute() else None


def available() -> bool:
    """Whether charts can be rendered here."""
    return sdk() or program() is not None


def render(
    requests: Sequence[Request], cache: Cache, workers: int = 1, complete: Callable[[int], None] | None = None
) -> list[list[Answer]]:
    """The answers to every request, one per setting; from the cache where nothing changed.

    `complete` adds the templates with marks to the request with some index, before it is sent.
    """
    used = "" if sdk() else program() or ""
    for request in requests:
        request.program = used
    keys = [[_key(request, setting) for setting in request.settings] for request in requests]
    stored = cache.get([key for row in keys for key in row])
    missing = [index for index, row in enumerate(keys) if any(key not in stored for key in row)]
    if complete is not None and not used:
        for index in missing:
            complete(index)
    fresh = _shared([(index, requests[index]) for index in missing], workers)
    found: list[list[Answer]] = []
    kept: dict[bytes, bytes] = {}
    for index, row in enumerate(keys):
        if index in fresh:
            found.append(fresh[index])
            if not any(GAVE_UP in answer.errors for answer in fresh[index]):
                kept.update(zip(row, map(msgspec.msgpack.encode, fresh[index]), strict=True))
        else:
            found.append([_ANSWER.decode(stored[key]) for key in row])
    cache.put(kept)
    return found


def _key(request: Request, setting: Setting) -> bytes:
    digest = blake2b(digest_size=16)
    for path, content in request.files.items():  # their order numbers the marks
        digest.update(f"{path}\0{len(content)}\0".encode("utf-8", "replace"))
        digest.update(content)
    digest.update(msgspec.msgpack.encode(setting))
    engine = request.program or _version()
    return key_of("chart", f"{engine}:{_FORMAT}:{digest.hexdigest()}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("helm-python-sdk")
    except PackageNotFoundError:
        return "none"


def _shared(requests: list[tuple[int, Request]], workers: int) -> dict[int, list[Answer]]:
    """The answers by index, of as many processes as there are workers."""
    shares = [share for share in (requests[start::workers] for start in range(workers)) if share]
    if len(shares) < 2:
        found = [_asked([request for _, request in share]) for share in shares]
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(shares)) as pool:
            found = list(pool.map(lambda share: _asked([request for _, request in share]), shares))
    return {
        index: answers
        for share, several in zip(shares, found, strict=True)
        for (index, _), answers in zip(share, several, strict=True)
    }


def _asked(requests: list[Request]) -> list[list[Answer]]:
    """Answers of the engine; a chart at which it dies or hangs gets an error, the others their answers."""
    answers: list[list[Answer]] = []
    while len(answers) < len(requests):
        left = requests[len(answers) :]
        answers += _process(left)
        if len(answers) < len(requests):
            broken = requests[len(answers)]
            answers.append([Answer(errors=[GAVE_UP]) for _ in broken.settings])
    return answers


def _process(requests: list[Request]) -> list[list[Answer]]:
    """What one process answered, in order, until it ended or one chart took too long."""
    process = subprocess.Popen(
        # -P: else Python looks for modules in the working directory first, which is the checked
        # repository.  -s: nor in a folder of the user.
        [sys.executable, "-P", "-s", "-m", "readiness.kubernetes.charts.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )
    frames: Queue[bytes | None] = Queue()
    threads = [
        Thread(target=_send, args=(process, msgspec.msgpack.encode(requests)), daemon=True),
        Thread(target=_receive, args=(process, frames), daemon=True),
    ]
    for thread in threads:
        thread.start()
    found: list[list[Answer]] = []
    try:
        for request in requests:
            frame = frames.get(timeout=_SECONDS + _SECONDS_EACH * len(request.settings))
            if frame is None:
                break
            found.append(_ANSWERS.decode(frame))
    except Empty:
        pass
    finally:
        _end(process)
        for thread in threads:
            thread.join()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
    return found


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it may have ended
        process.stdin.write(data)
        process.stdin.close()


def _receive(process: subprocess.Popen[bytes], frames: Queue[bytes | None]) -> None:
    """Every answer as it comes, and None at the end."""
    assert process.stdout is not None
    with contextlib.suppress(OSError):
        while len(head := process.stdout.read(4)) == 4:
            length = int.from_bytes(head, "big")
            frame = process.stdout.read(length)
            if len(frame) < length:
                break
            frames.put(frame)
    frames.put(None)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and the `helm` that it may have started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """No settings of Helm or a cluster, no home: only what Python needs to find this package."""
    kept = ("SYSTEMROOT", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH", "TMPDIR", "TEMP")
    result = {name: os.environ[name] for name in kept if name in os.environ}
    result["HOME"] = os.devnull  # else the system is asked for one, which may be a service of the network
    result["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if Path(path).is_absolute())
    return result
