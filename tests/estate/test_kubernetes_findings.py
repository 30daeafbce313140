"""The same workload in three forms: a manifest, blocks of Terraform, `kubernetes_manifest`."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.api import Settings, check
from readiness.engine.model import Report
from readiness.policy.bundle import load_builtin

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      automountServiceAccountToken: true
      hostNetwork: true
      containers:
        - name: web
          image: nginx:latest
          ports:
            - containerPort: 8080
          env:
            - name: PASSWORD
              value: hunter2
          securityContext:
            privileged: true
          resources:
            requests:
              cpu: "1"
          livenessProbe:
            httpGet:
              path: /
              port: web
            timeoutSeconds: 30
            periodSeconds: 5
      volumes:
        - name: host
          hostPath:
            path: /
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  type: NodePort
  externalIPs:
    - 192.0.2.1
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
"""

BLOCKS = """\
resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
    labels = {
      "app.kubernetes.io/name" = "web"
    }
  }
  spec {
    replicas = 3
    selector {
      match_labels = {
        app = "web"
      }
    }
    template {
      metadata {
        labels = {
          app = "web"
        }
      }
      spec {
        host_network = true
        container {
          name  = "web"
          image = "nginx:latest"
          port {
            container_port = 8080
          }
          env {
            name  = "PASSWORD"
            value = "hunter2"
          }
          security_context {
            privileged = true
          }
          resources {
            requests = {
              cpu = 1
            }
          }
          liveness_probe {
            http_get {
              path = "/"
              port = "web"
            }
            timeout_seconds = 30
            period_seconds  = 5
          }
        }
        volume {
          name = "host"
          host_path {
            path = "/"
          }
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    type         = "NodePort"
    external_ips = ["192.0.2.1"]
    selector = {
      app = "web"
    }
    port {
      port        = 80
      target_port = "8080"
    }
  }
}
"""

OBJECTS = """\
resource "kubernetes_manifest" "web" {
  manifest = {
    apiVersion = "apps/v1"
    kind       = "Deployment"
    metadata = {
      name      = "web"
      namespace = "shop"
      labels    = { "app.kubernetes.io/name" = "web" }
    }
    spec = {
      replicas = 3
      selector = { matchLabels = { app = "web" } }
      template = {
        metadata = { labels = { app = "web" } }
        spec = {
          automountServiceAccountToken = true
          hostNetwork                  = true
          containers = [
            {
              name            = "web"
              image           = "nginx:latest"
              ports           = [{ containerPort = 8080 }]
              env             = [{ name = "PASSWORD", value = "hunter2" }]
              securityContext = { privileged = true }
              resources       = { requests = { cpu = "1" } }
              livenessProbe = {
                httpGet        = { path = "/", port = "web" }
                timeoutSeconds = 30
                periodSeconds  = 5
              }
            }
          ]
          volumes = [{ name = "host", hostPath = { path = "/" } }]
        }
      }
    }
  }
}

resource "kubernetes_manifest" "service" {
  manifest = yamldecode(<<-YAML
    apiVersion: v1
    kind: Service
    metadata: {name: web, namespace: shop}
    spec:
      type: NodePort
      externalIPs: [192.0.2.1]
      selector: {app: web}
      ports: [{port: 80, targetPort: 8080}]
  YAML
  )
}
"""

TEXTS = (
    'resource "kubectl_manifest" "web" {\n  yaml_body = <<YAML\n'
    + MANIFEST.split("---\n")[0]
    + 'YAML\n}\n\nresource "kubectl_manifest" "service" {\n  yaml_body = <<YAML\n'
    + MANIFEST.split("---\n")[1]
    + "YAML\n}\n"
)


def report(folder: Path, name: str, text: str) -> Report:
    """The report on one file of a folder of its own."""
    place = folder / name.partition(".")[0]
    place.mkdir()
    (place / name).write_text(text, encoding="utf-8")
    return check([str(place)], Settings(cache=False, jobs=1, profile="all"))


ONCE = {policy.id for policy in load_builtin() if policy.on == "estate"}
"""What is asked once for everything is told at the first resource, which may be a block of Terraform."""


def failing(found: Report) -> dict[tuple[str, str], int]:
    """The line of each policy that an object does not meet."""
    assert found.errors == []
    return {
        (finding.policy, finding.subject.address): finding.span.line
        for finding in found.findings
        if finding.status == "fail" and finding.policy not in ONCE
        if finding.subject.address in ("Deployment/shop/web", "Service/shop/web")
    }


@pytest.fixture(scope="module")
def by_manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], int]:
    """What fails of the manifest."""
    return failing(report(tmp_path_factory.mktemp("manifest"), "web.yaml", MANIFEST))


@pytest.mark.parametrize(
    ("name", "text"),
    [("blocks.tf", BLOCKS), ("objects.tf", OBJECTS), ("texts.tf", TEXTS)],
    ids=["blocks", "objects", "texts"],
)
def test_the_same_policies_fail(
    name: str, text: str, tmp_path: Path, by_manifest: dict[tuple[str, str], int]
) -> None:
    assert len(by_manifest) > 20
    assert sorted(failing(report(tmp_path, name, text))) == sorted(by_manifest)


@pytest.mark.parametrize(
    ("policy", "address", "manifest", "blocks", "objects"),
    [
        ("k8s-sec-host-network", "Deployment/shop/web", 19, 23, 17),
        ("k8s-image-tag", "Deployment/shop/web", 22, 26, 21),
        ("k8s-secret-literal-env", "Deployment/shop/web", 27, 32, 23),
        ("k8s-sec-privileged", "Deployment/shop/web", 29, 35, 24),
        ("k8s-probe-timeout", "Deployment/shop/web", 37, 47, 28),
        # What is absent: the block around it.
        ("k8s-res-memory-limit", "Deployment/shop/web", 30, 37, 25),
        ("k8s-probe-readiness", "Deployment/shop/web", 21, 24, 19),
        # A decoded text has no lines of its own: the argument.
        ("k8s-service-external-ip", "Service/shop/web", 51, 69, 40),
    ],
)
def test_findings_point_to_the_argument(
    policy: str,
    address: str,
    manifest: int,
    blocks: int,
    objects: int,
    tmp_path: Path,
    by_manifest: dict[tuple[str, str], int],
) -> None:
    assert by_manifest[policy, address] == manifest
    assert failing(report(tmp_path, "blocks.tf", BLOCKS))[policy, address] == blocks
    assert failing(report(tmp_path, "objects.tf", OBJECTS))[policy, address] == objects
    service = address.startswith("Service")
    # The text stands below the two lines before it; the other one replaces `---` by five lines.
    assert failing(report(tmp_path, "texts.tf", TEXTS))[policy, address] == manifest + (6 if service else 2)
