"""One cause, one finding: a policy that yields is silent where a more specific one fails."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

POLICY = """\
id: {id}
title: A policy of this test
control: own-01
severity: high
resources: [Pod]
{fields}
message: "{id}: {{address}}"
remediation: |
  Mend what the message names, and nothing else.
examples:
  pass: ["x = 1"]
  fail: ["x = 1"]
"""

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
    - name: one
      image: {one}
    - name: two
      image: {two}
"""

WHOLE_GENERAL = "assert: 'false'\nyields_to: [demo-b]"
WHOLE_SPECIFIC = "assert: object.spec.containers[0].image != 'bad'"
EACH_GENERAL = "each: containers\nassert: 'false'\nat: item.name\nyields_to: [demo-b]"
EACH_SPECIFIC = "each: containers\nassert: item.image != 'bad'\nat: item.image"

CASES = {
    # general, specific, images, (policy, line) of each finding
    "whole, nothing specific": (WHOLE_GENERAL, WHOLE_SPECIFIC, ("a", "b"), [("demo-a", 4)]),
    "whole, specific": (WHOLE_GENERAL, WHOLE_SPECIFIC, ("bad", "b"), [("demo-b", 8)]),
    "per container": (EACH_GENERAL, EACH_SPECIFIC, ("a", "bad"), [("demo-a", 7), ("demo-b", 10)]),
    "one container is enough for the whole": (WHOLE_GENERAL, EACH_SPECIFIC, ("a", "bad"), [("demo-b", 10)]),
    "the whole counts for each container": (EACH_GENERAL, WHOLE_SPECIFIC, ("bad", "b"), [("demo-b", 8)]),
}


def run(
    cli: Any, tmp_path: Path, policies: dict[str, str], manifest: str, select: str = "demo-a,demo-b,demo-c"
) -> list[tuple[str, int]]:
    """What the policies of a case find in a manifest: policy and line."""
    folder = tmp_path / "own"
    folder.mkdir()
    for id_, fields in policies.items():
        (folder / f"{id_}.yaml").write_text(POLICY.format(id=id_, fields=fields))
    cli.write({"pod.yaml": manifest})
    wanted = ",".join(id_ for id_ in select.split(",") if id_ in policies)
    result = cli.check("--policies", str(folder), select=wanted)
    return [(finding["policy"], finding["location"]["line"]) for finding in result.findings]


@pytest.mark.parametrize("case", CASES)
def test_the_more_specific_policy_wins(cli: Any, tmp_path: Path, case: str) -> None:
    general, specific, images, expected = CASES[case]
    manifest = POD.format(name="web", one=images[0], two=images[1])
    assert run(cli, tmp_path, {"demo-a": general, "demo-b": specific}, manifest) == expected


def test_another_resource_does_not_count(cli: Any, tmp_path: Path) -> None:
    manifest = POD.format(name="web", one="bad", two="b") + "---\n" + POD.format(name="api", one="a", two="b")
    found = run(cli, tmp_path, {"demo-a": WHOLE_GENERAL, "demo-b": WHOLE_SPECIFIC}, manifest)
    assert found == [("demo-b", 8), ("demo-a", 15)]


def test_it_speaks_where_the_specific_one_is_not_selected(cli: Any, tmp_path: Path) -> None:
    manifest = POD.format(name="web", one="bad", two="b")
    policies = {"demo-a": WHOLE_GENERAL, "demo-b": WHOLE_SPECIFIC}
    assert run(cli, tmp_path, policies, manifest, select="demo-a") == [("demo-a", 4)]


def test_yielding_goes_along_a_chain(cli: Any, tmp_path: Path) -> None:
    policies = {
        "demo-a": "assert: 'false'\nyields_to: [demo-b]",
        "demo-b": "assert: 'false'\nyields_to: [demo-c]",
        "demo-c": "assert: object.spec.containers[0].image != 'bad'",
    }
    manifest = POD.format(name="web", one="bad", two="b") + "---\n" + POD.format(name="api", one="a", two="b")
    assert run(cli, tmp_path, policies, manifest) == [("demo-c", 8), ("demo-b", 15)]


def test_items_that_are_made_anew_for_each_policy(cli: Any, tmp_path: Path) -> None:
    made = "each: \"containers.map(c, {'name': c.name, 'image': c.image, 'args': [c.image]})\"\n"
    policies = {
        "demo-a": made + "assert: 'false'\nyields_to: [demo-b]",
        "demo-b": made + "assert: item.image != 'bad'",
    }
    head, images = POD.format(name="web", one="a", two="b").split("    - name")[0], ["bad", "a", "b"] * 9
    manifest = head + "".join(
        f"    - name: c{number}\n      image: {image}\n" for number, image in enumerate(images)
    )
    told = Counter(policy for policy, _ in run(cli, tmp_path, policies, manifest))
    assert told == {"demo-a": images.count("a") + images.count("b"), "demo-b": images.count("bad")}
