"""Which settings files a run has: those at and above the working directory, and what they extend."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from readiness.config.model import Cascade, Group, Layer, Place, SettingsFile
from readiness.config.packages import PREFIX, package_folder
from readiness.config.settings import FILE, read_settings, settings_in
from readiness.errors import UsageError

RUN_WIDE = ("packs", "unknown", "kubernetes_version", "waivers", "baseline", "metadata", "services")
"""Keys of the top file alone: they say something of the run as a whole."""

_DEEPEST = 16
"""Files that extend one another."""

_MOST = 100
"""Files that one brings in, each as often as it is extended."""


def find_cascade(
    config: str | None = None,
    isolated: bool = False,
    base: Path | None = None,
    root: Path | None = None,
) -> Cascade:
    """The settings files of a run.

    That is `config` alone, else those of the folder `base` (default: the working directory) and of the
    folders above it up to `root`, the root of the repository (default: `base` alone).  With `isolated`
    there is none but `config`, and none in folders below counts.

    Raises:
        UsageError: the named file is missing, or a file is wrong.
    """
    if config is not None:
        if not config:
            raise UsageError("--config names no file")
        file = read_settings(config, None if base is None else base / config)
        if file is None:
            raise UsageError("there is no table [tool.readiness] in it", config)
        found = [_group(file, Path(config) if base is None else base / config, ".")]
        return Cascade(tuple(found), nested=not isolated, base=base)
    if isolated:
        return Cascade(nested=False, base=base)
    here = Path() if base is None else base
    groups = []
    for folder in _upwards(here, root):
        shown = os.path.relpath(folder, here.absolute()).replace(os.sep, "/")
        file = settings_in(here / shown, shown, own=shown == ".", counting=True)
        if file is not None:
            groups.append(_group(file, here / file.path, shown))
    groups.reverse()
    start = max((i for i, group in enumerate(groups) if group.file.root), default=0)
    for group in groups[start + 1 :]:
        _refuse_run_wide(group, groups[start].file.path)
    return Cascade(tuple(groups), base=base)


def _upwards(here: Path, root: Path | None) -> Iterator[Path]:
    """A folder and those above it, up to the root."""
    folder = here.absolute()
    yield folder
    if root is None or not folder.is_relative_to(root):
        return
    while folder != root:
        folder = folder.parent
        yield folder


def top_of(cascade: Cascade) -> SettingsFile | None:
    """The file whose run-wide keys count: the outermost, or the last that begins anew (`root: true`)."""
    groups = cascade.groups
    start = max((i for i, group in enumerate(groups) if group.file.root), default=0)
    return groups[start].file if groups else None


def nested_group(cascade: Cascade, folder: str) -> Group | None:
    """The settings of a folder below, None where it has none; `folder` is the one that users see.

    Raises:
        UsageError: a file is wrong, or says what only the top file may say.
    """
    base = Path() if cascade.base is None else cascade.base
    file = settings_in(base / folder, folder, own=False)
    if file is None and cascade.past is not None:
        base = cascade.past
        file = settings_in(base / folder, folder, own=False)
    if file is None or any(group.file.path == file.path for group in cascade.groups):
        return None
    group = _group(file, base / file.path, folder)
    top = top_of(cascade)
    _refuse_run_wide(group, FILE if top is None else top.path)
    return group


def _refuse_run_wide(group: Group, top: str) -> None:
    """Refuse the keys of the top file in one of a folder below it, or in what that extends."""
    for layer in group.layers:
        for name in RUN_WIDE:
            said = layer.packs if name == "packs" else name in layer.values
            if said:
                key = name.replace("_", "-")
                why = f"it holds for a run as a whole, so only the top file ({top}) may say it"
                raise layer.places[name].error(f"{key}: {why}")


def _group(file: SettingsFile, real: Path, folder: str) -> Group:
    """A file with all that it extends, the weakest first."""
    layers: list[Layer] = []
    first: list[int] = []
    extended: dict[str, None] = {}
    files = 0

    def add(one: SettingsFile, path: Path, above: tuple[tuple[str, Path], ...]) -> None:
        nonlocal files
        start = len(layers)
        for spec, place in one.extends:
            files += 1
            if files > _MOST:
                raise place.error(f"extends: more than {_MOST} files altogether")
            other, target = _extended(spec, place, path, above)
            extended[other.path] = None
            add(other, target, (*above, (other.path, _real(target))))
        layers.extend(one.layers)
        first.extend([start] * len(one.layers))

    add(file, real, ((file.path, _real(real)),))
    return Group(file, folder, tuple(layers), tuple(first), tuple(extended))


def _extended(
    spec: str, place: Place, path: Path, above: tuple[tuple[str, Path], ...]
) -> tuple[SettingsFile, Path]:
    """A file that another extends, and where it is; `above` are those that led to it."""
    if spec.startswith(PREFIX):
        try:
            target = package_folder(spec.removeprefix(PREFIX)) / FILE
        except UsageError as error:
            raise place.error(f"extends: {error.message}") from None
        shown = f"{spec}/{FILE}"
    else:
        target = Path(os.path.normpath(path.parent / spec))
        inside = place.path.startswith(PREFIX) or Path(place.path).is_absolute()
        shown = (Path(place.path).parent / spec).as_posix() if not inside else target.as_posix()
        shown = os.path.normpath(shown).replace(os.sep, "/")
    if not target.is_file():
        what = f"{spec!r} carries no {FILE}" if spec.startswith(PREFIX) else f"{spec!r} does not exist"
        if target.is_dir():
            what = f"{spec!r} is a folder: name the file"
        raise place.error(f"extends: {what}")
    chain = [name for name, _ in above]
    if _real(target) in [real for _, real in above]:
        raise place.error(f"extends: a circle: {' -> '.join([*chain, shown])}")
    if len(above) >= _DEEPEST:
        raise place.error(f"extends: more than {_DEEPEST} files extend one another")
    file = read_settings(shown, target)
    if file is None:
        raise place.error(f"extends: {spec!r} has no table [tool.readiness]")
    return file, target


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
