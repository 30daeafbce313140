"""What the expressions of a plan's configuration refer to, through variables, outputs and modules.

A plan says of an expression which names are in it (`module.db.arn`, `var.key`), not how they are put
together, and nothing of locals: what goes through a local is not resolved here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, field

from readiness.sources.plan_model import (
    Configuration,
    ConfiguredModule,
    ConfiguredResource,
    Document,
    Expression,
    ModuleCall,
    PlannedModule,
)
from readiness.terraform.plan_addresses import Address, Key, Path, parse_address, steps_of, without_key

_SCOPED = frozenset({"count", "path", "terraform", "self"})


class Leaf(NamedTuple):
    """What an expression comes down to: an attribute of resource instances, or nothing that can be told.

    `attribute` is "" for a whole resource; `addresses` is empty for what is not resolved.
    """

    addresses: tuple[str, ...]
    attribute: str = ""


UNRESOLVED = Leaf(())


class Where(NamedTuple):
    """What an expression stands in: a module, and the `for_each` and key of its block."""

    module: Path
    each: Expression | None = None
    key: Key = None


class _Instances(Struct):
    """The instances of a plan: keys and addresses by what they are instances of."""

    resources: dict[tuple[Path, str], dict[Key, str]] = field(default_factory=dict)
    modules: dict[Path, dict[str, dict[Key, None]]] = field(default_factory=dict)


class References:
    """Resolves the references of one plan."""

    def __init__(self, document: Document, addresses: Iterable[str]) -> None:
        self.configuration = document.configuration or Configuration()
        self._found = _Instances()
        self._blocks: dict[tuple[str, ...], dict[tuple[str, str, str], ConfiguredResource]] = {}
        for text in addresses:
            address = parse_address(text)
            local = f"{'data.' if address.mode == 'data' else ''}{address.type}.{address.name}"
            self._found.resources.setdefault((address.module, local), {})[address.key] = text
            for depth, (name, key) in enumerate(address.module):
                known = self._found.modules.setdefault(address.module[:depth], {})
                known.setdefault(name, {})[key] = None

    def module(self, path: Path) -> ConfiguredModule | None:
        """The configuration of a module."""
        current: ConfiguredModule | None = self.configuration.root_module
        for name, _key in path:
            call = current.module_calls.get(name) if current is not None else None
            current = call.module if call is not None else None
        return current

    def call(self, path: Path) -> ModuleCall | None:
        """The call that brings a module in; None for the root."""
        above = self.module(path[:-1]) if path else None
        return above.module_calls.get(path[-1][0]) if above is not None else None

    def resource(self, address: Address) -> ConfiguredResource | None:
        """The configuration of a resource."""
        names = tuple(name for name, _key in address.module)
        if names not in self._blocks:
            module = self.module(address.module)
            blocks = module.resources if module is not None else ()
            self._blocks[names] = {(block.mode, block.type, block.name): block for block in blocks}
        return self._blocks[names].get((address.mode, address.type, address.name))

    def leaves(self, references: Iterable[str], where: Where) -> list[Leaf]:
        """What references come down to, each once, in their order."""
        return list(dict.fromkeys(self._resolve(references, where, frozenset())))

    def _resolve(
        self, references: Iterable[str], where: Where, busy: frozenset[tuple[Path, str]]
    ) -> Iterator[Leaf]:
        texts = list(references)
        keyed = any(text.startswith("each.") or text == "count.index" for text in texts)
        for text in texts:
            if any(other.startswith((f"{text}.", f"{text}[")) for other in texts):
                continue  # `a.b` stands beside every `a.b.c`
            step = (where.module, text)
            if step in busy:
                yield UNRESOLVED
                continue
            yield from self._one(steps_of(text), where, keyed, busy | {step})

    def _one(
        self, steps: list[Key], where: Where, keyed: bool, busy: frozenset[tuple[Path, str]]
    ) -> Iterator[Leaf]:
        root = steps[0] if steps else None
        if root == "var" and len(steps) > 1:
            yield from self._variable(str(steps[1]), where, busy)
        elif root == "module" and len(steps) > 1:
            yield from self._outputs(steps[1:], where, keyed, busy)
        elif root == "each":
            if steps[1:2] == ["value"] and where.each is not None:
                for leaf in self._resolve(where.each.references, where, busy):
                    yield self._same_key(leaf, where, str(steps[2]) if len(steps) > 2 else leaf.attribute)
        elif root == "local":
            yield UNRESOLVED
        elif root is not None and root not in _SCOPED:
            yield self._instances(steps, where, keyed)

    def _variable(self, name: str, where: Where, busy: frozenset[tuple[Path, str]]) -> Iterator[Leaf]:
        call = self.call(where.module)
        if call is None:
            return  # the value of a variable of the root is in the plan
        above = Where(where.module[:-1], call.for_each_expression, where.module[-1][1])
        yield from self._resolve(references_in(call.expressions.get(name)), above, busy)

    def _outputs(
        self, steps: list[Key], where: Where, keyed: bool, busy: frozenset[tuple[Path, str]]
    ) -> Iterator[Leaf]:
        name = str(steps[0])
        keys: Iterable[Key] = self._found.modules.get(where.module, {}).get(name, {})
        rest = steps[1:]
        if rest and rest[0] in keys:
            keys, rest = [rest[0]], rest[1:]
        elif keyed and where.key is not None and where.key in keys:
            keys = [where.key]
        module = self.module((*where.module, (name, None)))
        outputs = module.outputs if module is not None else {}
        if not rest and len(outputs) != 1:
            # `module.a[each.key].b` and `module.a[*].b` are `module.a` in a plan: any output may be meant.
            yield UNRESOLVED
            return
        output = outputs.get(str(rest[0])) if rest else next(iter(outputs.values()))
        for key in keys:
            path = (*where.module, (name, key))
            yield from self._resolve(output.expression.references, Where(path), busy) if output else ()

    def _instances(self, steps: list[Key], where: Where, keyed: bool) -> Leaf:
        count = 3 if steps[0] == "data" else 2
        found = self._found.resources.get((where.module, ".".join(map(str, steps[:count]))))
        if found is None:
            return UNRESOLVED
        rest = steps[count:]
        if rest and rest[0] in found and None not in found:
            chosen, rest = [found[rest[0]]], rest[1:]
        elif keyed and where.key is not None and where.key in found:
            chosen = [found[where.key]]
        else:
            chosen = list(found.values())
        return Leaf(tuple(chosen), str(rest[0]) if rest else "")

    def _same_key(self, leaf: Leaf, where: Where, attribute: str) -> Leaf:
        own = tuple(text for text in leaf.addresses if parse_address(text).key == where.key)
        return Leaf(own or leaf.addresses, attribute)


def references_in(expression: Any) -> list[str]:
    """Every reference of an expression or block, in order."""
    if isinstance(expression, dict):
        listed = expression.get("references")
        if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
            return list(listed)
        if "constant_value" in expression:
            return []
        return [text for item in expression.values() for text in references_in(item)]
    if isinstance(expression, list):
        return [text for item in expression for text in references_in(item)]
    return []


def is_attribute(expression: Any) -> bool:
    """True for the expression of an attribute, false for a nested block."""
    return isinstance(expression, dict) and (
        not expression or "references" in expression or "constant_value" in expression
    )


def mentions(expressions: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """The references of each attribute of a block by its path (`rule.filter.prefix`)."""
    for name, expression in expressions.items() if isinstance(expressions, dict) else ():
        if is_attribute(expression):
            yield prefix + name, references_in(expression)
        else:
            for block in expression if isinstance(expression, list) else [expression]:
                yield from mentions(block, f"{prefix}{name}.")


def unmentioned(document: Document) -> list[tuple[str, str]] | None:
    """Attributes that something depends on although no expression of the configuration mentions them.

    They come in through locals and `dynamic` blocks, which a plan leaves out.  (resource without
    instance keys, attribute); None where the plan is of a version that does not list them.
    """
    major, _, minor = document.format_version.partition(".")
    if document.configuration is None or (major, minor) in (("0", "1"), ("0", "2"), ("1", "0")):
        return None
    mentioned = set(_mentioned(document.configuration.root_module, ""))
    relevant = {
        (without_key(entry.resource), str(entry.attribute[0]) if entry.attribute else "")
        for entry in document.relevant_attributes
    }
    return sorted(relevant - mentioned)


def _mentioned(module: ConfiguredModule, prefix: str) -> Iterator[tuple[str, str]]:
    """The attributes of resources that the expressions of a module and those below it mention."""
    texts = [text for output in module.outputs.values() for text in output.expression.references]
    blocks: list[ConfiguredResource | ModuleCall] = [*module.resources, *module.module_calls.values()]
    for block in blocks:
        texts += references_in(block.expressions)
        for meta in (block.for_each_expression, block.count_expression):
            texts += meta.references if meta is not None else []
    for text in texts:
        steps = [str(step) for step in steps_of(without_key(text))]
        count = 3 if steps[:1] == ["data"] else 2
        yield prefix + ".".join(steps[:count]), steps[count] if len(steps) > count else ""
    for name, call in module.module_calls.items():
        yield from _mentioned(call.module, f"{prefix}module.{name}.")


def modules_of(module: PlannedModule) -> Iterator[PlannedModule]:
    """A planned module and all below it."""
    waiting = [module]
    while waiting:
        current = waiting.pop(0)
        yield current
        waiting = [*current.child_modules, *waiting]
