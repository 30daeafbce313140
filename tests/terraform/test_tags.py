"""Tags and labels of a resource: its own, and those of the provider configuration that it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from readiness.values import Unknown

Build = Callable[..., Any]


def aws(tags: str, more: str = "", block: str = "default_tags") -> str:
    """A provider block with default tags."""
    return f'provider "aws" {{\n{more}\n  {block} {{\n    tags = {tags}\n  }}\n}}\n'


TEAM = aws('{ team = "a", env = "e" }')
LABELS = 'provider "google" {\n  default_labels = { team = "g" }\n}\n'

KINDS: list[tuple[str, str, dict[str, str]]] = [
    ("aws_s3_bucket", 'tags = { env = "own" }', {"team": "a", "env": "own"}),
    ("aws_s3_bucket", "", {"team": "a", "env": "e"}),
    ("aws_autoscaling_group", "", {}),
    ("aws_autoscaling_group", 'tag {\n key = "k"\n value = "v"\n}', {"k": "v"}),
    ("aws_launch_template", 'tag_specifications {\n resource_type = "volume"\n tags = { a = "b" }\n}',
     {"team": "a", "env": "e"}),
    ("aws_instance", 'volume_tags = { a = "b" }', {"team": "a", "env": "e"}),
    ("google_storage_bucket", 'labels = { x = "y" }', {"team": "g", "x": "y"}),
    ("google_container_cluster", 'resource_labels = { x = "y" }', {"team": "g", "x": "y"}),
    ("google_cloud_run_service", 'metadata {\n labels = { x = "y" }\n}', {"team": "g", "x": "y"}),
    ("google_cloud_run_service", "", {"team": "g"}),
    ("google_sql_database_instance", 'settings {\n user_labels = { x = "y" }\n}', {"x": "y"}),
    ("google_sql_database_instance", "", {}),
    ("google_monitoring_alert_policy", 'user_labels = { x = "y" }', {"x": "y"}),
    ("google_monitoring_notification_channel",
     'labels = { email_address = "a@example.com" }\nuser_labels = { x = "y" }', {"x": "y"}),
    ("google_container_node_pool", 'node_config {\n labels = { a = "b" }\n resource_labels = { x = "y" }\n}',
     {"x": "y"}),
    ("azurerm_key_vault", 'tags = { x = "y" }', {"x": "y"}),
    ("azurerm_key_vault", "", {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "lines", "expected"), KINDS)
def test_own_and_defaults(build: Build, kind: str, lines: str, expected: dict[str, str]) -> None:
    built = build(f'{TEAM}{LABELS}resource "{kind}" "x" {{\n{lines}\n}}\n')
    assert built.errors == []
    assert built[f"{kind}.x"].tags == expected


CHILD = 'resource "aws_x" "x" {\n  %s\n}\n'
WEST = aws('{ team = "west" }', 'alias = "west"')
CALLS: list[tuple[str, str, str, dict[str, str]]] = [
    ("the default is inherited", "", CHILD % "", {"team": "a", "env": "e"}),
    ("another one as the default", "providers = { aws = aws.west }", CHILD % "", {"team": "west"}),
    ("under a name of the module's own", "providers = { aws.src = aws.west }",
     'terraform {\n required_providers {\n aws = {\n source = "hashicorp/aws"\n'
     " configuration_aliases = [aws.src]\n}\n}\n}\n" + CHILD % "provider = aws.src", {"team": "west"}),
    ("the default, past a call that passes another", "providers = { aws.src = aws.west }", CHILD % "",
     {"team": "a", "env": "e"}),
    ("an alias is not inherited", "", CHILD % "provider = aws.west", {}),
    ("an empty block stands for what is passed", "providers = { aws = aws.west }",
     'provider "aws" {}\n' + CHILD % "", {"team": "west"}),
    ("an empty block with an alias, too", "providers = { aws.src = aws.west }",
     'provider "aws" {\n  alias = "src"\n}\n' + CHILD % "provider = aws.src", {"team": "west"}),
    ("an empty block alone configures nothing", "", 'provider "aws" {}\n' + CHILD % "", {}),
    ("a block of the module's own wins", "providers = { aws = aws.west }",
     aws('{ team = "own" }') + CHILD % "", {"team": "own"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("argument", "child", "expected"), [case[1:] for case in CALLS], ids=[case[0] for case in CALLS]
)
def test_through_a_module_call(build: Build, argument: str, child: str, expected: dict[str, str]) -> None:
    main = f'{TEAM}{WEST}module "m" {{\n  source = "./m"\n  {argument}\n}}\n'
    assert build({"main.tf": main, "m/main.tf": child})["module.m.aws_x.x"].tags == expected


def test_through_two_module_calls(build: Build) -> None:
    texts = {
        "main.tf": f'{TEAM}{WEST}module "m" {{\n  source = "./m"\n  providers = {{ aws.a = aws.west }}\n}}\n',
        "m/main.tf": 'module "n" {\n  source = "./n"\n  providers = { aws = aws.a }\n}\n',
        "m/n/main.tf": CHILD % "",
    }
    assert build(texts)["module.m.module.n.aws_x.x"].tags == {"team": "west"}


REGIONS = aws(
    "{ region = each.value, key = each.key }",
    'alias    = "by"\n  for_each = { eu = "eu-west-1", us = "us-east-1" }\n  region = each.value',
)
EU = {"region": "eu-west-1", "key": "eu"}


@pytest.mark.parametrize(
    ("lines", "address", "expected"),
    [
        ('provider = aws.by["eu"]', "aws_x.x", EU),
        ('for_each = toset(["eu", "us"])\n  provider = aws.by[each.key]', 'aws_x.x["eu"]', EU),
    ],
)
def test_provider_with_instances(build: Build, lines: str, address: str, expected: dict[str, str]) -> None:
    assert build(f'{REGIONS}resource "aws_x" "x" {{\n  {lines}\n}}\n')[address].tags == expected


def test_provider_with_instances_of_a_set(build: Build) -> None:
    provider = aws("{ region = each.value }", 'alias = "by"\n  for_each = toset(["eu"])')
    found = build(f'{provider}resource "aws_x" "x" {{\n  provider = aws.by["eu"]\n}}\n')
    assert found["aws_x.x"].tags == {"region": "eu"}


def test_provider_with_instances_through_a_call(build: Build) -> None:
    call = 'module "m" {\n  for_each = toset(["eu"])\n  source = "./m"\n  providers = { aws = aws.by[each.key] }\n}\n'
    built = build({"main.tf": REGIONS + call, "m/main.tf": CHILD % ""})
    assert built['module.m["eu"].aws_x.x'].tags == EU


@pytest.mark.parametrize("key", ["var.u", '"elsewhere"'])
def test_unknown_instance_of_a_provider(build: Build, key: str) -> None:
    provider = aws('{ team = "t", region = each.value }', 'alias = "by"\n  for_each = { eu = 1 }')
    text = f'variable "u" {{}}\n{provider}resource "aws_x" "x" {{\n  provider = aws.by[{key}]\n}}\n'
    tags = build(text)["aws_x.x"].tags
    assert tags["team"] == "t"
    assert isinstance(tags["region"], Unknown)


BLOCKS: list[tuple[str, Mapping[str, str], Any]] = [
    ("a dynamic block", {"p.tf": 'provider "aws" {\n  dynamic "default_tags" {\n    for_each = [{ team = "d" }]\n'
     "    content {\n      tags = default_tags.value\n    }\n  }\n}\n"}, {"team": "d"}),
    ("a dynamic block without items", {"p.tf": 'provider "aws" {\n  dynamic "default_tags" {\n    for_each = []\n'
     "    content {\n      tags = {}\n    }\n  }\n}\n"}, {}),
    ("JSON", {"p.tf.json": '{"provider": {"aws": {"default_tags": {"tags": {"team": "j"}}}}}'}, {"team": "j"}),
    ("an override", {"p.tf": TEAM, "p_override.tf": aws('{ team = "o" }')}, {"team": "o"}),
    ("no tags in it", {"p.tf": 'provider "aws" {\n  default_tags {}\n}\n'}, {}),
    ("null", {"p.tf": aws("null")}, {}),
    ("ignored tags are there all the same",
     {"p.tf": 'provider "aws" {\n  ignore_tags {\n    keys = ["team"]\n  }\n  default_tags {\n'
      '    tags = { team = "a" }\n  }\n}\n'}, {"team": "a"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "expected"), [case[1:] for case in BLOCKS], ids=[case[0] for case in BLOCKS]
)
def test_ways_to_write_default_tags(build: Build, texts: Mapping[str, str], expected: Any) -> None:
    assert build({**texts, "main.tf": CHILD % ""})["aws_x.x"].tags == expected


def test_unknown_dynamic_block(build: Build) -> None:
    text = 'variable "u" {}\nprovider "aws" {\n  dynamic "default_tags" {\n    for_each = var.u\n    content {\n      tags = {}\n    }\n  }\n}\n'
    tags = build(text + CHILD % "")["aws_x.x"].tags
    assert isinstance(tags, Unknown)
    assert tags.refs == ("var.u",)
