"""How large a machine of a cloud is, told by the name of its type: vCPUs exactly, memory at the most.

The clouds put the number of vCPUs into the name, and a series has the same memory for each of them in every
size.  Sources: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html,
https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions with
https://learn.microsoft.com/azure/virtual-machines/sizes/overview, and
https://cloud.google.com/compute/docs/machine-resource.  Where sizes of a series differ, memory is that of the
roomiest one: it is for saying what cannot fit.  What is not understood here is not judged.
"""

from __future__ import annotations

import re

from msgspec import Struct


class Machine(Struct, frozen=True):
    """A machine: its vCPUs, and the most memory that it has, in GiB."""

    vcpu: int
    memory: float


_AWS = re.compile(r"([cmr])([5-8])([a-z]*)(?:-flex)?\.(medium|large|(\d*)xlarge)")
_AWS_GIB = {"c": 2.0, "m": 4.0, "r": 8.0}
_AWS_BURSTING = re.compile(r"t(?:3|3a|4g)\.(nano|micro|small|medium|large|xlarge|2xlarge)")
_AWS_BURSTING_SIZES = {
    "nano": (2, 0.5),
    "micro": (2, 1.0),
    "small": (2, 2.0),
    "medium": (2, 4.0),
    "large": (2, 8.0),
    "xlarge": (4, 16.0),
    "2xlarge": (8, 32.0),
}
_AZURE = re.compile(r"standard_([def])(\d+)(?:-(\d+))?([a-z]*)_v(\d)", re.IGNORECASE)
_AZURE_BURSTING = re.compile(r"standard_b(\d+)(?:ms|(a?p?l?)s_v2)", re.IGNORECASE)
_AZURE_OLD = re.compile(r"standard_ds?(\d+)_v2", re.IGNORECASE)
_AZURE_OLD_SIZES = {
    "1": (1, 3.5),
    "2": (2, 7.0),
    "3": (4, 14.0),
    "4": (8, 28.0),
    "5": (16, 56.0),
    "11": (2, 14.0),
    "12": (4, 28.0),
    "13": (8, 56.0),
    "14": (16, 112.0),
    "15": (20, 140.0),
}
_GOOGLE = re.compile(
    r"(?:e2|n1|n2d?|n4d?|c2d?|c3d?|c4[ad]?|t2[ad])-(standard|highmem|highcpu)-(\d+)(?:-lssd|-metal)?"
)
_GOOGLE_GIB = {"standard": 4.0, "highmem": 8.0, "highcpu": 2.0}
_GOOGLE_SHARED = {"e2-micro": (2, 1.0), "e2-small": (2, 2.0), "e2-medium": (2, 4.0)}
_GOOGLE_CUSTOM = re.compile(r"(?:[a-z]\d[a-z]?-)?custom-(\d+)-(\d+)(?:-ext)?")


def machine(name: str) -> Machine | None:
    """The machine of a type of AWS, Azure or Google Cloud; None for one that is not understood."""
    return _aws(name) or _azure(name) or _google(name)


def _aws(name: str) -> Machine | None:
    if match := _AWS_BURSTING.fullmatch(name):
        return Machine(*_AWS_BURSTING_SIZES[match[1]])
    match = _AWS.fullmatch(name)
    if match is None:
        return None
    series, generation, traits, size, times = match.groups()
    vcpu = {"medium": 1, "large": 2}.get(size) or 4 * int(times or 1)
    # The network variant of the fifth generation has a third more, and a little less in small sizes.
    gib = 8 / 3 if (series, generation, traits) == ("c", "5", "n") else _AWS_GIB[series]
    return Machine(vcpu, vcpu * gib)


def _azure(name: str) -> Machine | None:
    if match := _AZURE_OLD.fullmatch(name):
        size = _AZURE_OLD_SIZES.get(match[1])
        return Machine(*size) if size else None
    if match := _AZURE_BURSTING.fullmatch(name):
        vcpu = int(match[1])
        return Machine(vcpu, vcpu * (2.0 if "l" in (match[2] or "").lower() else 4.0))
    match = _AZURE.fullmatch(name)
    if match is None:
        return None
    series, number, constrained, traits, version = match.groups()
    gib = _azure_gib(series.lower(), traits.lower(), int(version))
    return Machine(int(constrained or number), int(number) * gib) if gib else None


def _azure_gib(series: str, traits: str, version: int) -> float:
    """GiB for each vCPU of a series, at the most; 0 where the name does not say."""
    if series == "f":
        return 2.0 if version == 2 or "l" in traits else 8.0 if "m" in traits else 4.0
    # Isolated sizes fill a whole host, and have what is left there.
    if version < 3 or "i" in traits:
        return 0.0
    return 8.0 if series == "e" else 2.0 if "l" in traits else 4.0


def _google(name: str) -> Machine | None:
    if name in _GOOGLE_SHARED:
        return Machine(*_GOOGLE_SHARED[name])
    if match := _GOOGLE_CUSTOM.fullmatch(name):
        return Machine(int(match[1]), int(match[2]) / 1024)
    if match := _GOOGLE.fullmatch(name):
        return Machine(int(match[2]), int(match[2]) * _GOOGLE_GIB[match[1]])
    return None
