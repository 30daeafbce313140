"""Which identity of a cloud a ServiceAccount uses: by its annotation, and by what trusts it.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html,
https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity,
https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html;
arguments: the providers' pages of the types below.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.estate.model import Estate, Resource, connect
from readiness.estate.trusts import Trust, member_of, subject_of, trust_of
from readiness.values import List, Map, Unknown

AWS_ANNOTATION = "eks.amazonaws.com/role-arn"
GOOGLE_ANNOTATION = "iam.gke.io/gcp-service-account"
AZURE_ANNOTATION = "azure.workload.identity/client-id"
COPIES_LIMIT = 20
"""Resources of one name that an account is linked with; more would be links without end."""

_ROLE = "aws_iam_role"
_ASSOCIATION = "aws_eks_pod_identity_association"
_CREDENTIALS = ("azurerm_federated_identity_credential", "azuread_application_federated_identity_credential")
_AZURE = ("azurerm_user_assigned_identity", "azuread_application", "azuread_application_registration")
_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:.+/)?([^/]+)")
_EMAIL = re.compile(r"([a-z][a-z0-9-]{4,28}[a-z0-9])@([a-z0-9.:-]+)\.iam\.gserviceaccount\.com")
_GRANTS = re.compile(r"google_\w+_iam_(?:member|binding)")
_USER = "roles/iam.workloadIdentityUser"


class Identity(Struct, eq=False):
    """What a ServiceAccount is, or may become, in a cloud.

    `written` is the text that names it, None where only the trust does; `target` the resource that
    declares it, None where it is not in the files.  `trusts` says whether it lets the account in;
    None where nothing in the files says.
    """

    account: Resource
    provider: str  # "aws" | "google" | "azure"
    written: Any
    target: Resource | None
    via: str
    trusts: bool | Unknown | None = None


def link_identities(estate: Estate) -> None:
    """Link ServiceAccounts, both ways, with the roles and identities of clouds that they use.

    The `via` is the annotation, or where the trust is written (`assume_role_policy`, `subject`,
    `member`, `aws_eks_pod_identity_association.role_arn`).  Doing it twice adds nothing.  Copies of one
    name are told apart by the environments of the resources, so call it after those are known.
    """
    identities = Identities(estate)
    for identity in identities.all():
        if identity.target is not None:
            join(identity.account, identity.target, identity.via)
    for account, other, via in identities.grantors():
        join(account, other, via)


def join(resource: Resource, other: Resource, via: str) -> None:
    """Link two resources both ways, unless they are by this `via`."""
    if other is resource:
        return
    # Few resources have links of the other's type, so the links themselves are seldom looked at.
    known = any(found is other for found in resource.links.of(other.type))
    if known and any(link.target is other and link.via == via for link in resource.links):
        return
    connect(resource, other, via)


def referred(estate: Estate, value: Any, home: tuple[str, str]) -> Iterator[Resource]:
    """The resources of a root that an unknown value waits for."""
    for reference in value.refs if isinstance(value, Unknown) else ():
        address = reference
        while "." in address:
            found = estate.by_address.get((home, address))
            if found is not None:
                if found.mode != "block":
                    yield found
                break
            address = address.rpartition(".")[0]


def closest(found: Iterable[Resource], resource: Resource) -> list[Resource]:
    """Of several resources of one name those of the same root, else of the same environment, else some."""
    several = list(found)
    if len(several) < 2:
        return several
    if resource.environment is not None:
        several = [r for r in several if r.environment in (None, resource.environment)] or several
    return ([r for r in several if r.home == resource.home] or several)[:COPIES_LIMIT]


class Identities:
    """The identities of the ServiceAccounts of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._trusts: dict[int, Trust] = {}
        self._of: dict[int, list[Identity]] | None = None

    def all(self) -> list[Identity]:
        """Every identity of every account, once."""
        return [identity for found in self._found().values() for identity in found]

    def of(self, resource: Resource) -> List:
        """The identities of a ServiceAccount, or of the account that a workload names.

        Each is a mapping with `provider`, `named` (the account, or an association, names it, and not its
        trust alone), `written` (the text that does), `address`, `type` and `body` (null where it is
        not in the files), `trusts` (null where nothing says), `via`, and `path`.
        """
        accounts = [resource] if resource.type == "ServiceAccount" else []
        if resource.workload is not None:
            accounts = resource.links.of("ServiceAccount")
        result = List()
        for account in accounts:
            for identity in self._found().get(id(account), ()):
                result.append(_told(identity, resource))
        return result

    def grantors(self) -> Iterator[tuple[Resource, Resource, str]]:
        """Accounts with what grants them something: associations, credentials, members."""
        if not self._accounts:
            return
        for association in self.estate.of_type(_ASSOCIATION):
            name = (association.body.get("namespace"), association.body.get("service_account"))
            for account in self._named(name, association):
                yield account, association, "service_account"
        for type_ in _CREDENTIALS:
            for credential in self.estate.of_type(type_):
                for account in self._named(subject_of(credential.body.get("subject")), credential):
                    yield account, credential, "subject"
        for grant in self._google_grants:
            for key, member in _members(grant):
                for account in self._named(member_of(member), grant):
                    yield account, grant, key

    # -- what there is --------------------------------------------------------------

    @functools.cached_property
    def _accounts(self) -> dict[tuple[str, str], list[Resource]]:
        """Accounts by namespace (`default` where none is written) and name."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for account in self.estate.of_type("ServiceAccount"):
            found.setdefault((account.namespace or "default", account.name), []).append(account)
        return found

    @functools.cached_property
    def _google_grants(self) -> list[Resource]:
        types = [type_ for type_ in self.estate.by_type if _GRANTS.fullmatch(type_)]
        return [grant for type_ in types for grant in self.estate.by_type[type_]]

    @functools.cached_property
    def _names(self) -> dict[tuple[str, str], list[Resource]]:
        """Roles of AWS and service accounts of Google by type and name."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for type_, argument in ((_ROLE, "name"), ("google_service_account", "account_id")):
            for resource in self.estate.of_type(type_):
                name = resource.body.get(argument)
                if isinstance(name, str):
                    found.setdefault((type_, name), []).append(resource)
        return found

    def _named(self, name: Any, near: Resource) -> list[Resource]:
        return closest(self._accounts.get(name, ()), near) if isinstance(name, tuple) and _known(name) else []

    def _trust(self, role: Resource) -> Trust:
        if id(role) not in self._trusts:
            self._trusts[id(role)] = trust_of(role)
        return self._trusts[id(role)]

    # -- what belongs together ------------------------------------------------------

    def _found(self) -> dict[int, list[Identity]]:
        if self._of is None:
            self._of = {}
            if self._accounts:
                for identity in (*self._by_annotations(), *self._by_trusts(), *self._by_associations()):
                    self._note(identity)
                for identity in (*self._by_google_grants(), *self._by_credentials()):
                    self._note(identity)
        return self._of

    def _note(self, identity: Identity) -> None:
        """Keep an identity; what is named and trusted is one, by the annotation."""
        assert self._of is not None
        known = self._of.setdefault(id(identity.account), [])
        for other in known:
            if other.target is not None and other.target is identity.target:
                if other.trusts is not True and identity.trusts is not None:
                    other.trusts = identity.trusts
                return
        known.append(identity)

    def _by_annotations(self) -> Iterator[Identity]:
        for account in self.estate.of_type("ServiceAccount"):
            annotations = account.annotations
            for provider, key in _ANNOTATIONS:
                value = annotations.get(key) if isinstance(annotations, Map) else None
                if value is None:
                    continue
                via = f"metadata.annotations.{key}"
                targets = list(self._written(provider, value, account))
                for target in targets:
                    trusts = self._lets_in(target, account)
                    yield Identity(account, provider, value, target, via, trusts)
                if not targets:
                    yield Identity(account, provider, value, None, via)

    def _written(self, provider: str, value: Any, account: Resource) -> Iterator[Resource]:
        """The resources that the value of an annotation means."""
        if isinstance(value, Unknown):
            types = {"aws": (_ROLE,), "google": ("google_service_account",), "azure": _AZURE}[provider]
            yield from (r for r in referred(self.estate, value, account.home) if r.type in types)
        elif provider == "aws" and isinstance(value, str):
            match = _ARN.fullmatch(value)
            if match is not None:
                yield from closest(self._names.get((_ROLE, match.group(1)), ()), account)
        elif provider == "google" and isinstance(value, str):
            match = _EMAIL.fullmatch(value)
            found = self._names.get(("google_service_account", match.group(1)), ()) if match else ()
            project = match.group(2) if match else ""
            yield from closest([r for r in found if r.body.get("project", project) == project
                                or not isinstance(r.body.get("project"), str)], account)  # fmt: skip

    def _lets_in(self, target: Resource, account: Resource) -> bool | Unknown | None:
        """Whether a role of AWS trusts an account; what other clouds trust stands elsewhere."""
        if target.type != _ROLE:
            return None
        name = account.body.get("metadata")
        written = name.get("name") if isinstance(name, Map) else None
        if isinstance(written, Unknown):
            return written
        namespace = name.get("namespace") if isinstance(name, Map) else None
        if isinstance(namespace, Unknown):
            return namespace
        return self._trust(target).admits(namespace, account.name)

    def _by_trusts(self) -> Iterator[Identity]:
        """Roles of AWS that name accounts without wildcards; a pattern would be no link to any one."""
        for role in self.estate.of_type(_ROLE):
            for pattern in self._trust(role).subjects:
                name = subject_of(pattern.text)
                if name is not None and not (pattern.like and any(c in "*?" for c in "".join(name))):
                    for account in self._named(name, role):
                        yield Identity(account, "aws", None, role, "assume_role_policy", True)

    def _by_associations(self) -> Iterator[Identity]:
        for association in self.estate.of_type(_ASSOCIATION):
            body = association.body
            roles = [
                link.target
                for link in association.links
                if link.target is not None and link.target.type == _ROLE and link.via == "role_arn"
            ]
            arn = body.get("role_arn")
            match = _ARN.fullmatch(arn) if isinstance(arn, str) else None
            if not roles and match is not None:
                roles = closest(self._names.get((_ROLE, match.group(1)), ()), association)
            for account in self._named((body.get("namespace"), body.get("service_account")), association):
                for role in roles:
                    trust = self._trust(role)
                    lets_in = True if trust.pods else False if trust.unknown is None else trust.unknown
                    yield Identity(account, "aws", arn, role, f"{_ASSOCIATION}.role_arn", lets_in)
                if not roles:
                    yield Identity(account, "aws", arn, None, f"{_ASSOCIATION}.role_arn")

    def _by_google_grants(self) -> Iterator[Identity]:
        """Service accounts of Google that accounts of a cluster may act as."""
        trusted: dict[int, tuple[Resource, list[Resource], Unknown | None]] = {}
        for grant in self._google_grants:
            role = grant.body.get("role")
            if not grant.type.startswith("google_service_account_iam_") or role != _USER:
                continue
            for target in _linked(grant, ("google_service_account",)):
                _, accounts, unknown = trusted.get(id(target), (target, [], None))
                for key, member in _members(grant):
                    name = member_of(member)
                    accounts += self._named(name, grant)
                    if name is None and isinstance(member, Unknown):
                        unknown = member
                    for account in self._named(name, grant):
                        yield Identity(account, "google", None, target, key, True)
                trusted[id(target)] = (target, accounts, unknown)
        yield from self._not_trusted("google", trusted)

    def _by_credentials(self) -> Iterator[Identity]:
        """Identities of Azure that federated credentials open to accounts of a cluster."""
        trusted: dict[int, tuple[Resource, list[Resource], Unknown | None]] = {}
        for type_ in _CREDENTIALS:
            for credential in self.estate.of_type(type_):
                subject = credential.body.get("subject")
                for target in _linked(credential, _AZURE):
                    _, accounts, unknown = trusted.get(id(target), (target, [], None))
                    found = self._named(subject_of(subject), credential)
                    accounts += found
                    trusted[id(target)] = (
                        target, accounts, subject if isinstance(subject, Unknown) else unknown
                    )  # fmt: skip
                    for account in found:
                        yield Identity(account, "azure", None, target, "subject", True)
        yield from self._not_trusted("azure", trusted)

    def _not_trusted(
        self, provider: str, trusted: dict[int, tuple[Resource, list[Resource], Unknown | None]]
    ) -> Iterator[Identity]:
        """What is named by an annotation, and lets in others than the account that names it."""
        assert self._of is not None
        for found in list(self._of.values()):
            for identity in found:
                known = trusted.get(id(identity.target))
                if identity.provider == provider and known is not None and identity.written is not None:
                    target, accounts, unknown = known
                    if not any(account is identity.account for account in accounts):
                        reasons = (_namespace_open(identity.account), unknown)
                        answer = next((reason for reason in reasons if reason is not None), False)
                        yield Identity(identity.account, provider, None, target, identity.via, answer)


