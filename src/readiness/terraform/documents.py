"""`aws_iam_policy_document` → the JSON document that it renders, with spans kept.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from typing import Any

from readiness.terraform.functions import call_plain
from readiness.values import JsonText, List, Map, Unknown

_RENAMED = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_document(body: Map) -> JsonText | Unknown:
    """The value of the attribute `json` of a policy document data source."""
    source = List([], body.span)
    for name in ("source_policy_documents", "override_policy_documents"):
        for document in _listed(body.get(name)):
            inner = _parsed(document)
            if isinstance(inner, Unknown):
                return inner
            source.extend(_listed(inner.get("Statement")))
    for name in ("source_json", "override_json"):
        text = body.get(name)
        if text is not None and not (isinstance(text, str) and not text):
            inner = _parsed(text)
            if isinstance(inner, Unknown):
                return inner
            source.extend(_listed(inner.get("Statement")))
    statements = body.get("statement")
    for statement in _listed(statements):
        if isinstance(statement, Unknown):
            return Unknown(statement.reason, statement.refs, statement.span, not_null=True)
        source.append(_statement(statement))
    document = Map({"Version": _default(body.get("version"), "2012-10-17"), "Statement": source}, body.span)
    result = call_plain("jsonencode", [document])
    return result if isinstance(result, (JsonText, Unknown)) else Unknown("the document is not valid")


def _default(value: Any, default: str) -> Any:
    return default if value is None else value


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _parsed(document: Any) -> Any:
    if isinstance(document, JsonText):
        return document.value
    if isinstance(document, Unknown):
        if document.document is not None:
            return document.document
        return Unknown(document.reason, document.refs, document.span, not_null=True)
    value = call_plain("jsondecode", [document])
    return value if isinstance(value, dict) else Unknown("a source policy document is not JSON")


def _statement(block: Map) -> Map:
    """One statement block as a statement of the IAM policy language; its spans stay those of HCL."""
    result = Map((), block.span, origin=block.origin)
    _put(result, block, "effect", "Effect", _default(block.get("effect"), "Allow"))
    for name, renamed in _RENAMED.items():
        if block.get(name) is not None:
            _put(result, block, name, renamed, block[name])
    for name in ("principals", "not_principals"):
        if block.get(name) is not None:
            renamed = "Principal" if name == "principals" else "NotPrincipal"
            _put(result, block, name, renamed, _principals(block[name]))
    if block.get("condition") is not None:
        _put(result, block, "condition", "Condition", _conditions(block["condition"]))
    return result


def _put(result: Map, block: Map, name: str, renamed: str, value: Any) -> None:
    result[renamed] = value
    span = block.value_spans.get(name)
    if span is not None:
        result.key_spans[renamed] = block.key_spans[name]
        result.value_spans[renamed] = span


def _principals(blocks: list[Any]) -> Any:
    result = Map()
    for block in _listed(blocks):
        if isinstance(block, Unknown):
            return block
        kind, identifiers = block.get("type"), block.get("identifiers")
        if isinstance(kind, Unknown):
            return kind
        if kind == "*":
            return "*"
        if isinstance(identifiers, Unknown):
            result[str(kind)] = identifiers
        else:
            result.setdefault(str(kind), List()).extend(_listed(identifiers))
    return result


def _conditions(blocks: list[Any]) -> Any:
    result = Map()
    for block in _listed(blocks):
        if isinstance(block, Unknown):
            return block
        test, variable = block.get("test"), block.get("variable")
        for part in (test, variable):
            if isinstance(part, Unknown):
                return part
        result.setdefault(str(test), Map())[str(variable)] = block.get("values")
    return result
