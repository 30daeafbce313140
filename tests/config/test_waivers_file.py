"""The schema of `waivers.yaml` says the same to us and to editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from readiness.config.shape import KEYWORDS, violations
from readiness.config.waivers import SCHEMA_FILE, find_waivers, parse_waivers
from readiness.errors import UsageError

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def keywords(schema: dict[str, Any]) -> set[str]:
    """The keywords of a schema and of all in it."""
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [schema["items"]] if "items" in schema else []
    return set(schema).union(*(keywords(one) for one in inner))


def test_the_schema_uses_only_what_is_checked() -> None:
    assert keywords(SCHEMA) <= KEYWORDS
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("document", "right"),
    [
        ({"waivers": []}, True),
        ({"waivers": None}, True),
        ({"waivers": [{"policy": "a", "resources": "*"}]}, True),
        ({"waivers": [{"policy": ["a", "b"], "paths": ["x"], "expires": "2027-01-31"}]}, True),
        ({}, False),
        ({"waivers": {}}, False),
        ({"waivers": ["a"]}, False),
        ({"waivers": [{}]}, False),
        ({"waivers": [{"policy": []}]}, False),
        ({"waivers": [{"policy": ["a", "a"]}]}, False),
        ({"waivers": [{"policy": "a", "owner": ""}]}, False),
        ({"waivers": [{"policy": "a", "until": "2027-01-31"}]}, False),
        ({"waivers": [{"policy": "a", "expires": "tomorrow"}]}, False),
    ],
)
def test_both_say_the_same(document: Any, right: bool) -> None:
    assert (not list(violations(document, SCHEMA, "field"))) is right
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is right


def test_an_entry() -> None:
    text = "# Approved.\nwaivers:\n  - policy: [A-b, c-01]\n    paths: legacy\n    ticket: 112\n    owner: ' a\n      b '\n    expires: 2027-01-31\n"
    (waiver,) = parse_waivers("ops/waivers.yaml", text).waivers
    assert (waiver.policies, waiver.paths, waiver.resources) == (("A-b", "c-01"), ("legacy",), ())
    assert (waiver.ticket, waiver.owner, waiver.expires, waiver.reason) == ("112", "a b", "2027-01-31", None)
    assert (waiver.folder, waiver.span.line, waiver.places["c-01"].column) == ("ops", 3, 19)


@pytest.mark.parametrize("text", ["waivers: &a []\nb: *a\n", "waivers: !x []\n", "waivers:\n" + "[" * 500])
def test_hostile_texts(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_waivers("waivers.yaml", text)
    assert error.value.path == "waivers.yaml"


def test_the_first_folder_that_has_one(tmp_path: Path) -> None:
    assert find_waivers([".", "a", "b"], tmp_path) == ()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "waivers.yaml").write_text("waivers: []\n")
    assert find_waivers([".", "b", "a"], tmp_path) == ("b/waivers.yaml",)
    (tmp_path / "waivers.yaml").mkdir()
    with pytest.raises(UsageError):
        find_waivers(["."], tmp_path)
