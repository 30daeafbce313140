"""Links between resources: references by whatever way, and names that are written as text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from readiness.estate import names_aws, names_aws_arns, names_azure, names_google
from readiness.estate.build import from_texts


def links(texts: str | Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Address → (address, via) of its links, of resources and data sources."""
    loaded = from_texts({"main.tf": texts} if isinstance(texts, str) else texts)
    assert loaded.errors == []
    blocks = {resource.address for resource in loaded.estate.resources if resource.mode == "block"}
    return {
        resource.address: sorted(
            (link.address, link.via) for link in resource.links if link.address not in blocks
        )
        for resource in loaded.estate.resources
        if resource.mode != "block"
    }


X = 'resource "aws_x" "x" {\n  name = "n"\n}\n'
TWO = 'resource "aws_x" "x" {\n  count = 2\n  name  = "n${count.index}"\n}\n'
EACH = 'resource "aws_x" "x" {\n  for_each = toset(["p", "q"])\n  name     = each.key\n}\n'
BOTH = [("aws_x.x[0]", "v"), ("aws_x.x[1]", "v")]

REFERENCES: list[tuple[str, str, list[tuple[str, str]]]] = [
    (X, "v = aws_x.x.id", [("aws_x.x", "v")]),
    (X, "v = aws_x.x.name", [("aws_x.x", "v")]),
    (X, 'v = "a-${aws_x.x.id}"', [("aws_x.x", "v")]),
    (X, 'v = "%{if true}${aws_x.x.id}%{endif}"', [("aws_x.x", "v")]),
    (X, "v = jsonencode({ a = [aws_x.x.arn] })", [("aws_x.x", "v")]),
    (X, 'v = format("%s", aws_x.x.id)', [("aws_x.x", "v")]),
    (X, "v = { for k, o in { a = aws_x.x } : k => o.id }", [("aws_x.x", "v")]),
    (X, "depends_on = [aws_x.x]", [("aws_x.x", "depends_on")]),
    (EACH + "locals {\n  ids = { for k, x in aws_x.x : k => x.id }\n}\n", 'v = local.ids["q"]', [('aws_x.x["q"]', "v")]),
    (EACH + "locals {\n  all = aws_x.x\n}\n", 'v = local.all["q"].id', [('aws_x.x["q"]', "v")]),
    (EACH + "locals {\n  all = aws_x.x\n}\n", 'v = [for x in local.all : x.id]', [('aws_x.x["p"]', "v"), ('aws_x.x["q"]', "v")]),
    (TWO, "depends_on = [aws_x.x]", [("aws_x.x[0]", "depends_on"), ("aws_x.x[1]", "depends_on")]),
    (X, "v = var.yes ? aws_x.x.id : null", [("aws_x.x", "v")]),
    (X, "v = var.yes ? null : aws_x.x.id", []),
    (X, "v = data.aws_d.d.json", [("data.aws_d.d", "v")]),
    (X + "locals {\n  m = { k = aws_x.x.id }\n}\n", "v = local.m.k", [("aws_x.x", "v")]),
    (X + "locals {\n  m = { k = aws_x.x.id }\n}\n", 'v = local.m["k"]', [("aws_x.x", "v")]),
    (X + "locals {\n  m = { k = aws_x.x.id }\n}\n", 'v = lookup(local.m, "k", null)', [("aws_x.x", "v")]),
    (X + "locals {\n  m = { k = [aws_x.x.id] }\n}\n", "v = local.m.k[0]", [("aws_x.x", "v")]),
    (X + "locals {\n  a = aws_x.x.id\n  b = local.a\n}\n", "v = local.b", [("aws_x.x", "v")]),
    (X, "v = merge({ a = aws_x.x.id }, { b = 1 })", [("aws_x.x", "v")]),
    (TWO, "v = aws_x.x[*].id", BOTH),
    (TWO, "v = aws_x.x.*.id", BOTH),
    (TWO, "v = aws_x.x[*].name", BOTH),
    (TWO, 'v = join(",", aws_x.x[*].id)', BOTH),
    (TWO, "v = flatten([aws_x.x[*].id])", BOTH),
    (TWO, "v = one(aws_x.x[*].id)", BOTH),
    (TWO, "v = try(aws_x.x[0].id, null)", [("aws_x.x[0]", "v")]),
    (TWO, "v = coalesce(null, aws_x.x[1].id)", [("aws_x.x[1]", "v")]),
    (TWO, "v = length(aws_x.x) > 0 ? aws_x.x[0].id : null", [("aws_x.x[0]", "v")]),
    (EACH, 'v = aws_x.x["q"].id', [('aws_x.x["q"]', "v")]),
    (EACH, "v = [for x in aws_x.x : x.id]", [('aws_x.x["p"]', "v"), ('aws_x.x["q"]', "v")]),
    (EACH, "v = values(aws_x.x)[*].id", [('aws_x.x["p"]', "v"), ('aws_x.x["q"]', "v")]),
    (EACH, 'dynamic "b" {\n for_each = aws_x.x\n content {\n v = b.value.id\n}\n}',
     [('aws_x.x["p"]', "b.v"), ('aws_x.x["q"]', "b.v")]),
    (EACH, 'dynamic "b" {\n for_each = ["p"]\n content {\n v = aws_x.x[b.value].id\n}\n}', [('aws_x.x["p"]', "b.v")]),
    (EACH, 'dynamic "b" {\n for_each = [1]\n content {\n dynamic "c" {\n for_each = ["q"]\n content {\n'
     " v = aws_x.x[c.value].id\n}\n}\n}\n}", [('aws_x.x["q"]', "b.c.v")]),
]  # fmt: skip


