"""Take the pictures of the readiness report for the documentation: `docs/images/*.png`.

Shows the sample of the tests, or the report that is named.  Needs Playwright for Python and Chromium:

    python scripts/screenshots.py [REPORT.html]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"

SHOTS = (
    ("report-overview", "", "light", (1200, 960)),
    ("report-overview-dark", "", "dark", (1200, 960)),
    ("report-services", "#/services?level=none&sort=score", "light", (1200, 620)),
    ("report-service", "#/service/search?control=own-02", "light", (1200, 1000)),
    ("report-matrix", "#/matrix", "light", (1200, 800)),
    ("report-history", "#/history", "dark", (1200, 760)),
)
"""Name of the picture, page, colours, width and height in pixels."""


def sample(folder: Path) -> Path:
    """The report of the tests as a file."""
    sys.path.insert(0, str(ROOT / "tests" / "scorecard"))
    from readiness.outputs.scorecard_html import render_html

    path = folder / "report.html"
    path.write_text(render_html(import_module("samples").card()), encoding="utf-8")
    return path


def take(report: Path) -> None:
    """Write a picture of each of `SHOTS`."""
    playwright = import_module("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    IMAGES.mkdir(parents=True, exist_ok=True)
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=flags)
        for name, at, scheme, (width, height) in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(report.resolve().as_uri() + at)
            page.wait_for_timeout(300)
            # What a link opened has been scrolled to; a picture begins at the top.
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            take(sample(Path(made)))
