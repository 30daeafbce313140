"""Grants of AWS: the statements of the policies that a resource carries.

Which arguments hold policies is in the provider's pages of each resource,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.policy.iam.statement import Statement
from readiness.values import List, Map, Span, Unknown, take_spans

DOCUMENT = "data.aws_iam_policy_document"

_IDENTITY = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_iam_role": ("inline_policy",),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy",),
}
_TRUST = {"aws_iam_role": ("assume_role_policy",)}
_RESOURCE = {
    "aws_api_gateway_rest_api": ("policy",),
    "aws_api_gateway_rest_api_policy": ("policy",),
    "aws_backup_vault_policy": ("policy",),
    "aws_cloudwatch_event_bus_policy": ("policy",),
    "aws_cloudwatch_log_destination_policy": ("access_policy",),
    "aws_cloudwatch_log_resource_policy": ("policy_document",),
    "aws_codeartifact_domain_permissions_policy": ("policy_document",),
    "aws_codeartifact_repository_permissions_policy": ("policy_document",),
    "aws_dynamodb_resource_policy": ("policy",),
    "aws_ecr_registry_policy": ("policy",),
    "aws_ecr_repository_policy": ("policy",),
    "aws_ecrpublic_repository_policy": ("policy",),
    "aws_efs_file_system_policy": ("policy",),
    "aws_elasticsearch_domain": ("access_policies",),
    "aws_elasticsearch_domain_policy": ("access_policies",),
    "aws_glacier_vault": ("access_policy",),
    "aws_glue_resource_policy": ("policy",),
    "aws_kinesis_resource_policy": ("policy",),
    "aws_kms_external_key": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_kms_replica_external_key": ("policy",),
    "aws_kms_replica_key": ("policy",),
    "aws_media_store_container_policy": ("policy",),
    "aws_opensearch_domain": ("access_policies",),
    "aws_opensearch_domain_policy": ("access_policies",),
    "aws_s3_access_point": ("policy",),
    "aws_s3_bucket": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_s3control_access_point_policy": ("policy",),
    "aws_secretsmanager_secret": ("policy",),
    "aws_secretsmanager_secret_policy": ("policy",),
    "aws_ses_identity_policy": ("policy",),
    "aws_sesv2_email_identity_policy": ("policy",),
    "aws_sns_topic": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_sqs_queue": ("policy",),
    "aws_sqs_queue_policy": ("policy",),
}
_KINDS = {"identity": _IDENTITY, "trust": _TRUST, "resource": _RESOURCE}


def grants(resource: Resource, elsewhere: Callable[[Span], bool], own: frozenset[str]) -> Iterator[Any]:
    """The statements of a resource's policies, or unknowns; none for other types.

    A statement that `elsewhere` knows, in a policy document data source, is a grant of that data
    source alone.  `own` are the accounts that the resource is known to belong to.
    """
    from readiness.policy.statements import statements

    if resource.type == DOCUMENT:
        found = statements(resource.body)
        for statement in [found] if isinstance(found, Unknown) else found:
            span = getattr(statement, "span", None)
            # What is merged in from another document is judged there.
            if span is None or within(span, resource.span) or not elsewhere(span):
                yield _grant(statement, _kind_of(statement), own)
        return
    if resource.type == "aws_lambda_permission":
        yield from _from_permission(resource.body, own)
        return
    for kind, by_type in _KINDS.items():
        for name in by_type.get(resource.type, ()):
            documents = [
                link.target
                for link in resource.links
                if link.via == name and link.target is not None and link.target.type == DOCUMENT
            ]
            for policy in _policies(resource.body.get(name)):
                found = statements(policy)
                if isinstance(found, Unknown):
                    if not documents:
                        yield found
                    continue
                for statement in found:
                    span = getattr(statement, "span", None)
                    if span is None:
                        # The text of a plan without its source has no places.
                        if not any(_has(document, statement) for document in documents):
                            yield _grant(statement, kind, own)
                    elif within(span, resource.span) or not elsewhere(span):
                        yield _grant(statement, kind, own)


_WRITTEN = ("sid", "effect", "actions", "not_actions", "resources", "not_resources", "conditions")


def _has(document: Resource, statement: Any) -> bool:
    """Whether a policy document has a statement that says the same."""
    from readiness.policy.statements import statements

    own = statements(document.body)
    if isinstance(own, Unknown) or isinstance(statement, Unknown):
        return False
    return any(
        not isinstance(one, Unknown) and all(one.get(key) == statement.get(key) for key in _WRITTEN)
        for one in own
    )


def within(span: Span, outer: Span) -> bool:
    """Whether a span begins within the lines of another."""
    return span.path == outer.path and outer.line <= span.line <= outer.end_line


def _policies(value: Any) -> Iterator[Any]:
    """The documents of an argument; those of `inline_policy` blocks are one level deeper."""
    if isinstance(value, list):
        for block in value:
            yield block.get("policy") if isinstance(block, dict) else block
    elif value is not None:
        yield value


def _grant(statement: Any, kind: str, own: frozenset[str]) -> Any:
    if not isinstance(statement, Statement):
        return statement
    result = statement.like()
    result.own = own
    result["provider"], result["kind"], result["role"] = "aws", kind, None
    return result


def _kind_of(statement: Any) -> str:
    """What a document's statement is for: with principals a resource, or a role that may be assumed."""
    if not isinstance(statement, Statement):
        return "identity"
    if statement.principal is None and not statement["not_principals"]:
        return "identity"
    actions = statement["actions"]
    assumes = isinstance(actions, list) and any(isinstance(a, str) and a.startswith("sts:") for a in actions)
    return "trust" if assumes else "resource"


def _from_permission(body: Map, own: frozenset[str]) -> Iterator[Any]:
    from readiness.policy.statements import statements

    found = statements(Map({"Statement": List([_permission(body)])}))
    for statement in [] if isinstance(found, Unknown) else found:
        yield _grant(statement, "resource", own)


def _permission(body: Map) -> Map:
    """An `aws_lambda_permission` as the statement that it adds to a function's policy."""
    principal = body.get("principal")
    service = isinstance(principal, str) and "." in principal and not principal.startswith("arn:")
    tests = {
        "aws:SourceArn": ("ArnLike", "source_arn"),
        "aws:SourceAccount": ("StringEquals", "source_account"),
        "aws:PrincipalOrgID": ("StringEquals", "principal_org_id"),
        "lambda:EventSourceToken": ("StringEquals", "event_source_token"),
    }
    conditions = Map()
    for key, (operator, name) in tests.items():
        if body.get(name) is not None:
            conditions.setdefault(operator, Map())[key] = body[name]
    whom = principal if isinstance(principal, Unknown) else Map({"Service" if service else "AWS": principal})
    written = {"Action": "action", "Principal": "principal", "Resource": "function_name"}
    statement = Map({name: body.get(argument) for name, argument in written.items()}, body.span)
    statement.update(Sid=body.get("statement_id"), Effect="Allow", Principal=whom, Condition=conditions)
    for name, argument in written.items():
        take_spans(statement, name, body, argument)
    return statement
