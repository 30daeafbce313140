"""What a chart is, and what comes out of it."""

from __future__ import annotations

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.repo.paths import below
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span


class Dependency(Struct):
    """An entry of `dependencies` in a `Chart.yaml`, with its place."""

    name: str
    alias: str
    version: str
    repository: str
    span: Span

    @property
    def key(self) -> str:
        """The key of the values that it gets: its alias, or else its name."""
        return self.alias or self.name


class Chart(Struct):
    """A chart with all its files, and the charts in its `charts` folder that are no archives.

    `files` maps paths within the chart to contents; those of subcharts are not among them.
    `archives` are the packed subcharts by path within the chart.
    """

    folder: str  # as users see it
    name: str
    library: bool
    files: dict[str, bytes] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    subcharts: dict[str, Chart] = field(default_factory=dict)  # by folder name within `charts`
    dependencies: list[Dependency] = field(default_factory=list)
    header: Span = Span("", 1, 1, 1, 1)
    parsed: dict[str, YamlFile] = field(default_factory=dict)  # its values files, by path within the chart
    problems: list[SourceError] = field(default_factory=list)  # files of it that cannot be read

    def path(self, name: str) -> str:
        """The path of one of its files as users see it."""
        return below(self.folder, name)


class Mark(Struct, frozen=True, array_like=True):
    """A place in a template that the rendered text can be traced to.

    `action` is the text of the action (`.Values.image.tag`) of which the output begins there, None for
    text that is copied.  `paths` are the values that the action looks at, as keys from the top of the
    chart's own values; `*` stands for any item.
    """

    span: Span
    action: str | None = None
    paths: tuple[tuple[str, ...], ...] = ()


class Render(Struct):
    """One rendering of a chart: the environment, and values over those of the chart itself."""

    variant: str
    values: list[tuple[str, Map]] = field(default_factory=list)  # by what they come from, the last wins
    release: str = ""
    namespace: str = "default"
    at: Span | None = None  # what asks for it, for messages


class RenderedFile(Struct):
    """What one template of a chart gave: its documents, with spans into the files that people edit."""

    path: str
    file: YamlFile


class Rendered(Struct):
    """What came out of one rendering."""

    chart: Chart
    render: Render
    files: list[RenderedFile] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
