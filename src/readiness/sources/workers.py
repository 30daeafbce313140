"""Parsing many texts: in this process when there is little to do, else in a pool of processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

POOL_FROM = 120_000
"""Characters of text from which a second process pays off."""

_BATCH = 48_000


class Job(NamedTuple):
    """A text to parse: `kind` is `hcl` (a chunk), `yaml` or `json`; `path` serves the errors alone."""

    kind: str
    path: str
    text: str


def parse(job: Job) -> bytes:
    """The parsed text as msgpack."""
    if job.kind == "hcl":
        from readiness.sources.hcl.parse import parse_chunk

        return msgspec.msgpack.encode(parse_chunk(job.text))
    if job.kind == "json":
        from readiness.sources import json_source

        return _wire(json_source.read, job)
    from readiness.sources import yaml_source

    return _wire(yaml_source.read, job)


def _wire(read: Callable[[str, str], object], job: Job) -> bytes:
    from readiness.sources.yaml_wire import to_wire

    return to_wire(read(job.path, job.text))  # type: ignore[arg-type]


def _parse_batch(batch: Sequence[Job]) -> list[bytes]:
    return [parse(job) for job in batch]


def parse_all(jobs: Sequence[Job], workers: int) -> list[bytes]:
    """Parse every job; the results are in the order of the jobs."""
    total = sum(len(job.text) for job in jobs)
    if workers < 2 or total < POOL_FROM:
        return _parse_batch(jobs)
    return _in_pool(_batches(jobs), workers)


def _batches(jobs: Sequence[Job]) -> list[list[Job]]:
    batches: list[list[Job]] = [[]]
    size = 0
    for job in jobs:
        if size > _BATCH:
            batches.append([])
            size = 0
        batches[-1].append(job)
        size += len(job.text)
    return batches


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let no process that is started look for modules in the working directory, the checked repository."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _in_pool(batches: list[list[Job]], workers: int) -> list[bytes]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    if any(job.kind == "hcl" for batch in batches for job in batch):
        # Loaded before the fork, the grammar's tables are shared by all workers.
        from readiness.sources.hcl.parse import parse_chunk

        parse_chunk("a = 1\n")
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    results: list[bytes] = []
    try:
        with _safe_path(), ProcessPoolExecutor(min(workers, len(batches)), mp_context=context) as pool:
            for part in pool.map(_parse_batch, batches):
                results.extend(part)
    except (BrokenProcessPool, OSError):
        # A worker died (memory, a limit on processes): do the rest here.
        done = len(results)
        jobs = [job for batch in batches for job in batch]
        results.extend(_parse_batch(jobs[done:]))
    return results
