"""ValidatingAdmissionPolicies as a pack: what is documented for clusters, held against files.

The first policies are those of https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ .
"""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from readiness.kubernetes.schemas.store import load
from readiness.policy.admission.admitted import Admission
from readiness.policy.admission.kinds import plurals, types_of
from readiness.policy.admission.model import Match, Rule
from readiness.policy.cel import evaluate
from readiness.sources.yaml_source import read
from readiness.values import Map, OpenMap, Unknown

DEMO = "vap-demo"
REPLICAS = "validations: [{expression: object.spec.replicas <= 5}]"
BINDING = "validationActions: [Deny]"


def policy(spec: str, name: str = "demo", resources: str = "apps/v1/deployments", metadata: str = "") -> str:
    """A policy for one resource, with the rest of its `spec` as YAML."""
    group, version, resource = resources.rsplit("/", 2)
    return f"""apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {name}
{textwrap.indent(textwrap.dedent(metadata), "  ")}
spec:
  matchConstraints:
    resourceRules:
      - apiGroups: ["{group}"]
        apiVersions: ["{version}"]
        operations: [CREATE, UPDATE]
        resources: ["{resource}"]
{textwrap.indent(textwrap.dedent(spec), "  ")}
"""


def binding(spec: str = BINDING, name: str = "demo-binding", of: str = "demo") -> str:
    return f"""apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {name}
spec:
  policyName: {of}
{textwrap.indent(textwrap.dedent(spec), "  ")}
"""


def deployment(
    spec: str = "replicas: 7", name: str = "web", namespace: str = "shop", pod: str = "", top: str = ""
) -> str:
    """A Deployment; `replicas` stands in line 7."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
spec:
{textwrap.indent(textwrap.dedent(spec), "  ")}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
{textwrap.indent(textwrap.dedent(pod), "      ")}
      containers:
        - name: web
          image: registry.example.com/web:1.2.3
{top}"""


def namespace(name: str = "shop", labels: str = "{}") -> str:
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {labels}}}\n"


def joined(*documents: str) -> str:
    return "---\n".join(documents)


def run(cli: Any, pack: str, objects: str, *args: str) -> Any:
    cli.write({"pack/policy.yaml": pack, "app/app.yaml": objects})
    return cli.run(
        "check",
        "--format",
        "json",
        "--policies",
        "pack",
        "--select",
        "vap-*",
        "app",
        "--unknown",
        "warn",
        *args,
    )


def told(result: Any) -> list[tuple[str, str, int]]:
    """Status, name of the object and line of the findings."""
    return [
        (f["status"], f["resource"]["address"].rpartition("/")[2], f["location"]["line"])
        for f in result.findings
    ]


def statuses(result: Any) -> list[str]:
    return [status for status, _, _ in told(result)]


def test_the_documented_example(cli: Any) -> None:
    pack = joined(
        policy("failurePolicy: Fail\n" + REPLICAS, "demo-policy.example.com"),
        binding(
            "validationActions: [Deny]\n"
            "matchResources: {namespaceSelector: {matchLabels: {environment: test}}}",
            "demo-binding-test.example.com",
            "demo-policy.example.com",
        ),
    )
    objects = joined(
        deployment(),
        deployment("replicas: 5", "small"),
        namespace("shop", "{environment: test}"),
        deployment(namespace="live", name="live"),
        namespace("live", "{environment: live}"),
    )
    result = run(cli, pack, objects)
    assert result.found() == [("vap-demo-policy-example-com", "Deployment/shop/web", "app/app.yaml", 7)]
    (finding,) = result.findings
    assert finding["message"] == (
        "failed expression: object.spec.replicas <= 5 "
        "(ValidatingAdmissionPolicy demo-policy.example.com, binding demo-binding-test.example.com)"
    )
    assert (finding["severity"], finding["control"]) == ("high", "sec-wrk-03")
    assert "`pack/policy.yaml`, line 4" in finding["remediation"]
    assert result.status == 1


