"""The built-in policies as one file that loads in milliseconds, and the lifecycles as another.

A wheel carries both; in a source tree they are made from `policies/` when that changed and
kept in the user's cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from readiness import __version__
from readiness.errors import UsageError
from readiness.policy.lifecycles import FILE, Table, read_table
from readiness.policy.model import Examples, Policy
from readiness.sources.store import cache_folder, write_atomic

T = TypeVar("T")

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA = _PACKAGE / "_data"
_NAME = "policies.bundle"
_LIFECYCLES = "lifecycles.bundle"


def builtin_folder() -> Path:
    """The folder of the built-in policy files: of the source tree, else of the package."""
    source = _PACKAGE.parents[1] / "policies"
    return source if (source / "controls.yaml").is_file() else _DATA / "policies"


def load_builtin(examples: bool = False) -> list[Policy]:
    """The built-in policies, sorted by id; with their examples only when asked for.

    Raises:
        UsageError: a policy file is broken (only in a source tree).
    """
    folder = builtin_folder()
    if examples:
        return _load(folder)
    places = [Path(__file__).with_name("loader.py"), Path(__file__).with_name("model.py")]
    places += sorted(folder.rglob("*.yaml"))
    return _bundled(folder, _NAME, places, list[Policy], lambda: _encode(_load(folder)))


def load_lifecycles() -> Table:
    """The built-in table of lifecycles.

    Raises:
        UsageError: the table is broken (only in a source tree).
    """
    folder = builtin_folder()
    places = [Path(__file__).with_name("lifecycles.py"), folder / FILE]
    return _bundled(folder, _LIFECYCLES, places, Table, lambda: msgspec.msgpack.encode(read_table(folder)))


def _bundled(folder: Path, name: str, places: Iterable[Path], type_: type[T], make: Callable[[], bytes]) -> T:
    """What a bundle holds: the packaged one, that of the cache if `places` did not change, or a new one."""
    if folder.is_relative_to(_DATA):
        packaged = _DATA / name
        if packaged.is_file():
            return msgspec.msgpack.decode(packaged.read_bytes(), type=type_)
    cache = cache_folder()
    stem = name.partition(".")[0]
    target = cache / f"{stem}-{_fingerprint(places)}.bundle" if cache is not None else None
    if target is not None and target.is_file():
        try:
            return msgspec.msgpack.decode(target.read_bytes(), type=type_)
        except msgspec.DecodeError:
            target.unlink(missing_ok=True)
    encoded = make()
    if target is not None and write_atomic(target, encoded):
        for old in target.parent.glob(f"{stem}-*.bundle"):
            if old != target:
                old.unlink(missing_ok=True)
    return msgspec.msgpack.decode(encoded, type=type_)


def _encode(policies: list[Policy]) -> bytes:
    """The bundle of policies: all but their examples, which no check needs."""
    return msgspec.msgpack.encode(
        [msgspec.structs.replace(policy, examples=Examples()) for policy in policies]
    )


def _load(folder: Path) -> list[Policy]:
    from readiness.policy.controls import load_controls
    from readiness.policy.loader import load_folder

    return load_folder(folder, frozenset(load_controls(folder)), shown="policies")


def _fingerprint(places: Iterable[Path]) -> str:
    """A digest of the names, sizes and times of files, and of the code's version."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=12)
    for path in places:
        stat = path.stat()
        digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns};".encode())
    return digest.hexdigest()


def write_bundle(folder: Path, directory: Path) -> Path:
    """Write the bundles of a policy folder into `directory`, for the wheel: policies and lifecycles.

    The path is that of the policies.
    """
    bundles = {_LIFECYCLES: msgspec.msgpack.encode(read_table(folder)), _NAME: _encode(_load(folder))}
    for name, encoded in bundles.items():
        if not write_atomic(directory / name, encoded):
            raise UsageError(f"cannot write {directory / name}")
    return directory / _NAME
