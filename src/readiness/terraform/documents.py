"""`aws_iam_policy_document` → the JSON document that it renders, with spans kept.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from typing import Any

from readiness.terraform.convert import EvaluationError
from readiness.values import JsonText, List, Map, Unknown, listed

_RENAMED = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_document(body: Map) -> JsonText | Unknown:
    """The value of the attribute `json` of a policy document data source.

    As in the provider: own statements replace those of the sources with the same `sid`, and
    those of the overrides replace both.
    """
    found: list[Any] = []
    for name in ("source_json", "source_policy_documents"):
        missing = _add_documents(found, body.get(name))
        if missing is not None:
            return missing
    for statement in listed(body.get("statement")):
        if not isinstance(statement, Map):
            return _waiting(statement)
        _override(found, [_statement(statement)])
    for name in ("override_json", "override_policy_documents"):
        missing = _add_documents(found, body.get(name))
        if missing is not None:
            return missing
    document = Map({"Version": _default(body.get("version"), "2012-10-17")}, body.span)
    if body.get("policy_id") is not None:
        document["Id"] = body["policy_id"]
    document["Statement"] = List(found, body.span)
    try:
        result = _call("jsonencode", document)
    except EvaluationError as error:
        return Unknown(f"the policy document cannot be evaluated: {error}", not_null=True)
    return result if isinstance(result, (JsonText, Unknown)) else _waiting(result)


def _waiting(value: Any) -> Unknown:
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.refs, value.span, not_null=True)
    return Unknown("the policy document is not valid", not_null=True)


def _add_documents(found: list[Any], documents: Any) -> Unknown | None:
    """Add the statements of whole documents; the Unknown that one of them is."""
    for document in listed(documents):
        if document is None or (isinstance(document, str) and not document):
            continue
        inner = _parsed(document)
        if not isinstance(inner, dict):
            return _waiting(inner)
        _override(found, listed(inner.get("Statement")))
    return None


def _override(found: list[Any], statements: list[Any]) -> None:
    """Add statements; one with the `Sid` of an earlier one takes its place."""
    for statement in statements:
        sid = _sid(statement)
        for index, other in enumerate(found):
            if sid and _sid(other) == sid:
                found[index] = statement
                break
        else:
            found.append(statement)


def _sid(statement: Any) -> str:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    return sid if isinstance(sid, str) else ""


def _default(value: Any, default: str) -> Any:
    return default if value is None else value


def _parsed(document: Any) -> Any:
    if isinstance(document, Unknown):
        return document if document.document is None else document.document
    try:
        return _call("jsondecode", document)
    except EvaluationError as error:
        return Unknown(f"a policy document is not JSON: {error}", not_null=True)


def _statement(block: Map) -> Map:
    """One statement block as a statement of the IAM policy language; its spans stay those of HCL."""
    result = Map((), block.span, origin=block.origin)
    _put(result, block, "effect", "Effect", _default(block.get("effect"), "Allow"))
    for name, renamed in _RENAMED.items():
        if not _absent(block.get(name)):
            _put(result, block, name, renamed, _plain_texts(block[name]))
    for name in ("principals", "not_principals"):
        if not _absent(block.get(name)):
            renamed = "Principal" if name == "principals" else "NotPrincipal"
            _put(result, block, name, renamed, _principals(block[name]))
    if not _absent(block.get("condition")):
        _put(result, block, "condition", "Condition", _conditions(block["condition"]))
    return result


def _absent(value: Any) -> bool:
    """True for what the provider leaves out: null, and lists without items."""
    return value is None or (isinstance(value, list) and not value)


def _put(result: Map, block: Map, name: str, renamed: str, value: Any) -> None:
    result[renamed] = value
    span = block.value_spans.get(name)
    if span is not None:
        result.key_spans[renamed] = block.key_spans[name]
        result.value_spans[renamed] = span


def _principals(blocks: list[Any]) -> Any:
    result = Map()
    for block in listed(blocks):
        if not isinstance(block, Map):
            return _waiting(block)
        kind, identifiers = block.get("type"), block.get("identifiers")
        if isinstance(kind, Unknown):
            return kind
        if kind == "*":
            return "*"
        before = result.get(str(kind))
        if isinstance(identifiers, Unknown) or isinstance(before, Unknown):
            result[str(kind)] = _waiting(identifiers if isinstance(identifiers, Unknown) else before)
        else:
            result.setdefault(str(kind), List()).extend(_plain_texts(listed(identifiers)))
    return result


def _conditions(blocks: list[Any]) -> Any:
    result = Map()
    for block in listed(blocks):
        if not isinstance(block, Map):
            return _waiting(block)
        test, variable, values = block.get("test"), block.get("variable"), block.get("values")
        for part in (test, variable):
            if isinstance(part, Unknown):
                return part
        inner = result.setdefault(str(test), Map())
        before = inner.get(str(variable))
        if before is None or isinstance(before, Unknown):
            inner[str(variable)] = _plain_texts(values) if before is None else before
        elif isinstance(values, Unknown):
            inner[str(variable)] = values
        else:
            inner[str(variable)] = List([*listed(before), *_plain_texts(listed(values))])
    return result


def _plain_texts(value: Any) -> Any:
    """`&{aws:username}` stands for `${aws:username}`, which would be an interpolation in HCL."""
    if isinstance(value, str):
        return value.replace("&{", "${") if "&{" in value else value
    if isinstance(value, list) and any(isinstance(item, str) and "&{" in item for item in value):
        spans = (value.span, value.item_spans) if isinstance(value, List) else ()
        return List([_plain_texts(item) for item in value], *spans)
    return value


def _call(name: str, argument: Any) -> Any:
    from readiness.terraform.functions import call  # many modules, which a document seldom needs

    return call(name, [argument])
