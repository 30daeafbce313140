"""`vars`, the deprecated forerunner of replacements: `$(NAME)` in the fields that may hold it.

Sources: `api/internal/accumulator/{resaccumulator,refvartransformer}.go` and `api/filters/refvar` of
Kustomize 5.5.
"""

from __future__ import annotations

from typing import Any

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.edit import Place, copied, item_spans, listed
from readiness.kubernetes.overlays.model import Object, id_of, text_of
from readiness.kubernetes.overlays.replacements import indexed_path, look
from readiness.values import List, Map, Unknown

Values = dict[str, Any]


def collect(step: Step) -> None:
    """Note the variables of a kustomization on the objects that their values come from."""
    for entry, span in step.kustomization.entries("vars"):
        name = text_of(entry.get("name"))
        target = entry.get("objref")
        if not name or not isinstance(target, Map):
            step.error(span, "an entry of `vars` needs a `name` and an `objref`")
            continue
        if name in step.accumulated.variables:
            step.error(entry.span_of("name") or span, f"the variable `{name}` is there already")
            continue
        step.accumulated.variables[name] = entry
        found = _targets(step, target)
        if len(found) > 1:
            step.error(target.span, f"{len(found)} objects may be the one that the variable `{name}` means")
        elif found:
            found[0].variables += (name,)


def _targets(step: Step, target: Map) -> list[Object]:
    version = text_of(target.get("apiVersion"))
    if not version:
        group, number = text_of(target.get("group")), text_of(target.get("version"))
        version = f"{group}/{number}" if group else number
    namespace = text_of(target.get("namespace"))
    wanted = id_of(version, text_of(target.get("kind")), text_of(target.get("name")), namespace)
    if namespace:
        return step.accumulated.find(wanted)
    return [
        candidate for candidate in step.objects if any(found[:4] == wanted[:4] for found in candidate.ids)
    ]


def resolve_variables(step: Step) -> None:
    """Put the values of variables where they are asked for."""
    values = _values(step)
    if not values:
        return

    def change(old: Any) -> tuple[Any, Place | None]:
        return _expanded(old, values), None

    for target in step.objects:
        for _, parts in step.accumulated.configuration.fields("varReference", target):
            step.change(target, parts, change, None)


def _values(step: Step) -> Values:
    values: Values = {}
    owners = {name: target for target in step.objects for name in target.variables}
    for name, entry in step.accumulated.variables.items():
        owner = owners.get(name)
        field = entry.get("fieldref")
        path = text_of(field.get("fieldPath")) if isinstance(field, Map) else ""
        if owner is None:
            if not step.accumulated.incomplete:
                step.error(entry.span, f"the variable `{name}` names an object that is not in this build")
            continue
        value, _ = look(owner.body, indexed_path(path or "metadata.name"))
        if value is None:
            step.error(entry.span, f"{owner.shown} has no `{path}`, which the variable `{name}` stands for")
        elif not isinstance(value, (Map, List)):
            values[name] = value
    return values


def _expanded(old: Any, values: Values) -> Any:
    """A field with variables replaced: a text, or the texts in a mapping or list."""
    if isinstance(old, str):
        return expand(old, values)
    if isinstance(old, Map):
        new = {key: expand(item, values) for key, item in old.items() if isinstance(item, str)}
        if all(old[key] == item for key, item in new.items()):
            return old
        result = copied(old)
        result.update(new)
        return result
    if isinstance(old, List):
        items = [expand(item, values) if isinstance(item, str) else item for item in old]
        if any(new != item for new, item in zip(items, old, strict=True)):
            return listed(items, item_spans(old), old)
    return old


def expand(text: str, values: Values) -> Any:
    """A text with `$(NAME)` replaced; `$$` is a dollar, and one variable alone keeps its type."""
    if "$" not in text:
        return text
    pieces: list[str] = []
    position = 0
    while (start := text.find("$", position)) >= 0 and start + 1 < len(text):
        pieces.append(text[position:start])
        following = text[start + 1]
        end = text.find(")", start) if following == "(" else -1
        if end < 0:
            pieces.append("$" if following == "$" else f"${following}")
            position = start + 2
            continue
        name = text[start + 2 : end]
        position = end + 1
        if name not in values:
            pieces.append(f"$({name})")
        elif isinstance(values[name], Unknown) or (start == 0 and position == len(text)):
            return values[name]
        else:
            pieces.append(text_of(values[name]))
    return "".join(pieces) + text[position:]
