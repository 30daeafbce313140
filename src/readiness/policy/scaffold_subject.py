"""What a policy that begins looks at: the resource, the argument, the condition and the examples."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from readiness.errors import UsageError, near
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.kubernetes.schemas import store as kubernetes
from readiness.policy import shapes
from readiness.policy.model import Policy
from readiness.policy.scaffold_examples import (
    ABSENT,
    Marked,
    Raw,
    Step,
    Written,
    expression,
    in_terraform,
    manifest,
    terraform,
    variable,
)
from readiness.policy.shapes import Value
from readiness.terraform.provider_schemas.store import Shape, types_like

_TERRAFORM = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+")
_KIND = re.compile(r"(?:([a-z0-9.-]+)/)?([A-Z][A-Za-z0-9]*)")
_NAME = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_/-]*")
_TEMPLATED = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
_VIEWS = ("workload", "pod")
# Names that say nothing about a resource; the argument of an example is another one.
_PLAIN = frozenset({"arn", "id", "name", "name_prefix", "region", "tags_all", "location", "project"})
_TELLING = ("deletion_protection", "kms_key_id", "description")
_SAMPLES: dict[str, Any] = {"list": ["example"], "objects": [{}], "map": {"owner": "shop"}}


class Subject(Struct):
    """A resource and one argument of it, with all that the file of a policy says of them.

    `minimum` is the default of the parameter that a number is compared with; `notes` are what the author
    should look at.
    """

    type: str
    expression: str
    title: str
    condition: str
    message: str
    address: str
    examples: dict[str, list[Written]]
    each: str = ""
    minimum: float | None = None
    parameter: str = ""
    notes: list[str] = field(default_factory=list)


class _Wanted(Struct, frozen=True):
    """The argument: its way, and the value that is wanted (None: any)."""

    path: list[Step]
    value: Any
    spoken: str


def subject_of(resources: Sequence[str], argument: str | None, policies: Sequence[Policy]) -> Subject:
    """What a policy on some resources and one argument says.

    Raises:
        UsageError: no example can be made of the first resource, or it has no such argument.
    """
    first = resources[0]
    if _TERRAFORM.fullmatch(first):
        return _of_terraform(first, argument)
    if first in _VIEWS or _KIND.fullmatch(first):
        return _of_kubernetes(first, argument)
    model = next((policy for policy in policies if first in policy.resources), None)
    hint = f"; begin with a copy of {model.path}" if model is not None else ""
    raise UsageError(
        f"--resources: no example can be made of {first!r}: a Terraform type (aws_db_instance), a kind of "
        f"Kubernetes (Deployment), workload or pod comes first{hint}"
    )


# -- Terraform ------------------------------------------------------------------------


def _of_terraform(type_: str, argument: str | None) -> Subject:
    schema = shapes.of_type(type_)
    wanted = _wanted(type_, schema, argument or _some_argument(schema))
    subject = _said(type_, f"{type_}.example", "object", wanted)
    if schema.open:
        hint = near(type_, types_like(f"{type_.partition('_')[0]}_*"))
        subject.notes.append(f"whether {type_} has that argument: there is no schema of it{hint}")

    def example(value: Any) -> Written:
        return terraform(type_, wanted.path, value)

    subject.examples = _examples(wanted, example)
    unknown = terraform(type_, wanted.path, Raw("var.value")).text
    subject.examples["unknown"] = [Written(variable(_good(wanted)) + unknown)]
    if wanted.path[-1].kind == "blocks":
        # A block that is written is there, whatever it holds.
        del subject.examples["unknown"]
    return subject


def _some_argument(schema: Value) -> str:
    """An argument that a type has, for an example."""
    if schema.open:
        return "description"
    fields = schema.schemas[0].fields
    common = {"lifecycle", "provisioner", "connection", "timeouts"}
    names = [
        name
        for name, shape in fields.items()
        if isinstance(shape, Shape) and shape.kind == "scalar" and name not in _PLAIN | common
    ]
    return next((name for name in _TELLING if name in names), next(iter(names), "name"))


# -- Kubernetes -----------------------------------------------------------------------


def _of_kubernetes(type_: str, argument: str | None) -> Subject:
    view = type_ in _VIEWS
    group, kind = ("", "Deployment") if view else type_.rpartition("/")[::2]
    api_version = _api_version(group, kind)
    type_ = type_ if view else type_name(group, kind)
    argument = argument or ("pod.priorityClassName" if view else "metadata.labels")
    root, _, inner = argument.partition(".")
    if view and root not in ("pod", "container"):
        raise UsageError(
            f"--argument: {type_} has no shape of its own: begin with `pod.` or `container.`, as in "
            f"pod.hostNetwork=false and container.imagePullPolicy=Always"
        )
    path, names, each = argument, "object", ""
    schema = shapes.of_type(type_)
    if root in ("pod", "container") and (view or kind in (*_TEMPLATED, "Pod")):
        path, names = inner, {"pod": "pod", "container": "item"}[root]
        each = "all_containers" if root == "container" else ""
        schema = shapes.pod_spec() if root == "pod" else _container()
    wanted = _wanted(type_, schema, path)
    scoped = is_cluster_scoped(type_)
    address = f"{kind}/example" if scoped else f"{kind}/shop/example"
    subject = _said(type_, address, names, wanted, "a container of " if each else "")
    subject.each = each
    if not view and schema.open:
        note = f"the `apiVersion` of {kind} and the field: there is no schema of it"
        subject.notes.append(note)
    holder = "object" if not each and names == "object" else root

    def body(value: Any) -> dict[str, Any]:
        whole = _body(kind, wanted.path, value, holder)
        if scoped:
            whole["metadata"].pop("namespace", None)
        return whole

    def example(value: Any) -> Written:
        mark = ABSENT if value is ABSENT else Marked(value)
        return manifest(kind, api_version, body(mark), None if value is ABSENT else mark)

    subject.examples = _examples(wanted, example)
    text = variable(_good(wanted)) + in_terraform(kind, api_version, body(Raw("var.value")))
    subject.examples["unknown"] = [Written(text)]
    return subject


def _api_version(group: str, kind: str) -> str:
    """The newest stable version of a built-in kind, else the first of its group.

    Raises:
        UsageError: the kind is not built in and comes without its group.
    """
    versions = [
        version
        for version in kubernetes.versions_of(kind, _newest())
        if not group or group_of(version) == group
    ]
    if versions:
        return versions[0]
    if group:
        return f"{group}/v1"
    hint = near(kind, sorted({known for _, known in _newest().kinds}))
    raise UsageError(
        f"--resources: Kubernetes has no kind {kind!r}{hint} "
        f"(a custom kind comes with its group: GROUP/{kind})"
    )


def _newest() -> kubernetes.Release:
    return kubernetes.load(kubernetes.minor(kubernetes.releases()[-1]))


def _container() -> Value:
    found = shapes.pod_list("containers")
    return found.elements if found is not None and found.elements is not None else shapes.ANYTHING


def _body(kind: str, path: Sequence[Step], value: Any, holder: str) -> dict[str, Any]:
    """The rest of an object: what every example has, and the argument where it belongs."""
    container: dict[str, Any] = {"name": "app", "image": "registry.example.com/shop/app:1.4.2"}
    pod: dict[str, Any] = {"containers": [container]}
    whole: dict[str, Any] = {"metadata": {"name": "example", "namespace": "shop"}}
    if kind == "Pod":
        whole["spec"] = pod
    elif kind in _TEMPLATED:
        spec: dict[str, Any] = {"template": {"metadata": {"labels": {"app": "example"}}, "spec": pod}}
        if kind == "CronJob":
            spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": spec}}
        elif kind != "Job":
            spec = {"selector": {"matchLabels": {"app": "example"}}, **spec}
        whole["spec"] = spec
    place = {"object": whole, "pod": pod, "container": container}[holder]
    if value is ABSENT:
        for step in path[:-1]:
            place = place.get(step.name, {})
        place.pop(path[-1].name, None)
        return whole
    for step in path[:-1]:
        place = place.setdefault(step.name, {})
    place[path[-1].name] = value
    return whole


# -- the argument and what is said of it ----------------------------------------------


def _wanted(type_: str, schema: Value, argument: str) -> _Wanted:
    path, equals, text = argument.partition("=")
    steps: list[Step] = []
    value = schema
    for name in path.split("."):
        if not _NAME.fullmatch(name):
            raise UsageError(f"--argument: {path!r} is no path of names joined by dots")
        if steps and steps[-1].kind in ("list", "objects"):
            far = ".".join(step.name for step in steps)
            raise UsageError(f"--argument: {far} is a list: stop there, and look at its items with `each`")
        found = [inner for one in value.schemas if (inner := shapes.child(one, name)) is not None]
        if not found and not value.open and (value.schemas or steps):
            known = sorted({known for one in value.schemas for known in shapes.names(one)})
            whole = ".".join([*(step.name for step in steps), name])
            raise UsageError(f"--argument: {type_} has no {whole}{near(name, known)}")
        value = shapes.either(*found) if found else shapes.ANYTHING
        steps.append(Step(name, _kind(value)))
        if steps[-1].kind == "blocks":
            value = shapes.either(*(shapes.elements(one) for one in value.schemas))
    wanted = _value(text) if equals else None
    if wanted is not None and steps[-1].kind != "value":
        raise UsageError(f"--argument: {path} holds several values: name it without `={text}`")
    return _Wanted(steps, wanted, path)


def _kind(value: Value) -> str:
    kinds = set()
    for schema in value.schemas:
        if isinstance(schema, Shape):
            kinds.add(
                {"blocks": "blocks", "either": "blocks", "list": "list", "object": "map"}.get(schema.kind)
            )
        else:
            kinds.add(
                "objects" if shapes.is_list(schema) else {"list": "list", "map": "map"}.get(schema.kind)
            )
    return next((kind for kind in ("blocks", "objects", "list", "map") if kind in kinds), "value")


def _value(text: str) -> Any:
    """The value that a person wrote: true, false, a number, else a text."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]+\.[0-9]+", text) else text


