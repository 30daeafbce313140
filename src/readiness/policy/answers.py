"""Answers of which some are not known: true, false, or an unknown that says why."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.values import Unknown

Answer = bool | Unknown


def every(answers: Iterable[Answer]) -> Answer:
    """True where all are, false where one is false, else the first unknown."""
    pending: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if isinstance(answer, Unknown) and pending is True:
            pending = answer
    return pending


def some(answers: Iterable[Answer]) -> Answer:
    """False where all are, true where one is true, else the first unknown."""
    pending: Answer = False
    for answer in answers:
        if answer is True:
            return True
        if isinstance(answer, Unknown) and pending is False:
            pending = answer
    return pending
