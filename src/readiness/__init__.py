"""The policy-as-code linter that tells what is not production-ready, where, why and how to mend it."""

from __future__ import annotations

__version__ = "0.1.0"
