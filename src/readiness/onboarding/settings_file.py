"""The text of `readiness.yaml`: each value with the reason for it, and what was migrated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readiness.onboarding.model import Adjustment, Cluster, Found
from readiness.onboarding.source import Source
from readiness.onboarding.texts import comment, flow, one_line, written
from readiness.onboarding.wish import Wish

IgnoredBy = Mapping[str, Mapping[str, list[str]]]
"""Policies that are left out, by folder and id, with remarks on where that comes from."""

_LAX = frozenset(
    {"dev", "development", "sandbox", "test", "testing", "qa", "nonprod", "non-prod"}
    | {"staging", "stage", "stg", "uat", "preprod", "pre-prod"}
)


def settings_text(wish: Wish, ignored: IgnoredBy, release: str | None) -> str:
    """A whole file; `release` is the one of Kubernetes that manifests are for."""
    found, extends = wish.found, wish.options.extends
    parts = [
        list(_head(found, wish.source)),
        list(_extends(extends)) if extends else list(_gate(found)),
        [] if extends else list(_kubernetes(found, release)),
        list(_baseline(wish.baseline)),
        list(_policies(found.adjustments, ignored.get(".", {}))),
        list(_overrides(found, ignored)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(found: Found, source: Source) -> Iterator[str]:
    if source.known and source.schema is not None:
        yield f"# yaml-language-server: $schema={source.schema}"
    yield "# Settings of readiness. `readiness config` shows what holds and where it comes from, and"
    yield "# `readiness config --schema` prints the JSON Schema for editors."
    yield comment(f"Found when this was written: {what_is_here(found)}.")


def _extends(extends: tuple[str, ...]) -> Iterator[str]:
    yield "# Settings that others share; what is said here wins, but for what they lock."
    yield f"extends: {flow(extends)}"


def _gate(found: Found) -> Iterator[str]:
    yield "# The gate: findings at or above this severity fail the run (critical, high, medium, low, info)."
    yield "fail-on: high"
    yield ""
    yield "# Which policies: default, security, readiness or all; `readiness policies list --profile NAME`."
    yield "profile: default"
    yield ""
    yield "# What only apply knows is neither a pass nor a failure: ignore it, warn, or fail the run."
    yield "unknown: warn"
    yield ""
    yield "# The service tier of what has no label, annotation or tag `tier`; 0 is the most critical."
    total = sum(found.platforms.values())
    if total:
        yield f"# Resources that name theirs: {found.tiered:,} of {total:,}."
    yield "tier: 1"


def _baseline(path: str | None) -> Iterator[str]:
    if path is not None:
        yield "# Findings that were there before: only new ones gate, and what is fixed is taken out by"
        yield "# `readiness baseline update --prune-only`."
        yield f"baseline: {path}"


def _kubernetes(found: Found, release: str | None) -> Iterator[str]:
    if "kubernetes" not in found.platforms and not found.charts and not found.overlays:
        return
    if release is not None:
        first = found.clusters[0]
        yield comment(
            f"The release that manifests are for: that of {first.address} ({first.path}:{first.line})."
        )
        yield f"kubernetes-version: {release}"
        return
    yield "# The release that manifests are for; the newest that is known where nothing is said."
    different = sorted({cluster.release for cluster in found.clusters})
    if len(different) > 1:
        yield comment(f"Clusters here run {', '.join(different)}.")
    yield "# kubernetes-version: 1.33"


def common_release(clusters: list[Cluster], known: tuple[str, ...]) -> str | None:
    """The release that all clusters run, where its schemas are at hand."""
    releases = {cluster.release for cluster in clusters}
    return next(iter(releases)) if len(releases) == 1 and releases <= set(known) else None


def _policies(adjustments: list[Adjustment], ignored: Mapping[str, list[str]]) -> Iterator[str]:
    if not adjustments and not ignored:
        return
    yield from policies_block(adjustments, ignored)


def policies_block(
    adjustments: list[Adjustment], ignored: Mapping[str, list[str]], indent: str = ""
) -> Iterator[str]:
    """The mapping `policies` with what is changed of each."""
    yield f"{indent}policies:"
    yield from (f"{indent}  {line}" for line in policies_entries(adjustments, ignored))


def policies_entries(adjustments: list[Adjustment], ignored: Mapping[str, list[str]]) -> Iterator[str]:
    """The entries of that mapping."""
    by_policy: dict[str, list[Adjustment]] = {}
    for one in adjustments:
        if one.policy not in ignored:
            by_policy.setdefault(one.policy, []).append(one)
    for id_, several in by_policy.items():
        added = sorted({key for one in several for key in one.added})
        yield comment(f"{', '.join(added)}: what this repository calls it.")
        yield f"{id_}:"
        yield "  params:"
        for one in several:
            yield f"    {one.param}: {flow(one.value)}"
    for id_, remarks in sorted(ignored.items()):
        for remark in remarks:
            yield comment(remark)
        yield f"{id_}: {{ignore: true}}"


def _overrides(found: Found, ignored: IgnoredBy) -> Iterator[str]:
    folders = sorted(folder for folder in ignored if folder != ".")
    if folders:
        yield from overrides_block({folder: ignored[folder] for folder in folders})
    if len(found.environments) < 2:
        return
    lax = [name for name in found.environments if name.lower() in _LAX]
    if not lax:
        return
    if folders:
        yield ""
    yield comment(
        f"Environments found: {', '.join(found.environments)}. One that may be less ready than others:"
    )
    if not folders:
        yield "# overrides:"
    yield f"#   - environments: {one_line(flow(lax))}"
    yield "#     fail-on: critical"


def overrides_block(ignored: IgnoredBy) -> Iterator[str]:
    """The list `overrides` with what is left out below folders."""
    yield "overrides:"
    for folder in sorted(ignored):
        yield from (f"  {line}" for line in override_item(folder, ignored[folder]))


def override_item(folder: str, ignored: Mapping[str, list[str]]) -> Iterator[str]:
    """One item of that list."""
    yield f"- paths: [{written(folder + '/**')}]"
    yield from policies_block([], ignored, "  ")


def what_is_here(found: Found) -> str:
    """`2 Terraform roots, 1 Helm chart, 30 resources of Terraform …`, for people."""
    counts = [
        (len(found.roots), "Terraform root", "Terraform roots"),
        (found.platforms.get("terraform", 0), "Terraform resource", "Terraform resources"),
        (found.platforms.get("kubernetes", 0), "Kubernetes object", "Kubernetes objects"),
        (len(found.charts), "Helm chart", "Helm charts"),
        (len(found.overlays), "kustomization", "kustomizations"),
        (
            found.platforms.get("observability", 0),
            "rule file, route or dashboard",
            "rule files, routes and dashboards",
        ),
    ]
    said = [f"{number:,} {one if number == 1 else many}" for number, one, many in counts if number]
    return ", ".join(said) or "nothing that readiness checks yet"