LIMITS = """paramKind: {apiVersion: rules.example.com/v1, kind: ReplicaLimit}
validations:
  - expression: params != null
    message: params are missing
  - expression: object.spec.replicas <= params.maxReplicas
    messageExpression: "'at most ' + string(params.maxReplicas) + ' replicas'"
"""
LIMIT = """apiVersion: rules.example.com/v1
kind: ReplicaLimit
metadata: {{name: {name}, namespace: default}}
maxReplicas: {most}
"""
REFERENCE = """validationActions: [Deny]
paramRef: {{name: {name}, namespace: default, parameterNotFoundAction: {action}}}
matchResources:
  namespaceSelector:
    matchExpressions: [{{key: environment, operator: {operator}, values: [test]}}]
"""


def limited(name: str, operator: str, action: str = "Deny") -> str:
    return binding(REFERENCE.format(name=name, operator=operator, action=action), f"to-{name}")


@pytest.mark.parametrize("in_pack", [True, False])
def test_parameters_of_a_custom_kind_by_environment(cli: Any, in_pack: bool) -> None:
    limits = [LIMIT.format(name="test", most=3), LIMIT.format(name="live", most=100)]
    pack = [policy(LIMITS), limited("test", "In"), limited("live", "NotIn")]
    objects = [
        deployment(),
        deployment(name="live", namespace="live"),
        namespace("shop", "{environment: test}"),
        namespace("live", "{environment: live}"),
    ]
    (pack if in_pack else objects).extend(limits)
    result = run(cli, joined(*pack), joined(*objects))
    assert told(result) == [("fail", "web", 7)]
    message = result.findings[0]["message"]
    assert message == "at most 3 replicas (ValidatingAdmissionPolicy demo, binding to-test)"


@pytest.mark.parametrize(
    ("action", "limits", "wanted"),
    [
        ("Deny", [LIMIT.format(name="other", most=1)], ["fail"]),
        ("Allow", [LIMIT.format(name="other", most=1)], []),
        ("Deny", [], ["unknown"]),  # none of the kind is kept here: it is somewhere else
        ("Allow", [], ["unknown"]),
    ],
)
def test_a_parameter_that_is_not_there(cli: Any, action: str, limits: list[str], wanted: list[str]) -> None:
    pack = joined(policy(LIMITS), limited("test", "In", action), *limits)
    result = run(cli, pack, joined(deployment(), namespace("shop", "{environment: test}")))
    assert statuses(result) == wanted


CONFIGURED = """paramKind: {apiVersion: v1, kind: ConfigMap}
validations:
  - expression: "object.spec.replicas <= int(params.data.most)"
    message: too many
"""


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("{name: limits, parameterNotFoundAction: Deny}", ["web"]),  # that of the namespace of the object
        ("{name: limits, namespace: tight, parameterNotFoundAction: Deny}", ["small", "web"]),
        (
            "{selector: {matchLabels: {kind: limit}}, namespace: tight, parameterNotFoundAction: Deny}",
            ["small", "web"],
        ),
        ("{selector: {matchLabels: {kind: none}}, parameterNotFoundAction: Allow}", []),
    ],
)
def test_config_maps_as_parameters(cli: Any, reference: str, wanted: list[str]) -> None:
    pack = joined(policy(CONFIGURED), binding(f"validationActions: [Deny]\nparamRef: {reference}"))
    maps = [
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: limits, namespace: {space}, "
        f"labels: {{kind: limit}}}}\ndata: {{most: '{most}'}}\n"
        for space, most in (("shop", 5), ("tight", 1))
    ]
    result = run(cli, pack, joined(deployment(), deployment("replicas: 2", "small"), *maps))
    assert sorted(name for _, name, _ in told(result)) == wanted