@pytest.mark.parametrize(("beside", "lines", "expected"), REFERENCES, ids=[line for _, line, _ in REFERENCES])
def test_reference(beside: str, lines: str, expected: list[tuple[str, str]]) -> None:
    more = 'variable "yes" { default = true }\ndata "aws_d" "d" {}\n'
    found = links(f'{more}{beside}resource "aws_y" "y" {{\n{lines}\n}}\n')
    assert found["aws_y.y"] == expected
    for address, via in expected:
        assert ("aws_y.y", via) in found[address]


FOR_EACH = {
    "the same keys": 'for_each = toset(["p", "q"])\n  v = aws_x.x[each.key].id',
    "chained": "for_each = aws_x.x\n  v = each.value.id",
    "chained, a known value": "for_each = aws_x.x\n  v = each.value.name",
    "a map of ids": "for_each = { for k, x in aws_x.x : k => x.id }\n  v = each.value",
    "a map of objects": "for_each = { for k, x in aws_x.x : k => { id = x.id } }\n  v = each.value.id",
}


@pytest.mark.parametrize("lines", FOR_EACH.values(), ids=list(FOR_EACH))
def test_each_instance_has_its_own(lines: str) -> None:
    found = links(f'{EACH}resource "aws_y" "y" {{\n  {lines}\n}}\n')
    assert found['aws_y.y["p"]'] == [('aws_x.x["p"]', "v")]
    assert found['aws_y.y["q"]'] == [('aws_x.x["q"]', "v")]
    assert found['aws_x.x["p"]'] == [('aws_y.y["p"]', "v")]


def test_count_index() -> None:
    found = links(f'{TWO}resource "aws_y" "y" {{\n  count = 2\n  v = aws_x.x[count.index].id\n}}\n')
    assert [found[f"aws_y.y[{n}]"] for n in range(2)] == [[("aws_x.x[0]", "v")], [("aws_x.x[1]", "v")]]


