"""`readiness show`: the estate as policies see it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import NearChoice, reading_options
from readiness.cli.settings import settings_options, with_settings
from readiness.values import Span, Unknown, span_at

if TYPE_CHECKING:
    from readiness.errors import SourceError
    from readiness.estate.build import Loaded
    from readiness.estate.model import Change, Resource


_INLINE = 80
"""How long a list may be, in characters, to stand on one line."""


def matcher(pattern: str) -> re.Pattern[str]:
    """A glob over addresses: `*` and `?` only, since brackets are part of Terraform's addresses."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL)


def to_json(value: Any) -> Any:
    """A value of the estate as JSON: unknowns as `{"$unknown": why}`, what JSON lacks as text."""
    if isinstance(value, Unknown):
        return {"$unknown": value.reason}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def resource_json(resource: Resource, environments: list[str]) -> dict[str, Any]:
    """One resource in the shape of the contract; `environments` are those it is the same in."""
    from readiness.outputs.json_report import location

    return {
        "address": resource.address,
        "type": resource.type,
        "name": resource.name,
        "platform": resource.platform,
        "namespace": resource.namespace,
        "module": resource.module,
        "environment": resource.environment,
        "evaluated_for": environments,
        "service": resource.service,
        "tier": resource.tier,
        "change": _change_json(resource.change),
        "body": to_json(resource.body),
        "tags": to_json(resource.tags),
        "labels": to_json(resource.labels),
        "annotations": to_json(resource.annotations),
        "links": [{"address": link.address, "via": link.via} for link in resource.links],
        "location": location(resource.span),
        "origins": {
            pointer: [{"kind": kind, "location": location(span)} for kind, span in places]
            for pointer, places in origins_of(resource.body)
        },
        "spans": {pointer: location(span) for pointer, span in spans_of(resource.body)},
    }


def _change_json(change: Change | None) -> dict[str, Any] | None:
    """What a plan does to a resource; what it will be is the body."""
    if change is None:
        return None
    return {
        "action": change.action,
        "before": to_json(change.before),
        "replace_paths": list(change.replace_paths),
        "reason": change.reason,
    }


