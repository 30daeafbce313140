"""IP addresses, CIDR blocks and URLs, as Kubernetes' CEL libraries have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import Impl, function, method, overloaded
from readiness.policy.cel.types import Opaque, no_overload


class IP(Opaque):
    """An address; `key` is (family, number), an IPv4-mapped one counting as IPv4."""

    __slots__ = ("text",)
    cel_type: ClassVar[str] = "net.IP"

    def __init__(self, family: int, number: int, text: str) -> None:
        self.key = (family, number)
        self.text = text

    def __str__(self) -> str:
        return self.text


class CIDR(Opaque):
    """A block; `key` is (family, the number of the address as written, prefix length)."""

    __slots__ = ("text",)
    cel_type: ClassVar[str] = "net.CIDR"

    def __init__(self, family: int, number: int, prefix: int, text: str) -> None:
        self.key = (family, number, prefix)
        self.text = text

    @property
    def bounds(self) -> tuple[int, int, int]:
        """Family, first and last number of the block."""
        family, number, prefix = self.key
        hosts = (1 << (_width(family) - prefix)) - 1
        return family, number & ~hosts, number | hosts

    def __str__(self) -> str:
        return self.text


class URL(Opaque):
    """An absolute URL or path; `key` is its text."""

    __slots__ = ()
    cel_type: ClassVar[str] = "kubernetes.URL"
    ordered: ClassVar[bool] = False

    def __str__(self) -> str:
        return str(self.key)


def _width(family: int) -> int:
    return 32 if family == 4 else 128


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def to_ip(value: Any) -> IP:
    """`ip(text)`: an IPv4 or IPv6 address without zone."""
    import ipaddress

    if isinstance(value, IP):
        return value
    if isinstance(value, CIDR):
        return _address(value)
    if not isinstance(value, str):
        raise no_overload("ip", value)
    if "%" in value or (":" in value and "." in value):
        raise CelError(f"{_short(value)} is not an IP address: no zones, no IPv4 inside IPv6")
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise CelError(f"{_short(value)} is not an IP address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return IP(4, int(address.ipv4_mapped), str(address.ipv4_mapped))
    return IP(address.version, int(address), str(address))


def to_cidr(value: Any) -> CIDR:
    """`cidr(text)`: a block such as `10.0.0.0/8`; host bits may be set."""
    if isinstance(value, CIDR):
        return value
    if not isinstance(value, str):
        raise no_overload("cidr", value)
    address, slash, length = value.partition("/")
    try:
        ip = to_ip(address)
    except CelError:
        raise CelError(f"{_short(value)} is not a CIDR block such as 10.0.0.0/8") from None
    family = 6 if ":" in address else 4
    if not slash or not length.isascii() or not length.isdigit() or len(length) > 3:
        raise CelError(f"{_short(value)} is not a CIDR block such as 10.0.0.0/8")
    if int(length) > _width(family) or (family != ip.key[0]):
        raise CelError(f"{_short(value)} is not a CIDR block: a prefix of 0 to {_width(family)} bits")
    return CIDR(family, ip.key[1], int(length), f"{ip.text}/{int(length)}")


def _address_text(family: int, number: int) -> str:
    import ipaddress

    return str(ipaddress.IPv4Address(number) if family == 4 else ipaddress.IPv6Address(number))


def _address(block: CIDR) -> IP:
    family, number, _ = block.key
    return IP(family, number, _address_text(family, number))


def _masked(block: Any) -> CIDR:
    family, first, _ = _cidr("masked", block).bounds
    prefix = block.key[2]
    return CIDR(family, first, prefix, f"{_address_text(family, first)}/{prefix}")


def _cidr(name: str, value: Any) -> CIDR:
    if isinstance(value, CIDR):
        return value
    raise no_overload(name, value)


def _contains_ip(block: Any, address: Any) -> bool:
    family, first, last = _cidr("containsIP", block).bounds
    other, number = to_ip(address).key
    return bool(other == family and first <= number <= last)


def _contains_cidr(block: Any, other: Any) -> bool:
    family, first, last = _cidr("containsCIDR", block).bounds
    other_family, low, high = to_cidr(other).bounds
    return other_family == family and first <= low and high <= last


def _prefix_length(block: Any) -> int:
    return int(_cidr("prefixLength", block).key[2])


def _parses(parse: Callable[[Any], Any], name: str) -> Callable[[Any], bool]:
    def call(value: Any) -> bool:
        if not isinstance(value, str):
            raise no_overload(name, value)
        try:
            parse(value)
        except CelError:
            return False
        return True

    return call


def _is_canonical(value: Any) -> bool:
    return bool(to_ip(value).text == value)


def _property(name: str, four: str, six: str) -> Callable[[Any], bool]:
    """A test of an address by the block of its family that it lies in."""

    def call(value: Any) -> bool:
        if not isinstance(value, IP):
            raise no_overload(name, value)
        return _contains_ip(to_cidr(four if value.key[0] == 4 else six), value)

    return call


_unspecified = _property("isUnspecified", "0.0.0.0/32", "::/128")
_loopback = _property("isLoopback", "127.0.0.0/8", "::1/128")
_link_local = _property("isLinkLocalUnicast", "169.254.0.0/16", "fe80::/10")
_local_multicast = _property("isLinkLocalMulticast", "224.0.0.0/24", "ff02::/16")
_multicast = _property("isGlobalUnicast", "224.0.0.0/4", "ff00::/8")


def _global_unicast(value: Any) -> bool:
    others = (_unspecified, _loopback, _link_local, _multicast)
    return not any(test(value) for test in others) and value.key != (4, 2**32 - 1)


def _family(value: IP) -> int:
    return int(value.key[0])


def to_url(value: Any) -> URL:
    """`url(text)`: a URL with a scheme, or an absolute path."""
    if isinstance(value, URL):
        return value
    if not isinstance(value, str):
        raise no_overload("url", value)
    from urllib.parse import urlsplit

    wrong = CelError(f"{_short(value)} is not a URL with a scheme, nor an absolute path")
    if any(ord(char) < 33 or ord(char) == 127 for char in value):
        raise wrong
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise wrong from None
    if not (parts.scheme or value.startswith("/")):
        raise wrong
    return URL(value)


def _url_part(name: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(value: Any) -> Any:
        from urllib.parse import urlsplit

        if not isinstance(value, URL):
            raise no_overload(name, value)
        return read(urlsplit(value.key))

    return call


def _host(parts: Any) -> str:
    return str(parts.netloc.rpartition("@")[2])


def _hostname(parts: Any) -> str:
    host = _host(parts)
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _path(parts: Any) -> str:
    from urllib.parse import quote

    return quote(parts.path, safe="/%:@!$&'()*+,;=~-._")


def _query(parts: Any) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(parts.query, keep_blank_values=True)


_IP_OF: dict[type, Impl] = {CIDR: _address}

FUNCTIONS = (
    function("ip", to_ip),
    function("isIP", _parses(to_ip, "isIP"), nulls="false"),
    function("ip.isCanonical", _is_canonical, nulls="false"),
    function("cidr", to_cidr),
    function("isCIDR", _parses(to_cidr, "isCIDR"), nulls="false"),
    method("containsIP", _contains_ip, 1, nulls="false"),
    method("containsCIDR", _contains_cidr, 1, nulls="false"),
    method("prefixLength", _prefix_length),
    method("masked", _masked),
    method("ip", overloaded("ip", _IP_OF)),
    method("family", overloaded("family", {IP: _family})),
    method("isUnspecified", _unspecified, nulls="false"),
    method("isLoopback", _loopback, nulls="false"),
    method("isLinkLocalUnicast", _link_local, nulls="false"),
    method("isLinkLocalMulticast", _local_multicast, nulls="false"),
    method("isGlobalUnicast", _global_unicast, nulls="false"),
    function("url", to_url),
    function("isURL", _parses(to_url, "isURL"), nulls="false"),
    method("getScheme", _url_part("getScheme", lambda parts: parts.scheme)),
    method("getHost", _url_part("getHost", _host)),
    method("getHostname", _url_part("getHostname", _hostname)),
    method("getPort", _url_part("getPort", lambda parts: str(parts.port or ""))),
    method("getEscapedPath", _url_part("getEscapedPath", _path)),
    method("getQuery", _url_part("getQuery", _query)),
)
