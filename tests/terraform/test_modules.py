"""Module calls: inputs, outputs, instances, providers, and calls that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.estate.model import Link
from readiness.values import Unknown

Build = Callable[..., Any]

CHILD = 'variable "in" { default = "d" }\nresource "r" "r" { x = var.in }\noutput "out" { value = r.r.x }\noutput "id" { value = r.r.id }\n'


def call(lines: str = "", name: str = "m", source: str = "./m") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  {lines}\n}}\n'


def test_inputs_and_outputs(build: Build) -> None:
    main = call('in = "given"') + 'resource "r" "root" {\n  x = module.m.out\n  y = module.m.id\n}\n'
    built = build({"main.tf": main, "m/main.tf": CHILD})
    assert built.errors == []
    assert built.addresses == ["r.root", "module.m.r.r"]
    child = built["module.m.r.r"]
    assert (child.body["x"], child.module, child.root) == ("given", "module.m", ".")
    assert child.span == ("m/main.tf", 2, 1, 2, 32)
    root = built["r.root"]
    assert root.body["x"] == "given"
    assert root.body["y"].reason == "module.m.r.r.id is known only after apply"
    assert root.references == [Link("module.m.r.r", "x"), Link("module.m.r.r", "y")]


def test_default_of_an_input(build: Build) -> None:
    assert build({"main.tf": call(), "m/main.tf": CHILD})["module.m.r.r"].body["x"] == "d"


def test_tfvars_of_a_called_folder_do_not_count(build: Build) -> None:
    built = build({"main.tf": call(), "m/main.tf": CHILD, "m/terraform.tfvars": 'in = "t"\n'})
    assert built["module.m.r.r"].body["x"] == "d"


def test_input_that_mentions_a_resource(build: Build) -> None:
    built = build({"main.tf": call("in = r.key.arn") + 'resource "r" "key" {}\n', "m/main.tf": CHILD})
    child = built["module.m.r.r"]
    assert child.body["x"].refs == ("r.key.arn",)
    assert child.references == [Link("r.key", "x")]


def test_outputs_flow_through_two_levels_and_back(build: Build) -> None:
    built = build(
        {
            "main.tf": call('in = "a"', source="./outer") + 'resource "r" "root" { x = module.m.out }\n',
            "outer/main.tf": 'variable "in" {}\n' + call('in = "${var.in}b"', "n", "../inner") + 'output "out" { value = "${module.n.out}c" }\n',
            "inner/main.tf": CHILD,
        }
    )  # fmt: skip
    assert built["module.m.module.n.r.r"].body["x"] == "ab"
    assert built["r.root"].body["x"] == "abc"


def test_two_modules_that_use_each_other(build: Build) -> None:
    child = 'variable "in" { default = null }\noutput "one" { value = 1 }\noutput "two" { value = var.in }\n'
    main = (
        call("in = module.b.one", "a")
        + call("in = module.a.one", "b")
        + 'resource "r" "r" { x = [module.a.two, module.b.two] }\n'
    )
    assert build({"main.tf": main, "m/main.tf": child})["r.r"].body["x"] == [1, 1]


INSTANCES: list[tuple[str, str, list[str], Any]] = [
    ("count = 2\n in = count.index", "module.m[1].out", ["module.m[0].r.r", "module.m[1].r.r"], 1),
    ("count = 2\n in = count.index", "module.m[*].out", ["module.m[0].r.r", "module.m[1].r.r"], [0, 1]),
    ("count = 0", "try(module.m[0].out, 9)", ["r.r"], 9),
    ("for_each = { b = 1, a = 2 }\n in = each.value", 'module.m["b"].out', ['module.m["a"].r.r', 'module.m["b"].r.r'], 1),
    ("for_each = { b = 1, a = 2 }\n in = each.value", "values(module.m)[*].out",
     ['module.m["a"].r.r', 'module.m["b"].r.r'], [2, 1]),
    ("for_each = { a = 2 }\n in = each.value", "{ for k, m in module.m : k => m.out }", ['module.m["a"].r.r'], {"a": 2}),
    ("count = var.u", "module.m[0].out", ["module.m.r.r"], "d"),
    ("count = var.u", "module.m[*].out", ["module.m.r.r"], "the number of instances of module.m is not known"),
    ("for_each = var.u", "keys(module.m)", ["module.m.r.r"], "the number of instances of module.m is not known"),
    ("", "module.m.none", ["module.m.r.r"], "module.m has no output none"),
    ("", "module.m[\"out\"]", ["module.m.r.r"], "d"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "text", "addresses", "expected"), INSTANCES, ids=[f"{a} {b}" for a, b, _, _ in INSTANCES]
)
def test_instances(build: Build, lines: str, text: str, addresses: list[str], expected: Any) -> None:
    main = f'variable "u" {{}}\nresource "r" "root" {{ x = {text} }}\n' + call(lines)
    built = build({"main.tf": main, "m/main.tf": CHILD})
    assert built.errors == []
    assert built.addresses == ["r.root", *addresses]
    found = built["r.root"].body["x"]
    if isinstance(found, Unknown):
        assert found.reason == expected
    else:
        assert found == expected


def test_module_as_a_value(build: Build) -> None:
    main = (
        call()
        + call("count = 1", "n")
        + 'resource "r" "root" {\n  x = module.m\n  y = [{ z = module.n }]\n}\n'
    )
    body = build({"main.tf": main, "m/main.tf": CHILD})["r.root"].body
    assert body["x"]["out"] == "d"
    assert body["x"]["id"].refs == ("module.m.r.r.id",)
    assert body["y"][0]["z"][0]["out"] == "d"


def test_resources_of_a_module_are_not_built_twice(build: Build) -> None:
    built = build({"main.tf": call(), "m/main.tf": CHILD})
    assert [resource.address for resource in built.resources] == [
        "terraform", "module.m", "module.m.terraform", "module.m.var.in", "module.m.output.out", "module.m.output.id",
        "module.m.r.r",
    ]  # fmt: skip


def test_two_roots_that_call_one_module(build: Build) -> None:
    built = build(
        {
            "a/main.tf": call('in = "a"', source="../m"),
            "b/main.tf": call('in = "b"', source="../m"),
            "m/main.tf": CHILD,
        }
    )
    found = [(r.root, r.address, r.body["x"]) for r in built.resources if r.type == "r"]
    assert found == [("a", "module.m.r.r", "a"), ("b", "module.m.r.r", "b")]
    assert [r.root for r in built.resources if r.type == "variable"] == ["a"]


def test_module_outside_the_checked_folders(build: Build) -> None:
    built = build(
        {"env/main.tf": call('in = "x"', source="../mods/m")}, outside={"mods/m": {"main.tf": CHILD}}
    )
    assert built.errors == []
    assert built["module.m.r.r"].body["x"] == "x"
    assert built["module.m.r.r"].span.path == "mods/m/main.tf"


def test_errors_of_a_module_outside(build: Build) -> None:
    broken = CHILD + "locals {\n  x = \n}\nlocals { a = 1 }\nlocals { a = 2 }\n"
    built = build({"main.tf": call()}, outside={"m": {"main.tf": broken}})
    assert [(e.path, e.line) for e in built.errors] == [("m/main.tf", 9), ("m/main.tf", 6)]
    assert built.addresses == ["module.m.r.r"]


NOWHERE: list[tuple[str, str, int | None]] = [
    ("./none", "the folder './none' of module.m is not there or lies outside the repository", 12),
    ("../../../../etc", "the folder '../../../../etc' of module.m is not there or lies outside the repository", 12),
    ("..", "the folder '..' of module.m is not there or lies outside the repository", 12),
    (".", "module.m calls itself: its source '.' is the folder of a module that calls it", 12),
    ("terraform-aws-modules/vpc/aws", "module.m comes from terraform-aws-modules/vpc/aws, which is not in this repository", None),
    ("git::https://example.com/a.git?ref=v1", "module.m comes from git::https://example.com/a.git?ref=v1, which is not in this repository", None),
    ("/etc", "module.m comes from /etc, which is not in this repository", None),
    ("${var.s}", "module.m has no literal source", None),
]  # fmt: skip


@pytest.mark.parametrize(("source", "why", "column"), NOWHERE, ids=[case[0] for case in NOWHERE])
def test_sources_that_are_not_followed(build: Build, source: str, why: str, column: int | None) -> None:
    main = 'resource "r" "root" { x = module.m.out }\n' + call(source=source)
    built = build({"main.tf": main})
    assert built.errors == ([] if column is None else [SourceError("main.tf", 3, column, why)])
    found = built["r.root"].body["x"]
    assert isinstance(found, Unknown)
    assert (found.reason, found.refs) == (why, ("module.m",))
    assert built["module.m"].body["source"] == source or source == "${var.s}"


def test_module_without_source(build: Build) -> None:
    built = build('module "m" {}\nresource "r" "r" { x = module.m.out }\n')
    assert built["r.r"].body["x"].reason == "module.m has no literal source"


def test_recursion_is_stopped(build: Build) -> None:
    built = build(
        {
            "main.tf": call(source="./a"),
            "a/main.tf": call(source="../b") + CHILD,
            "b/main.tf": call("", "n", "../a") + CHILD,
        }
    )
    message = (
        "module.m.module.m.module.n calls itself: its source '../a' is the folder of a module that calls it"
    )
    assert built.errors == [SourceError("b/main.tf", 2, 12, message)]
    assert built.addresses == ["module.m.r.r", "module.m.module.m.r.r"]


def test_modules_that_only_call_each_other_are_checked(build: Build) -> None:
    built = build({"a/main.tf": call(source="../b") + CHILD, "b/main.tf": call(source="../a") + CHILD})
    assert built.addresses == ["r.r", "module.m.r.r"]
    assert len(built.errors) == 1


def test_call_whose_count_depends_on_itself(build: Build) -> None:
    built = build(
        {
            "main.tf": call("count = module.m.n"),
            "m/main.tf": 'resource "r" "r" {}\noutput "n" { value = 1 }\n',
        }
    )
    assert built.addresses == ["module.m.r.r"]


def test_exponential_calls_end(build: Build) -> None:
    texts = {
        f"m{n}/main.tf": call("", "a", f"../m{n + 1}") + call("", "b", f"../m{n + 1}") for n in range(40)
    }
    built = build({**texts, "m40/main.tf": 'resource "r" "r" {}\n'})
    assert [error.message for error in built.errors] == [
        "the root declares more than 20,000 instances; not all of them are checked"
    ]


def test_resources_of_module_calls(build: Build) -> None:
    built = build(
        {"main.tf": call('in = r.a.id\n version = "1.0"') + 'resource "r" "a" {}\n', "m/main.tf": CHILD}
    )
    module = built["module.m"]
    assert (module.type, module.mode, module.name) == ("module", "block", "m")
    assert module.body["version"] == "1.0"
    assert module.references == [Link("r.a", "in")]
    assert module.header == ("main.tf", 1, 1, 1, 11)


PROVIDERS = """\
provider "aws" {
  default_tags {
    tags = { team = "a", env = "root" }
  }
}
provider "aws" {
  alias = "west"
  default_tags {
    tags = { team = "west" }
  }
}
provider "google" {
  default_labels = { team = "g" }
}
"""

TAGS: list[tuple[str, str, str, Any]] = [
    ("aws_s3_bucket", 'tags = { env = "own" }', "", {"team": "a", "env": "own"}),
    ("aws_s3_bucket", "", "", {"team": "a", "env": "root"}),
    ("aws_s3_bucket", "provider = aws.west", "", {"team": "west"}),
    ("aws_s3_bucket", 'provider = aws.west\n tags = { a = "b" }', "", {"team": "west", "a": "b"}),
    ("google_storage_bucket", 'labels = { x = "y" }', "", {"team": "g", "x": "y"}),
    ("google_container_cluster", 'resource_labels = { x = "y" }', "", {"team": "g", "x": "y"}),
    ("azurerm_x", 'tags = { x = "y" }', "", {"x": "y"}),
    ("azurerm_x", "", "", {}),
    ("aws_autoscaling_group", 'tag {\n key = "k"\n value = "v"\n}', "", {"k": "v"}),
    ("aws_s3_bucket", "tags = var.u", "", "var.u has no default and no value here"),
    ("aws_s3_bucket", "tags = { a = var.u }", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "lines", "_", "expected"), TAGS, ids=[f"{a} {b}" for a, b, _, _ in TAGS])
@pytest.mark.parametrize("inside", [False, True], ids=["root", "module"])
def test_tags(build: Build, kind: str, lines: str, _: str, expected: Any, inside: bool) -> None:
    resource = f'variable "u" {{}}\nresource "{kind}" "x" {{\n  {lines}\n}}\n'
    if inside:
        providers = "providers = {\n aws = aws\n aws.west = aws.west\n google = google\n}"
        built = build({"main.tf": PROVIDERS + call(providers), "m/main.tf": resource})
        tags = built[f"module.m.{kind}.x"].tags
    else:
        tags = build(PROVIDERS + resource)[f"{kind}.x"].tags
    if expected is None:
        assert (tags["team"], tags["a"].refs) == ("a", ("var.u",))
    elif isinstance(tags, Unknown):
        assert tags.reason == expected
    else:
        assert tags == expected


PASSED: list[tuple[str, str, Any]] = [
    ("", "", {"team": "a", "env": "root"}),
    ("providers = { aws = aws.west }", "", {"team": "west"}),
    ("providers = { aws.other = aws.west }", "provider = aws.other", {"team": "west"}),
    ("", "provider = aws.other", {}),
]


@pytest.mark.parametrize(("providers", "line", "expected"), PASSED)
def test_providers_passed_to_a_module(build: Build, providers: str, line: str, expected: Any) -> None:
    built = build(
        {"main.tf": PROVIDERS + call(providers), "m/main.tf": f'resource "aws_x" "x" {{\n  {line}\n}}\n'}
    )
    assert built["module.m.aws_x.x"].tags == expected


def test_provider_of_the_module_itself(build: Build) -> None:
    child = (
        'provider "aws" {\n  default_tags {\n    tags = { team = "own" }\n  }\n}\nresource "aws_x" "x" {}\n'
    )
    assert build({"main.tf": PROVIDERS + call(), "m/main.tf": child})["module.m.aws_x.x"].tags == {
        "team": "own"
    }


def test_unknown_default_tags(build: Build) -> None:
    text = 'variable "u" {}\nprovider "aws" {\n  default_tags {\n    tags = var.u\n  }\n}\nresource "aws_x" "x" {\n  tags = { a = "b" }\n}\n'
    tags = build(text)["aws_x.x"].tags
    assert isinstance(tags, Unknown)
    assert tags.refs == ("var.u",)


def test_places_of_tags(build: Build) -> None:
    tags = build(PROVIDERS + 'resource "aws_x" "x" {\n  tags = { a = "b" }\n}\n')["aws_x.x"].tags
    assert tags.value_spans["team"] == ("main.tf", 3, 21, 3, 24)
    assert tags.value_spans["a"] == ("main.tf", 16, 16, 16, 19)