def _said(type_: str, address: str, root: str, wanted: _Wanted, what: str = "") -> Subject:
    reads = expression(root, wanted.path)
    value, spoken = wanted.value, wanted.spoken
    subject = Subject(type_, reads, "", "", "", address, {})
    message = f"{what}{{address}} has {spoken} = {{{reads}}}"
    if value is None:
        subject.title = f"{spoken} of {type_} is set"
        subject.condition = f"{reads} != null"
        message = f"{what}{{address}} has no {spoken}"
    elif value is True or value is False:
        subject.title = f"{spoken} of {type_} is {'true' if value else 'not true'}"
        subject.condition = f"{reads} == true" if value else f"{reads} != true"
    elif isinstance(value, int | float):
        subject.title = f"{spoken} of {type_} is at least {{params.minimum}}"
        subject.condition = f"{reads} >= params.minimum"
        subject.minimum = value
        subject.parameter = f"The least {spoken} that is enough."
        message += "; {params.minimum} are expected"
    else:
        # Braces in a title are parameters.
        plain = "what it should be" if any(char in value for char in "{}") or len(value) > 40 else value
        subject.title = f"{spoken} of {type_} is {plain}"
        subject.condition = f"{reads} == {json.dumps(value, ensure_ascii=False)}"
    subject.message = message
    return subject


def _good(wanted: _Wanted) -> Any:
    """A value that passes."""
    if wanted.value is not None:
        return wanted.value
    return _SAMPLES.get(wanted.path[-1].kind, "example")


def _bad(wanted: _Wanted) -> Any:
    """A value that fails; absent where every value passes."""
    value = wanted.value
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return not value
    return value - 1 if isinstance(value, int | float) else "other"


def _examples(wanted: _Wanted, example: Any) -> dict[str, list[Written]]:
    """What passes and what fails: the value, another one, and none at all."""
    passing, failing = [example(_good(wanted))], [example(_bad(wanted))]
    if wanted.value is False:
        passing.append(example(ABSENT))
    elif wanted.value is not None:
        failing.append(example(ABSENT))
    return {"pass": passing, "fail": failing}
