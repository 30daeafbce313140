"""`readiness policies`: list them, and run their examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from readiness.cli.authoring import docs, new
from readiness.cli.options import NearChoice, need_command, policies_option, profile_option, select_options
from readiness.cli.packs import diff, lock
from readiness.cli.settings import settings_options, with_settings

if TYPE_CHECKING:
    from readiness.policy.model import Policy
    from readiness.policy.packs import Pack


_COUNTED = {
    "policies": ("policy", "policies"),
    "examples": ("example",),
    "controls": ("control",),
    "aliases": ("alias", "aliases"),
    "fields": ("policy with known fields", "policies with known fields"),
    "conjuncts": ("conjunct",),
    "fixes": ("fix", "fixes"),
}


@click.group("policies", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the policies, write new ones and pages about them, run their examples, or pin them."""
    need_command(ctx)


command.add_command(lock)
command.add_command(diff)
command.add_command(new)
command.add_command(docs)


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


def _counts(policies: list[Policy], packs: list[Pack]) -> list[str]:
    """How many policies there are by severity, by platform and by control."""
    from collections import Counter

    from readiness.engine.model import SEVERITIES
    from readiness.policy.packs import filed

    folders = {policy.id: pack.shown for pack in packs for policy in pack.policies}
    platforms = Counter(filed(policy.path, folders[policy.id])[0] or "other" for policy in policies)

    by_severity = Counter(policy.severity for policy in policies)
    groups = {
        "severity": [(name, by_severity[name]) for name in SEVERITIES if by_severity[name]],
        "platform": platforms.most_common(),
        "control": sorted(Counter(policy.control for policy in policies).items()),
    }
    lines: list[str] = []
    for title, counts in groups.items():
        lines += [*([""] if lines else []), f"by {title}"]
        lines += [f"  {name:<16} {number:>6,}" for name, number in counts]
    return lines


@command.command("list")
@select_options
@profile_option
@policies_option
@settings_options
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.option("--statistics", is_flag=True, help="Counts by severity, platform and control instead.")
@click.pass_context
def list_(
    ctx: click.Context,
    /,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    format_: str,
    statistics: bool,
) -> int:
    """List the policies that `check` would use: id, severity, control, title."""
    import sys

    from readiness.cli.explain import plain_title
    from readiness.cli.writing import terminal_width, to_stdout
    from readiness.engine.prepare import prepare
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import count

    said = {"select": select, "ignore": ignore, "profile": profile, "policies": policies}
    settings = with_settings(ctx, config, isolated, said)
    prepared = prepare(settings)
    chosen = prepared.policies
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
    total = count(len(chosen), "policy", "policies")
    if not settings.select and settings.profile != "all":
        total += f" of the profile {settings.profile}; `--profile all` lists every one"
    lines = [*(_counts(chosen, prepared.packs) if statistics else _table(chosen, width)), "", total]
    to_stdout("".join(f"{line}\n" for line in lines))
    return 0


@command.command("test")
@click.argument("packs", nargs=-1, metavar="[DIR|FILE|package:NAME]...")
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
def test(packs: tuple[str, ...], format_: str) -> int:
    """Prove policies (default: the built-in ones) and say precisely what is not.

    Files and conditions are right, names and aliases unique, controls implemented, the fields that conditions
    read exist, examples hold, some example notices each part of a condition, and fixes mend the examples that
    fail.
    """
    from readiness.cli.writing import to_stdout
    from readiness.engine.proofs import prove
    from readiness.fixes.proofs import prove_fix
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import clean, clean_path, count
    from readiness.policy.bundle import builtin_folder
    from readiness.policy.packs import Place, locate

    places = [locate(spec) for spec in packs] or [Place("built-in", builtin_folder(), "policies")]
    proofs = prove(places, fixes=prove_fix)
    counts = {name: proofs.counts[name] for name in _COUNTED}
    if format_ == "json":
        problems = [
            {name: getattr(problem, name) for name in problem.__struct_fields__}
            for problem in proofs.problems
        ]
        document = {"schema_version": 1, "counts": counts, "problems": problems}
        to_stdout(dumps(document, depth=2))
        return 2 if proofs.problems else 0
    lines = []
    for problem in proofs.problems:
        where = f"{clean_path(problem.path)}:{problem.line}:{problem.column}"
        policy = f"{problem.policy}: " if problem.policy else ""
        lines.append(f"{where}: {policy}{clean(problem.message)}")
    listed = ", ".join(count(number, *_COUNTED[name]) for name, number in counts.items() if number)
    result = count(len(proofs.problems), "problem") if proofs.problems else "all proven"
    lines.append(f"{listed}: {result}" if listed else result)
    to_stdout("".join(f"{line}\n" for line in lines))
    return 2 if proofs.problems else 0
