"""Where an installed Python package has its files; nothing of it is imported or executed."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from readiness.errors import UsageError

PREFIX = "package:"
"""What marks the name of an installed package where a path could stand."""


def package_folder(name: str) -> Path:
    """The folder of an installed package, or of one inside it (`acme.policies`).

    Raises:
        UsageError: it is not installed, or has no folder of its own.
    """
    parts = name.replace("-", "_").split(".")
    if not all(part.isidentifier() for part in parts):
        raise UsageError(f"{name!r} is not the name of a Python package")
    spec = _find(parts[0])
    if spec is None:
        raise UsageError(f"the Python package {name!r} is not installed{_near(parts[0])}")
    locations = list(spec.submodule_search_locations or ())
    if not locations:
        raise UsageError(f"{name!r} is a Python module, not a package with files beside it")
    if spec.origin is None or spec.loader is None:
        raise UsageError(f"{name!r} is a namespace without an __init__.py: its files may be anywhere")
    folder = Path(locations[0]).joinpath(*parts[1:])
    if not folder.is_dir():
        what = "is not a folder: unpack it" if Path(locations[0]).is_dir() is False else "has no such folder"
        raise UsageError(f"the Python package {name!r} {what}")
    return folder


def _find(name: str) -> ModuleSpec | None:
    """The spec of a top-level package; never one of the working directory, which may be a stranger's."""
    here = Path.cwd().resolve()
    path = [entry for entry in sys.path if entry and Path(entry).resolve() != here]
    spec = PathFinder.find_spec(name, path)
    if spec is not None:
        return spec
    for finder in sys.meta_path:  # editable installations bring finders of their own
        if getattr(finder, "__module__", "").startswith("__editable__"):
            found = finder.find_spec(name, None)
            if isinstance(found, ModuleSpec):
                return found
    return None


def _near(name: str) -> str:
    from difflib import get_close_matches
    from importlib.metadata import distributions

    known = {(found.metadata["Name"] or "").replace("-", "_") for found in distributions()}
    found = get_close_matches(name, known, 1)
    return f"; did you mean {PREFIX}{found[0]}?" if found else ""
