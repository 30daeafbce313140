"""Names in Google Cloud: what identifies a resource, which attribute of which type names it.

Sources: the argument references of https://registry.terraform.io/providers/hashicorp/google/latest/docs;
full names: https://cloud.google.com/asset-inventory/docs/asset-names
"""

from __future__ import annotations

# (attribute, types)
IDENTITIES: tuple[tuple[str, str], ...] = (
    ("account_id", "google_service_account"),
    ("dataset_id", "google_bigquery_dataset"),
    ("table_id", "google_bigquery_table"),
    ("secret_id", "google_secret_manager_secret"),
    ("repository_id", "google_artifact_registry_repository"),
    ("cluster_id", "google_alloydb_cluster"),
    ("name", "google_storage_bucket google_sql_database_instance google_container_cluster"),
    (
        "name",
        "google_compute_network google_compute_subnetwork google_compute_router google_compute_instance",
    ),
    ("name", "google_compute_disk google_compute_instance_template google_compute_instance_group_manager"),
    ("name", "google_compute_region_instance_group_manager google_compute_backend_service"),
    ("name", "google_compute_url_map google_compute_health_check google_compute_security_policy"),
    ("name", "google_compute_ssl_policy google_pubsub_topic google_pubsub_subscription"),
    ("name", "google_kms_key_ring google_kms_crypto_key google_dns_managed_zone google_spanner_instance"),
    ("name", "google_spanner_database google_bigtable_instance google_cloud_run_service"),
    ("name", "google_cloud_run_v2_service google_cloud_run_v2_job google_cloudfunctions_function"),
    ("name", "google_cloudfunctions2_function google_dataproc_cluster google_redis_instance"),
)

_TOPIC = r"^(?:projects/[^/]+/topics/)?([^/]+)$"
_SUBSCRIPTION = r"^(?:projects/[^/]+/subscriptions/)?([^/]+)$"
_NETWORK = r"^(?:.*/networks/)?([a-z0-9-]+)$"
_SUBNETWORK = r"^(?:.*/subnetworks/)?([a-z0-9-]+)$"
_RUN = "google_cloud_run_service google_cloud_run_v2_service"
_FUNCTIONS = "google_cloudfunctions_function google_cloudfunctions2_function"
_SINKS = "google_logging_project_sink google_logging_folder_sink google_logging_organization_sink"