MODULES = {
    "main.tf": """\
resource "aws_x" "top" {}
module "c" {
  for_each = toset(["one", "two"])
  source   = "./c"
  input    = aws_x.top.id
  objects  = { k = { id = aws_x.top.arn } }
}
module "u" {
  source = "./u"
  id     = module.c["one"].out
}
resource "aws_y" "one" { v = module.c["one"].out }
resource "aws_y" "deep" { v = module.c["two"].deep }
resource "aws_y" "all" { v = [for c in module.c : c.out] }
""",
    "c/main.tf": """\
variable "input" {}
variable "objects" {}
resource "aws_x" "in" { v = var.input }
resource "aws_x" "each" {
  for_each = var.objects
  v        = each.value.id
}
module "d" {
  source = "./d"
  id     = aws_x.in.id
}
output "out" { value = aws_x.in.id }
output "deep" { value = module.d.out }
""",
    "c/d/main.tf": """\
variable "id" {}
resource "aws_z" "z" { v = var.id }
output "out" { value = { id = aws_z.z.id } }
""",
    "u/main.tf": 'variable "id" {}\nresource "aws_y" "u" { v = var.id }\n',
}


def test_through_modules() -> None:
    found = links(MODULES)
    assert found["aws_y.one"] == [('module.c["one"].aws_x.in', "v")]
    assert found["aws_y.deep"] == [('module.c["two"].module.d.aws_z.z', "v")]
    assert found["aws_y.all"] == [('module.c["one"].aws_x.in', "v"), ('module.c["two"].aws_x.in', "v")]
    assert found["module.u.aws_y.u"] == [('module.c["one"].aws_x.in', "v")]
    assert found['module.c["two"].aws_x.each["k"]'] == [("aws_x.top", "v")]
    assert found['module.c["two"].module.d.aws_z.z'] == [
        ("aws_y.deep", "v"),
        ('module.c["two"].aws_x.in', "v"),
    ]
    assert ('module.c["one"].aws_x.in', "v") in found["aws_x.top"]


