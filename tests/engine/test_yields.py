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
    "the pod counts for each container": (
        EACH_GENERAL,
        "each: '[pod]'\nassert: item.containers[0].image != 'bad'\nat: item.containers[0].image",
        ("bad", "b"),
        [("demo-b", 8)],
    ),
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


EVERYTHING = """resource "aws_iam_policy" "all" {
  policy = jsonencode({ Statement = { Effect = "Allow", Action = "*", Resource = "*" } })
}
"""


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("CKV_AWS_63", "aws-iam-wildcard-action"),
        ("aws-iam-wildcard-action", "aws-iam-wildcard-action"),
        ("aws-iam-admin", "aws-iam-admin"),
        ("aws-iam-wildcard-action,aws-iam-admin", "aws-iam-admin"),
    ],
)
def test_every_action_is_told_by_whoever_runs(cli: Any, select: str, expected: str) -> None:
    cli.write({"main.tf": EVERYTHING})
    result = cli.run("check", "-f", "json", "--select", select)
    assert result.found() == [(expected, "aws_iam_policy.all", "main.tf", 2)]


DEFAULT = 'variable "db_password" {\n  default = "hunter2-but-longer"\n}\n'
USED = 'resource "aws_db_instance" "%s" {\n  password = var.db_password\n}\n'
SECRETS = ("check", "-f", "json", "--select", "tf-secret-literal,tf-secret-default")


def test_a_default_is_told_where_it_is_used(cli: Any) -> None:
    cli.write({"variables.tf": DEFAULT, "main.tf": USED % "a"})
    result = cli.run(*SECRETS)
    assert result.found() == [("tf-secret-literal", "aws_db_instance.a", "main.tf", 2)]
    (origin,) = result.findings[0]["origins"]
    assert (origin["kind"], origin["location"]["path"], origin["location"]["line"]) == (
        "default of variable db_password",
        "variables.tf",
        2,
    )
    alone = cli.run("check", "-f", "json", "--select", "tf-secret-default")
    assert alone.found() == [("tf-secret-default", "var.db_password", "variables.tf", 2)]
    cli.write({"main.tf": USED.replace("password =", "tags =") % "a"})
    assert cli.run(*SECRETS).found() == [("tf-secret-default", "var.db_password", "variables.tf", 2)]


def test_a_default_that_another_module_uses(cli: Any) -> None:
    call = 'module "m" {\n  source   = "./m"\n  password = var.db_password\n}\n'
    inner = DEFAULT.replace("db_password", "password") + USED.replace("db_password", "password") % "a"
    cli.write({"main.tf": DEFAULT + call, "m/main.tf": inner})
    assert cli.run(*SECRETS).found() == [
        ("tf-secret-default", "module.m.var.password", "m/main.tf", 2),
        ("tf-secret-literal", "module.m.aws_db_instance.a", "m/main.tf", 5),
    ]


def test_a_default_that_is_no_longer_used_is_none_that_is_new(cli: Any) -> None:
    cli.git("init", "-q")
    cli.write({"variables.tf": DEFAULT, "main.tf": USED % "a"})
    cli.commit()
    cli.write({"variables.tf": "# moved\n" + DEFAULT, "main.tf": "locals { a = 1 }\n"})
    result = cli.run(*SECRETS, "--diff-base", "main")
    assert [(f["policy"], f["compared"]) for f in result.findings] == [("tf-secret-default", "unchanged")]
    cli.write({"variables.tf": DEFAULT.replace("db_password", "api_token"), "main.tf": ""})
    result = cli.run(*SECRETS, "--diff-base", "main")
    assert [(f["policy"], f["compared"]) for f in result.findings] == [("tf-secret-default", "new")]


def test_a_pod_without_a_profile_is_told_once(cli: Any) -> None:
    cli.write({"pod.yaml": POD.format(name="web", one="a", two="b")})
    args = ("check", "-f", "json", "--select", "k8s-sec-linux-hardening,k8s-sec-seccomp")
    (finding,) = cli.run(*args).findings
    assert (finding["policy"], finding["location"]["line"]) == ("k8s-sec-seccomp", 6)
    assert finding["message"] == (
        "each container (one, two) of Pod/web runs without a seccomp profile (none is set)"
    )


ALARM = 'resource "aws_cloudwatch_metric_alarm" "trail" {\n%s  alarm_name = "trail"\n}\n'
TRAIL = 'resource "aws_cloudtrail" "main" {\n%s  name = "main"\n}\n'
FLAG = 'variable "watched" { type = bool }\n'
COUNT = "  count = var.watched ? 1 : 0\n"


