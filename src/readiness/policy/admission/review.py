"""Policies with their bindings held against one object after the other, as if each were created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.kubernetes.schemas.custom import Definition
from readiness.kubernetes.schemas.store import Release
from readiness.policy.admission.admitted import Admission, Definitions, without_places
from readiness.policy.admission.kinds import plurals
from readiness.policy.admission.matching import Request, World, matches
from readiness.policy.admission.model import BINDING, GROUP, MUTATING, POLICY, Binding
from readiness.policy.admission.params import Params
from readiness.policy.admission.program import Compiled, Validated, Variables
from readiness.policy.answers import every
from readiness.policy.cel import Blame, CelError, Program
from readiness.values import Map, Unknown, dig, dig_known

_EXEMPT = frozenset({POLICY, BINDING, *MUTATING})
"""Kinds that no policy may match, lest nobody can change it any more."""

_NOT_ASKED = Unknown(
    "who applies it, and what they may do, is known to the cluster alone", ("request.userInfo",)
)


class Verdict(Struct, eq=False):
    """What a validation says of an object.

    `status` is `pass`, `fail`, `unknown` or `skipped` (an error that `failurePolicy: Ignore` passes over).
    """

    status: str
    severity: str
    name: str = ""  # the expression on one line
    message: str = ""
    unknown: Unknown | None = None
    blames: list[Blame] = field(default_factory=list)

    def blame(self, names: Any, functions: Any) -> list[Blame]:
        """The values that it looked at."""
        return self.blames


class Reviewer:
    """Holds the policies of one run against the objects of one estate."""

    def __init__(self, estate: Estate, release: Release, definitions: Definitions) -> None:
        self.estate = estate
        self.release = release
        self.definitions = definitions
        self._admission: dict[int, tuple[Compiled, Admission, World, list[Map]]] = {}
        self._shared = Admission(release, definitions)
        self._params: dict[int, Params] = {}
        self._requests: dict[tuple[int, int], Request] = {}

    def verdicts(self, compiled: Compiled, resource: Resource) -> Iterator[Verdict]:
        """What the bindings of a policy say of an object, a finding of one validation once."""
        if not _is_object(resource) or not compiled.admission.bindings:
            return
        request = self._request(compiled, resource)
        _, _, world, _ = self._known(compiled)
        looked = matches(compiled.admission.match, request, world)
        if looked is False:
            return
        told: set[tuple[str, str]] = set()
        for binding in compiled.admission.bindings:
            for verdict in self._bound(compiled, binding, request, looked):
                key = (verdict.name, verdict.status)
                if key not in told and (verdict.name, "fail") not in told:
                    told.add(key)
                    yield verdict

    def _known(self, compiled: Compiled) -> tuple[Compiled, Admission, World, list[Map]]:
        """What the files of the pack add to the estate for a policy."""
        known = self._admission.get(id(compiled))
        if known is None:
            own = [without_places(body) for body in compiled.admission.objects]
            definitions = {key: list(found) for key, found in self.definitions.items()}
            for body in own:
                if body["kind"] == "CustomResourceDefinition":
                    definition = Definition(body)
                    if isinstance(definition.group, str) and isinstance(definition.kind, str):
                        definitions.setdefault((definition.group, definition.kind), []).append(definition)
            admission = self._shared
            if any(body["kind"] == "CustomResourceDefinition" for body in own):
                admission = Admission(self.release, definitions)
            known = (compiled, admission, World(self.release, definitions), own)
            self._admission[id(compiled)] = known
        return known

    # -- requests -------------------------------------------------------------------

    def _request(self, compiled: Compiled, resource: Resource) -> Request:
        """The creation of an object, made once for all policies that add nothing to the estate."""
        own = self._known(compiled)[3]
        key = (id(resource), id(compiled) if own else 0)
        if key not in self._requests:
            self._requests[key] = self._made(compiled, resource)
        return self._requests[key]

    def _made(self, compiled: Compiled, resource: Resource) -> Request:
        _, admission, world, own = self._known(compiled)
        body = admission.admitted(resource.body)
        api_version, kind = str(body["apiVersion"]), str(body["kind"])
        group, version = group_of(api_version), api_version.rpartition("/")[2]
        metadata = body.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Map) else metadata
        if isinstance(metadata, Map) and metadata.get("generateName") is not None:
            name = ""
        cluster = self._is_cluster_scoped(world, group, kind, own)
        namespace = None if cluster else dig_known(metadata, "namespace")
        named = _resource_names(world, group, kind)
        values = _attributes(group, version, kind, sorted(named)[0])
        values.update(name=name, namespace="" if namespace is None else namespace)
        if kind == "Namespace" and not group:
            values["namespace"] = name  # as the API server has it
        space = None if namespace is None else self._namespace(namespace, admission, own)
        return Request(body, resource.address, group, version, kind, named, name, namespace, space, values)

    def _is_cluster_scoped(self, world: World, group: str, kind: str, own: list[Map]) -> bool:
        if is_cluster_scoped(type_name(group, kind)):
            return True
        bodies = [*own, *(resource.body for resource in self.estate.of_type("CustomResourceDefinition"))]
        return (group, kind) in world.definitions and any(
            dig(body, "spec", "names", "kind") == kind and dig(body, "spec", "scope") == "Cluster"
            for body in bodies
        )

    def _namespace(self, name: Any, admission: Admission, own: list[Map]) -> Map | Unknown:
        """The Namespace of a name, without places: it is not the object that is at fault."""
        if isinstance(name, Unknown):
            return name
        bodies = [body for body in own if body["kind"] == "Namespace"]
        bodies += [resource.body for resource in self.estate.of_type("Namespace")]
        found = [body for body in bodies if dig(body, "metadata", "name") == name]
        if not found:
            return Unknown(f"the Namespace {name} is not in these files", (f"Namespace/{name}",))
        if any(dig(body, "metadata") != dig(found[0], "metadata") for body in found[1:]):
            return Unknown(f"there are several Namespaces {name} that differ", (f"Namespace/{name}",))
        made: Map = without_places(admission.admitted(found[0]))
        return made

    # -- bindings -------------------------------------------------------------------

    def _bound(
        self, compiled: Compiled, binding: Binding, request: Request, looked: bool | Unknown
    ) -> Iterator[Verdict]:
        _, admission, world, own = self._known(compiled)
        if binding.match is not None:
            looked = every([matches(binding.match, request, world), looked])
        if looked is False:
            return
        policy = compiled.admission
        by = f"({POLICY} {policy.name}, binding {binding.name})"
        found: Any = [None]
        if policy.param_kind is not None and binding.params is not None:
            params = self._params.get(id(compiled))
            if params is None:
                params = self._params[id(compiled)] = Params(policy.param_kind, self.estate, own)
            found = params.of(binding.params, request)
        if isinstance(found, str):
            yield _error(compiled, binding, looked, "params", f"the binding is wrong: {found}", by, [])
            return
        if isinstance(found, Unknown):
            yield Verdict("unknown", binding.severity, "params", unknown=found)
            return
        for param in found:
            given = None if param is None else without_places(admission.admitted(param))
            yield from _reviewed(compiled, binding, request, looked, given, by)


def _reviewed(
    compiled: Compiled, binding: Binding, request: Request, looked: bool | Unknown, params: Any, by: str
) -> Iterator[Verdict]:
    """What the validations say with one parameter."""
    env: dict[str, Any] = {
        "object": request.object,
        "oldObject": None,
        "request": request.values,
        "params": params,
        "namespaceObject": request.space,
        "authorizer": _NOT_ASKED,
    }
    env["variables"] = Variables(compiled.variables, env)
    failed: tuple[str, str, Program] | None = None
    for name, program in compiled.conditions:
        answer = _tested(program, env)
        if answer is False:
            return
        if isinstance(answer, str):
            failed = failed or (name, answer, program)
        elif isinstance(answer, Unknown) and looked is True:
            looked = answer
    if failed is not None:
        name, answer, program = failed
        what = f"the match condition `{name}` cannot be evaluated: {answer}"
        yield _error(compiled, binding, looked, _line(program), what, by, program.blame(env))
        return
    for validated in compiled.validations:
        yield _validated(compiled, binding, validated, looked, env, by)


def _validated(
    compiled: Compiled,
    binding: Binding,
    validated: Validated,
    looked: bool | Unknown,
    env: dict[str, Any],
    by: str,
) -> Verdict:
    program = validated.test
    answer = _tested(program, env)
    name = _line(program)
    if answer is True:
        if isinstance(looked, Unknown):
            return Verdict("skipped", binding.severity, name)
        return Verdict("pass", binding.severity, name)
    if isinstance(answer, Unknown):
        return Verdict("unknown", binding.severity, name, unknown=answer, blames=program.blame(env))
    if isinstance(answer, str):
        what = f"`{name}` cannot be evaluated: {answer}"
        return _error(compiled, binding, looked, name, what, by, program.blame(env))
    if isinstance(looked, Unknown):
        return Verdict("unknown", binding.severity, name, unknown=looked)
    message = f"{_message(validated, env)} {by}"
    return Verdict("fail", binding.severity, name, message, blames=program.blame(env))


def _tested(program: Program, env: dict[str, Any]) -> bool | Unknown | str:
    """True, false, an unknown, or what is wrong."""
    try:
        value = program.evaluate(env)
    except CelError as error:
        return error.message
    if isinstance(value, (bool, Unknown)):
        return value
    return "it is neither true nor false"


def _error(
    compiled: Compiled,
    binding: Binding,
    looked: bool | Unknown,
    name: str,
    what: str,
    by: str,
    blames: list[Blame],
) -> Verdict:
    """What an error means: refused or passed over, by the `failurePolicy`."""
    if compiled.admission.ignore:
        return Verdict("skipped", binding.severity, name)
    if isinstance(looked, Unknown):
        return Verdict("unknown", binding.severity, name, unknown=looked)
    message = f"{what}; by its failurePolicy Fail the object is refused {by}"
    return Verdict("fail", binding.severity, name, message, blames=blames)


def _message(validated: Validated, env: dict[str, Any]) -> str:
    if validated.said is not None:
        try:
            said = validated.said.evaluate(env)
        except CelError:
            said = None
        if isinstance(said, str) and said.strip() and "\n" not in said:
            return said.strip()
    return validated.validation.message or f"failed expression: {_line(validated.test)}"


def _line(program: Program) -> str:
    return " ".join(program.source.split())


# -- objects ------------------------------------------------------------------------


def _is_object(resource: Resource) -> bool:
    """Whether a resource is an object that is sent to an API server, and policies may look at it."""
    body = resource.body
    if resource.platform != "kubernetes" or resource.address.endswith("]"):
        return False  # one of several pod templates of an object is no object
    api_version, kind = body.get("apiVersion"), body.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return False
    group = group_of(api_version)
    return not group.endswith("config.k8s.io") and not (group == GROUP and kind in _EXEMPT)


def _resource_names(world: World, group: str, kind: str) -> frozenset[str]:
    for definition in world.definitions.get((group, kind), ()):
        if isinstance(definition.plural, str):
            return frozenset({definition.plural})
    return plurals(kind)


def _attributes(group: str, version: str, kind: str, resource: str) -> Map:
    """`request`, without names."""
    what = Map({"group": group, "version": version, "kind": kind})
    where = Map({"group": group, "version": version, "resource": resource})
    return Map(
        {
            "kind": what,
            "requestKind": what,
            "resource": where,
            "requestResource": where,
            "subResource": "",
            "requestSubResource": "",
            "operation": "CREATE",
            "dryRun": False,
            "userInfo": _NOT_ASKED,
            "uid": _NOT_ASKED,
            "options": Unknown("how it is applied is not known", ("request.options",)),
        }
    )
