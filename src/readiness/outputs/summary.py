"""The end of a run in words: what was counted, and why the exit status is what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from readiness.engine.model import SEVERITIES, Finding, Report
from readiness.outputs.options import LET_PASS, RenderOptions, chosen, exit_status
from readiness.outputs.terminal import clean, count

COMMONEST = 3
"""How many reasons for unknowns a summary names."""


def severity_counts(report: Report) -> dict[str, int]:
    """Findings with status `fail` by severity, gravest first, without zeros."""
    counter = Counter(finding.severity for finding in report.findings if finding.status == "fail")
    return {severity: counter[severity] for severity in SEVERITIES if counter[severity]}


def status_counts(report: Report) -> Counter[str]:
    """Findings by status."""
    return Counter(finding.status for finding in report.findings)


def unknown_reasons(report: Report) -> list[tuple[str, int]]:
    """Why checks were unknown, commonest first, ties by text."""
    return sorted(report.counts.unknown_reasons.items(), key=lambda item: (-item[1], item[0]))


def compared_counts(report: Report) -> dict[str, int]:
    """Findings that nobody lets pass, by what the base revision has of them; all zero without one."""
    counter = Counter(finding.compared for finding in report.findings if finding.status not in LET_PASS)
    return {word: counter[word] for word in ("new", "worsened", "unchanged")}


def findings_line(report: Report, show_suppressed: bool, show_unchanged: bool = False) -> str:
    """`3 findings: 1 critical, 2 high; 2 unknown; 1 suppressed (see --show-suppressed)`.

    Against a base revision, what it has too is not among the findings, but counted behind them.
    """
    brought = [finding for finding in report.findings if finding.compared != "unchanged"]
    failing = [finding for finding in brought if finding.status == "fail"]
    severities = Counter(finding.severity for finding in failing)
    line = count(len(failing), "finding")
    if report.comparison is not None:
        line += f" that {clean(report.comparison.base)} has not"
    if severities:
        line += ": " + ", ".join(
            f"{severities[severity]:,} {severity}" for severity in SEVERITIES if severities[severity]
        )
    words: Counter[str | None] = Counter(finding.compared for finding in failing)
    words["advisory"] = sum(finding.advisory_until is not None for finding in failing)
    kinds = [f"{words[word]:,} {word}" for word in ("new", "worsened", "advisory") if words[word]]
    if kinds:
        line += f" ({', '.join(kinds)})"
    unknown = sum(finding.status == "unknown" for finding in brought)
    if unknown:
        line += f"; {unknown:,} unknown"
        if report.unknown == "ignore":
            line += " (not listed, --unknown ignore)"
    unchanged = compared_counts(report)["unchanged"]
    if unchanged:
        line += f"; {unchanged:,} unchanged" + ("" if show_unchanged else " (see --show-unchanged)")
    statuses = status_counts(report)
    hidden = [f"{statuses[status]:,} {status}" for status in LET_PASS if statuses[status]]
    if hidden:
        line += "; " + ", ".join(hidden) + ("" if show_suppressed else " (see --show-suppressed)")
    return line


def fixed_line(report: Report) -> str:
    """Thanks for what is fixed, or an empty string."""
    if report.comparison is None or not report.comparison.fixed:
        return ""
    base, number = clean(report.comparison.base), len(report.comparison.fixed)
    return f"fixed: {count(number, 'finding')} of {base} {'is' if number == 1 else 'are'} gone, thank you"


def risk_line(report: Report) -> str:
    """The class of a change and what it asks for, or an empty string where nothing changes."""
    risk = report.risk
    if risk is None:
        return ""
    words = {"create": "created", "update": "changed", "replace": "replaced", "delete": "gone"}
    words["forget"] = "forgotten"
    actions = ", ".join(f"{number:,} {words.get(name, name)}" for name, number in risk.actions.items())
    because = f", because of {', '.join(risk.policies)}" if risk.policies else ""
    return f"change: {risk.level} risk ({actions}){because}; it asks for {risk.review}"


def checked_line(report: Report) -> str:
    """What was looked at: resources, files, policies and checks, and what could not be read."""
    counts = report.counts
    line = (
        f"checked {count(counts.resources, 'resource')} in {count(counts.files, 'file')} "
        f"against {count(counts.policies, 'policy', 'policies')}: "
        f"{count(counts.evaluated, 'check')} evaluated, {counts.unknown:,} unknown, "
        f"{counts.skipped:,} skipped"
    )
    if counts.unread:
        line += f"; {count(counts.unread, 'file')} not read"
    if counts.templates:
        line += f"; {count(counts.templates, 'chart template')} not rendered, so not checked"
    if counts.patches:
        line += f"; {count(counts.patches, 'patch', 'patches')} not checked by themselves"
    return line


def unknown_line(report: Report) -> str:
    """The commonest reasons for unknowns, or an empty string."""
    reasons = unknown_reasons(report)
    if not reasons:
        return ""
    line = "commonest unknowns: " + ", ".join(
        f"{clean(reason)} ({number:,})" for reason, number in reasons[:COMMONEST]
    )
    rest = sum(number for _, number in reasons[COMMONEST:])
    return f"{line}, others ({rest:,})" if rest else line


def _unread(report: Report) -> str:
    internal = sum(error.kind == "internal" for error in report.errors)
    unread = len(report.errors) - internal
    parts = []
    if unread:
        files = len({error.path for error in report.errors if error.kind != "internal"})
        parts.append(f"{count(files, 'file')} could not be read in full")
    if internal:
        parts.append(f"{count(internal, 'check')} failed with an internal error")
    return " and ".join(parts)


def _gate(report: Report) -> str:
    gating = report.gating
    unknown = sum(finding.status == "unknown" for finding in gating)
    text = f"{count(len(gating), 'finding')} at or above {_limit(report, gating)}"
    if report.comparison is not None:
        text += f" that `{clean(report.comparison.base)}` has not"
    return f"{text}, {unknown:,} of them unknown (--unknown fail)" if unknown else text


def _limit(report: Report, findings: Iterable[Finding], more: str = "the gates of their paths") -> str:
    """The gate of some findings; `more` where it is another one for some paths."""
    limits = {finding.gates_at or report.fail_on for finding in findings} or {report.fail_on}
    return f"the gate `{limits.pop()}`" if len(limits) == 1 else more


def _passed_limit(report: Report) -> str:
    """The gate below which all findings are."""
    failing = [finding for finding in report.findings if finding.status == "fail"]
    return _limit(report, failing, "the gate of its path")


def _passed(report: Report) -> str:
    statuses = status_counts(report)
    if report.empty:
        return "nothing to check, which --allow-empty accepts"
    advisory = report.advisory
    if advisory:
        days = sorted({finding.advisory_until or "" for finding in advisory})
        are = "is" if len(advisory) == 1 else "are"
        return (
            f"passed: {count(len(advisory), 'finding')} at or above {_limit(report, advisory)} {are} "
            f"advisory until {days[0]}" + (" and later" if len(days) > 1 else "")
        )
    if report.comparison is not None:
        return _passed_against(report, clean(report.comparison.base))
    if statuses["fail"]:
        return f"passed: no finding at or above {_passed_limit(report)}"
    let_pass = [f"{statuses[status]:,} {status}" for status in LET_PASS if statuses[status]]
    if let_pass and not statuses["unknown"]:
        return f"passed: no findings but what is let pass ({', '.join(let_pass)})"
    if report.counts.evaluated + report.counts.unknown == 0:
        return f"passed: no check applies to {count(report.counts.resources, 'resource')}"
    if statuses["unknown"]:
        return "passed: no finding that is certain"
    return "passed: no findings"


def _passed_against(report: Report, base: str) -> str:
    """What a passed run against a base revision may say: what that one has too may be at the gate."""
    failing = [finding for finding in report.findings if finding.status == "fail"]
    if any(finding.compared != "unchanged" for finding in failing):
        text = f"passed: no finding at or above {_passed_limit(report)} that `{base}` has not"
    else:
        text = f"passed: no finding that `{base}` has not"
    unchanged = sum(finding.compared == "unchanged" for finding in failing)
    return f"{text}; {unchanged:,} that it has too" if unchanged else text


def verdict(report: Report, exit_zero: bool = False) -> tuple[bool, str]:
    """Whether the run is green, and one sentence that says why its exit status is what it is."""
    status = exit_status(report, exit_zero)
    hint = ""
    if status == 1:
        text = f"failed: {_gate(report)}"
        if report.errors:
            text += f"; besides, {_unread(report)}"
    elif status == 3 and report.errors:
        text = f"incomplete: {_unread(report)}"
        if report.empty:
            text += ", and nothing else was there to check"
    elif status == 3:
        text = (
            f"nothing to check: no Terraform or Kubernetes resource in {count(report.counts.files, 'file')}"
        )
        if report.counts.ignored_files:
            text += f" ({count(report.counts.ignored_files, 'other')} looked at)"
        if report.counts.templates:
            text += f"; {count(report.counts.templates, 'chart template')} not rendered"
        if report.counts.patches:
            text += f"; {count(report.counts.patches, 'patch', 'patches')} are no whole objects"
        hint = "; --allow-empty accepts that"
    elif report.gating:
        text = f"{_gate(report)}, forgiven by --exit-zero"
    else:
        text = _passed(report)
    return status == 0, f"{text} (exit status {status}{hint})"


def summary_lines(report: Report, options: RenderOptions) -> list[str]:
    """The summary without the verdict, as sentences."""
    lines = [
        findings_line(report, options.show_suppressed, options.show_unchanged),
        fixed_line(report),
        risk_line(report),
        checked_line(report),
        unknown_line(report),
    ]
    return [line for line in lines if line]


def one_line(report: Report, options: RenderOptions) -> str:
    """What was found and looked at, and the verdict, on one line."""
    found = findings_line(report, options.show_suppressed, options.show_unchanged)
    lines = [
        found,
        fixed_line(report),
        risk_line(report),
        checked_line(report),
        verdict(report, options.exit_zero)[1],
    ]
    return ". ".join(line for line in lines if line)


def statistics(report: Report, options: RenderOptions) -> list[tuple[int, str, str, str, str]]:
    """(number, severity, status, policy, title) of the listed findings, most frequent first."""
    findings = chosen(report, options)
    counter = Counter((f.severity, f.status, f.policy, f.title) for f in findings)
    rows = [(number, *key) for key, number in counter.items()]
    return sorted(rows, key=lambda row: (-row[0], SEVERITIES.index(row[1]), row[3], row[2], row[4]))
