"""Plans of Terraform 1.11.4 (`plans/`) as resources: values, unknowns, secrets, references, changes."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.estate.model import Link, Resource
from readiness.sources.plan import may_be_plan, read_plan, recognise
from readiness.terraform.plan import Planned, plan_resources
from readiness.terraform.plan_addresses import Address, parse_address, steps_of, without_key
from readiness.terraform.plan_references import unmentioned
from readiness.values import Map, Supplied, Unknown, unknowns

PLANS = Path(__file__).parent / "plans"
SHOP = (PLANS / "shop/plan.json").read_bytes()


def planned(raw: bytes | str | dict[str, Any], path: str = "infra/plan.json") -> Planned:
    """The resources of a plan."""
    text = json.dumps(raw) if isinstance(raw, dict) else raw
    content = text.encode() if isinstance(text, str) else text
    assert recognise(content) == "plan"
    plan = read_plan(path, content, "plan")
    assert not isinstance(plan, SourceError), plan
    return plan_resources(plan)


def by_address(found: Planned) -> dict[str, Resource]:
    """Resources and deleted resources by address."""
    return {resource.address: resource for resource in [*found.changes, *found.resources]}


@pytest.fixture(scope="module")
def data() -> dict[str, Resource]:
    """The plan of the root `data`."""
    return by_address(planned((PLANS / "data/plan.json").read_bytes()))


@pytest.fixture(scope="module")
def shop() -> dict[str, Resource]:
    """The plan of the root `shop`."""
    return by_address(planned(SHOP))


@pytest.fixture(scope="module")
def change() -> dict[str, Resource]:
    """The plan of the root `change`."""
    return by_address(planned((PLANS / "change/plan.json").read_bytes()))


def binary_plan() -> bytes:
    """A saved plan is a zip file with a member of this name."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("tfplan", "0")
    return target.getvalue()


LOG = (
    b'{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","type":"version","ui":"1.2"}\n'
)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SHOP, "plan"),
        (json.dumps(json.loads(SHOP), indent=2, sort_keys=True).encode(), "plan"),
        (b"\xef\xbb\xbf" + SHOP, "plan"),
        (SHOP.decode().encode("utf-16"), "plan"),
        (SHOP[:2000], "plan"),
        ((PLANS / "change/state.json").read_bytes(), "plan"),
        (LOG, "log"),
        (binary_plan(), "binary"),
        (b"[command]/opt/terraform-bin show -json tfplan\n" + SHOP, "wrapped"),
        (b'{"apiVersion": "v1", "kind": "ConfigMap", "data": {"terraform_version": "1"}}', None),
        (b'{"kind": "Demo", "format_version": "1.2", "terraform_version": "1"}', None),
        (
            b'{"apiVersion": "v1", "kind": "ConfigMap", "data": {"plan": "{\\"format_version\\":\\"1\\"}"}}',
            None,
        ),
        (b'{"resource": {"aws_s3_bucket": {"a": {"bucket": "format_version"}}}}', None),
        (b'{"version": 4, "terraform_version": "1.11.4", "serial": 1, "resources": []}', None),
        (b"PK\x03\x04 some other archive", None),
        (b"", None),
    ],
)
def test_a_plan_is_told_by_its_content(raw: bytes, kind: str | None) -> None:
    assert recognise(raw) == kind