VALID = "validations: [{{expression: {expression!r}, message: wrong}}]"


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        # What the API server fills in.
        ("object.spec.progressDeadlineSeconds == 600", []),
        ("object.spec.strategy.rollingUpdate.maxSurge == '25%'", []),
        ("object.spec.template.spec.restartPolicy == 'Always'", []),
        ("has(object.spec.template.spec.securityContext)", []),
        ("has(object.spec.template.spec.containers[0].resources)", []),
        ("object.spec.template.spec.containers.all(c, c.imagePullPolicy == 'IfNotPresent')", []),
        ("!has(object.spec.template.spec.hostNetwork)", []),
        ("!has(object.spec.template.spec.containers[0].securityContext)", []),
        # What is not there is an error without `has`, and the object is refused.
        ("object.spec.template.spec.containers[0].securityContext.privileged == false", ["fail"]),
        ("!has(object.metadata.labels) || object.metadata.labels['app'] == 'x'", []),
        # What only the cluster knows.
        ("object.metadata.uid != ''", ["unknown"]),
        ("request.userInfo.username != 'admin'", ["unknown"]),
        ("authorizer.group('apps').resource('deployments').check('create').allowed()", ["unknown"]),
        ("authorizer.requestResource.check('create').allowed() || object.spec.replicas > 0", []),
        # The request.
        ("oldObject == null && request.operation == 'CREATE' && !request.dryRun", []),
        ("request.kind.kind == 'Deployment' && request.resource.resource == 'deployments'", []),
        ("request.namespace == 'shop' && request.name == 'web'", []),
        ("namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'shop'", []),
        ("namespaceObject.metadata.name == object.metadata.__namespace__", []),
        ("object.metadata.namespace == 'live'", ["fail"]),
        # It has to be one or the other.
        ("object.spec.replicas", ["fail"]),
        # The libraries of Kubernetes.
        ("quantity('1Gi').isGreaterThan(quantity('1M'))", []),
        ("object.spec.template.spec.containers.all(c, c.image.find('^[^/]+') == 'registry.example.com')", []),
    ],
)
def test_expressions(cli: Any, expression: str, wanted: list[str]) -> None:
    pack = joined(policy(VALID.format(expression=expression)), binding())
    result = run(cli, pack, joined(deployment(pod="hostNetwork: false"), namespace()))
    assert statuses(result) == wanted, result.out
    assert result.err == ""


@pytest.mark.parametrize(
    ("failure", "wanted", "skipped"), [("failurePolicy: Fail", ["fail"], 0), ("failurePolicy: Ignore", [], 1)]
)
def test_the_failure_policy_decides_on_errors(
    cli: Any, failure: str, wanted: list[str], skipped: int
) -> None:
    spec = f"{failure}\nvalidations: [{{expression: object.spec.paused == true, message: never}}]"
    result = run(cli, joined(policy(spec), binding()), deployment())
    assert statuses(result) == wanted
    assert result.report["summary"]["checks"]["skipped"] == skipped
    if wanted:
        assert result.findings[0]["message"] == (
            "`object.spec.paused == true` cannot be evaluated: no such key: paused; by its failurePolicy Fail "
            "the object is refused (ValidatingAdmissionPolicy demo, binding demo-binding)"
        )


def test_variables_are_composed_and_lead_to_the_field(cli: Any) -> None:
    spec = """
    variables:
      - {name: live, expression: "'live' in namespaceObject.metadata.labels"}
      - {name: count, expression: object.spec.replicas}
      - {name: broken, expression: object.spec.nothing.here}
      - {name: few, expression: "variables.live && variables.count < 10"}
    validations:
      - {expression: "!variables.few", message: too few}
      - {expression: "variables.count != 7", message: seven}
    """
    result = run(
        cli, joined(policy(spec), binding()), joined(deployment(), namespace("shop", "{live: 'yes'}"))
    )
    found = {(f["message"].partition(" (")[0], f["location"]["line"]) for f in result.findings}
    assert found == {("seven", 7), ("too few", 7)}


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ("[{name: a, expression: 'object.metadata.name != \"web\"'}]", []),
        ("[{name: a, expression: 'true'}]", ["fail"]),
        ("[{name: a, expression: object.spec.none}]", ["fail"]),
        ("[{name: a, expression: object.spec.none}, {name: b, expression: 'false'}]", []),
        ("[{name: a, expression: request.userInfo.username == 'x'}]", ["unknown"]),
    ],
)
def test_match_conditions(cli: Any, conditions: str, wanted: list[str]) -> None:
    pack = joined(policy(f"matchConditions: {conditions}\n{REPLICAS}"), binding())
    assert statuses(run(cli, pack, deployment())) == wanted