_ANNOTATIONS = (("aws", AWS_ANNOTATION), ("google", GOOGLE_ANNOTATION), ("azure", AZURE_ANNOTATION))


def _namespace_open(account: Resource) -> Unknown | None:
    """An unknown for an account of which the namespace is not written or not known."""
    metadata = account.body.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Map) else metadata
    if isinstance(namespace, Unknown):
        return namespace
    return Unknown(f"the namespace of {account.address} is not written") if namespace is None else None


def _known(name: tuple[Any, ...]) -> bool:
    return all(isinstance(part, str) for part in name)


def _members(grant: Resource) -> Iterator[tuple[str, Any]]:
    member = grant.body.get("member")
    if member is not None:
        yield "member", member
    members = grant.body.get("members")
    for item in members if isinstance(members, list) else [members] if members is not None else []:
        yield "members", item


def _linked(resource: Resource, types: tuple[str, ...]) -> list[Resource]:
    found = {id(link.target): link.target for link in resource.links if link.target is not None}
    return [other for other in found.values() if other.type in types]


def _told(identity: Identity, resource: Resource) -> Map:
    target = identity.target
    written = identity.written
    last = target.address if target is not None else written if isinstance(written, str) else "(unknown)"
    path = dict.fromkeys((resource.address, identity.account.address, last))
    return Map(
        {
            "provider": identity.provider,
            "named": written is not None,
            "written": written,
            "address": None if target is None else target.address,
            "type": None if target is None else target.type,
            "body": None if target is None else target.body,
            "trusts": identity.trusts,
            "via": identity.via,
            "path": " -> ".join(path),
        },
        identity.account.span,
    )
