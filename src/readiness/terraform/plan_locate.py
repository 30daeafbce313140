"""Where the resources of a plan are written: spans, origins and references from the evaluated source.

The values stay those of the plan.  What only the source knows is taken from it: which `lifecycle` a
block has, what an unknown begins with, which parts of a policy are known.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from readiness.estate.model import Link, Resource
from readiness.sources.hcl import ast
from readiness.sources.plan_model import ConfiguredModule, PlanFile
from readiness.terraform.config import ModuleConfig
from readiness.terraform.origins import BlockOrigin, ExpressionOrigin
from readiness.terraform.plan import Planned
from readiness.terraform.plan_addresses import without_key
from readiness.terraform.plan_policies import same_document
from readiness.terraform.plan_values import Unset
from readiness.values import JsonText, List, Map, Supplied, Unknown, take_spans

ALIKE = 0.5
"""The share of blocks that a plan and a root have in common at least, when the root may be its source."""

PAIR_LIMIT = 100
"""Items of a list that are matched by content; longer lists are matched by position."""

_SOURCE_ONLY = ("lifecycle", "provisioner", "connection")


def declared_blocks(config: ModuleConfig) -> frozenset[str]:
    """The resources, data sources and module calls of a folder."""
    kinds = {"managed": "", "data": "data."}
    found = {f"{kinds[mode]}{type_}.{name}" for mode, type_, name in config.resources if mode in kinds}
    return frozenset(found | {f"module.{name}" for name in config.calls})


def planned_blocks(plan: PlanFile) -> frozenset[str]:
    """The same of the configuration of a plan, or of the resources of a state."""
    configuration = plan.document.configuration
    if configuration is None:
        addresses = (without_key(address) for address in plan.places)
        return frozenset(".".join(address.split(".")[:2]) for address in addresses if address[:5] != "data.")
    module = configuration.root_module
    found = {f"{'data.' if r.mode == 'data' else ''}{r.type}.{r.name}" for r in module.resources}
    return frozenset(found | {f"module.{name}" for name in module.module_calls})


def configured_blocks(plan: PlanFile) -> frozenset[str]:
    """The addresses of all resource blocks in the configuration of a plan, modules included."""
    configuration = plan.document.configuration
    return frozenset(_configured(configuration.root_module, "")) if configuration is not None else frozenset()


def _configured(module: ConfiguredModule, prefix: str) -> Iterator[str]:
    for resource in module.resources:
        yield f"{prefix}{'data.' if resource.mode == 'data' else ''}{resource.type}.{resource.name}"
    for name, call in module.module_calls.items():
        yield from _configured(call.module, f"{prefix}module.{name}.")


def source_root(plan: PlanFile, roots: Mapping[str, frozenset[str]]) -> str | None:
    """The root that a plan was made from, by the blocks that both have; None where none or several fit.

    The folder of the plan wins among equals.
    """
    planned = planned_blocks(plan)
    home = posixpath.dirname(plan.path) or "."
    rated = [(_alike(planned, blocks), folder == home, folder) for folder, blocks in roots.items()]
    rated = sorted((rate for rate in rated if rate[0] >= ALIKE), reverse=True)
    if not rated or (len(rated) > 1 and rated[0][:2] == rated[1][:2]):
        return None
    return rated[0][2]


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def locate(planned: Planned, source: Iterable[Resource]) -> None:
    """Point the resources of a plan at the blocks of its source."""
    exact: dict[str, Resource] = {}
    blocks: dict[str, Resource] = {}
    for resource in source:
        exact.setdefault(resource.address, resource)
        blocks.setdefault(without_key(resource.address), resource)
    addresses = {resource.address for resource in planned.resources}
    for resource in dict.fromkeys([*planned.resources, *planned.changes]):
        if resource.type == "plan":
            continue
        own = exact.get(resource.address)
        found = own or blocks.get(without_key(resource.address))
        if found is None:
            continue
        resource.span, resource.header, resource.inside = found.span, found.header, found.inside
        resource.body.span = found.body.span
        if resource.change is not None and resource.change.after is None:
            continue  # what it was is not what is written
        _graft(resource.body, found.body)
        if isinstance(resource.tags, Map) and isinstance(found.tags, Map):
            _spans(resource.tags, found.tags)
        if own is not None:
            resource.references = _references(resource.references, own.references, addresses)


def without_source(planned: Planned) -> None:
    """Note what a plan does not say and its source, which is not at hand, would."""
    for resource in planned.resources:
        if resource.mode == "managed":
            resource.body["lifecycle"] = Unknown("`lifecycle` blocks are not part of a plan")


def _references(plan: list[Link], source: list[Link], addresses: set[str]) -> list[Link]:
    """The references of the source, which knows locals; those of the plan where an instance is not told."""
    kept = [link for link in source if link.address in addresses]
    told = {link.via for link in kept}
    return list(dict.fromkeys([*kept, *(link for link in plan if link.via not in told)]))


def _graft(body: Map, source: Map) -> None:
    """Give a body the spans and origins of its source, and what only the source knows."""
    same = set()
    for name in list(body):
        if name in source:
            body[name] = _joined(body[name], source[name])
            if _equal(body[name], source[name]):
                same.add(name)
        elif isinstance(body[name], Unset):
            del body[name]
    for name in _SOURCE_ONLY:
        if name in source:
            body[name] = source[name]
    _spans(body, source)
    if isinstance(source.origin, (BlockOrigin, ExpressionOrigin)):
        body.origin = _Agreeing(source.origin, frozenset(same))


def _spans(target: Map, source: Map) -> None:
    if target.span is None or source.span is not None:
        target.span = source.span
    for name in target:
        take_spans(target, name, source, name)


class _Agreeing(BlockOrigin):
    """The origin of a body, for those attributes whose value in the plan is the evaluated one."""

    __slots__ = ("_keys", "_origin")

    def __init__(self, origin: BlockOrigin | ExpressionOrigin, keys: frozenset[str]) -> None:
        self.scope = origin.scope
        self._origin = origin
        self._keys = keys

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of an attribute that has the same value in plan and source."""
        return self._origin.expression(key) if key in self._keys else None


