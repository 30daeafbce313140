"""`readiness init`: set a repository up: settings, hook, CI job, and what other tools leave out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import NearChoice

if TYPE_CHECKING:
    from readiness.onboarding.model import Plan
    from readiness.onboarding.plan import Recorded, Repository


@click.command("init")
@click.argument("path", required=False, default=".", metavar="[PATH]")
@click.option("--dry-run", is_flag=True, help="Show what would be written as a diff, and write nothing.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace readiness.yaml, the workflow and the baseline that are there; others are only added to.",
)
@click.option(
    "--ci",
    type=NearChoice(("auto", "github", "gitlab", "none")),
    default="auto",
    show_default=True,
    help="Where the CI job is for; auto goes by what is in the repository.",
)
@click.option("--hook/--no-hook", default=True, show_default=True, help="The hook of pre-commit.")
@click.option(
    "--baseline",
    is_flag=True,
    help="Record the findings of today, so that only new ones fail the hook and the CI job.",
)
@click.option(
    "--migrate/--no-migrate",
    default=True,
    show_default=True,
    help="Take over what the configuration of other tools leaves out.",
)
@click.option(
    "--rewrite",
    is_flag=True,
    help="Rewrite comments for Checkov, Trivy and tfsec as `readiness:ignore`. They hold as they are, too.",
)
@click.option(
    "--extends",
    multiple=True,
    metavar="FILE|package:NAME",
    help="Settings that others share, to build on. Repeatable.",
)
@click.option(
    "--source",
    metavar="ADDRESS[@REV]",
    help="The git repository that hook and CI job get readiness from, with a tag or a full commit hash. "
    "Default: where this program was installed from.",
)
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes that parse. Default: all cores.")
def command(
    path: str,
    dry_run: bool,
    format_: str,
    no_cache: bool,
    jobs: int | None,
    **asked: Any,
) -> int:
    """Look at the repository in PATH (default: the current folder), and introduce the gate there.

    Writes readiness.yaml, an entry in .pre-commit-config.yaml and a CI job; what other tools leave out is
    taken over, with a report on each of their ids. What is there is added to where that is safe, and never
    written over.

    Exit status: 0; 2 wrong usage, or something cannot be written; 3 a file could not be read, so that the
    baseline may lack findings.
    """
    from readiness.cli.init_text import diff_of, document, lines
    from readiness.cli.writing import complain, to_stdout
    from readiness.onboarding.model import Options
    from readiness.onboarding.plan import make_plan, open_repository
    from readiness.onboarding.write import check_targets, write
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import clean, clean_path, count

    asked["extends"] = tuple(asked["extends"])
    repository = open_repository(Path(path), jobs, not no_cache)
    plan = make_plan(repository, Options(**asked))
    check_targets(repository.root, plan.targets)
    text = format_ == "text"
    if text:
        # The plan is told first, so that whoever interrupts knows what was about to come.
        to_stdout("".join(f"{line}\n" for line in lines(plan, dry_run)))
    recorded = None
    if not dry_run:
        write(repository.root, plan.changed)
        recorded = _record(repository, plan)
    if text and dry_run:
        difference = diff_of(plan)
        to_stdout(f"\n{difference}" if difference else "")
    elif text and recorded is not None:
        to_stdout(f"\n{plan.baseline}: {count(recorded.findings, 'finding')} recorded{_locked(recorded)}\n")
    elif not text:
        to_stdout(dumps(document(plan, dry_run, recorded), depth=3))
    for note in [*plan.found.peers.notes, *plan.found.unread]:
        complain(f"{clean_path(note.path)}:{note.line}: {clean(note.message)}", "note")
    return 3 if plan.baseline and plan.found.unread else 0


def _locked(recorded: Recorded) -> str:
    """What a baseline does not let pass, in words."""
    if not recorded.locked:
        return ""
    verb = "fails" if recorded.locked == 1 else "fail"
    return f"; {recorded.locked:,} of them {verb} the gate all the same: locked policies have no baseline"


def _record(repository: Repository, plan: Plan) -> Recorded | None:
    """Make the baseline, where one is wanted, and see that what was written is right.

    Raises:
        UsageError: the settings do not hold together, such as a policy that is locked and ignored.
    """
    from readiness.cli.writing import to_file
    from readiness.engine.prepare import prepare
    from readiness.onboarding.plan import record_baseline, settings_of

    if plan.baseline is None:
        prepare(settings_of(repository))
        return None
    recorded = record_baseline(repository, plan.baseline)
    to_file((repository.root / plan.baseline).as_posix(), recorded.text)
    return recorded
