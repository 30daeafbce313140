"""Who may do what, in one form for three clouds; each resource is looked at once in a run."""

from __future__ import annotations

import functools
from typing import Any

from readiness.estate.model import Estate, Resource
from readiness.policy.iam import aws
from readiness.policy.iam.statement import Statement
from readiness.policy.statements import statements
from readiness.values import List, Span, Unknown


class Grants:
    """The grants of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._found: dict[int, List] = {}
        self._escalations: dict[int, tuple[Any, List | Unknown]] = {}

    def of(self, body: Any) -> List:
        """The grants that the resource with this body makes; none for one that makes no grants.

        Each has `provider` (`aws`, `google`, `azure`), `kind` (`identity`, `trust`, `resource`,
        `assignment`, `role`), `effect`, `role`, `actions`, `not_actions`, `principals`, `public`,
        `conditions`, `scope` and `privileged`; those of AWS are statements with all that
        `readiness.policy.statements` says of them.
        """
        key = id(body)
        if key not in self._found:
            resource = self._resources.get(key)
            self._found[key] = List() if resource is None else List(self._make(resource))
        return self._found[key]

    def resource(self, body: Any) -> Resource | None:
        """The resource that has a body."""
        return self._resources.get(id(body))

    def escalations(self, document: Any) -> List | Unknown:
        """The known ways to more permissions of a policy, of a resource's policies, or of several.

        A list stands for policies that one holder has together.
        """
        kept = self._escalations.get(id(document))
        if kept is None or kept[0] is not document:
            kept = self._escalations[id(document)] = (document, self._escalate(document))
        return kept[1]

    def _escalate(self, document: Any) -> List | Unknown:
        from readiness.policy.iam.escalation import escalations

        if isinstance(document, list):
            return escalations([item for part in document for item in self._statements(part)])
        resource = self._resources.get(id(document))
        if resource is None or resource.type != aws.DOCUMENT:
            return escalations(self._statements(document))
        return escalations(self._statements(document), functools.partial(self._of_document, resource))

    def _of_document(self, resource: Resource, found: list[Statement]) -> bool:
        """Whether a document itself opens a way, and not another one that is merged into it."""
        spans = [statement.span for statement in found]
        if any(span is None or aws.within(span, resource.span) for span in spans):
            return True
        homes = {self._home(span) for span in spans}
        return None in homes or len(homes) > 1

    def _statements(self, document: Any) -> list[Any]:
        """The statements of a policy, or of all that the resource with this body lets its holder do."""
        resource = self._resources.get(id(document))
        if resource is not None and resource.type != aws.DOCUMENT:
            kinds = ("identity",)
            return [g for g in self.of(document) if not isinstance(g, Statement) or g["kind"] in kinds]
        found = statements(document)
        return [found] if isinstance(found, Unknown) else found

    def _make(self, resource: Resource) -> list[Any]:
        if resource.platform != "terraform":
            return []
        if resource.type.startswith("google_"):
            from readiness.policy.iam import google

            return list(google.grants(resource))
        if resource.type.startswith("azurerm_"):
            from readiness.policy.iam import azure

            return list(azure.grants(resource))
        return list(aws.grants(resource, self._elsewhere, self._own_accounts(resource)))

    @functools.cached_property
    def _resources(self) -> dict[int, Resource]:
        return {id(resource.body): resource for resource in self.estate.resources}

    @functools.cached_property
    def _documents(self) -> dict[str, list[Span]]:
        """Where policy documents are written, by file."""
        found: dict[str, list[Span]] = {}
        for resource in self.estate.of_type(aws.DOCUMENT):
            found.setdefault(resource.span.path, []).append(resource.span)
        return found

    def _home(self, span: Span | None) -> Span | None:
        """The policy document that a statement is written in."""
        documents = [] if span is None else self._documents.get(span.path, [])
        return next((d for d in documents if span is not None and aws.within(span, d)), None)

    def _elsewhere(self, span: Span) -> bool:
        return self._home(span) is not None

    @functools.cached_property
    def _accounts(self) -> dict[tuple[str, str], set[str] | None]:
        """The accounts that the AWS providers of a root allow; None where one of them may use any."""
        found: dict[tuple[str, str], set[str] | None] = {}
        for provider in self.estate.of_type("provider"):
            if provider.name.split(".")[0] != "aws":
                continue
            before = found.setdefault(provider.home, set())
            allowed = provider.body.get("allowed_account_ids")
            if not isinstance(allowed, list) or not all(isinstance(item, str) for item in allowed):
                found[provider.home] = None
            elif before is not None:
                before.update(allowed)
        return found

    def _own_accounts(self, resource: Resource) -> frozenset[str]:
        """The account of a root all of whose AWS providers name the same single one."""
        found = self._accounts.get(resource.home) or set()
        return frozenset(found) if len(found) == 1 else frozenset()
