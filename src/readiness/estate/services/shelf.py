"""How long evidence counts, by the tier of the service that it is about."""

from __future__ import annotations

import datetime

DAYS: dict[str, tuple[int, int, int, int]] = {
    # Restore verification once a quarter (tier 0 and 1): control bck-02 of `controls.yaml`.
    "restore-test": (92, 92, 183, 366),
    # Exercises of recovery two to four times a year: the same control.
    "game-day": (92, 183, 366, 366),
    "load-test": (183, 183, 366, 366),
    "access-review": (92, 92, 183, 366),
}
"""Days for tiers 0, 1, 2 and all others; a quarter has at most 92."""


def fresh_until(kind: str, on: datetime.date, tier: int | None) -> datetime.date | None:
    """The last day on which evidence counts; None where the tier is not known."""
    if tier is None or kind not in DAYS:
        return None
    return on + datetime.timedelta(days=DAYS[kind][min(tier, 3)])
