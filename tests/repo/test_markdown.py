"""Headings, anchors, owners and review dates of documents."""

from __future__ import annotations

import datetime

import pytest

from readiness.repo.markdown import Document, has_anchor, read_document, slug, slugs


def document(text: str, name: str = "web.md") -> Document:
    found = read_document(text, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("What to do first?", "what-to-do-first"),
        ("Impact & scope", "impact--scope"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("1. Check `kubectl`", "1-check-kubectl"),
        ("C++/C#", "cc"),
        ("Über uns", "über-uns"),
        ("日本語", "日本語"),
        ("50 % done", "50--done"),
    ],
)
def test_slug(heading: str, expected: str) -> None:
    assert slug(heading) == expected


def test_the_same_heading_again_is_numbered() -> None:
    assert slugs(["Setup", "Setup", "Setup-1", "Setup"]) == ["setup", "setup-1", "setup-1-1", "setup-2"]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# One\n## Two ##\n###\tThree\n", ["One", "Two", "Three"]),
        ("#NoSpace\n####### Seven\n    # Code\n", []),
        ("Title\n=====\n\nPart\n---\n\n---\n", ["Title", "Part"]),
        ("- item\n---\n\n| a |\n---\n", []),
        ("```\n# Code\n```\n# Text\n~~~~ sh\n# Code\n~~~\n# Code\n~~~~\n", ["Text"]),
        ("---\ntitle: x\n# no heading\n---\n# Text\n", ["Text"]),
        ("# **Bold** and [link](https://acme.dev) `code` ![x](y.png)\n", ["Bold and link code"]),
        ('# snake_case _emphasis_ <a name="x"></a>\n', ["snake_case emphasis"]),
        ("# Given {#own-id}\n", ["Given"]),
        ("\ufeff# With a mark\r\n## Two\r\n", ["With a mark", "Two"]),
    ],
)
def test_headings(text: str, headings: list[str]) -> None:
    assert document(text).headings == headings


@pytest.mark.parametrize(
    ("text", "name", "anchor", "there"),
    [
        ('<a name="old-name"></a>\n# New\n', "web.md", "old-name", True),
        ("<h2 id='own'>Own</h2>\n", "web.md", "own", True),
        ("# Given {#own-id}\n", "web.md", "own-id", True),
        ("# Given {#own-id}\n", "web.md", "given", True),
        ("# A\n# A\n", "web.md", "a-1", True),
        ("# A\n# A\n", "web.md", "a-2", False),
        ("# A - B\n", "web.md", "a-b", True),
        ("# A\n", "web.md", "user-content-a", True),
        ("# A\n", "web.md", "markdown-header-a", True),
        ("", "web.md", "top", True),
        ("== First steps\n\n[[own]]\n=== Two\n[#three]\n", "web.adoc", "_first_steps", True),
        ("== First steps\n", "web.adoc", "first-steps", True),
        ("[[own]]\n== Two\n[#three.x]\n== Three\n", "web.adoc", "own", True),
        ("[[own]]\n== Two\n[#three]\n== Three\n", "web.adoc", "three", True),
        ("----\n== Code\n----\n", "web.adoc", "_code", False),
        ('<html><h1 id="first">x</h1></html>', "web.html", "first", True),
        ('<html><h1 id="first">x</h1></html>', "web.html", "second", False),
    ],
)
def test_anchors(text: str, name: str, anchor: str, there: bool) -> None:
    assert has_anchor(document(text, name), anchor) is there


def test_other_formats_are_not_read() -> None:
    assert read_document("Web\n===\n", "web.rst") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("---\nlast_reviewed: 2026-01-31\ndate: 2020-01-01\n---\n", "2026-01-31"),
        ("---\nlast-reviewed: '2026-01-31'\n---\n", "2026-01-31"),
        ("---\ndate: 2026-01-31T10:00:00Z\n---\n", "2026-01-31"),
        ("+++\nreviewed = 2026-01-31\n+++\n", "2026-01-31"),
        ("# Web\n\nLast reviewed: 2026-01-31\n", "2026-01-31"),
        ("**Last reviewed:** 2026-01-31 by us\n", "2026-01-31"),
        ("| Last reviewed | 2026-01-31 |\n", "2026-01-31"),
        ("- Last review on 2026-01-31\n", "2026-01-31"),
        ("Review date: 2026-01-31\n", "2026-01-31"),
        ("```\nLast reviewed: 2026-01-31\n```\n", None),
        ("Last reviewed: 2026-13-31\n", None),
        ("The outage of 2026-01-31\n", None),
        ("---\nlast_reviewed: soon\n---\n", None),
    ],
)
def test_review_date(text: str, day: str | None) -> None:
    assert document(text).reviewed == (datetime.date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("---\nowner: team-web\n---\n", "team-web"),
        ("**Owner:** @acme/web\n", "@acme/web"),
        ("| Owner | team-web |\n", "team-web"),
        ("Owners of the database are called first.\n", None),
        ("Owner:\n", None),
    ],
)
def test_owner(text: str, owner: str | None) -> None:
    assert document(text).owner == owner


def test_attributes_of_asciidoc() -> None:
    found = document("= Web\n:revdate: 2026-01-31\n:owner: team-web\n", "web.adoc")
    assert (found.reviewed, found.owner) == (datetime.date(2026, 1, 31), "team-web")
