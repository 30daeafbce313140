"""Charts that tests write, rendered by the real engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from readiness.kubernetes.charts.render import Charts, Means, render_charts
from readiness.repo.tree import TextTree
from readiness.sources.cache import Cache
from readiness.sources.yaml_source import read
from readiness.values import List, Map, Span

ABOUT = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def render(files: Mapping[str, str], releases: Mapping[str, list[Any]] | None = None) -> Charts:
    """The chart `shop`: `files` by path within it, besides its `Chart.yaml`."""
    texts = {f"shop/{name}": text for name, text in {"Chart.yaml": ABOUT, **files}.items()}
    tree = TextTree(texts)
    means = Means(tree, Cache(None), lambda given: [read(path, text) for path, text in given])
    return render_charts(["shop"], releases or {}, means)


def documents(charts: Charts, variant: str = "") -> list[Map]:
    """Every document of one rendering."""
    return [
        document.root
        for rendered in charts.rendered
        if rendered.render.variant == variant
        for each in rendered.files
        for document in each.file.documents
    ]


def places(root: Any, prefix: str = "") -> dict[str, str]:
    """Each scalar of a document by its path: `file:line:column` of its value."""
    found: dict[str, str] = {}
    pairs: list[tuple[str, Any, Span | None]]
    if isinstance(root, Map):
        pairs = [(f".{key}", value, root.value_spans.get(key)) for key, value in root.items()]
    else:
        assert isinstance(root, List)
        pairs = [(f"[{index}]", value, root.span_of(index)) for index, value in enumerate(root)]
    for name, value, span in pairs:
        if isinstance(value, (Map, List)):
            found |= places(value, prefix + name)
        else:
            assert span is not None
            found[(prefix + name).lstrip(".")] = f"{span.path}:{span.line}:{span.column}"
    return found


@pytest.fixture(autouse=True)
def _needs_engine() -> None:
    pytest.importorskip("helm_python", reason="the engine of charts (readiness[helm]) is not installed")
