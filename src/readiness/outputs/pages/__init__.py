"""Policies and controls as Markdown pages: one for each, and pages that list them.

`pages` gives the text of every page by its name below the folder of the pages; `stale` and `write` hold a
folder against that.  The same catalogue gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError
from readiness.outputs.pages.control import control_page
from readiness.outputs.pages.index import (
    aliases_page,
    frameworks_page,
    index_page,
    platform_page,
    severity_page,
)
from readiness.outputs.pages.policy import policy_page
from readiness.outputs.pages.site import INDEX, MARK, Catalogue, platform_file

__all__ = ["Catalogue", "pages", "stale", "write"]


def pages(catalogue: Catalogue) -> dict[str, str]:
    """All pages by name: `README.md`, `ID.md`, and those in `controls/`, `platforms/` and `severities/`."""
    found = {
        INDEX: index_page(catalogue),
        "other-tools.md": aliases_page(catalogue),
        "frameworks.md": frameworks_page(catalogue),
    }
    for platform in {catalogue.place(policy)[0] for policy in catalogue.policies}:
        found[platform_file(platform)] = platform_page(platform, catalogue)
    used = {policy.severity for policy in catalogue.policies}
    for severity in SEVERITIES:
        if severity in used:
            found[f"severities/{severity}.md"] = severity_page(severity, catalogue)
    for control in catalogue.used_controls():
        found[f"controls/{control}.md"] = control_page(control, catalogue)
    for policy in catalogue.policies:
        found[f"{policy.id}.md"] = policy_page(policy, catalogue)
    return dict(sorted(found.items()))


def stale(folder: Path, wanted: dict[str, str]) -> list[str]:
    """The pages of a folder that are missing, differ, or that nothing needs any more, sorted.

    Raises:
        UsageError: a page cannot be read.
    """
    wrong = {name for name, text in wanted.items() if _read(folder / name) != text}
    return sorted(wrong | set(_needless(folder, wanted)))


def write(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Bring a folder up to date; the names of the pages that were written or removed, sorted.

    A page that nothing needs any more is removed only where its last line says that it was written here, and
    a file without that line is never written over.

    Raises:
        UsageError: a page cannot be read, written or removed, or somebody else's file has its name.
    """
    changed = stale(folder, wanted)
    for name in changed:
        there = _read(folder / name)
        if name in wanted and (folder / name).exists() and not (there or "").endswith(f"{MARK}\n"):
            message = (
                f"{str(folder / name)!r} was not written by this command: name another folder, or remove it"
            )
            raise UsageError(message)
    for name in changed:
        path = folder / name
        try:
            if name in wanted:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(wanted[name], encoding="utf-8", newline="\n")
            else:
                path.unlink()
        except OSError as error:
            raise UsageError(f"{str(path)!r} cannot be written: {error.strerror or error}") from None
    return changed


def _needless(folder: Path, wanted: dict[str, str]) -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*.md") if path.is_file())
    return [
        name for name in names if name not in wanted and (_read(folder / name) or "").endswith(f"{MARK}\n")
    ]


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror or error}") from None
