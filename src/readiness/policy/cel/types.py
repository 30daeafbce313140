"""The CEL values that plain Python has no type for, and the type of every value.

Ints, doubles, strings, bools, bytes, null, lists and maps are `int`, `float`, `str`, `bool`,
`bytes`, `None`, `list` and `dict`.  The classes here are immutable by convention.
"""

from __future__ import annotations

from typing import Any, ClassVar

from readiness.policy.cel.errors import CelError
from readiness.values import Unknown

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
NANOS = 1_000_000_000

HOST = "@host"
"""The name under which bindings have the functions of the host."""


class UInt(int):
    """An unsigned 64-bit integer, to be told from an `int`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"

    def __str__(self) -> str:
        return int.__repr__(self)


class Opaque:
    """A value with a type of its own that equals, orders and hashes by its `key`."""

    __slots__ = ("key",)
    cel_type: ClassVar[str] = "opaque"
    ordered: ClassVar[bool] = True

    def __init__(self, key: Any) -> None:
        self.key = key

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and bool(self.key == other.key)

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.key))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class CelType(Opaque):
    """A type as a value, such as what `type(1)` gives; `key` is its name."""

    __slots__ = ()
    cel_type = "type"
    ordered = False

    @property
    def name(self) -> str:
        """The name of the type, such as `int` or `google.protobuf.Timestamp`."""
        return str(self.key)

    def __str__(self) -> str:
        return str(self.key)


class Duration(Opaque):
    """A length of time; `key` is in nanoseconds and fits 64 bits."""

    __slots__ = ()
    cel_type = "google.protobuf.Duration"

    def __init__(self, nanoseconds: int) -> None:
        if not INT_MIN <= nanoseconds <= INT_MAX:
            raise CelError("duration out of range")
        self.key = nanoseconds

    @property
    def nanoseconds(self) -> int:
        """The whole length, in nanoseconds."""
        return int(self.key)

    def __str__(self) -> str:
        sign = "-" if self.key < 0 else ""
        seconds, nanos = divmod(abs(self.key), NANOS)
        return f"{sign}{seconds}{fraction_text(nanos)}s"


class Timestamp(Opaque):
    """A moment between the years 1 and 9999; `key` is in nanoseconds since 1970, UTC."""

    __slots__ = ()
    cel_type = "google.protobuf.Timestamp"
    FIRST: ClassVar[int] = -62135596800 * NANOS
    LAST: ClassVar[int] = 253402300799 * NANOS + NANOS - 1

    def __init__(self, nanoseconds: int) -> None:
        if not self.FIRST <= nanoseconds <= self.LAST:
            raise CelError("timestamp out of range: years 1 to 9999")
        self.key = nanoseconds

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        return int(self.key)

    def __str__(self) -> str:
        from datetime import UTC, datetime, timedelta

        seconds, nanos = divmod(self.key, NANOS)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return f"{moment.isoformat()[:19]}{fraction_text(nanos)}Z"


class OptionalValue:
    """A value that may be absent: `optional.of(x)` or `optional.none()`."""

    __slots__ = ("present", "value")

    def __init__(self, present: bool = False, value: Any = None) -> None:
        self.present = present
        self.value = value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, OptionalValue)
            and self.present == other.present
            and bool(self.value == other.value)
        )

    def __hash__(self) -> int:
        return hash((self.present, repr(self.value)))

    def __repr__(self) -> str:
        return f"optional.of({self.value!r})" if self.present else "optional.none()"


NONE = OptionalValue()
"""The absent optional."""


class BoolKey:
    """A bool as the key of a map that has 1 or 0 as a key too, which Python takes for the same."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoolKey) and self.value is other.value

    def __hash__(self) -> int:
        return hash(("bool", self.value))

    def __repr__(self) -> str:
        return "true" if self.value else "false"


def plain_key(key: Any) -> Any:
    """The key of a map as a value."""
    return key.value if type(key) is BoolKey else key


_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null_type",
    OptionalValue: "optional_type",
    Unknown: "unknown",
}
TYPE_NAMES = frozenset(
    {
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
        "optional_type", "google.protobuf.Timestamp", "google.protobuf.Duration", "net.IP",
        "net.CIDR", "kubernetes.Quantity", "kubernetes.URL", "kubernetes.Semver", "kubernetes.NamedFormat",
    }
)  # fmt: skip
"""Names that denote a type when they are not bound to a value."""


def fraction_text(nanos: int) -> str:
    """The decimals of a second, without trailing zeros: `.5` for 500,000,000, nothing for 0."""
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def type_name(value: Any) -> str:
    """The CEL name of the type of a value."""
    name = _NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, Opaque):
        return value.cel_type
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "list"
    for kind in (str, bool, UInt, int, float, bytes):
        if isinstance(value, kind):
            return _NAMES[kind]
    return type(value).__name__


def no_overload(what: str, *values: Any) -> CelError:
    """The error for operands that an operator or function does not take."""
    return CelError(f"`{what}` does not take ({', '.join(type_name(value) for value in values)})")
