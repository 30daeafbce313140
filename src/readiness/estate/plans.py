"""Terraform plans in the estate: each takes the place of the root that it was made from."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from readiness.estate.model import Resource
from readiness.terraform.build import Builder

if TYPE_CHECKING:
    from readiness.sources.plan_model import PlanFile
    from readiness.terraform.plan import Planned

_AFFIX = re.compile(r"^(?:tf)?plan[-_.]|[-_.](?:tf)?plan$")
_REPLACED = frozenset({"managed", "data"})


class Combined(Struct):
    """The resources of a run with plans in it, and what the plans change."""

    resources: list[Resource]
    changes: list[Resource] = field(default_factory=list)


def with_plans(built: list[Resource], plans: Sequence[PlanFile], builder: Builder) -> Combined:
    """The resources of the source, those of plans in place of what the source says of the same root.

    Variables, modules, providers and other blocks of the source stay.  A plan whose source was not asked
    for is located through the folder that it lies in.
    """
    if not plans:
        return Combined(built)
    from readiness.terraform.plan import plan_resources
    from readiness.terraform.plan_addresses import without_key
    from readiness.terraform.plan_locate import locate, without_source

    result = Combined([])
    replaced: dict[str, list[Planned]] = {}
    covered: dict[str, set[str]] = {}
    for plan in plans:
        planned = plan_resources(plan)
        root, source, asked = _source(plan, built, builder)
        if root is None:
            without_source(planned)
        else:
            locate(planned, source)
            if not plan.is_state:
                # A state tells what is there, the source what will be: both are checked.
                _move(planned, root)
                if asked:
                    replaced.setdefault(root, []).append(planned)
                    covered.setdefault(root, set()).update(_blocks(plan, planned))
        if plan.is_state:
            _move(planned, plan.path)
        result.resources.extend(planned.resources)
        result.changes.extend(planned.changes)
    for several in replaced.values():
        _separate(several)
    result.resources[:0] = [
        resource
        for resource in built
        if resource.mode not in _REPLACED
        or without_key(resource.address) not in covered.get(resource.root, ())
    ]
    return result


def _blocks(plan: PlanFile, planned: Planned) -> set[str]:
    """The resource blocks that a plan speaks for.

    One that it does not know was written after it.  A plan that is not complete (`-target`, an error)
    leaves resources out; one that is complete has them all.
    """
    from readiness.terraform.plan_addresses import without_key
    from readiness.terraform.plan_locate import configured_blocks

    found = {without_key(resource.address) for resource in _everything(planned)}
    if plan.document.complete and not plan.document.errored:
        found |= configured_blocks(plan)
    return found


def _source(
    plan: PlanFile, built: list[Resource], builder: Builder
) -> tuple[str | None, list[Resource], bool]:
    """The root of a plan, its resources, and whether it is among what was asked for."""
    from readiness.terraform.plan_locate import declared_blocks, source_root

    roots = {resource.root for resource in built if resource.mode in _REPLACED} & set(builder.configs)
    found = source_root(plan, {root: declared_blocks(builder.configs[root]) for root in roots})
    if found is not None:
        return found, _of_root(built, found), True
    home = posixpath.dirname(plan.path) or "."
    files = builder.read_folder(home) if home not in roots else None
    if not files:
        return None, [], False
    beside = Builder(files, builder.read_folder, builder.inputs, builder.installed, builder.files_read)
    others = beside.build()
    if source_root(plan, {home: declared_blocks(beside.configs[home])} if home in beside.configs else {}):
        return home, _of_root(others, home), False
    return None, [], False


def _of_root(resources: Iterable[Resource], root: str) -> list[Resource]:
    return [resource for resource in resources if resource.root == root and resource.mode in _REPLACED]


def _everything(planned: Planned) -> Iterable[Resource]:
    return dict.fromkeys([*planned.resources, *planned.changes])


def _move(planned: Planned, root: str) -> None:
    for resource in _everything(planned):
        resource.root = root


def _separate(plans: Sequence[Planned]) -> None:
    """Keep several plans of one root apart, as its environments: their addresses are the same."""
    if len(plans) < 2:
        return
    names = [_environment(planned.path) for planned in plans]
    for planned, name in zip(plans, names, strict=True):
        for resource in _everything(planned):
            resource.variant = name if names.count(name) == 1 else planned.path


def _environment(path: str) -> str:
    """The environment that the name of a plan speaks of: `plan-dev.json` is `dev`."""
    stem = posixpath.basename(path).split(".json")[0]
    return _AFFIX.sub("", stem) or stem