# Names written as text: what identifies the resource, who names it with what, the path.
NAMED: list[tuple[str, str, str, str, str]] = [
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_bucket_public_access_block", 'bucket = "n"', "bucket"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_object", 'bucket = "n"', "bucket"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_bucket_logging", 'target_bucket = "n"', "target_bucket"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_lb", 'access_logs {\nbucket = "n"\n}', "access_logs.bucket"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_cloudtrail", 's3_bucket_name = "n"', "s3_bucket_name"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_iam_policy",
     'policy = jsonencode({ Statement = [{ Resource = ["arn:aws:s3:::n", "arn:aws:s3:::n/*"] }] })', "policy"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_iam_policy",
     'policy = <<EOT\n{"Statement": {"Resource": "arn:aws:s3:::n/a*"}}\nEOT', "policy"),
    ("aws_s3_bucket", 'bucket = "n"', "data.aws_iam_policy_document",
     'statement {\nresources = ["arn:aws-cn:s3:::n/*"]\n}', "statement.resources"),
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_bucket_replication_configuration",
     'rule {\ndestination {\nbucket = "arn:aws:s3:::n"\n}\n}', "rule.destination.bucket"),
    ("aws_s3_bucket", 'bucket = "logs"', "aws_athena_workgroup",
     'configuration {\nresult_configuration {\noutput_location = "s3://logs/out/"\n}\n}',
     "configuration.result_configuration.output_location"),
    ("aws_s3_bucket", 'bucket = "logs"', "aws_cloudfront_distribution",
     'origin {\ndomain_name = "logs.s3.eu-west-1.amazonaws.com"\n}', "origin.domain_name"),
    ("aws_iam_role", 'name = "n"', "aws_iam_role_policy_attachment", 'role = "n"', "role"),
    ("aws_iam_role", 'name = "n"', "aws_iam_role_policy", 'role = "n"', "role"),
    ("aws_iam_role", 'name = "n"', "aws_iam_policy_attachment", 'roles = ["other", "n"]', "roles"),
    ("aws_iam_role", 'name = "n"', "aws_lambda_function", 'role = "arn:aws:iam::123456789012:role/path/n"', "role"),
    ("aws_iam_instance_profile", 'name = "n"', "aws_instance", 'iam_instance_profile = "n"', "iam_instance_profile"),
    ("aws_lambda_function", 'function_name = "n"', "aws_lambda_permission", 'function_name = "n"', "function_name"),
    ("aws_lambda_function", 'function_name = "n"', "aws_lambda_permission",
     'function_name = "arn:aws:lambda:eu-west-1:123456789012:function:n:live"', "function_name"),
    ("aws_lambda_function", 'function_name = "n"', "aws_cloudwatch_log_group", 'name = "/aws/lambda/n"', "name"),
    ("aws_eks_cluster", 'name = "n"', "aws_cloudwatch_log_group", 'name = "/aws/eks/n/cluster"', "name"),
    ("aws_db_instance", 'identifier = "n"', "aws_cloudwatch_log_group",
     'name = "/aws/rds/instance/n/postgresql"', "name"),
    ("aws_cloudwatch_log_group", 'name = "n"', "aws_ecs_task_definition",
     'container_definitions = jsonencode([{ logConfiguration = { options = { "awslogs-group" = "n" } } }])',
     "container_definitions"),
    ("aws_cloudwatch_log_group", 'name = "n"', "aws_flow_log",
     'log_destination = "arn:aws:logs:eu-west-1:123456789012:log-group:n:*"', "log_destination"),
    ("aws_ecs_cluster", 'name = "n"', "aws_ecs_service", 'cluster = "n"', "cluster"),
    ("aws_ecs_cluster", 'name = "n"', "aws_ecs_service",
     'cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/n"', "cluster"),
    ("aws_ecs_task_definition", 'family = "n"', "aws_ecs_service", 'task_definition = "n:7"', "task_definition"),
    ("aws_eks_cluster", 'name = "n"', "aws_eks_node_group", 'cluster_name = "n"', "cluster_name"),
    ("aws_autoscaling_group", 'name = "n"', "aws_autoscaling_policy", 'autoscaling_group_name = "n"',
     "autoscaling_group_name"),
    ("aws_appautoscaling_target", 'resource_id = "table/n"', "aws_appautoscaling_policy",
     'resource_id = "table/n"', "resource_id"),
    ("aws_ecs_service", 'name = "n"', "aws_appautoscaling_target", 'resource_id = "service/c/n"', "resource_id"),
    ("aws_ecs_cluster", 'name = "n"', "aws_appautoscaling_target", 'resource_id = "service/n/s"', "resource_id"),
    ("aws_dynamodb_table", 'name = "n"', "aws_appautoscaling_target",
     'resource_id = "table/n/index/i"', "resource_id"),
    ("aws_db_instance", 'identifier = "n"', "aws_cloudwatch_metric_alarm",
     'dimensions = { DBInstanceIdentifier = "n" }', "dimensions.DBInstanceIdentifier"),
    ("aws_lambda_function", 'function_name = "n"', "aws_cloudwatch_metric_alarm",
     'metric_query {\nmetric {\ndimensions = { FunctionName = "n" }\n}\n}',
     "metric_query.metric.dimensions.FunctionName"),
    ("aws_lb", 'name = "n"', "aws_cloudwatch_metric_alarm",
     'dimensions = { LoadBalancer = "app/n/50dc6c495c0c9188" }', "dimensions.LoadBalancer"),
    ("aws_elasticache_replication_group", 'replication_group_id = "n"', "aws_cloudwatch_metric_alarm",
     'dimensions = { CacheClusterId = "n-001" }', "dimensions.CacheClusterId"),
    ("aws_sns_topic", 'name = "n"', "aws_cloudwatch_metric_alarm",
     'alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:n"]', "alarm_actions"),
    ("aws_cloudwatch_metric_alarm", 'alarm_name = "n"', "aws_cloudwatch_composite_alarm",
     'alarm_rule = "ALARM(n) OR ALARM(other)"', "alarm_rule"),
    ("aws_db_subnet_group", 'name = "n"', "aws_rds_cluster", 'db_subnet_group_name = "n"', "db_subnet_group_name"),
    ("aws_db_parameter_group", 'name = "n"', "aws_db_instance", 'parameter_group_name = "n"', "parameter_group_name"),
    ("aws_db_instance", 'identifier = "n"', "aws_db_instance", 'replicate_source_db = "n"', "replicate_source_db"),
    ("aws_rds_cluster", 'cluster_identifier = "n"', "aws_rds_cluster_instance", 'cluster_identifier = "n"',
     "cluster_identifier"),
    ("aws_elasticache_subnet_group", 'name = "n"', "aws_elasticache_cluster", 'subnet_group_name = "n"',
     "subnet_group_name"),
    ("aws_sqs_queue", 'name = "n"', "aws_sns_topic_subscription",
     'endpoint = "arn:aws:sqs:eu-west-1:123456789012:n"', "endpoint"),
    ("aws_sqs_queue", 'name = "n"', "aws_sqs_queue_policy",
     'queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/n"', "queue_url"),
    ("aws_sqs_queue", 'name = "n"', "aws_sqs_queue",
     'redrive_policy = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:n" })',
     "redrive_policy"),
    ("aws_kinesis_stream", 'name = "n"', "aws_lambda_event_source_mapping",
     'event_source_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/n"', "event_source_arn"),
    ("aws_kms_alias", 'name = "alias/n"', "aws_sns_topic", 'kms_master_key_id = "alias/n"', "kms_master_key_id"),
    ("aws_secretsmanager_secret", 'name = "db/n"', "aws_iam_policy",
     'policy = jsonencode({ Resource = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/n-a1B2c3" })',
     "policy"),
    ("aws_ssm_parameter", 'name = "/app/n"', "aws_iam_policy",
     'policy = jsonencode({ Resource = "arn:aws:ssm:*:*:parameter/app/n" })', "policy"),
    ("aws_ecr_repository", 'name = "team/n"', "aws_lambda_function",
     'image_uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/n:1.2"', "image_uri"),
    ("aws_cloudwatch_event_rule", 'name = "n"', "aws_cloudwatch_event_target", 'rule = "n"', "rule"),
    ("aws_backup_vault", 'name = "n"', "aws_backup_plan", 'rule {\ntarget_vault_name = "n"\n}',
     "rule.target_vault_name"),
    ("aws_dynamodb_table", 'name = "n"', "aws_backup_selection",
     'resources = ["arn:aws:dynamodb:eu-west-1:123456789012:table/n"]', "resources"),
    ("google_storage_bucket", 'name = "n"', "google_storage_bucket_iam_binding", 'bucket = "n"', "bucket"),
    ("google_sql_database_instance", 'name = "n"', "google_sql_database", 'instance = "n"', "instance"),
    ("google_container_cluster", 'name = "n"', "google_container_node_pool", 'cluster = "n"', "cluster"),
    ("google_compute_network", 'name = "n"', "google_compute_firewall", 'network = "n"', "network"),
    ("google_compute_network", 'name = "n"', "google_compute_firewall",
     'network = "projects/p/global/networks/n"', "network"),
    ("google_compute_subnetwork", 'name = "n"', "google_compute_instance",
     'network_interface {\nsubnetwork = "n"\n}', "network_interface.subnetwork"),
    ("google_pubsub_topic", 'name = "n"', "google_pubsub_subscription", 'topic = "projects/p/topics/n"', "topic"),
    ("google_service_account", 'account_id = "billing"', "google_project_iam_member",
     'member = "serviceAccount:billing@p.iam.gserviceaccount.com"', "member"),
    ("google_kms_crypto_key", 'name = "n"', "google_storage_bucket",
     'encryption {\ndefault_kms_key_name = "projects/p/locations/eu/keyRings/r/cryptoKeys/n"\n}',
     "encryption.default_kms_key_name"),
    ("azurerm_resource_group", 'name = "n"', "azurerm_key_vault", 'resource_group_name = "n"', "resource_group_name"),
    ("azurerm_storage_account", 'name = "n"', "azurerm_storage_container", 'storage_account_name = "n"',
     "storage_account_name"),
    ("azurerm_virtual_network", 'name = "n"', "azurerm_subnet", 'virtual_network_name = "n"', "virtual_network_name"),
    ("azurerm_key_vault", 'name = "n"', "azurerm_key_vault_access_policy",
     'key_vault_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/n"', "key_vault_id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "identity", "referrer", "lines", "via"), NAMED, ids=[f"{r} {v} {i}" for i, (_, _, r, _, v) in enumerate(NAMED)]
)  # fmt: skip
def test_name(target: str, identity: str, referrer: str, lines: str, via: str) -> None:
    kind, address = ("data", referrer) if referrer.startswith("data.") else ("resource", referrer)
    type_ = referrer.removeprefix("data.")
    text = f'resource "{target}" "t" {{\n{identity}\n}}\n{kind} "{type_}" "r" {{\n{lines}\n}}\n'
    found = links(text)
    assert found[f"{address}.r"] == [(f"{target}.t", via)]
    assert found[f"{target}.t"] == [(f"{address}.r", via)]


