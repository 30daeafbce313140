"""Renders charts in a process of its own: the engine is Go code, and may hang or take all memory.

Reads one request from standard input and writes one answer per chart to standard output, each a
length (4 bytes) and MessagePack.
"""

from __future__ import annotations

import io
import re
import sys
import tarfile
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.kubernetes.charts import binary
from readiness.kubernetes.charts.binary import HelmFailed
from readiness.kubernetes.charts.marks import believed
from readiness.kubernetes.charts.quick import KEY_TEMPLATE, SLOW, quicker

MEMORY_LIMIT = 8 << 30
"""Bytes of address space; Go reserves far more than it uses."""

TEXT_LIMIT = 10_000_000
"""Characters that a template may give; no file is larger that is read."""

_DROPS = 20
"""Templates that are left out of one rendering because they fail, before the rest is given up."""


class Setting(Struct):
    """One rendering that is asked for."""

    values: Any
    release: str
    namespace: str
    kube_version: str = ""  # `v1.33.0`; empty for that of the engine


class Request(Struct):
    """A chart: as it is, and with marks in all of its templates and in the outer ones (archives)."""

    files: dict[str, bytes]  # by path within the archive
    whole: dict[str, bytes]  # those that differ, with marks
    outer: dict[str, bytes]
    settings: list[Setting]
    program: str = ""  # the `helm` to use in place of the SDK
    api_versions: list[str] = field(default_factory=list)  # what the cluster serves besides


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
    key = _key() if any(not request.program for request in requests) else ""
    for request in requests:
        data = msgspec.msgpack.encode(_answers(request, key))
        sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    except (ImportError, ValueError, OSError):
        return


def _answers(request: Request, key: str) -> list[Answer]:
    """The renderings of a chart; where something fails, once more as it is written, for what Helm says."""
    chart = _Chart(request, key)
    answers = [chart.answer(setting) for setting in request.settings]
    if key and any(a.errors for a in answers) and any(map(SLOW.search, request.files.values())):
        chart = _Chart(request)
        answers = [chart.answer(setting) for setting in request.settings]
    return answers


def _key() -> str:
    """A key for the certificates that charts make; empty where the engine has none to give."""
    about = b"apiVersion: v2\nname: key\nversion: 1.0.0\n"
    request = Request(
        {"key/Chart.yaml": about, "key/templates/key.txt": KEY_TEMPLATE.encode()},
        {},
        {},
        [Setting({}, "key", "default")],
    )
    [answer] = _answers(request, "")
    return "".join(text.text for text in answer.files.values())


class _Chart:
    """A chart that is rendered several times."""

    def __init__(self, request: Request, key: str = "") -> None:
        self._request = request
        self._key = key
        self._loaded: dict[tuple[str, frozenset[str]], Any] = {}

    def answer(self, setting: Setting) -> Answer:
        """One rendering of a chart; templates that fail are left out and told."""
        result = Answer()
        dropped: set[str] = set()
        plain: dict[str, str] | None = None
        while plain is None:
            try:
                plain = self._render("files", dropped, setting)
            except HelmFailed as error:
                if not any(_is_partial(path) for path in dropped):
                    # What fails for want of a broken partial says nothing new.
                    result.errors.append(str(error))
                culprit = _culprit(str(error), self._request.files)
                if culprit is None or culprit in dropped or len(dropped) == _DROPS:
                    return result
                dropped.add(culprit)
        texts = {p: t for p, t in plain.items() if t.strip() and not p.endswith("NOTES.txt")}
        for path in [path for path, text in texts.items() if len(text) > TEXT_LIMIT]:
            del texts[path]
            result.errors.append(f"{path}:1: <>: it gives more than {TEXT_LIMIT / 1e6:.0f} MB of text")
        result.files = {path: Text(text, []) for path, text in texts.items()}
        if not self._request.program:
            self._mark(result, dropped, setting)
        return result

    def _mark(self, result: Answer, dropped: set[str], setting: Setting) -> None:
        """Trace what was rendered, with marks in as many templates as is possible."""
        for name in ("whole", "outer"):
            left = [path for path, text in result.files.items() if not text.marks]
            if not left:
                return
            try:
                marked = self._render(name, dropped, setting)
            except HelmFailed:
                continue
            for path in left:
                found = believed(result.files[path].text, marked[path]) if path in marked else None
                result.files[path].marks = found or []

    def _render(self, name: str, dropped: set[str], setting: Setting) -> dict[str, str]:
        """One rendering, of the chart as it is (`files`) or with marks."""
        if self._request.program:
            return binary.render(
                self._request.program,
                self._packed(name, dropped),
                setting,
                self._request.api_versions,
            )
        from helm_python.chart import Chart
        from helm_python.errors import HelmError

        key = name, frozenset(dropped)
        try:
            if key not in self._loaded:
                self._loaded[key] = Chart.load_archive(self._packed(name, dropped))
            return _rendered(self._loaded[key], setting, self._request.api_versions)
        except HelmError as error:
            raise HelmFailed(str(error)) from None

    def _packed(self, name: str, dropped: set[str]) -> bytes:
        """The files as the archive that Helm reads; dropped ones are empty, as others may include them."""
        marked: dict[str, bytes] = {} if name == "files" else getattr(self._request, name)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
            for path, written in self._request.files.items():
                content = b"" if path in dropped else marked.get(path, written)
                if self._key and "/templates/" in path and SLOW.search(content):
                    content = quicker(content.decode("utf-8", "replace"), self._key).encode()
                entry = tarfile.TarInfo(path)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        return buffer.getvalue()


def _rendered(chart: Any, setting: Setting, api_versions: list[str]) -> dict[str, str]:
    """What a loaded chart gives.

    The library takes the versions of the cluster as options that the method of its chart does not pass
    on, so its function is called as that method calls it.  Without versions the method is.
    """
    if not setting.kube_version:
        result: dict[str, str] = chart.render(
            setting.values, name=setting.release, namespace=setting.namespace
        )
        return result
    import json

    from helm_python import _native

    options = {
        "name": setting.release,
        "namespace": setting.namespace,
        "kube_version": setting.kube_version,
        "api_versions": api_versions,
    }
    text = _native.call_string("helm_render", chart._raw(), json.dumps(setting.values), json.dumps(options))
    result = json.loads(text)
    return result


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
