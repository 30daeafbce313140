"""`readiness policies test`: names, controls, fields and the parts of conditions, each with its place."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest

from readiness.policy.bundle import builtin_folder
from readiness.policy.loader import load_folder

HEAD = """\
id: {id}
title: {title}
control: own-01
severity: high
resources: [{types}]
{fields}message: "{{address}} is wrong"
remediation: |
  Set `a` to 1 on the bucket.
{more}examples:
"""


def policy(
    id_: str = "own-demo",
    types: str = "demo_bucket",
    fields: str = "assert: object.a == 1\n",
    good: str = 'resource "demo_bucket" "x" {\n  a = 1\n}\n',
    bad: str = 'resource "demo_bucket" "x" {\n  a = 2\n}\n',
    more: str = "",
    title: str = "",
) -> str:
    """A policy file with an example of either kind."""
    text = HEAD.format(id=id_, types=types, fields=fields, more=more, title=title or f"The state of {id_}")
    for kind, code in (("pass", good), ("fail", bad)):
        text += f"  {kind}:\n    - |\n" + textwrap.indent(code, "      ")
    return text


def told(cli: Any, *args: str) -> list[str]:
    """The lines of a run that finds something, without the summary."""
    result = cli.run("policies", "test", *args)
    assert (result.status, result.err) == (2, "")
    *lines, last = result.out.splitlines()
    assert last.endswith("problem" if len(lines) == 1 else "problems")
    return lines


# -- files and names ------------------------------------------------------------------


def test_every_broken_file_is_named_and_the_rest_is_proven(cli: Any) -> None:
    cli.write(
        {
            "mine/own-a.yaml": policy("own-a").replace("severity", "serverity"),
            "mine/own-b.yaml": policy("own-b").replace("own-01", "own-99"),
            "mine/own-c.yaml": policy("own-c", fields="assert: object.a ==\n"),
            "mine/own-d.yaml": policy("own-d", fields="assert: object.a == 3\n"),
        }
    )
    lines = told(cli, "mine")
    assert lines[0] == "mine/own-a.yaml:4:1: there is no field 'serverity' here; did you mean 'severity'?"
    assert lines[1].startswith("mine/own-b.yaml:3:1: there is no control 'own-99'; did you mean")
    assert lines[2].startswith("mine/own-c.yaml:6:")
    assert lines[3].startswith("mine/own-d.yaml:12:7: own-d: pass example 1: expected a pass, got fail at")
    assert len(lines) == 4


CLAIMS: dict[str, tuple[dict[str, str], str]] = {
    # what: the policies, and what is said of them
    "an alias twice": (
        {"own-a": "aliases: [PEER_1, PEER_2]\n", "own-b": "aliases: [PEER_3, peer_2]\n"},
        "mine/own-b.yaml:10:19: own-b: the alias 'peer_2' is claimed by own-a (mine/own-a.yaml) as well: "
        "one policy has it, or aliases.yaml says why several do",
    ),
    "an alias that is a policy": (
        {"own-a": "aliases: [own-b]\n", "own-b": ""},
        "mine/own-a.yaml:10:11: own-a: the alias 'own-b' is the id of a policy (mine/own-b.yaml)",
    ),
    "a former id that is taken": (
        {"own-a": "former_ids: [own-b]\n", "own-b": ""},
        "mine/own-a.yaml:10:14: own-a: the former id 'own-b' is the id of a policy (mine/own-b.yaml)",
    ),
    "a former id of a built-in policy": (
        {"own-a": "former_ids: [aws-rds-multi-az]\n"},
        "mine/own-a.yaml:10:14: own-a: the former id 'aws-rds-multi-az' is the id of a policy",
    ),
    "a former id twice": (
        {"own-a": "former_ids: [own-old]\n", "own-b": "former_ids: [own-old]\n"},
        "mine/own-b.yaml:10:14: own-b: the former id 'own-old' is one of own-a (mine/own-a.yaml) as well",
    ),
    "yielding to nothing": (
        {"own-abc": "yields_to: [own-abd]\n", "own-abe": ""},
        "mine/own-abc.yaml:10:13: own-abc: yields_to: there is no policy 'own-abd'; did you mean 'own-abe'?",
    ),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_claims_that_cannot_stand(cli: Any, what: str) -> None:
    policies, expected = CLAIMS[what]
    cli.write({f"mine/{id_}.yaml": policy(id_, more=more) for id_, more in policies.items()})
    assert told(cli, "mine") == [expected]


def test_policies_that_yield_to_each_other(cli: Any) -> None:
    circle = {"own-a": "own-b", "own-b": "own-c", "own-c": "own-a"}
    cli.write({f"mine/{id_}.yaml": policy(id_, more=f"yields_to: [{to}]\n") for id_, to in circle.items()})
    lines = told(cli, "mine")
    assert lines[0] == (
        "mine/own-a.yaml:10:13: own-a: yields_to: policies yield to each other: own-a → own-b → own-c → own-a"
    )
    assert len(lines) == 3


def test_yielding_to_a_built_in_policy(cli: Any) -> None:
    cli.write({"mine/own-a.yaml": policy("own-a", more="yields_to: [aws-rds-multi-az]\n")})
    assert cli.run("policies", "test", "mine").status == 0


def test_a_title_twice(cli: Any) -> None:
    cli.write({f"mine/{i}.yaml": policy(i, title="A title of two") for i in ("own-a", "own-b")})
    assert told(cli, "mine") == [
        "mine/own-b.yaml:2:8: own-b: the title is that of own-a (mine/own-a.yaml): say what is different"
    ]


def test_an_id_of_a_built_in_policy(cli: Any) -> None:
    cli.write({"mine/aws-rds-multi-az.yaml": policy("aws-rds-multi-az")})
    assert told(cli, "mine") == [
        "mine/aws-rds-multi-az.yaml:1:5: aws-rds-multi-az: the id 'aws-rds-multi-az' is taken by a built-in policy"
    ]


def test_an_alias_twice_with_a_reason(cli: Any) -> None:
    cli.write({f"mine/{i}.yaml": policy(i, more="aliases: [PEER_1]\n") for i in ("own-a", "own-b")})
    cli.write({"mine/aliases.yaml": "peer_1: it means two defects\n"})
    assert cli.run("policies", "test", "mine").out.endswith("1 alias: all proven\n")
    cli.write({"mine/aliases.yaml": "PEER_1: it means two defects\nPEER_2: and this none\n"})
    assert told(cli, "mine") == [
        "mine/aliases.yaml:1:1: peer_2: no two policies claim it, so there is nothing to say of it"
    ]
    cli.write({"mine/aliases.yaml": "PEER_1:\n"})
    assert told(cli, "mine")[0] == "mine/aliases.yaml:1:1: PEER_1: the reason is expected, a text"


def test_a_control_without_a_policy(cli: Any) -> None:
    controls = "controls:\n  - id: team-01\n    title: One\n  - id: team-02\n    title: Two\n"
    cli.write(
        {"mine/own-a.yaml": policy("own-a").replace("own-01", "team-01"), "mine/controls.yaml": controls}
    )
    assert told(cli, "mine") == ["mine/controls.yaml:4:1: no policy implements the control 'team-02'"]


def test_a_pack_file_that_is_wrong(cli: Any) -> None:
    cli.write({"mine/own-a.yaml": policy("own-a"), "mine/pack.yaml": "nmae: x\n"})
    assert told(cli, "mine") == ["mine/pack.yaml:1:1: there is no field 'nmae' here; did you mean 'name'?"]


def test_a_condition_that_nests_deeply(cli: Any) -> None:
    deep = "(" * 100 + "object.a" + " + 0)" * 100
    cli.write({"mine/own-a.yaml": policy("own-a", types="demo_bucket", fields=f"assert: {deep} == 1\n")})
    assert cli.run("policies", "test", "mine").out == "1 policy, 2 examples: all proven\n"


# -- fields -----------------------------------------------------------------------------

BUCKET = 'resource "aws_s3_bucket" "x" {\n  bucket = "good"\n}\n'
WRONG_BUCKET = BUCKET.replace("good", "bad")
NAMED = 'object.bucket == "good"'
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: "web:1"}
"""