def test_the_head_of_a_large_plan_is_enough() -> None:
    assert may_be_plan(SHOP[:100])
    assert may_be_plan(b'{"configuration": {"provider_config"')
    assert not may_be_plan(b'{"apiVersion": "v1"')


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (SHOP[:3000], 1, 3001, "the plan ends too early: write it again with `terraform show -json`"),
        (
            b'{\n  "format_version": "1.2",\n  "planned_values": {,',
            3,
            22,
            "the plan is not valid JSON from here on",
        ),
        (
            b'{\n  "format_version": "2.0"}',
            2,
            3,
            "the plan has format version 2.0; this release reads versions 0.x and 1.x",
        ),
        (
            b'{"format_version": "1.2", "resource_changes": [{"address": "hunter2"}]}',
            1,
            1,
            "this is no plan that Terraform writes: Object missing required field `type`, at resource_changes[0]",
        ),
        (b'{"format_version": "1.2", "errored": "\xff"}', 1, 39, "the plan is not UTF-8"),
    ],
)
def test_a_broken_plan_is_an_error_with_its_place(raw: bytes, line: int, column: int, message: str) -> None:
    found = read_plan("p.json", raw, "plan")
    assert isinstance(found, SourceError)
    assert (found.path, found.line, found.column) == ("p.json", line, column)
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("binary", "`terraform show -json p.json`"),
        ("log", "`terraform show -json tfplan`"),
        ("wrapped", "terraform_wrapper: false"),
    ],
)
def test_what_is_no_json_plan_says_what_to_run(kind: str, says: str) -> None:
    found = read_plan("p.json", b"", kind)
    assert isinstance(found, SourceError)
    assert says in found.message


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("aws_s3_bucket.a", Address((), "managed", "aws_s3_bucket", "a", None)),
        ("aws_s3_bucket.a[0]", Address((), "managed", "aws_s3_bucket", "a", 0)),
        ('data.t.n["x.y"]', Address((), "data", "t", "n", "x.y")),
        (
            'module.a["b].c"].module.d[1].t.n["e\\"f"]',
            Address((("a", "b].c"), ("d", 1)), "managed", "t", "n", 'e"f'),
        ),
        ("module.a.data.t.n", Address((("a", None),), "data", "t", "n", None)),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_references_are_taken_apart() -> None:
    assert steps_of('module.store["logs"].bucket[0]') == ["module", "store", "logs", "bucket", 0]
    assert without_key('module.a["b].c"].t.n[0]') == "module.a.t.n"


def test_values_unknowns_and_secrets_of_nested_values(data: dict[str, Resource]) -> None:
    nested = data["terraform_data.nested"]
    value = nested.body["input"]
    assert value["known"] == "yes"
    assert value["token"] == "sesame-open-now"
    assert isinstance(value["pin"], Unknown)
    assert (value["pin"].reason, value["pin"].not_null) == ("the value is sensitive", True)
    assert value["items"][0] == "a"
    waiting = [value["unknown"], value["items"][1]]
    assert {(u.reason, u.refs) for u in waiting} == {
        ("terraform_data.first.id is known only after apply", ("terraform_data.first.id",))
    }
    assert nested.secrets == {"sesame-open-now"}


def test_what_only_apply_knows_and_nobody_sets_is_absent(
    data: dict[str, Resource], shop: dict[str, Resource]
) -> None:
    assert set(data["terraform_data.first"].body) == {"input", "id"}
    orders = shop["aws_db_instance.orders"].body
    assert "performance_insights_kms_key_id" not in orders
    assert "vpc_security_group_ids" not in orders
    assert orders["publicly_accessible"] is True
    assert orders["auto_minor_version_upgrade"] is True  # the provider's default
    assert isinstance(orders["arn"], Unknown)
    assert (orders["arn"].not_null, orders["arn"].prefix) == (True, "arn:")


def test_blocks_that_are_not_there_are_absent(shop: dict[str, Resource]) -> None:
    assert "metadata_options" not in shop["aws_instance.web[0]"].body
    assert shop["aws_instance.web[1]"].body["root_block_device"] == [{"encrypted": False}]
    ports = [rule["from_port"] for rule in shop["aws_security_group.web"].body["ingress"]]
    assert sorted(ports) == [22, 80, 443]


