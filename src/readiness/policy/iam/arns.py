"""What ARNs and ends of ARNs say: how far a resource pattern reaches, and whose it is.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from typing import Any

from readiness.policy.iam.catalogue import load
from readiness.policy.iam.refs import parse
from readiness.values import Unknown

SCOPES = ("specific", "prefix", "service", "all")
"""From the narrowest to the widest."""

_ACCOUNT_FIELD = re.compile(r"[0-9]{12}|aws|\*|")
_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):")
_FIXED = frozenset({"aws_caller_identity", "aws_partition", "aws_region", "aws_canonical_user_id"})


def scope_of(pattern: Any) -> str | Unknown:
    """How far one entry of `Resource` reaches.

    `all` for every resource, `service` for all of a kind in an account (`role/*`), `prefix` for a
    wildcard below a name, `specific` without one; an unknown where what is not known decides.
    """
    if isinstance(pattern, Unknown):
        return _scope_of_unknown(pattern)
    if not isinstance(pattern, str):
        return "specific"
    if not pattern.strip("*"):
        return "all"
    parts = pattern.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        # `arn:aws:s3*` ends before the part that names a resource.
        return "all" if pattern.endswith("*") else "specific"
    return _scope_of_part(parts[2], parts[5])


def _scope_of_part(service: str, resource: str) -> str:
    """By the part of an ARN that names a resource: `role/*` is every role, `*` of S3 every bucket."""
    beginning = re.split(r"[*?]", resource, maxsplit=1)[0]
    if beginning == resource:
        return "specific"
    if not beginning:
        return "service"
    written = load().resources.get(service)
    if written is None:
        kinds = frozenset(_kind(text) for texts in load().resources.values() for text in texts)
        return "service" if beginning in kinds else "prefix"
    kinds = frozenset(_kind(text) for text in written)
    if beginning in kinds:
        return "service"
    # Where names stand without their kind, as those of buckets, this is how one begins.
    if "" in kinds:
        return "prefix"
    return "service" if any(kind.startswith(beginning) for kind in kinds) else "prefix"


def _kind(text: str) -> str:
    """What a resource part begins with, up to its first separator: `role/`, `secret:`."""
    match = re.match(r".[^/:]*[/:]", text)
    return match.group() if match else text


def _scope_of_unknown(pattern: Unknown) -> str | Unknown:
    """By the known end of an ARN, or by what its unknown part is: a resource's own ARN is no pattern.

    A name that is known in part is at most a prefix.
    """
    beginning, ending = pattern.prefix, pattern.suffix
    wildcard = "prefix" if "*" in ending else "specific"
    if beginning == "arn:" and pattern.refs and pattern.refs[0].endswith(".arn"):
        return wildcard if _names_one(pattern.refs[0]) else pattern
    colons = beginning.count(":")
    if beginning.startswith("arn:") and colons < 5 and ":" in ending:
        fields = ending.split(":", 2)
        skip = 2 if colons < 4 and len(fields) == 3 and _ACCOUNT_FIELD.fullmatch(fields[1]) else 1
        return _scope_of_part(
            beginning.split(":")[2] if colons > 2 else "?", ":".join(ending.split(":")[skip:])
        )
    if pattern.refs and all(_names_one(ref) for ref in pattern.refs):
        return wildcard
    if beginning.startswith("arn:") and colons >= 5:
        service, name = beginning.split(":", 5)[2::3]
        if _scope_of_part(service, name + "*") == "prefix":
            return "prefix"
    return pattern


def _names_one(ref: str) -> bool:
    """Whether a reference is to something that AWS made, in whose name no wildcard can be."""
    mode, type_, attribute = parse(ref)
    return mode == "managed" or (mode == "data" and (type_ in _FIXED or attribute in ("arn", "id")))


def widest(scopes: list[str | Unknown]) -> str | Unknown | None:
    """The widest of several; an unknown one counts unless another reaches everything."""
    known = [SCOPES.index(scope) for scope in scopes if isinstance(scope, str)]
    if known and max(known) == len(SCOPES) - 1:
        return "all"
    unknown = next((scope for scope in scopes if isinstance(scope, Unknown)), None)
    if unknown is not None:
        return unknown
    return SCOPES[max(known)] if known else None


def account_of(value: Any) -> str | Unknown | None:
    """The account of an AWS principal or an ARN: its id, None where it has none, or an unknown."""
    if isinstance(value, Unknown):
        match = _ACCOUNT.match(value.prefix)
        return match.group(1) if match else value
    if not isinstance(value, str):
        return None
    if re.fullmatch("[0-9]{12}", value):
        return value
    match = _ACCOUNT.match(value)
    return match.group(1) if match else None
