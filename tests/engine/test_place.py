"""Where a finding points to."""

from __future__ import annotations

from typing import Any

POLICY = """
id: own-any
title: One of four arguments says one
control: bck-01
severity: high
resources: [demo_thing]
assert: object.a == 1 || object.b == 1 || object.c == 1 || object.d == 1
message: "{address} has none"
remediation: Set one of the four arguments to one, whichever of them is meant to be used here.
examples: {pass: [{code: a}], fail: [{code: a}]}
"""


def test_the_first_value_that_is_written(cli: Any) -> None:
    text = 'resource "demo_thing" "x" {\n  name = "x"\n  d    = 2\n}\nresource "demo_thing" "y" {\n  name = "y"\n}\n'
    cli.write({"pol/own-any.yaml": POLICY, "infra/main.tf": text})
    result = cli.run("check", "infra", "--policies", "pol", "--select", "own-any", "-f", "json")
    assert result.found() == [
        ("own-any", "demo_thing.x", "infra/main.tf", 3),
        ("own-any", "demo_thing.y", "infra/main.tf", 5),
    ]
