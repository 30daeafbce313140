"""What things of a repository are called in a report over many."""

from __future__ import annotations

SHOWN = 5
"""How many repositories a problem names."""


def inside(repository: str, path: str) -> str:
    """A path of a repository, in a report over many."""
    return f"{repository}/{path}" if path else ""


def fingerprint(repository: str, own: str) -> str:
    """That of a finding, in a report over many: repositories made from one template have the same ones."""
    return f"{repository}:{own}" if own else ""


def some(names: list[str]) -> str:
    """The first of some names, and how many there are."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN:,} more repositories"
