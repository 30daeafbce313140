"""What a runbook says of itself: headings and the anchors that links may name, review date, owner.

Sources: the rules of GitHub for the anchors of headings
(https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links,
as in https://github.com/Flet/github-slugger), CommonMark for headings and code blocks
(https://spec.commonmark.org/0.31.2/), and of AsciiDoc its titles and ids
(https://docs.asciidoctor.org/asciidoc/latest/sections/auto-ids/).
"""

from __future__ import annotations

import datetime
import html
import re
import unicodedata

from msgspec import Struct, field

MARKDOWN = (".md", ".markdown", ".mdx", ".mkd")
ASCIIDOC = (".adoc", ".asciidoc", ".asc")
HTML = (".html", ".htm")

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_NO_PARAGRAPH = re.compile(r" {0,3}(#{1,6}([ \t]|$)|>|[-*+]([ \t]|$)|\d+[.)]([ \t]|$)|\|)|( {4}|\t)")
_TITLE = re.compile(r"={1,6}[ \t]+(.+?)[ \t]*$")
_ANCHOR = re.compile(r"""<[a-zA-Z][^<>]*?\s(?:id|name)\s*=\s*["']?([^"'\s<>]+)""")
_GIVEN = re.compile(r"[ \t]*\{[^{}]*?#([\w.:-]+)[^{}]*\}[ \t]*$")
_BLOCK_ID = re.compile(r"\[\[([^\],]+)[^\]]*\]\]|\[#([\w.:-]+)[^\]]*\]")
_DAY = r"(\d{4}-\d{2}-\d{2})"
_REVIEWED = re.compile(
    r"^[\s|>*_-]*(?:last[ _-])?(?:reviewed|review|review date|updated|verified)\b[\s*_|:.]*(?:on[\s:]+)?"
    + _DAY,
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"^[\s|>*_-]*(?:owner|owners|owned by|team|maintainer|maintainers)[\s*_]*[|:][\s*_|:]*(\S.*)$", re.I
)
_FRONT = re.compile(r"([A-Za-z][\w -]*?)[ \t]*[:=][ \t]*(.*?)[ \t]*$")
_REVIEW_KEYS = ("last_reviewed", "reviewed", "review_date", "last_review", "last_updated", "updated", "date")
_OWNER_KEYS = ("owner", "owners", "team", "maintainer", "maintainers", "owned_by")
_ATTRIBUTES = ("last_reviewed", "revdate", "reviewed", "owner", "author")


class Document(Struct):
    """A text document: `headings` as they are read, `anchors` that a link may name.

    `reviewed` is the day that the document itself says, `owner` who it says owns it.
    """

    headings: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    reviewed: datetime.date | None = None
    owner: str | None = None


def read_document(text: str, name: str) -> Document | None:
    """A document by the end of its name; None for a format whose headings are not understood."""
    lower = name.lower()
    if lower.endswith(MARKDOWN):
        return _markdown(text)
    if lower.endswith(ASCIIDOC):
        return _asciidoc(text)
    if lower.endswith(HTML):
        return Document(anchors={html.unescape(found) for found in _ANCHOR.findall(text)})
    return None


def has_anchor(document: Document, fragment: str) -> bool:
    """Whether a fragment (decoded, without `#`) leads to a place in a document.

    GitLab, Bitbucket and generators of sites join hyphens where GitHub keeps each, so hyphens in a row count
    as one, and so do upper and lower case: what differs in no more than that is not called missing.
    """
    wanted = _plain(fragment)
    return wanted in ("", "top") or any(_plain(anchor) == wanted for anchor in document.anchors)


