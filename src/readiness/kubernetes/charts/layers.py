"""Values over values.

Source: https://helm.sh/docs/chart_template_guide/values_files/
"""

from __future__ import annotations

from collections.abc import Iterable

from readiness.values import Map


def layered(given: Iterable[Map]) -> Map:
    """Values files over each other, the last wins; what is null in them takes away from the chart's own."""
    result = Map()
    for values in given:
        result = over(result, values, removing=False)
    return result


def over(below: Map, above: Map, *, removing: bool = True) -> Map:
    """One mapping over another: mappings are merged, null removes, everything else replaces.

    Where nothing is removed, null replaces as well.
    """
    result = Map(below, below.span, dict(below.key_spans), dict(below.value_spans))
    for key, value in above.items():
        if removing and value is None and key in below:
            # The place stays known: it is where somebody took the value away.
            result.pop(key, None)
            continue
        present = result.get(key)
        if isinstance(value, Map) and isinstance(present, Map):
            value = over(present, value, removing=removing)
        result[key] = value
        for spans, given in (
            (result.key_spans, above.key_spans),
            (result.value_spans, above.value_spans),
        ):
            at = given.get(key, above.span)
            if at is not None:
                spans[key] = at
            else:
                spans.pop(key, None)
    return result
