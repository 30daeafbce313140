"""Terraform plans and states → resources, with what the plan changes.

Where the source is at hand, `plan_locate` lets findings point into it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Change, Link, Resource
from readiness.sources.plan_model import (
    ConfiguredResource,
    PlanFile,
    PlannedModule,
    PlannedResource,
    ResourceChange,
)
from readiness.sources.plan_model import Values as PlannedValues
from readiness.terraform.documents import policy_document
from readiness.terraform.plan_addresses import Address, parse_address, without_key
from readiness.terraform.plan_references import (
    References,
    Where,
    mentions,
    modules_of,
    references_in,
    unmentioned,
)
from readiness.terraform.plan_tags import planned_tags
from readiness.terraform.plan_values import Values, has_unknown
from readiness.terraform.references import NEVER_NULL
from readiness.terraform.secrets import secret_texts
from readiness.values import JsonText, List, Map, Span, Unknown

_ACTIONS: dict[tuple[str, ...], str] = {
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    # The old object is left alone, and Terraform forgets it.
    ("create", "forget"): "create",
}
_LISTED = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "forget": "forgotten",
}
_GONE = ("delete", "forget")
_DOCUMENTS = ("json", "minified_json")


class Planned(Struct):
    """The resources that a plan leaves behind, and the ones that it changes.

    A resource that is deleted or forgotten is in `changes` alone; its body is what it is now.
    """

    path: str
    resources: list[Resource] = field(default_factory=list)
    changes: list[Resource] = field(default_factory=list)


def plan_resources(plan: PlanFile) -> Planned:
    """The resources and changes of a plan, or the resources of a state; they point at the plan's text."""
    return _Plan(plan).build()