def _plain(anchor: str) -> str:
    text = anchor.casefold().removeprefix("user-content-").removeprefix("markdown-header-")
    return re.sub(r"-+", "-", text).strip("-")


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading, before it is made unique."""
    kept = [c for c in heading.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(kept).replace(" ", "-")


def slugs(headings: list[str]) -> list[str]:
    """The anchors of headings in their order; a second `setup` is `setup-1`."""
    seen: dict[str, int] = {}
    found = []
    for heading in headings:
        base = anchor = slug(heading)
        while anchor in seen:
            seen[base] += 1
            anchor = f"{base}-{seen[base]}"
        seen[anchor] = 0
        found.append(anchor)
    return found


def _markdown(text: str) -> Document:
    document = Document()
    lines = text.removeprefix("\ufeff").splitlines()
    start = _front_matter(lines, document)
    fence, before, given = "", "", set[str]()
    for line in lines[start:]:
        match = _FENCE.match(line)
        if fence:
            if match and match[1].startswith(fence) and not match[2].strip():
                fence = ""
            continue
        if match:
            fence, before = match[1], ""
            continue
        given.update(html.unescape(found) for found in _ANCHOR.findall(line))
        heading = _ATX.match(line)
        if heading:
            _heading(heading[2] or "", document, given)
            before = ""
            continue
        if before and _SETEXT.match(line):
            _heading(before, document, given)
            before = ""
            continue
        _said(line, document)
        before = "" if not line.strip() or _NO_PARAGRAPH.match(line) else line.strip()
    document.anchors = {*slugs(document.headings), *given}
    return document


def _heading(text: str, document: Document, given: set[str]) -> None:
    own = _GIVEN.search(text)
    if own:
        given.add(own[1])
        text = text[: own.start()]
    document.headings.append(_rendered(text))


def _rendered(text: str) -> str:
    """The text of a heading as it is shown: without links, emphasis, tags and the marks of code."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = re.sub(r"<[^<>]+>", "", text)
    text = re.sub(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", text)
    return html.unescape(re.sub(r"`+", "", text)).replace("\\", "").strip()


def _front_matter(lines: list[str], document: Document) -> int:
    """Read what stands between `---` (or `+++`) at the top; the index of the first line after it."""
    if not lines or lines[0].rstrip() not in ("---", "+++"):
        return 0
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == lines[0].rstrip()), None)
    if end is None:
        return 0
    said: dict[str, str] = {}
    for line in lines[1:end]:
        match = _FRONT.match(line)
        if match:
            said.setdefault(
                match[1].strip().lower().replace("-", "_").replace(" ", "_"), match[2].strip("\"' ")
            )
    said.update({"last_reviewed": said["lastreviewed"]} if "lastreviewed" in said else {})
    document.reviewed = next((d for key in _REVIEW_KEYS if (d := _day(said.get(key, "")[:10]))), None)
    document.owner = next((said[key] for key in _OWNER_KEYS if said.get(key)), None)
    return end + 1


def _said(line: str, document: Document) -> None:
    """A line that says when the document was reviewed, or who owns it."""
    if document.reviewed is None:
        match = _REVIEWED.match(line)
        if match:
            document.reviewed = _day(match[1])
    if document.owner is None:
        owned = _OWNED.match(line)
        if owned:
            document.owner = owned[1].strip(" |*_") or None


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _asciidoc(text: str) -> Document:
    document = Document()
    given: set[str] = set()
    block = ""
    for line in text.removeprefix("\ufeff").splitlines():
        if re.fullmatch(r"(-{4,}|\.{4,}|/{4,}|\+{4,})[ \t]*", line):
            block = "" if block == line.strip() else block or line.strip()
            continue
        if block:
            continue
        given.update(one or other for one, other in _BLOCK_ID.findall(line))
        title = _TITLE.match(line)
        if title:
            document.headings.append(_rendered(title[1]))
            continue
        attribute = re.match(r":([\w-]+):[ \t]*(.*)$", line)
        if attribute and attribute[1].lower().replace("-", "_") in _ATTRIBUTES:
            _asciidoc_attribute(attribute[1].lower().replace("-", "_"), attribute[2].strip(), document)
        else:
            _said(line, document)
    own = {
        "_" + re.sub(r"[ .-]+", "_", slug(title).replace("-", " ")).strip("_") for title in document.headings
    }
    document.anchors = {*slugs(document.headings), *own, *given}
    return document


def _asciidoc_attribute(name: str, value: str, document: Document) -> None:
    if name in ("owner", "author"):
        document.owner = document.owner or value or None
    else:
        document.reviewed = document.reviewed or _day(value[:10])
