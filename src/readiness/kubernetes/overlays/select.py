"""Which objects a patch, a replacement or a field specification means.

Sources: `api/types/selector.go`, `api/resmap/reswrangler.go` (`Select`) and `k8s.io/apimachinery/pkg/labels`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from readiness.kubernetes.overlays.model import Id, Object, text_of
from readiness.values import Map

_UNBOUNDED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[*+]|\{\d*,\d*\}|[()]", re.DOTALL)
_MOST_UNBOUNDED = 3
_REQUIREMENT = re.compile(
    r"""\s*(?:
        !\s*(?P<absent>[^\s,=!()]+)
      | (?P<key>[^\s,=!()]+)\s*(?:
            (?P<operator>==|=|!=)\s*(?P<value>[^\s,=!()]*)
          | (?P<set>in|notin)\s*\((?P<values>[^()]*)\)
        )?
    )\s*(?:,|$)""",
    re.VERBOSE,
)

Test = Callable[[str], bool]


class SelectorError(Exception):
    """A selector that cannot be read; the message says why."""


@lru_cache(1024)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of a selector, which has to match all of a name.

    Go matches in linear time and Python does not, so patterns with many repetitions, or with one inside
    another, are refused.

    Raises:
        SelectorError: it is no pattern, or refused.
    """
    check_effort(text)
    try:
        re.compile(text)
        return re.compile(f"^(?:{text})\\Z")
    except re.error as error:
        raise SelectorError(f"`{text}` is no valid pattern ({error.msg})") from None


def check_effort(text: str) -> None:
    """Refuse a pattern that could take for ever.

    Raises:
        SelectorError: it has many repetitions, or one inside another.
    """
    inside: list[bool] = [False]  # for each open group, whether something in it repeats without an end
    closed = (-1, False)  # where the last group ended, and whether something in it repeats
    count = 0
    for match in _UNBOUNDED.finditer(text):
        token = match[0]
        if token == "(":
            inside.append(False)
        elif token == ")" and len(inside) > 1:
            repeats = inside.pop()
            closed = (match.end(), repeats)
            inside[-1] = inside[-1] or repeats
        elif token in ("*", "+") or token[0] == "{":
            nested = closed == (match.start(), True)
            count += 1
            inside[-1] = True
            if nested or count > _MOST_UNBOUNDED:
                raise SelectorError(f"the pattern `{text}` repeats too much to be evaluated")


@lru_cache(1024)
def label_test(text: str) -> Callable[[Any], bool]:
    """A test of labels (or annotations) for a selector like `app=web,tier in (a, b),!legacy`.

    Raises:
        SelectorError: it cannot be read.
    """
    tests: list[Callable[[Any], bool]] = []
    position = 0
    stripped = text.strip()
    while position < len(stripped):
        match = _REQUIREMENT.match(stripped, position)
        if match is None:
            raise SelectorError(f"the selector `{text}` cannot be read from `{stripped[position:]}` on")
        tests.append(_requirement(match))
        position = match.end()
    return lambda labels: all(test(labels) for test in tests)


def _requirement(match: re.Match[str]) -> Callable[[Any], bool]:
    absent, key, operator = match["absent"], match["key"], match["operator"] or match["set"]
    if absent is not None:
        return lambda labels: absent not in labels
    if operator is None:
        return lambda labels: key in labels
    written = match["values"].split(",") if match["set"] else [match["value"]]
    values = frozenset(value.strip() for value in written)
    if operator in ("!=", "notin"):
        return lambda labels: key not in labels or text_of(labels[key]) not in values
    return lambda labels: key in labels and text_of(labels[key]) in values


class Selector:
    """A `target`: patterns for names and kinds, selectors for labels and annotations.

    Raises:
        SelectorError: a pattern or a selector cannot be read.
    """

    def __init__(self, written: Map) -> None:
        self._tests: dict[str, re.Pattern[str]] = {
            key: pattern(text)
            for key in ("group", "version", "kind", "name", "namespace")
            if (text := text_of(written.get(key)))
        }
        labels, annotations = (text_of(written.get(key)) for key in ("labelSelector", "annotationSelector"))
        self._labels = label_test(labels) if labels else None
        self._annotations = label_test(annotations) if annotations else None

    def matches(self, candidate: Object) -> bool:
        """Whether it means an object, by its first name and namespace or those that it has now."""
        if self._tests and not self._names(candidate):
            return False
        return self.matches_labels(candidate)

    def matches_labels(self, candidate: Object) -> bool:
        """Whether the labels and annotations of an object are those it asks for."""
        return not (
            (self._labels is not None and not self._labels(labels_of(candidate, "labels")))
            or (self._annotations is not None and not self._annotations(labels_of(candidate, "annotations")))
        )

    def _names(self, candidate: Object) -> bool:
        first, now = candidate.original, candidate.current
        return (
            self._holds("namespace", (first.namespace, now.namespace))
            and self._holds("name", (first.name, now.name))
            and self._holds("group", (now.group,))
            and self._holds("version", (now.version,))
            and self._holds("kind", (now.kind,))
        )

    def _holds(self, key: str, texts: Iterable[str]) -> bool:
        test = self._tests.get(key)
        return test is None or any(test.match(text) for text in texts)


def labels_of(candidate: Object, key: str) -> Map:
    """The labels or annotations of an object."""
    metadata = candidate.body.get("metadata")
    value = metadata.get(key) if isinstance(metadata, Map) else None
    return value if isinstance(value, Map) else Map()


def exactly(written: Map) -> Callable[[Id], bool]:
    """A test of ids for a reference that names things as they are, without patterns.

    Source: `IsSelectedBy` in `kyaml/resid/resid.go`.
    """
    wanted = {
        key: text for key in ("group", "version", "kind", "name") if (text := text_of(written.get(key)))
    }
    namespace = text_of(written.get("namespace"))

    def test(found: Id) -> bool:
        if namespace and found.namespace != namespace:
            return False
        return all(getattr(found, key) == text for key, text in wanted.items())

    return test
