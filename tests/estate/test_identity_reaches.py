"""What workloads name in their environment and configuration."""

from __future__ import annotations

import pytest

from readiness.estate.build import from_texts
from readiness.estate.model import Estate
from readiness.estate.reaches import link_reached

TF = """
resource "aws_s3_bucket" "uploads" { bucket = "acme-uploads" }
resource "aws_db_instance" "shop" { identifier = "shop" }
resource "aws_rds_cluster" "orders" { cluster_identifier = "orders" }
resource "aws_db_proxy" "shop" { name = "shop-proxy" }
resource "aws_docdb_cluster" "cart" { cluster_identifier = "cart" }
resource "aws_elasticache_replication_group" "cache" { replication_group_id = "cache" }
resource "aws_elasticache_cluster" "sessions" { cluster_id = "sessions" }
resource "aws_opensearch_domain" "search" { domain_name = "search" }
resource "aws_msk_cluster" "events" { cluster_name = "events" }
resource "aws_redshift_cluster" "facts" { cluster_identifier = "facts" }
resource "aws_sqs_queue" "jobs" { name = "jobs" }
resource "aws_dynamodb_table" "carts" { name = "carts" }
resource "google_sql_database_instance" "main" {
  name   = "main"
  region = "europe-west3"
}
resource "google_pubsub_topic" "paid" { name = "paid" }
resource "azurerm_postgresql_flexible_server" "pg" { name = "acme-pg" }
resource "azurerm_storage_account" "files" { name = "acmefiles" }
resource "azurerm_servicebus_namespace" "bus" { name = "acme-bus" }
"""


def workload(container: str, more: str = "") -> str:
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.0.0
          {container}
{more}"""


def estate_of(container: str, more: str = "", tf: str = TF) -> Estate:
    loaded = from_texts({"infra/main.tf": tf, "k8s/all.yaml": workload(container, more)})
    assert loaded.errors == []
    return loaded.estate


def reached(estate: Estate) -> list[tuple[str, str]]:
    link_reached(estate)
    (web,) = [r for r in estate.resources if r.address == "Deployment/shop/web"]
    kinds = ("ConfigMap", "Secret", "Service")
    found = [(k.address, k.via) for k in web.links if k.target is None or k.target.type not in kinds]
    return sorted(found)


def env(name: str, value: str) -> str:
    return f'env: [{{name: {name}, value: "{value}"}}]'


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("arn:aws:s3:::acme-uploads/in/*", "aws_s3_bucket.uploads"),
        ("s3://acme-uploads/in", "aws_s3_bucket.uploads"),
        ("postgres://u:p@shop.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com:5432/shop", "aws_db_instance.shop"),
        ("orders.cluster-c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com", "aws_rds_cluster.orders"),
        ("orders.cluster-ro-c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com", "aws_rds_cluster.orders"),
        ("shop-proxy.proxy-c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com", "aws_db_proxy.shop"),
        ("mongodb://cart.cluster-abc.eu-central-1.docdb.amazonaws.com:27017", "aws_docdb_cluster.cart"),
        ("master.cache.ab12cd.euc1.cache.amazonaws.com:6379", "aws_elasticache_replication_group.cache"),
        ("clustercfg.cache.ab12cd.euc1.cache.amazonaws.com", "aws_elasticache_replication_group.cache"),
        ("cache.ab12cd.ng.0001.euc1.cache.amazonaws.com", "aws_elasticache_replication_group.cache"),
        ("sessions.ab12cd.cfg.euc1.cache.amazonaws.com:11211", "aws_elasticache_cluster.sessions"),
        ("sessions.ab12cd.0001.euc1.cache.amazonaws.com:11211", "aws_elasticache_cluster.sessions"),
        ("https://vpc-search-abcdefghijklmnopqrstuvwxyz.eu-central-1.es.amazonaws.com",
         "aws_opensearch_domain.search"),
        ("b-1.events.ab12cd.c2.kafka.eu-central-1.amazonaws.com:9098", "aws_msk_cluster.events"),
        ("jdbc:redshift://facts.abc123.eu-central-1.redshift.amazonaws.com:5439/dev",
         "aws_redshift_cluster.facts"),
        ("https://sqs.eu-central-1.amazonaws.com/111122223333/jobs", "aws_sqs_queue.jobs"),
        ("acme-shop:europe-west3:main", "google_sql_database_instance.main"),
        ("projects/acme-shop/topics/paid", "google_pubsub_topic.paid"),
        ("host=acme-pg.postgres.database.azure.com user=x", "azurerm_postgresql_flexible_server.pg"),
        ("https://acmefiles.blob.core.windows.net/in", "azurerm_storage_account.files"),
        ("Endpoint=sb://acme-bus.servicebus.windows.net/;Shared", "azurerm_servicebus_namespace.bus"),
    ],
)  # fmt: skip
def test_names_in_the_environment(value: str, address: str) -> None:
    assert reached(estate_of(env("TARGET", value))) == [(address, "env.TARGET")]


@pytest.mark.parametrize(
    "value",
    [
        "acme-uploads",
        "s3://acme-uploads-old",
        "myshop.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com",
        "shop.example.com",
        "shop.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com.example.com",
        "orders.cluster-custom-c1a2b3.eu-central-1.rds.amazonaws.com",
        "acme-shop:europe-west1:main",
        "acme-shop:europe-west3:mainly",
        "arn:aws:s3:::other",
    ],
)
def test_what_names_nothing_here(value: str) -> None:
    assert reached(estate_of(env("TARGET", value))) == []


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("UPLOAD_BUCKET", "acme-uploads", "aws_s3_bucket.uploads"),
        ("BUCKET_NAME", "acme-uploads", "aws_s3_bucket.uploads"),
        ("CARTS_TABLE", "carts", "aws_dynamodb_table.carts"),
        ("JOB_QUEUE_NAME", "jobs", "aws_sqs_queue.jobs"),
        ("PAID_TOPIC", "paid", "google_pubsub_topic.paid"),
        ("BUCKETS", "acme-uploads", None),
        ("UPLOAD_BUCKET", "acme", None),
        ("CARTS_BUCKET", "carts", None),
    ],
)
def test_variables_that_say_what_they_name(name: str, value: str, address: str | None) -> None:
    assert reached(estate_of(env(name, value))) == ([] if address is None else [(address, f"env.{name}")])


CONFIG = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data:
  url: s3://acme-uploads/in
  JOBS_QUEUE: jobs
  other: arn:aws:dynamodb:eu-central-1:111122223333:table/carts
---
apiVersion: v1
kind: Secret
metadata: {name: database, namespace: shop}
stringData: {url: "postgres://shop.abc123.eu-central-1.rds.amazonaws.com/shop"}
"""


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ("env: [{name: U, valueFrom: {configMapKeyRef: {name: settings, key: url}}}]",
         [("aws_s3_bucket.uploads", "ConfigMap/shop/settings data.url")]),
        ("env: [{name: A_QUEUE, valueFrom: {configMapKeyRef: {name: settings, key: JOBS_QUEUE}}}]",
         [("aws_sqs_queue.jobs", "ConfigMap/shop/settings data.JOBS_QUEUE")]),
        ("env: [{name: U, valueFrom: {secretKeyRef: {name: database, key: url}}}]",
         [("aws_db_instance.shop", "Secret/shop/database stringData.url")]),
        ("envFrom: [{configMapRef: {name: settings}}]",
         [("aws_dynamodb_table.carts", "ConfigMap/shop/settings data.other"),
          ("aws_s3_bucket.uploads", "ConfigMap/shop/settings data.url"),
          ("aws_sqs_queue.jobs", "ConfigMap/shop/settings data.JOBS_QUEUE")]),
        ("args: ['--in=s3://acme-uploads/in']", [("aws_s3_bucket.uploads", "args")]),
        ("command: [proxy, 'acme-shop:europe-west3:main']",
         [("google_sql_database_instance.main", "command")]),
    ],
)  # fmt: skip
def test_names_in_configuration(container: str, found: list[tuple[str, str]]) -> None:
    assert reached(estate_of(container, CONFIG)) == found


