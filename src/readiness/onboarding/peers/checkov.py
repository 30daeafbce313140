"""`.checkov.yaml`: the options of Checkov's command line by their names.

Source: https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
"""

from __future__ import annotations

import posixpath

from readiness.config.document import place_of
from readiness.onboarding.documents import mapping, texts
from readiness.onboarding.model import Peers, Skip
from readiness.repo.tree import Tree

_LEFT = {
    "skip-path": "say it in .gitignore, or waive with `paths`",
    "check": "it runs these checks alone: `select` does that, and nothing else is checked then",
}
_SEVERITIES = frozenset({"info", "low", "medium", "high", "critical", "none"})


def read(path: str, tree: Tree, found: Peers) -> None:
    """Read a configuration file."""
    data = mapping(tree, path, found.notes)
    if data is None:
        return
    folder = posixpath.dirname(path) or "."
    for id_, line in texts(data, "skip-check"):
        why = "it leaves out by severity: `fail-on` does that" if id_.lower() in _SEVERITIES else None
        found.skips.append(Skip("Checkov", (id_,), path, line, folder=folder, why=why))
    for name, why in _LEFT.items():
        for text, line in texts(data, name):
            found.skips.append(Skip("Checkov", (f"{name}: {text}",), path, line, folder=folder, why=why))
    if data.get("soft-fail") is True:
        line = place_of(data, ("soft-fail",))[0]
        why = "`check --exit-zero` does that on the command line"
        found.skips.append(Skip("Checkov", ("soft-fail",), path, line, folder=folder, why=why))


def read_baseline(path: str, tree: Tree, found: Peers) -> None:
    """A baseline of Checkov: only told, because ours knows the file and the address of each finding."""
    why = "`readiness init --baseline` records the findings of today"
    found.skips.append(
        Skip("Checkov", ("baseline",), path, 1, folder=posixpath.dirname(path) or ".", why=why)
    )
