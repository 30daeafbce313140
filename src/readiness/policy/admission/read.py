"""Files with ValidatingAdmissionPolicies and their bindings → policies.

What a field may hold: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/ .
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError
from readiness.kubernetes.detect import is_kubernetes
from readiness.kubernetes.kinds import group_of
from readiness.kubernetes.linking.selectors import from_label_selector
from readiness.policy.admission.kinds import types_of
from readiness.policy.admission.model import (
    ACTIONS,
    BINDING,
    GROUP,
    MUTATING,
    POLICY,
    VERSIONS,
    Admission,
    Binding,
    Match,
    Named,
    ParamRef,
    Rule,
    Validation,
)
from readiness.policy.admission.shape import Document
from readiness.policy.model import Policy
from readiness.sources.yaml_source import read
from readiness.values import List, Map, plain

CONTROL = "sec-wrk-03"
"""The control of a policy that names none: guardrails that a cluster enforces."""

SEVERITY_KEY = "readiness.dev/severity"
CONTROL_KEY = "readiness.dev/control"
DOCUMENTATION = "https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/"
_OPERATIONS = ("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
_SPEC = (
    *("failurePolicy", "paramKind", "matchConstraints", "matchConditions", "variables"),
    *("validations", "auditAnnotations"),
)
_MATCH = ("namespaceSelector", "objectSelector", "resourceRules", "excludeResourceRules", "matchPolicy")
_RULE = ("apiGroups", "apiVersions", "resources", "operations", "scope", "resourceNames")


class Files(Struct):
    """What the manifests of a pack declare, document by document."""

    policies: list[Document] = field(default_factory=list)
    bindings: list[Document] = field(default_factory=list)
    mutating: list[Document] = field(default_factory=list)
    others: list[Document] = field(default_factory=list)


def load(
    texts: Iterable[tuple[str, str]], controls: frozenset[str] | None
) -> tuple[list[Policy], list[UsageError]]:
    """The policies that manifests declare, by (name of the file, text), and what is wrong with them.

    What is worth knowing of them (a policy without a binding) stands in `notes` of the first.
    """
    files, errors = _documents(texts)
    found: dict[str, Policy] = {}
    bindings: dict[str, list[tuple[Binding, Document]]] = {}
    for document in files.bindings:
        try:
            name, binding = _binding(document)
            bindings.setdefault(name, []).append((binding, document))
        except UsageError as error:
            errors.append(error)
    for document in files.policies:
        try:
            policy = _policy(document, bindings, files.others, controls)
            if policy.id in found:
                other = found[policy.id]
                message = f"the id {policy.id!r} is taken by {other.path}:{other.lines['id'][0]}"
                raise document.error(message, document.root["metadata"], "name")
            found[policy.id] = policy
        except UsageError as error:
            errors.append(error)
    policies = list(found.values())
    if not policies and not errors:
        errors.append(_nothing(files))
    return (policies if errors else _noted(policies, files, bindings)), errors


def _documents(texts: Iterable[tuple[str, str]]) -> tuple[Files, list[UsageError]]:
    files, errors = Files(), []
    for path, text in texts:
        read_ = read(path, text)
        if read_.errors:
            first = read_.errors[0]
            errors.append(UsageError(first.message, path, first.line, first.column))
            continue
        rows = text.replace("\r\n", "\n").split("\n")
        for document in read_.documents:
            for body in _objects(document.root):
                try:
                    _sort(Document(body, path, rows), files)
                except UsageError as error:
                    errors.append(error)
    return files, errors


def _objects(root: Any) -> Iterator[Map]:
    """The object of a document, or those of a `List`."""
    if not is_kubernetes(root):
        return
    if root["kind"].endswith("List") and isinstance(root.get("items"), List):
        for item in root["items"]:
            yield from _objects(item)
    else:
        yield root


def _sort(document: Document, files: Files) -> None:
    group, kind = group_of(document.root["apiVersion"]), document.root["kind"]
    version = document.root["apiVersion"].rpartition("/")[2]
    if kind in (POLICY, BINDING):
        if group != GROUP or version not in VERSIONS:
            wanted = ", ".join(f"{GROUP}/{one}" for one in VERSIONS)
            message = f"a {kind} has one of the versions {wanted}, not {document.root['apiVersion']}"
            raise document.error(message, document.root, "apiVersion")
        (files.policies if kind == POLICY else files.bindings).append(document)
    elif group == GROUP and kind in MUTATING:
        files.mutating.append(document)
    elif group == GROUP:
        near = difflib.get_close_matches(kind, (POLICY, BINDING), 1, 0.8)
        if near:
            raise document.error(
                f"there is no kind {kind!r}; did you mean {near[0]!r}?", document.root, "kind"
            )
        files.others.append(document)
    else:
        files.others.append(document)


def _nothing(files: Files) -> UsageError:
    """Why manifests give no policy."""
    for document in files.bindings:
        name = document.root["spec"]["policyName"]
        message = f"the binding is of the policy {name!r}, which is not in this pack"
        return document.error(message, document.root["spec"], "policyName")
    for document in files.mutating:
        message = f"a {document.root['kind']} changes objects and checks nothing: only {POLICY} is evaluated"
        return document.error(message, document.root, "kind")
    for document in files.others:
        message = f"this is neither a policy nor a {POLICY}: {document.root['kind']}"
        return document.error(message, document.root, "kind")
    return UsageError(f"the files hold no {POLICY}")


def _noted(
    policies: list[Policy], files: Files, bindings: dict[str, list[tuple[Binding, Document]]]
) -> list[Policy]:
    notes: list[tuple[str, int, int, str]] = []

    def note(document: Document, holder: Map, key: str, message: str) -> None:
        error = document.error(message, holder, key)
        notes.append((document.path, error.line or 1, error.column or 1, message))

    names = {document.root["metadata"]["name"] for document in files.policies}
    for document in files.policies:
        metadata = document.root["metadata"]
        if metadata["name"] not in bindings:
            what = (
                f"the {POLICY} {metadata['name']!r} has no binding in this pack: nothing is held against it"
            )
            note(document, metadata, "name", what)
    for name, found in bindings.items():
        for binding, document in found if name not in names else ():
            what = f"the binding {binding.name!r} is of the policy {name!r}, which is not in this pack"
            note(document, document.root["spec"], "policyName", what)
    for document in files.mutating:
        what = f"a {document.root['kind']} is not evaluated: it changes objects"
        note(document, document.root, "kind", what)
    if notes and policies:
        policies[0] = replace(policies[0], notes=tuple(notes))
    return policies


# -- policies -----------------------------------------------------------------------


def _policy(
    document: Document,
    bindings: dict[str, list[tuple[Binding, Document]]],
    others: list[Document],
    controls: frozenset[str] | None,
) -> Policy:
    root = document.root
    metadata = document.mapping(root, "metadata", POLICY, True) or Map()
    name = document.needed(metadata, "name", "metadata")
    spec = document.mapping(root, "spec", POLICY, True) or Map()
    document.known(spec, "spec", _SPEC)
    bound = [binding for binding, _ in bindings.get(name, ())]
    bound.sort(key=lambda binding: SEVERITIES.index(binding.severity))
    annotations = document.mapping(metadata, "annotations", "metadata") or Map()
    severity = document.text(annotations, SEVERITY_KEY, "metadata.annotations", SEVERITIES)
    severity = severity or (bound[0].severity if bound else "info")
    if SEVERITY_KEY in annotations:
        bound = [replace(binding, severity=severity) for binding in bound]
    control = document.text(annotations, CONTROL_KEY, "metadata.annotations", controls or (), CONTROL)
    admission = _admission(document, spec, name, severity, bound)
    admission = replace(admission, objects=list(_objects_for(admission, others)))
    validations = admission.validations
    sources = [" ".join(validation.expression.source.split()) for validation in validations]
    title = validations[0].message if len(validations) == 1 else ""
    span = metadata.span_of("name")
    place = (span.line, span.column) if span else (1, 1)
    return Policy(
        id=f"vap-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}",
        title=title or f"Objects meet {name}",
        control=control,
        severity=severity,
        resources=types_of(admission.match),
        assert_="\n".join(sources) or "true",
        message=title or f"{name} does not admit it",
        remediation=_remediation(name, document.path, place[0], bindings.get(name, [])),
        path=document.path,
        when="\n".join(" ".join(item.expression.source.split()) for item in admission.conditions) or None,
        references=(DOCUMENTATION,),
        lines=dict.fromkeys(("id", "title", "assert", "message", "control", "severity"), place),
        admission=msgspec.to_builtins(admission),
    )


def _remediation(name: str, path: str, line: int, bindings: list[tuple[Binding, Document]]) -> str:
    listed = ", ".join(f"`{binding.name}` ({document.path})" for binding, document in bindings)
    whose = f", bound by {listed}" if listed else ""
    return (
        f"Change the object so that the {POLICY} `{name}` admits it. The policy stands in `{path}`, line "
        f"{line}{whose}: what it asks for, and of which objects, is changed there."
    )


def _admission(document: Document, spec: Map, name: str, severity: str, bindings: list[Binding]) -> Admission:
    where = "spec"
    constraints = document.mapping(spec, "matchConstraints", where, True) or Map()
    match = _match(document, constraints, f"{where}.matchConstraints")
    if not match.rules:
        message = f"{where}.matchConstraints.resourceRules is missing: it says what is checked"
        raise document.error(message, constraints)
    kind = document.mapping(spec, "paramKind", where)
    param_kind = None
    if kind is not None:
        document.known(kind, f"{where}.paramKind", ("apiVersion", "kind"))
        api_version = document.needed(kind, "apiVersion", f"{where}.paramKind")
        param_kind = (api_version, document.needed(kind, "kind", f"{where}.paramKind"))
    validations = [
        _validation(document, item, path) for path, item in document.items(spec, "validations", where)
    ]
    if not validations and spec.get("auditAnnotations") in (None, []):
        raise document.error(f"{where}.validations is missing", spec)
    return Admission(
        name=name,
        severity=severity,
        ignore=document.text(spec, "failurePolicy", where, ("Fail", "Ignore"), "Fail") == "Ignore",
        match=match,
        validations=validations,
        conditions=list(_named(document, spec, "matchConditions")),
        variables=list(_named(document, spec, "variables")),
        param_kind=param_kind,
        bindings=bindings,
    )


def _validation(document: Document, item: Map, where: str) -> Validation:
    document.known(item, where, ("expression", "message", "messageExpression", "reason"))
    message = document.text(item, "message", where).strip()
    said = item.get("messageExpression") not in (None, "")
    return Validation(
        document.expression(item, "expression", where),
        message,
        document.expression(item, "messageExpression", where) if said else None,
    )


def _named(document: Document, spec: Map, key: str) -> Iterator[Named]:
    seen: set[str] = set()
    for where, item in document.items(spec, key, "spec"):
        document.known(item, where, ("name", "expression"))
        if key == "variables":
            name = document.name(item, "name", where)
        else:
            name = document.needed(item, "name", where)
        if name in seen:
            raise document.error(f"{where}.name: {name!r} stands here twice", item, "name")
        seen.add(name)
        yield Named(name, document.expression(item, "expression", where))


def _match(document: Document, holder: Map, where: str) -> Match:
    document.known(holder, where, _MATCH)
    return Match(
        rules=[_rule(document, item, path) for path, item in document.items(holder, "resourceRules", where)],
        excluded=[
            _rule(document, item, path)
            for path, item in document.items(holder, "excludeResourceRules", where)
        ],
        namespaces=_selector(document, holder, "namespaceSelector", where),
        objects=_selector(document, holder, "objectSelector", where),
        exact=document.text(holder, "matchPolicy", where, ("Equivalent", "Exact"), "Equivalent") == "Exact",
    )


def _rule(document: Document, item: Map, where: str) -> Rule:
    document.known(item, where, _RULE)
    for key in ("apiGroups", "apiVersions", "resources", "operations"):
        if item.get(key) in (None, []):
            raise document.error(f"{where}.{key} is missing", item, key)
    return Rule(
        groups=document.texts(item, "apiGroups", where),
        versions=document.texts(item, "apiVersions", where),
        resources=document.texts(item, "resources", where),
        operations=document.texts(item, "operations", where, _OPERATIONS),
        scope=document.text(item, "scope", where, ("*", "Cluster", "Namespaced"), "*"),
        names=document.texts(item, "resourceNames", where),
    )


def _selector(document: Document, holder: Map, key: str, where: str) -> dict[str, Any] | None:
    value = document.mapping(holder, key, where)
    if value is None:
        return None
    if from_label_selector(value) is None:
        message = (
            f"{where}.{key} is no label selector: matchLabels are texts, matchExpressions have key, operator"
        )
        raise document.error(f"{message} (In, NotIn, Exists, DoesNotExist) and values", holder, key)
    document.known(value, f"{where}.{key}", ("matchLabels", "matchExpressions"))
    selector: dict[str, Any] = plain(value)
    return selector


# -- bindings -----------------------------------------------------------------------


def _binding(document: Document) -> tuple[str, Binding]:
    root = document.root
    metadata = document.mapping(root, "metadata", BINDING, True) or Map()
    name = document.needed(metadata, "name", "metadata")
    spec = document.mapping(root, "spec", BINDING, True) or Map()
    document.known(spec, "spec", ("policyName", "paramRef", "matchResources", "validationActions"))
    policy = document.needed(spec, "policyName", "spec")
    actions = document.texts(spec, "validationActions", "spec", ACTIONS)
    if not actions:
        message = "spec.validationActions is missing: one or more of Deny, Warn and Audit"
        raise document.error(message, spec, "validationActions")
    if "Deny" in actions and "Warn" in actions:
        raise document.error(
            "spec.validationActions: Deny and Warn exclude each other", spec, "validationActions"
        )
    resources = document.mapping(spec, "matchResources", "spec")
    reference = document.mapping(spec, "paramRef", "spec")
    return policy, Binding(
        name=name,
        severity=next(severity for action, severity in ACTIONS.items() if action in actions),
        match=None if resources is None else _match(document, resources, "spec.matchResources"),
        params=None if reference is None else _param_ref(document, reference),
    )


def _param_ref(document: Document, reference: Map) -> ParamRef:
    where = "spec.paramRef"
    document.known(reference, where, ("name", "namespace", "selector", "parameterNotFoundAction"))
    name = document.text(reference, "name", where)
    selector = _selector(document, reference, "selector", where)
    if bool(name) is (selector is not None):
        message = f"{where} needs one of name and selector" + (", not both" if name else "")
        raise document.error(message, reference)
    action = document.text(reference, "parameterNotFoundAction", where, ("Allow", "Deny"), "Allow")
    return ParamRef(name, document.text(reference, "namespace", where), selector, action == "Deny")


def _objects_for(admission: Admission, others: list[Document]) -> Iterator[dict[str, Any]]:
    """Objects of the pack that a policy may need: parameters, Namespaces, definitions of custom kinds."""
    for document in others:
        kind = document.root["kind"]
        wanted = kind in ("Namespace", "CustomResourceDefinition")
        if wanted or (admission.param_kind is not None and kind == admission.param_kind[1]):
            yield plain(document.root)
