"""The values of a chart as its templates see them, each with the place where it is written.

Source: https://helm.sh/docs/chart_template_guide/values_files/ and
https://helm.sh/docs/chart_template_guide/subcharts_and_globals/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from readiness.kubernetes.charts.environments import chart_values
from readiness.kubernetes.charts.layers import layered, over
from readiness.kubernetes.charts.model import Chart
from readiness.values import List, Map, Span


class Written(NamedTuple):
    """A value of a chart with its container: `container[key]` is where it is written."""

    container: Map | List
    key: Any
    value: Any

    @property
    def span(self) -> Span | None:
        """Where the value is written, without its key."""
        if isinstance(self.container, Map):
            return self.container.value_spans.get(self.key)
        return self.container.span_of(self.key)

    @property
    def name(self) -> Span | None:
        """Where its key is written; of an item, where the item is."""
        if isinstance(self.container, Map):
            return self.container.key_spans.get(self.key)
        return self.container.span_of(self.key)


def merged(chart: Chart, given: Sequence[Map]) -> Map:
    """The values of a chart under what is given, the last wins; those of subcharts under their keys."""
    return over(_own(chart), layered(given))


def _own(chart: Chart) -> Map:
    """What a chart sets by itself: its `values.yaml` over the values of its subcharts."""
    values = (chart_values(chart, "values.yaml", []) if "values.yaml" in chart.files else None) or Map()
    names = {dependency.name: dependency.key for dependency in chart.dependencies}
    below = Map()
    for folder, sub in chart.subcharts.items():
        key = names.get(sub.name) or names.get(folder) or sub.name
        below[key] = _own(sub)
    return over(below, values)


def find(values: Map, path: tuple[str, ...]) -> list[Written]:
    """What values hold at a path; `*` in it stands for every item."""
    found: list[Written] = []
    holders: list[Any] = [values]
    for index, key in enumerate(path):
        last = index == len(path) - 1
        following: list[Any] = []
        for holder in holders:
            keys: list[Any] = []
            if isinstance(holder, Map):
                keys = list(holder) if key == "*" else [key] if key in holder else []
            elif isinstance(holder, List) and key == "*":
                keys = list(range(len(holder)))
            if last:
                found += [Written(holder, k, holder[k]) for k in keys]
            else:
                following += [holder[k] for k in keys]
        holders = following
    return found


def plain(value: Any) -> Any:
    """A value without what JSON cannot say."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
