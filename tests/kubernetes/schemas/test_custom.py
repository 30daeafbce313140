"""Objects of custom kinds against the definitions in the estate."""

from __future__ import annotations

import textwrap

import pytest

from readiness.estate.build import from_texts
from readiness.policy.manifests import Manifests

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: queues.example.com}
spec:
  group: example.com
  names: {kind: WorkQueue, plural: queues}
  scope: Namespaced
  versions:
    - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            status: {type: object, required: [phase]}
            spec:
              type: object
              required: [size, mode]
              oneOf: [{required: [queue]}, {required: [topic]}]
              properties:
                size: {type: integer, minimum: 1, maximum: 9, exclusiveMaximum: true}
                mode: {type: string, enum: [fair, fast], default: fair}
                queue: {type: string, pattern: '^[a-z]+$', maxLength: 5}
                topic: {type: string}
                ratio: {type: number}
                at: {type: string, format: date-time}
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                maybe: {type: string, nullable: true}
                names: {type: array, minItems: 1, items: {type: string}}
                labels: {type: object, additionalProperties: {type: string}}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {num: {type: integer}}}
                closed: {type: object}
                pod: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
                ports:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [port, protocol]
                  items:
                    type: object
                    properties: {port: {type: integer}, protocol: {type: string, default: TCP}}