class _Plan:
    """One plan while its resources are built."""

    def __init__(self, plan: PlanFile) -> None:
        document = plan.document
        self.plan = plan
        self.root = posixpath.dirname(plan.path) or "."
        self.planned = list(_planned(plan))
        self.changes = [change for change in document.resource_changes if change.deposed is None]
        self.deposed = [change for change in document.resource_changes if change.deposed is not None]
        self.by_address = {change.address: change for change in self.changes}
        self.references = References(document, [resource.address for resource in self.planned])
        self.documents: dict[str, Any] = {}
        self.dynamic = self._has_dynamic()

    def _has_dynamic(self) -> bool:
        """Whether `dynamic` blocks may wait for what only apply knows."""
        hidden = unmentioned(self.plan.document)
        if hidden is None:
            return True
        waiting = {without_key(change.address): change for change in self.changes}
        return any(
            address in waiting and (not name or has_unknown(waiting[address].change.after_unknown, name))
            for address, name in hidden
        )

    def build(self) -> Planned:
        result = Planned(self.plan.path)
        # Policy documents first: what they hold is known to those who use them, although the text is not.
        for planned in sorted(self.planned, key=lambda resource: resource.mode != "data"):
            resource = self._resource(planned)
            result.resources.append(resource)
            if resource.change is not None:
                result.changes.append(resource)
        present = {resource.address for resource in result.resources}
        gone = [change for change in self.changes if change.address not in present]
        for change in (*gone, *self.deposed):
            if change.change.before is not None:
                result.changes.append(self._gone(change))
        if not self.plan.is_state:
            result.resources.append(self._summary())
        return result

    def _resource(self, planned: PlannedResource) -> Resource:
        parts = parse_address(planned.address)
        configured = self.references.resource(parts)
        where = self._where(parts, configured)
        change = self.by_address.get(planned.address)
        values = Values(
            lambda path, expression: self._unknown(planned.address, path, expression, where), self.dynamic
        )
        expressions = configured.expressions if configured is not None else None
        unknown = change.change.after_unknown if change is not None else None
        sensitive = planned.sensitive_values
        if sensitive is None and change is not None:
            sensitive = change.change.after_sensitive
        body = values.body(planned.values, unknown, sensitive, expressions)
        if configured is not None and configured.provisioners:
            body["provisioner"] = List(Map({"type": item.type}) for item in configured.provisioners)
        if parts.mode == "data" and parts.type == "aws_iam_policy_document":
            self._keep_document(planned.address, body)
        return self._made(planned.address, parts, body, values, change, configured, where)

    def _gone(self, change: ResourceChange) -> Resource:
        """A resource that the plan deletes or forgets."""
        address = change.address if change.deposed is None else f"{change.address} (deposed {change.deposed})"
        parts = parse_address(change.address)
        values = Values(lambda path, _expression: Unknown(f"{address}.{path} is not known"), False)
        body = values.body(change.change.before, None, change.change.before_sensitive, None)
        return self._made(address, parts, body, values, change, None, Where(parts.module))

    def _made(
        self,
        address: str,
        parts: Address,
        body: Map,
        values: Values,
        change: ResourceChange | None,
        configured: ConfiguredResource | None,
        where: Where,
    ) -> Resource:
        span = body.span = self._span(address.split(" (deposed ", 1)[0])
        provider = configured.provider_config_key if configured is not None else ""
        tags = planned_tags(parts.type, body, self.references.configuration.provider_config.get(provider))
        made = self._change(change, body, values, configured) if change is not None else None
        return Resource(
            address=address,
            type=f"data.{parts.type}" if parts.mode == "data" else parts.type,
            name=parts.name,
            platform="terraform",
            body=body,
            span=span,
            header=span,
            module=address[: -len(_local(parts, address)) - 1] if parts.module else "",
            root=self.root,
            mode=parts.mode,
            tags=tags,
            labels=tags,
            references=self._links(address, configured, where),
            change=made,
            secrets=frozenset(values.secrets),
        )

    def _change(
        self, change: ResourceChange, body: Map, values: Values, configured: ConfiguredResource | None
    ) -> Change:
        parts = change.change
        action = _action(change)
        before: Map | None = None
        if parts.before is not None:
            expressions = configured.expressions if configured is not None else None
            before = values.body(parts.before, None, parts.before_sensitive, expressions)
        gone = action in _GONE
        return Change(
            action=action,
            before=body if gone else before,
            after=None if gone else body,
            replace_paths=tuple(map(_path_text, parts.replace_paths)),
            reason=change.action_reason,
        )

    def _where(self, parts: Address, configured: ConfiguredResource | None) -> Where:
        return Where(parts.module, configured.for_each_expression if configured else None, parts.key)

    def _span(self, address: str) -> Span:
        line, column, end = self.plan.places.get(address, (1, 1, 2))
        return Span(self.plan.path, line, column, line, end)

    def _links(self, address: str, configured: ConfiguredResource | None, where: Where) -> list[Link]:
        if configured is None:
            return []
        found = list(mentions(configured.expressions))
        if configured.depends_on:
            found.append(("depends_on", configured.depends_on))
        links = {
            Link(target, via): None
            for via, references in found
            for leaf in self.references.leaves(references, where)
            for target in leaf.addresses
            if target != address
        }
        return list(links)

    # -- unknowns ----------------------------------------------------------------------

    def _unknown(self, address: str, path: str, expression: Any, where: Where) -> Unknown:
        """Why an attribute is known only after apply: what it is made of, else itself."""
        own = f"{address}.{path}"
        leaves = self.references.leaves(references_in(expression), where)
        if any(not leaf.addresses for leaf in leaves):
            return Unknown(f"{own} is known only after apply")
        every = [(target, leaf.attribute) for leaf in leaves for target in leaf.addresses]
        waiting = [pair for pair in every if self._waits(*pair)] or every
        if not waiting:
            certain = _certain(address, path)
            return Unknown(f"{own} is known only after apply", (own,), not_null=certain[0], prefix=certain[1])
        refs = tuple(f"{target}.{name}" if name else target for target, name in waiting)
        reason = f"{refs[0]} is known only after apply"
        if len(every) > 1:
            return Unknown(reason, refs)
        # One attribute of one resource: as good as always the value is that attribute, or a text with it.
        target, name = waiting[0]
        if name in _DOCUMENTS and target in self.documents:
            return Unknown(reason, refs, not_null=True, document=self.documents[target])
        not_null, prefix = _certain(target, name)
        return Unknown(reason, refs, not_null=not_null, prefix=prefix if path.endswith("arn") else "")

    def _waits(self, address: str, attribute: str) -> bool:
        change = self.by_address.get(address)
        if change is None:
            return False
        unknown = change.change.after_unknown
        return has_unknown(unknown, attribute) if attribute else True

    def _keep_document(self, address: str, body: Map) -> None:
        """The document of a policy that is read during apply: its statements are known, but for parts."""
        old = body.get("json")
        if old is not None and not isinstance(old, Unknown):
            return
        made = policy_document(Map({name: body[name] for name in body if name not in _DOCUMENTS}))
        if isinstance(made, JsonText):
            self.documents[address] = made.value
        elif made.document is not None:
            self.documents[address] = made.document
        if address in self.documents:
            own = f"{address}.json"
            reason = f"{own} is known only after apply"
            body["json"] = Unknown(reason, (own,), not_null=True, document=self.documents[address])

    # -- the plan as a whole ---------------------------------------------------------------

    def _summary(self) -> Resource:
        """The plan itself as a resource of type `plan`: which resources it creates, deletes …"""
        listed: dict[str, List] = {name: List() for name in _LISTED.values()}
        for change in self.changes:
            name = _LISTED.get(_action(change))
            if name is not None and change.mode == "managed":
                listed[name].append(change.address)
        document = self.plan.document
        span = Span(self.plan.path, 1, 1, 1, 2)
        stem = posixpath.basename(self.plan.path).removesuffix(".json")
        facts = {
            "terraform_version": document.terraform_version,
            "errored": document.errored,
            "complete": document.complete,
        }
        body = Map({**facts, **listed}, span)
        return Resource(
            address=f"plan.{stem}",
            type="plan",
            name=stem,
            platform="terraform",
            body=body,
            span=span,
            header=span,
            root=self.root,
            mode="block",
            secrets=frozenset(self._given_secrets()),
        )

    def _given_secrets(self) -> Iterator[str]:
        """The texts of sensitive variables: a message may hold one although its resource does not."""
        declared = self.references.configuration.root_module.variables
        for name, given in self.plan.document.variables.items():
            if name in declared and declared[name].sensitive and isinstance(given.value, str):
                yield from secret_texts(given.value)


