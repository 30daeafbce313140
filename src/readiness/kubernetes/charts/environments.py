"""The environments of a chart: the values files beside it, each over the values of the chart."""

from __future__ import annotations

import posixpath
import re

from readiness.errors import SourceError
from readiness.kubernetes.charts.folder import parsed
from readiness.kubernetes.charts.layers import layered
from readiness.kubernetes.charts.model import Chart, Render
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map

DEFAULT = "default"
"""The environment that is the chart's own values, where there are others."""

_FILES = re.compile(
    r"""(?:values[-_.](?P<one>[\w.-]+)|(?P<two>[\w.-]+)[-_.]values
          |(?:values|environments|envs?)/(?:(?:values[-_.])?(?P<three>[\w.-]+)|(?P<four>[\w-]+)/values)
        )\.ya?ml""",
    re.VERBOSE,
)
_NO_ENVIRONMENT = re.compile(
    r"(?:^|[-_.])(?:schema|example|sample|test|tests|template|tmpl|dec|enc)(?:$|[-_.])"
)


_PLAIN = re.compile(r"/(?:ci|default|test|minimal|basic)\b")


def values_files(chart: Chart) -> dict[str, str]:
    """The values files of a chart that stand for environments: name → path within the chart.

    `values-prod.yaml`, `values.prod.yaml`, `prod-values.yaml`, `values/prod.yaml`,
    `environments/prod.yaml` and `environments/prod/values.yaml` are the environment `prod`.
    """
    found: dict[str, str] = {}
    for path in sorted(chart.files):
        match = _FILES.fullmatch(path)
        if match is None or path == "values.yaml":
            continue
        name = next(group for group in match.groups() if group)
        if not _NO_ENVIRONMENT.search(name):
            found.setdefault(name, path)
    return found


def renders(chart: Chart) -> tuple[list[Render], list[SourceError]]:
    """The renderings of a chart by itself: its own values, and those of every environment."""
    errors: list[SourceError] = []
    result = []
    for name, path in values_files(chart).items():
        values = chart_values(chart, path, errors)
        if values is not None:
            result.append(Render(name, [(chart.path(path), values)], release=chart.name, at=values.span))
    own = Render(DEFAULT if result else "", release=chart.name)
    return [own, *result], errors


def test_renders(chart: Chart) -> list[Render]:
    """The renderings that the values for tests of a chart give (`ci/*.yaml`, as chart-testing has them).

    Those with a plain name come first.  Source: https://github.com/helm/chart-testing
    """
    result = []
    for path in sorted(chart.files, key=lambda path: (not _PLAIN.search(path), path)):
        if posixpath.dirname(path) == "ci" and path.endswith((".yaml", ".yml")):
            values = chart_values(chart, path, [])
            if values is not None:
                result.append(Render("", [(chart.path(path), values)], release=chart.name, at=values.span))
    return result


def read_values(path: str, content: bytes, errors: list[SourceError]) -> Map | None:
    """The values in a file; None after noting why there are none."""
    return _values(path, parsed(path, content), errors)


def chart_values(chart: Chart, name: str, errors: list[SourceError]) -> Map | None:
    """The values in a file of a chart, read once."""
    if name not in chart.parsed:
        chart.parsed[name] = parsed(chart.path(name), chart.files[name])
    return _values(chart.path(name), chart.parsed[name], errors)


def _values(path: str, file: YamlFile, errors: list[SourceError]) -> Map | None:
    if file.errors:
        errors.extend(file.errors)
        return None
    roots = [document.root for document in file.documents if document.root is not None]
    if not all(isinstance(root, Map) for root in roots):
        errors.append(SourceError(path, 1, 1, "the values in this file are not a mapping"))
        return None
    # Helm takes all documents of a file, the later ones over those before.
    return roots[0] if len(roots) == 1 else layered(roots)


def values_names(chart: Chart) -> list[str]:
    """The files of a chart that are read for its values."""
    own = ["values.yaml"] if "values.yaml" in chart.files else []
    return [*own, *values_files(chart).values()]
