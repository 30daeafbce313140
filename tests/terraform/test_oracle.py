"""Every expression of `oracle/` against what Terraform itself makes of it (see its README)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import readiness
from readiness.values import Unknown

FOLDER = Path(__file__).parent / "oracle"
RECORDED: dict[str, Any] = json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))

UNKNOWN = """
resource "terraform_data" "u" {
  input = timestamp()
}

locals {
  u = jsondecode(terraform_data.u.output)
}
"""


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """The values of the locals as `readiness show --format json` prints them."""
    command = [sys.executable, "-m", "readiness", "show", "--format", "json", "--no-cache"]
    env = os.environ | {"PYTHONPATH": str(Path(readiness.__file__).parents[1])}
    done = subprocess.run(command, cwd=FOLDER, env=env, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert document["errors"] == []
    return {
        resource["address"].removeprefix("local."): resource["body"]["value"]
        for resource in document["resources"]
        if resource["type"] == "local" and resource["module"] == ""
    }


def test_there_are_enough() -> None:
    assert len([name for name in RECORDED["locals"] if not name.startswith(("chains_", "thirds_"))]) >= 800
    assert len(RECORDED["rejected"]) >= 150
    assert len(RECORDED["unknown"]) >= 180


@pytest.mark.parametrize("name", RECORDED["locals"])
def test_local(shown: dict[str, Any], name: str) -> None:
    same(shown[name], RECORDED["locals"][name])


def same(found: Any, expected: Any) -> None:
    """Equal, also in type: `true` is not 1, and an int is not a fraction."""
    if isinstance(expected, dict):
        assert isinstance(found, dict)
        assert sorted(found) == sorted(expected)
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, list):
        assert isinstance(found, list)
        assert len(found) == len(expected), found
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        assert isinstance(found, type(expected)), found
        assert isinstance(found, bool) is isinstance(expected, bool)
        assert found == expected


def beside() -> str:
    """What the expressions refer to."""
    return (FOLDER / "variables.tf").read_text(encoding="utf-8") + UNKNOWN


@pytest.mark.parametrize("text", RECORDED["rejected"])
def test_rejected(value: Callable[..., Any], text: str) -> None:
    found = value(text, beside())
    assert isinstance(found, Unknown), found
    assert found.reason.startswith("it cannot be evaluated: ")
    assert found.span is not None
    assert (found.span.path, found.span.line) == ("main.tf", 2)


CERTAIN = {
    "local.u && false": False,
    "false && local.u": False,
    "local.u || true": True,
    "true || local.u": True,
    '"${local.u}-x" == ""': False,
    '"a-${terraform_data.u.id}" == "b-${terraform_data.u.id}"': False,
    "[local.u, 1] == [1, 2]": False,
    "local.u ? [] : []": [],
    '(local.u ? "ab1" : "ab2") == "x"': False,
    "can(local.u)": True,
    "contains([], local.u)": False,
    'endswith("${local.u}-x", "-x")': True,
    '"%{ if local.u }a%{ else }a%{ endif }"': "a",
    '"x%{ if local.u }ab%{ else }ac%{ endif }" == "y"': False,
}
"""What is certain though Terraform leaves it to apply."""

LESS = frozenset(
    {
        # The length of a set is not known where an item is not.
        'setunion(["a"], [local.u])',
        'toset(["a", local.u])',
        # Whether an attribute is one value or a list, its provider says.
        "terraform_data.u.id[*]",
        # Functions that do not look into a list with unknown items.
        "chunklist([1, local.u, 3], 2)",
        'index(["a", local.u], "a")',
        "reverse([local.u, 1])",
        "slice([1, local.u, 3], 0, 1)",
        'sort(["b", local.u])',
        'startswith("ab-${local.u}", "ab")',
        'startswith("ab-${local.u}", "x")',
    }
)
"""What may stay unknown though a plan knows some of it."""


@pytest.mark.parametrize("text", RECORDED["unknown"])
def test_unknown(value: Callable[..., Any], text: str) -> None:
    found = value(f"[{text}]", beside())[0]
    if text in CERTAIN:
        assert RECORDED["unknown"][text] == {"$unknown": True}
        same(found, CERTAIN[text])
    elif text not in LESS or not isinstance(found, Unknown):
        known_as_well(found, RECORDED["unknown"][text])


def known_as_well(found: Any, expected: Any) -> None:
    """As known as in a plan of Terraform, and no more."""
    if isinstance(expected, dict) and expected.get("$unknown"):
        assert isinstance(found, Unknown), found
    elif isinstance(expected, dict):
        assert isinstance(found, dict), found
        assert sorted(found) == sorted(expected)
        for key in expected:
            known_as_well(found[key], expected[key])
    elif isinstance(expected, list):
        assert isinstance(found, list), found
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            known_as_well(one, other)
    else:
        same(found, expected)
