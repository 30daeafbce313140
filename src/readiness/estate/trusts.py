"""Which service accounts of a cluster may become an identity of a cloud, by what trusts them.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html (conditions on
`sub`), https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html (the service that assumes),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity (members).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct, field

from readiness.estate.model import Resource
from readiness.values import JsonText, Unknown, listed

POD_IDENTITY = "pods.eks.amazonaws.com"
_DOCUMENT = "data.aws_iam_policy_document"
_SUBJECT = "system:serviceaccount:"
_MEMBER = re.compile(r"\.svc\.id\.goog\[([^/\]]+)/([^/\]]+)\]$")
_PRINCIPAL = re.compile(r"\.svc\.id\.goog/subject/ns/([^/]+)/sa/([^/]+)$")


class Pattern(NamedTuple):
    """A subject as a condition has it, perhaps with wildcards, perhaps not known."""

    text: Any
    like: bool


class Trust(Struct):
    """Whom a role of AWS lets in: subjects of tokens, anybody of a provider, EKS Pod Identity."""

    subjects: list[Pattern] = field(default_factory=list)
    anybody: bool = False
    pods: bool = False
    unknown: Unknown | None = None

    def admits(self, namespace: str | None, name: str) -> bool | Unknown:
        """Whether a token of an account lets its holder become the role.

        An account without a written namespace may be any of that name: then a match is unknown.
        """
        if self.anybody:
            return True
        found = [_matches(pattern, namespace, name) for pattern in self.subjects]
        if True in found:
            return True
        waiting = next((answer for answer in found if isinstance(answer, Unknown)), self.unknown)
        return False if waiting is None else waiting


def trust_of(role: Resource) -> Trust:
    """The trust policy of an `aws_iam_role`."""
    result = Trust()
    policy = role.body.get("assume_role_policy")
    document = _document(policy)
    if isinstance(document, Unknown):
        blocks = _documents(role)
        if not blocks:
            result.unknown = document
        for block in blocks:
            _read_blocks(block, result)
        return result
    for statement in listed(document.get("Statement")) if isinstance(document, dict) else ():
        if isinstance(statement, Unknown):
            result.unknown = statement
        elif isinstance(statement, dict) and statement.get("Effect", "Allow") == "Allow":
            conditions = list(_conditions(statement.get("Condition")))
            _read(listed(statement.get("Action")), _services(statement.get("Principal")), conditions, result)
    return result


def member_of(value: Any) -> tuple[str, str] | None:
    """Namespace and name of the account that a member of a Google grant is; None for others."""
    text = value.suffix if isinstance(value, Unknown) else value
    if not isinstance(text, str):
        return None
    match = _MEMBER.search(text) or _PRINCIPAL.search(text)
    return (match.group(1), match.group(2)) if match is not None else None


def subject_of(value: Any) -> tuple[str, str] | None:
    """Namespace and name in `system:serviceaccount:shop:web`; None for another text."""
    if not isinstance(value, str) or not value.startswith(_SUBJECT) or value.count(":") != 3:
        return None
    namespace, name = value.split(":")[2:]
    return (namespace, name) if namespace and name else None


def _matches(pattern: Pattern, namespace: str | None, name: str) -> bool | Unknown:
    text = pattern.text
    if namespace is None:
        if isinstance(text, Unknown):
            return text if not text.suffix or f":{name}".endswith(text.suffix[-len(name) - 1 :]) else False
        if not isinstance(text, str):
            return False
        last = text.rpartition(":")[2]
        if (_like(last, name) if pattern.like else last == name) or (pattern.like and "*" in last):
            return Unknown("the namespace of the service account is not written")
        return False
    subject = f"{_SUBJECT}{namespace}:{name}"
    if isinstance(text, Unknown):
        return False if text.differs(subject) else text
    if not isinstance(text, str):
        return False
    return _like(text, subject) if pattern.like else text == subject


def _like(pattern: str, text: str) -> bool:
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text) is not None


def _document(policy: Any) -> Any:
    """The structure of a policy; an unknown where it is not known."""
    if isinstance(policy, JsonText):
        return policy.value
    if isinstance(policy, Unknown):
        return policy if policy.document is None or _hides(policy.document) else policy.document
    if isinstance(policy, str):
        try:
            return json.loads(policy)
        except (ValueError, RecursionError):
            return None
    return policy


def _hides(document: Any) -> bool:
    """Whether a condition of a document is not known, as the name of one of its keys is not."""
    statements = listed(document.get("Statement")) if isinstance(document, dict) else [document]
    return any(
        isinstance(item, Unknown) or isinstance(operator, Unknown)
        for item in statements
        for operator in (_operators(item) if isinstance(item, dict) else ())
    )


def _operators(statement: dict[str, Any]) -> Iterable[Any]:
    conditions = statement.get("Condition")
    return conditions.values() if isinstance(conditions, dict) else [conditions]


def _documents(role: Resource) -> list[Resource]:
    """The policy documents that a role's trust policy is made of."""
    return [
        link.target
        for link in role.links
        if link.via == "assume_role_policy" and link.target is not None and link.target.type == _DOCUMENT
    ]


