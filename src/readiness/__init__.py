"""The policy-as-code linter that tells what is not production-ready, where, why and how to mend it.

import readiness
report = readiness.check(["infra"], readiness.Settings(fail_on="medium"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness.api import Settings as Settings
    from readiness.api import check as check
    from readiness.api import report as report
    from readiness.engine.model import Report as Report
    from readiness.scorecard.model import Scorecard as Scorecard

__version__ = "0.1.0"

_EXPORTS = {
    "check": "readiness.api",
    "report": "readiness.api",
    "Settings": "readiness.api",
    "Report": "readiness.engine.model",
    "Scorecard": "readiness.scorecard.model",
}


def __getattr__(name: str) -> Any:
    """Load the library's entry points on first use, so that the command line starts fast."""
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module 'readiness' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(module), name)
