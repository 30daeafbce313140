"""How far a statement reaches: its actions, resources, principals and conditions.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/ (`actions.txt`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from readiness.policy.iam.arns import account_of, scope_of, widest
from readiness.policy.iam.catalogue import Reach, reach
from readiness.policy.iam.refs import parse
from readiness.policy.iam.statement import Statement
from readiness.values import List, Map, Unknown


def worked_out(statement: Statement, key: str) -> Any:
    """The value of one of the lazy keys of a statement."""
    return _KEYS[key](statement)


def reach_of(statement: Statement) -> tuple[Reach, Unknown | None]:
    """What the known actions of a statement cover, and the first unknown among them.

    An unknown in `NotAction` leaves nothing certain: any action may be excepted.
    """
    negated = not _is_written(statement["actions"]) and _is_written(statement["not_actions"])
    written = statement["not_actions" if negated else "actions"]
    if isinstance(written, Unknown):
        return reach(()), written
    unknown = next((item for item in written if isinstance(item, Unknown)), None)
    if negated and unknown is not None:
        return reach(()), unknown
    return reach(tuple(item for item in written if isinstance(item, str)), negated), unknown


def _is_written(value: Any) -> bool:
    return isinstance(value, Unknown) or bool(value)


def _with(items: Any, unknown: Unknown | None) -> List:
    return List([*items, unknown] if unknown is not None else items)


def _expanded(statement: Statement) -> List:
    covered, unknown = reach_of(statement)
    return _with(covered.names, unknown)


def _access(statement: Statement) -> Map:
    """Actions by level; where some are not known, the counts are unknown."""
    covered, unknown = reach_of(statement)
    return Map({level: count if unknown is None else unknown for level, count in covered.counts.items()})


def _levels(statement: Statement) -> List:
    covered, unknown = reach_of(statement)
    return _with([level for level, count in covered.counts.items() if count], unknown)


def _permissions(statement: Statement) -> List:
    covered, unknown = reach_of(statement)
    return _with(covered.permissions, unknown)


def _services(statement: Statement) -> List:
    covered, unknown = reach_of(statement)
    return _with(covered.services, unknown)


def _resource_scope(statement: Statement) -> str | Unknown | None:
    """The widest of the resources; `NotResource` reaches all that it does not name."""
    resources, others = statement["resources"], statement["not_resources"]
    if _is_written(others) and not _is_written(resources):
        return "all"
    if isinstance(resources, Unknown):
        return scope_of(resources)
    return widest([scope_of(resource) for resource in resources])


def _condition_keys(statement: Statement) -> List | Unknown:
    conditions = statement["conditions"]
    if isinstance(conditions, Unknown):
        if not conditions.prefix and not conditions.suffix:
            return conditions
        # The name of one key is known in part (`${…}:sub`), that of others is not.
        return List([conditions, Unknown(conditions.reason, conditions.refs, conditions.span)])
    keys: dict[str, None] = {}
    unknown: Unknown | None = None
    for tested in conditions.values() if isinstance(conditions, dict) else ():
        if isinstance(tested, Unknown):
            unknown = tested if unknown is None else unknown
        elif isinstance(tested, dict):
            keys.update(dict.fromkeys(key.lower() for key in tested))
    return _with(sorted(keys), unknown)


def _principals(statement: Statement, kind: str) -> Iterator[Any]:
    """The principals of one kind (`AWS`, `Service`, `Federated`)."""
    principal = statement.principal
    if isinstance(principal, Unknown):
        yield principal
    elif isinstance(principal, dict):
        written = principal.get(kind)
        yield from written if isinstance(written, list) else [] if written is None else [written]


def _accounts(statement: Statement) -> List:
    found = dict.fromkeys(account_of(principal) for principal in _principals(statement, "AWS"))
    return List([account for account in found if account is not None])


def _external_accounts(statement: Statement) -> List | Unknown:
    """Accounts of principals other than the policy's own, which ARNs of its resources or `own` tell."""
    accounts = statement["accounts"]
    if not accounts:
        return List()
    others = [account for account in accounts if not _made_here(account)]
    own = statement.own or _accounts_of_resources(statement)
    if others and not own:
        return Unknown("the account that the policy belongs to is not written")
    return List([account for account in others if isinstance(account, Unknown) or account not in own])


def _made_here(account: Any) -> bool:
    """Whether a principal is of the caller's own account, or one that the same configuration makes."""
    if not isinstance(account, Unknown) or not account.refs:
        return False
    parts = [parse(ref) for ref in account.refs]
    return all(
        type_ == "aws_caller_identity" if mode == "data" else type_.startswith("aws_iam_")
        for mode, type_, _ in parts
    )


def _accounts_of_resources(statement: Statement) -> frozenset[str]:
    found: list[Any] = []
    for other in statement.document:
        written = other.get("Resource") if isinstance(other, dict) else None
        found += written if isinstance(written, list) else [written]
    accounts = frozenset(account for item in found if isinstance(account := account_of(item), str))
    return accounts if len(accounts) == 1 else frozenset()


def _privileged(statement: Statement) -> bool | Unknown:
    """Whether it opens a way to any permission by itself, without a condition."""
    from readiness.policy.iam.escalation import escalations

    found = escalations([statement])
    answers = [item["granted"] if isinstance(item, dict) else item for item in found]
    return True if True in answers else next(iter(answers), False)


def _service_principals(statement: Statement) -> List:
    return List(_principals(statement, "Service"))


def _federated_principals(statement: Statement) -> List:
    return List(_principals(statement, "Federated"))


_KEYS: dict[str, Callable[[Statement], Any]] = {
    "expanded": _expanded,
    "access": _access,
    "levels": _levels,
    "permissions": _permissions,
    "services": _services,
    "resource_scope": _resource_scope,
    "scope": _resource_scope,
    "condition_keys": _condition_keys,
    "accounts": _accounts,
    "external_accounts": _external_accounts,
    "service_principals": _service_principals,
    "federated_principals": _federated_principals,
    "privileged": _privileged,
}
