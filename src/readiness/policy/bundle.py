"""The built-in policies as one file that loads in milliseconds, and the lifecycles as another.

A wheel carries both; in a source tree they are made from `policies/` when that changed and
kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from readiness import __version__
from readiness.errors import UsageError
from readiness.policy.lifecycles import FILE, Table, read_table
from readiness.policy.model import Examples, Policy
from readiness.policy.packs import BUILTIN, Facts, Pack, Place, read_facts
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


class _Bundle(Struct):
    """What a bundle of policies holds; its hash is that of the files it was made from."""

    facts: Facts
    policies: list[Policy]


def load_builtin(examples: bool = False) -> list[Policy]:
    """The built-in policies, sorted by id; with their examples only when asked for.

    Raises:
        UsageError: a policy file is broken (only in a source tree).
    """
    return builtin_pack(examples).policies


def builtin_pack(examples: bool = False) -> Pack:
    """The built-in policies as a pack.

    Raises:
        UsageError: a policy file is broken (only in a source tree).
    """
    folder = builtin_folder()
    if examples:
        return Pack(_facts(folder), "built-in", _load(folder))
    code = Path(__file__)
    places = [code.with_name("loader.py"), code.with_name("model.py"), code.with_name("packs.py")]
    bundle = _bundled(folder, _NAME, (*places, folder), _Bundle, lambda: _encode(folder))
    return Pack(bundle.facts, "built-in", bundle.policies)


def _facts(folder: Path) -> Facts:
    return read_facts(Place("built-in", folder, "policies", BUILTIN, __version__))


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
    return _cached(name.partition(".")[0], _fingerprint(places), type_, make)


def _cached(stem: str, key: str, type_: type[T], make: Callable[[], bytes]) -> T:
    """What the cache keeps under a stem, if it is of that key, or a new one in its place."""
    cache = cache_folder()
    target = cache / f"{stem}-{key}.bundle" if cache is not None else None
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


def cached_pack(place: Place, facts: Facts, builtin: Facts, load: Callable[[], list[Policy]]) -> list[Policy]:
    """The policies of a user's pack without their examples: those of the cache if no file changed.

    `load` reads and judges them; what is wrong is never kept.

    Raises:
        UsageError: what `load` raises.
    """
    code = Path(__file__)
    used = [code.with_name(name) for name in ("loader.py", "model.py", "host.py", "kinds.py", "params.py")]
    used += sorted(code.with_name("admission").glob("*.py"))
    seen = place.shown or place.folder.as_posix()
    stem = hashlib.blake2b(f"{Path.cwd()}\0{seen}".encode(), digest_size=8).hexdigest()
    text = "\0".join((facts.hash, builtin.hash, seen, _fingerprint(used)))
    key = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return _cached(f"pack-{stem}", key, list[Policy], lambda: _without_examples(load()))


def _without_examples(policies: list[Policy]) -> bytes:
    return msgspec.msgpack.encode([msgspec.structs.replace(p, examples=Examples()) for p in policies])


def _encode(folder: Path) -> bytes:
    """The bundle of a folder: all of its policies but their examples, which no check needs."""
    policies = [msgspec.structs.replace(policy, examples=Examples()) for policy in _load(folder)]
    return msgspec.msgpack.encode(_Bundle(_facts(folder), policies))


def _load(folder: Path) -> list[Policy]:
    from readiness.policy.controls import load_controls
    from readiness.policy.loader import load_folder

    return load_folder(folder, frozenset(load_controls(folder)), shown="policies")


def _fingerprint(places: Iterable[Path]) -> str:
    """A digest of the names, sizes and times of files (`.yaml` in folders), and of the code's version."""
    seen = []
    for path in places:
        if path.is_dir():
            seen += _seen_below(path)
        else:
            seen.append(_seen(str(path), path.stat()))
    return hashlib.blake2b("".join([__version__, *seen]).encode(), digest_size=12).hexdigest()


def _seen(path: str, stat: os.stat_result) -> str:
    return f"{path}:{stat.st_size}:{stat.st_mtime_ns};"


def _seen_below(folder: Path) -> list[str]:
    """The same for the `.yaml` files below a folder, sorted; a thousand of them, so without a `Path` each."""
    seen: list[str] = []
    folders = [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.name.endswith(".yaml"):
                    seen.append(_seen(entry.path, entry.stat()))
    return sorted(seen)


def write_bundle(folder: Path, directory: Path) -> Path:
    """Write the bundles of a policy folder into `directory`, for the wheel: policies and lifecycles.

    The path is that of the policies.
    """
    bundles = {_LIFECYCLES: msgspec.msgpack.encode(read_table(folder)), _NAME: _encode(folder)}
    for name, encoded in bundles.items():
        if not write_atomic(directory / name, encoded):
            raise UsageError(f"cannot write {directory / name}")
    return directory / _NAME