def _equal(value: Any, source: Any) -> bool:
    return not isinstance(value, Unknown) and not isinstance(source, Unknown) and bool(value == source)


def _joined(value: Any, source: Any) -> Any:
    """A value of the plan with what its source says of it."""
    if isinstance(value, Unknown):
        return _waiting(value, source)
    if isinstance(value, Map) and isinstance(source, Map):
        _graft(value, source)
    elif isinstance(value, List) and isinstance(source, List):
        _graft_items(value, source)
    elif isinstance(value, str) and isinstance(source, JsonText) and same_document(value, source.value):
        return source
    elif isinstance(value, Supplied) and value == source:
        return str(value)  # the code says it, if elsewhere
    return value


def _waiting(value: Unknown, source: Any) -> Unknown:
    """An unknown of the plan with what is certain of it in the source."""
    if not isinstance(source, Unknown):
        return value
    if source.refs and not source.refs[0].startswith("var."):
        return source
    # The source waits for a variable that the plan has: only what is certain of the text is taken.
    return Unknown(
        value.reason,
        value.refs,
        source.span,
        value.not_null or source.not_null,
        source.prefix or value.prefix,
        source.suffix or value.suffix,
        value.document,
    )


def _graft_items(items: List, source: List) -> None:
    """Match the items of a list: Terraform sorts sets its own way."""
    items.span = items.span or source.span
    chosen = _pairs(items, source)
    for index, other in enumerate(chosen):
        if other is not None:
            items[index] = _joined(items[index], source[other])
    spans = [source.span_of(other) if other is not None else source.span for other in chosen]
    if all(span is not None for span in spans):
        items.item_spans = [span for span in spans if span is not None]


def _pairs(items: List, source: List) -> list[int | None]:
    """For each item the index of its source."""
    if len(source) == 1 and isinstance(source[0], Unknown):
        return [0 for _ in items]  # a dynamic block whose items the source does not know
    if len(items) > PAIR_LIMIT or len(source) > PAIR_LIMIT:
        return [index if index < len(source) else None for index in range(len(items))]
    free = list(range(len(source)))
    chosen: list[int | None] = []
    for index, item in enumerate(items):
        best = max(free, key=lambda other: (_likeness(item, source[other]), other == index), default=None)
        if best is not None and _likeness(item, source[best]) < 0:
            best = None
        if best is not None:
            free.remove(best)
        chosen.append(best)
    return chosen


def _likeness(value: Any, source: Any) -> float:
    """How well a value fits its source: negative where it cannot be it."""
    if isinstance(value, Unknown) or isinstance(source, Unknown):
        return 0
    if isinstance(value, dict) and isinstance(source, dict):
        both = [name for name in source if name in value]
        return sum(_likeness(value[name], source[name]) for name in both)
    if isinstance(value, list) and isinstance(source, list):
        found = sum(1 for item in source if item in value)
        return found - 0.5 * (len(source) - found)
    return 1 if value == source else -1