# (referring types, attribute path, types, pattern of the name)
NAMES: tuple[tuple[str, ...], ...] = (
    ("google_storage_*", "bucket", "google_storage_bucket"),
    ("google_storage_bucket", "logging.log_bucket", "google_storage_bucket"),
    ("google_compute_backend_bucket", "bucket_name", "google_storage_bucket"),
    ("google_cloudfunctions_function", "source_archive_bucket", "google_storage_bucket"),
    ("google_cloudfunctions2_function", "build_config.source.storage_source.bucket", "google_storage_bucket"),
    (_SINKS, "destination", "google_storage_bucket", r"^storage\.googleapis\.com/(.+)$"),
    ("google_sql_database google_sql_user google_sql_ssl_cert", "instance", "google_sql_database_instance"),
    ("google_sql_database_instance", "master_instance_name", "google_sql_database_instance"),
    ("google_sql_database_instance", "settings.ip_configuration.private_network", "google_compute_network",
     _NETWORK),
    ("google_container_node_pool", "cluster", "google_container_cluster", r"^(?:.*/clusters/)?([a-z0-9-]+)$"),
    ("google_compute_* google_container_cluster google_vpc_access_connector", "network",
     "google_compute_network", _NETWORK),
    ("google_service_networking_connection", "network", "google_compute_network", _NETWORK),
    ("google_compute_* google_container_cluster", "subnetwork", "google_compute_subnetwork", _SUBNETWORK),
    ("google_compute_*", "network_interface.network", "google_compute_network", _NETWORK),
    ("google_compute_*", "network_interface.subnetwork", "google_compute_subnetwork", _SUBNETWORK),
    ("google_redis_instance", "authorized_network", "google_compute_network", _NETWORK),
    ("google_compute_router_*", "router", "google_compute_router"),
    ("google_dns_record_set google_dns_managed_zone_iam_*", "managed_zone", "google_dns_managed_zone"),
    ("google_pubsub_subscription google_pubsub_topic_iam_*", "topic", "google_pubsub_topic", _TOPIC),
    ("google_storage_notification", "topic", "google_pubsub_topic",
     r"^(?:(?://pubsub\.googleapis\.com/)?projects/[^/]+/topics/)?([^/]+)$"),
    ("google_pubsub_subscription", "dead_letter_policy.dead_letter_topic", "google_pubsub_topic", _TOPIC),
    ("google_cloud_scheduler_job", "pubsub_target.topic_name", "google_pubsub_topic", _TOPIC),
    ("google_pubsub_subscription_iam_*", "subscription", "google_pubsub_subscription", _SUBSCRIPTION),
    ("google_bigquery_table google_bigquery_dataset_access google_bigquery_dataset_iam_*", "dataset_id",
     "google_bigquery_dataset"),
    ("google_bigquery_table_iam_* google_bigquery_routine", "dataset_id", "google_bigquery_dataset"),
    ("google_bigquery_table_iam_*", "table_id", "google_bigquery_table"),
    ("google_secret_manager_secret_iam_*", "secret_id", "google_secret_manager_secret",
     r"^(?:projects/[^/]+/secrets/)?([^/]+)$"),
    ("google_artifact_registry_repository_iam_*", "repository", "google_artifact_registry_repository",
     r"^(?:.*/repositories/)?([^/]+)$"),
    ("google_cloud_run_service_iam_*", "service", _RUN),
    ("google_cloud_run_v2_service_iam_*", "name", _RUN),
    ("google_cloud_run_v2_job_iam_*", "name", "google_cloud_run_v2_job"),
    ("google_cloudfunctions_function_iam_*", "cloud_function", _FUNCTIONS),
    ("google_cloudfunctions2_function_iam_*", "cloud_function", _FUNCTIONS),
    ("google_spanner_database google_spanner_instance_iam_*", "instance", "google_spanner_instance"),
    ("google_spanner_database_iam_*", "database", "google_spanner_database"),
    ("google_bigtable_table google_bigtable_gc_policy", "instance_name", "google_bigtable_instance"),
    ("google_bigtable_instance_iam_*", "instance", "google_bigtable_instance"),
    ("google_dataproc_cluster_iam_*", "cluster", "google_dataproc_cluster"),
    ("google_compute_instance_iam_*", "instance_name", "google_compute_instance"),
    ("google_compute_attached_disk", "instance", "google_compute_instance",
     r"^(?:.*/instances/)?([a-z0-9-]+)$"),
    ("google_compute_attached_disk", "disk", "google_compute_disk", r"^(?:.*/disks/)?([a-z0-9-]+)$"),
    ("google_compute_disk_resource_policy_attachment", "disk", "google_compute_disk"),
)  # fmt: skip

# (what is in all of them, pattern of the name, types)
TEXTS: tuple[tuple[str, str, str], ...] = (
    (".iam.gserviceaccount.com", r"([a-z][a-z0-9-]{4,28}[a-z0-9])@[a-z0-9.:-]+\.iam\.gserviceaccount\.com",
     "google_service_account"),
    ("gs://", r"gs://([a-z0-9][a-z0-9._-]+)", "google_storage_bucket"),
    ("/topics/", r"projects/[^/\s]+/topics/([\w.~+%-]+)", "google_pubsub_topic"),
    ("/subscriptions/", r"projects/[^/\s]+/subscriptions/([\w.~+%-]+)", "google_pubsub_subscription"),
    ("/networks/", r"projects/[^/\s]+/global/networks/([a-z0-9-]+)", "google_compute_network"),
    ("/subnetworks/", r"projects/[^/\s]+/regions/[^/\s]+/subnetworks/([a-z0-9-]+)",
     "google_compute_subnetwork"),
    ("/datasets/", r"projects/[^/\s]+/datasets/(\w+)", "google_bigquery_dataset"),
    ("/secrets/", r"projects/[^/\s]+/secrets/([\w-]+)", "google_secret_manager_secret"),
    ("/keyRings/", r"projects/[^/\s]+/locations/[^/\s]+/keyRings/([\w-]+)", "google_kms_key_ring"),
    ("/cryptoKeys/", r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[\w-]+/cryptoKeys/([\w-]+)",
     "google_kms_crypto_key"),
)  # fmt: skip