# What looks like a name and is none, or is not known.
NOT_NAMED = [
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_bucket_policy", 'bucket = "other"'),
    ("aws_s3_bucket", 'bucket = "n"', "aws_s3_bucket_policy", "bucket = var.u"),
    ("aws_s3_bucket", "bucket = var.u", "aws_s3_bucket_policy", 'bucket = "n"'),
    ("aws_s3_bucket", 'bucket_prefix = "n"', "aws_s3_bucket_policy", 'bucket = "n"'),
    ("aws_s3_bucket", 'bucket = "n"', "aws_iam_policy", 'policy = jsonencode({ Resource = "arn:aws:s3:::*" })'),
    ("aws_s3_bucket", 'bucket = "n"', "aws_iam_policy", 'policy = jsonencode({ Resource = "arn:aws:s3:::n-*" })'),
    ("aws_s3_bucket", 'bucket = "n"', "aws_iam_policy", 'description = "for arn:aws:s3:::n"'),
    ("aws_s3_bucket", 'bucket = "n"', "aws_sns_topic", 'tags = { logs = "s3://n" }'),
    ("aws_sqs_queue", 'name = "n"', "aws_sns_topic", 'name = "n"'),
    ("aws_sqs_queue", 'name = "n"', "aws_iam_policy",
     'policy = jsonencode({ Resource = "arn:aws:sns:eu-west-1:123456789012:n" })'),
    ("aws_lambda_function", 'function_name = "n"', "aws_cloudwatch_log_group", 'name = "/aws/lambda/n-other"'),
    ("aws_lambda_function", 'function_name = "n"', "aws_cloudwatch_metric_alarm", 'dimensions = { QueueName = "n" }'),
    ("aws_iam_role", 'name = "n"', "aws_iam_policy",
     'policy = jsonencode({ Resource = "arn:aws:iam::123456789012:role/n/*" })'),
    ("aws_sqs_queue", 'name = "n"\n  region = "eu-west-1"', "aws_cloudwatch_metric_alarm",
     'dimensions = { QueueName = "n" }\n  region = "us-east-1"'),
    ("google_compute_network", 'name = "n"\n  project = "a"', "google_compute_firewall",
     'network = "n"\n  project = "b"'),
]  # fmt: skip


