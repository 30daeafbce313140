"""Objects in `kubernetes_manifest` and `kubectl_manifest`: as HCL, as YAML text, with unknowns, in modules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.api import Settings, check
from readiness.values import Unknown

Declare = Callable[..., Any]


def test_manifest_as_hcl_keeps_its_spans(declare: Declare) -> None:
    found = declare(
        'resource "kubernetes_manifest" "x" {\n'
        "  manifest = {\n"
        '    apiVersion = "v1"\n'
        '    kind       = "ConfigMap"\n'
        '    metadata   = { name = "x", namespace = "n" }\n'
        "    data = {\n"
        '      a_b = "c"\n'
        "    }\n"
        "  }\n"
        "}\n"
    )
    assert found.errors == []
    assert found.addresses == ["ConfigMap/n/x"]
    resource = found["ConfigMap/n/x"]
    assert resource.body["data"].span_of("a_b") == ("main.tf", 7, 7, 7, 16)
    assert resource.header.line == 1


def test_manifest_from_elsewhere_points_to_the_argument(declare: Declare) -> None:
    found = declare(
        {
            "locals.tf": 'locals {\n  m = {\n    apiVersion = "v1"\n    kind = "ConfigMap"\n'
            '    metadata = { name = "x" }\n    data = { a = "b" }\n  }\n}\n',
            "main.tf": '\n\nresource "kubernetes_manifest" "x" {\n  manifest = local.m\n}\n',
        }
    )
    data = found["ConfigMap/x"].body["data"]
    assert (data.span_of("a").path, data.span_of("a").line) == ("main.tf", 4)


def test_decoded_yaml(declare: Declare) -> None:
    found = declare(
        'resource "kubernetes_manifest" "x" {\n'
        '  manifest = yamldecode("apiVersion: v1\\nkind: Secret\\nmetadata: {name: s}\\n")\n}\n'
    )
    assert found.body("Secret/s") == {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}


@pytest.mark.parametrize(
    "manifest", ["var.x", '{ apiVersion = "v1", kind = var.x }', '"text"', '{ kind = "Pod" }', "null"]
)
def test_what_is_no_known_object_is_none(manifest: str, declare: Declare) -> None:
    found = declare(
        f'variable "x" {{}}\nresource "kubernetes_manifest" "x" {{\n  manifest = {manifest}\n}}\n'
    )
    assert found.addresses == []
    assert found.errors == []


HEREDOC = """\
variable "tag" {}

resource "kubectl_manifest" "x" {
  yaml_body = <<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: ${local.name}
      namespace: shop
    spec:
      replicas: ${var.tag}
      template:
        spec:
          containers:
            - name: web
              image: "nginx:${var.tag}"
              imagePullPolicy: Always
  YAML
}

