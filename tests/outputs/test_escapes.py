"""Nothing from a checked repository is obeyed by what reads a report."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from sample_reports import OPTIONS, finding

from readiness.engine.model import Allowance, Comparison, Counts, Origin, Report
from readiness.errors import SourceError
from readiness.outputs import render
from readiness.outputs.escapes import (
    csv_cell,
    html_text,
    is_web_address,
    markdown_code,
    markdown_inline,
    markdown_text,
    xml_text,
)
from readiness.values import Span

OWN_LINKS = ("https://a.example/", "https://docs.aws.amazon.com/")
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</details></summary></pre></code></li><h1>",
    "<!-- x --> <![CDATA[ ]]> &amp; &#64;",
    "a | b || c",
    "`code` ``` ~~~ `",
    "![x](https://evil.example/x.png) [y](javascript:alert(1))",
    "@acme/team @octocat fixes #123 GH-45 acme/shop#6",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "# heading\n- item\n\n> quote\n\n***\n| a |\n| - |",
    "**bold** _em_ ~~gone~~ $x$ \\",
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "]]></failure></testsuite>\ufffe\x00\x1b[31m",
    "::error::x ##vso[task.complete]",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@octocat", "@&#8203;octocat"),
        ("fixes #12, acme/shop#3", "fixes &#35;&#8203;12, acme/shop&#35;&#8203;3"),
        ("GH-4 and gh-5", "GH-&#8203;4 and gh-&#8203;5"),
        ("see https://a.example", "see https:&#8203;//a.example"),
        ("www.a.example", "www&#8203;.a.example"),
        ("a|b <i> & `c", "a&#124;b &#60;i&#62; &#38; &#96;c"),
        ("[x](y) ![z](w)", "&#91;x&#93;(y) !&#91;z&#93;(w)"),
        ("snake_case_name and _em_ *b*", "snake_case_name and &#95;em&#95; &#42;b&#42;"),
        ("two\nlines", "two lines"),
        ("a \\| b", "a &#92;&#124; b"),
    ],
)
def test_markdown_text(text: str, expected: str) -> None:
    assert markdown_text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aws_s3_bucket.logs[0]", "`aws_s3_bucket.logs[0]`"),
        ("@octocat #1 <b>", "`@octocat #1 <b>`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        (" \t ", ""),
    ],
)
def test_markdown_code(text: str, expected: str) -> None:
    assert markdown_code(text) == expected


def test_markdown_inline_keeps_pairs_of_backticks() -> None:
    assert markdown_inline("set `acl` to `a|b`, @x") == "set `acl` to <code>a&#124;b</code>, @&#8203;x"
    assert markdown_inline("one ` alone") == "one &#96; alone"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://docs.example.com/a-b?c=d#e", True),
        ("javascript:alert(1)", False),
        ("https://a.example/)[y](https://evil.example", False),
        ("https://a.example/ b", False),
        ("https://a.example/\u202e", False),
        ('https://a.example/"onclick=', False),
    ],
)
def test_addresses_of_the_web(address: str, expected: bool) -> None:
    assert is_web_address(address) is expected


@pytest.mark.parametrize("first", "=+-@\uff1d\uff0b\uff0d\uff20")
def test_no_cell_is_a_formula(first: str) -> None:
    assert csv_cell(f"{first}1+1") == f"'{first}1+1"
    assert csv_cell(f"\t\r {first}1") == f"'{first}1"
    assert csv_cell(f" {first}1") == f"' {first}1"
    assert csv_cell(f"a{first}1") == f"a{first}1"


def test_html_and_xml() -> None:
    assert html_text("<a b='c' d=\"e\">&\n") == "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;"
    assert xml_text("a\x00\ufffe\uffffb") == "a\\x00\ufffd\ufffdb"


def report_of(text: str) -> Report:
    """A report in which a text stands wherever something of a repository or a pack can."""
    span = Span(f"{text}.tf", 1, 1, 1, 5)
    allowance = Allowance("waiver", span, text, text, text, text, text)
    found = [
        finding(
            text,
            span=span,
            address=f"demo.{text}",
            message=text,
            title=text,
            control=text,
            aliases=(text,),
            remediation=f"{text}\n\n```\n{text}\n```\n* {text}\n",
            references=(text, f"https://a.example/{text}"),
            origins=(Origin(text, span),),
            instances=(text, text),
            environments=(text,),
            all_environments=(text, "prod"),
            compared="worsened",
            was=text,
        ),
        finding(text, status="waived", span=span, message=text, reason=text, allowance=allowance),
        finding(text, status="unknown", span=span, message="x", reason=text),
    ]
    report = Report(found, [SourceError(span.path, 1, 1, text)], Counts(files=1, resources=1))
    report.notices = [SourceError(span.path, 0, 0, text, "notice")]
    report.sources = {span.path: f"{text}\n"}
    report.comparison = Comparison(text, text, [found[0]])
    report.counts.unknown_reasons[text] = 1
    return report


class _Page(HTMLParser):
    """The tags of a page and the targets of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def tags_of(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_html_has_only_its_own_tags(text: str) -> None:
    page = tags_of(render("html", report_of(text), OPTIONS))
    plain = tags_of(render("html", report_of("plain"), OPTIONS))
    inert = {"code", "p", "ul", "li", "pre", "h1", "a"}  # what the subset of Markdown in remedies may give
    assert [tag for tag in page.tags if tag not in inert] == [tag for tag in plain.tags if tag not in inert]
    assert page.tags.count("h1") == page.tags.count("script") == 1
    assert page.handlers == []
    assert all(link.startswith(OWN_LINKS) for link in page.links)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_gives_only_its_own_elements(text: str) -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    markdown = render("markdown", report_of(text), OPTIONS)
    page = tags_of(rendered.render(markdown))
    own = {
        "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary",
        "b", "br", "ul", "li",
    }  # fmt: skip
    assert set(page.tags) <= own
    assert page.handlers == []
    assert all(link.startswith(OWN_LINKS) for link in page.links)
    rows = re.findall(r"<tr>(.*?)</tr>", rendered.render(markdown), re.DOTALL)
    assert {len(re.findall("<t[dh]", row)) for row in rows} <= {3, 4, 5}
    outside = re.sub(r"<code>.*?</code>|<a .*?</a>", "", rendered.render(markdown), flags=re.DOTALL)
    told = unescape(re.sub(r"<[^>]*>", "", outside))
    assert not re.search(r"@\w|#\d|\bGH-\d|://|www\.", told)


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_well_formed_and_nothing_is_lost(text: str) -> None:
    root = ElementTree.fromstring(render("junit", report_of(text), OPTIONS))
    assert [child.tag for child in root] == ["testsuite"] * 2
    shown = "".join(root.itertext())
    assert text.split("\n")[0].split("\ufffe")[0].split("##")[0].strip() in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_has_its_columns_and_no_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(render("csv", report_of(text), OPTIONS))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + 3 + 1 + 1
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@")]