@pytest.mark.parametrize(
    ("match", "wanted"),
    [
        ("objectSelector: {matchLabels: {team: a}}", []),
        ("objectSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}", ["fail"]),
        ("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}", ["fail"]),
        ("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: live}}", []),
        ("namespaceSelector: {matchLabels: {environment: live}}", ["unknown"]),
        (
            "excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]",
            [],
        ),
        ("resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods]}]", []),
        (
            "resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: ['*'], "
            "resourceNames: [web]}]",
            ["fail"],
        ),
        (
            "resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: ['*']}]",
            [],
        ),
        (
            "resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: ['*'], "
            "scope: Cluster}]",
            [],
        ),
        (
            "resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: ['*'], "
            "resources: [deployments/scale]}]",
            [],
        ),
    ],
)
def test_what_a_binding_looks_at(cli: Any, match: str, wanted: list[str]) -> None:
    pack = joined(policy(REPLICAS), binding(f"validationActions: [Deny]\nmatchResources: {{{match}}}"))
    assert statuses(run(cli, pack, deployment())) == wanted


@pytest.mark.parametrize(("match_policy", "wanted"), [("Equivalent", ["unknown"]), ("Exact", [])])
def test_another_version_of_the_same_kind(cli: Any, match_policy: str, wanted: list[str]) -> None:
    spec = "validations: [{expression: object.spec.maxReplicas < 5}]"
    text = policy(spec, resources="autoscaling/v2/horizontalpodautoscalers")
    text = text.replace("  matchConstraints:\n", f"  matchConstraints:\n    matchPolicy: {match_policy}\n")
    scaler = (
        "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
        "spec: {maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: web}}\n"
    )
    assert statuses(run(cli, joined(text, binding()), scaler)) == wanted


@pytest.mark.parametrize(
    ("actions", "metadata", "severity"),
    [
        ("[Deny, Audit]", "", "high"),
        ("[Warn]", "", "medium"),
        ("[Audit]", "", "info"),
        (
            "[Audit]",
            "annotations: {readiness.dev/severity: critical, readiness.dev/control: gov-01}",
            "critical",
        ),
    ],
)
def test_actions_and_severities(cli: Any, actions: str, metadata: str, severity: str) -> None:
    pack = joined(policy(REPLICAS, metadata=metadata), binding(f"validationActions: {actions}"))
    result = run(cli, pack, deployment())
    assert [f["severity"] for f in result.findings] == [severity]
    assert result.findings[0]["control"] == ("gov-01" if metadata else "sec-wrk-03")


def test_each_binding_has_its_severity_and_the_gravest_is_told(cli: Any) -> None:
    pack = joined(
        policy(REPLICAS),
        binding("validationActions: [Audit]", "all"),
        binding(
            "validationActions: [Deny]\nmatchResources: {objectSelector: {matchLabels: {team: a}}}", "some"
        ),
    )
    own = deployment(name="own").replace("  namespace: shop\n", "  namespace: shop\n  labels: {team: a}\n")
    result = run(cli, pack, joined(deployment(), own))
    severities = {f["resource"]["address"].rpartition("/")[2]: f["severity"] for f in result.findings}
    assert severities == {"web": "info", "own": "high"}


def test_settings_have_the_last_word(cli: Any) -> None:
    cli.write({"readiness.yaml": "policies: {vap-demo: {severity: low}}\n"})
    result = run(cli, joined(policy(REPLICAS), binding()), deployment())
    assert [(f["policy"], f["severity"]) for f in result.findings] == [(DEMO, "low")]


CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties: {size: {type: integer, default: 9}, color: {type: string}}
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: web, namespace: shop}\nspec: {}\n"


@pytest.mark.parametrize(
    ("definition", "expression", "wanted"),
    [
        (CRD, "object.spec.size < 5", ["fail"]),
        (CRD, "!has(object.spec.color)", []),
        ("", "object.spec.size < 5", ["unknown"]),
        ("", "!has(object.spec.color)", ["unknown"]),
        ("", "'color' in object.spec", ["unknown"]),
        ("", "object.metadata.name == 'other'", ["fail"]),
    ],
)
def test_custom_kinds_have_the_defaults_of_their_definition(
    cli: Any, definition: str, expression: str, wanted: list[str]
) -> None:
    pack = joined(policy(VALID.format(expression=expression), resources="example.com/v1/widgets"), binding())
    objects = joined(WIDGET, definition) if definition else WIDGET
    assert statuses(run(cli, pack, objects)) == wanted


