"""Which functions there are, and what becomes of those that only a run knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.terraform.functions import FUNCTIONS, call
from readiness.terraform.functions_files import FILE_FUNCTIONS
from readiness.values import Unknown

Value = Callable[..., Any]

# What `terraform metadata functions -json` of Terraform 1.11.4 lists, each also with `core::`.
TERRAFORM_NAMES = """
abs abspath alltrue anytrue base64decode base64encode base64gzip base64sha256 base64sha512 basename bcrypt can ceil
chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat contains csvdecode
dirname distinct element endswith ephemeralasnull file filebase64 filebase64sha256 filebase64sha512 fileexists filemd5
fileset filesha1 filesha256 filesha512 flatten floor format formatdate formatlist indent index issensitive join
jsondecode jsonencode keys length log lookup lower matchkeys max md5 merge min nonsensitive one parseint pathexpand
plantimestamp pow range regex regexall replace reverse rsadecrypt sensitive setintersection setproduct setsubtract
setunion sha1 sha256 sha512 signum slice sort split startswith strcontains strrev substr sum templatefile
templatestring textdecodebase64 textencodebase64 timeadd timecmp timestamp title tobool tolist tomap tonumber toset
tostring transpose trim trimprefix trimspace trimsuffix try upper urlencode uuid uuidv5 values yamldecode yamlencode
zipmap
"""

# What https://opentofu.org/docs/language/functions has besides.
OPENTOFU_NAMES = """
assumeequal assumelistlength assumelistlengthmax assumelistlengthmin assumemaplength assumemaplengthmax
assumemaplengthmin assumenotnull assumesetlength assumesetlengthmax assumesetlengthmin assumestringprefix base64gunzip
cidrcontains convert urldecode
"""

TERRAFORM = TERRAFORM_NAMES.split()
OPENTOFU = OPENTOFU_NAMES.split()
LAZY = {"can", "convert", "try"}
"""Functions that look at expressions."""

IMPURE: dict[str, tuple[list[Any], str]] = {
    "base64gzip": (["a"], "the function base64gzip() is not evaluated"),
    "bcrypt": (["a", 5], "the function bcrypt() is not evaluated: it has another result on every run"),
    "issensitive": (["a"], "the function issensitive() is not evaluated: what is sensitive is not tracked"),
    "plantimestamp": ([], "the function plantimestamp() is not evaluated: it gives the time of the plan"),
    "rsadecrypt": (["a", "b"], "the function rsadecrypt() is not evaluated: no keys are used here"),
    "timestamp": ([], "the function timestamp() is not evaluated: it gives the time of the run"),
    "type": ([1], "the function type() is not evaluated: it is only known to the console of Terraform"),
    "uuid": ([], "the function uuid() is not evaluated: it has another result on every run"),
}
"""Arguments of functions that are never evaluated, and why."""


def test_all_functions_are_here() -> None:
    assert len(TERRAFORM) == 118
    evaluated = {*FUNCTIONS, *FILE_FUNCTIONS, *LAZY}
    assert {*TERRAFORM, *OPENTOFU} - evaluated == set()
    ours = {name for name in evaluated if "::" not in name}
    assert ours - {*TERRAFORM, *OPENTOFU} == {"type"}


def test_all_functions_have_an_example() -> None:
    """Every function is called in the tests, by its own name; `test_functions_provider` has those of providers."""
    folder = Path(__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("test_functions*.py")]
    texts += [path.read_text(encoding="utf-8") for path in (folder / "functions").glob("*.txt")]
    called = set(re.findall(r"(?<![\w:])\w+(?=\()", "\n".join(texts)))
    assert {name for name in FUNCTIONS if "::" not in name} - called - {*IMPURE} == set()


@pytest.mark.parametrize("name", IMPURE)
def test_impure(value: Value, name: str) -> None:
    args, reason = IMPURE[name]
    found = call(name, args)
    assert isinstance(found, Unknown)
    assert found.reason == reason
    assert found.not_null
    written = ", ".join(f'"{arg}"' for arg in args)
    assert value(f"core::{name}({written}) == null") is False
    if args:
        waiting = Unknown("it waits", ("var.u",))
        assert call(name, [waiting, *args[1:]]).reason == "it waits"


def test_wrong_arguments(reason: Callable[..., str]) -> None:
    assert reason("timestamp(1)") == "it cannot be evaluated: timestamp(): it was given 1 argument"
    assert reason("upper()") == "it cannot be evaluated: upper(): it was given 0 arguments"
    assert reason("upper(null)") == "it cannot be evaluated: upper(): argument 1 must not be null"
    assert reason('substr("a", 0.5, 1)') == (
        "it cannot be evaluated: substr(): argument 2: a whole number is required, not 0.5"
    )
    assert reason("keys([])") == "it cannot be evaluated: keys(): argument 1: a map is required"


def test_no_such_function(value: Value) -> None:
    found = value('nonesuch("a")')
    assert isinstance(found, Unknown)
    assert found.reason == "the function nonesuch() is not evaluated"
    assert value('provider::acme::made_up("a")').not_null is False
    assert call("provider::acme::made_up", [Unknown("it waits")]).reason == "it waits"


def test_what_is_not_worked_out_is_no_failure(value: Value) -> None:
    hard = 'regex("(a+)+$", "' + "a" * 60 + '!")'
    assert isinstance(value(f"can({hard})"), Unknown)
    assert isinstance(value(f'try({hard}, "other")'), Unknown)
    assert value('can(regex("(", "a"))') is False