FIELDS: dict[str, tuple[str, str, str]] = {
    # what: types, an expression for `at`, what is said of it
    "a field that is not there": (
        "aws_s3_bucket",
        "object.buckets == null",
        "there is no field `object.buckets`; did you mean `bucket`?",
    ),
    "a field of a block": (
        "aws_s3_bucket",
        "object.website[0].index == null",
        "there is no field `object.website[0].index`",
    ),
    "a block in a block": (
        "aws_s3_bucket",
        "!object.lifecycle_rule.exists(r, r.expiration[0].day > 1)",
        "there is no field `r.expiration[0].day`; did you mean `days`?",
    ),
    "a block without its place": (
        "aws_s3_bucket, aws_security_group",
        "object.ingress.from_port == null",
        "`object.ingress.from_port` reads a field of a list: take an element of it first, as in `[0].from_port`",
    ),
    "the second name of a macro": (
        "aws_s3_bucket",
        "!object.lifecycle_rule.exists(i, r, r.statu == i)",
        "there is no field `r.statu`",
    ),
    "a value that is bound": (
        "aws_s3_bucket",
        "cel.bind(w, object.website, w[0].indx == null)",
        "there is no field `w[0].indx`",
    ),
    "a filtered list": (
        "aws_s3_bucket",
        "object.cors_rule.filter(r, r.allowed_methods != null).all(r, r.alowed_origins == null)",
        "there is no field `r.alowed_origins`; did you mean `allowed_origins`?",
    ),
    "an optional field": (
        "aws_s3_bucket",
        'object.?buket.orValue("") == ""',
        "there is no field `object.?buket`; did you mean `bucket`?",
    ),
    "a linked resource": (
        "aws_s3_bucket",
        '!linked("aws_s3_bucket_versioning").exists(v, v.versioning_configuration[0].state == "x")',
        "there is no field `v.versioning_configuration[0].state`; did you mean `status`?",
    ),
    "resources of a type": (
        "aws_s3_bucket",
        '!resources("aws_db_instance").exists(d, d.multi_as == true)',
        "there is no field `d.multi_as`; did you mean `multi_az`?",
    ),
    "several types": (
        "aws_s3_bucket, aws_db_instance",
        "object.engine_versions == null",
        "there is no field `object.engine_versions`; did you mean `engine_version`?",
    ),
    "another name of a type": (
        "aws_s3_bucket, aws_alb",
        "object.intern == null",
        "there is no field `object.intern`; did you mean `internal`?",
    ),
}