def test_objects_that_terraform_declares(cli: Any) -> None:
    pack = joined(policy(REPLICAS), binding())
    module = """variable "count_of" {}
resource "kubernetes_deployment_v1" "a" {
  metadata {
    name      = "a"
    namespace = "shop"
  }
  spec {
    replicas = %s
    template {
      metadata {}
      spec {
        container {
          name  = "a"
          image = "a"
        }
      }
    }
  }
}
"""
    cli.write({"pack/policy.yaml": pack})
    args = ("check", "--format", "json", "--policies", "pack", "--select", "vap-*", "tf")
    cli.write({"tf/main.tf": module % "var.count_of"})
    assert statuses(cli.run(*args)) == ["unknown"]
    cli.write({"tf/main.tf": module % "9"})
    result = cli.run(*args)
    assert [(s, line) for s, _, line in told(result)] == [("fail", 8)]


def test_policies_are_listed_and_explained(cli: Any) -> None:
    spec = "validations: [{expression: object.spec.replicas <= 5, message: At most five replicas}]"
    cli.write({"pack/policy.yaml": joined(policy(spec), binding())})
    listed = cli.run("policies", "list", "--policies", "pack", "--select", "vap-*")
    assert listed.out.splitlines()[0] == "vap-demo  high      sec-wrk-03  At most five replicas"
    explained = cli.run("explain", "--policies", "pack", "vap-demo").out
    assert "object.spec.replicas <= 5" in explained
    assert "pack/policy.yaml" in explained
    assert cli.run("policies", "test", "pack").out == "1 policy: all proven\n"


def test_policies_of_the_checked_repository_are_objects(cli: Any) -> None:
    cli.write({"app/policy.yaml": joined(policy(REPLICAS), binding()), "app/app.yaml": deployment()})
    result = cli.run("check", "--format", "json", "app")
    assert [f for f in result.findings if f["policy"].startswith("vap-")] == []


def test_what_is_left_out_is_said(cli: Any) -> None:
    mutating = policy("variables: []", "change").replace("Validating", "Mutating")
    pack = joined(
        policy(REPLICAS),
        policy(REPLICAS, "unbound"),
        binding(),
        binding("validationActions: [Deny]", "lost", "gone"),
        mutating,
    )
    result = run(cli, pack, deployment())
    notices = [(n["path"], n["message"]) for n in result.report["notices"] if n["path"].startswith("pack/")]
    assert sorted(message for _, message in notices) == [
        "a MutatingAdmissionPolicy is not evaluated: it changes objects",
        "the ValidatingAdmissionPolicy 'unbound' has no binding in this pack: nothing is held against it",
        "the binding 'lost' is of the policy 'gone', which is not in this pack",
    ]
    assert [f["policy"] for f in result.findings] == [DEMO]
    again = run(cli, pack, deployment())  # from the cache
    assert again.out == result.out


