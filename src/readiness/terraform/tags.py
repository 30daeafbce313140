"""Tags and labels of a resource after the provider's defaults.

Sources: `default_tags` and `ignore_tags` in https://registry.terraform.io/providers/hashicorp/aws/latest/docs
(all resources that take `tags` get the defaults, except `aws_autoscaling_group`; `ignore_tags` hides
tags from plans, and takes none away), `default_labels` in
https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference (`labels`
at the top level or in `metadata`), and `effective_labels` in the schemas of that provider.  Whether Google's
attribution label (`goog-terraform-provisioned`) is added depends on the version of the provider, and
it says nothing about the resource, so it is left out.  The providers for Azure have no defaults.

A type that takes no tags at all (a bucket policy, a data source) has the defaults too: they say to
which service and environment it belongs.
"""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Link
from readiness.sources.hcl import ast
from readiness.terraform.body import declared_body
from readiness.terraform.config import Declared
from readiness.terraform.instance import Instance
from readiness.terraform.module import ModuleInstance
from readiness.terraform.providers import configuration_of
from readiness.values import List, Map, Unknown

_PATHS: dict[str, tuple[str, ...]] = {
    "google_container_cluster": ("resource_labels",),
    "google_container_node_pool": ("node_config", "resource_labels"),
    "google_monitoring_alert_policy": ("user_labels",),
    "google_monitoring_custom_service": ("user_labels",),
    "google_monitoring_notification_channel": ("user_labels",),
    "google_monitoring_service": ("user_labels",),
    "google_monitoring_slo": ("user_labels",),
    "google_monitoring_uptime_check_config": ("user_labels",),
    "google_sql_database_instance": ("settings", "user_labels"),
    "google_cloud_run_service": ("metadata", "labels"),
    "google_cloud_run_domain_mapping": ("metadata", "labels"),
}
"""Where the labels of a type stand that has them elsewhere than in `labels`."""

_WITHOUT_DEFAULTS = frozenset(
    {"aws_autoscaling_group", "google_container_node_pool", "google_sql_database_instance"}
) | {type_ for type_ in _PATHS if type_.startswith("google_monitoring_")}
"""Types with tags or labels of their own to which the provider does not add its defaults."""

_DEFAULTS = frozenset({"default_tags", "default_labels"})


def resource_tags(module: ModuleInstance, instance: Instance) -> Map | Unknown:
    """The tags (labels for Google) that the resource will carry."""
    body = instance.body
    own = _own(instance)
    if own is None:
        own = Map((), body.span)
    defaults = Map() if instance.type in _WITHOUT_DEFAULTS else provider_defaults(module, instance)
    if isinstance(own, Unknown) or isinstance(defaults, Unknown):
        return own if isinstance(own, Unknown) else defaults if isinstance(defaults, Unknown) else Map()
    if not isinstance(own, dict):
        return Map()
    if not defaults:
        return own if isinstance(own, Map) else Map(own)
    merged = Map({**defaults, **own}, body.span)
    for part in (defaults, own):
        if isinstance(part, Map):
            merged.key_spans.update(part.key_spans)
            merged.value_spans.update(part.value_spans)
    return merged


def _own(instance: Instance) -> Any:
    """The tags or labels that are written on the resource itself."""
    body = instance.body
    if instance.type == "aws_autoscaling_group":
        return _group_tags(body.get("tag"))
    if not instance.type.startswith("google_"):
        return body.get("tags")
    value: Any = body
    for name in _PATHS.get(instance.type, ("labels",)):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return value if isinstance(value, Unknown) else None
        value = value.get(name)
    return value


def _group_tags(blocks: Any) -> Map | Unknown:
    """An Auto Scaling group has a `tag` block for each tag."""
    if isinstance(blocks, Unknown):
        return blocks
    result = Map()
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Unknown):
            return block
        if not isinstance(block, dict):
            continue
        if isinstance(block.get("key"), Unknown):
            return Unknown(block["key"].reason, block["key"].refs, block["key"].span, not_null=True)
        result[str(block.get("key"))] = block.get("value")
    return result


def provider_defaults(module: ModuleInstance, instance: Instance) -> Map | Unknown:
    """`default_tags` / `default_labels` of the provider configuration that a resource uses."""
    found = configuration_of(module, instance)
    if found is None:
        return Map()
    declared, scope = found
    references: list[Link] = []
    body = declared_body(_only_defaults(declared), scope, references)
    if "default_labels" in body:
        return _known(body["default_labels"])
    return _tags(body.get("default_tags"))


def _only_defaults(declared: Declared) -> Declared:
    """The configuration without what has nothing to do with tags."""
    block = declared.block
    return Declared(
        ast.Block(
            block.at,
            block.header,
            block.type,
            block.labels,
            [attribute for attribute in block.attributes if attribute.name in _DEFAULTS],
            [nested for nested in block.blocks if {nested.type, *nested.labels} & _DEFAULTS],
        ),
        declared.place,
        tuple(_only_defaults(layer) for layer in declared.overrides),
    )


def _tags(value: Any) -> Map | Unknown:
    """The tags of `default_tags`, which is one block."""
    if isinstance(value, List):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("tags")
    return _known(value)


def _known(value: Any) -> Map | Unknown:
    if isinstance(value, (Map, Unknown)):
        return value
    return Map(value) if isinstance(value, dict) else Map()
