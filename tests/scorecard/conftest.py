"""Where the tests of scorecards find the module of samples that they share."""

from __future__ import annotations

import sys
from pathlib import Path

# Tests are imported by path, so their shared module has to be put where Python finds it.
sys.path.insert(0, str(Path(__file__).parent))
