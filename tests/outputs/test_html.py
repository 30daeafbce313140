"""The page that stands alone."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html import unescape

import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, REPORTS, compared_report, full_report, many_findings

from readiness.outputs import render
from readiness.outputs.prose import blocks, inline


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_loaded_and_only_its_own_style_and_script_run(name: str) -> None:
    text = render("html", REPORTS[name](), OPTIONS)
    assert not re.findall(r"<(?:link|img|iframe|object|embed|base)\b|\bsrc=|@import|url\(", text)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    for tag, name_ in (("style", "style-src"), ("script", "script-src")):
        ((content),) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name_} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "fetch(" not in text and "XMLHttpRequest" not in text


@pytest.mark.parametrize("name", REPORTS)
def test_every_finding_is_readable_without_javascript(name: str) -> None:
    report = REPORTS[name]()
    text = render("html", report, OPTIONS)
    assert text.count('<li class="finding"') == len(report.findings)
    plain = unescape(re.sub(r"<[^>]*>", "", text))
    for finding in report.findings:
        assert finding.message in plain
        assert f"{finding.span.path}:{finding.span.line}:{finding.span.column}" in plain
    assert ('<form id="filters"' in text) == bool(report.findings)
    assert text.count(" hidden>") == bool(report.findings)  # the form alone: only the script shows it


def test_what_findings_are_filtered_by() -> None:
    text = render("html", compared_report(), OPTIONS)
    found = re.findall(
        r'data-severity="(\w+)" data-status="(\w+)" data-compared="(\w*)" data-service="(\w*)"', text
    )
    assert found == [
        ("critical", "gate", "new", "billing"),
        ("high", "fail", "unchanged", "billing"),
        ("medium", "fail", "new", ""),
        ("medium", "fail", "worsened", ""),
        ("low", "unknown", "new", "billing"),
        ("medium", "suppressed", "unchanged", "billing"),
        ("info", "baselined", "", ""),
        ("info", "waived", "new", ""),
    ]
    names = re.findall(r'<(?:select|input type="search") name="(\w+)"', text)
    assert names == ["text", "path", "status", "compared", "policy"]  # one service is nothing to choose from
    assert re.findall(r'name="severity" value="(\w+)" checked', text) == [
        "critical",
        "high",
        "medium",
        "low",
        "info",
    ]


def test_every_control_has_a_label_and_the_page_a_language() -> None:
    text = render("html", many_findings(50, 10), OPTIONS)
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    for control in re.findall(r"<(?:input|select)[^>]*>", text):
        before = text[: text.index(control)]
        assert before.rfind("<label") > before.rfind("</label>"), control
    assert '<output aria-live="polite">' in text
    assert text.count("<h1>") == 1


def test_code_and_where_its_value_came_from() -> None:
    text = render("html", full_report(), OPTIONS)
    assert "<code>3 |   acl    = var.acl\n  |   ^^^^^^^^^^^^^^^^</code>" in text
    assert "<b>value from default of variable acl</b>: infra/variables.tf:3:13" in text


def test_flags_for_people_change_nothing_but_the_verdict() -> None:
    options = replace(OPTIONS, show_suppressed=True, show_unchanged=True, color=True, width=20, verbose=True)
    assert render("html", compared_report(), options) == render("html", compared_report(), OPTIONS)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Set `a` to <b>.\nMore.\n\nThen.", "<p>Set <code>a</code> to &lt;b&gt;. More.</p><p>Then.</p>"),
        ("* one\n  two\n* `x`", "<ul><li>one two</li><li><code>x</code></li></ul>"),
        ("So:\n1. a\n2. b", "<p>So:</p><ul><li>a</li><li>b</li></ul>"),
        ('```hcl\na = "<"\n\tb\n```\n', "<pre><code>a = &quot;&lt;&quot;\n    b</code></pre>"),
        ("a\n```\nopen", "<p>a</p><pre><code>open</code></pre>"),
        ("# Heading", "<p>Heading</p>"),
        ("", ""),
    ],
)
def test_prose(markdown: str, expected: str) -> None:
    assert blocks(markdown) == expected


def test_inline() -> None:
    assert inline("a `<b>` ` c") == "a <code>&lt;b&gt;</code> ` c"