@pytest.mark.parametrize(("target", "identity", "referrer", "lines"), NOT_NAMED)
def test_no_name(target: str, identity: str, referrer: str, lines: str) -> None:
    text = f'variable "u" {{}}\nresource "{target}" "t" {{\n{identity}\n}}\nresource "{referrer}" "r" {{\n{lines}\n}}\n'
    assert links(text) == {f"{target}.t": [], f"{referrer}.r": []}


def test_secret_whose_name_ends_like_a_suffix() -> None:
    found = links(
        'resource "aws_secretsmanager_secret" "a" { name = "db" }\n'
        'resource "aws_secretsmanager_secret" "b" { name = "db-master" }\n'
        'resource "aws_x" "x" { v = "arn:aws:secretsmanager:eu-west-1:1:secret:db-master" }\n'
    )
    assert found["aws_x.x"] == [("aws_secretsmanager_secret.b", "v")]


def test_name_of_a_data_source() -> None:
    found = links(
        'data "aws_s3_bucket" "d" { bucket = "n" }\nresource "aws_s3_bucket" "b" { bucket = "n" }\n'
        'resource "aws_s3_bucket_policy" "p" { bucket = "n" }\n'
        'data "aws_ecs_cluster" "c" { cluster_name = "c" }\nresource "aws_ecs_service" "s" { cluster = "c" }\n'
    )
    assert found["aws_s3_bucket_policy.p"] == [
        ("aws_s3_bucket.b", "bucket"),
        ("data.aws_s3_bucket.d", "bucket"),
    ]
    assert ("aws_s3_bucket.b", "bucket") in found["data.aws_s3_bucket.d"]
    assert found["aws_ecs_service.s"] == [("data.aws_ecs_cluster.c", "cluster")]


