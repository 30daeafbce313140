"""Files → parsed sources: read, recognise, look up by content, parse what is new."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.kubernetes.detect import looks_like_template, may_be_kubernetes
from readiness.kubernetes.kustomize import is_kustomization
from readiness.repo.discover import FoundFile, kind_of
from readiness.sources.cache import Cache, key_of
from readiness.sources.comments import Comment
from readiness.sources.hcl import ast
from readiness.sources.hcl import file as hcl_file
from readiness.sources.hcl.file import HclFile
from readiness.sources.plan import PLAN_LIMIT, may_be_plan, read_plan, recognise
from readiness.sources.workers import Job, parse, parse_all
from readiness.sources.yaml_model import YamlFile
from readiness.sources.yaml_wire import from_wire

if TYPE_CHECKING:
    from readiness.sources.plan_model import PlanFile

FILE_LIMIT = 10_000_000
"""Bytes of the largest file that is read; what people write by hand stays below 1 MB."""

_OPERATIONS = (b"receivers", b"rules", b"panels", b"rows", b"slos")
"""Words of which one stands in every file of operations as code."""

_PEEK = 1 << 20
_CHUNK = msgspec.msgpack.Decoder(ast.Chunk)


class Sources(Struct):
    """Every source of a run by kind, with what could not be read and what was passed over."""

    hcl: list[HclFile] = field(default_factory=list)
    data: list[tuple[str, YamlFile]] = field(default_factory=list)
    operations: list[tuple[str, YamlFile]] = field(default_factory=list)  # rules, routes, dashboards …
    errors: list[SourceError] = field(default_factory=list)
    comments: dict[str, list[Comment]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    plans: list[PlanFile] = field(default_factory=list)
    patches: int = 0
    ignored: int = 0


class _Pending(Struct):
    """Files that wait for the parser."""

    hcl: list[tuple[str, str]] = field(default_factory=list)  # path, text
    data: list[tuple[str, str, str]] = field(default_factory=list)  # path, kind, text
    operations: list[tuple[str, str, str]] = field(default_factory=list)  # the same


class Reader:
    """Reads files with one cache and one pool."""

    def __init__(self, cache: Cache, workers: int, kubernetes: str = "") -> None:
        self.cache = cache
        self.workers = workers
        self.kubernetes = kubernetes  # the release that charts are rendered for
        self.edited: dict[str, str] = {}  # by real path, what takes the place of files on disk

    def read(self, files: Iterable[FoundFile], stdin: bytes | None = None) -> Sources:
        """Read all files; nothing that goes wrong with one of them touches another."""
        sources = Sources()
        pending = _Pending()
        for file in files:
            text = self.edited.get(os.path.realpath(file.path)) if self.edited else None
            if text is None:
                text = _text(file, sources)
            elif file.shown.endswith(".json") and _take_plan(file.shown, text.encode(), sources):
                continue
            if text is not None:
                _take(file.shown, file.kind, text, sources, pending)
        if stdin is not None:
            text = None if _take_plan("-", stdin, sources) else _decoded(stdin, "-", sources)
            if text is not None:
                _take("-", "data" if may_be_kubernetes(text) else "hcl", text, sources, pending)
        self._parse(pending, sources)
        return sources

    def read_texts(self, texts: Mapping[str, str]) -> Sources:
        """The sources of texts by name, as if they were files."""
        sources = Sources()
        pending = _Pending()
        for name, text in texts.items():
            if name.endswith(".json") and _take_plan(name, text.encode(), sources):
                continue
            _take(name, kind_of(name) or "data", text, sources, pending)
        self._parse(pending, sources)
        return sources

    def parse_yaml(self, texts: Sequence[tuple[str, str]]) -> list[YamlFile]:
        """YAML texts, given with the path for their places, through the cache."""
        keys = [key_of("yaml", text) for _, text in texts]
        jobs = {key: Job("yaml", path, text) for key, (path, text) in zip(keys, texts, strict=True)}
        parsed = self._parsed(jobs)
        return [from_wire(path, parsed[key]) for key, (path, _) in zip(keys, texts, strict=True)]

    def parse_one(self, path: str, kind: str, text: str) -> YamlFile:
        """A text (`yaml` or `json`) that stands inside another file, through the cache."""
        key = key_of(kind, text)
        stored = self.cache.get([key]).get(key)
        if stored is None:
            stored = parse(Job(kind, path, text))
            self.cache.put({key: stored})
        return from_wire(path, stored)

    def _parse(self, pending: _Pending, sources: Sources) -> None:
        self._parse_hcl(pending.hcl, sources)
        wanted = [*pending.data, *pending.operations]
        keys = [key_of(kind, text) for _, kind, text in wanted]
        jobs = {key: Job(kind, path, text) for key, (path, kind, text) in zip(keys, wanted, strict=True)}
        parsed = self._parsed(jobs)
        for index, ((path, *_), key) in enumerate(zip(wanted, keys, strict=True)):
            data = from_wire(path, parsed[key])
            sources.comments[path] = data.comments
            if index >= len(pending.data):
                # What is wrong with it is told once it is known to be what it looks like.
                sources.operations.append((path, data))
                continue
            sources.errors.extend(data.errors)
            if path.endswith((".tf.json", ".tofu.json", ".tfvars.json")):
                from readiness.sources.hcl.tfjson import from_json

                sources.hcl.append(from_json(path, data))
            else:
                sources.data.append((path, data))

    def _parse_hcl(self, files: list[tuple[str, str]], sources: Sources) -> None:
        """Files that did not change come whole from the cache; of others, the blocks that did not change."""
        keys = [hcl_file.key(path, text) for path, text in files]
        whole = self.cache.get(keys)
        cuts = {
            key: (path, hcl_file.cut_file(text))
            for key, (path, text) in zip(keys, files, strict=True)
            if key not in whole
        }
        jobs = {
            key_of("hcl", piece.text): Job("hcl", path, piece.text)
            for path, cutting in cuts.values()
            for piece in cutting.pieces
        }
        parsed = self._parsed(jobs)
        fresh = {
            key: hcl_file.assemble(path, cutting, lambda text: parsed_chunk(parsed, text))
            for key, (path, cutting) in cuts.items()
        }
        if self.cache.usable:
            self.cache.put({key: hcl_file.to_wire(file) for key, file in fresh.items()})
        for key, (path, _) in zip(keys, files, strict=True):
            file = hcl_file.moved(fresh[key], path) if key in fresh else hcl_file.from_wire(path, whole[key])
            sources.hcl.append(file)
            sources.errors.extend(file.errors)
            sources.comments[path] = file.comments

    def _parsed(self, jobs: dict[bytes, Job]) -> dict[bytes, bytes]:
        found = self.cache.get(jobs)
        missing = [key for key in jobs if key not in found]
        if missing:
            results = parse_all([jobs[key] for key in missing], self.workers)
            fresh = dict(zip(missing, results, strict=True))
            self.cache.put(fresh)
            found.update(fresh)
        return found


def parsed_chunk(parsed: dict[bytes, bytes], text: str) -> ast.Chunk:
    """The chunk of a piece of HCL."""
    return _CHUNK.decode(parsed[key_of("hcl", text)])


def _text(file: FoundFile, sources: Sources) -> str | None:
    """The text of a file, or None after noting why there is none."""
    try:
        with file.path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            raw = handle.read(_PEEK if size > FILE_LIMIT else -1)
            large = size > FILE_LIMIT and file.kind == "data" and may_be_plan(raw)
            if large and size <= PLAN_LIMIT:
                raw += handle.read()
    except OSError as error:
        if file.kind != "data" or file.path.suffix in (".yaml", ".yml"):
            sources.errors.append(SourceError(file.shown, 1, 1, f"it cannot be read: {error.strerror}"))
        return None
    if large and size > PLAN_LIMIT:
        message = f"the plan has {size / 1e6:.0f} MB; plans above {PLAN_LIMIT / 1e6:.0f} MB are not read"
        sources.errors.append(SourceError(file.shown, 1, 1, message))
        return None
    named_data = file.kind == "data" and file.path.suffix not in (".yaml", ".yml")
    if named_data and _take_plan(file.shown, raw, sources):
        return None
    if size > FILE_LIMIT:
        if file.kind != "data" or may_be_kubernetes(raw.decode("utf-8", "replace")):
            message = f"the file has {size / 1e6:.0f} MB; files above {FILE_LIMIT / 1e6:.0f} MB are not read"
            sources.errors.append(SourceError(file.shown, 1, 1, message))
        else:
            sources.ignored += 1
        return None
    if file.kind == "data" and b"apiVersion" not in raw and not is_kustomization(file.shown):
        text = raw.decode("utf-8", "replace") if any(word in raw for word in _OPERATIONS) else ""
        if not _is_operations(file.shown, text):
            sources.ignored += 1
            return None
    return _decoded(raw, file.shown, sources)


def _take_plan(shown: str, raw: bytes, sources: Sources) -> bool:
    """Take a text in that is a Terraform plan, or note why it cannot be; False for anything else."""
    kind = recognise(raw)
    if kind is None:
        return False
    plan = read_plan(shown, raw, kind)
    if isinstance(plan, SourceError):
        sources.errors.append(plan)
    else:
        sources.plans.append(plan)
    return True


def _decoded(raw: bytes, shown: str, sources: Sources) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        byte = raw[error.start]
        message = f"the file is not UTF-8: the byte 0x{byte:02x} does not belong here"
        sources.errors.append(SourceError(shown, line, column, message))
        return None


def _take(shown: str, kind: str, text: str, sources: Sources, pending: _Pending) -> None:
    """Sort a text in by its kind; YAML and JSON that is not ours is passed over."""
    if kind == "hcl":
        sources.texts[shown] = text
        pending.hcl.append((shown, text))
        return
    waiting = pending.data if kind != "data" else _waiting(shown, text, sources, pending)
    if waiting is not None:
        sources.texts[shown] = text
        waiting.append((shown, "json" if shown.endswith(".json") else "yaml", text))


def _waiting(shown: str, text: str, sources: Sources, pending: _Pending) -> list[tuple[str, str, str]] | None:
    """Where YAML or JSON waits that may be ours, told by its content; None after counting what is not."""
    if looks_like_template(text):
        if "/templates/" in f"/{shown}" or may_be_kubernetes(text):
            sources.templates.append(shown)
        else:
            sources.ignored += 1
        return None
    if may_be_kubernetes(text) or is_kustomization(shown):
        return pending.data
    if _is_operations(shown, text):
        return pending.operations
    sources.ignored += 1
    return None


def _is_operations(shown: str, text: str) -> bool:
    """Whether a text may be what Prometheus, Alertmanager, Grafana and the like read."""
    if not text:
        return False
    from readiness.operations.detect import may_be_operations
    from readiness.operations.slo_files import is_sloth

    return may_be_operations(shown, text) or is_sloth(text)
