"""Which labels, annotations and tags carry owner, service, tier and environment in a repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from readiness.estate.metadata import DEFAULT_KEYS
from readiness.estate.model import Estate, Resource
from readiness.onboarding.model import Adjustment, Key
from readiness.policy.model import Policy
from readiness.values import Map

_OWNERS = frozenset(
    {"owner", "owners", "team", "squad", "tribe", "crew", "maintainer", "maintainers", "steward"}
    | {"teamname", "ownedby", "ownerteam", "owningteam", "owneremail", "teamemail"}
)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_WORDS = {
    "tier": re.compile(r"(?:service)?tier|criticality|servicelevel|businesscriticality"),
    "environment": re.compile(r"env|environment|environmentname|stage|deploymentenvironment"),
    "service": re.compile(r"service|servicename|app|application|applicationname|component|partof|system"),
}
_EXACT = {"app.kubernetes.io/name": "service", "app.kubernetes.io/part-of": "service"}
_PLATFORM = re.compile(r"(?:.*[.])?(?:kubernetes|k8s)[.]io/|helm[.]sh/|argocd[.]argoproj[.]io/")

FACTS = ("owner", "service", "tier", "environment")


def fact_of(key: str) -> str | None:
    """The fact that a key seems to carry, by its words; what stands before a slash is the organisation's."""
    if key in _EXACT:
        return _EXACT[key]
    if _PLATFORM.match(key):
        return None
    parts = [part.lower() for part in _PARTS.findall(key.rsplit("/", 1)[-1].rsplit(":", 1)[-1])]
    word = "".join(parts)
    for fact, pattern in _WORDS.items():
        if pattern.fullmatch(word):
            return fact
    return "owner" if _OWNERS & {"".join(parts[-2:]), *parts[-1:]} else None


def find_keys(estate: Estate) -> list[Key]:
    """The keys of an estate that carry facts, by fact, the commonest first."""
    places: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for resource in estate.resources:
        if resource.platform == "repository":
            continue
        for kind, name in _keys_of(resource):
            fact = fact_of(name)
            if fact is not None:
                # One resource in several environments counts once.
                places.setdefault((fact, kind, name), set()).add((resource.root, resource.address))
    found = [
        Key(name, fact, kind, len(where), name in DEFAULT_KEYS.get(fact, ()) or fact == "owner")
        for (fact, kind, name), where in places.items()
    ]
    return sorted(found, key=lambda key: (FACTS.index(key.fact), -key.resources, key.name, key.kind))


def _keys_of(resource: Resource) -> Iterator[tuple[str, str]]:
    sources = {"label": resource.labels, "annotation": resource.annotations, "tag": resource.tags}
    for kind, source in sources.items():
        if isinstance(source, Map):
            # Labels of the clouds are tags to people.
            shown = "tag" if resource.platform == "terraform" else kind
            yield from ((shown, str(key)) for key in source)


def find_adjustments(estate: Estate, policies: Iterable[Policy]) -> list[Adjustment]:
    """Parameters of policies that know other keys of owners and environments than this repository has.

    Only keys that a policy looks at count: labels and annotations of namespaces, tags of the clouds, labels
    of alerts.
    """
    known = {policy.id: policy for policy in policies}
    namespaces = [_tail(key) for key in _of_types(estate, "Namespace")]
    wanted: list[tuple[str, str, str, list[str]]] = [
        ("own-namespace", "owner_keys", "owner", namespaces),
        ("own-namespace", "environment_keys", "environment", namespaces),
        ("own-tags-anybody", "keys", "owner", [_bare(key) for key in _tags(estate)]),
        ("alr-prom-owner", "keys", "owner", list(_alert_labels(estate))),
    ]
    made = []
    for id_, param, fact, keys in wanted:
        spec = known[id_].params.get(param, {}) if id_ in known else {}
        default = spec.get("default")
        if not isinstance(default, list):
            continue
        # What is there already is enough: adding to it would only weaken the policy.
        if any(key in default for key in keys):
            continue
        added = tuple(sorted({key for key in keys if fact_of(key) == fact}))
        if added:
            made.append(Adjustment(id_, param, (*default, *added), added))
    return made


def _of_types(estate: Estate, *types: str) -> Iterator[str]:
    for type_ in types:
        for resource in estate.of_type(type_):
            for source in (resource.labels, resource.annotations):
                if isinstance(source, Map):
                    yield from map(str, source)


def _tags(estate: Estate) -> Iterator[str]:
    for resource in estate.resources:
        if resource.platform == "terraform" and isinstance(resource.tags, Map):
            yield from map(str, resource.tags)


def _alert_labels(estate: Estate) -> Iterator[str]:
    for resource in estate.of_type("PrometheusRule"):
        groups = _mapping(resource.body.get("spec")).get("groups")
        for group in groups if isinstance(groups, list) else ():
            yield from map(str, _mapping(_mapping(group).get("labels")))
            rules = _mapping(group).get("rules")
            for rule in rules if isinstance(rules, list) else ():
                yield from map(str, _mapping(_mapping(rule).get("labels")))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _tail(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _bare(key: str) -> str:
    """A tag as `own-tags-anybody` compares it: its last word, without dashes, underscores and spaces."""
    return re.split(r"[/:]", re.sub(r"[-_ ]", "", key.lower()))[-1]