def _read_blocks(document: Resource, result: Trust) -> None:
    body = document.body
    for name in ("source_policy_documents", "override_policy_documents"):
        for other in listed(body.get(name)):
            if isinstance(other, Unknown):
                result.unknown = other
    statements = body.get("statement")
    if isinstance(statements, Unknown):
        result.unknown = statements
    for block in listed(statements):
        if isinstance(block, Unknown):
            result.unknown = block
        elif isinstance(block, dict) and block.get("effect") in (None, "Allow"):
            conditions = [
                (one.get("test"), one.get("variable"), listed(one.get("values")))
                for one in listed(block.get("condition"))
                if isinstance(one, dict)
            ]
            services = [
                identifier
                for principal in listed(block.get("principals"))
                if isinstance(principal, dict) and principal.get("type") == "Service"
                for identifier in listed(principal.get("identifiers"))
            ]
            _read(listed(block.get("actions")), services, conditions, result)


def _conditions(written: Any) -> Iterator[tuple[Any, Any, list[Any]]]:
    """Operator, key and values of each condition; what is not known is its own key."""
    if isinstance(written, Unknown):
        yield written, written, []
    for operator, tests in written.items() if isinstance(written, dict) else ():
        if isinstance(tests, Unknown):
            yield operator, tests, [Unknown(tests.reason, tests.refs)]
        for key, values in tests.items() if isinstance(tests, dict) else ():
            yield operator, key, listed(values)


def _read(
    actions: list[Any], services: list[Any], conditions: list[tuple[Any, Any, list[Any]]], to: Trust
) -> None:
    """Note whom one statement that allows lets in."""
    if any(item == POD_IDENTITY for item in services):
        to.pods = True
    names = [action.lower() for action in actions if isinstance(action, str)]
    if not any(_like(name, "sts:assumerolewithwebidentity") for name in names):
        to.unknown = next((action for action in actions if isinstance(action, Unknown)), to.unknown)
        return
    limited = False
    for operator, key, values in conditions:
        ends = key.ends(":sub") if isinstance(key, Unknown) else str(key).endswith(":sub")
        if ends is False:
            continue
        limited = True
        test = operator.lower() if isinstance(operator, str) else ""
        if ends is not True or "string" not in test or "not" in test:
            to.unknown = next((v for v in (ends, operator) if isinstance(v, Unknown)), _negative(key))
            continue
        to.subjects += [Pattern(value, "like" in test) for value in values]
    if not limited:
        to.anybody = True


def _negative(key: Any) -> Unknown:
    return Unknown(f"the condition on {key if isinstance(key, str) else 'sub'} says whom it does not let in")


def _services(principal: Any) -> list[Any]:
    return listed(principal.get("Service")) if isinstance(principal, dict) else []
