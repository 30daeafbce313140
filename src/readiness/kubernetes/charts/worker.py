"""Renders charts in a process of its own: the engine is Go code, and may hang or take all memory.

Reads one request from standard input and writes one answer per chart to standard output, each a
length (4 bytes) and MessagePack.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.kubernetes.charts import binary
from readiness.kubernetes.charts.binary import HelmFailed
from readiness.kubernetes.charts.marks import believed

MEMORY_LIMIT = 8 << 30
"""Bytes of address space; Go reserves far more than it uses."""

_DROPS = 20
"""Templates that are left out of one rendering because they fail, before the rest is given up."""


class Setting(Struct):
    """One rendering that is asked for."""

    values: Any
    release: str
    namespace: str


class Request(Struct):
    """A chart: as it is, and with marks in all of its templates and in the outer ones (archives)."""

    files: dict[str, bytes]  # by path within the archive
    whole: dict[str, bytes]  # those that differ, with marks
    outer: dict[str, bytes]
    settings: list[Setting]
    program: str = ""  # the `helm` to use in place of the SDK


class Text(Struct):
    """What a template gave, and its marks: line, column and number of each, one after another."""

    text: str
    marks: list[int]


class Answer(Struct):
    """One rendering: texts by template, and what failed in Helm's own words."""

    files: dict[str, Text] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Answer the requests on standard input."""
    _limit_memory()
    requests = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Request])
    for request in requests:
        data = msgspec.msgpack.encode([answer(request, setting) for setting in request.settings])
        sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    except (ImportError, ValueError, OSError):
        return


def answer(request: Request, setting: Setting) -> Answer:
    """One rendering of a chart; templates that fail are left out and told."""
    files = dict(request.files)
    result = Answer()
    dropped: set[str] = set()
    plain: dict[str, str] | None = None
    while plain is None:
        try:
            plain = _render(files, setting, request.program)
        except HelmFailed as error:
            if not any(_is_partial(path) for path in dropped):
                # What fails for want of a broken partial says nothing new.
                result.errors.append(str(error))
            culprit = _culprit(str(error), files)
            if culprit is None or culprit in dropped or len(dropped) == _DROPS:
                return result
            files[culprit] = b""  # others may include it by its name
            dropped.add(culprit)
    marked = (
        []
        if request.program
        else [
            _tried({**files, **{path: text for path, text in texts.items() if path not in dropped}}, setting)
            for texts in (request.whole, request.outer)
        ]
    )
    for path, text in plain.items():
        if text.strip() and not path.endswith("NOTES.txt"):
            marks = next((m for m in (_marks(path, text, texts) for texts in marked) if m is not None), [])
            result.files[path] = Text(text, marks)
    return result


def _marks(path: str, text: str, texts: dict[str, str]) -> list[int] | None:
    return believed(text, texts[path]) if path in texts else None


def _tried(files: dict[str, bytes], setting: Setting) -> dict[str, str]:
    try:
        return _render(files, setting)
    except HelmFailed:
        return {}


def _render(files: dict[str, bytes], setting: Setting, program: str = "") -> dict[str, str]:
    if program:
        return binary.render(program, _packed(files), setting.values, setting.release, setting.namespace)
    from helm_python.chart import Chart
    from helm_python.errors import HelmError

    try:
        with Chart.load_archive(_packed(files)) as chart:
            return chart.render(setting.values, name=setting.release, namespace=setting.namespace)
    except HelmError as error:
        raise HelmFailed(str(error)) from None


def _packed(files: dict[str, bytes]) -> bytes:
    """Files as the archive that Helm reads."""
    import io
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


_FAILING = re.compile(r"(?P<path>[^\s:()]+):\d+")


def _is_partial(path: str) -> bool:
    return path.rpartition("/")[2].startswith("_")


def _culprit(message: str, files: dict[str, bytes]) -> str | None:
    """The template that a message names first; without it the others may render."""
    for match in _FAILING.finditer(message):
        if match["path"] in files and "/templates/" in match["path"]:
            return match["path"]
    return None


if __name__ == "__main__":
    main()
