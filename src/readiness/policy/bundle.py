"""The built-in policies as one file that loads in milliseconds.

A wheel carries the bundle; in a source tree it is made from `policies/` when that changed and
kept in the user's cache.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from readiness import __version__
from readiness.errors import UsageError
from readiness.policy.model import Examples, Policy
from readiness.sources.store import cache_folder, write_atomic

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA = _PACKAGE / "_data"
_NAME = "policies.bundle"


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
    if folder.is_relative_to(_DATA):
        packaged = _DATA / _NAME
        if packaged.is_file():
            return _decode(packaged.read_bytes())
    cache = cache_folder()
    target = cache / f"policies-{_fingerprint(folder)}.bundle" if cache is not None else None
    if target is not None and target.is_file():
        try:
            return _decode(target.read_bytes())
        except msgspec.DecodeError:
            target.unlink(missing_ok=True)
    encoded = _encode(_load(folder))
    if target is not None and write_atomic(target, encoded):
        for old in target.parent.glob("policies-*.bundle"):
            if old != target:
                old.unlink(missing_ok=True)
    return _decode(encoded)


def _encode(policies: list[Policy]) -> bytes:
    """The bundle of policies: all but their examples, which no check needs."""
    return msgspec.msgpack.encode(
        [msgspec.structs.replace(policy, examples=Examples()) for policy in policies]
    )


def _decode(raw: bytes) -> list[Policy]:
    return msgspec.msgpack.decode(raw, type=list[Policy])


def _load(folder: Path) -> list[Policy]:
    from readiness.policy.controls import load_controls
    from readiness.policy.loader import load_folder

    return load_folder(folder, frozenset(load_controls(folder)), shown="policies")


def _fingerprint(folder: Path) -> str:
    """A digest of the names, sizes and times of the policy files, and of the code's version."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=12)
    places = [Path(__file__).with_name("loader.py"), Path(__file__).with_name("model.py")]
    for path in [*places, *sorted(folder.rglob("*.yaml"))]:
        stat = path.stat()
        digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns};".encode())
    return digest.hexdigest()


def write_bundle(folder: Path, directory: Path) -> Path:
    """Write the bundle of a policy folder into `directory`, for the wheel."""
    target = directory / _NAME
    if not write_atomic(target, _encode(_load(folder))):
        raise UsageError(f"cannot write {target}")
    return target
