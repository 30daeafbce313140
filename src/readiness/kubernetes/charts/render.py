"""Charts → documents: every chart, for every environment, through Helm's engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.kubernetes.charts import engine
from readiness.kubernetes.charts.environments import (
    DEFAULT,
    chart_values,
    renders,
    test_renders,
    values_names,
)
from readiness.kubernetes.charts.folder import SIZE_LIMIT, ChartError, Shelf, missing_dependencies, too_large
from readiness.kubernetes.charts.instruments import Instruments
from readiness.kubernetes.charts.layers import layered
from readiness.kubernetes.charts.marks import Positions
from readiness.kubernetes.charts.merge import merged, plain
from readiness.kubernetes.charts.model import Chart, Dependency, Mark, Render, Rendered, RenderedFile
from readiness.kubernetes.charts.trace import Tracer
from readiness.kubernetes.charts.worker import Answer, Request, Setting
from readiness.kubernetes.schemas.store import api_versions_of, minor, releases
from readiness.repo.tree import Tree
from readiness.sources.cache import Cache
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span

Parse = Callable[[Sequence[tuple[str, str]]], list[YamlFile]]
"""Reads YAML texts, given with the path for their errors."""


class Means(Struct):
    """What charts are rendered with."""

    tree: Tree
    cache: Cache
    parse: Parse
    workers: int = 1
    kubernetes: str = ""  # the release of the cluster, such as `1.33`; empty for the newest that is known


class Charts(Struct):
    """What came out of the charts of a repository."""

    rendered: list[Rendered] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    notices: list[SourceError] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)  # of the files that people edit, by path


class Template(Struct):
    """A template of a chart or one of its subcharts: its path as users see it, and in the archive.

    `prefix` is where the values of its chart stand in those of the whole chart.
    """

    path: str
    text: str
    archived: str = ""
    prefix: tuple[str, ...] = ()


class Prepared(Struct):
    """A chart ready to be rendered: its archives, and where each template of it stands."""

    chart: Chart
    request: Request
    instruments: Instruments
    templates: dict[str, Template] = field(default_factory=dict)  # by the path that the engine gives it
    numbered: list[Template] = field(default_factory=list)  # as their marks are
    size: int = 0

    def complete(self) -> None:
        """Add the templates with marks to the request."""
        for number, template in enumerate(self.numbered):
            marked = self.instruments.marked(template.path, template.text, template.prefix)
            if marked is not None:
                whole, outer = marked.numbered(number)
                self.request.whole[template.archived] = whole
                self.request.outer[template.archived] = outer

    def table(self, number: int) -> list[Mark]:
        """What the marks of the template with some number mean."""
        if number >= len(self.numbered):
            return []
        template = self.numbered[number]
        marked = self.instruments.marked(template.path, template.text, template.prefix)
        return [] if marked is None else marked.table


def render_charts(folders: Sequence[str], releases: Mapping[str, list[Render]], means: Means) -> Charts:
    """Render the charts in some folders; a chart that fails leaves the others alone.

    `releases` are the renderings that something in the repository asks for, by folder: they take the
    place of the chart's own values alone, and of the values files that they use.
    """
    result = Charts()
    jobs: list[tuple[Prepared, list[Render]]] = []
    shelf, instruments = Shelf(means.tree), Instruments()
    for folder in dict.fromkeys((*folders, *releases)):
        try:
            chart = shelf.read(folder)
            if not chart.library:
                jobs.append((_prepared(chart, instruments, result), []))
        except ChartError as error:
            result.errors.append(error.error)
    _parse_values([prepared.chart for prepared, _ in jobs], means)
    for prepared, wanted in jobs:
        own, errors = renders(prepared.chart)
        result.errors += errors
        wanted += _with_releases(own, releases.get(prepared.chart.folder, []))
    _again(jobs, _render_all(jobs, means), result, means)
    result.errors = list(dict.fromkeys(result.errors))
    return result


def _parse_values(charts: list[Chart], means: Means) -> None:
    """Parse the values files of charts and their subcharts, all at once."""
    left = list(charts)
    found: dict[str, tuple[Chart, str]] = {}
    while left:
        chart = left.pop()
        left += chart.subcharts.values()
        for name in values_names(chart):
            found[chart.path(name)] = chart, name
    texts = [(path, chart.files[name].decode("utf-8", "replace")) for path, (chart, name) in found.items()]
    for (chart, name), file in zip(found.values(), means.parse(texts), strict=True):
        chart.parsed[name] = file


def render_one(folder: str, render: Render, means: Means) -> Charts:
    """Render one chart as something asks for it.

    Raises:
        ChartError: it cannot be read.
    """
    result = Charts()
    prepared = _prepared(Shelf(means.tree).read(folder), Instruments(), result)
    for row in _render_all([(prepared, [render])], means):
        result.rendered += row
        result.errors += [error for each in row for error in each.errors]
    return result


def _with_releases(own: list[Render], asked: list[Render]) -> list[Render]:
    """What to render: releases take the place of what they say themselves."""
    if not asked:
        return own
    used = {path for render in asked for path, _ in render.values}
    return [*asked, *(each for each in own[1:] if not {path for path, _ in each.values} & used)]


def _render_all(jobs: list[tuple[Prepared, list[Render]]], means: Means) -> list[list[Rendered]]:
    """Render each chart as asked for."""
    release = minor(means.kubernetes or releases()[-1])
    api_versions = api_versions_of(release)
    for prepared, wanted in jobs:
        prepared.request.settings = [_setting(render, f"v1.{release}.0") for render in wanted]
        prepared.request.api_versions = api_versions
    requests = [prepared.request for prepared, _ in jobs]
    answers = engine.render(requests, means.cache, means.workers, lambda index: jobs[index][0].complete())
    texts: list[tuple[str, str]] = []
    for (prepared, _), row in zip(jobs, answers, strict=True):
        texts += [(_shown(prepared, path), text.text) for a in row for path, text in a.files.items()]
    files = iter(means.parse(texts))
    found: list[list[Rendered]] = []
    for (prepared, wanted), row in zip(jobs, answers, strict=True):
        found.append(
            [_rendered(prepared, render, answer, files) for render, answer in zip(wanted, row, strict=True)]
        )
    return found


def _again(
    jobs: list[tuple[Prepared, list[Render]]], rendered: list[list[Rendered]], result: Charts, means: Means
) -> None:
    """Take what rendered; a chart that asks for values is rendered with those of its tests."""
    retried: list[tuple[Prepared, list[Render]]] = []
    for (prepared, _), row in zip(jobs, rendered, strict=True):
        own = row[0] if not row[0].render.values else None
        if own is not None and own.errors and any(not other.errors for other in row[1:]):
            # Its own values are not meant to be used alone.
            row = row[1:]
        elif own is not None and own.errors and len(row) == 1:
            tests = test_renders(prepared.chart)
            if tests:
                retried.append((prepared, tests))
                continue
        _take(row, result)
    while retried:
        tried = _render_all([(prepared, tests[:1]) for prepared, tests in retried], means)
        left: list[tuple[Prepared, list[Render]]] = []
        for (prepared, tests), row in zip(retried, tried, strict=True):
            if row[0].errors and len(tests) > 1:
                left.append((prepared, tests[1:]))
            else:
                _take(row, result)
        retried = left


def _take(row: list[Rendered], result: Charts) -> None:
    result.rendered += row
    result.errors += [error for each in row for error in each.errors]


def _setting(render: Render, kube_version: str) -> Setting:
    values = layered([given for _, given in render.values])
    return Setting(plain(values), render.release, render.namespace, kube_version)


def _prepared(chart: Chart, instruments: Instruments, result: Charts) -> Prepared:
    prepared = Prepared(chart, Request({}, {}, {}, []), instruments)
    _pack(prepared, chart, chart.name, (), {}, result)
    missing = _missing(chart)
    if missing:
        span = missing[0].span
        names = ", ".join(dict.fromkeys(dependency.name for dependency in missing))
        message = (
            f"not in the charts folder of {chart.name}, so not checked: {names};"
            " `helm dependency build` brings what a chart depends on"
        )
        result.notices.append(SourceError(span.path, span.line, span.column, message))
    return prepared


def _missing(chart: Chart) -> list[Dependency]:
    return [d for d in missing_dependencies(chart) if d.name not in chart.subcharts]


def _pack(
    prepared: Prepared,
    chart: Chart,
    archived: str,
    prefix: tuple[str, ...],
    aliases: dict[str, list[str]],
    result: Charts,
) -> None:
    """Put a chart and its subcharts into the archive; `archived` is its folder there."""
    request = prepared.request
    result.errors += chart.problems
    shown_as = [archived]
    for name, content in chart.files.items():
        path = f"{archived}/{name}"
        request.files[path] = content
        prepared.size += len(content)
        if prepared.size > SIZE_LIMIT:
            raise ChartError(too_large(prepared.chart.path("Chart.yaml")))
        if not name.startswith("templates/"):
            if name.endswith((".yaml", ".yml")) and name.count("/") < 2:
                result.texts[chart.path(name)] = content.decode("utf-8", "replace")
            continue
        text = content.decode("utf-8", "replace")
        shown = chart.path(name)
        result.texts[shown] = text
        template = Template(shown, text, path, prefix)
        prepared.numbered.append(template)
        for folder in (*shown_as, *aliases.get(archived, ())):
            prepared.templates[f"{folder}/{name}"] = template
    for name, content in chart.archives.items():
        request.files[f"{archived}/{name}"] = content
    for folder, sub in chart.subcharts.items():
        keys = [d.key for d in chart.dependencies if d.name == sub.name] or [sub.name]
        below = f"{archived}/charts/{folder}"
        names = {f"{one}/charts/{key}" for one in (*shown_as, *aliases.get(archived, ())) for key in keys}
        inner = {**aliases, below: sorted({*names, f"{archived}/charts/{sub.name}"} - {below})}
        _pack(prepared, sub, below, (*prefix, keys[0]), inner, result)


def _shown(prepared: Prepared, path: str) -> str:
    """The path for the errors of a rendered text: its template, or the chart where that is packed."""
    template = prepared.templates.get(path)
    return template.path if template is not None else prepared.chart.header.path


def _rendered(prepared: Prepared, render: Render, answer: Answer, files: Iterator[YamlFile]) -> Rendered:
    chart = prepared.chart
    found = Rendered(chart, render)
    values = merged(chart, [given for _, given in render.values])
    for path, text in answer.files.items():
        file = next(files)
        positions = Positions(text.marks, prepared.table)
        tracer = Tracer(positions, values, _otherwise(prepared, path))
        template = prepared.templates.get(path)
        found.errors += [_unreadable(error, positions, render) for error in file.errors]
        if template is not None and not text.marks:
            found.files.append(RenderedFile(template.path, _by_kind(file, template)))
        else:
            found.files.append(RenderedFile(_shown(prepared, path), tracer.file(file)))
    failures = [_failure(message, prepared, render) for message in answer.errors]
    if len(failures) > 1 and _missing(chart):
        # One cause: every template asks for what the dependency brings.
        more = f" ({len(failures) - 1} more of its templates fail)"
        failures = [msgspec.structs.replace(failures[0], message=failures[0].message + more)]
    found.errors += failures
    return found


def _otherwise(prepared: Prepared, path: str) -> Span:
    """What a rendered object points to where nothing better is known."""
    template = prepared.templates.get(path)
    if template is not None:
        return Span(template.path, 1, 1, 1, 2)
    parts = path.split("/charts/")
    name = parts[1].split("/")[0] if len(parts) > 1 else ""
    for dependency in prepared.chart.dependencies:
        if name in (dependency.key, dependency.name):
            return dependency.span
    return prepared.chart.header


_KIND = re.compile(r"^kind:", re.MULTILINE)


def _by_kind(file: YamlFile, template: Template) -> YamlFile:
    """Documents without marks: each points to the line of the template that gives its kind."""
    lines = [template.text.count("\n", 0, match.start()) + 1 for match in _KIND.finditer(template.text)]
    result = YamlFile()
    for index, document in enumerate(file.documents):
        line = lines[min(index, len(lines) - 1)] if lines else 1
        span = Span(template.path, line, 1, line, 6)
        tracer = Tracer(Positions([], lambda _: []), Map(), span)
        result.documents += tracer.file(YamlFile([document])).documents
    return result


# -- errors ---------------------------------------------------------------------------

_PLACE = re.compile(r"(?P<path>[^\s:()<>\"]+):(?P<line>\d+)(?::(?P<column>\d+))?")
_UNREAD = re.compile(
    r"(?:unpacking subchart (?P<chart>\S+) in .*)?cannot load (?P<name>[\w.]+\.(?:yaml|json))"
)

_OWN_VALUES = "cannot load values.yaml"


def _failure(message: str, prepared: Prepared, render: Render) -> SourceError:
    """What Helm says, at the place that it names last: the innermost one."""
    chart = prepared.chart
    if _OWN_VALUES in message and "values.yaml" in chart.files:
        broken: list[SourceError] = []
        if chart_values(chart, "values.yaml", broken) is None:
            return broken[0]
    place = SourceError(chart.header.path, chart.header.line, chart.header.column, "")
    if (unread := _UNREAD.search(message)) is not None:
        line = re.search(r"yaml: line (\d+)", message)
        sub = next((s for s in chart.subcharts.values() if s.name == unread["chart"]), chart)
        if unread["name"] in sub.files:
            place = SourceError(sub.path(unread["name"]), int(line[1]) if line else 1, 1, "")
    for match in _PLACE.finditer(message):
        template = prepared.templates.get(match["path"])
        if template is not None:
            place = SourceError(template.path, int(match["line"]), int(match["column"] or 0) + 1, "")
    values = f" with the values of {render.variant}" if render.variant not in ("", DEFAULT) else ""
    text = f"the chart {chart.name} does not render{values}: {_short(message)}"
    missing = [dependency.name for dependency in _missing(chart)]
    if missing:
        text += f"; it may need {', '.join(missing)}, which its charts folder lacks"
    return SourceError(place.path, place.line, place.column, text)


def _short(message: str) -> str:
    """The cause in a message of Helm: what follows the chain of templates that lead to it."""
    message = " ".join(message.split())
    for sign in (">: error calling fail: ", ">: error calling required: ", ">: "):
        if sign in message:
            place = message.rpartition("<")[2].partition(">")[0]
            cause = message.rpartition(sign)[2]
            return f"{cause} (at `{place}`)" if sign == ">: " and place else cause
    found = re.search(r"execution error at \([^)]*\): (.*)", message)
    return found[1] if found else message[:400]


def _unreadable(error: SourceError, positions: Positions, render: Render) -> SourceError:
    found = positions.mark(error.line, error.column)
    line, column = (found[0].span.line, found[0].span.column) if found is not None else (1, 1)
    path = found[0].span.path if found is not None else error.path
    values = f" with the values of {render.variant}" if render.variant not in ("", DEFAULT) else ""
    return SourceError(path, line, column, f"what this template gives{values} is no YAML: {error.message}")
