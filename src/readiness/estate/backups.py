"""Which resources an AWS Backup selection takes: by ARN pattern, by tag, by condition.

Sources: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html (what is
combined with AND and with OR), https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
(resources are filtered first, then tags filter further) and `assigning-resources-json.html` there
(wildcards).  What is not known selects nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.values import Map, Unknown, listed

_KINDS: dict[str, tuple[str, str, str]] = {
    "aws_instance": ("ec2", "instance/", ""),
    "aws_ebs_volume": ("ec2", "volume/", ""),
    "aws_db_instance": ("rds", "db:", "identifier"),
    "aws_rds_cluster": ("rds", "cluster:", "cluster_identifier"),
    "aws_docdb_cluster": ("rds", "cluster:", "cluster_identifier"),
    "aws_neptune_cluster": ("rds", "cluster:", "cluster_identifier"),
    "aws_dynamodb_table": ("dynamodb", "table/", "name"),
    "aws_efs_file_system": ("elasticfilesystem", "file-system/", ""),
    "aws_fsx_lustre_file_system": ("fsx", "file-system/", ""),
    "aws_fsx_openzfs_file_system": ("fsx", "file-system/", ""),
    "aws_fsx_windows_file_system": ("fsx", "file-system/", ""),
    "aws_redshift_cluster": ("redshift", "cluster:", "cluster_identifier"),
    "aws_s3_bucket": ("s3", "", "bucket"),
}
"""Types that AWS Backup takes: service and beginning of the ARN's last part, argument that ends it."""

_TAG = "aws:ResourceTag/"


def selected(resources: Iterable[Resource]) -> Iterator[tuple[Resource, list[tuple[Resource, str]]]]:
    """Each selection with the resources that it takes, and the argument that takes them."""
    homes: dict[tuple[str, str], list[Resource]] = {}
    selections = []
    for resource in resources:
        if resource.type in _KINDS:
            homes.setdefault(resource.home, []).append(resource)
        elif resource.type == "aws_backup_selection":
            selections.append(resource)
    for selection in selections:
        chosen = _chosen(selection.body, homes.get(selection.home, []))
        if chosen:
            yield selection, chosen


def _chosen(body: Map, candidates: list[Resource]) -> list[tuple[Resource, str]]:
    written = body.get("resources")
    patterns = [item for item in listed(written) if isinstance(item, str)]
    excluded = listed(body.get("not_resources"))
    tags, conditions = listed(body.get("selection_tag")), listed(body.get("condition"))
    if written is not None and not patterns:
        return []
    named = {candidate.address for candidate in candidates}
    if not all(isinstance(item, str) or _address(item) in named for item in excluded):
        return []
    via = "condition" if conditions else "selection_tag" if tags else "resources"
    if via == "resources" and excluded and not patterns:
        via = "not_resources"
    return [
        (candidate, via)
        for candidate in candidates
        if not patterns or any(_takes(pattern, candidate) for pattern in patterns)
        if not any(_excludes(item, candidate) for item in excluded)
        if not tags or any(_tagged(tag, candidate) for tag in tags)
        if all(_holds(condition, candidate.tags) for condition in conditions)
    ]


def _address(value: Any) -> str:
    """The address of the resource whose ARN an unknown waits for, else an empty text."""
    refs = value.refs if isinstance(value, Unknown) else ()
    return refs[0].removesuffix(".arn") if len(refs) == 1 and refs[0].endswith(".arn") else ""


def _excludes(item: Any, candidate: Resource) -> bool:
    """True where an item of `not_resources` is, or may be, this resource."""
    if isinstance(item, str):
        return _takes(item, candidate, certain=False)
    return _address(item) == candidate.address


def _takes(pattern: str, candidate: Resource, certain: bool = True) -> bool:
    """Whether an ARN with wildcards covers a resource; `certain` says what one of unknown name counts as.

    Region and account are not compared: where a provider points to is rarely written.
    """
    if pattern == "*":
        return True
    service, beginning, argument = _KINDS[candidate.type]
    parts = pattern.split(":", 5)
    if parts[0] != "arn" or len(parts) < 4 or not _like(parts[2], service):
        return False
    if len(parts) < 6:
        return parts[-1] == "*"
    name = candidate.body.get(argument) if argument else None
    if isinstance(name, str):
        return _like(parts[5], beginning + name)
    head = parts[5].split("*", 1)[0]
    if certain:
        return parts[5] == head + "*" and beginning.startswith(head)
    return beginning.startswith(head) or head.startswith(beginning)


def _like(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which `*` stands for any characters."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def _tagged(tag: Any, candidate: Resource) -> bool:
    if not isinstance(tag, dict) or tag.get("type") != "STRINGEQUALS":
        return False
    return _compare(tag.get("key"), tag.get("value"), candidate.tags, "string_equals")


def _holds(condition: Any, tags: Map | Unknown) -> bool:
    if not isinstance(condition, dict):
        return False
    for operator, blocks in condition.items():
        for block in listed(blocks):
            key = block.get("key") if isinstance(block, dict) else None
            if not isinstance(key, str) or not key.startswith(_TAG):
                return False
            if not _compare(key.removeprefix(_TAG), block.get("value"), tags, operator):
                return False
    return True


def _compare(key: Any, value: Any, tags: Map | Unknown, operator: str) -> bool:
    """Whether a tag is known to satisfy an operator of `condition`; an absent one satisfies a negation."""
    if not isinstance(key, str) or not isinstance(value, str) or isinstance(tags, Unknown):
        return False
    if key not in tags:
        return operator in ("string_not_equals", "string_not_like")
    found = tags[key]
    if not isinstance(found, str):
        return False
    match operator:
        case "string_equals":
            return found == value
        case "string_not_equals":
            return found != value
        case "string_like":
            return _like(value, found)
        case "string_not_like":
            return not _like(value, found)
    return False