@pytest.mark.parametrize("what", FIELDS)
def test_fields_that_no_type_has(cli: Any, what: str) -> None:
    types, condition, expected = FIELDS[what]
    fields = f"assert: |\n  {NAMED}\nat: |\n  {condition}\n"
    cli.write({"mine/own-demo.yaml": policy(types=types, fields=fields, good=BUCKET, bad=WRONG_BUCKET)})
    lines = told(cli, "mine")
    text = expected.split("`")[1]
    column = condition.index(text) + 3
    assert lines == [f"mine/own-demo.yaml:9:{column}: own-demo: at: {expected}"]


KNOWN_FIELDS = [
    # types, condition
    ("aws_s3_bucket", "object.tags.Anything.at_all == null"),
    ("aws_s3_bucket", 'object.tags["a"] == null'),
    ("aws_s3_bucket", "object.lifecycle[0].prevent_destroy == true"),
    ("aws_s3_bucket", "object.timeouts[0].create == null"),
    ("aws_s3_bucket", "object.versioning[0].enabled == true"),
    ("aws_s3_bucket", "dyn(object).not_here_yet == null"),
    ("aws_s3_bucket, aws_db_instance", "object.multi_az == null || object.acl == null"),
    ("aws_s3_bucket, demo_bucket", "object.whatever == null"),
    ("aws_*", "object.whatever == null"),
    ("aws_s3_bucket", "statements(object.policy).all(s, s.expanded == null)"),
    ("aws_s3_bucket", "environments().all(e, environments()[e].acl == null)"),
    ("aws_s3_bucket, azurerm_kubernetes_cluster", "object.api_server_authorized_ip_ranges == null"),
    (
        "aws_s3_bucket, google_container_node_pool",
        "object.node_config[0].workload_metadata_config[0].node_metadata == null",
    ),
    ("aws_s3_bucket, newrelic_nrql_alert_condition", "object.critical[0].threshold == null"),
    ("aws_s3_bucket, pagerduty_service", "object.incident_urgency_rule[0].type == null"),
    ("aws_s3_bucket, Secret", "object.sops == null && object.stringData.anything == null"),
    (
        "aws_s3_bucket, HorizontalPodAutoscaler",
        "object.spec.metrics.all(m, m.resource.targetAverageUtilization == null)",
    ),
]


