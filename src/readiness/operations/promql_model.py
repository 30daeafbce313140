"""What is known of a PromQL expression: plain data."""

from __future__ import annotations

from msgspec import Struct

from readiness.values import Unknown


class Matcher(Struct, frozen=True, eq=False):
    """A condition on a label: `op` is `=`, `!=`, `=~` or `!~`; the value is unknown in a template."""

    label: str
    op: str
    value: str | Unknown


class Selector(Struct, frozen=True, eq=False):
    """Which series an expression reads: `metric` is None where no exact name is written.

    `window` is the range in seconds, None for an instant vector; `offset` are seconds too.
    """

    metric: str | None
    matchers: tuple[Matcher, ...] = ()
    window: float | Unknown | None = None
    offset: float = 0.0

    def equal(self, label: str) -> str | None:
        """The text that a label must have, where a matcher says one."""
        for matcher in self.matchers:
            if matcher.label == label and matcher.op == "=" and isinstance(matcher.value, str):
                return matcher.value
        return None


class Comparison(Struct, frozen=True, eq=False):
    """A comparison; `value` is the constant on one side (`x > 0.5`, `0.5 < x`), None without one.

    `op` is written as if the constant stood on the right.
    """

    op: str
    value: float | None


class Threshold(Struct, frozen=True, eq=False):
    """One error rate held against a share of the error budget: `ratio[1h] > 14.4 * 0.001`.

    `metrics` and `window` (seconds) are those of the error rate, the window None where the expression
    does not say it.  `factor` is the burn rate, `budget` what the objective leaves (1 - 0.999); None
    where they are not written as numbers.
    """

    metrics: tuple[str, ...]
    window: float | None
    factor: float | None
    budget: float | None


class Burn(Struct, frozen=True, eq=False):
    """One way in which an alert on the error budget fires: all of its thresholds are passed."""

    thresholds: tuple[Threshold, ...]


class Expression(Struct, frozen=True, eq=False):
    """An expression taken apart.

    `valid` is unknown where the text is a template or of another language; `error`, `line` and `column`
    (from 1, within the text) say why it is not.  `type` is `vector`, `scalar`, `matrix`, `string`, or
    None where it was not parsed.  `by` and `without` are the labels of all aggregations, `indicator` is
    `errors` or `latency` where it surely measures such a thing.  `burns` is empty for what is no alert
    on an error budget.
    """

    text: str
    valid: bool | Unknown = True
    error: str | None = None
    line: int | None = None
    column: int | None = None
    type: str | None = None
    selectors: tuple[Selector, ...] = ()
    functions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    indicator: str | None = None
    burns: tuple[Burn, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics, each once."""
        return tuple(dict.fromkeys(s.metric for s in self.selectors if s.metric is not None))

    @property
    def windows(self) -> tuple[float | Unknown, ...]:
        """The ranges in seconds, each once."""
        return tuple(dict.fromkeys(s.window for s in self.selectors if s.window is not None))

    @property
    def offsets(self) -> tuple[float, ...]:
        """The offsets in seconds that are not zero, each once."""
        return tuple(dict.fromkeys(s.offset for s in self.selectors if s.offset))
