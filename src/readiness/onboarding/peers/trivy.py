"""`.trivyignore`, `.trivyignore.yaml`, `trivy.yaml`, and the configuration of tfsec.

Sources: https://trivy.dev/docs/latest/configuration/filtering/,
https://trivy.dev/docs/latest/references/configuration/config-file/ and
https://aquasecurity.github.io/tfsec/latest/guides/configuration/config/
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from readiness.config.document import place_of
from readiness.onboarding.documents import mapping, text_of, texts
from readiness.onboarding.model import Peers, Skip
from readiness.repo.tree import Tree
from readiness.values import Map

_CHECK = re.compile(r"(?:avd-)?[a-z]{2,5}-?[0-9]{3,4}", re.IGNORECASE)
_UNTIL = re.compile(r"exp:([0-9]{4}-[0-9]{2}-[0-9]{2})")
_OTHERS = "it is about vulnerabilities, secrets or licences, not about configuration"


def read_lines(path: str, tree: Tree, found: Peers) -> None:
    """Lines of an id, perhaps with `exp:` and a day; comments above them are their reason."""
    text = text_of(tree, path, found.notes)
    if text is None:
        return
    folder = posixpath.dirname(path) or "."
    above: list[str] = []
    last_was_comment = False
    other: list[tuple[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        code, _, remark = (part.strip() for part in line.partition("#"))
        if not code:
            # A blank line ends what a comment is about.
            above = (
                [*(above if last_was_comment else []), *([remark] if remark else [])] if line.strip() else []
            )
            last_was_comment = bool(line.strip())
            continue
        last_was_comment = False
        id_, *rest = code.split()
        if _CHECK.fullmatch(id_) is None:
            other.append((id_, number))
            continue
        until = next((match[1] for word in rest if (match := _UNTIL.fullmatch(word))), None)
        reason = remark or " ".join(above) or None
        found.skips.append(Skip("Trivy", (id_,), path, number, folder=folder, reason=reason, until=until))
    _tell_others(other, path, folder, found)


def _tell_others(other: list[tuple[str, int]], path: str, folder: str, found: Peers) -> None:
    """One row for all that is not about configuration: there may be hundreds."""
    if other:
        what = other[0][0] if len(other) == 1 else f"{other[0][0]} and {len(other) - 1} more"
        found.skips.append(Skip("Trivy", (what,), path, other[0][1], folder=folder, why=_OTHERS))


def read(path: str, tree: Tree, found: Peers) -> None:
    """Entries with `id`, `paths`, `statement` and `expired_at`."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(path) or "."
    entries = data.get("misconfigurations")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Map) and isinstance(entry.get("id"), str):
            line = place_of(data, ("misconfigurations", index, "id"))[0]
            found.skips.append(_entry(entry, path, folder, line))
    other = []
    for name in ("vulnerabilities", "secrets", "licenses"):
        listed = data.get(name)
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(entry, Map) and isinstance(entry.get("id"), str):
                other.append((entry["id"], place_of(data, (name, index, "id"))[0]))
    _tell_others(sorted(other, key=lambda one: one[1]), path, folder, found)


def _entry(entry: Map, path: str, folder: str, line: int) -> Skip:
    paths, why = _paths(entry.get("paths"), folder)
    reason, until = entry.get("statement"), entry.get("expired_at")
    return Skip(
        "Trivy",
        (entry["id"],),
        path,
        line,
        folder=folder,
        reason=reason if isinstance(reason, str) else None,
        until=until if isinstance(until, str) else None,
        paths=paths,
        why=why,
    )


def _paths(value: Any, folder: str) -> tuple[tuple[str, ...], str | None]:
    """Globs from the root of the repository; and why they cannot be said, where they cannot."""
    if value is None:
        return (), None
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        return (), "its `paths` are no list of texts"
    made = []
    for item in value:
        glob = posixpath.normpath(posixpath.join(folder, item))
        if glob.startswith(("/", "../")) or glob == "..":
            return (), f"{item!r} leads out of the repository"
        made.append(glob)
    return tuple(made), None


def read_settings(path: str, tree: Tree, found: Peers) -> None:
    """Of the settings only what leaves files or checks out is told."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(path) or "."
    why = "say it in .gitignore, or waive with `paths`"
    for name in ("skip-dirs", "skip-files"):
        for text, line in texts(data, "scan", name):
            found.skips.append(Skip("Trivy", (f"{name}: {text}",), path, line, folder=folder, why=why))


def read_tfsec(path: str, tree: Tree, found: Peers) -> None:
    """The list `exclude`."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(posixpath.dirname(path)) or "."
    for id_, line in texts(data, "exclude"):
        found.skips.append(Skip("tfsec", (id_,), path, line, folder=folder))
