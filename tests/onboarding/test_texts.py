"""Texts of a repository in the files that are written."""

from __future__ import annotations

import pytest
import yaml

from readiness.onboarding.texts import comment, flow, one_line, written


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "*",
        "yes",
        "1.30",
        "2027-01-31",
        "",
        " a ",
        "a: b # c",
        '"',
        "\\",
        "a\nb",
        "\u202e",
        "\x85\x00",
        "\U000e0001\U0001f600",
    ],
)
def test_values_stay_what_they_are(text: str) -> None:
    assert yaml.safe_load(f"a: {written(text)}") == {"a": text}
    assert yaml.safe_load(f"a: {flow([text, text])}") == {"a": [text, text]}
    assert written(text).isprintable()


def test_texts_for_people() -> None:
    assert one_line(" a\n\tb\u202e c\x00") == "a b c"
    assert one_line("x" * 400) == "x" * 299 + "…"
    assert comment("a\nb: c", "  ") == "  # a b: c"
