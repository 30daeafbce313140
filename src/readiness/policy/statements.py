"""IAM policies of AWS, in whatever form they are written, as normalised statements.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from typing import Any

from readiness.policy.iam.statement import Statement
from readiness.policy.texts import json_document
from readiness.values import List, Map, Span, Unknown, listed, take_spans

_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def statements(document: Any) -> List | Unknown:
    """The statements of a policy: JSON text, a document that keeps its spans, or a mapping.

    A mapping may be the policy itself or the body of an `aws_iam_policy_document`.  Each statement
    is a mapping with `effect` (string), `sid` (string or null), `actions`, `not_actions`,
    `resources`, `not_resources` (lists, empty where not written), `principals` (list of strings:
    `*`, ARNs, accounts, services), `public` (bool: everybody is a principal), `not_principals`
    (bool: it has a NotPrincipal) and `conditions` (mapping by operator).
    Text that is no policy gives no statements; a policy that is not known is unknown.

    These are worked out when they are first read, and hold an unknown for each part that is not
    known:

    * `expanded`: the actions with wildcards written out, those of `NotAction` left out of all; an
      action that the catalogue does not know stands as it is written;
    * `access`: how many of them there are by level (`list`, `read`, `write`,
      `permissions_management`, `tagging`, and `unknown` to the catalogue); `levels`: those with any;
    * `permissions`: those of them that manage permissions;
    * `services`: the prefixes of the services that they belong to;
    * `resource_scope`: `all`, `service` (every resource of a kind), `prefix` (or a name that is known
      in part), `specific`, or null without resources;
    * `condition_keys`: in lower case;
    * `service_principals`, `federated_principals`, and `accounts`, the ids of AWS principals;
    * `external_accounts`: those that are not the account in the ARNs of the policy's resources, or
      the one that `allowed_account_ids` of the provider names; unknown where neither tells;
    * `privileged`: it opens one of the known ways to more permissions by itself.
    """
    document = _document(document)
    if isinstance(document, Unknown):
        return document
    if not isinstance(document, dict):
        return List()
    written = document.get("Statement")
    if isinstance(written, Unknown):
        return written
    source = listed(written)
    found = [_normalise(item) for item in source]
    for statement in found:
        if isinstance(statement, Statement):
            statement.document = source
    return List(found, None, getattr(written, "item_spans", None))


def _document(document: Any) -> Any:
    """The mapping that a policy is, where it is known, whatever stands for it."""
    if isinstance(document, dict) and "Statement" not in document and "json" in document:
        document = document["json"]
    return json_document(document)


def _normalise(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement if isinstance(statement, Unknown) else Map()
    spans = statement if isinstance(statement, Map) else Map(statement)
    result = Statement(spans)
    result["sid"] = statement.get("Sid")
    _place(result, spans, "effect", "Effect", statement.get("Effect", "Allow"))
    for name, written in _LISTS.items():
        _place(result, spans, name, written, _list(statement.get(written), spans.value_spans.get(written)))
    principal = result.principal = statement.get("Principal")
    _place(result, spans, "principals", "Principal", _principals(principal))
    _place(result, spans, "public", "Principal", _public(principal))
    result["not_principals"] = "NotPrincipal" in statement
    conditions = statement.get("Condition")
    _place(result, spans, "conditions", "Condition", Map() if conditions is None else conditions)
    return result


def _list(value: Any, span: Span | None) -> List | Unknown:
    """An element that may be written as one value or as a list, as a list with spans."""
    if isinstance(value, List) or value is None:
        return value or List()
    if isinstance(value, Unknown) and not (value.prefix or value.suffix):
        return value  # it may be a list
    items = value if isinstance(value, list) else [value]
    return List(items, span, [span] * len(items) if span is not None else None)


def _place(result: Map, source: Map, name: str, written: str, value: Any) -> None:
    result[name] = value
    take_spans(result, name, source, written)


def _principals(principal: Any) -> List | Unknown:
    if isinstance(principal, Unknown):
        return principal
    if not isinstance(principal, dict):
        return List(listed(principal))
    result = List()
    for value in principal.values():
        result.extend(listed(value))
    return result


def _public(principal: Any) -> bool | Unknown:
    """Everybody: `"*"`, or `"*"` among the AWS principals."""
    if isinstance(principal, Unknown):
        return principal
    if not isinstance(principal, dict):
        return principal == "*" or (isinstance(principal, list) and "*" in principal)
    accounts = listed(principal.get("AWS"))
    if "*" in [item for item in accounts if isinstance(item, str)]:
        return True
    unknown = (item for item in accounts if isinstance(item, Unknown) and not item.differs("*"))
    return next(unknown, False)
