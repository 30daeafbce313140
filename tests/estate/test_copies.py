"""Objects of one address: which of them an alert means."""

from __future__ import annotations

import pytest

from readiness.estate.alerts import nearest
from readiness.estate.model import Resource
from readiness.values import Map, Span


def workload(root: str, variant: str, path: str) -> Resource:
    place = Span(path, 1, 1, 9, 1)
    return Resource(
        address="Deployment/shop/web",
        type="Deployment",
        name="web",
        platform="kubernetes",
        body=Map(),
        span=place,
        header=place,
        namespace="shop",
        root=root,
        variant=variant,
    )


RULES = workload("charts/rules", "prod", "charts/rules/alerts.yaml")


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        pytest.param([("charts/rules", "prod"), ("charts/rules", "dev")], [0], id="its own environment"),
        pytest.param([("charts/rules", "dev")], [], id="never another environment of its root"),
        pytest.param([("charts/web", "dev"), ("charts/web", "prod")], [1], id="the same of another root"),
        pytest.param([("charts/web", "dev"), ("charts/web", "stage")], [0, 1], id="else all"),
        pytest.param([("charts/web", "dev"), ("charts/rules", "")], [0, 1], id="written for none"),
    ],
)
def test_an_alert_means_the_workloads_of_its_environment(
    found: list[tuple[str, str]], meant: list[int]
) -> None:
    workloads = [workload(*home, f"{home[0]}/{place}/web.yaml") for place, home in enumerate(found)]
    assert list(nearest(workloads, RULES)) == [workloads[place] for place in meant]


def test_nothing_means_itself() -> None:
    assert list(nearest([RULES], RULES)) == []