def test_an_attribute_of_another_resource_is_what_it_is_in_hcl(shop: dict[str, Resource]) -> None:
    key = shop["aws_db_instance.orders"].body["kms_key_id"]
    assert isinstance(key, Unknown)
    assert key.reason == "aws_kms_key.data.arn is known only after apply"
    assert key.refs == ("aws_kms_key.data.arn",)
    assert key.not_null
    rule = shop['module.store["logs"].aws_s3_bucket_server_side_encryption_configuration.this'].body["rule"][
        0
    ]
    inner = rule["apply_server_side_encryption_by_default"][0]["kms_master_key_id"]
    assert (inner.refs, inner.not_null) == (("aws_kms_key.data.arn",), True)


@pytest.mark.parametrize(
    ("address", "links"),
    [
        ("aws_db_instance.orders", [Link("aws_kms_key.data", "kms_key_id")]),
        (
            "aws_s3_bucket_policy.logs",
            [
                Link('module.store["logs"].aws_s3_bucket.this', "bucket"),
                Link("data.aws_iam_policy_document.bucket", "policy"),
            ],
        ),
        (
            'module.store["invoice"].aws_s3_bucket_server_side_encryption_configuration.this',
            [
                Link('module.store["invoice"].aws_s3_bucket.this', "bucket"),
                Link("aws_kms_key.data", "rule.apply_server_side_encryption_by_default.kms_master_key_id"),
            ],
        ),
        (
            "data.aws_iam_policy_document.bucket",
            [Link('module.store["logs"].aws_s3_bucket.this', "statement.resources")],
        ),
    ],
)
def test_references_lead_through_variables_and_outputs(
    shop: dict[str, Resource], address: str, links: list[Link]
) -> None:
    assert shop[address].references == links


@pytest.mark.parametrize(
    ("address", "targets"),
    [
        ('terraform_data.follows["b.c"]', ['terraform_data.each["b.c"]']),
        ("terraform_data.picked", ['terraform_data.each["b.c"]']),
        ("terraform_data.all", [f"terraform_data.each[{json.dumps(key)}]" for key in ("a", "b.c", 'd"e')]),
        ('module.outer["y"].module.inner[1].terraform_data.this', ["terraform_data.first"]),
        (
            "terraform_data.output",
            [
                'module.outer["x"].module.inner[0].terraform_data.this',
                'module.outer["x"].module.inner[1].terraform_data.this',
                "terraform_data.all",
            ],
        ),
        ("terraform_data.through_local", []),
    ],
)
def test_references_lead_to_instances(data: dict[str, Resource], address: str, targets: list[str]) -> None:
    assert sorted(link.address for link in data[address].references) == sorted(targets)


def test_what_goes_through_a_local_may_be_anything(data: dict[str, Resource]) -> None:
    value = data["terraform_data.through_local"].body["input"]
    assert isinstance(value, Unknown)
    assert value.refs == ()
    assert value.reason == "terraform_data.through_local.input is known only after apply"


def test_a_policy_document_that_waits_keeps_its_statements(shop: dict[str, Resource]) -> None:
    policy = shop["aws_s3_bucket_policy.logs"].body["policy"]
    assert isinstance(policy, Unknown)
    statement = policy.document["Statement"][0]
    assert (statement["Effect"], statement["Principal"]) == ("Allow", "*")
    assert statement["Action"] == ["s3:GetObject"]
    assert [unknown.refs[0] for unknown in unknowns(statement)] == [
        'module.store["logs"].aws_s3_bucket.this.arn'
    ]


def test_data_sources_that_the_plan_has_read_are_there(shop: dict[str, Resource]) -> None:
    reader = shop["data.aws_iam_policy_document.reader"]
    assert reader.type == "data.aws_iam_policy_document"
    assert json.loads(reader.body["json"])["Statement"][0]["Action"] == "*"


def test_texts_that_the_configuration_does_not_write_are_marked(shop: dict[str, Resource]) -> None:
    body = shop["aws_db_instance.orders"].body
    assert isinstance(body["password"], Supplied)
    assert not isinstance(body["engine"], Supplied)


