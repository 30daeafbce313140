"""Helm's own engine in a process of its own, and what it answered before: the official SDK, else `helm`.

Nothing is executed that a chart brings, and nothing is fetched: the engine gets the files of a chart
as an archive in memory, `lookup` finds nothing, and names are not resolved.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from readiness.kubernetes.charts.worker import Answer, Request, Setting
from readiness.sources.cache import Cache, key_of

GAVE_UP = "the engine gave up: it took too long, or all memory it may have"

_SECONDS = 20.0
_SECONDS_EACH = 3.0  # per rendering

_ANSWER = msgspec.msgpack.Decoder(Answer)


def sdk() -> bool:
    """Whether the SDK is installed, which tells the place of every value."""
    return importlib.util.find_spec("helm_python") is not None


def program() -> str | None:
    """The `helm` program of this machine."""
    return shutil.which("helm")


def available() -> bool:
    """Whether charts can be rendered here."""
    return sdk() or program() is not None


def render(requests: Sequence[Request], cache: Cache, workers: int = 1) -> list[list[Answer]]:
    """The answers to every request, one per setting; from the cache where nothing changed."""
    used = "" if sdk() else program() or ""
    for request in requests:
        request.program = used
    keys = [[_key(request, setting) for setting in request.settings] for request in requests]
    stored = cache.get([key for row in keys for key in row])
    missing = [index for index, row in enumerate(keys) if any(key not in stored for key in row)]
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
    for files in (request.files, request.whole):
        for path, content in sorted(files.items()):
            digest.update(f"{path}\0{len(content)}\0".encode())
            digest.update(content)
    digest.update(msgspec.msgpack.encode(setting))
    engine = request.program or _version()
    return key_of("chart", f"{engine}:{digest.hexdigest()}")


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
    """What one process answered, in order, until it ended."""
    limit = _SECONDS + _SECONDS_EACH * sum(len(request.settings) for request in requests)
    process = subprocess.Popen(
        [sys.executable, "-m", "readiness.kubernetes.charts.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        data, _ = process.communicate(msgspec.msgpack.encode(requests), timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        data, _ = process.communicate()
    found = []
    position = 0
    while position + 4 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        piece = data[position + 4 : position + 4 + length]
        if len(piece) < length:
            break
        found.append(msgspec.msgpack.decode(piece, type=list[Answer]))
        position += 4 + length
    return found


def _environment() -> dict[str, str]:
    """No settings of Helm or a cluster, no home: only what Python needs to find this package."""
    kept = ("SYSTEMROOT", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH", "TMPDIR", "TEMP")
    result = {name: os.environ[name] for name in kept if name in os.environ}
    result["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    return result
