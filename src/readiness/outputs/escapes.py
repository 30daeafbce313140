"""Text from a repository inside HTML, XML, Markdown and CSV: it is shown, and nothing of it is obeyed.

Terminals and workflow commands have theirs in `terminal.py` and `github.py`.  All begin with `clean`: one
line, controls and marks that reorder or hide text made visible.
"""

from __future__ import annotations

import re

from readiness.outputs.terminal import clean

_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_XML_SPECIAL = re.compile("[&<>\"']")
# Code points that are no characters of XML 1.0 and that `clean` leaves: https://www.w3.org/TR/xml/#charsets
_XML_ILLEGAL = re.compile("[\ufffe\uffff]")

# Every sign that begins something in GitHub's Markdown inside a line, as an entity: it is shown, never read.
_MARKS = re.compile(r"[&<>\\`*\[\]#|~$]|(?<![^\W_])_|_(?![^\W_])")
_BREAK = "&#8203;"
# GitHub looks for mentions, issues and addresses in the text that is left when entities are resolved, so
# an entity does not help; a character of no width behind their first sign does.
_LINKS = re.compile(
    r"@(?=[\w-])|&#35;(?=\d)|\b[Gg][Hh]-(?=\d)|(?<=:)(?=//)|\b[Ww]{3}(?=\.)|\b(?:mailto|xmpp):(?=\S)"
)

_WEB = re.compile(r"https?://[^\s<>\"'`|\\()\[\]]+")

# The wide forms count too: spreadsheets of East Asian locales read them as the narrow ones.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def is_web_address(text: str) -> bool:
    """Whether a text is an address of the web that needs no escaping anywhere."""
    return _WEB.fullmatch(text) is not None and text.isprintable()


def html_text(text: str) -> str:
    """Text on one line, for the content and the quoted attributes of HTML."""
    return _XML_SPECIAL.sub(lambda match: _XML[match[0]], clean(text))


def html_shown(text: str) -> str:
    """Text that is already what may be shown (an excerpt), for the content of HTML: blanks are kept."""
    return _XML_SPECIAL.sub(lambda match: _XML[match[0]], text)


def xml_text(text: str) -> str:
    """Text on one line, for the content and the quoted attributes of XML 1.0."""
    return _XML_ILLEGAL.sub("\ufffd", html_text(text))


def markdown_text(text: str) -> str:
    """Text inside a line of GitHub's Markdown, in tables as well: no markup, links, mentions or references.

    It must not begin a line, where a dash would begin a list.
    """
    marked = _MARKS.sub(lambda match: f"&#{ord(match[0])};", clean(text))
    return _LINKS.sub(lambda match: match[0] + _BREAK, marked)


def markdown_code(text: str) -> str:
    """Text on one line as code, in tables as well; nothing in code is a link, a mention or a reference."""
    line = clean(text).strip()
    if not line:
        return ""
    if "`" in line or "|" in line:
        # A span of code would end at the one, and a cell of a table at the other.
        return f"<code>{markdown_text(line)}</code>"
    return f"`{line}`"


def markdown_inline(text: str) -> str:
    """Text inside a line as `markdown_text`, but what stands between two backticks is code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        return markdown_text(text)
    return "".join(
        markdown_code(part) if index % 2 else markdown_text(part) for index, part in enumerate(parts)
    )


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    line = clean(text)
    return f"'{line}" if line.lstrip()[:1] in _FORMULA else line
