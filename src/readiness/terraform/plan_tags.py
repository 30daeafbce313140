"""Tags and labels of a resource in a plan.

The providers say themselves what a resource will carry: `tags_all` of AWS
(https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging),
`terraform_labels` and `effective_labels` of Google
(https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference).
"""

from __future__ import annotations

from typing import Any

from readiness.sources.plan_model import ProviderConfig
from readiness.terraform.plan_references import is_attribute
from readiness.values import Map, Unknown

_MERGED = ("tags_all", "terraform_labels", "effective_labels")
_OWN = ("labels", "user_labels", "resource_labels", "tags")


def planned_tags(type_: str, body: Map, provider: ProviderConfig | None) -> Map | Unknown:
    """The tags (labels for Google) that the resource will carry."""
    if type_ == "aws_autoscaling_group":
        return _group_tags(body.get("tag"))
    for name in _MERGED:
        if isinstance(body.get(name), Map):
            return _as_map(body[name])
    own = next((body[name] for name in _OWN if body.get(name) is not None), Map())
    if isinstance(own, Unknown):
        return own
    defaults = _defaults(provider)
    if isinstance(defaults, Unknown):
        return defaults
    return Map({**defaults, **own}) if isinstance(own, dict) else Map(defaults)


def _as_map(value: Any) -> Map:
    return value if isinstance(value, Map) else Map()


def _defaults(provider: ProviderConfig | None) -> Map | Unknown:
    """`default_tags` or `default_labels` of a provider configuration."""
    expressions = provider.expressions if provider is not None else {}
    found = expressions.get("default_labels")
    for block in expressions.get("default_tags") or ():
        if isinstance(block, dict):
            found = block.get("tags")
    if found is None:
        return Map()
    if is_attribute(found) and isinstance(found.get("constant_value"), dict):
        return Map(found["constant_value"])
    return Unknown("the provider's default tags are not part of the plan")


def _group_tags(blocks: Any) -> Map | Unknown:
    """An Auto Scaling group has a `tag` block for each tag."""
    if isinstance(blocks, Unknown):
        return blocks
    result = Map()
    for block in blocks if isinstance(blocks, list) else ():
        key = block.get("key") if isinstance(block, dict) else block
        if isinstance(key, Unknown):
            return Unknown(key.reason, key.refs, not_null=True)
        result[str(key)] = block.get("value")
    return result
