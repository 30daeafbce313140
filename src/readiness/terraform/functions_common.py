"""What the modules of functions share: how a function is declared, and what it does with unknown values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from readiness.terraform.convert import ITEM_LIMIT, EvaluationError, to_text
from readiness.terraform.kinds import like
from readiness.terraform.references import ResourceObject
from readiness.values import Unknown


class Unevaluated(Exception):
    """A call that Terraform may well evaluate, and that is not worked out here; says why.

    It is not an `EvaluationError`, so that `try` and `can` do not take it for a failure.
    """


class Function(NamedTuple):
    """A function.

    `params` has a letter for each parameter: `s` a string, `n` a number, `i` a whole number, `b` a bool,
    `l` a list, set or tuple, `m` a map or object, `S` a list of strings, `B` a list of bools, `M` a map of
    lists of strings, `x` anything but null, `X` anything; followed by `?` where it may be left out, or
    by `*` where it may be repeated or left out.
    `unknown` says which unknown values make the result unknown: `all` of them, also those inside of
    arguments, those that are arguments (`top`), or `none`, where the function looks for itself.
    `nullable` is true where the result may be null.
    """

    run: Callable[..., Any]
    params: str
    unknown: str = "all"
    nullable: bool = False


def not_known(value: Unknown, nullable: bool = False) -> Unknown:
    """The unknown result of a function that waits for a value."""
    return Unknown(value.reason, value.refs, value.span, not_null=not nullable)


def in_part(resource: ResourceObject) -> Unknown:
    """A resource as a whole, of which only what is written is known, and what else it has is not."""
    reason = f"of {resource.address} only the arguments that are written are known"
    return Unknown(reason, (resource.address,), resource.span, not_null=True)


def opened(value: Any) -> Any:
    """A value with unknowns in place of the resources in it; the same one where there are none."""
    if isinstance(value, ResourceObject):
        return in_part(value)
    if isinstance(value, dict):
        items: Any = {name: opened(item) for name, item in value.items()}
        same = all(items[name] is item for name, item in value.items())
    elif isinstance(value, list):
        items = [opened(item) for item in value]
        same = all(new is item for new, item in zip(items, value, strict=True))
    else:
        return value
    return value if same else like(value, items, getattr(value, "kind", None))


def missing(*values: Any) -> Unknown | None:
    """The first unknown among some values, as the result of a function that never gives null."""
    for value in values:
        if isinstance(value, Unknown):
            return not_known(value)
    return None


def bounded(count: int) -> None:
    """Refuse to make a collection of that many items.

    Raises:
        EvaluationError: there are too many.
    """
    if count > ITEM_LIMIT:
        raise EvaluationError(f"the result would have more than {ITEM_LIMIT:,} items")


def items_of(value: Any) -> list[Any]:
    """A list, set or tuple.

    Raises:
        EvaluationError: it is none.
    """
    if not isinstance(value, list):
        raise EvaluationError("a list is required")
    return value


def whole_number(value: int | float) -> int:
    """A number without a fraction, in 64 bits.

    Raises:
        EvaluationError: it is none.
    """
    if not isinstance(value, int):
        raise EvaluationError(f"a whole number is required, not {to_text(value)}")
    if not -(1 << 63) <= value < 1 << 63:
        raise EvaluationError(f"{to_text(value)} is too large")
    return value
