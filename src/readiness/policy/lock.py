"""`readiness.lock`: which packs a gate was reviewed with, and what became of them since."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.errors import UsageError
from readiness.policy.model import Policy
from readiness.policy.packs import Facts, Pack

VERSION = 1
REVIEW = "`readiness policies diff` shows what that changes, `readiness policies lock` accepts it"
_BYTE = re.compile(r"\(byte ([0-9]+)\)")
# What decides about findings; prose, examples and references may change freely.
_TELLING = (
    *("control", "resources", "assert_", "message", "tiers", "params", "when", "each", "at", "on"),
    *("default", "aliases", "yields_to", "warn_until"),
)


class LockedPolicy(Struct, frozen=True):
    """A policy as it was locked: its severity, and a digest of what decides about its findings."""

    severity: str
    hash: str


class LockedPack(Struct, frozen=True):
    """A pack as it was locked."""

    name: str
    version: str
    hash: str
    policies: dict[str, LockedPolicy]


class Lock(Struct, frozen=True):
    """The contents of a lock file."""

    version: int
    packs: list[LockedPack]


class PackChange(Struct):
    """What became of a pack: ids of policies, sorted.

    `renamed` and `severities` have the old and the new; `changed` are policies that may find something
    else than before, by their present ids.  `old` and `new` are versions.
    """

    name: str
    old: str = ""
    new: str = ""
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    severities: dict[str, tuple[str, str]] = field(default_factory=dict)
    texts: bool = False  # the files differ, and nothing that decides about findings

    @property
    def same(self) -> bool:
        """Whether nothing changed that decides about findings."""
        return not (self.added or self.removed or self.renamed or self.changed or self.severities)


def _without_places(value: Any) -> Any:
    """Plain data without the places of expressions in their file."""
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items() if key != "rows"}
    return [_without_places(item) for item in value] if isinstance(value, list) else value


def digest(policy: Policy) -> str:
    """A digest of what decides about the findings of a policy, whatever it is called."""
    import json

    telling = {name: getattr(policy, name) for name in _TELLING}
    telling["params"] = {
        name: {key: part for key, part in spec.items() if key != "description"}
        for name, spec in policy.params.items()
    }
    if policy.admission is not None:
        telling["admission"] = _without_places(policy.admission)
    # What is not said is left out, so that a field of a later version changes no digest by its default.
    said = {name: value for name, value in telling.items() if value not in (None, "", (), {})}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def locked(facts: Facts, policies: Iterable[Policy]) -> LockedPack:
    """A pack as a lock file keeps it."""
    entries = {policy.id: LockedPolicy(policy.severity, digest(policy)) for policy in policies}
    return LockedPack(facts.name, facts.version, facts.hash, dict(sorted(entries.items())))


def to_document(packs: Iterable[Pack]) -> dict[str, Any]:
    """The contents of a lock file for packs, as plain values."""
    entries = [locked(pack.facts, pack.policies) for pack in packs]
    document: dict[str, Any] = {"version": VERSION, "packs": []}
    for entry in sorted(entries, key=lambda entry: entry.name):
        document["packs"].append(
            {
                "name": entry.name,
                "version": entry.version,
                "hash": entry.hash,
                "count": len(entry.policies),
                "policies": {
                    id_: {"severity": policy.severity, "hash": policy.hash}
                    for id_, policy in entry.policies.items()
                },
            }
        )
    return document


def read_lock(path: str, base: Path | None = None) -> Lock:
    """Read a lock file; its path counts from `base` (default: the current folder).

    Raises:
        UsageError: it is missing or damaged, or a newer version wrote it; with its place.
    """
    try:
        raw = ((base or Path()) / path).read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no {path}; `readiness policies lock` writes it") from None
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", path) from None
    for number, text in enumerate(raw.splitlines(), 1):
        if text.startswith((b"<<<<<<<", b"=======", b">>>>>>>")):
            message = "a merge conflict stands here; `readiness policies lock` writes the file anew"
            raise UsageError(message, path, number, 1)
    try:
        version = msgspec.json.decode(raw, type=_Version).version
        if version != VERSION:
            message = f"version {version} of the lock file is not known to this version of readiness"
            raise UsageError(message, path, 1, 1)
        lock = msgspec.json.decode(raw, type=Lock)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        line, column = _spot(raw, str(error))
        hint = "`readiness policies lock` writes the file anew"
        raise UsageError(f"it is no lock file: {error}; {hint}", path, line, column) from None
    return lock


class _Version(Struct):
    version: int


def _spot(raw: bytes, message: str) -> tuple[int, int]:
    """Line and column of the byte that a message of the decoder names."""
    found = _BYTE.search(message)
    end = len(raw) if "truncated" in message else 0
    before = raw[: int(found.group(1)) if found else end]
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def verify(path: str, packs: Iterable[Pack], base: Path | None = None) -> None:
    """Hold the packs in use against a lock file, whose path counts from `base`.

    Raises:
        UsageError: a pack is another one than was locked, is not locked, or is locked and not in use.
    """
    lock = read_lock(path, base)
    old = {pack.name: pack for pack in lock.packs}
    new = {pack.facts.name: pack for pack in packs}
    problems = []
    for name, pack in new.items():
        if name not in old:
            problems.append((name, f"the pack {name!r} is in use and not locked"))
        elif old[name].hash != pack.facts.hash:
            was = _shown(old[name].version, len(old[name].policies), old[name].hash)
            now = _shown(pack.facts.version, len(pack.policies), pack.facts.hash)
            problems.append((name, f"the pack {name!r} changed since it was locked ({was}; now {now})"))
    problems += [
        (name, f"the pack {name!r} is locked and not in use: its policies would not gate")
        for name in old
        if name not in new
    ]
    if not problems:
        return
    name, message = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    line, column = _place((base or Path()) / path, name)
    raise UsageError(f"{message}{more}; {REVIEW}", path, line, column)


def _shown(version: str, count: int, hash_: str) -> str:
    parts = [version, "1 policy" if count == 1 else f"{count:,} policies", hash_[:19]]
    return ", ".join(part for part in parts if part)


def _place(path: Path, name: str) -> tuple[int, int]:
    """Where a pack stands in the lock file, as well as its text tells."""
    text = path.read_text(encoding="utf-8", errors="replace")
    index = text.find(f'"name": "{name}"')
    if index < 0:
        return 1, 1
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def compare(old: LockedPack, new: LockedPack, former: dict[str, str]) -> PackChange:
    """What became of a pack; `former` maps former ids to present ones."""
    change = PackChange(new.name, old.version, new.version)
    partner = {id_: id_ for id_ in new.policies if id_ in old.policies}
    for id_ in old.policies:
        now = former.get(id_)
        if id_ not in new.policies and now in new.policies and now not in partner:
            change.renamed[id_] = now
            partner[now] = id_
    change.added = [id_ for id_ in new.policies if id_ not in partner]
    gone = set(old.policies) - set(partner.values())
    change.removed = sorted(gone)
    for now, before in sorted(partner.items()):
        was, is_ = old.policies[before], new.policies[now]
        if was.severity != is_.severity:
            change.severities[now] = (was.severity, is_.severity)
        if was.hash != is_.hash:
            change.changed.append(now)
    change.texts = change.same and old.hash != new.hash
    return change


def compare_all(
    old: Iterable[LockedPack], new: Iterable[LockedPack], former: dict[str, str]
) -> list[PackChange]:
    """What became of every pack, by name; one that is on one side only is added or removed whole."""
    before = {pack.name: pack for pack in old}
    after = {pack.name: pack for pack in new}
    return [
        compare(
            before.get(name, LockedPack(name, "", "", {})),
            after.get(name, LockedPack(name, "", "", {})),
            former,
        )
        for name in sorted({*before, *after})
    ]
