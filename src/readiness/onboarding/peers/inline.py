"""Requests of other tools that stand in the code: comments and annotations.

Those that `readiness.sources.exceptions` reads are honoured as they are.  Of tools whose checks mean nothing
here they are told.  Sources of the forms:
https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/annotations.md,
https://docs.kics.io/latest/running-kics/ and https://runterrascan.io/docs/usage/in-file_instrumentation/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.estate.build import Loaded
from readiness.onboarding.model import Skip
from readiness.sources.comments import Comment
from readiness.sources.exceptions import parse_comment

_TOOLS = {
    "checkov": "Checkov",
    "trivy": "Trivy",
    "tfsec": "tfsec",
    "kube-linter": "kube-linter",
    "kube-score": "kube-score",
    "polaris": "Polaris",
}
_MARKERS = re.compile(r"(?:checkov|bridgecrew):skip=|(?:trivy|tfsec):ignore:")
_NUMBERED = re.compile(r"[a-z]{2,5}-?[0-9]{3,4}")
_FOREIGN = (
    ("TFLint", re.compile(r"(?:#|//)[ \t]*(tflint-ignore(?:-file)?:[^\n#]*)")),
    ("KICS", re.compile(r"(?:#|//)[ \t]*(kics-scan[ \t]+[^\n]*)")),
    ("Terrascan", re.compile(r"#[ \t]*(ts:skip=[^\n]*)")),
)
SEVERAL = "it holds several requests, of which only the first is honoured: write one comment for each"


def inline_skips(loaded: Loaded) -> list[Skip]:
    """The requests of other tools in the files of a run, in their order."""
    found: list[Skip] = []
    for path, comments in loaded.sources.comments.items():
        if path not in loaded.context:
            found += [skip for comment in comments for skip in _comment(path, comment)]
    for resource in loaded.estate.of_type("ignore"):
        form = resource.body["form"]
        span = resource.header
        if form in _TOOLS and not _in_a_comment(loaded, span.path, span.line, span.column):
            ids = tuple(_shown(_TOOLS[form], id_) for id_ in resource.body["ids"])
            reason, until = resource.body["reason"], resource.body["until"]
            skip = Skip(_TOOLS[form], ids, span.path, span.line, "annotation", ".", reason, until)
            if span.path not in loaded.context and skip not in found:
                found.append(skip)
    for path, text in loaded.sources.texts.items():
        if path not in loaded.context:
            found += _foreign(path, text)
    return sorted(found, key=lambda skip: (skip.path, skip.line))


def _comment(path: str, comment: Comment) -> Iterator[Skip]:
    request = parse_comment(comment.text)
    if request is None or request.form not in _TOOLS:
        return
    why = SEVERAL if len(_MARKERS.findall(comment.text)) > 1 else None
    tool = _TOOLS[request.form]
    long = "AVD-" if re.search(r":ignore:avd-", comment.text, re.IGNORECASE) else ""
    ids = tuple(long + _shown(tool, id_) for id_ in sorted(request.ids))
    yield Skip(tool, ids, path, comment.line, "comment", ".", request.reason, request.until, why=why)


def _shown(tool: str, id_: str) -> str:
    """An id as its tool writes it; requests have them in lower case."""
    return id_.upper() if tool == "Checkov" or _NUMBERED.fullmatch(id_) else id_


def _in_a_comment(loaded: Loaded, path: str, line: int, column: int) -> bool:
    return any((one.line, one.column) == (line, column) for one in loaded.sources.comments.get(path, ()))


def _foreign(path: str, text: str) -> Iterator[Skip]:
    for tool, pattern in _FOREIGN:
        for match in pattern.finditer(text):
            yield Skip(tool, (match[1].strip(),), path, text.count("\n", 0, match.start()) + 1, "comment")
