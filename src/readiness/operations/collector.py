"""Configurations of the OpenTelemetry Collector: what the environment sets is unknown.

Source: https://opentelemetry.io/docs/collector/configuration/#environment-variables
"""

from __future__ import annotations

import re
from typing import Any

from readiness.values import List, Map, Span, Unknown, like

# `$$` is a dollar sign; `${env:NAME}`, `${NAME}`, `${file:path}` and a bare `$NAME` are replaced.
_PLACEHOLDER = re.compile(r"\$\$|\$\{(?P<braced>[^}]*)\}|\$(?P<bare>[A-Za-z_][A-Za-z0-9_]*)")


def configuration(root: Map) -> Map:
    """A configuration with an unknown for each value that is only known when the collector starts."""
    resolved = _resolved(root)
    assert isinstance(resolved, Map)
    return resolved


def _resolved(value: Any, span: Span | None = None) -> Any:
    if isinstance(value, Map):
        return like(value, {key: _resolved(item, value.value_spans.get(key)) for key, item in value.items()})
    if isinstance(value, List):
        return like(value, [_resolved(item, value.span_of(index)) for index, item in enumerate(value)])
    if isinstance(value, str) and "$" in value:
        return _text(value, span)
    return value


def _text(text: str, span: Span | None) -> Any:
    marks = [match for match in _PLACEHOLDER.finditer(text) if match[0] != "$$"]
    if not marks:
        return text.replace("$$", "$")
    name = marks[0]["braced"] or marks[0]["bare"] or ""
    name = name.removeprefix("env:").partition(":-")[0]
    return Unknown(
        f"`{name}` is set where the collector starts",
        (name,),
        span,
        prefix=text[: marks[0].start()].replace("$$", "$"),
        suffix=text[marks[-1].end() :].replace("$$", "$"),
    )
