"""`readiness policies`: list them, and run their examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from readiness.cli.options import NearChoice, need_command, policies_option, profile_option, select_options

if TYPE_CHECKING:
    from readiness.policy.model import Policy


@click.group("policies", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the policies, or run their examples."""
    need_command(ctx)


def _table(policies: list[Policy], width: int) -> list[str]:
    from readiness.cli.explain import plain_title

    ids = max((len(policy.id) for policy in policies), default=0)
    controls = max((len(policy.control) for policy in policies), default=0)
    out = []
    for policy in policies:
        line = (
            f"{policy.id:<{ids}}  {policy.severity:<8}  {policy.control:<{controls}}  {plain_title(policy)}"
        )
        out.append(line if len(line) <= width else line[: width - 1] + "…")
    return out


@command.command("list")
@select_options
@profile_option("all")
@policies_option
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
def list_(
    select: tuple[str, ...], ignore: tuple[str, ...], profile: str, policies: tuple[str, ...], format_: str
) -> int:
    """List policies: id, severity, control, title."""
    import sys

    from readiness.api import Settings, load_policies
    from readiness.cli.explain import plain_title
    from readiness.cli.writing import terminal_width, to_stdout
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import count

    chosen = load_policies(Settings(select=select, ignore=ignore, profile=profile, policies=policies))
    if format_ == "json":
        document = [
            {
                "id": policy.id,
                "title": plain_title(policy),
                "severity": policy.severity,
                "control": policy.control,
                "aliases": list(policy.aliases),
                "resources": list(policy.resources),
                "fixable": policy.fixable,
            }
            for policy in chosen
        ]
        to_stdout(dumps(document, depth=1))
        return 0
    # Only a terminal crops: elsewhere the whole title is worth more than the width.
    width = terminal_width(True) if sys.stdout.isatty() else 10_000
    lines = [*_table(chosen, width), "", count(len(chosen), "policy", "policies")]
    to_stdout("".join(f"{line}\n" for line in lines))
    return 0


@command.command("test")
@click.argument("folders", nargs=-1, metavar="[DIR]...")
def test(folders: tuple[str, ...]) -> int:
    """Run the examples of policies (default: the built-in ones) and say precisely what differs."""
    from readiness.api import Settings, load_own, load_policies
    from readiness.cli.writing import to_stdout
    from readiness.engine.examples import run
    from readiness.outputs.terminal import clean, clean_path, count

    if folders:
        policies = [policy for folder in folders for policy in load_own(folder)]
    else:
        policies = load_policies(Settings(profile="all"), examples=True)
    results = run(policies)
    failed = [result for result in results if not result.ok]
    lines = []
    for result in failed:
        where = f"{clean_path(result.path)}:{result.line}"
        lines.append(
            f"{where}: {result.policy}: {result.kind} example {result.index}: {clean(result.detail)}"
        )
    passed = len(results) - len(failed)
    lines.append(
        f"{count(len(policies), 'policy', 'policies')}, "
        f"{count(passed, 'example')} passed, {len(failed):,} failed"
    )
    to_stdout("".join(f"{line}\n" for line in lines))
    return 1 if failed else 0
