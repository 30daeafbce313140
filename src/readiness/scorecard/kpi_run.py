"""Conditions of key figures on an estate: what each resource, or each thing in it, came to."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from msgspec import Struct

from readiness.engine.checks import Check
from readiness.engine.run import EVALUATION, Run
from readiness.engine.telling import item_name
from readiness.estate.model import Estate, Resource
from readiness.estate.secrets import mask
from readiness.policy.cel import cel_error
from readiness.repo.facts import RepositoryFacts
from readiness.values import Map, Span

MET, FAILED, UNKNOWN = "met", "failed", "unknown"
WORST = (FAILED, UNKNOWN, MET)


class Seen(Struct, frozen=True):
    """One thing that was looked at: `status` is `met`, `failed` or `unknown`.

    `name` is the resource's address, with the name of the item where there is one; `key` is what things are
    told apart by ("" where nothing says).  `service` is "" for what belongs to none, `line` counts from 1.
    """

    name: str
    status: str
    path: str
    line: int
    service: str
    thing: tuple[str, ...]  # the resource that it is, or is in
    key: str = ""


class Measuring(Run):
    """A run that notes what everything came to, by id of the policy, and makes no findings of it."""

    def __init__(
        self,
        estate: Estate,
        facts: RepositoryFacts,
        default_tier: int,
        kubernetes_version: str = "",
        context: Container[str] = (),
    ) -> None:
        super().__init__(estate, facts, default_tier, kubernetes_version)
        self.context = context
        self.seen: dict[str, dict[tuple[tuple[str, ...], str], dict[str, list[Seen]]]] = {}
        self._status = ""

    def measure(self, checks: list[Check], keyed: Container[str] = ()) -> dict[str, list[Seen]]:
        """What each check saw.  The `at` of policies of the ids `keyed` gives what things are told apart by.

        What was evaluated for several environments is there once, as in the worst of them.

        Raises:
            UsageError: a condition is wrong.
        """
        self._keyed = keyed
        self.execute(checks)
        return {
            id_: [one for variants in found.values() for one in _worst(variants)]
            for id_, found in self.seen.items()
        }

    def _assert(
        self, check: Check, resource: Resource, names: dict[str, Any], severity: str, applies: Any
    ) -> None:
        evaluated = self.counts.evaluated
        self._status = ""
        super()._assert(check, resource, names, severity, applies)
        if not self._status and self.counts.evaluated > evaluated:
            self._note(check, resource, names, MET)

    def _fail(
        self,
        check: Check,
        resource: Resource,
        names: dict[str, Any],
        severity: str,
        conjunct: Any,
        extra: str,
    ) -> None:
        self._status = FAILED
        self._note(check, resource, names, FAILED)

    def _unknown(
        self,
        check: Check,
        resource: Resource,
        severity: str,
        unknown: Any,
        names: dict[str, Any],
        waiting: Any = None,
    ) -> None:
        self._status = UNKNOWN
        self._note(check, resource, names, UNKNOWN)

    def _note(self, check: Check, resource: Resource, names: dict[str, Any], status: str) -> None:
        """Keep what one thing came to; files of the context count for nothing."""
        if resource.header.path in self.context:
            return
        policy, item = check.policy.id, names["item"]
        place = resource.header
        key = self._key(check, names) if policy in self._keyed else ""
        inner = mask(inner, self._secrets) if (inner := key or item_name(item)) else ""
        name = key or (f"{resource.address}: {inner}" if inner else resource.address)
        if isinstance(item, Map) and isinstance(item.span, Span) and not resource.inside:
            place = item.span
        one = Seen(name, status, place.path, place.line, resource.service or "", resource.thing, key)
        of_policy = self.seen.setdefault(policy, {})
        # A service may follow its environment.
        of_resource = of_policy.setdefault((one.thing, one.service), {})
        of_resource.setdefault(resource.variant, []).append(one)

    @staticmethod
    def _key(check: Check, names: dict[str, Any]) -> str:
        try:
            value = check.at.code(names)
        except EVALUATION as error:
            raise ValueError(f"once: {cel_error(error).message}") from None
        return value if isinstance(value, str) else ""


def once(seen: Iterable[Seen]) -> list[Seen]:
    """Each thing once: of those with one key the worst stands for all."""
    found: dict[object, Seen] = {}
    for index, one in enumerate(seen):
        name: object = one.key or index
        before = found.get(name)
        if before is None or WORST.index(one.status) < WORST.index(before.status):
            found[name] = one
    return list(found.values())


def by_resource(seen: Iterable[Seen]) -> list[Seen]:
    """Each resource once, as the worst that something in it is; the first such stands for it."""
    found: dict[tuple[tuple[str, ...], str], Seen] = {}
    for one in seen:
        resource = (one.thing, one.service)
        before = found.get(resource)
        if before is None or WORST.index(one.status) < WORST.index(before.status):
            found[resource] = one
    return list(found.values())


def _worst(variants: dict[str, list[Seen]]) -> list[Seen]:
    """What the environment says of a resource in which most of it is short."""
    return max(
        variants.values(),
        key=lambda seen: (sum(o.status == FAILED for o in seen), sum(o.status == UNKNOWN for o in seen)),
    )
