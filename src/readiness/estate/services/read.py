"""Where `readiness-services.yaml` stands: above what is looked at, and in it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from readiness.config.services import FILE, Declared, parse_services, read_services
from readiness.repo.discover import shown_path
from readiness.repo.paths import real_path


def declared_above(
    base: Path, tops: Sequence[Path], found: Iterable[str], edited: Mapping[str, str]
) -> list[Declared]:
    """What is declared in the working directory, above it up to the root of a repository, and below.

    `found` are files of the run as users see them, `edited` texts that take the place of files, by their
    real paths.  Outer files come first.  A link that leads out of the repositories is not followed.

    Raises:
        UsageError: a file is wrong; with its place.
    """
    names: dict[str, None] = {}
    for top in tops:
        folder = Path(os.path.realpath(base))
        above = [folder, *folder.parents] if folder.is_relative_to(top) else [top]
        above = above[: above.index(top) + 1] if top in above else above[:1]
        names.update(
            (shown_path(place / FILE, Path(os.path.realpath(base))), None) for place in reversed(above)
        )
    names.update((name, None) for name in found if posixpath.basename(name) == FILE)
    declared: list[Declared] = []
    for name in names:
        real = real_path(base / name)
        if real is None:
            continue
        if str(real) in edited:
            declared += parse_services(name, edited[str(real)])
        elif real.is_file() and any(real.is_relative_to(top) for top in tops):
            declared += read_services(name, real)
    return declared


def declared_in(texts: Mapping[str, str]) -> list[Declared]:
    """What is declared in texts by file name, the outer files first.

    Raises:
        UsageError: a text is wrong; with its place.
    """
    names = [name for name in texts if posixpath.basename(name) == FILE]
    names.sort(key=lambda name: (name.count("/"), name))
    return [entry for name in names for entry in parse_services(name, texts[name])]