locals {
  name = "web"
}
"""


def test_heredoc_keeps_its_lines_and_what_is_known(declare: Declare) -> None:
    found = declare(HEREDOC)
    assert found.errors == []
    assert found.addresses == ["Deployment/shop/web"]
    resource = found["Deployment/shop/web"]
    spec = resource.body["spec"]
    assert isinstance(spec["replicas"], Unknown)
    assert spec["replicas"].refs == ("var.tag",)
    assert spec.span_of("replicas")[:3] == ("main.tf", 11, 7)
    container = resource.workload.containers[0]
    assert container["image"].prefix == "nginx:"
    assert container["imagePullPolicy"] == "Always"
    assert container.span_of("imagePullPolicy")[:3] == ("main.tf", 17, 15)
    assert container.span_of("image").line == 16


def test_lines_after_a_value_of_several_lines(declare: Declare) -> None:
    found = declare(
        'resource "kubectl_manifest" "x" {\n'
        "  yaml_body = <<YAML\n"
        "apiVersion: v1\n"
        "kind: ConfigMap\n"
        "metadata: {name: x}\n"
        "data:\n"
        "  a: ${jsonencode([\n"
        "    1,\n"
        "  ])}\n"
        '  b: "${"one\\n\\ntwo"}"\n'
        "  c: d\n"
        "YAML\n"
        "}\n"
    )
    assert found.errors == []
    data = found["ConfigMap/x"].body["data"]
    assert [data.span_of(key).line for key in "abc"] == [7, 10, 11]


def test_text_in_a_local(declare: Declare) -> None:
    found = declare(
        'variable "v" {}\nlocals {\n  text = <<YAML\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'
        'data: {a: b, v: "${var.v}"}\nYAML\n}\n'
        'resource "kubectl_manifest" "x" {\n  yaml_body = local.text\n}\n'
    )
    assert found.body("ConfigMap/x")["data"] == {"a": "b", "v": "?var.v"}
    assert found["ConfigMap/x"].body["data"].span_of("a").line == 11


def test_unknown_key_makes_its_mapping_unknown(declare: Declare) -> None:
    found = declare(
        'variable "k" {}\nresource "kubectl_manifest" "x" {\n  yaml_body = <<YAML\napiVersion: v1\n'
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  ${var.k}: b\nYAML\n}\n"
    )
    assert found.body("ConfigMap/x")["data"] == "?var.k"


def test_encoded_yaml_keeps_its_structure(declare: Declare) -> None:
    found = declare(
        'variable "v" {}\nresource "kubectl_manifest" "x" {\n  yaml_body = yamlencode({\n    apiVersion = "v1"\n'
        '    kind = "ConfigMap"\n    metadata = { name = "x" }\n    data = { a = "b", v = var.v }\n  })\n}\n'
    )
    assert found.body("ConfigMap/x")["data"] == {"a": "b", "v": "?var.v"}
    assert found["ConfigMap/x"].body["data"].span_of("a").line == 7


def test_only_the_first_document_is_applied(declare: Declare) -> None:
    found = declare(
        'resource "kubectl_manifest" "x" {\n  yaml_body = <<YAML\n---\napiVersion: v1\nkind: ConfigMap\n'
        "metadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\nYAML\n}\n"
    )
    assert found.addresses == ["ConfigMap/a"]
    assert [(error.path, error.line, error.message) for error in found.errors] == [
        (
            "main.tf",
            8,
            "the `yaml_body` of kubectl_manifest.x holds 2 documents, of which kubectl_manifest applies the "
            "first and no other",
        )
    ]


def test_broken_yaml_is_an_error_at_its_line(declare: Declare) -> None:
    found = declare(
        'resource "kubectl_manifest" "x" {\n  yaml_body = <<YAML\napiVersion: v1\nkind: ConfigMap\n'
        "metadata: {name: x\nYAML\n}\n"
    )
    assert found.addresses == []
    assert [(error.path, error.line >= 5) for error in found.errors] == [("main.tf", True)]


def test_override_namespace(declare: Declare) -> None:
    found = declare(
        'resource "kubectl_manifest" "x" {\n  override_namespace = "o"\n  yaml_body = <<YAML\napiVersion: v1\n'
        "kind: ConfigMap\nmetadata: {name: x, namespace: n}\nYAML\n}\n"
    )
    assert found.addresses == ["ConfigMap/o/x"]
    assert found["ConfigMap/o/x"].body["metadata"].span_of("namespace").line == 2


MAP = 'resource "kubernetes_config_map_v1" "x" {\n  %s\n  metadata {\n    name = %s\n    namespace = %s\n  }\n}\n'


@pytest.mark.parametrize(
    ("meta", "name", "namespace", "addresses"),
    [
        ("", "var.u", '"n"', ["ConfigMap/n/kubernetes_config_map_v1.x"]),
        ("count = 2", "var.u", '"n"', [f"ConfigMap/n/kubernetes_config_map_v1.x[{i}]" for i in (0, 1)]),
        ('for_each = toset(["a", "b"])', "each.key", '"n"', ["ConfigMap/n/a", "ConfigMap/n/b"]),
        ('for_each = toset(["a", "b"])', '"x"', "each.key", ["ConfigMap/a/x", "ConfigMap/b/x"]),
        ("", '"x"', "var.u", ["ConfigMap/(var.u)/x"]),
        ("", '"x"', '"${var.u}-shop"', ["ConfigMap/(var.u)-shop/x"]),
        ("count = 0", '"x"', '"n"', []),
    ],
)
def test_addresses(meta: str, name: str, namespace: str, addresses: list[str], declare: Declare) -> None:
    found = declare('variable "u" {}\n' + MAP % (meta, name, namespace))
    assert found.errors == []
    assert found.addresses == addresses


def test_generated_names_end_in_an_asterisk(declare: Declare) -> None:
    found = declare('resource "kubernetes_secret_v1" "x" {\n  metadata {\n    generate_name = "a-"\n  }\n}\n')
    assert found.addresses == ["Secret/default/a-*"]


def test_no_name_at_all(declare: Declare) -> None:
    found = declare('resource "kubernetes_secret_v1" "x" {\n  metadata {}\n}\n')
    assert found.addresses == ["Secret/default/kubernetes_secret_v1.x"]


def test_unknown_count_may_be_none(declare: Declare) -> None:
    found = declare('variable "u" {}\n' + MAP % ("count = var.u", '"x"', '"n"'))
    assert [resource.maybe for resource in found.objects] == [True]


def test_modules(declare: Declare) -> None:
    found = declare(
        {
            "main.tf": 'module "app" {\n  source   = "./app"\n  for_each = toset(["a", "b"])\n  name = each.key\n}\n',
            "app/main.tf": 'variable "name" {}\n' + MAP % ("", "var.name", '"n"'),
        }
    )
    assert [(resource.address, resource.module, resource.root) for resource in found.objects] == [
        ("ConfigMap/n/a", 'module.app["a"]', "."),
        ("ConfigMap/n/b", 'module.app["b"]', "."),
    ]
    assert {resource.header.path for resource in found.objects} == {"app/main.tf"}


DYNAMIC = """\
variable "u" {}

