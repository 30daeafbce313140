"""`readiness policies lock` and `diff`: pin the packs in use, and say what an upgrade would bring."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.exceptions import Excepting
from readiness.cli.options import (
    NearChoice,
    policies_option,
    profile_option,
    reading_options,
    select_options,
)
from readiness.cli.settings import lock_of, settings_options, with_settings

if TYPE_CHECKING:
    from readiness.engine.model import Finding
    from readiness.engine.upgrade import Upgrade
    from readiness.policy.lock import PackChange


@click.command("lock")
@policies_option
@settings_options
@click.pass_context
def lock(ctx: click.Context, /, policies: tuple[str, ...], config: str | None, isolated: bool) -> int:
    """Write readiness.lock: which packs the gate was reviewed with.

    From then on `readiness check` refuses to run with other ones.
    """
    from readiness.api import packs
    from readiness.cli.writing import to_file, to_stdout
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import clean_path, count
    from readiness.policy.lock import to_document

    settings = with_settings(ctx, config, isolated, {"policies": policies}, keep=())
    used = packs(settings)
    target = lock_of(config, isolated, settings.cascade)
    to_file(str(target), dumps(to_document(used), depth=4))
    number = sum(len(pack.policies) for pack in used)
    told = f"{count(len(used), 'pack')}, {count(number, 'policy', 'policies')}"
    to_stdout(f"{clean_path(target.as_posix())}: {told}\n")
    return 0


@click.command("diff")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--from",
    "folder",
    metavar="DIR",
    help="Compare with an older state of a pack in this folder, in place of readiness.lock.",
)
@select_options
@profile_option
@policies_option
@settings_options
@reading_options
@click.option(
    "-f", "--format", "format_", type=NearChoice(("text", "json")), default="text", show_default=True
)
@click.pass_context
def diff(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    folder: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    reading: dict[str, Any],
    format_: str,
) -> int:
    """Say what the packs in use change against those of readiness.lock, and what that finds in PATH.

    Exit status: 0, or 3 where some input could not be read.
    """
    from readiness.api import upgrade
    from readiness.cli.writing import complain, to_stdout
    from readiness.outputs.jsontext import dumps
    from readiness.outputs.terminal import place

    said = {"select": select, "ignore": ignore, "profile": profile, "policies": policies, **reading}
    settings = with_settings(ctx, config, isolated, said)
    Excepting({}).complete(settings, isolated)
    found = upgrade(paths or (".",), settings, lock_of(config, isolated, settings.cascade).as_posix(), folder)
    if format_ == "json":
        to_stdout(dumps(_document(found), depth=3))
    else:
        to_stdout("".join(f"{line}\n" for line in _text(found)))
    errors = found.report.errors if found.report is not None else []
    for error in errors:
        complain(f"{place(error)}: {error.message}")
    return 3 if errors else 0


def _change(change: PackChange, unused: set[str]) -> list[str]:
    from readiness.outputs.terminal import clean

    def noted(id_: str) -> str:
        return f"{id_} (not in this run)" if id_ in unused else id_

    old, new = (clean(version) or "(none)" for version in (change.old, change.new))
    versions = f" {old} -> {new}" if change.old != change.new else ""
    groups = {
        "added": [noted(id_) for id_ in change.added],
        "removed": change.removed,
        "renamed": [f"{old} -> {new}" for old, new in change.renamed.items()],
        "changed": [noted(id_) for id_ in change.changed],
        "severity": [f"{noted(id_)}: {old} -> {new}" for id_, (old, new) in change.severities.items()],
    }
    out = [f"{clean(change.name)}{versions}"]
    if change.same:
        why = "the files differ in nothing that decides about findings" if change.texts else "no difference"
        return [*out, f"  {why}", ""]
    for name, rows in groups.items():
        if rows:
            out += [f"  {name}: {len(rows):,}", *(f"    {clean(row)}" for row in rows)]
    return [*out, ""]


def _rows(findings: list[Finding]) -> list[tuple[int, Finding]]:
    """The number of findings by policy with one of them, most first."""
    counter = Counter(finding.policy for finding in findings)
    firsts: dict[str, Finding] = {}
    for finding in findings:
        firsts.setdefault(finding.policy, finding)
    return [
        (number, firsts[policy]) for policy, number in sorted(counter.items(), key=lambda i: (-i[1], i[0]))
    ]


def _services(findings: list[Finding]) -> int:
    return len({f.subject.service for f in findings if f.subject.service is not None})


def _text(found: Upgrade) -> list[str]:
    from readiness.outputs.terminal import clean, count

    out: list[str] = []
    for change in found.changes:
        out += _change(change, found.unused)
    report = found.report
    findings = report.findings if report is not None else []
    line = count(len(findings), "finding") + (" more" if found.gone is not None else "")
    services = _services(findings)
    if services:
        line += f", {count(services, 'service')}"
    if report is not None and findings:
        line += f"; {len(report.gating):,} at or above the gate `{report.fail_on}`"
        if report.advisory:
            line += f", {len(report.advisory):,} that will be when they are no longer advisory"
    out.append(line)
    for number, finding in _rows(findings):
        note = f" (advisory until {finding.advisory_until})" if finding.advisory_until else ""
        out.append(f"  {number:>5,}  {finding.severity:<8}  {clean(finding.policy)}{note}")
    if found.gone:
        out.append(f"{count(len(found.gone), 'finding')} fewer")
        out += [f"  {number:>5,}  {f.severity:<8}  {clean(f.policy)}" for number, f in _rows(found.gone)]
    elif found.gone is None and any(change.changed for change in found.changes):
        out.append(
            "Of changed policies this is all that they find: the lock does not keep what they found before."
        )
    return out


def _document(found: Upgrade) -> dict[str, Any]:
    report = found.report
    findings = report.findings if report is not None else []
    gating = report.gating if report is not None else []
    return {
        "schema_version": 1,
        "packs": [
            {
                "name": change.name,
                "old_version": change.old,
                "new_version": change.new,
                "added": change.added,
                "removed": change.removed,
                "renamed": change.renamed,
                "changed": change.changed,
                "severity": {id_: {"old": old, "new": new} for id_, (old, new) in change.severities.items()},
            }
            for change in found.changes
        ],
        "findings": [
            {
                "policy": first.policy,
                "severity": first.severity,
                "findings": number,
                "services": _services([f for f in findings if f.policy == first.policy]),
                "advisory_until": first.advisory_until,
            }
            for number, first in _rows(findings)
        ],
        "gone": None
        if found.gone is None
        else [{"policy": first.policy, "findings": number} for number, first in _rows(found.gone)],
        "summary": {"findings": len(findings), "services": _services(findings), "gating": len(gating)},
    }