def wrong(spec: str, old: str = "", new: str = "") -> str:
    return joined(policy(spec), binding()).replace(old, new) if old else joined(policy(spec), binding())


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (
            wrong("validations:\n  - expression: object.spec.replicas <= \n"),
            "pack/policy.yaml:14:42: validations[0]: expected an operand",
        ),
        (
            wrong(
                "validations:\n  - expression: |\n      object.spec.replicas <= 5 &&\n      objct.spec.paused"
            ),
            "pack/policy.yaml:16:9: validations[0]: unknown name `objct`; did you mean `object`?",
        ),
        (
            wrong("validations:\n  - expression: 'params.x == 1'"),
            "pack/policy.yaml:14:20: validations[0]: unknown name `params`",
        ),
        (
            wrong("validations:\n  - expression: object.spec.replicas.toInt() == 1"),
            "unknown method `toInt`",
        ),
        (
            wrong(
                "variables: [{name: first, expression: variables.second}, {name: second, expression: '1'}]\n"
                + REPLICAS
            ),
            "variables[0]: the policy has no variable `second` here; none stands before this",
        ),
        (
            wrong(REPLICAS, "matchConstraints", "matchConstraint"),
            "spec has no field 'matchConstraint'; did you mean",
        ),
        (wrong(REPLICAS, "[Deny]", "[Refuse]"), "must be one of Deny, Warn, Audit, not 'Refuse'"),
        (wrong(REPLICAS, "[Deny]", "[Deny, Warn]"), "Deny and Warn exclude each other"),
        (
            wrong(REPLICAS, "k8s.io/v1\n", "k8s.io/v2\n"),
            "has one of the versions admissionregistration.k8s.io/v1,",
        ),
        (
            wrong("failurePolicy: Never\n" + REPLICAS),
            "spec.failurePolicy must be one of Fail, Ignore, not 'Never'",
        ),
        (wrong("failurePolicy: Fail"), "spec.validations is missing"),
        (binding(), "the binding is of the policy 'demo', which is not in this pack"),
        (deployment(), "this is neither a policy nor a ValidatingAdmissionPolicy: Deployment"),
        (policy("variables: []").replace("Validating", "Mutating"), "changes objects and checks nothing"),
        (joined(policy(REPLICAS), policy(REPLICAS)), "the id 'vap-demo' is taken by pack/policy.yaml:4"),
        (
            joined(policy(REPLICAS, metadata="annotations: {readiness.dev/control: sec-wrk-99}")),
            "did you mean 'sec-wrk-0",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(cli: Any, pack: str, message: str) -> None:
    result = run(cli, pack, deployment())
    assert result.status == 2
    assert message in result.err
    assert result.err.startswith("error: pack/policy.yaml:")


@pytest.mark.parametrize(
    ("kind", "spec", "wanted"),
    [
        ("v1 Pod", "{containers: [{name: a, image: b, resources: {limits: {cpu: 0.5}}}]}", {
            "serviceAccountName": "default",
            "enableServiceLinks": True,
            "containers.0.resources.limits.cpu": "500m",
            "containers.0.resources.requests.cpu": "500m",
            "containers.0.imagePullPolicy": "Always",
            "priority": Unknown,
        }),
        ("v1 Service", "{type: LoadBalancer, ports: [{port: 80}]}", {
            "ports.0.targetPort": 80,
            "ports.0.nodePort": Unknown,
            "clusterIP": Unknown,
            "allocateLoadBalancerNodePorts": True,
        }),
        ("v1 Service", "{type: ExternalName}", {"clusterIP": None, "sessionAffinity": "None"}),
        ("batch/v1 Job", "{completions: 3, template: {spec: {}}}", {
            "completions": 3,
            "parallelism": 1,
            "backoffLimit": 6,
            "template.spec.dnsPolicy": "ClusterFirst",
            "template.metadata.uid": None,
        }),
        ("batch/v1 CronJob", "{jobTemplate: {spec: {template: {}}}}", {
            "concurrencyPolicy": "Allow",
            "jobTemplate.spec.backoffLimit": None,  # no Job yet
        }),
        ("apps/v1 StatefulSet", "{volumeClaimTemplates: [{spec: {resources: {requests: {storage: 1024Mi}}}}]}", {
            "updateStrategy.rollingUpdate.partition": 0,
            "volumeClaimTemplates.0.spec.resources.requests.storage": "1Gi",
            "volumeClaimTemplates.0.spec.storageClassName": Unknown,
        }),
        ("apps/v1 DaemonSet", "{updateStrategy: {type: OnDelete}, replicas: null}", {
            "updateStrategy.rollingUpdate": None,
            "replicas": None,
        }),
        ("networking.k8s.io/v1 NetworkPolicy", "{egress: [{}]}", {"policyTypes": ["Ingress", "Egress"]}),
    ],
)  # fmt: skip
def test_what_the_server_fills_in(kind: str, spec: str, wanted: dict[str, Any]) -> None:
    api_version, _, name = kind.partition(" ")
    text = f"apiVersion: {api_version}\nkind: {name}\nmetadata: {{name: a}}\nspec: {spec}\n"
    body = read("a.yaml", text).documents[0].root
    admitted = Admission(load(34), {}).admitted(body)
    assert isinstance(admitted["metadata"]["uid"], Unknown)
    for path, value in wanted.items():
        found: Any = admitted["spec"]
        for key in path.split("."):
            found = found[int(key)] if isinstance(found, list) else (found or {}).get(key)
        assert isinstance(found, Unknown) if value is Unknown else found == value, path


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("Deployment", {"deployments"}),
        ("Ingress", {"ingresses"}),
        ("NetworkPolicy", {"networkpolicies"}),
        ("Endpoints", {"endpoints"}),
        ("Gateway", {"gateways", "gatewaies"}),
    ],
)
def test_names_of_resources(kind: str, names: set[str]) -> None:
    assert plurals(kind) == names


