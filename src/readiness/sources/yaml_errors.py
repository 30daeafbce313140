"""Messages of the YAML parser, said so that a person can act on them."""

from __future__ import annotations

import re

from readiness.sources.yaml_model import Problem

_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_COLON = (
    "a `key: value` pair is not allowed here; either the indentation differs from the lines above, "
    "or an unquoted value contains `: ` and must be quoted"
)
# What libyaml and PyYAML's own parser say, and what to say instead.
_MESSAGES = (
    (r"mapping values are not allowed", _COLON),
    (
        r"could not find expected ':'",
        "a key without a `:`; the text may belong to the value above and be indented too little",
    ),
    (
        r"did not find expected '-' indicator|expected <block end>.* while parsing a block collection",
        "expected a `- ` item here; check the indentation of the list",
    ),
    (
        r"did not find expected key|expected <block end>",
        "expected a key here; check the indentation and the quotes",
    ),
    (r"expected ',' or ']'", "expected `,` or `]`"),
    (r"expected ',' or '}'", "expected `,` or `}`"),
    (r"did not find expected node content|expected the node content", "a value is missing here"),
    (
        r"sequence entries are not allowed",
        "a `- ` item is not allowed here; put it on a line of its own below its key",
    ),
    (
        r"found unknown escape character",
        "unknown escape sequence in double quotes; write `\\\\` for a backslash or use single quotes",
    ),
    (r"found undefined tag handle", "the tag uses a handle that no %TAG directive declares"),
    (r"found unexpected document indicator", "the document ends before the quoted text does"),
    (r"expected '?<document start>", "unexpected text after the end of the document"),
    (r"found incompatible YAML document", "this version of YAML is not supported; only 1.1 and 1.2 are"),
    (
        r"expected (a )?comment or (a )?line break",
        "the first line of a block text (after `|` or `>`) must be empty; start the text on the next line",
    ),
)
_TAB = "a tab is used for indentation; YAML allows only spaces there"


def describe(error: Exception, text: str, first_line: int) -> Problem:
    """Explain an exception of PyYAML raised while it read `text`, which starts on `first_line`."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _unreadable(error, text, first_line)
    problem = str(getattr(error, "problem", None) or "the text is not valid YAML")
    context = getattr(error, "context_mark", None)
    if problem == "found unexpected end of stream" and context is not None:
        message = "the quote opened here is never closed"
        return Problem(first_line + context.line, context.column + 1, message)
    lines = text.split("\n")
    row = min(mark.line, len(lines) - 1)
    message = _message(f"{problem} {getattr(error, 'context', '')}", problem, lines[row], mark.column)
    if context is not None and context.line < mark.line and message != _TAB:
        message += f" (inside what starts on line {first_line + context.line})"
    return Problem(first_line + row, mark.column + 1, message)


def _message(facts: str, problem: str, line: str, column: int) -> str:
    indentation = line[: len(line) - len(line.lstrip())]
    found = line[column : column + 1]
    if "\t" in indentation or found == "\t":
        return _TAB
    if "that cannot start any token" in problem:
        return f"a value cannot start with `{found}`; put it in quotes"
    return next((message for pattern, message in _MESSAGES if re.search(pattern, facts)), problem)


def _unreadable(error: Exception, text: str, first_line: int) -> Problem:
    match = _NOT_ALLOWED.search(text)
    if match is None:
        return Problem(first_line, 1, f"the text is not valid YAML: {' '.join(str(error).split())}")
    start = match.start()
    code = ord(match.group())
    kind = "the surrogate" if 0xD800 <= code < 0xE000 else "the control character"
    line_start = text.rfind("\n", 0, start) + 1
    return Problem(
        first_line + text.count("\n", 0, start),
        start - line_start + 1,
        f"{kind} U+{code:04X} is not allowed in YAML",
    )
