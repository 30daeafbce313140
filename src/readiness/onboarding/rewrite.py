"""Comments for Checkov, Trivy and tfsec → `# readiness:ignore`, where that means the same.

A comment of Checkov counts for the block around it, ours for what begins below: it is written above the
block.  Whether each finding is let pass as before is held against the policies; what is not so is taken back.
Annotations are left: they are part of objects, and changing them changes what runs.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct, field

from readiness.engine.model import Report
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.onboarding.names import Aliases
from readiness.onboarding.texts import one_line
from readiness.sources.comments import Comment
from readiness.sources.exceptions import Request, parse_comment

_TOOLS = {"checkov": "Checkov", "trivy": "Trivy", "tfsec": "tfsec"}
_MARKER = re.compile(r"(?:checkov|bridgecrew):skip=|(?:trivy|tfsec):ignore:")
_START = re.compile(r"(#|//)[ \t]*(?=(?:checkov|bridgecrew):skip=|(?:trivy|tfsec):ignore:)")

Look = Callable[[Mapping[str, str]], Report]


class Rewriting(Struct):
    """New texts by path, and the comments (path and line) that are rewritten in them."""

    texts: dict[str, str] = field(default_factory=dict)
    done: set[tuple[str, int]] = field(default_factory=set)


class _Edits(Struct):
    """Changes of the lines of one text, by line from 1."""

    replaced: dict[int, str | None] = field(default_factory=dict)
    above: dict[int, list[str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)


def rewrite(
    loaded: Loaded,
    aliases: Aliases,
    look: Look,
    today: datetime.date,
    among: Collection[str] | None = None,
) -> Rewriting:
    """Rewrite what can be, `among` some files only.

    `look` gives the report of the repository with texts in place of its files.
    """
    made = Rewriting()
    blocks = _blocks(loaded)
    for path, comments in loaded.sources.comments.items():
        text = loaded.sources.texts.get(path, "")
        if path in loaded.context or "\r" in text or (among is not None and path not in among):
            continue
        edits = _edits(text.split("\n"), comments, blocks.get(path, []), aliases, today)
        if edits.done:
            made.texts[path] = _applied(text.split("\n"), edits)
            made.done |= {(path, line) for line in edits.done}
    return _held(made, look) if made.texts else made


def _held(made: Rewriting, look: Look) -> Rewriting:
    """Without the files in which a finding is no longer let pass as before, or another is."""
    before = _statuses(look({}))
    while made.texts:
        after = _statuses(look(made.texts))
        different = {
            place[0] for place in before.keys() | after.keys() if before.get(place) != after.get(place)
        }
        if not different:
            break
        for path in different & made.texts.keys() or set(made.texts):
            del made.texts[path]
            made.done = {place for place in made.done if place[0] != path}
    return made


def _statuses(report: Report) -> dict[tuple[str, str], str]:
    """What became of each finding, by its path and fingerprint; findings about ignores themselves aside."""
    return {
        (finding.span.path, finding.fingerprint): finding.status
        for finding in report.findings
        if finding.subject.type != "ignore"
    }


def _blocks(loaded: Loaded) -> dict[str, list[Resource]]:
    """The blocks and objects by the file that they are written in."""
    found: dict[str, list[Resource]] = {}
    for resource in loaded.estate.resources:
        if resource.platform != "repository" and not resource.scattered and resource.inside is None:
            found.setdefault(resource.span.path, []).append(resource)
    return found


def _edits(
    lines: list[str],
    comments: Iterable[Comment],
    blocks: list[Resource],
    aliases: Aliases,
    today: datetime.date,
) -> _Edits:
    edits = _Edits()
    for comment in comments:
        request = parse_comment(comment.text)
        if request is None or request.form not in _TOOLS or request.expired(today):
            continue
        own = _own(comment.text, request, aliases)
        line = lines[comment.line - 1]
        if own is None or line[comment.column - 1 :] != comment.text:
            continue
        before = line[: comment.column - 1]
        if not request.around:
            edits.replaced[comment.line] = before + own
        elif not _move(comment.line, before, own, lines, blocks, edits):
            continue
        edits.done.add(comment.line)
    return edits


def _own(text: str, request: Request, aliases: Aliases) -> str | None:
    """A comment in our form; None where it cannot say the same."""
    start = _START.match(text)
    if start is None or len(_MARKER.findall(text)) > 1 or "\n" in text:
        return None
    policies: list[str] = []
    for id_ in sorted(request.ids):
        known = aliases.in_place(_TOOLS[request.form], id_)
        if not known:
            return None
        policies += known
    names = tuple(dict.fromkeys(policies))
    reason = one_line(request.reason or "").strip("\"'").strip(" ,") or None
    own = f"{start[1]} readiness:ignore {', '.join(names)}"
    if reason is not None:
        own += f" reason: {reason}"
    if request.until is not None:
        own += f", until {request.until}"
    back = parse_comment(own)
    same = back is not None and (set(back.ids), back.reason, back.until) == (
        set(names),
        reason,
        request.until,
    )
    return own if same else None


def _move(
    number: int, before: str, own: str, lines: list[str], blocks: list[Resource], edits: _Edits
) -> bool:
    """Write a comment above the block that it stands in; False where that is not certain."""
    inside = [block for block in blocks if block.span.line <= number <= block.span.end_line]
    if not inside:
        target = _next_code(lines, number)
        if before.strip() or not any(block.span.line == target for block in blocks):
            return False
        edits.replaced[number] = before + own
        return True
    top = max(block.span.line for block in inside)
    head = next(block.span for block in inside if block.span.line == top)
    indent = lines[top - 1][: head.column - 1]
    if indent.strip():
        return False
    edits.above.setdefault(top, []).append(indent + own)
    edits.replaced[number] = before.rstrip() if before.strip() else None
    return True


def _next_code(lines: list[str], number: int) -> int:
    for index in range(number, len(lines)):
        text = lines[index].strip()
        if text and not text.startswith(("#", "//")):
            return index + 1
    return number


def _applied(lines: list[str], edits: _Edits) -> str:
    made: list[str] = []
    for number, line in enumerate(lines, 1):
        made += edits.above.get(number, [])
        new = edits.replaced.get(number, line)
        if new is not None:
            made.append(new)
    return "\n".join(made)
