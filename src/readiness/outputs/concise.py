"""One line per finding, for editors, grep and people in a hurry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    allowance_of,
    chosen,
    environments_of,
    exit_status,
    label_of,
    reason_of,
    was_of,
)
from readiness.outputs.summary import one_line, statistics, verdict
from readiness.outputs.terminal import SEVERITY_CODES, STATUS_CODES, Painter, clean, count, place

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report


def line_of(finding: Finding, paint: Painter) -> str:
    """A finding on one line, without the end of that."""
    codes = (
        SEVERITY_CODES.get(finding.severity, "1")
        if finding.status == "fail"
        else STATUS_CODES[finding.status]
    )
    label = paint(label_of(finding), codes)
    more = f" and {len(finding.instances):,} more" if finding.instances else ""
    environments = environments_of(finding)
    if environments is not None:
        more += f": {clean(environments)}"
    line = (
        f"{place(finding.span)}: {label} {paint.bold(clean(finding.policy))} "
        f"{clean(finding.message)} [{clean(finding.subject.address)}{more}]"
    )
    told = (was_of(finding), reason_of(finding), allowance_of(finding), advisory_of(finding))
    notes = [note for note in told if note is not None]
    return line if not notes else f"{line} ({clean('; '.join(notes))})"


def render(report: Report, options: RenderOptions) -> str:
    """`path:line:col: severity policy-id message [address]`, errors alike, the summary last."""
    paint = Painter(options.color)
    if options.statistics:
        out = [
            f"{count(number, 'finding')}: {severity if status == 'fail' else f'{status} {severity}'} "
            f"{clean(policy)} {clean(title)}"
            for number, severity, status, policy, title in statistics(report, options)
        ]
    else:
        out = [line_of(finding, paint) for finding in chosen(report, options)]
    for error in report.errors:
        label = "internal error" if error.kind == "internal" else "error"
        out.append(f"{place(error)}: {paint(label, '1;31')}: {clean(error.message)}")
    if not options.quiet:
        out += [
            f"{place(notice)}: {paint('note', '1;36')}: {clean(notice.message)}" for notice in report.notices
        ]
    green, sentence = verdict(report, options.exit_zero)
    painted = paint(sentence, "1;32" if green else "1;31")
    if not options.quiet:
        out.append(one_line(report, options).removesuffix(sentence) + painted)
    elif exit_status(report, options.exit_zero) == 3:
        out.append(painted)
    return "".join(f"{line}\n" for line in out)