resource "kubernetes_pod_v1" "p" {
  metadata {
    name = "p"
  }
  spec {
    container {
      name  = "c"
      image = "i"
      dynamic "env" {
        for_each = { A = "1" }
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = var.u
        content {
          name = env.key
        }
      }
      dynamic "security_context" {
        for_each = var.u
        content {
          privileged = true
        }
      }
      liveness_probe {
        tcp_socket {
          port = var.u
        }
      }
      args = [var.u, "b"]
    }
    dynamic "container" {
      for_each = var.u
      content {
        name = container.value
      }
    }
  }
}
"""


def test_unknown_blocks_are_unknown_in_place(declare: Declare) -> None:
    found = declare(DYNAMIC)
    assert found.errors == []
    assert found.body("Pod/default/p")["spec"]["containers"] == [
        {
            "name": "c",
            "image": "i",
            "env": [{"name": "A", "value": "1"}, "?var.u"],
            "securityContext": "?var.u",
            "livenessProbe": {"tcpSocket": {"port": "?var.u"}},
            "args": ["?var.u", "b"],
        },
        "?var.u",
    ]


def test_sources_of_values_are_explained(declare: Declare) -> None:
    from readiness.terraform.provenance import explain

    found = declare(
        'variable "n" {\n  default = 1\n}\nresource "kubernetes_deployment_v1" "d" {\n  metadata {\n    name = "d"\n'
        "  }\n  spec {\n    min_ready_seconds = var.n\n  }\n}\n"
    )
    spec = found["Deployment/default/d"].body["spec"]
    assert [(what, span.line) for what, span in explain(spec, "minReadySeconds")] == [
        ("default of variable n", 2)
    ]


def test_json_keeps_the_keys_of_maps(declare: Declare) -> None:
    import json

    pod = {
        "metadata": {"name": "p", "labels": {"a_b": "c"}},
        "spec": {
            "node_selector": {"a_b": "c"},
            "container": {"image_pull_policy": "Always", "resources": {"limits": {"a_b": 1}}},
        },
    }
    service = {"metadata": {"name": "s"}, "spec": {"selector": {"a_b": "c"}, "port": [{"target_port": "1"}]}}
    found = declare(
        {
            "main.tf.json": json.dumps(
                {"resource": {"kubernetes_pod_v1": {"p": pod}, "kubernetes_service_v1": {"s": service}}}
            )
        }
    )
    assert found.errors == []
    body = found.body("Pod/default/p")
    assert body["metadata"]["labels"] == body["spec"]["nodeSelector"] == {"a_b": "c"}
    assert body["spec"]["containers"] == [
        {"imagePullPolicy": "Always", "resources": {"limits": {"a_b": "1"}}}
    ]
    assert found.body("Service/default/s")["spec"] == {"selector": {"a_b": "c"}, "ports": [{"targetPort": 1}]}


UNKNOWN = """\
variable "u" {}

