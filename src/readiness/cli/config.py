"""`readiness config`: the effective settings, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import SEVERITIES, NearChoice, policies_option, profile_option, select_options
from readiness.cli.settings import settings_options, with_settings

if TYPE_CHECKING:
    from readiness.config.model import Place
    from readiness.engine.effective import Effective, Value


_EMPTY = {"kubernetes_version": "(the newest known)", "baseline": "(none)"}
"""What an empty text means, by the names of settings."""


def _written(value: Any) -> str:
    """A value as one would write it in YAML, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    return "null" if value is None else str(value)


def _origin(origin: Place | str) -> str:
    return origin if isinstance(origin, str) else f"{origin.path}:{origin.line}:{origin.column}"


def _rows(found: Effective) -> Iterator[tuple[str, str, str]]:
    """The settings as name, value and origin."""

    def row(name: str, value: Value) -> tuple[str, str, str]:
        text = _written(value.value) if value.value != "" else _EMPTY[value.name]
        lock = "" if value.locked is None else f", locked by {value.locked}"
        return name, text, _origin(value.origin) + lock

    for value in found.scalars:
        yield row(value.name.replace("_", "-"), value)
    for name, values in found.lists.items():
        for value in values:
            yield row(name, value)
    for value in found.metadata:
        yield row(value.name, value)
    for key, values in found.policies.items():
        for value in values:
            yield row(f"policies.{key}.{value.name}", value)


def _text(found: Effective) -> list[str]:
    from readiness.outputs.terminal import clean, clean_path, text_width

    about = "the current folder" if found.path == "." else clean_path(found.path)
    environment = f" in {clean(found.environment)}" if found.environment else ""
    out = [f"settings of {about}{environment}", ""]
    for file in found.files:
        extended = f" (extended by {clean_path(file.extended_by)})" if file.extended_by else ""
        out.append(f"  from {clean_path(file.path)}{extended}")
    out += [""] if found.files else []
    rows = [(clean(name), clean(value), clean(origin)) for name, value, origin in _rows(found)]
    wide = [max(text_width(row[column]) for row in rows) for column in (0, 1)]
    for row in rows:
        name, value = (row[i] + " " * (wide[i] - text_width(row[i])) for i in (0, 1))
        out.append(f"  {name}  {value}  {row[2]}")
    return out


def _document(found: Effective) -> dict[str, Any]:
    def place(where: Place | None) -> dict[str, Any] | None:
        return None if where is None else {"path": where.path, "line": where.line, "column": where.column}

    def told(value: Value) -> dict[str, Any]:
        origin = value.origin
        source = {"from": origin} if isinstance(origin, str) else {"from": "file", **(place(origin) or {})}
        plain = value.value
        if isinstance(plain, dict):
            plain = {str(key): item for key, item in plain.items()}
        return {"value": plain, "origin": source, "locked": place(value.locked)}

    return {
        "schema_version": 1,
        "path": found.path,
        "environment": found.environment,
        "files": [{"path": file.path, "extended_by": file.extended_by} for file in found.files],
        "settings": {value.name.replace("_", "-"): told(value) for value in found.scalars}
        | {name: [told(value) for value in values] for name, values in found.lists.items()}
        | {value.name: told(value) for value in found.metadata},
        "policies": {
            key: {value.name: told(value) for value in values} for key, values in found.policies.items()
        },
    }


@click.command("config")
@click.argument("path", required=False, default=".", metavar="[PATH]")
@select_options
@profile_option
@policies_option
@settings_options
@click.option("--fail-on", type=NearChoice(SEVERITIES), default="high", help="As that of `check`.")
@click.option(
    "--unknown", type=NearChoice(("ignore", "warn", "fail")), default="warn", help="As that of `check`."
)
@click.option("--tier", type=click.IntRange(0, 9), default=1, metavar="N", help="As that of `check`.")
@click.option("--environment", metavar="NAME", help="Show what holds in this environment.")
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of settings, and nothing else.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    path: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    fail_on: str,
    unknown: str,
    tier: int,
    environment: str | None,
    format_: str,
    schema: bool,
) -> int:
    """Show the settings that hold for PATH (default: the current folder), and where each comes from."""
    from readiness.cli.writing import to_stdout
    from readiness.config.settings import SCHEMA_FILE
    from readiness.engine.effective import effective
    from readiness.outputs.jsontext import dumps

    if schema:
        to_stdout(SCHEMA_FILE.read_text(encoding="utf-8"))
        return 0
    said: dict[str, Any] = {"select": select, "ignore": ignore, "profile": profile, "policies": policies}
    said |= {"fail_on": fail_on, "unknown": unknown, "tier": tier}
    found = effective(with_settings(ctx, config, isolated, said, locked=True), path, environment)
    if format_ == "json":
        to_stdout(dumps(_document(found), depth=3))
    else:
        to_stdout("".join(f"{line}\n" for line in _text(found)))
    return 0
