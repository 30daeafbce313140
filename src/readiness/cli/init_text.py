"""What `readiness init` tells: what it found, what it writes, and what became of other tools' skips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from readiness.outputs.terminal import clean, clean_path, text_width

if TYPE_CHECKING:
    from readiness.onboarding.model import Found, Plan, Row
    from readiness.onboarding.plan import Recorded

_OUTCOMES = {
    "ignored": "ignored",
    "waived": "waived",
    "honoured": "honoured as it is",
    "rewritten": "rewritten",
    "expired": "expired",
    "unknown": "not known",
    "left": "not taken over",
}


def lines(plan: Plan, dry_run: bool) -> Iterator[str]:
    """The report for people."""
    yield "found"
    yield from _table(list(_found(plan.found)))
    yield ""
    yield "would write" if dry_run else "files"
    rows = [[file.action, clean_path(file.path), file.what] for file in plan.files]
    if plan.baseline:
        rows.append(["record", plan.baseline, "the findings of today"])
    yield from _table(rows)
    if plan.rows:
        yield ""
        yield "what other tools leave out"
        yield from _table([_row(row) for row in plan.rows])
    for file in plan.files:
        if file.action == "print" and file.text:
            yield ""
            yield f"{clean_path(file.path)}: {file.what}:"
            yield from (f"    {clean(line)}".rstrip() for line in file.text.rstrip("\n").split("\n"))
    if plan.todo:
        yield ""
        yield "to do"
        yield from (f"  * {clean(line)}" for line in plan.todo)


def _found(found: Found) -> Iterator[list[str]]:
    counts = {
        "Terraform": _several(len(found.roots), "root", found.platforms.get("terraform", 0), "resource"),
        "Kubernetes": _several(found.platforms.get("kubernetes", 0), "object"),
        "Helm": _several(len(found.charts), "chart"),
        "Kustomize": _several(len(found.overlays), "kustomization"),
        "operations": _several(found.platforms.get("observability", 0), "file or object"),
        "environments": ", ".join(found.environments),
    }
    yield from ([name, clean(text)] for name, text in counts.items() if text)
    for fact in ("owner", "service", "tier", "environment"):
        keys = [key for key in found.keys if key.fact == fact][:4]
        if keys:
            yield [fact, clean(", ".join(_key(key.kind, key.name, key.resources, key.read) for key in keys))]
    if found.codeowners:
        yield ["owners", found.codeowners]
    ci = [*found.ci, *(["pre-commit"] if found.hooks else [])]
    if ci:
        yield ["CI", ", ".join(ci)]
    if found.peers.files:
        tools = (f"{tool} ({', '.join(paths)})" for tool, paths in sorted(found.peers.files.items()))
        yield ["other tools", clean(", ".join(tools))]
    if not found.platforms and not found.charts:
        yield ["nothing", "that readiness checks yet"]


def _key(kind: str, name: str, number: int, read: bool) -> str:
    return f"{kind} {name} ({number:,}{'' if read else '; not read as such'})"


def _several(*counts: int | str) -> str:
    parts = []
    for number, noun in zip(counts[::2], counts[1::2], strict=True):
        if isinstance(number, int) and number:
            parts.append(f"{number:,} {noun}" + ("" if number == 1 else "s"))
    return ", ".join(parts).replace("file or objects", "files or objects")


def _row(row: Row) -> list[str]:
    policies = ", ".join(row.policies) or ("every policy of the tool" if row.outcome == "honoured" else "")
    outcome = _OUTCOMES[row.outcome]
    if row.where and row.outcome in ("ignored", "waived"):
        outcome += f" in {row.where}"
    said = "; ".join(text for text in (policies, row.why) if text)
    tool, _, name = row.id.partition(":")
    shown = name if tool in ("kube-linter", "kube-score", "polaris") else row.id
    return [row.tool, clean(shown), f"{clean_path(row.path)}:{row.line}", clean(outcome), clean(said)]


def _table(rows: list[list[str]]) -> Iterator[str]:
    if not rows:
        yield "  nothing"
        return
    wide = [max(text_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell + " " * (wide[i] - text_width(cell)) for i, cell in enumerate(row[:-1])]
        yield f"  {'  '.join([*cells, row[-1]])}".rstrip()


def diff_of(plan: Plan) -> str:
    """What would be written as a diff for `git apply`."""
    from readiness.fixes.diff import unified

    parts = []
    for file in sorted(plan.changed, key=lambda one: one.path):
        text = unified({file.path: file.was or ""}, {file.path: file.text or ""})
        if file.was is None:
            text = "--- /dev/null\n" + text.partition("\n")[2]
        parts.append(text)
    return "".join(parts)


def _counts(recorded: Recorded | None) -> dict[str, int | None]:
    """What a baseline has; nothing is known of it before it is made."""
    if recorded is None:
        return {"findings": None, "locked": None}
    return {"findings": recorded.findings, "locked": recorded.locked}


def document(plan: Plan, dry_run: bool, recorded: Recorded | None) -> dict[str, Any]:
    """The report for machines."""
    found = plan.found
    data: dict[str, Any] = {
        "schema_version": 1,
        "dry_run": dry_run,
        "found": {
            "terraform_roots": found.roots,
            "charts": found.charts,
            "kustomizations": found.overlays,
            "resources": found.platforms,
            "environments": found.environments,
            "keys": [to_builtins(key) for key in found.keys],
            "clusters": [to_builtins(cluster) for cluster in found.clusters],
            "codeowners": found.codeowners,
            "ci": found.ci,
            "pre_commit": found.hooks,
            "other_tools": found.peers.files,
        },
        "files": [
            {"path": file.path, "action": file.action, "what": file.what, "text": file.text}
            for file in plan.files
        ],
        "baseline": None if plan.baseline is None else {"path": plan.baseline, **_counts(recorded)},
        "skips": [to_builtins(row) for row in plan.rows],
        "todo": plan.todo,
        "notes": [to_builtins(note) for note in [*found.peers.notes, *found.unread]],
    }
    if dry_run:
        data["diff"] = diff_of(plan)
    return data