def test_a_volume_is_no_environment() -> None:
    text = workload("").replace(
        "      containers:", "      volumes: [{name: v, configMap: {name: settings}}]\n      containers:"
    )
    estate = from_texts({"infra/main.tf": TF, "k8s/all.yaml": text + CONFIG}).estate
    assert reached(estate) == [
        ("aws_dynamodb_table.carts", "ConfigMap/shop/settings data.other"),
        ("aws_s3_bucket.uploads", "ConfigMap/shop/settings data.url"),
    ]


SERVICE = """---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data}
spec: {selector: {app: db}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: postgres, namespace: data}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:17"}]}
"""


@pytest.mark.parametrize(
    ("value", "reaches"),
    [
        ("postgres://db.data.svc:5432/shop", True),
        ("db.data.svc.cluster.local", True),
        ("postgres-0.db.data.svc.cluster.local", True),
        ("db.data", False),
        ("db.shop.svc", False),
        ("old-db.data.svc", False),
    ],
)
def test_the_workload_behind_a_service(value: str, reaches: bool) -> None:
    estate = estate_of(env("HOST", value), SERVICE)
    assert reached(estate) == ([("StatefulSet/data/postgres", "env.HOST")] if reaches else [])
    # A Service is linked with what it selects, not with what calls it.
    (web,) = [r for r in estate.resources if r.address == "Deployment/shop/web"]
    assert estate.linked(web, "Service") == []


def test_both_ends_know_and_twice_adds_nothing() -> None:
    estate = estate_of(env("UPLOAD_BUCKET", "acme-uploads"))
    for _ in range(2):
        link_reached(estate)
        (bucket,) = estate.of_type("aws_s3_bucket")
        assert [(k.address, k.via) for k in bucket.links] == [("Deployment/shop/web", "env.UPLOAD_BUCKET")]


def test_a_reference_of_terraform() -> None:
    tf = """
resource "aws_db_instance" "shop" {}
resource "kubernetes_deployment" "web" {
  metadata {
    name      = "api"
    namespace = "shop"
  }
  spec {
    selector { match_labels = { app = "api" } }
    template {
      metadata { labels = { app = "api" } }
      spec {
        container {
          name  = "api"
          image = "registry.example.com/api:1.0.0"
          env {
            name  = "HOST"
            value = aws_db_instance.shop.address
          }
        }
      }
    }
  }
}
"""
    estate = from_texts({"main.tf": tf}).estate
    link_reached(estate)
    (api,) = [r for r in estate.resources if r.address == "Deployment/shop/api"]
    assert ("aws_db_instance.shop", "env.HOST") in [(k.address, k.via) for k in api.links]
