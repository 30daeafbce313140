"""What a run may be told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.cascade import find_cascade, top_of
from readiness.config.model import Cascade, Group, Layer, Override, Place, is_everywhere
from readiness.config.packages import PREFIX
from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError
from readiness.policy.select import PROFILES
from readiness.repo.discover import repository_root

if TYPE_CHECKING:
    from readiness.engine.trust import Trust

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

    `waivers` are files of waivers, `baseline` is one of a baseline (none where it is empty); without
    `exceptions` neither they nor ignores in place count.  `diff_base` is a revision of git: only what is new
    or worse since then gates.  With `changed` the paths of a run are what changed: everything in the current
    folder is looked at, and what they touch is judged.  `trust` is a revision that settings, packs and
    exceptions come from, in place of what is checked (`readiness.engine.trust`).

    `metadata` says which labels and tags carry what (see `readiness.estate.metadata.meaning_of`), `services`
    are patterns of folders that are services (`services/{name}`).

    All of that holds for a run, or where nothing else is said.  `cascade` are the files that it comes from:
    by them a run finds those in folders below, and what they say for some paths and environments
    (`readiness.engine.scopes`).  Without it settings are the same everywhere.
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
    cascade: Cascade | None = None
    waivers: tuple[str, ...] = ()
    baseline: str = ""
    exceptions: bool = True
    diff_base: str = ""
    changed: bool = False
    trust: Trust | None = None
    metadata: dict[str, Any] = {}
    services: tuple[str, ...] = ()

    @property
    def base(self) -> Path:
        """The folder that the paths of packs, lock, waivers and baseline count from."""
        return Path() if self.cascade is None or self.cascade.base is None else self.cascade.base

    @property
    def workers(self) -> int:
        """How many processes there may be."""
        return self.jobs or os.cpu_count() or 1

    def __post_init__(self) -> None:
        """Refuse what no run could use.

        Raises:
            UsageError: a setting has a value that it cannot have.
        """
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is {getattr(self, name)!r}; choose from {', '.join(choices)}")
        if self.changed and self.diff_base:
            raise UsageError(
                "--changed and --diff-base exclude each other: --diff-base finds out what changed"
            )
        if not 0 <= self.tier <= 9:
            raise UsageError(f"tier is {self.tier}; it lies between 0 and 9")
        if self.kubernetes_version:
            from readiness.kubernetes.schemas.store import minor

            minor(self.kubernetes_version)
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"jobs is {self.jobs}; it is 1 or more")


def found_settings(
    given: dict[str, Any] | None = None,
    config: str | None = None,
    isolated: bool = False,
    base: Path | None = None,
    trust: Trust | None = None,
) -> Settings:
    """The settings that files say, with what is `given` over them, as on the command line.

    They are looked for in `base` (default: the working directory, or what stands for it in a revision that is
    trusted) and above it, up to the root of the repository; those in folders below come to them when a run
    finds them (`Settings.cascade`).

    Raises:
        UsageError: a file or a setting is wrong.
    """
    given = given or {}
    if trust is not None:
        base = trust.folder
        config, given = trust.asked(config, given)
    settings = merged(cascade_of(config, isolated, base), given)
    if trust is not None:
        trust.take(settings)
    if not settings.waivers and not isolated:
        settings.waivers = default_waivers(settings)
    return settings


def default_waivers(settings: Settings) -> tuple[str, ...]:
    """The `waivers.yaml` that holds where nobody names another, relative to the base of the settings.

    It is looked for beside the top settings, in the current folder and in the root of the repository.

    Raises:
        UsageError: something of that name is there, and no file.
    """
    from readiness.config.waivers import find_waivers

    return find_waivers(waiver_folders(settings), settings.base)


def waiver_folders(settings: Settings) -> list[str]:
    """The folders in which `waivers.yaml` is looked for, as users see them."""
    top = None if settings.cascade is None else top_of(settings.cascade)
    folders = [] if top is None else [Path(top.path).parent.as_posix()]
    here = settings.base.absolute()
    root = repository_root(here)
    folders += [".", *([] if root is None else [os.path.relpath(root, here).replace(os.sep, "/")])]
    return list(dict.fromkeys(folders))


def cascade_of(config: str | None = None, isolated: bool = False, base: Path | None = None) -> Cascade:
    """The settings files of a run: `find_cascade` within the repository.

    Raises:
        UsageError: a file is missing or wrong.
    """
    root = None
    if config is None and not isolated:
        root = repository_root((base or Path()).absolute())
    return find_cascade(config, isolated, base, root)


def merged(cascade: Cascade, given: dict[str, Any], defaults: dict[str, Any] | None = None) -> Settings:
    """The settings of files with what the command line gave over them.

    `given` has only what was said: it wins.  `--policies` and `--ignore` add to the files; `--select` puts
    aside what they select and ignore, `--profile` what they select.  `defaults` hold where nobody says
    anything, in place of those of `Settings`.

    Raises:
        UsageError: a setting has a value that it cannot have.
    """
    cascade = replace(cascade, given=given, defaults=defaults or {})
    settings = folded([step.layer for step in steps(cascade.groups)], cascade)
    settings.cascade = cascade
    return settings


class Step(Struct, frozen=True):
    """A layer in its order: the index of its group, its own in it, and that where its file begins.

    `folder` is the one that its group holds for.
    """

    layer: Layer
    group: int
    index: int
    first: int
    folder: str


def steps(groups: Sequence[Group], holds: Callable[[Group, Layer], bool] | None = None) -> list[Step]:
    """The layers that count, the weakest first; of conditional ones those of which `holds` says so.

    Of what stands above a file that begins anew (`root: true`) only locked entries are left.
    """
    start = max((i for i, group in enumerate(groups) if group.file.root), default=0)
    result = []
    for number, group in enumerate(groups):
        packs = number < start and has_locks([group])
        for index, layer in enumerate(group.layers):
            if layer.conditional and (number < start or holds is None or not holds(group, layer)):
                continue
            kept = only_locked(layer, packs) if number < start else layer
            result.append(Step(kept, number, index, group.first[index], group.folder))
    return result


def may_differ(settings: Settings, folders: Iterable[str]) -> bool:
    """Whether settings may differ by path or environment; `folders` may hold settings of their own."""
    cascade = settings.cascade
    if cascade is None:
        return False
    elsewhere = cascade.base is not None or cascade.past is not None
    if cascade.nested and (elsewhere or not all(map(is_everywhere, folders))):
        return True
    return any(layer.conditional for group in cascade.groups for layer in group.layers)


def has_locks(groups: Iterable[Group]) -> bool:
    """Whether anything is locked."""
    return any(
        layer.locked or any(one.locked for one in layer.overrides)
        for group in groups
        for layer in group.layers
    )


def only_locked(layer: Layer, packs: bool = False) -> Layer:
    """What of a layer is locked, with its `packs` where locked policies may come from them."""
    return replace(
        layer,
        values={name: value for name, value in layer.values.items() if name in layer.locked},
        packs=layer.packs if packs else (),
        overrides=tuple(one for one in layer.overrides if one.locked),
    )


def folded(layers: Iterable[Layer], cascade: Cascade) -> Settings:
    """The settings that layers say, the weakest first, with what was given over them."""
    given, base = cascade.given, cascade.base or Path()
    values: dict[str, Any] = {}
    packs: list[str] = []
    overrides: list[Override] = []
    places: dict[str, Place] = {}
    for layer in layers:
        said = dict(layer.values)
        if "profile" in said and "select" not in said:
            values.pop("select", None)
        for name in ("ignore", "waivers"):
            if name in said:
                said[name] = tuple(dict.fromkeys((*values.get(name, ()), *said[name])))
        if "metadata" in said:
            said["metadata"] = {**values.get("metadata", {}), **said["metadata"]}
        values |= said
        packs += [pack for pack in layer.packs if not _among(pack, packs, base)]
        overrides += layer.overrides
        places |= layer.places
    ignored = values.get("ignore", ())
    if "select" in given:
        values.pop("ignore", None)
        overrides = used_anyway(overrides)
    elif "profile" in given:
        values.pop("select", None)
    values |= given
    if "ignore" in given and "select" not in given:
        values["ignore"] = (*ignored, *given["ignore"])
    packs += [pack for pack in given.get("policies", ()) if not _among(pack, packs, base)]
    values["policies"] = tuple(packs)
    values = {**cascade.defaults, **values}
    if cascade.profiles:
        profile = values.get("profile", "default")
        values["profile"] = cascade.profiles.get(profile, profile)
    return Settings(**values, overrides=tuple(overrides), places=places)


def used_anyway(overrides: Iterable[Override]) -> list[Override]:
    """Overrides without those that leave policies out."""
    return [replace(one, ignore=None) if one.ignore else one for one in overrides]


def _among(pack: str, packs: Sequence[str], base: Path) -> bool:
    """Whether a pack is named already, perhaps by another path."""
    if pack.startswith(PREFIX):
        return pack in packs
    others = {(base / other).resolve() for other in packs if not other.startswith(PREFIX)}
    return (base / pack).resolve() in others


def existing_files(settings: Settings, base: Path) -> Settings:
    """Settings without the files that are not below `base`: what a change brings, its base has not.

    Waivers and the baseline of a revision that is trusted hold for both.
    """

    def there(path: str) -> bool:
        return os.path.lexists(base / path)

    settings = replace(settings, var_files=tuple(filter(there, settings.var_files)))
    if settings.trust is not None:
        return settings
    return replace(
        settings,
        waivers=tuple(filter(there, settings.waivers)),
        baseline=settings.baseline if there(settings.baseline) else "",
    )
