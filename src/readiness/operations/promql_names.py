"""Names of things in label matchers: lists of texts, and patterns with a beginning that says something.

Prometheus anchors patterns at both ends
(https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors).
"""

from __future__ import annotations

import re

from msgspec import Struct

from readiness.operations.promql_model import Matcher

_LITERALS = re.compile(r"\(?(?:\?:)?([\w./:@-]+(?:\|[\w./:@-]+)*)\)?")
_PREFIX = re.compile(r"\^?\(?([\w/:@-]*)")
_SAFE = re.compile(r"\^?(?:(?:\.|\[[^\]\[]*\]|\\[dw]|[\w/:@-])(?:[*+?]|\{\d{1,2}(?:,\d{0,2})?\})?)*\$?")
"""A pattern without groups: with few repetitions matching a short name costs little."""

_REPETITIONS = 4


class Pattern(Struct, frozen=True):
    """What a matcher says of a name: some texts, or a beginning and a pattern for all of it."""

    texts: frozenset[str] = frozenset()
    prefix: str = ""
    whole: re.Pattern[str] | None = None

    def matches(self, name: str) -> bool:
        """Whether a name is one of those."""
        return name in self.texts if self.whole is None else self.whole.fullmatch(name) is not None


def pattern_of(matcher: Matcher) -> Pattern | None:
    """What a matcher of `=`, `!=`, `=~` or `!~` compares with; None where it says too little."""
    value = matcher.value
    if not isinstance(value, str):
        return None
    if matcher.op in ("=", "!="):
        return Pattern(frozenset({value})) if value else None
    literal = _LITERALS.fullmatch(value)
    if literal is not None:
        return Pattern(frozenset(literal[1].split("|")))
    if _SAFE.fullmatch(value) is None or len(re.findall(r"[*+?{]", value)) > _REPETITIONS:
        return None
    found = _PREFIX.match(value)
    prefix = found[1] if found is not None else ""
    rest = value[found.end() :] if found is not None else value
    if rest[:1] in ("*", "?", "{"):
        prefix = prefix[:-1]  # the repetition is of its last letter
    if not prefix.rstrip("-"):
        return None
    try:
        return Pattern(prefix=prefix, whole=re.compile(value))
    except re.error:
        return None
