"""Who is bound: the service accounts and groups that bindings name, in an index.

Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects and
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
(users and groups of service accounts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.kubernetes.linking.mentions import DEFAULT_NAMESPACE
from readiness.values import List, Map, Unknown, dig

EVERYBODY = ("system:serviceaccounts", "system:authenticated")
"""Groups that every service account is in."""

_USER = "system:serviceaccount:"
_NEAR = 20

Key = tuple[Any, ...]


class Account(NamedTuple):
    """A service account: namespace (None where none is written) and name, each perhaps unknown."""

    namespace: Any
    name: Any

    @property
    def shown(self) -> str:
        """`ServiceAccount/shop/web`."""
        parts = [shown(part) for part in (self.namespace, self.name) if part is not None]
        return "/".join(("ServiceAccount", *parts))


class Bound(NamedTuple):
    """A binding that grants its role to an account, and the subject through which it does."""

    binding: Resource
    subject: str


def account_of(resource: Resource) -> Account | None:
    """The account that pods of a resource run as, or that a ServiceAccount is; None for other types."""
    namespace = namespace_in(resource)
    if resource.workload is not None:
        pod = resource.workload.pod
        written = (pod.get("serviceAccountName"), pod.get("serviceAccount"))
        name = next((value for value in written if value is not None and value != ""), "default")
        return Account(namespace, name)
    if resource.type == "ServiceAccount":
        return Account(namespace, dig(resource.body, "metadata", "name"))
    return None


def namespace_in(resource: Resource) -> Any:
    """The namespace that is written in an object: a text, an unknown, or None."""
    metadata = resource.body.get("metadata")
    return metadata if isinstance(metadata, Unknown) else dig(metadata, "namespace")


def key_of(value: Any, home: tuple[str, str]) -> Any:
    """What a value equals: an unknown is equal to what waits for the same in the same root."""
    if isinstance(value, Unknown):
        return (home, value.refs, value.prefix, value.suffix) if value.refs else (home, id(value))
    # A list or a mapping names nothing, and equals nothing.
    return (home, id(value)) if isinstance(value, (List, Map)) else value


def nearest(found: Iterable[Any], resource: Resource, of: Any = lambda item: item) -> Iterator[Any]:
    """Of each address the copies in the home and the folder of `resource`, else (some of) all of them.

    What belongs to another environment of the same root is never meant.
    """
    copies: dict[str, list[Any]] = {}
    for item in found:
        other = of(item)
        if (
            other.root != resource.root
            or "" in (other.variant, resource.variant)
            or other.home == resource.home
        ):
            copies.setdefault(other.address, []).append(item)
    folder = resource.span.path.rpartition("/")[0]
    for group in copies.values():
        if len(group) > 1:
            group = [item for item in group if of(item).home == resource.home] or group
            here = [item for item in group if of(item).span.path.rpartition("/")[0] == folder]
            group = here or group[:_NEAR]
        yield from group


class Subjects:
    """Bindings by what they name; a lookup costs what it finds."""

    def __init__(self, bindings: Iterable[Resource]) -> None:
        self._exact: dict[Key, list[Bound]] = {}
        self._groups: dict[str, list[Bound]] = {}
        # One of each is enough to say that something is not known.
        self._anywhere: dict[Any, dict[Any, Bound]] = {}
        self._elsewhere: dict[Key, Bound] = {}
        self._waiting: dict[tuple[str, str], list[tuple[Any, Bound]]] = {}
        for binding in bindings:
            self._add(binding)

    def _add(self, binding: Resource) -> None:
        subjects = binding.body.get("subjects")
        if isinstance(subjects, Unknown):
            self._wait(binding, subjects)
        for subject in subjects if isinstance(subjects, List) else ():
            if isinstance(subject, Unknown):
                self._wait(binding, subject)
            elif isinstance(subject, Map):
                self._subject(binding, subject)

    def _wait(self, binding: Resource, name: Any) -> None:
        self._waiting.setdefault(binding.home, []).append((name, Bound(binding, "")))

    def _subject(self, binding: Resource, subject: Map) -> None:
        kind, name = subject.get("kind"), subject.get("name")
        if isinstance(kind, Unknown):
            self._wait(binding, name if isinstance(name, Unknown) else kind)
        elif kind == "ServiceAccount":
            written = subject.get("namespace")
            self._account(binding, Account(namespace_in(binding) if written is None else written, name))
        elif isinstance(name, str):
            # Names of people and groups that are not known are taken to be no service accounts,
            # as the prefix `system:` belongs to Kubernetes.
            if kind == "User" and name.startswith(_USER) and name.count(":") == 3:
                self._account(binding, Account(*name.split(":")[2:]))
            elif kind == "Group":
                self._groups.setdefault(name, []).append(Bound(binding, f"Group {name}"))

    def _account(self, binding: Resource, account: Account) -> None:
        bound = Bound(binding, account.shown)
        home = binding.home
        namespace, name = key_of(account.namespace, home), key_of(account.name, home)
        place = DEFAULT_NAMESPACE if namespace is None else namespace
        self._exact.setdefault((place, name), []).append(bound)
        if isinstance(account.name, Unknown):
            self._waiting.setdefault(home, []).append((account.name, bound))
        elif isinstance(account.namespace, Unknown):
            self._elsewhere.setdefault((home, name), bound)
        else:
            places = self._anywhere.setdefault(name, {})
            if len(places) < 3 or namespace is None:
                places.setdefault(namespace, bound)

    def of(self, account: Account, resource: Resource) -> Iterator[Bound | Unknown]:
        """The bindings of an account, and an unknown where there may be others.

        `resource` is what the account is asked for; unknown names are compared within its root.
        """
        home = resource.home
        namespace, name = key_of(account.namespace, home), key_of(account.name, home)
        place = DEFAULT_NAMESPACE if namespace is None else namespace
        found = list(self._exact.get((place, name), ()))
        for group in (*EVERYBODY, f"{EVERYBODY[0]}:{place}"):
            found += self._groups.get(group, ())
        seen: set[int] = set()
        for bound in nearest(found, resource, lambda item: item.binding):
            if id(bound.binding) not in seen:
                seen.add(id(bound.binding))
                yield bound
        open_ = self._unknown(account, home, namespace, name)
        if open_ is not None:
            yield open_

    def _unknown(self, account: Account, home: tuple[str, str], namespace: Any, name: Any) -> Unknown | None:
        """Why another binding may name the account as well."""
        if isinstance(account.name, Unknown):
            return account.name
        for waiting, bound in self._waiting.get(home, ()):
            if isinstance(waiting, Unknown) and not waiting.differs(account.name):
                return Unknown(
                    f"whom {bound.binding.address} names is not known: {waiting.reason}", waiting.refs
                )
        places = self._anywhere.get(name, {})
        if isinstance(account.namespace, Unknown):
            return account.namespace if places else None
        other = self._elsewhere.get((home, name))
        if other is None and (namespace is None or None in places):
            # Which namespace it lands in is for whoever applies it to say.
            chosen = (
                [p for p in places if p not in (None, DEFAULT_NAMESPACE)] if namespace is None else [None]
            )
            if namespace != DEFAULT_NAMESPACE and chosen:
                other = places[chosen[0]]
        if other is None:
            return None
        return Unknown(
            f"{other.binding.address} names the account {other.subject},"
            f" and the namespace of one of them is not written"
        )


def shown(part: Any) -> str:
    """A part of an address, which may not be known."""
    return "(unknown)" if isinstance(part, Unknown) else str(part)
