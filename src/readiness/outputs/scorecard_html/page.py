"""The document: what is in it, what it may run, and in which order it is put together."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from readiness.outputs.escapes import html_text
from readiness.outputs.scorecard_html.overview import overview
from readiness.outputs.scorecard_html.overview_lists import service_table
from readiness.outputs.scorecard_html.payload import payload

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard

LIMIT = 7_400_000
"""Bytes of data in a page at most: a file stays below 8 MB, which mail and artifact stores take."""

NOSCRIPT_SERVICES = 200
"""Up to how many services their table reads without JavaScript."""

SCRIPTS = (
    "base.js",
    "data.js",
    "parts.js",
    "table.js",
    "services.js",
    "service.js",
    "matrix.js",
    "findings.js",
    "kpis.js",
    "history.js",
    "lists.js",
    "about.js",
    "main.js",
)
"""The scripts of the page, one function in the order of this list; each uses those before it."""


def render_html(card: Scorecard, version: str = "", limit: int = LIMIT) -> str:
    """The readiness report as one HTML document of about `limit` bytes of data at most.

    `version` is that of the program.  The same bytes for the same scorecard.
    """
    charts = len(card.history) > 1
    style = _text("report.css") + (_text("vendor/uPlot.min.css") if charts else "")
    scripts = [_text("vendor/uPlot.iife.min.js")] if charts else []
    scripts.append(_script())
    data = payload(card, version, limit).decode()
    name = html_text(card.title or "readiness")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {' '.join(map(_hash, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Overview · {name} · production readiness</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the content</a>\n'
        f'<header class="top"><p class="brand">{name} <span class="soft">production readiness</span></p>'
        '<nav id="nav" aria-label="Pages" hidden></nav></header>\n'
        '<main id="main" tabindex="-1">\n'
        f'<div id="overview"><h1 tabindex="-1">Overview</h1>\n{overview(card)}\n{_noscript(card)}</div>\n'
        '<div id="page" hidden></div>\n</main>\n'
        f'<footer class="soft"><p>{_made(card, version)}</p></footer>\n'
        f'<script id="data" type="application/json">{data}</script>\n'
        + "".join(f"<script>{script}</script>\n" for script in scripts)
        + "</body>\n</html>\n"
    )


def _noscript(card: Scorecard) -> str:
    note = "Services, findings and everything else of this report need JavaScript"
    if len(card.services) > NOSCRIPT_SERVICES:
        return f"<noscript><p>{note}; so does the table of {len(card.services):,} services.</p></noscript>"
    table = service_table(card) if card.services else ""
    return f"<noscript>{table}<p>The pages behind this one need JavaScript.</p></noscript>"


def _made(card: Scorecard, version: str) -> str:
    told = [f"readiness {version}".rstrip()]
    told += [f"commit {card.commit[:12]}"] if card.commit else []
    told += [card.when] if card.when else []
    return html_text(" · ".join(told))


def _script() -> str:
    body = "".join(_text(f"js/{name}") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}}})();\n'


def _text(name: str) -> str:
    """The text of a file beside this module."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a page may name a style or script by."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
