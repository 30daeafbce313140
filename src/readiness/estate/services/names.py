"""Names of services: when two are one, which words name none, and which namespaces are nobody's."""

from __future__ import annotations

import re
from functools import lru_cache

from readiness.estate.environments import NAMES

_BREAKS = re.compile(r"[\s_]+")
ENVIRONMENTS = NAMES | {"live", "test", "testing", "ci"}
"""Words for environments, in names and folders of what is installed."""

_BLANK = re.compile(r"[{}<>$%#]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLACEHOLDERS = _words(
    """unknown none todo tbd n/a null default example placeholder changeme test release-name kubernetes
    terraform helm"""
)
"""Values of labels that say nothing."""

GENERIC = PLACEHOLDERS | _words(
    """app application api web website frontend backend server client service worker scheduler job cron
    cronjob db database cache proxy gateway main redis postgres postgresql mysql mariadb mongo mongodb
    memcached nginx rabbitmq kafka zookeeper elasticsearch opensearch busybox debug sidecar lambda"""
)
"""Values of labels that say what something is, not whose: two that have them have nothing in common."""

ROLES = _words(
    """api web ui app server frontend backend worker workers consumer producer cron cronjob job jobs batch
    scheduler queue migrate migration migrations db database cache redis postgres postgresql mysql mariadb
    mongodb memcached nginx proxy primary replica canary stable preview internal external public headless
    metrics exporter test init setup config secrets leader follower"""
)
"""Words after the name of a service for a part of it: `checkout-worker`."""

_SYSTEM = (
    ENVIRONMENTS
    | GENERIC
    | _words(
        """kube-system kube-public kube-node-lease openshift apps applications services infra infrastructure
        platform system shared common tools monitoring logging observability ingress databases data jobs
        workloads cluster"""
    )
)
_SYSTEM_FORMS = re.compile(r".*-system$|kube-.*|openshift-.*|cattle-.*|fleet-.*")


@lru_cache(65_536)
def key_of(name: str) -> str:
    """What two names of one service have in common: `Check out` and `check_out` are `check-out`."""
    return _BREAKS.sub("-", name.strip().casefold())


@lru_cache(65_536)
def is_template(name: str) -> bool:
    """Whether something has to be put into a name yet (`{{ values.name }}`, `<env>-cart`)."""
    return _BLANK.search(name) is not None


@lru_cache(4096)
def without_environment(name: str, also: str = "") -> str:
    """A name of a release, a namespace or a folder without the environment: `checkout` of `prod-checkout`.

    `also` is an environment whose name is no word for one.
    """
    parts = name.split("-")
    for count in (2, 1):  # `pre-prod` is two words
        if len(parts) > count and "-".join(parts[-count:]).lower() in ENVIRONMENTS:
            return "-".join(parts[:-count])
        if len(parts) > count and "-".join(parts[:count]).lower() in ENVIRONMENTS:
            return "-".join(parts[count:])
    if also and name.startswith(f"{also}-"):
        return name.removeprefix(f"{also}-")
    return name.removesuffix(f"-{also}") if also else name


@lru_cache(4096)
def is_shared(name: str) -> bool:
    """Whether a namespace or release belongs to the cluster, an environment or everybody, by its name."""
    key = key_of(name)
    return key in _SYSTEM or _SYSTEM_FORMS.fullmatch(key) is not None or key.startswith("(")


@lru_cache(4096)
def bases_of(key: str) -> tuple[str, ...]:
    """The keys that a key goes on from at a word, the shortest first: `a` and `a-b` of `a-b-c`."""
    return tuple(key[:at] for at, char in enumerate(key) if char == "-" and at)


def is_part_of(key: str, base: str) -> bool:
    """Whether a key is another with a word for a part of a service."""
    return key[len(base) + 1 :] in ROLES
