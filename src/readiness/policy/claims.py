"""What the policies of a pack claim: names that are theirs alone, controls, and whom they yield to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from readiness.errors import UsageError, near
from readiness.policy.model import Policy

SHARED_FILE = "aliases.yaml"
"""The file of a pack that says which ids of other tools several policies claim, and why."""


class Claim(Struct, frozen=True):
    """A claim that cannot stand: `field` is where it is made, `text` what is written there."""

    policy: Policy
    field: str
    text: str
    message: str


def wrong_claims(
    policies: Iterable[Policy], known: Iterable[str] = (), shared: Mapping[str, str] | None = None
) -> list[Claim]:
    """What the policies of a pack claim and may not.

    `known` are ids beside those of the pack that `yields_to` may name, and that nothing may be called;
    `shared` the ids of other tools, in lower case, that several policies may claim.
    """
    pack = list(policies)
    others = frozenset(known) - {policy.id for policy in pack}
    found = [*_ids(pack, others), *_titles(pack), *_aliases(pack, shared or {}), *_yields(pack, others)]
    return sorted(found, key=lambda claim: claim.policy.path)


def _ids(pack: list[Policy], others: frozenset[str]) -> Iterator[Claim]:
    now = {policy.id: policy for policy in pack}
    former: dict[str, Policy] = {}
    for policy in pack:
        for old in policy.former_ids:
            if old in now or old in others:
                where = f" ({now[old].path})" if old in now else ""
                yield Claim(policy, "former_ids", old, f"the former id {old!r} is the id of a policy{where}")
            elif old in former:
                message = f"the former id {old!r} is one of {former[old].id} ({former[old].path}) as well"
                yield Claim(policy, "former_ids", old, message)
            else:
                former[old] = policy


def _titles(pack: list[Policy]) -> Iterator[Claim]:
    first: dict[str, Policy] = {}
    for policy in pack:
        other = first.setdefault(policy.title.lower(), policy)
        if other is not policy:
            message = f"the title is that of {other.id} ({other.path}): say what is different"
            yield Claim(policy, "title", policy.title, message)


def _aliases(pack: list[Policy], shared: Mapping[str, str]) -> Iterator[Claim]:
    ids = {policy.id: policy for policy in pack}
    first: dict[str, Policy] = {}
    for policy in pack:
        for alias in policy.aliases:
            folded = alias.lower()
            if folded in ids:
                message = f"the alias {alias!r} is the id of a policy ({ids[folded].path})"
                yield Claim(policy, "aliases", alias, message)
            other = first.setdefault(folded, policy)
            if other is not policy and folded not in shared:
                message = (
                    f"the alias {alias!r} is claimed by {other.id} ({other.path}) as well: "
                    f"one policy has it, or {SHARED_FILE} says why several do"
                )
                yield Claim(policy, "aliases", alias, message)


def _yields(pack: list[Policy], others: frozenset[str]) -> Iterator[Claim]:
    above = {policy.id: policy.yields_to for policy in pack}
    for policy in pack:
        for other in policy.yields_to:
            if other not in above and other not in others:
                hint = near(other, sorted({*above, *others}))
                yield Claim(policy, "yields_to", other, f"yields_to: there is no policy {other!r}{hint}")
            elif (way := _way(other, policy.id, above)) is not None:
                round_ = " → ".join([policy.id, *way])
                yield Claim(policy, "yields_to", other, f"yields_to: policies yield to each other: {round_}")


def _way(start: str, end: str, above: Mapping[str, tuple[str, ...]]) -> list[str] | None:
    """The policies from one to another along `yields_to`, None where there is no way."""
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop()
        if way[-1] == end:
            return way
        for other in above.get(way[-1], ()):
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return None


def needless(policies: Iterable[Policy], shared: Mapping[str, str]) -> list[str]:
    """The ids of other tools that `aliases.yaml` has and no two policies claim, sorted."""
    times: dict[str, int] = {}
    for policy in policies:
        for alias in policy.aliases:
            times[alias.lower()] = times.get(alias.lower(), 0) + 1
    return sorted(alias for alias in shared if times.get(alias, 0) < 2)


def unimplemented(controls: Iterable[str], policies: Iterable[Policy]) -> list[str]:
    """The controls that no policy implements, sorted."""
    return sorted(set(controls) - {policy.control for policy in policies})


def read_shared(folder: Path, shown: str | None = None) -> dict[str, str]:
    """The reasons of `aliases.yaml` in a pack's folder, by id of another tool in lower case.

    Raises:
        UsageError: the file cannot be read, or is no mapping of ids to reasons; with its place.
    """
    path = folder / SHARED_FILE
    if not path.is_file():
        return {}
    from readiness.config.document import read_document
    from readiness.policy.files import read_text

    name = f"{shown}/{SHARED_FILE}" if shown else path.as_posix()
    data = read_document(name, read_text(path, name), what="shared ids")
    for alias, reason in data.items():
        if not isinstance(reason, str) or not reason.strip():
            span = data.span_of(alias)
            place = (span.line, span.column) if span else (1, 1)
            raise UsageError(f"{alias}: the reason is expected, a text", name, *place)
    return {alias.lower(): reason for alias, reason in data.items()}
