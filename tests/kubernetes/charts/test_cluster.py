"""What a chart is told of the cluster."""

from __future__ import annotations

import pytest
from tests.kubernetes.charts.conftest import ABOUT, documents

from readiness.kubernetes.charts.render import Means, render_charts
from readiness.repo.tree import TextTree
from readiness.sources.cache import Cache
from readiness.sources.yaml_source import read

TEMPLATE = """\
kind: A
apiVersion: v1
version: {{ .Capabilities.KubeVersion.Version }}
budget: {{ .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" }}
old: {{ .Capabilities.APIVersions.Has "policy/v1beta1/PodSecurityPolicy" }}
custom: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" }}
"""


@pytest.mark.parametrize(
    ("release", "expected"),
    [("1.33", ["v1.33.0", True, False, False]), ("1.25", ["v1.25.0", True, False, False])],
)
def test_a_chart_sees_the_release_that_is_chosen_and_what_it_serves(
    release: str, expected: list[object]
) -> None:
    tree = TextTree({"shop/Chart.yaml": ABOUT, "shop/templates/a.yaml": TEMPLATE})
    means = Means(tree, Cache(None), lambda given: [read(p, t) for p, t in given], kubernetes=release)
    [root] = documents(render_charts(["shop"], {}, means))
    assert [root[key] for key in ("version", "budget", "old", "custom")] == expected
