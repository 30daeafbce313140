"""References → links between Terraform resources, both ways."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.estate.model import Estate, Link, Resource


def link_terraform(estate: Estate) -> None:
    """Add a link to both ends of every reference; also where a bucket is named by its literal name."""
    named = {
        (resource.home, str(resource.body["bucket"])): resource
        for resource in estate.by_type.get("aws_s3_bucket", ())
        if isinstance(resource.body.get("bucket"), str)
    }
    for resource in estate.resources:
        if resource.platform != "terraform":
            continue
        for other, via in _targets(estate, resource):
            _join(resource, other, via)
        text = resource.body.get("bucket")
        if isinstance(text, str) and resource.type.startswith("aws_s3_bucket_"):
            bucket = named.get((resource.home, text))
            if bucket is not None and bucket.address not in {link.address for link in resource.links}:
                _join(resource, bucket, "bucket")


def _targets(estate: Estate, resource: Resource) -> Iterable[tuple[Resource, str]]:
    for reference in resource.references:
        other = estate.by_address.get((resource.home, reference.address))
        if other is not None and other is not resource:
            yield other, reference.via


def _join(resource: Resource, other: Resource, via: str) -> None:
    resource.links.append(Link(other.address, via, other))
    other.links.append(Link(resource.address, via, resource))
