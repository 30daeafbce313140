"""The bundle of a source tree: it is made anew when a policy file changes, comes or goes."""

from __future__ import annotations

import os
from pathlib import Path

from readiness.policy.bundle import _fingerprint


def test_what_changes_the_bundle(tmp_path: Path) -> None:
    below = tmp_path / "aws" / "storage"
    below.mkdir(parents=True)
    one = below / "one.yaml"
    one.write_text("id: one\n", encoding="utf-8")
    seen = [_fingerprint([tmp_path])]

    (below / "notes.md").write_text("no policy\n", encoding="utf-8")
    assert _fingerprint([tmp_path]) == seen[0]

    one.write_text("id: ones\n", encoding="utf-8")
    seen.append(_fingerprint([tmp_path]))
    os.utime(one, (1_700_000_000, 1_700_000_000))
    seen.append(_fingerprint([tmp_path]))
    (tmp_path / "two.yaml").write_text("id: two\n", encoding="utf-8")
    seen.append(_fingerprint([tmp_path]))
    one.unlink()
    seen.append(_fingerprint([tmp_path]))
    assert len(set(seen)) == 5
