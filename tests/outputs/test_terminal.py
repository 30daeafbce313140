"""Nothing from a checked repository can drive a terminal or a CI runner."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, finding

from readiness.engine.model import Counts, Origin, Report
from readiness.errors import SourceError
from readiness.outputs import FORMATS, render
from readiness.outputs.terminal import clean, clean_path, count, place, text_width
from readiness.values import Span

HOSTILE = "\x1b[31mred\x07\r\n\x9b2J\u202egnp.exe\u200b\u2066 \udcff\U000e0041end"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünï 日本", "plain ünï 日本"),
        ("a\tb\r\n  c\n", "a b c"),
        ("\x1b[2Jx\x7f\x9b", "\\x1b[2Jx\\x7f\\x9b"),
        ("a\u202eb\u2028c", "a\\u202eb\\u2028c"),
        ("\udcffz\U000e0041", "\\udcffz\\U000e0041"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a ##vso[task.complete result=Succeeded;]b", "a ##vso\\x5btask.complete result=Succeeded;]b"),
        ("###[error]x ##teamcity[a] # #[b] ## [c]", "###\\x5berror]x ##teamcity\\x5ba] # #[b] ## [c]"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_paths_keep_their_spaces_and_are_no_commands() -> None:
    assert clean_path(" a  b.tf") == " a  b.tf"
    assert clean_path("a\nb.tf") == "a\\x0ab.tf"
    assert clean_path("::error::x.tf") == "./::error::x.tf"


@pytest.mark.parametrize(
    ("span", "expected"),
    [(Span("a", 1, 2, 1, 3), "a:1:2"), (Span("a", 4, 0, 4, 0), "a:4"), (Span("a", 0, 0, 0, 0), "a")],
)
def test_place(span: Span, expected: str) -> None:
    assert place(span) == expected


def test_count_and_width() -> None:
    assert (count(1, "file"), count(0, "file"), count(1234, "policy", "policies")) == (
        "1 file",
        "0 files",
        "1,234 policies",
    )
    assert text_width("日a\u0301") == 3


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_report(format_: str, verbose: bool) -> None:
    path = f"dir/{HOSTILE}.tf"
    span = Span(path, 1, 1, 1, 5)
    report = Report(
        [
            finding(
                HOSTILE,
                span=span,
                address=f"type.{HOSTILE}",
                message=HOSTILE,
                title=HOSTILE,
                remediation=f"{HOSTILE}\n{HOSTILE}",
                reason=f"because {HOSTILE}",
                origins=(Origin(HOSTILE, span),),
                instances=(HOSTILE,),
                references=(HOSTILE,),
            ),
            finding(HOSTILE, status="unknown", span=span, message=HOSTILE, reason=f"it is {HOSTILE}"),
        ],
        [SourceError(path, 1, 1, HOSTILE)],
        Counts(
            files=1,
            resources=1,
            unknown_reasons=Counts().unknown_reasons + type(Counts().unknown_reasons)({HOSTILE: 1}),
        ),
        sources={path: f"{HOSTILE}\n"},
    )
    text = render(format_, report, replace(OPTIONS, verbose=verbose))
    text.encode()  # no lone surrogates
    assert not [char for char in text if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)]
    assert not set(text) & set("\u202e\u200b\u2066\U000e0041")


def test_a_wrapped_note_cannot_start_a_command() -> None:
    report = Report(
        [finding(remediation="word " * 12 + "::error::x")], [], Counts(files=1, resources=1, evaluated=1)
    )
    text = render("text", report, OPTIONS)
    assert "::error::x" in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize("format_", FORMATS)
def test_no_line_is_a_command_to_a_runner(format_: str) -> None:
    hostile = "##vso[task.complete result=Succeeded;]done ##[add-mask]a"
    span = Span(f"{hostile}.tf", 1, 1, 1, 60)
    report = Report(
        [
            finding(
                hostile, span=span, message=hostile, title=hostile, remediation=hostile, instances=(hostile,)
            )
        ],
        [SourceError(span.path, 1, 1, hostile)],
        Counts(files=1, resources=1),
        sources={span.path: f"# {hostile}\n"},
    )
    text = render(format_, report, replace(OPTIONS, verbose=True))
    assert "##vso[" not in text and "##[" not in text
    assert "##" in text or "&#35;" in text
