"""Twenty thousand findings are written in every format."""

from __future__ import annotations

import pytest
from sample_reports import OPTIONS, many_findings

from readiness.outputs import FORMATS, render

LINES = ("concise", "csv")
"""Formats with a line for each finding."""


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_twenty_thousand_findings(format_: str) -> None:
    text = render(format_, many_findings(20_000, 200), OPTIONS)
    assert len(text) > 10_000
    assert format_ not in LINES or text.count("\n") > 20_000