@pytest.mark.parametrize(
    ("files", "statuses"),
    [
        (TRAIL % "" + ALARM % "", []),
        (TRAIL % "", ["fail"]),
        (FLAG + TRAIL % "" + ALARM % COUNT, ["unknown"]),
        (FLAG + TRAIL % "" + (ALARM % COUNT).replace('"trail"\n}', '"other"\n}'), ["fail"]),
        (FLAG + TRAIL % COUNT + ALARM % COUNT, []),
    ],
)
def test_what_may_not_be_there_lets_nothing_pass(
    cli: Any, tmp_path: Path, files: str, statuses: list[str]
) -> None:
    (tmp_path / "own").mkdir()
    fields = "assert: resources('aws_cloudwatch_metric_alarm').exists(a, a.alarm_name == 'trail')"
    policy = POLICY.format(id="demo-a", fields=fields).replace("[Pod]", "[aws_cloudtrail]")
    (tmp_path / "own" / "demo-a.yaml").write_text(policy)
    cli.write({"main.tf": files})
    result = cli.check("--policies", str(tmp_path / "own"), select="demo-a")
    assert [finding["status"] for finding in result.findings] == statuses


GIVEN = """variable "document" { type = string }
variable "actions" { type = list(string) }
resource "aws_iam_policy" "given" {
  policy = var.document
}
data "aws_iam_policy_document" "some" {
  statement {
    actions   = var.actions
    resources = ["*"]
  }
}
"""


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("aws-iam-decrypt", [("aws-iam-decrypt", 3), ("aws-iam-decrypt", 8)]),
        ("aws-iam-secret-read", [("aws-iam-secret-read", 3), ("aws-iam-secret-read", 8)]),
        (
            "aws-iam-decrypt,aws-iam-secret-read,aws-iam-sharing,aws-iam-admin",
            [("aws-iam-admin", 3), ("aws-iam-admin", 8)],
        ),
    ],
)
def test_what_waits_for_one_value_is_told_once(
    cli: Any, select: str, expected: list[tuple[str, int]]
) -> None:
    cli.write({"main.tf": GIVEN})
    report = cli.run("check", "-f", "json", "--select", select)
    assert report.errors == []
    assert {finding["status"] for finding in report.findings} == {"unknown"}
    assert sorted((f["policy"], f["location"]["line"]) for f in report.findings) == expected


def test_what_waits_for_another_value_is_told_too(cli: Any, tmp_path: Path) -> None:
    policies = {
        "demo-a": "assert: object.a == 1\nyields_to: [demo-b]",
        "demo-b": "assert: object.b == 1",
    }
    (tmp_path / "own").mkdir()
    for id_, fields in policies.items():
        text = POLICY.format(id=id_, fields=fields).replace("[Pod]", "[demo_thing]")
        (tmp_path / "own" / f"{id_}.yaml").write_text(text)
    code = 'variable "x" {}\nvariable "y" {}\nresource "demo_thing" "one" {\n  a = var.%s\n  b = var.y\n}\n'
    for name, expected in (("x", ["demo-a", "demo-b"]), ("y", ["demo-b"])):
        cli.write({"main.tf": code % name})
        result = cli.check("--policies", str(tmp_path / "own"), select="demo-a,demo-b")
        assert sorted(finding["policy"] for finding in result.findings) == expected


DYNAMIC = """data "aws_iam_policy_document" "some" {
  dynamic "statement" {
    for_each = ["*", "kms:Decrypt"]
    content {
      actions   = [statement.value]
      resources = ["*"]
    }
  }
}
"""
TEXT = """resource "aws_iam_policy" "some" {
  policy = <<-EOT
    {"Statement": [
      {"Effect": "Allow", "Action": "*", "Resource": "*"},
      {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    ]}
  EOT
}
"""


@pytest.mark.parametrize("code", [DYNAMIC, TEXT], ids=["one span", "no spans"])
def test_statements_are_told_apart_where_places_do_not(cli: Any, code: str) -> None:
    cli.write({"main.tf": code})
    both = cli.run("check", "-f", "json", "--select", "aws-iam-decrypt,aws-iam-admin")
    assert sorted(finding["policy"] for finding in both.findings) == ["aws-iam-admin", "aws-iam-decrypt"]
    alone = cli.run("check", "-f", "json", "--select", "aws-iam-decrypt")
    assert [finding["policy"] for finding in alone.findings] == ["aws-iam-decrypt"] * 2
