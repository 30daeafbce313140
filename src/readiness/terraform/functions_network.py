"""Functions of IP networks.

Source: https://developer.hashicorp.com/terraform/language/functions (IP Network Functions), and
https://opentofu.org/docs/language/functions/cidrcontains/; for the fine points
https://github.com/apparentlymart/go-cidr/blob/v1.1.0/cidr/cidr.go and the `ParseCIDR` of Go before version
1.17, which takes zeros in front of decimal numbers.
"""

from __future__ import annotations

import re
from typing import Any

from readiness.terraform.convert import EvaluationError
from readiness.terraform.functions_common import Function, Unevaluated
from readiness.values import List

_QUAD = re.compile(r"[0-9]+(?:\.[0-9]+){3}", re.ASCII)


def _address(text: str) -> Any:
    """An address, or None if the text is none."""
    import ipaddress

    if _QUAD.fullmatch(text):
        text = ".".join(str(int(part)) if len(part) < 9 else part for part in text.split("."))
    try:
        return None if "%" in text else ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(prefix: str) -> Any:
    import ipaddress

    text, slash, size = prefix.partition("/")
    address = _address(text)
    if not slash or address is None or not re.fullmatch(r"[0-9]{1,4}", size, re.ASCII):
        raise EvaluationError(f"{prefix!r} is not an address with a prefix length")
    if int(size) > address.max_prefixlen:
        raise EvaluationError(f"the prefix length of {prefix!r} is too large")
    if address.version == 6 and int(address) >> 32 == 0xFFFF:
        raise Unevaluated("networks of addresses of IPv4 written as IPv6 are not worked out")
    kind = ipaddress.IPv6Network if address.version == 6 else ipaddress.IPv4Network
    return kind((int(address), int(size)), strict=False)


def _cidrhost(prefix: str, number: int | float) -> str:
    network = _network(prefix)
    if not isinstance(number, int):
        raise EvaluationError("the number of a host is whole")
    if not -network.num_addresses <= number < network.num_addresses:
        raise EvaluationError(f"{prefix} has no host number {number}")
    return _written(network[number])


def _written(address: Any) -> str:
    if address.version == 6 and int(address) >> 32 == 0xFFFF:
        raise Unevaluated("addresses of IPv4 written as IPv6 are not worked out")
    return str(address)


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise EvaluationError("networks of IPv6 have no netmask")
    return str(network.netmask)


def _subnet(network: Any, bits: int, position: int) -> Any:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or position >= 1 << bits:
        raise EvaluationError(f"{network} has no subnet {position} of {bits} more bits")
    address = int(network.network_address) + (position << (network.max_prefixlen - length))
    return type(network)((address, length))


def _cidrsubnet(prefix: str, bits: int, number: int | float) -> str:
    network = _network(prefix)
    if not isinstance(number, int):
        raise EvaluationError("the number of a subnet is whole")
    if bits < 0 or number < 0:
        raise Unevaluated("negative numbers are not worked out")
    return str(_subnet(network, bits, number))


def _cidrsubnets(prefix: str, *bits: int) -> List:
    network = _network(prefix)
    result = List()
    free = int(network.network_address)
    for count in bits:
        if not 1 <= count <= 32:
            raise EvaluationError(f"a prefix is extended by 1 to 32 bits, not by {count}")
        size = 1 << max(0, network.max_prefixlen - network.prefixlen - count)
        free = -(-free // size) * size
        position = (free - int(network.network_address)) // size
        result.append(str(_subnet(network, count, position)))
        free += size
    return result


def _cidrcontains(prefix: str, inner: str) -> bool:
    network = _network(prefix)
    address = _address(inner)
    if address is not None and address.version == 6 and int(address) >> 32 == 0xFFFF:
        raise Unevaluated("addresses of IPv4 written as IPv6 are not worked out")
    part = _network(inner if address is None else f"{inner}/{address.max_prefixlen}")
    if part.version != network.version:
        raise EvaluationError(f"{prefix} and {inner} are not of the same version of IP")
    return bool(part.subnet_of(network))


NETWORK: dict[str, Function] = {
    "cidrcontains": Function(_cidrcontains, "s s"),
    "cidrhost": Function(_cidrhost, "s n"),
    "cidrnetmask": Function(_cidrnetmask, "s"),
    "cidrsubnet": Function(_cidrsubnet, "s i n"),
    "cidrsubnets": Function(_cidrsubnets, "s i*"),
}
