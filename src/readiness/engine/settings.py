"""What a run may be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from readiness.config.settings import Override, Place, SettingsFile
from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError
from readiness.policy.select import PROFILES

_CHOICES = {"profile": PROFILES, "fail_on": SEVERITIES, "unknown": ("ignore", "warn", "fail")}


class Settings(Struct):
    """What a run may be told; the defaults are those of the command line.

    `policies` are packs besides the built-in one: folders, or `package:NAME`.  `overrides` change policies.
    `lock` is the path of a lock file that the packs must be those of; nothing is held against it where it is
    empty.  `places` says where selectors and packs of a settings file are written (`select:NAME`).

    `tier` is the service tier of resources that name none; `kubernetes_version` the release that manifests
    are for, the newest whose schemas are at hand where it is empty; `jobs` the number of processes.
    `variables` are `NAME=VALUE`; `env_vars` says whether `TF_VAR_` variables count.  `environments`
    are `NAME` (only this one) or `NAME=FILE`, `workspaces` names of Terraform workspaces, and
    `var_file_patterns` say where roots keep the variable files of their environments.  `pod_templates`
    says by type where custom kinds have their pod template (`spec.workers[*].template`, empty for none).
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = "default"
    fail_on: str = "high"
    unknown: str = "warn"
    policies: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    env_vars: bool = False
    environments: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    var_file_patterns: tuple[str, ...] = ()
    pod_templates: dict[str, str] = {}
    tier: int = 1
    kubernetes_version: str = ""
    jobs: int | None = None
    cache: bool = True
    allow_empty: bool = False
    overrides: tuple[Override, ...] = ()
    lock: str = ""
    places: dict[str, Place] = {}

    def __post_init__(self) -> None:
        """Refuse what no run could use.

        Raises:
            UsageError: a setting has a value that it cannot have.
        """
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is {getattr(self, name)!r}; choose from {', '.join(choices)}")
        if not 0 <= self.tier <= 9:
            raise UsageError(f"tier is {self.tier}; it lies between 0 and 9")
        if self.kubernetes_version:
            from readiness.kubernetes.schemas.store import minor

            minor(self.kubernetes_version)
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"jobs is {self.jobs}; it is 1 or more")


def merged(file: SettingsFile | None, given: dict[str, Any]) -> Settings:
    """The settings of a file with what the command line gave over them.

    `given` has only what was said: it wins.  `--policies` and `--ignore` add to the file; `--select` puts
    aside what the file selects and ignores, `--profile` what it selects.

    Raises:
        UsageError: a setting has a value that it cannot have.
    """
    if file is None:
        return Settings(**given)
    values = dict(file.values)
    overrides = file.overrides
    if "select" in given:
        values.pop("ignore", None)
        overrides = tuple(used_anyway(overrides))
    elif "profile" in given:
        values.pop("select", None)
    values |= given
    if "ignore" in given and "select" not in given:
        values["ignore"] = (*file.values.get("ignore", ()), *given["ignore"])
    packs = (*file.packs, *(pack for pack in given.get("policies", ()) if not _among(pack, file.packs)))
    values["policies"] = packs
    return Settings(**values, overrides=overrides, places=file.places)


def used_anyway(overrides: tuple[Override, ...]) -> list[Override]:
    """Overrides without those that leave policies out."""
    from msgspec.structs import replace

    return [replace(one, ignore=None) if one.ignore else one for one in overrides]


def _among(pack: str, packs: tuple[str, ...]) -> bool:
    """Whether a pack is named already, perhaps by another path."""
    if pack.startswith("package:"):
        return pack in packs
    return Path(pack).resolve() in {Path(other).resolve() for other in packs if ":" not in other}
