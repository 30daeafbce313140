"""The Markdown of policies as HTML: paragraphs, lists, code.  What is written in HTML is shown as it is."""

from __future__ import annotations

import re

from readiness.outputs.escapes import html_shown, html_text

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"\s*(```|~~~)")
_ITEM = re.compile(r"\s*(?:[*-]|\d+[.)])\s+")


def inline(text: str) -> str:
    """A line with its `code`; everything else is text."""
    out: list[str] = []
    last = 0
    for match in _CODE.finditer(text):
        out += [html_text(text[last : match.start()]), f"<code>{html_text(match[1])}</code>"]
        last = match.end()
    return "".join([*out, html_text(text[last:])])


def blocks(markdown: str) -> str:
    """A text of several paragraphs."""
    out: list[str] = []
    lines: list[str] = []
    items: list[str] = []
    code: list[str] | None = None

    def close() -> None:
        if lines:
            out.append(f"<p>{inline(' '.join(lines))}</p>")
        if items:
            out.append("<ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>")
        lines.clear()
        items.clear()

    for line in markdown.strip().split("\n"):
        if _FENCE.match(line):
            if code is None:
                close()
                code = []
            else:
                out.append(_code(code))
                code = None
        elif code is not None:
            code.append(line)
        elif not line.strip():
            close()
        elif item := _ITEM.match(line):
            if lines:
                close()
            items.append(line[item.end() :])
        elif items:
            items[-1] += " " + line.strip()
        else:
            lines.append(line.strip().lstrip("#").strip())
    if code:
        out.append(_code(code))
    close()
    return "".join(out)


def _code(lines: list[str]) -> str:
    from readiness.outputs.terminal import shown

    text = "\n".join("".join(shown(char)[0] for char in line.replace("\t", "    ")) for line in lines)
    return f"<pre><code>{html_shown(text)}</code></pre>"
