"""The actions of AWS with their access levels, read from `actions.txt` when a condition first asks.

The file is made by `scripts/refresh_iam_actions.py`, which says where its facts come from.  Names
compare without regard to case, as IAM does:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from msgspec import Struct

LEVELS = ("list", "read", "write", "permissions_management", "tagging")
"""Access levels, as the Service Authorization Reference has them."""

_FILE = Path(__file__).with_name("actions.txt")


class Catalogue(Struct, frozen=True):
    """Lines of the file by service prefix, and beginnings of resource parts by service of an ARN."""

    services: dict[str, str]
    resources: dict[str, tuple[str, ...]]


class Reach(Struct, frozen=True):
    """What a list of action patterns comes to.

    `names` are actions as AWS spells them, those that the catalogue does not know as they are
    written; `permissions` those of them that manage permissions; `counts` by access level, with
    `unknown` for what is not known; `services` their prefixes.
    """

    names: tuple[str, ...]
    permissions: tuple[str, ...]
    counts: dict[str, int]
    services: tuple[str, ...]


@functools.cache
def load() -> Catalogue:
    """The catalogue; reading it takes a few milliseconds, actions are split service by service."""
    services: dict[str, str] = {}
    resources: dict[str, tuple[str, ...]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("\t")
        if name.startswith("@"):
            resources[name[1:]] = tuple(rest.split(" "))
        elif not name.startswith("#"):
            services[name] = rest
    return Catalogue(services, resources)


@functools.lru_cache(512)
def actions_of(service: str) -> tuple[tuple[str, str], ...]:
    """The actions of a service with their access levels; none for a service that is not known."""
    found: list[tuple[str, str]] = []
    for level, words in zip(LEVELS, load().services.get(service, "").split("\t"), strict=False):
        for word in words.split():
            verb, colon, endings = word.partition(":")
            names = [verb + ending for ending in endings.split(",")] if colon else [word]
            found.extend((name, level) for name in names)
    return tuple(sorted(found))


@functools.lru_cache(1024)
def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern with `*` and `?`, as IAM matches it, for the whole text and without regard to case."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(re.sub(r"(\.\*)+", ".*", text), re.IGNORECASE | re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Whether an action pattern covers an action."""
    service = pattern.partition(":")[0]
    if "*" not in service and "?" not in service and service.lower() != name.partition(":")[0].lower():
        return False
    return matcher(_whole(pattern)).fullmatch(name) is not None


@functools.lru_cache(256)
def reach(patterns: tuple[str, ...], negated: bool = False) -> Reach:
    """What patterns cover: of `Action`, or (`negated`) of `NotAction`."""
    covered: dict[str, str] = {}
    for pattern in patterns:
        covered.update(_cover(pattern))
    if negated:
        everything = {
            f"{service}:{name}": level for service in load().services for name, level in actions_of(service)
        }
        covered = {name: level for name, level in everything.items() if name not in covered}
    counts = dict.fromkeys((*LEVELS, "unknown"), 0)
    for level in covered.values():
        counts[level] += 1
    names = tuple(sorted(covered))
    permissions = tuple(name for name in names if covered[name] == "permissions_management")
    return Reach(names, permissions, counts, tuple(sorted({n.partition(":")[0] for n in names})))


def _whole(pattern: str) -> str:
    return "*:*" if pattern.strip("*") == "" else pattern


def _cover(pattern: str) -> dict[str, str]:
    """The actions of one pattern; the pattern itself where the catalogue knows none of it."""
    service, _, action = _whole(pattern).partition(":")
    known = load().services
    lower = service.lower()
    if lower in known:
        prefixes = [lower]
    else:
        chosen = matcher(service)
        prefixes = [prefix for prefix in known if chosen.fullmatch(prefix)]
    if action and not action.strip("*"):
        found = {f"{prefix}:{name}": level for prefix in prefixes for name, level in actions_of(prefix)}
    else:
        wanted = matcher(action)
        found = {
            f"{prefix}:{name}": level
            for prefix in prefixes
            for name, level in actions_of(prefix)
            if wanted.fullmatch(name)
        }
    return found or {pattern: "unknown"}
