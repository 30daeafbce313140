"""Packs: folders of policies, of a user or of an installed package that only carries data."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from readiness.config.packages import PREFIX, package_folder
from readiness.errors import UsageError
from readiness.policy.files import policy_files, read_bytes, read_text
from readiness.policy.model import Policy

BUILTIN = "readiness"
"""The name of the built-in pack."""

PACK_FILE = "pack.yaml"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$",
            "description": "a name is lower-case words joined by hyphens",
        },
        "version": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "retired": {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
    },
}


class Place(Struct, frozen=True):
    """Where a pack is: its folder, or its only file, and what stands for it in paths that users see.

    `about` is the folder of its `pack.yaml`, where that is another one.
    """

    spec: str
    folder: Path
    shown: str | None = None
    name: str = ""
    version: str = ""
    about: Path | None = None


class Facts(Struct, frozen=True):
    """What a pack says of itself; `retired` are ids that it had, each with why it is gone."""

    name: str
    version: str = ""
    description: str = ""
    retired: dict[str, str] = field(default_factory=dict)
    hash: str = ""  # `sha256:…` over the pack's YAML files


class Pack(Struct, frozen=True):
    """A pack in use with all its policies."""

    facts: Facts
    spec: str  # "built-in" | a folder | package:NAME
    policies: list[Policy]

    @property
    def shown(self) -> str:
        """What the paths of its policies begin with."""
        if self.spec == "built-in":
            return "policies"
        return self.spec if self.spec.startswith(PREFIX) else Path(self.spec).as_posix()


def locate(spec: str, base: Path | None = None) -> Place:
    """Where the pack is that `--policies` names: a folder, a file, or `package:NAME`.

    A package is found without being imported: nothing of it is executed.  Paths count from `base` (default:
    the current folder), which users do not see.

    Raises:
        UsageError: there is no such folder or package, or the package has no folder of its own.
    """
    if not spec.startswith(PREFIX):
        path = Path(spec) if base is None else base / spec
        if not spec or not path.exists():
            raise UsageError(f"the policy folder {spec!r} does not exist")
        if not path.is_dir() and not (path.is_file() and path.suffix in (".yaml", ".yml")):
            raise UsageError(f"{spec!r} is neither a folder of policies nor a file of one (*.yaml)")
        shown = None if path == Path(spec) else Path(spec).as_posix()
        return Place(spec, path, shown, _name_of(Path(spec)))
    name = spec.removeprefix(PREFIX)
    folder = package_folder(name)
    inner = folder / "policies"
    if not inner.is_dir():
        return Place(spec, folder, spec, name, _installed_version(name))
    about = None if (inner / PACK_FILE).is_file() else folder
    return Place(spec, inner, spec, name, _installed_version(name), about)


def _name_of(path: Path) -> str:
    """The name of a pack that says none: its path, from the working directory where it is below it."""
    here = Path.cwd()
    inside = path.is_absolute() and path.is_relative_to(here)
    return os.path.normpath(path.relative_to(here) if inside else path).replace(os.sep, "/")


def _installed_version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    top = name.partition(".")[0]
    for candidate in (top, top.replace("_", "-")):
        try:
            return version(candidate)
        except PackageNotFoundError:
            continue
    return ""


def read_facts(place: Place) -> Facts:
    """What `pack.yaml` says, completed from the place of the pack; with its hash.

    Raises:
        UsageError: the file is wrong.
    """
    path = (place.about or place.folder) / PACK_FILE
    data: dict[str, Any] = {}
    if path.is_file():
        name = f"{place.shown}/{PACK_FILE}" if place.shown else path.as_posix()
        data = _pack_file(path, name)
    return Facts(
        name=data.get("name", place.name),
        version=data.get("version", place.version),
        description=data.get("description", ""),
        retired=dict(data.get("retired", {})),
        hash=content_hash(place.folder),
    )


def _pack_file(path: Path, name: str) -> dict[str, Any]:
    from readiness.config.document import hold, read_document

    data = read_document(name, read_text(path, name), frozenset({"version"}), "fields")
    hold(data, _SCHEMA, name, "field")
    return data


def content_hash(folder: Path) -> str:
    """`sha256:…` over the names and texts of the YAML files of a pack, whatever their line breaks."""
    digest = hashlib.sha256()
    for path in policy_files(folder):
        relative = path.name if path == folder else path.relative_to(folder).as_posix()
        content = read_bytes(path, path.as_posix()).replace(b"\r\n", b"\n")
        digest.update(f"{relative}\0{len(content)}\0".encode())
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"


def join(packs: Iterable[Pack]) -> list[Policy]:
    """The policies of all packs.

    Raises:
        UsageError: two packs have one name, or an id is taken twice, now or as a former one.
    """
    names: dict[str, str] = {}
    policies: dict[str, Policy] = {}
    former: dict[str, Policy] = {}
    for pack in packs:
        name = pack.facts.name
        if name in names:
            raise UsageError(
                f"two packs are called {name!r}: {names[name]} and {pack.spec}; "
                f"`name` in {PACK_FILE} tells them apart"
            )
        names[name] = pack.spec
        for policy in pack.policies:
            line, column = policy.lines.get("id", (1, 1))
            if policy.id in policies:
                where = place_text(policies[policy.id])
                raise UsageError(f"the id {policy.id!r} is taken by {where}", policy.path, line, column)
            if policy.id in former:
                where = place_text(former[policy.id])
                other = former[policy.id].id
                message = f"the id {policy.id!r} is a former id of {other!r} ({where}), which it still names"
                raise UsageError(message, policy.path, line, column)
            policies[policy.id] = policy
        for policy in pack.policies:
            former |= dict.fromkeys(policy.former_ids, policy)
    return list(policies.values())


def filed(path: str, folder: str) -> tuple[str, str]:
    """The platform and the topic of a policy, by the folders that it lies in below that of its pack.

    Both are empty where it lies in none.
    """
    if folder not in ("", ".") and not path.startswith(f"{folder}/"):
        return "", ""
    parts = path.removeprefix(f"{folder}/").split("/")[:-1]
    return (parts[0], "/".join(parts[1:])) if parts else ("", "")


def place_text(policy: Policy) -> str:
    """`path:line:column` of a policy's id, as well as that is known."""
    if "id" not in policy.lines:
        return policy.path
    line, column = policy.lines["id"]
    return f"{policy.path}:{line}:{column}"
