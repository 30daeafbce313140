"""What several commands share: kinds of option values and groups of options."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    # Generic only since click 8.2.
    _Choice = click.Choice

F = TypeVar("F", bound=Callable[..., Any])

PROFILES = ("default", "security", "readiness", "report", "all")
SEVERITIES = ("critical", "high", "medium", "low", "info")


class NearChoice(_Choice):
    """A choice that says which value was perhaps meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """One of the choices.  Raises `click.BadParameter` for anything else."""
        text = str(value)
        if text in self.choices:
            return text
        from difflib import get_close_matches

        near = get_close_matches(text.lower(), self.choices, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(self.choices)}"
        self.fail(f"{text!r} is not a choice; {hint}", param, ctx)


def need_command(ctx: click.Context) -> None:
    """Of a group that was called without a command: its help on standard error, and status 2."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)


def comma_list(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a repeatable, comma-separated option."""
    parts = tuple(part.strip() for value in values for part in value.split(","))
    if any(not part for part in parts):
        raise click.BadParameter("an empty name", ctx, param)
    return parts


def named_paths(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The parts of every `TYPE=PATH`; the path may be empty."""
    result: dict[str, str] = {}
    for value in values:
        name, equals, path = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not TYPE=PATH, such as Game=spec.template", ctx, param)
        result[name] = path
    return result


def policies_option(function: F) -> F:
    """`--policies DIR|package:NAME`."""
    return click.option(
        "--policies",
        multiple=True,
        metavar="DIR|package:NAME",
        help="Policies of your own, besides the built-in ones: a folder, or an installed Python package that "
        "carries them. Repeatable.",
    )(function)


def select_options(function: F) -> F:
    """`--select` and `--ignore`."""
    ignore = click.option(
        "--ignore",
        multiple=True,
        callback=comma_list,
        metavar="ID|CONTROL|SEVERITY",
        help="Leave these policies out. Repeatable, comma-separated.",
    )
    chosen = click.option(
        "--select",
        multiple=True,
        callback=comma_list,
        metavar="ID|CONTROL|SEVERITY",
        help="Use exactly these policies, whatever the profile. Repeatable, comma-separated; peers' ids "
        "(CKV_AWS_19) and globs (aws-s3-*) work too.",
    )
    return chosen(ignore(function))


def profile_option(function: F) -> F:
    """`--profile`."""
    return click.option(
        "--profile",
        type=NearChoice(PROFILES),
        default="default",
        show_default=True,
        help="Which policies to use where --select says nothing.",
    )(function)


def color_option(function: F) -> F:
    """`--color`."""
    return click.option(
        "--color",
        type=NearChoice(("auto", "always", "never")),
        default="auto",
        show_default=True,
        help="auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR colours anywhere.",
    )(function)


READING = (
    *("var_files", "variables", "env_vars", "environments", "workspaces", "var_file_patterns"),
    *("jobs", "pod_templates", "kubernetes_version"),
)
"""Settings that say how sources are read, by the names of their parameters."""


def reading_options(function: F) -> F:
    """How sources are read: variables, environments, cache, processes; passed on as `reading`."""

    @wraps(function)
    def collected(*args: Any, **options: Any) -> Any:
        reading = {name: options.pop(name) for name in READING}
        reading["cache"] = not options.pop("no_cache")
        return function(*args, reading=reading, **options)

    wrapped: Any = collected
    for option in reversed(_READING_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


_READING_OPTIONS = (
    click.option(
        "--kubernetes-version",
        default="",
        metavar="VERSION",
        help="The release of Kubernetes that manifests are for, and charts are rendered for, such as 1.33. "
        "Default: the newest known.",
    ),
    click.option(
        "--var-file",
        "var_files",
        multiple=True,
        metavar="FILE",
        help="Terraform variables to use, as `terraform plan -var-file`. Repeatable.",
    ),
    click.option(
        "--var",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        help="A Terraform variable, as `terraform plan -var`. Repeatable.",
    ),
    click.option(
        "--env-vars", is_flag=True, help="Let TF_VAR_ environment variables set Terraform variables too."
    ),
    click.option(
        "--environment",
        "environments",
        multiple=True,
        metavar="NAME[=FILE]",
        help="NAME: evaluate this environment only, of those whose variable files are found "
        "(environments/NAME.tfvars and the like). NAME=FILE: an environment with this file. Repeatable.",
    ),
    click.option(
        "--workspace",
        "workspaces",
        multiple=True,
        metavar="NAME",
        help="A Terraform workspace to evaluate roots in (terraform.workspace). Repeatable.",
    ),
    click.option(
        "--var-file-pattern",
        "var_file_patterns",
        multiple=True,
        metavar="GLOB",
        help="Where a root keeps the variable files of its environments, relative to it; the first `*` is "
        "the name of one. Repeatable; replaces the built-in places.",
    ),
    click.option(
        "--pod-template",
        "pod_templates",
        multiple=True,
        callback=named_paths,
        metavar="TYPE=PATH",
        help="Where a custom kind has its pod template: batch.volcano.sh/Job=spec.tasks[*].template; an "
        "empty path says that it has none. Repeatable.",
    ),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files."),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="Processes that parse and check. Default: all cores.",
    ),
)