@pytest.mark.parametrize(("types", "condition"), KNOWN_FIELDS)
def test_fields_that_are_there_or_cannot_be_told(cli: Any, types: str, condition: str) -> None:
    fields = f"assert: |\n  {NAMED}\nat: |\n  {condition}\n"
    cli.write({"mine/own-demo.yaml": policy(types=types, fields=fields, good=BUCKET, bad=WRONG_BUCKET)})
    result = cli.run("policies", "test", "mine")
    assert (result.status, result.out[:18]) == (0, "1 policy, 2 exampl")


KUBERNETES = [
    # condition, what is said of it
    ("pod.hostNetworks != true", "there is no field `pod.hostNetworks`; did you mean `hostNetwork`?"),
    ("all_containers.all(c, c.securityContext.privilege != true)",
     "there is no field `c.securityContext.privilege`; did you mean `privileged`?"),
    ("containers.all(c, effective(c).resource == null)",
     "there is no field `effective(c).resource`; did you mean `resources`?"),
    ("object.spec.containers.name == null",
     "`object.spec.containers.name` reads a field of a list: take an element of it first, as in `[0].name`"),
    ("object.metadata.label == null", "there is no field `object.metadata.label`; did you mean `labels`?"),
    ("object.metadata.labels.app == null", ""),
    ("object.spec.volumes.all(v, v.csi.volumeAttributes.anything == null)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "expected"), KUBERNETES)
def test_fields_of_kubernetes(cli: Any, condition: str, expected: str) -> None:
    fields = f"assert: |\n  pod.hostIPC != true\nat: |\n  {condition}\n"
    bad = POD + "  hostIPC: true\n"
    cli.write({"mine/own-demo.yaml": policy(types="Pod", fields=fields, good=POD, bad=bad)})
    if expected:
        assert [line.partition("at: ")[2] for line in told(cli, "mine")] == [expected]
    else:
        assert cli.run("policies", "test", "mine").status == 0


def test_a_view_takes_kinds_that_no_schema_knows(cli: Any) -> None:
    fields = "assert: |\n  pod.hostIPC != true\nat: |\n  object.spec.strategy.canary.steps\n"
    bad = POD + "  hostIPC: true\n"
    cli.write({"mine/own-demo.yaml": policy(types="workload", fields=fields, good=POD, bad=bad)})
    assert cli.run("policies", "test", "mine").status == 0


def test_fields_of_each_and_of_the_message(cli: Any) -> None:
    fields = "each: object.cors_rule\nassert: size(item.allowed_methods) == 1\n"
    good = 'resource "aws_s3_bucket" "x" {\n  cors_rule {\n    allowed_methods = ["GET"]\n  }\n}\n'
    bad = good.replace('"GET"', '"GET", "PUT"')
    text = policy(types="aws_s3_bucket", fields=fields, good=good, bad=bad)
    cli.write({"mine/own-demo.yaml": text})
    assert cli.run("policies", "test", "mine").status == 0
    cli.write({"mine/own-demo.yaml": text.replace("{address} is wrong", "{address}: {item.methods}")})
    assert told(cli, "mine") == [
        "mine/own-demo.yaml:8:23: own-demo: message: there is no field `item.methods`; "
        "did you mean `allowed_methods`?"
    ]


# -- the parts of a condition ---------------------------------------------------------

TWO = "assert: >-\n  object.a == 1\n  && object.b != 2\n"


def test_a_part_that_no_example_needs(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": policy(fields=TWO)})
    assert told(cli, "mine") == [
        "mine/own-demo.yaml:8:6: own-demo: assert: no example notices that `object.b != 2` is gone: add one"
    ]


def test_a_part_that_an_example_needs(cli: Any) -> None:
    more = '    - |\n      resource "demo_bucket" "x" {\n        a = 1\n        b = 2\n      }\n'
    cli.write({"mine/own-demo.yaml": policy(fields=TWO) + more})
    result = cli.run("policies", "test", "mine")
    assert (result.status, result.out) == (0, "1 policy, 3 examples, 2 conjuncts: all proven\n")


def test_parts_are_not_asked_for_where_examples_do_not_hold(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": policy(fields=TWO.replace("== 1", "== 3"))})
    lines = told(cli, "mine")
    assert len(lines) == 1
    assert "own-demo: pass example 1: expected a pass" in lines[0]


# -- the report ---------------------------------------------------------------------------


def test_the_report_for_machines(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": policy(fields=TWO, more="aliases: [PEER_1]\n")})
    result = cli.run("policies", "test", "mine", "-f", "json")
    assert result.status == 2
    assert json.loads(result.out) == {
        "schema_version": 1,
        "counts": {
            "policies": 1,
            "examples": 2,
            "controls": 0,
            "aliases": 1,
            "fields": 0,
            "conjuncts": 2,
            "fixes": 0,
        },
        "problems": [
            {
                "path": "mine/own-demo.yaml",
                "line": 8,
                "column": 6,
                "proof": "conjuncts",
                "policy": "own-demo",
                "message": "assert: no example notices that `object.b != 2` is gone: add one",
            }
        ],
    }


def test_several_packs(cli: Any) -> None:
    cli.write({"one/own-a.yaml": policy("own-a"), "two/own-b.yaml": policy("own-b")})
    assert cli.run("policies", "test", "one", "two").out == "2 policies, 4 examples: all proven\n"
    cli.write({"two/own-a.yaml": policy("own-a")})
    assert (
        told(cli, "one", "two")[0] == "two/own-a.yaml:1:5: own-a: the id 'own-a' is taken by one/own-a.yaml"
    )


def test_many_policies_in_several_processes(cli: Any) -> None:
    files = {f"mine/own-p{n}.yaml": policy(f"own-p{n}") for n in range(60)}
    files["mine/own-p7.yaml"] = policy("own-p7", fields=TWO)
    cli.write(files)
    result = cli.run("policies", "test", "mine")
    first, last = result.out.splitlines()
    assert first.startswith("mine/own-p7.yaml:8:6: own-p7: assert: no example notices")
    assert last == "60 policies, 120 examples, 2 conjuncts: 1 problem"


def test_a_part_of_the_built_in_pack_is_proven_with_what_the_whole_says_of_shared_ids(cli: Any) -> None:
    network = builtin_folder() / "aws" / "network"
    claiming = [policy.id for policy in load_folder(network) if "AVD-AWS-0107" in policy.aliases]
    assert len(claiming) > 1
    result = cli.run("policies", "test", str(network))
    assert (result.status, result.out.splitlines()[-1].rpartition(": ")[2]) == (0, "all proven")
