"""All kustomizations of a tree → the objects of each entry point."""

from __future__ import annotations

from collections.abc import Collection

from readiness.kubernetes.overlays.accumulate import Accumulator
from readiness.kubernetes.overlays.group import contents_of, entry_points, variants
from readiness.kubernetes.overlays.model import Built, Files, Overlays, RenderChart
from readiness.kubernetes.overlays.source import Sources


def build_overlays(
    kustomizations: list[str],
    files: Files,
    render_chart: RenderChart | None = None,
    names: Collection[str] = frozenset(),
) -> Overlays:
    """Build every kustomization that no other one uses; nothing is fetched and nothing is run.

    `kustomizations` are the paths of all kustomization files of the checked tree, `names` the (lower case)
    names of folders that stand for environments.  What is wrong with one does not touch the others.
    """
    sources = Sources(files)
    accumulator = Accumulator(sources, render_chart)
    entries = entry_points(kustomizations, sources)
    done = {entry.path: accumulator.build(entry) for entry in entries}
    contents = {path: contents_of(whole.objects) for path, whole in done.items()}
    chosen = variants(entries, sources, names, contents)
    result = Overlays()
    for entry in entries:
        whole = done[entry.path]
        root, variant = chosen[entry.path]
        result.built.append(
            Built(entry.path, root, variant, [found.body for found in whole.objects], whole.used)
        )
        result.used |= whole.used
    sources.tell_unmatched()
    result.errors, result.notices = sorted(sources.errors), sorted(sources.notices)
    return result
