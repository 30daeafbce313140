"""What has one cause is told once, with the other addresses."""

from __future__ import annotations

from typing import Any

import pytest

MODULE = 'resource "demo_bucket" "this" {\n  name = "x"\n}\n'


@pytest.mark.parametrize(
    ("files", "addresses", "path", "line"),
    [
        (
            {"a.tf": 'resource "demo_bucket" "a" {\n  count = 3\n  encrypted = false\n}\n'},
            ["demo_bucket.a[0]", "demo_bucket.a[1]", "demo_bucket.a[2]"],
            "a.tf",
            3,
        ),
        (
            {"a.tf": 'resource "demo_bucket" "a" {\n  for_each = toset(["x", "y"])\n  name = each.key\n}\n'},
            ['demo_bucket.a["x"]', 'demo_bucket.a["y"]'],
            "a.tf",
            1,
        ),
        (
            {
                "a.tf": 'module "one" {\n  source = "./m"\n}\nmodule "two" {\n  source = "./m"\n}\n',
                "m/main.tf": MODULE,
            },
            ["module.one.demo_bucket.this", "module.two.demo_bucket.this"],
            "m/main.tf",
            1,
        ),
        (
            {"a.tf": 'module "m" {\n  source = "./m"\n  count = 2\n}\n', "m/main.tf": MODULE},
            ["module.m[0].demo_bucket.this", "module.m[1].demo_bucket.this"],
            "m/main.tf",
            1,
        ),
    ],
    ids=["count", "for_each", "module twice", "module with count"],
)
def test_told_once(cli: Any, files: dict[str, str], addresses: list[str], path: str, line: int) -> None:
    cli.write(files)
    result = cli.check(select="demo-bucket-encrypted")
    (finding,) = result.findings
    assert result.found() == [("demo-bucket-encrypted", addresses[0], path, line)]
    assert finding["instances"] == addresses[1:]
    assert result.report["summary"]["checks"]["evaluated"] == len(addresses)


def test_instances_that_differ_are_told_apart(cli: Any) -> None:
    text = 'resource "demo_bucket" "a" {\n  for_each = { x = true, y = false, z = false }\n  encrypted = each.value\n}\n'
    cli.write({"a.tf": text})
    (finding,) = cli.check(select="demo-bucket-encrypted").findings
    assert (finding["resource"]["address"], finding["instances"]) == (
        'demo_bucket.a["y"]',
        ['demo_bucket.a["z"]'],
    )


def test_each_rule_is_told_once(cli: Any) -> None:
    rule = '  rule {\n    name = "%s"\n    cidr = "0.0.0.0/0"\n  }\n'
    cli.write(
        {"a.tf": 'resource "demo_firewall" "a" {\n  count = 2\n' + rule % "http" + rule % "ssh" + "}\n"}
    )
    found = cli.check(select="demo-rule-open").findings
    assert [(f["location"]["line"], f["resource"]["address"], f["instances"]) for f in found] == [
        (5, "demo_firewall.a[0]", ["demo_firewall.a[1]"]),
        (9, "demo_firewall.a[0]", ["demo_firewall.a[1]"]),
    ]


def test_resources_that_share_a_value_are_told_apart(cli: Any) -> None:
    text = 'variable "on" {\n  default = false\n}\n\nlocals {\n  on = var.on\n}\n\n'
    for name in "ab":
        text += f'resource "demo_bucket" "{name}" {{\n  encrypted = local.on\n}}\n'
    cli.write({"a.tf": text})
    found = cli.check(select="demo-bucket-encrypted").found()
    assert [(address, line) for _, address, _, line in found] == [
        ("demo_bucket.a", 10),
        ("demo_bucket.b", 13),
    ]


def test_objects_of_overlays_are_told_apart(cli: Any) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
    cli.write({"one/a.yaml": config, "two/a.yaml": config})
    assert cli.check().found() == [
        ("demo-config-owner", "ConfigMap/a", "one/a.yaml", 4),
        ("demo-config-owner", "ConfigMap/a", "two/a.yaml", 4),
    ]
