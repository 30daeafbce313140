"""Build hook: ships the policies and what is costly to compute on first use.

Building the HCL parser's tables takes seconds and reading the policy files takes many small
reads, so a wheel carries both ready-made in `readiness/_data`.  An editable installation gets
the tables only, in `src/readiness/_data`, which git ignores; it reads `policies/` itself.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReadinessBuildHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """Writes `src/readiness/_data` before a wheel is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the data files; `version` is "standard" or "editable"."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        policies = root / "policies"
        if version != "standard":
            write_data(root / "src", None)
            return
        if not policies.is_dir():
            sys.exit(f"{policies}: the policies are missing; build from a full checkout")
        write_data(root / "src", policies)
        build_data["force_include"][str(policies)] = "readiness/_data/policies"


def write_data(source: Path, policies: Path | None) -> None:
    """Replace the contents of `source/readiness/_data`: the tables and, from `policies`, the bundle."""
    sys.path.insert(0, str(source))
    from readiness.errors import ReadinessError
    from readiness.policy.bundle import write_bundle
    from readiness.sources.hcl.tables import write_tables

    target = source / "readiness" / "_data"
    target.mkdir(parents=True, exist_ok=True)
    # A process that uses the package meanwhile must see whole files, so they are written aside.
    with tempfile.TemporaryDirectory(prefix="readiness-data-", dir=target) as name:
        fresh = Path(name)
        try:
            write_tables(fresh)
            if policies is not None:
                write_bundle(policies, fresh)
        except ReadinessError as error:
            sys.exit(f"the package cannot be built: {error}")
        written = {file.name for file in fresh.iterdir()}
        for file in fresh.iterdir():
            shutil.move(file, target / file.name)
    for old in target.iterdir():
        if old.is_file() and old.name not in written:
            old.unlink()
