"""Telling templates (Helm, Jinja) from manifests that only carry `{{ … }}` as text.

A `PrometheusRule` or an Argo `Workflow` has `{{ … }}` inside its values and is a manifest; a Helm
template has directives where YAML expects structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_JINJA_BLOCK = re.compile(r"\{%[-+]?\s*\w")
# A directive as a whole line, item or value: YAML would read it as a mapping used as a key.
_STRUCTURAL = re.compile(
    r"""(?:-[ ]+)*                                       # items
        (?:(?:"[^"]*"|'[^']*'|[^\s"'{}#][^"'{}#]*)[ ]*:[ ]+)?  # a key
        \{\{(?P<directive>[^}]*)""",
    re.VERBOSE,
)
_ALERT_TEXT = re.compile(r"\$(?:labels|values?|externalLabels)\b")
_HELM_OBJECT = re.compile(
    r"\{\{[^}]*(?:\.(?:Values|Release|Chart|Capabilities|Template|Files)\b|\binclude\s+\")"
)
# These hold values of a chart as data; the engine that installs the chart expands them.
_CARRIER = re.compile(
    r"^kind:[ ]*[\"']?(?:HelmRelease|HelmChart|HelmChartConfig|Application|ApplicationSet)\b", re.MULTILINE
)
_BLOCK_INDICATOR = re.compile(r"(?:^|[:?-][ ]+)(?:[!&]\S*[ ]+)*[|>][-+0-9]{0,2}[ ]*(?:[ ]#.*)?$")
_ITEMS = re.compile(r"[ ]*(?:-[ ]+)*")


def looks_like_template(text: str) -> bool:
    """Whether a text is a template that makes YAML, and not YAML itself.

    Looks at `{{` and `{%` outside block texts and comments: where a line or a value starts, and for
    Helm's own objects (`.Values` …) inside quotes too.
    """
    if "{{" not in text and "{%" not in text:
        return False
    carrier = _CARRIER.search(text) is not None
    for line in _structure(text):
        if _JINJA_BLOCK.match(line):
            return True
        if "{{" not in line:
            continue
        match = _STRUCTURAL.match(line)
        if match is not None and not _ALERT_TEXT.search(match["directive"]):
            return True
        if not carrier and _HELM_OBJECT.search(line):
            return True
    return False


def _structure(text: str) -> Iterator[str]:
    """The lines of a text, stripped, without comments and without those of block texts (`|`, `>`)."""
    parent: int | None = None  # the indentation that a line of a block text exceeds
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped:
            continue
        if parent is not None:
            if len(line) - len(line.lstrip(" ")) > parent:
                continue
            parent = None
        if stripped.startswith("#"):
            continue
        yield stripped
        if stripped.endswith("{{"):
            continue
        if _BLOCK_INDICATOR.search(stripped):
            items = _ITEMS.match(line)
            start = items.end() if items is not None else 0
            parent = start if line[start : start + 1] not in ("|", ">") else line.rfind("-", 0, start)
