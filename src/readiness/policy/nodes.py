"""`nodes()`: the machine types of the cluster nodes that the run declares.

An unknown stands in the list for each sign that pods may also run on other nodes than the declared ones:
an autoscaler that chooses machine types itself, serverless nodes, a module or a cluster from elsewhere, a
machine type that is not known or not in the table.  Where no node type is known at all, the list is empty:
then this repository says nothing about nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from readiness.estate.model import Estate, Resource
from readiness.terraform.machines import machine
from readiness.values import List, Map, Unknown, dig_known, listed

_ELSEWHERE = (
    "NodePool",
    "*/NodePool",
    "Provisioner",
    "*/Provisioner",
    "MachineDeployment",
    "MachinePool",
    "MachineSet",
    "*/MachineDeployment",
    "*/MachinePool",
    "*/MachineSet",
    "aws_autoscaling_group",
    "aws_eks_fargate_profile",
    "data.aws_eks_cluster*",
    "data.azurerm_kubernetes_cluster*",
    "data.google_container_cluster*",
    "castai_*",
    "spotinst_*",
    "*_kubernetes_cluster",
    "*_kubernetes_node_pool",
    "*_kubernetes_cluster_v*",
    "*_container_engine_*",
)
"""Types that make nodes, or are clusters, of which the machine types are not told here.

Among the kinds are those of Karpenter, Cluster API and OpenShift."""

_MODULE = re.compile(r"eks|gke|aks|kubernetes|karpenter|node", re.IGNORECASE)


def nodes(estate: Estate) -> List:
    """Each machine type with `address`, `type`, `cpu` (`"4"`) and `memory` (`"16384Mi"`, at the most)."""
    found: list[Any] = []
    for type_, reader in _READERS.items():
        for resource in estate.by_type.get(type_, ()):
            if resource.maybe:
                found.append(_other(resource, "the number of them is not known"))
                continue
            found += (_sized(resource, name) for name in reader(resource.body))
    if not any(isinstance(entry, Map) for entry in found):
        return List()
    return List(found + [_other(resource, "it may bring other nodes") for resource in _others(estate)])


def _others(estate: Estate) -> Iterator[Resource]:
    for pattern in _ELSEWHERE:
        yield from (r for r in estate.of_type(pattern) if r.type not in _READERS)
    for resource in estate.by_type.get("helm_release", ()):
        if str(resource.body.get("chart", "")).rpartition("/")[2].startswith("karpenter"):
            yield resource
    for resource in estate.by_type.get("module", ()):
        source = resource.body.get("source")
        if isinstance(source, Unknown) or (
            isinstance(source, str) and not source.startswith(".") and _MODULE.search(source)
        ):
            yield resource


def _other(resource: Resource, why: str) -> Unknown:
    return Unknown(f"{resource.address}: {why}", (resource.address,))


def _sized(resource: Resource, name: Any) -> Map | Unknown:
    """One entry; `name` is a machine type, an unknown, or None where nothing here says which one it is."""
    if isinstance(name, Unknown):
        return name
    size = machine(name) if isinstance(name, str) else None
    if size is None:
        return _other(resource, "the size of its nodes is not known")
    return Map(
        {
            "address": resource.address,
            "type": name,
            "cpu": str(size.vcpu),
            "memory": f"{int(size.memory * 1024)}Mi",
        },
        resource.header,
    )


def _eks_group(body: Map) -> Iterator[Any]:
    types = body.get("instance_types")
    if types is None:
        # A launch template may hold the type; without one the provider takes t3.medium.
        yield None if body.get("launch_template") else "t3.medium"
    elif isinstance(types, Unknown):
        yield types
    else:
        yield from listed(types)


def _eks_cluster(body: Map) -> Iterator[Any]:
    for block in listed(body.get("compute_config")):
        if dig_known(block, "enabled") is not False:
            yield None


def _google_cluster(body: Map) -> Iterator[Any]:
    if body.get("enable_autopilot") not in (None, False):
        yield None
        return
    for block in listed(body.get("cluster_autoscaling")):
        if dig_known(block, "enabled") not in (None, False):
            yield None
    pools = listed(body.get("node_pool"))
    for pool in pools:
        yield from _google_pool(pool) if isinstance(pool, dict) else (None,)
    if not pools and body.get("remove_default_node_pool") is not True:
        yield from _google_pool(body)


def _google_pool(body: dict[str, Any]) -> Iterator[Any]:
    configured = listed(body.get("node_config"))
    name = dig_known(configured[0], "machine_type") if configured else None
    yield "e2-medium" if name is None else name


def _azure_cluster(body: Map) -> Iterator[Any]:
    for block in listed(body.get("node_provisioning_profile")):
        if dig_known(block, "mode") not in (None, "Manual"):
            yield None
    if body.get("aci_connector_linux"):
        yield None
    for pool in listed(body.get("default_node_pool")):
        yield dig_known(pool, "vm_size")


def _azure_pool(body: Map) -> Iterator[Any]:
    yield body.get("vm_size")


_READERS: dict[str, Callable[[Map], Iterator[Any]]] = {
    "aws_eks_node_group": _eks_group,
    "aws_eks_cluster": _eks_cluster,
    "google_container_cluster": _google_cluster,
    "google_container_node_pool": _google_pool,
    "azurerm_kubernetes_cluster": _azure_cluster,
    "azurerm_kubernetes_cluster_node_pool": _azure_pool,
}
"""The machine types that a resource names, by its type."""