def _action(change: ResourceChange) -> str:
    actions = tuple(change.change.actions)
    return _ACTIONS.get(actions, "-".join(actions))


def _certain(address: str, attribute: str) -> tuple[bool, str]:
    """Whether an attribute is never null, and how it begins: as in `references.ResourceObject`."""
    aws = ".aws_" in f".{address}"
    return attribute in NEVER_NULL, "arn:" if attribute.endswith("arn") and aws else ""


def _planned(plan: PlanFile) -> Iterator[PlannedResource]:
    """Every resource that will be there, and the data sources that the plan has read."""
    document = plan.document
    values = document.planned_values or document.values
    if values is None and document.resource_changes:
        yield from _from_changes(document.resource_changes)
        return
    found: dict[str, PlannedResource] = {}
    for resource in _all(values):
        if resource.deposed_key is None:
            found.setdefault(resource.address, resource)
    prior = document.prior_state.values if document.prior_state is not None else None
    for resource in _all(prior):
        if resource.mode == "data":
            found.setdefault(resource.address, resource)
    yield from found.values()


def _all(values: PlannedValues | None) -> Iterator[PlannedResource]:
    root = values.root_module if values is not None else PlannedModule()
    for module in modules_of(root):
        yield from module.resources


def _from_changes(changes: Iterable[ResourceChange]) -> Iterator[PlannedResource]:
    """The resources of a plan of which only the changes are at hand."""
    for change in changes:
        if change.deposed is None and _action(change) not in _GONE:
            after = change.change.after
            yield PlannedResource(change.address, change.type, change.name, change.mode, after)


def _local(parts: Address, address: str) -> str:
    """The address of a resource inside its module, as it is written."""
    kind = "data." if parts.mode == "data" else ""
    return address[max(address.rfind(f"{kind}{parts.type}.{parts.name}"), 0) :]


def _path_text(path: list[str | int]) -> str:
    """`root_block_device[0].encrypted`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