locals {
  objects = {
    deployment = {
      apiVersion = "apps/v1", kind = "Deployment", metadata = { name = "a", labels = var.u }
      spec = {
        replicas = var.u
        selector = { matchLabels = var.u, matchExpressions = [{ key = "k", operator = var.u, values = var.u }] }
        template = { metadata = { labels = var.u, annotations = var.u }, spec = {
          serviceAccountName = var.u, containers = [{ name = "c", image = var.u, env = var.u }], volumes = var.u
          imagePullSecrets   = var.u, priorityClassName = var.u
        } }
      }
    }
    whole   = { apiVersion = "apps/v1", kind = "Deployment", metadata = var.u, spec = var.u }
    service = { apiVersion = "v1", kind = "Service", metadata = { name = "s" }, spec = { selector = var.u } }
    policy  = {
      apiVersion = "networking.k8s.io/v1", kind = "NetworkPolicy", metadata = { name = "p" }
      spec = { podSelector = { matchLabels = var.u, matchExpressions = var.u } }
    }
    budget = {
      apiVersion = "policy/v1", kind = "PodDisruptionBudget", metadata = { name = "b", namespace = var.u }
      spec = { selector = { matchExpressions = [var.u] } }
    }
    scaler = {
      apiVersion = "autoscaling/v2", kind = "HorizontalPodAutoscaler", metadata = { name = "h" }
      spec = { scaleTargetRef = { kind = var.u, name = var.u, apiVersion = var.u } }
    }
    other = {
      apiVersion = "autoscaling/v2", kind = "HorizontalPodAutoscaler", metadata = { name = "i" }
      spec = { scaleTargetRef = var.u }
    }
    binding = {
      apiVersion = "rbac.authorization.k8s.io/v1", kind = "RoleBinding", metadata = { name = "r" }
      roleRef = { kind = var.u, name = var.u }, subjects = [{ kind = var.u, name = var.u, namespace = var.u }]
    }
    ingress = {
      apiVersion = "networking.k8s.io/v1", kind = "Ingress", metadata = { name = "i", annotations = var.u }
      spec = { rules = var.u, tls = [{ secretName = var.u }], defaultBackend = var.u }
    }
    route = {
      apiVersion = "gateway.networking.k8s.io/v1", kind = "HTTPRoute", metadata = { name = "r" }
      spec = { rules = [{ backendRefs = [{ group = var.u, name = var.u }] }], parentRefs = [{ name = var.u }] }
    }
    monitor = {
      apiVersion = "monitoring.coreos.com/v1", kind = "ServiceMonitor", metadata = { name = "m" }
      spec = { selector = { matchLabels = var.u }, namespaceSelector = { matchNames = var.u, any = var.u } }
    }
    backup = {
      apiVersion = "velero.io/v1", kind = "Schedule", metadata = { name = "v" }
      spec = { template = { includedNamespaces = var.u } }
    }
    namespace = { apiVersion = "v1", kind = "Namespace", metadata = { name = var.u, labels = var.u } }
    secret    = { apiVersion = "v1", kind = "Secret", metadata = { name = "s" }, stringData = var.u }
    job       = { apiVersion = "batch/v1", kind = "Job", metadata = { name = "j" }, spec = { template = var.u } }
  }
}

resource "kubernetes_manifest" "x" {
  for_each = local.objects
  manifest = each.value
}
"""


def test_no_unknown_stops_a_run(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(UNKNOWN, encoding="utf-8")
    found = check([str(tmp_path)], Settings(cache=False, jobs=1, profile="all"))
    assert found.errors == []
    assert found.counts.resources > 30
    assert {finding.status for finding in found.findings} == {"fail", "unknown"}
