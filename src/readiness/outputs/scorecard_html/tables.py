"""Links and tables of the overview, as HTML."""

from __future__ import annotations

from urllib.parse import urlencode

from readiness.outputs.escapes import html_text


def link(page: str, text: str, **filters: str | int) -> str:
    """A link to a page of the report; `text` is HTML already."""
    query = f"?{urlencode(filters)}" if filters else ""
    return f'<a href="#/{html_text(page + query)}">{text}</a>'


def table(title: str, caption: str, heads: str, body: str) -> str:
    """A section with a table that scrolls by itself where the window is narrow."""
    return (
        f'<section><h2>{title}</h2><div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table><caption class="vh">{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def head(name: str, kind: str = "num") -> str:
    """The head of a column of some kind: numbers, where nothing else is said."""
    of_kind = f' class="{kind}"' if kind else ""
    return f'<th scope="col"{of_kind}>{html_text(name)}</th>'


def spare_head(name: str) -> str:
    """The head of a column that says nothing new, and is not there on a phone."""
    return f'<th scope="col" class="spare"><span class="vh">{name}</span></th>'