@pytest.mark.parametrize(
    ("rules", "types"),
    [
        (
            [Rule(["apps"], ["v1"], ["deployments", "statefulsets/scale"], ["*"])],
            ("Deployment", "StatefulSet"),
        ),
        ([Rule(["extensions"], ["*"], ["ingresses"], ["*"])], ("Ingress",)),
        ([Rule(["*"], ["v1"], ["deployments"], ["*"])], ("*",)),
        ([Rule(["example.com"], ["v1"], ["widgets"], ["*"])], ("*",)),
    ],
)
def test_types_that_rules_mean(rules: list[Rule], types: tuple[str, ...]) -> None:
    assert types_of(Match(rules=rules)) == types


def test_a_namespace_is_its_own_namespace_in_the_request(cli: Any) -> None:
    spec = (
        "validations: [{expression: request.namespace == 'shop' && namespaceObject == null, message: wrong}]"
    )
    result = run(cli, joined(policy(spec, resources="/v1/namespaces"), binding()), namespace())
    assert (statuses(result), result.report["summary"]["checks"]["evaluated"]) == ([], 1)


def test_the_lock_tells_a_binding_that_changed_from_one_that_moved(cli: Any) -> None:
    pack = joined(policy(REPLICAS), binding())
    cli.write({"pack/policy.yaml": pack, "app/app.yaml": deployment()})
    assert cli.run("policies", "lock", "--policies", "pack").status == 0
    cli.write({"pack/policy.yaml": "# moved\n" + pack})
    assert "changed: 1" not in cli.run("policies", "diff", "--policies", "pack", "app").out
    cli.write({"pack/policy.yaml": pack + "  matchResources: {objectSelector: {matchLabels: {a: b}}}\n"})
    assert "changed: 1\n    vap-demo" in cli.run("policies", "diff", "--policies", "pack", "app").out


def test_one_file_may_be_the_pack(cli: Any) -> None:
    cli.write({"policy.yml": joined(policy(REPLICAS), binding()), "app/app.yaml": deployment()})
    result = cli.run("check", "-f", "json", "--policies", "policy.yml", "--select", "vap-*", "app")
    assert [name for _, name, _ in told(result)] == ["web"]


def test_policies_of_both_kinds_stand_in_one_pack(cli: Any) -> None:
    own = """id: acme-two-replicas
title: Deployments have two replicas
control: bck-01
severity: low
resources: [Deployment]
assert: object.spec.replicas == 2
message: "{address} has not two replicas"
remediation: Write two replicas, so that one may go.
examples:
  fail: ["apiVersion: v1"]
  pass: ["apiVersion: v1"]
"""
    cli.write({"pack/acme-two-replicas.yaml": own})
    cli.write({"pack/policy.yaml": joined(policy(REPLICAS), binding()), "app/app.yaml": deployment()})
    result = cli.run("check", "-f", "json", "--policies", "pack", "--select", "acme-*,vap-*", "app")
    assert result.err == ""
    assert sorted(f["policy"] for f in result.findings) == ["acme-two-replicas", DEMO]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("has(object.maybe)", Unknown),  # it may turn out to be null
        ("has(object.sure)", True),
        ("has(object.none)", False),
        ("'maybe' in object", True),
        ("has(open.none)", Unknown),
        ("'none' in open", Unknown),
        ("'written' in open && has(open.written)", True),
        ("open.none == 1 || open.written == 1", True),
        ("open.all(k, k == 'written')", True),
    ],
)
def test_what_may_be_there_is_unknown(expression: str, wanted: Any) -> None:
    opened = OpenMap({"written": 1}, rest=Unknown("its definition is not here"))
    body = Map({"maybe": Unknown("a"), "sure": Unknown("b", not_null=True)})
    value = evaluate(expression, {"object": body, "open": opened})
    assert isinstance(value, Unknown) if wanted is Unknown else value is wanted