def test_tags_are_those_that_the_provider_will_set(shop: dict[str, Resource]) -> None:
    assert shop["aws_db_instance.reports"].tags == {"service": "reports", "team": "payments", "tier": "0"}


def test_a_resource_stands_where_the_plan_first_names_it(shop: dict[str, Resource]) -> None:
    span = shop["aws_kms_key.data"].span
    assert (span.path, span.line) == ("infra/plan.json", 1)
    assert SHOP[span.column - 1 : span.end_column - 1] == b'"address":"aws_kms_key.data"'
    pretty = json.dumps(json.loads(SHOP), indent=2)
    found = by_address(planned(pretty))["aws_kms_key.data"].span
    assert pretty.split("\n")[found.line - 1].strip() == '"address": "aws_kms_key.data",'


@pytest.mark.parametrize(
    ("address", "action", "reason", "paths"),
    [
        ("aws_db_instance.orders", "update", None, ()),
        ("aws_db_instance.reports", "replace", "replace_because_cannot_update", ("storage_encrypted",)),
        ("aws_ebs_volume.data[0]", "no-op", None, ()),
        ("aws_ebs_volume.data[1]", "delete", "delete_because_count_index", ()),
        ("aws_s3_bucket.scratch", "delete", "delete_because_no_resource_config", ()),
        ('module.store["invoice"].aws_s3_bucket.this', "delete", "delete_because_no_module", ()),
    ],
)
def test_changes(
    change: dict[str, Resource], address: str, action: str, reason: str | None, paths: tuple[str, ...]
) -> None:
    found = change[address].change
    assert found is not None
    assert (found.action, found.reason, found.replace_paths) == (action, reason, paths)
    assert (found.after is None) == (action == "delete")


def test_before_and_after(change: dict[str, Resource]) -> None:
    orders = change["aws_db_instance.orders"].change
    assert orders is not None and orders.before is not None and orders.after is not None
    assert (orders.before["backup_retention_period"], orders.after["backup_retention_period"]) == (14, 1)
    assert orders.after is change["aws_db_instance.orders"].body
    gone = change["aws_s3_bucket.scratch"]
    assert gone.body["bucket"] == "scratch"
    assert gone.change is not None and gone.change.before is gone.body


def test_what_is_deleted_is_no_resource(change: dict[str, Resource]) -> None:
    found = planned((PLANS / "change/plan.json").read_bytes())
    assert "aws_s3_bucket.scratch" not in {resource.address for resource in found.resources}
    plan = change["plan.plan"]
    assert plan.body["replaced"] == ["aws_db_instance.reports"]
    assert "aws_ebs_volume.data[1]" in plan.body["deleted"]
    assert len(plan.body["deleted"]) == 5


def test_a_state_has_resources_and_no_changes() -> None:
    found = planned((PLANS / "change/state.json").read_bytes(), "state.json")
    addresses = {resource.address: resource for resource in found.resources}
    assert found.changes == []
    assert len(addresses) == 13
    orders = addresses["aws_db_instance.orders"]
    assert orders.body["backup_retention_period"] == 14
    assert "kms_key_id" not in orders.body  # "" is how a state writes that there is none
    assert orders.secrets == {"correct-horse-battery"}