"""


def found(spec: str, definition: str = DEFINITION, version: str = "v1") -> list[tuple[str, str, str]] | None:
    """The problems of a queue with a spec in flow style: kind, path, message."""
    text = f"apiVersion: example.com/{version}\nkind: WorkQueue\nmetadata: {{name: a}}\nspec: {spec}\n"
    loaded = from_texts({"queue.yaml": text, "crd.yaml": textwrap.dedent(definition)})
    assert loaded.errors == []
    manifests = Manifests(loaded.estate)
    resource = next(r for r in loaded.estate.resources if r.type.endswith("WorkQueue"))
    problems = manifests.problems(resource)
    return None if problems is None else [(p["kind"], p["path"], p["message"]) for p in problems]


@pytest.mark.parametrize(
    "spec",
    [
        "{size: 1, queue: a}",
        "{size: 8, topic: a, ratio: 1, port: 80, at: '2026-01-31T00:00:00Z'}",
        "{size: 8, topic: a, ratio: 1.5, port: http, maybe: null, names: [a], labels: {a: b}}",
        "{size: 8, topic: a, free: {anything: {goes: 1}, num: 1}, closed: {}}",
        "{size: 8, topic: a, pod: {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}}",
        "{size: 8, topic: a, ports: [{port: 53}, {port: 53, protocol: UDP}]}",
        "{size: 8, topic: '${TOPIC}', queue: null, mode: '${MODE}'}",
    ],
)
def test_nothing_is_wrong(spec: str) -> None:
    assert found(spec) == []


PROBLEMS = [
    ("{queue: a}", "required", "spec.size", "`size` is missing in `spec`"),
    ("{size: 0, queue: a}", "value", "spec.size", "`size`, the number 0, is not at least 1"),
    ("{size: 9, queue: a}", "value", "spec.size", "`size`, the number 9, is not below 9"),
    (
        "{size: '1', queue: a}",
        "type",
        "spec.size",
        '`size` is the text "1", a whole number is wanted: write it without quotes',
    ),
    (
        "{size: 1, queue: a, mode: slow}",
        "value",
        "spec.mode",
        '`mode`, the text "slow", is not one of fair, fast',
    ),
    ("{size: 1, queue: A}", "value", "spec.queue", '`queue`, the text "A", does not match ^[a-z]+$'),
    (
        "{size: 1, queue: abcdef}",
        "value",
        "spec.queue",
        '`queue`, the text "abcdef", has more than 5 characters',
    ),
    ("{size: 1}", "value", "spec", "`spec` has none of `queue`, `topic`"),
    ("{size: 1, queue: a, topic: b}", "value", "spec", "`spec` has more than one of `queue`, `topic`"),
    ("{size: 1, queue: a, names: []}", "value", "spec.names", "`names` has fewer than 1 items"),
    (
        "{size: 1, queue: a, names: [null]}",
        "type",
        "spec.names[0]",
        "`names` is null, a text is wanted",
    ),
    (
        "{size: 1, queue: a, labels: {a: 1}}",
        "type",
        "spec.labels.a",
        "`a` is the number 1, a text is wanted: put it in quotes",
    ),
    (
        "{size: 1, queue: a, free: {num: x}}",
        "type",
        "spec.free.num",
        '`num` is the text "x", a whole number is wanted',
    ),
    (
        "{size: 1, queue: a, closed: {b: 1}}",
        "unknown-field",
        "spec.closed.b",
        "there is no field `b` in `spec.closed`",
    ),
    (
        "{size: 1, queue: a, moed: fair}",
        "unknown-field",
        "spec.moed",
        "there is no field `moed` in `spec`; did you mean `mode`?",
    ),
    (
        "{size: 1, queue: a, pod: {metadata: {nam: a}}}",
        "unknown-field",
        "spec.pod.metadata.nam",
        "there is no field `nam` in `spec.pod.metadata`; did you mean `name`?",
    ),
    (
        "{size: 1, queue: a, ports: [{port: 53}, {port: 53, protocol: TCP}]}",
        "duplicate",
        "spec.ports[1]",
        'two items of `ports` have `port` the number 53 and `protocol` "TCP"',
    ),
    ("[a]", "type", "spec", "`spec` is a list, a mapping is wanted"),
]


@pytest.mark.parametrize(("spec", "kind", "path", "message"), PROBLEMS, ids=[row[3] for row in PROBLEMS])
def test_problem(spec: str, kind: str, path: str, message: str) -> None:
    assert found(spec) == [(kind, path, message)]


@pytest.mark.parametrize("version", ["v1alpha1", "v2"])
def test_a_version_that_is_not_served(version: str) -> None:
    what = f"`example.com` has no `WorkQueue` of version `{version}`; its definition serves v1"
    assert found("{}", version=version) == [("kind", "apiVersion", what)]


@pytest.mark.parametrize(
    "definition",
    [
        # Of `v1beta1`, without a schema, and of another group.
        DEFINITION.replace("k8s.io/v1\n", "k8s.io/v1beta1\n"),
        DEFINITION[: DEFINITION.index("      schema:")],
        DEFINITION.replace("group: example.com", "group: example.org"),
    ],
    ids=["v1beta1", "no schema", "another group"],
)
def test_no_schema(definition: str) -> None:
    assert found("{anything: goes}", definition) is None


def test_unknown_fields_are_kept_where_the_definition_says_so() -> None:
    assert (
        found(
            "{size: 1, queue: a, b: 1}",
            DEFINITION.replace("  scope:", "  preserveUnknownFields: true\n  scope:"),
        )
        == []
    )


def test_one_of_several_definitions_is_enough() -> None:
    other = DEFINITION.replace("ratio:", "rate:")
    assert found("{size: 1, queue: a, rate: 1}", f"{DEFINITION}---\n{other}") == []
    both = found("{size: 1, queue: a, rate: x}", f"{DEFINITION}---\n{other}")
    assert [kind for kind, *_ in both or []] in (["type"], ["unknown-field"])


def test_a_pattern_that_re2_does_not_know_allows_anything() -> None:
    assert found("{size: 1, queue: abc}", DEFINITION.replace("^[a-z]+$", "(?=a)b")) == []


def test_a_pattern_cannot_hang_the_run() -> None:
    hostile = DEFINITION.replace("^[a-z]+$", "^(([a-z])+.)+[A-Z]([a-z])+$").replace(", maxLength: 5", "")
    ((kind, path, _),) = found(f"{{size: 1, queue: {'a' * 200}}}", hostile) or []
    assert (kind, path) == ("value", "spec.queue")


def test_of_several_definitions_the_one_that_knows_more_speaks() -> None:
    older = DEFINITION.replace("spec:\n              type: object", "spec:\n              type: string")
    assert older != DEFINITION
    for both in (f"{older}---\n{DEFINITION}", f"{DEFINITION}---\n{older}"):
        assert [path for _, path, _ in found("{size: 1, queue: a, moed: fair}", both) or []] == ["spec.moed"]


def test_a_folder_of_releases_gives_no_schema() -> None:
    assert found("{anything: goes}", "---\n".join([DEFINITION] * 21)) is None
    assert found("{anything: goes}", "---\n".join([DEFINITION] * 20)) != []