def test_no_second_link_beside_a_reference() -> None:
    found = links(
        'resource "aws_s3_bucket" "b" { bucket = "n" }\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.b.bucket\n'
        '  policy = jsonencode({ Resource = "arn:aws:s3:::${aws_s3_bucket.b.bucket}/*" })\n}\n'
        'resource "aws_lambda_function" "f" { function_name = "f" }\n'
        'resource "aws_cloudwatch_metric_alarm" "a" {\n'
        "  dimensions = { FunctionName = aws_lambda_function.f.function_name }\n}\n"
    )
    assert found["aws_s3_bucket_policy.p"] == [("aws_s3_bucket.b", "bucket"), ("aws_s3_bucket.b", "policy")]
    assert found["aws_cloudwatch_metric_alarm.a"] == [("aws_lambda_function.f", "dimensions")]


def test_names_stay_in_their_root_and_module() -> None:
    bucket = 'resource "aws_lambda_function" "f" { function_name = "f" }\n'
    alarm = 'resource "aws_lambda_permission" "p" { function_name = "f" }\n'
    found = links(
        {
            "a/main.tf": 'module "x" { source = "./m" }\nmodule "y" { source = "./m" }\n',
            "a/m/main.tf": bucket + alarm,
            "b/main.tf": 'resource "aws_lambda_permission" "q" { function_name = "f" }\n',
        }
    )
    assert found["module.x.aws_lambda_permission.p"] == [("module.x.aws_lambda_function.f", "function_name")]
    assert found["module.y.aws_lambda_permission.p"] == [("module.y.aws_lambda_function.f", "function_name")]
    assert found["aws_lambda_permission.q"] == []


def test_name_from_a_module_above() -> None:
    found = links(
        {
            "main.tf": 'resource "aws_iam_role" "r" { name = "n" }\nmodule "m" {\n  source = "./m"\n  role = "n"\n}\n',
            "m/main.tf": 'variable "role" {}\nresource "aws_iam_role_policy" "p" { role = var.role }\n',
        }
    )
    assert found["module.m.aws_iam_role_policy.p"] == [("aws_iam_role.r", "role")]


def test_partly_known_policy() -> None:
    found = links(
        'variable "u" {}\nresource "aws_s3_bucket" "b" { bucket = "n" }\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Statement = [{ Resource = "arn:aws:s3:::n/*", Action = var.u }] })\n}\n'
    )
    assert found["aws_iam_policy.p"] == [("aws_s3_bucket.b", "policy")]


BACKED = """\
resource "aws_dynamodb_table" "a" {
  name = "orders-a"
  tags = { backup = "daily", env = "prod" }
}
resource "aws_dynamodb_table" "b" {
  name = "b"
  tags = { backup = "no" }
}
resource "aws_ebs_volume" "v" {
  tags = { backup = "daily" }
}
resource "aws_sqs_queue" "q" {
  name = "orders-q"
  tags = { backup = "daily" }
}
"""
A, B, V = "aws_dynamodb_table.a", "aws_dynamodb_table.b", "aws_ebs_volume.v"

