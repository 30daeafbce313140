"""PromQL taken apart: what an expression reads, what it compares, what it measures."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.operations.promql import analyse, as_map
from readiness.values import Unknown

RATIO = 'sum(rate(http_requests_total{job="checkout",code=~"5.."}[1h])) / sum(rate(http_requests_total{job="checkout"}[1h]))'


@pytest.mark.parametrize(
    ("text", "metrics", "matchers", "windows", "offsets"),
    [
        ("up", ["up"], [], [], []),
        ('up{job="a",env!="b"}', ["up"], [("up", "job", "=", "a"), ("up", "env", "!=", "b")], [], []),
        (
            'rate({__name__="x_total",pod=~"a-.*",node!~"b|c"}[1h30m] offset 1d)',
            ["x_total"],
            [("x_total", "pod", "=~", "a-.*"), ("x_total", "node", "!~", "b|c")],
            [5400],
            [86400],
        ),
        ('{__name__=~"http_.*"} > 1', [], [(None, "__name__", "=~", "http_.*")], [], []),
        (
            "max_over_time(rate(x[5m])[1h:1m]) and on (a) y offset -1m",
            ["x", "y"],
            [],
            [300],
            [-60],
        ),
        ('{"http.requests",job="a"}', ["http.requests"], [("http.requests", "job", "=", "a")], [], []),
        ("predict_linear(free[6h], 3600) < 0 # and more\n or vector(0)", ["free"], [], [21600], []),
        ("rate(x[90s]) > 1_000", ["x"], [], [90], []),
    ],
)
def test_selectors(
    text: str, metrics: list[str], matchers: list[Any], windows: list[int], offsets: list[int]
) -> None:
    found = as_map(analyse(text))
    assert found["metrics"] == metrics
    assert [(m["metric"], m["label"], m["op"], m["value"]) for m in found["matchers"]] == matchers
    assert found["windows"] == windows
    assert found["offsets"] == offsets


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("x", "vector"),
        ("1 + 2", "scalar"),
        ("time()", "scalar"),
        ("x[5m]", "matrix"),
        ("x[5m:1m]", "matrix"),
        ('"a"', "string"),
        ("-(x)", "vector"),
        ("x > bool 1", "vector"),
        ("sum(x)", "vector"),
        ("vector(1)", "vector"),
    ],
)
def test_types(text: str, type_: str) -> None:
    assert analyse(text).type == type_


def test_functions_and_labels_of_aggregations() -> None:
    found = as_map(
        analyse("topk(3, sum by (job, code) (rate(x[5m]))) > on () group_left avg without (pod) (y)")
    )
    assert found["functions"] == ["topk", "sum", "rate", "avg"]
    assert found["by"] == ["job", "code"]
    assert found["without"] == ["pod"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x > 0.5", [(">", 0.5)]),
        ("0.5 <= x", [(">=", 0.5)]),
        ("x == y", [("==", None)]),
        ("x > 14.4 * (1 - 0.75)", [(">", 3.6)]),
        ("-2 > x", [("<", -2)]),
        ("x > 1 and y < vector(2)", [(">", 1), ("<", 2)]),
    ],
)
def test_comparisons(text: str, expected: list[Any]) -> None:
    found = [(c["op"], c["value"]) for c in as_map(analyse(text))["comparisons"]]
    assert [op for op, _ in found] == [op for op, _ in expected]
    assert [value for _, value in found] == pytest.approx([value for _, value in expected])


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        (RATIO, "errors"),
        ("sum(rate(grpc_errors_total[5m])) / sum(rate(grpc_requests_total[5m])) > 0.01", "errors"),
        ('slo:sli_error:ratio_rate5m{sloth_id="a"}', "errors"),
        ("histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket[5m]))) > 1", "latency"),
        ('sum(rate(d_seconds_bucket{le="0.3"}[5m])) / sum(rate(d_seconds_count[5m]))', "latency"),
        ("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1", None),
        ("rate(x_errors_total[5m]) > 1", None),
        ("up == 0", None),
    ],
)
def test_indicators(text: str, indicator: str | None) -> None:
    assert analyse(text).indicator == indicator


def burns(text: str) -> list[Any]:
    return [
        ([w if not isinstance(w, Unknown) else None for w in b["windows"]], b["factor"], b["budget"])
        for b in as_map(analyse(text))["burns"]
    ]


PAIRS = [([3600, 300], 14.4), ([21600, 1800], 6), ([259200, 21600], 1)]


@pytest.mark.parametrize(
    "text",
    [
        # The Site Reliability Workbook, chapter 5.
        """
        job:slo_errors_per_request:ratio_rate1h{job="m"} > (14.4*0.001)
          and job:slo_errors_per_request:ratio_rate5m{job="m"} > (14.4*0.001)
        or job:slo_errors_per_request:ratio_rate6h{job="m"} > (6*0.001)
          and job:slo_errors_per_request:ratio_rate30m{job="m"} > (6*0.001)
        or job:slo_errors_per_request:ratio_rate3d{job="m"} > 0.001 * 1
          and job:slo_errors_per_request:ratio_rate6h{job="m"} > 0.001 * 1
        """,
        # As Sloth writes it.
        """
        (max(slo:sli_error:ratio_rate5m{sloth_id="m"} > (14.4 * 0.001)) without (sloth_window)
          and max(slo:sli_error:ratio_rate1h{sloth_id="m"} > (14.4 * 0.001)) without (sloth_window))
        or (max(slo:sli_error:ratio_rate30m{sloth_id="m"} > (6 * 0.001)) without (sloth_window)
          and max(slo:sli_error:ratio_rate6h{sloth_id="m"} > (6 * 0.001)) without (sloth_window))
        or (max(slo:sli_error:ratio_rate6h{sloth_id="m"} > (1 * 0.001)) without (sloth_window)
          and max(slo:sli_error:ratio_rate3d{sloth_id="m"} > (1 * 0.001)) without (sloth_window))
        """,
        # As Pyrra and the Kubernetes mixin do.
        """
        (x:burnrate5m > (14.4 * (1-0.999)) and x:burnrate1h > (14.4 * (1-0.999)))
        or (x:burnrate30m > (6 * (1-0.999)) and x:burnrate6h > (6 * (1-0.999)))
        or (x:burnrate6h > (1 * (1-0.999)) and x:burnrate3d > (1 * (1-0.999)))
        """,
    ],
)
def test_the_well_known_alerts_on_burn_rates(text: str) -> None:
    found = burns(text)
    assert [(windows, factor) for windows, factor, _ in found] == PAIRS
    assert [budget for _, _, budget in found] == pytest.approx([0.001] * 3)


@pytest.mark.parametrize(
    ("text", "windows", "factor", "budget"),
    [
        (f"{RATIO} > 14.4 * (1 - 0.999)", [3600], 14.4, 0.001),
        (f"({RATIO}) / (1 - 0.99) > 2", [3600], 2, 0.01),
        (f"{RATIO} > ((100 - 99.5) / 100) * 3", [3600], 3, 0.005),
        (f"{RATIO} > on () group_left 6 * slo:error_budget:ratio", [3600], 6, None),
        ("service:error_budget_burn_rate:6h > 6 and up == 1", [21600], 6, None),
        ("x:burnrate_fast > 14.4 * 0.001", [None], 14.4, 0.001),
    ],
)
def test_single_windows(text: str, windows: list[Any], factor: float, budget: float | None) -> None:
    ((found, by, rest),) = burns(text)
    assert (found, by, rest) == (windows, factor, None if budget is None else pytest.approx(budget))


@pytest.mark.parametrize(
    "text",
    [
        f"{RATIO} > 0.05",
        "node_load1 > 1.5 * 0.1",
        "x_bytes > 2 * 1024",
        f"{RATIO} < 14.4 * 0.001",
        "kube_pod_container_status_restarts_total > 1",
    ],
)
def test_other_alerts_are_none_on_burn_rates(text: str) -> None:
    assert burns(text) == []


def test_a_matcher_that_is_a_template_is_unknown() -> None:
    found = analyse('rate(x{job="$job",env="prod"}[5m]) > 1')
    (selector,) = found.selectors
    assert [isinstance(m.value, Unknown) for m in selector.matchers] == [True, False]
    assert selector.equal("env") == "prod"
    assert selector.equal("job") is None


def test_a_placeholder_for_a_window_leaves_the_rest_known() -> None:
    found = as_map(analyse("sum(rate(x_total{a='b'}[$__rate_interval])) > 1"))
    assert isinstance(found["valid"], Unknown)
    assert found["metrics"] == ["x_total"]
    assert isinstance(found["windows"][0], Unknown)