def small(change: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan of one change."""
    one = {"address": "t.a", "type": "t", "name": "a", "change": change}
    return {"format_version": "1.2", "resource_changes": [one], **more}


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["delete", "create"], "replace"),
        (["create", "delete"], "replace"),
        (["create", "forget"], "create"),
        (["create"], "create"),
        (["read"], "read"),
    ],
)
def test_actions_of_what_stays(actions: list[str], action: str) -> None:
    found = planned(small({"actions": actions, "before": {"x": 1}, "after": {"x": 2}}))
    resource = by_address(found)["t.a"]
    assert resource.change is not None
    assert resource.change.action == action
    assert resource in found.resources


def test_an_object_that_was_left_over_is_a_deletion_of_its_own() -> None:
    plan = small({"actions": ["no-op"], "before": {"x": 1}, "after": {"x": 1}})
    left = {
        **plan["resource_changes"][0],
        "deposed": "1a2b",
        "change": {"actions": ["delete"], "before": {"x": 0}},
    }
    plan["resource_changes"].append(left)
    found = planned(plan)
    assert [r.address for r in found.resources if r.type == "t"] == ["t.a"]
    gone = by_address(found)["t.a (deposed 1a2b)"]
    assert gone.change is not None
    assert (gone.change.action, dict(gone.body)) == ("delete", {"x": 0})


@pytest.mark.parametrize(
    ("value", "sensitive", "kept", "secrets"),
    [
        ("hunter2!", True, "hunter2!", {"hunter2!"}),
        ("abc", True, None, set()),
        ("", True, "", set()),
        (7, True, None, set()),
        (True, True, None, set()),
        ({"a": "secret"}, True, None, set()),
        (["first", 2], True, ["first", None], {"first"}),
        ({"a": "secret", "b": "open"}, {"a": True}, {"a": "secret", "b": "open"}, {"secret"}),
        ('{"user": "adam", "n": [1, "deep"]}', True, '{"user": "adam", "n": [1, "deep"]}', {"adam", "deep"}),
        ("first line\nsecond line\n", True, "first line\nsecond line\n", {"first line", "second line"}),
    ],
)
def test_sensitive_values(value: Any, sensitive: Any, kept: Any, secrets: set[str]) -> None:
    change = {"actions": ["create"], "after": {"x": value}, "after_sensitive": {"x": sensitive}}
    resource = by_address(planned(small(change)))["t.a"]

    def plain(found: Any) -> Any:
        if isinstance(found, Unknown):
            assert (found.reason, found.not_null) == ("the value is sensitive", True)
            return None
        return [plain(item) for item in found] if isinstance(found, list) else found

    # An empty text is no secret, and tells that none is set: as an argument that is not set.
    assert plain(resource.body.get("x", "")) == kept
    assert resource.secrets >= secrets
    if not secrets:
        assert resource.secrets == set()


def configured(expressions: dict[str, Any], change: dict[str, Any], **more: Any) -> Map:
    """The body of a resource with a configuration."""
    block = {"type": "t", "name": "a", "expressions": expressions}
    plan = small(change, configuration={"root_module": {"resources": [block]}}, **more)
    return by_address(planned(plan))["t.a"].body


def test_defaults_that_say_nothing_are_absent_unless_they_are_written() -> None:
    after: dict[str, Any] = {"a": None, "b": "", "c": [], "d": 0, "e": False, "f": "", "g": None, "h": []}
    written = {name: {"constant_value": after[name]} for name in ("f", "g", "h")}
    body = configured(written, {"actions": ["create"], "after": after})
    assert dict(body) == {"d": 0, "e": False, "f": "", "g": None, "h": []}


def test_a_value_that_is_nested_too_deep_is_not_known() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = {"a": deep}
    body = by_address(planned(small({"actions": ["create"], "after": {"x": deep, "y": 2}})))["t.a"].body
    assert body["y"] == 2
    assert [unknown.reason for unknown in unknowns(body)] == ["the value is nested more than 100 levels deep"]


def test_a_single_block_is_a_list_of_one() -> None:
    body = configured(
        {"timeouts": {"create": {"constant_value": "30m"}}, "tags": {"constant_value": {"a": "b"}}},
        {"actions": ["create"], "after": {"timeouts": {"create": "30m", "delete": None}, "tags": {"a": "b"}}},
    )
    assert body == {"timeouts": [{"create": "30m"}], "tags": {"a": "b"}}


UNSET = {
    "actions": ["create"],
    "after": {},
    "after_unknown": {"scalar": True, "block": True, "set": True},
    "after_sensitive": {"block": []},
}


@pytest.mark.parametrize(
    ("more", "names"),
    [
        # Nothing goes into the plan that the configuration does not mention.
        ({}, {"set"}),
        # Something does, and it is not known: it may be what a dynamic block waits for.
        ({"relevant_attributes": [{"resource": "t.a", "attribute": ["scalar"]}]}, {"set", "block"}),
        ({"relevant_attributes": [{"resource": "t.a", "attribute": ["known"]}]}, {"set"}),
        # Before Terraform 1.2 a plan does not say.
        ({"format_version": "1.0"}, {"set", "block"}),
    ],
)
def test_a_block_may_be_dynamic_where_something_unknown_goes_unmentioned(
    more: dict[str, Any], names: set[str]
) -> None:
    body = configured({"set": {"references": ["var.x"]}}, UNSET, **more)
    assert set(body) == names
    assert all(isinstance(value, Unknown) for value in body.values())


def test_without_a_configuration_every_unknown_stays() -> None:
    assert set(by_address(planned(small(UNSET)))["t.a"].body) == {"scalar", "block", "set"}


def test_locals_are_what_a_configuration_does_not_mention() -> None:
    plan = read_plan("p.json", (PLANS / "data/plan.json").read_bytes(), "plan")
    assert not isinstance(plan, SourceError)
    # terraform_data.first.id is used through a local, but also mentioned elsewhere.
    assert unmentioned(plan.document) == []


def test_provisioners_come_from_the_configuration() -> None:
    block = {"type": "t", "name": "a", "provisioners": [{"type": "local-exec", "expressions": {}}]}
    plan = small({"actions": ["create"], "after": {}}, configuration={"root_module": {"resources": [block]}})
    assert by_address(planned(plan))["t.a"].body["provisioner"] == [{"type": "local-exec"}]


@pytest.mark.parametrize(
    ("type_", "after", "expressions", "tags"),
    [
        ("aws_x", {"tags": {"a": "1"}, "tags_all": {"a": "1", "d": "2"}}, {}, {"a": "1", "d": "2"}),
        (
            "google_x",
            {"labels": {"a": "1"}, "terraform_labels": {"a": "1", "d": "2"}},
            {},
            {"a": "1", "d": "2"},
        ),
        ("google_x", {"effective_labels": {"e": "3"}}, {}, {"e": "3"}),
        (
            "aws_x",
            {"tags": {"a": "1"}},
            {"default_tags": [{"tags": {"constant_value": {"d": "2"}}}]},
            {"a": "1", "d": "2"},
        ),
        (
            "aws_autoscaling_group",
            {"tag": [{"key": "k", "value": "v"}], "tags_all": {"x": "y"}},
            {},
            {"k": "v"},
        ),
    ],
)
def test_tags(type_: str, after: dict[str, Any], expressions: dict[str, Any], tags: dict[str, str]) -> None:
    one = {
        "address": f"{type_}.a",
        "type": type_,
        "name": "a",
        "change": {"actions": ["create"], "after": after},
    }
    block = {"type": type_, "name": "a", "provider_config_key": "p"}
    configuration = {
        "provider_config": {"p": {"expressions": expressions}},
        "root_module": {"resources": [block]},
    }
    plan = {"format_version": "1.2", "resource_changes": [one], "configuration": configuration}
    assert by_address(planned(plan))[f"{type_}.a"].tags == tags


def test_default_tags_that_are_not_constant_are_not_known() -> None:
    one = {"address": "aws_x.a", "type": "aws_x", "name": "a", "change": {"actions": ["create"], "after": {}}}
    configuration = {
        "provider_config": {"aws": {"expressions": {"default_tags": [{"tags": {"references": ["var.t"]}}]}}},
        "root_module": {"resources": [{"type": "aws_x", "name": "a", "provider_config_key": "aws"}]},
    }
    plan = {"format_version": "1.2", "resource_changes": [one], "configuration": configuration}
    assert isinstance(by_address(planned(plan))["aws_x.a"].tags, Unknown)
