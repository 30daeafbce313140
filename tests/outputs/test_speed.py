"""Twenty thousand findings are written in about a second, whatever the format."""

from __future__ import annotations

import time

import pytest
from sample_reports import OPTIONS, many_findings

from readiness.outputs import FORMATS, render


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_twenty_thousand_findings(format_: str) -> None:
    report = many_findings(20_000, 200)
    started = time.process_time()
    assert len(render(format_, report, OPTIONS)) > 10_000
    # Three times of what is meant, for machines that are slow or busy; a quadratic step takes minutes.
    assert time.process_time() - started < 3.0
