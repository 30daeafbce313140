"""Record what Kustomize makes of the cases in `tests/kubernetes/overlays/cases`.

Needs a `kubectl` binary and no network; run it after a change of that folder.  A case is built from its
folder `overlay`, or from its own folder where it has none.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).resolve().parents[1] / "tests" / "kubernetes" / "overlays" / "cases"
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def entry(case: Path) -> Path:
    """The folder that a case is built from."""
    overlay = case / "overlay"
    return overlay if overlay.is_dir() else case


def record(case: Path) -> bool:
    """Write what a case gives, or what is said against it; true where it gives something."""
    for name in ("recorded.yaml", "refused.txt"):
        (case / name).unlink(missing_ok=True)
    command = ["kubectl", "kustomize", str(entry(case))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        (case / "recorded.yaml").write_text(done.stdout, encoding="utf-8")
        return True
    said = done.stderr.replace(str(case), ".").replace(str(CASES.parents[3]), ".")
    (case / "refused.txt").write_text(_message(said) + "\n", encoding="utf-8")
    return False


def _message(text: str) -> str:
    """What is said, without what differs from run to run."""
    found = re.search(r'err(?:="|=<)(.*)', text, re.DOTALL)
    said = " ".join((found[1] if found else text).split())
    return re.sub(r"0x[0-9a-f]+", "0x", said).rstrip('" >')[:300]


def main() -> None:
    """Record every case."""
    cases = sorted(path for path in CASES.iterdir() if path.is_dir())
    if not cases:
        sys.exit("there are no cases")
    built = sum(record(case) for case in cases)
    print(f"{built} built, {len(cases) - built} refused")


if __name__ == "__main__":
    main()