SELECTIONS: list[tuple[str, list[tuple[str, str]]]] = [
    ('selection_tag {\ntype = "STRINGEQUALS"\nkey = "backup"\nvalue = "daily"\n}',
     [(A, "selection_tag"), (V, "selection_tag")]),
    ('selection_tag {\ntype = "STRINGEQUALS"\nkey = "backup"\nvalue = "daily"\n}\n'
     'selection_tag {\ntype = "STRINGEQUALS"\nkey = "backup"\nvalue = "no"\n}',
     [(A, "selection_tag"), (B, "selection_tag"), (V, "selection_tag")]),
    ('selection_tag {\ntype = "STRINGEQUALS"\nkey = "backup"\nvalue = var.u\n}', []),
    ('resources = ["*"]', [(A, "resources"), (B, "resources"), (V, "resources")]),
    ('resources = ["arn:aws:dynamodb:*:*:table/*"]', [(A, "resources"), (B, "resources")]),
    ('resources = ["arn:aws:dynamodb:*:*:table/orders-*"]', [(A, "resources")]),
    ('resources = ["arn:aws:ec2:*:*:volume/*"]', [(V, "resources")]),
    ('resources = ["arn:aws:ec2:*:*:volume/vol-1*"]', []),
    ('resources = ["arn:aws:ec2:*"]', [(V, "resources")]),
    ('resources = [var.u]', []),
    ('resources = ["*"]\nnot_resources = ["arn:aws:ec2:*:*:volume/*"]', [(A, "resources"), (B, "resources")]),
    ('resources = ["*"]\nnot_resources = [var.u]', []),
    ('resources = ["*"]\nnot_resources = [aws_dynamodb_table.b.arn]',
     [(A, "resources"), (V, "resources")]),
    ('not_resources = ["arn:aws:dynamodb:*:*:table/b"]', [(A, "not_resources"), (V, "not_resources")]),
    ('not_resources = ["arn:aws:ec2:*:*:volume/vol-1"]', [(A, "not_resources"), (B, "not_resources")]),
    ('resources = ["arn:aws:ec2:*:*:volume/*"]\nselection_tag {\ntype = "STRINGEQUALS"\nkey = "backup"\nvalue = "daily"\n}',
     [(V, "selection_tag")]),
    ('resources = ["*"]\ncondition {\nstring_equals {\nkey = "aws:ResourceTag/backup"\nvalue = "daily"\n}\n}',
     [(A, "condition"), (V, "condition")]),
    ('resources = ["*"]\ncondition {\nstring_equals {\nkey = "aws:ResourceTag/backup"\nvalue = "daily"\n}\n'
     'string_like {\nkey = "aws:ResourceTag/env"\nvalue = "p*"\n}\n}', [(A, "condition")]),
    ('resources = ["*"]\ncondition {\nstring_not_equals {\nkey = "aws:ResourceTag/env"\nvalue = "prod"\n}\n}',
     [(B, "condition"), (V, "condition")]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "expected"), SELECTIONS, ids=[line for line, _ in SELECTIONS])
def test_backup_selection(lines: str, expected: list[tuple[str, str]]) -> None:
    found = links(f'variable "u" {{}}\n{BACKED}resource "aws_backup_selection" "s" {{\n{lines}\n}}\n')
    assert found["aws_backup_selection.s"] == expected
    assert found["aws_sqs_queue.q"] == []


def test_many_names_cost_no_more_than_their_number() -> None:
    each = "{ for i in range(1000) : i => i }"
    found = links(
        f'resource "aws_s3_bucket" "b" {{\n  for_each = {each}\n  bucket = "b-${{each.key}}"\n}}\n'
        f'resource "aws_s3_bucket_policy" "p" {{\n  for_each = {each}\n  bucket = "b-${{each.key}}"\n}}\n'
    )
    assert all(len(found[f'aws_s3_bucket_policy.p["{n}"]']) == 1 for n in range(1000))


def test_table_of_names_is_consistent() -> None:
    """Every row names types whose names are known, and every pattern finds one name."""
    sources = (names_aws, names_azure, names_google)
    known = {type_ for source in sources for _, types in source.IDENTITIES for type_ in types.split()}
    rows = [row for source in sources for row in source.NAMES]
    texts = [row for source in (names_aws_arns, names_azure, names_google) for row in source.TEXTS]
    targets = [(row[2], row[3:]) for row in rows]
    targets += [(to, (pattern,)) for _, pattern, to in (*names_aws_arns.ARNS, *texts)]
    assert {type_ for to, _ in targets for type_ in to.split()} <= known
    assert [
        pattern for _, patterns in targets for pattern in patterns if re.compile(pattern).groups != 1
    ] == []