def entries_of(value: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Pointer (RFC 6901), container and key of every entry and item of a body, outermost first."""
    if not isinstance(value, (dict, list)):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        inner = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield inner, value, key
        yield from entries_of(item, inner)


def spans_of(value: Any) -> Iterator[tuple[str, Span]]:
    """The region of every entry and item of a body."""
    for pointer, container, key in entries_of(value):
        span = span_at(container, key)
        if span is not None:
            yield pointer, span


def origins_of(value: Any) -> Iterator[tuple[str, list[tuple[str, Span]]]]:
    """Where values that are not written where they are used came from."""
    from readiness.terraform.provenance import explain

    for pointer, container, key in entries_of(value):
        places = explain(container, key)
        if places:
            yield pointer, places


def same_elsewhere(resources: list[Resource]) -> list[tuple[Resource, list[str]]]:
    """Resources with the environments that they were evaluated for, told once where nothing differs."""
    result: list[tuple[Resource, list[str]]] = []
    told: dict[str, list[str]] = {}
    for resource in resources:
        if not resource.variant:
            result.append((resource, []))
            continue
        seen = repr((resource.root, resource.address, to_json(resource.body), to_json(resource.tags)))
        if seen not in told:
            told[seen] = []
            result.append((resource, told[seen]))
        told[seen].append(resource.variant)
    return result


def _scalar(value: Any) -> str:
    import json

    from readiness.outputs.terminal import clean, clean_path

    if isinstance(value, Unknown):
        return f"(unknown: {clean(value.reason)})"
    return clean_path(json.dumps(to_json(value), ensure_ascii=False))


def _origin(container: Any, key: Any) -> str:
    """`  # value from default of variable acl: variables.tf:3:13`, or nothing."""
    from readiness.outputs.terminal import clean, place
    from readiness.terraform.provenance import explain

    places = explain(container, key)
    return (
        f"  # value from {', '.join(f'{clean(what)}: {place(where)}' for what, where in places)}"
        if places
        else ""
    )


def _inline(value: Any) -> str | None:
    """A scalar, an empty container or a short list of scalars as it stands on one line, else None."""
    if not isinstance(value, (dict, list)) or not value:
        return _scalar(value)
    if isinstance(value, dict) or any(isinstance(item, (dict, list)) for item in value):
        return None
    text = f"[{', '.join(map(_scalar, value))}]"
    return text if len(text) <= _INLINE else None


def body_lines(value: Any, indent: str) -> Iterator[str]:
    """The entries of a mapping or sequence, one a line, nested ones indented."""
    from readiness.outputs.terminal import clean

    if isinstance(value, dict):
        entries = [(f"{clean(str(key))} = ", item, _origin(value, key)) for key, item in value.items()]
    else:
        entries = [("", item, "") for item in value]
    for lead, item, origin in entries:
        inline = _inline(item)
        if inline is not None:
            yield f"{indent}{lead}{inline}{origin}"
            continue
        opening, closing = "{}" if isinstance(item, dict) else "[]"
        yield f"{indent}{lead}{opening}{origin}"
        yield from body_lines(item, indent + "  ")
        yield f"{indent}{closing}"


def resource_text(resource: Resource, environments: list[str]) -> list[str]:
    """One resource as lines of text: what it is, where it stands, how it is linked, its body."""
    from readiness.outputs.terminal import clean, place

    tier = "" if resource.tier is None else str(resource.tier)
    rows = [
        ("type", resource.type),
        ("location", place(resource.span)),
        ("namespace", resource.namespace or ""),
        ("module", resource.module),
        ("evaluated for", ", ".join(environments)),
        ("environment", "" if environments else resource.environment or ""),
        ("service", resource.service or ""),
        ("tier", tier),
        ("change", "" if resource.change is None else resource.change.action),
    ]
    out = [clean(resource.address)]
    out += [
        f"  {label + ':':<13}{clean(text)}" if len(label) < 12 else f"  {label}: {clean(text)}"
        for label, text in rows
        if text
    ]
    for label, entries in (
        ("tags", resource.tags),
        ("labels", resource.labels),
        ("annotations", resource.annotations),
    ):
        if isinstance(entries, Unknown):
            out.append(f"  {label + ':':<13}{_scalar(entries)}")
        elif entries and (label == "tags" or entries != resource.tags):
            out += [f"  {label}:", *body_lines(entries, "    ")]
    if resource.links:
        links = sorted({(link.address, link.via) for link in resource.links})
        out += ["  links:", *(f"    {clean(address)} (via {clean(via)})" for address, via in links)]
    if resource.body:
        out += ["  body:", *body_lines(resource.body, "    ")]
    return out


def _select(resources: list[Resource], address: str | None) -> list[Resource]:
    """The resources of an address or glob, sorted by place.

    Raises:
        UsageError: nothing matches.
    """
    from readiness.errors import UsageError

    def key(resource: Resource) -> tuple[str, int, str]:
        return resource.span.path, resource.span.line, resource.address

    if address is None:
        return sorted(resources, key=key)
    pattern = matcher(address)
    found = [resource for resource in resources if pattern.fullmatch(resource.address)]
    if found:
        return sorted(found, key=key)
    from difflib import get_close_matches

    near = get_close_matches(address, sorted({resource.address for resource in resources}), 3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"no resource has the address {address!r} among {len(resources):,}{hint}")


def _json_text(resources: list[Resource], errors: list[SourceError]) -> str:
    from readiness.outputs.jsontext import dumps

    places = [
        {"path": error.path, "line": error.line, "column": error.column, "message": error.message}
        for error in errors
    ]
    body = [resource_json(resource, names) for resource, names in same_elsewhere(resources)]
    return dumps({"schema_version": 1, "resources": body, "errors": places}, depth=2)


def _services(loaded: Loaded, errors: list[SourceError], format_: str) -> int:
    """Print the services; what is wrong with what is said of them goes to standard error."""
    from readiness.cli.show_services import services_json, services_text
    from readiness.cli.writing import complain, to_stdout
    from readiness.estate.services.complete import complete
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import place

    complete(loaded.estate, loaded.facts(), loaded.scope)
    for problem in loaded.estate.problems:
        complain(f"{place(problem)}: {problem.message}")
    if format_ == "json":
        to_stdout(dumps(services_json(loaded, errors), depth=3))
    else:
        to_stdout("".join(f"{line}\n" for line in services_text(loaded)))
    return 3 if errors else 0


@click.command("show")
@click.argument("address", required=False)
@click.option(
    "--in", "paths", multiple=True, default=(".",), metavar="PATH", help="Where to look. Repeatable."
)
@reading_options
@settings_options
@click.option("--services", is_flag=True, help="Show the services, and what belongs to none.")
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    address: str | None,
    paths: tuple[str, ...],
    reading: dict[str, Any],
    config: str | None,
    isolated: bool,
    services: bool,
    format_: str,
) -> int:
    """Show resources as policies see them: evaluated body, tags, links, unknowns and why.

    ADDRESS is a resource's address or a glob over addresses (`aws_s3_bucket.*`); default: all.
    """
    from msgspec.structs import replace

    from readiness.api import Settings, load_estate
    from readiness.cli.writing import complain, to_stdout
    from readiness.errors import UsageError
    from readiness.estate.build import in_scope
    from readiness.estate.secrets import shown
    from readiness.outputs.terminal import place

    if services and address is not None:
        raise UsageError("--services shows all services: leave the address out")
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    said = with_settings(ctx, config, isolated, {}, keep=("metadata", "services"))
    settings = replace(Settings(**reading), metadata=said.metadata, services=said.services)
    loaded = load_estate(paths, settings, stdin)
    everything = [*loaded.estate.resources, *loaded.estate.gone]
    resources = [resource for resource in everything if in_scope(resource, loaded)]
    errors = sorted(loaded.errors)
    for error in errors:
        complain(f"{place(error)}: {error.message}")
    if not resources:
        complain(f"nothing to show: no Terraform or Kubernetes resource in {', '.join(paths)}")
        if format_ == "json":
            to_stdout(_json_text([], errors))
        return 3
    if services:
        return _services(loaded, errors, format_)
    secrets = loaded.estate.secrets
    chosen = [shown(resource, secrets) for resource in _select(resources, address)]
    if format_ == "json":
        to_stdout(_json_text(chosen, errors))
    else:
        blocks = ["".join(f"{line}\n" for line in resource_text(*one)) for one in same_elsewhere(chosen)]
        to_stdout("\n".join(blocks))
    return 3 if errors else 0
