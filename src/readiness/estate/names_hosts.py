"""Host names and connection names of managed services, and what they name.

Sources: AWS https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ConnectToInstance.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html,
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html,
https://docs.aws.amazon.com/documentdb/latest/developerguide/endpoints.html,
https://docs.aws.amazon.com/redshift/latest/mgmt/configuring-connections.html,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createupdatedomains.html,
https://docs.aws.amazon.com/msk/latest/developerguide/msk-get-bootstrap-brokers.html;
Azure https://learn.microsoft.com/azure/private-link/private-endpoint-dns (public zones);
Cloud SQL https://cloud.google.com/sql/docs/postgres/connect-auth-proxy (connection names).
"""

from __future__ import annotations

MARKS = (
    ".amazonaws.com",
    ".database.windows.net",
    ".core.windows.net",
    ".cache.windows.net",
    ".servicebus.windows.net",
    ".azure.com",
    ".azure.net",
)
"""What is in all host names of `HOSTS`."""

_DB = "aws_db_instance aws_rds_cluster_instance"
_END = r"\.amazonaws\.com(?:\.cn)?"

# (pattern of a whole host name in lower case, with the name as its only group; types)
HOSTS: tuple[tuple[str, str], ...] = (
    (rf"([a-z0-9-]+)\.proxy-[a-z0-9]+\.[a-z0-9-]+\.rds{_END}", "aws_db_proxy"),
    (rf"([a-z0-9-]+)\.cluster-(?!custom-)(?:ro-)?[a-z0-9]+\.[a-z0-9-]+\.rds{_END}",
     "aws_rds_cluster aws_neptune_cluster"),
    (rf"([a-z0-9-]+)\.(?!cluster-|proxy-)[a-z0-9]+\.[a-z0-9-]+\.rds{_END}", _DB),
    (rf"([a-z0-9-]+)\.cluster-(?:ro-)?[a-z0-9]+\.[a-z0-9-]+\.docdb{_END}", "aws_docdb_cluster"),
    (rf"([a-z0-9-]+)\.(?!cluster-)[a-z0-9]+\.[a-z0-9-]+\.docdb{_END}", "aws_docdb_cluster_instance"),
    (rf"([a-z0-9-]+)\.cluster-(?:ro-)?[a-z0-9]+\.[a-z0-9-]+\.neptune{_END}", "aws_neptune_cluster"),
    (rf"([a-z0-9-]+)\.[a-z0-9]+\.[a-z0-9-]+\.redshift{_END}", "aws_redshift_cluster"),
    (rf"(?:master|replica|clustercfg)\.([a-z0-9-]+)\.[a-z0-9]+\.[a-z0-9]+\.cache{_END}",
     "aws_elasticache_replication_group"),
    (rf"([a-z0-9-]+)\.[a-z0-9]+\.clustercfg\.[a-z0-9]+\.cache{_END}", "aws_elasticache_replication_group"),
    (rf"([a-z0-9-]+?)(?:-ro)?\.[a-z0-9]+\.ng\.0001\.[a-z0-9]+\.cache{_END}",
     "aws_elasticache_replication_group"),
    (rf"([a-z0-9-]+)\.[a-z0-9]+\.(?:cfg|\d{{4}})\.[a-z0-9]+\.cache{_END}", "aws_elasticache_cluster"),
    (rf"(?:search|vpc)-([a-z0-9-]+)-[a-z0-9]{{26}}\.[a-z0-9-]+\.es{_END}",
     "aws_opensearch_domain aws_elasticsearch_domain"),
    (rf"b-\d+(?:-public)?\.([a-z0-9-]+)\.[a-z0-9]+\.c\d+\.kafka\.[a-z0-9-]+{_END}", "aws_msk_cluster"),
    (rf"sqs\.[a-z0-9-]+{_END}/[0-9]+/([a-z0-9_.-]+)", "aws_sqs_queue"),
    (r"([a-z0-9-]+)\.database\.windows\.net", "azurerm_mssql_server"),
    (r"([a-z0-9-]+)\.postgres\.database\.azure\.com",
     "azurerm_postgresql_flexible_server azurerm_postgresql_server"),
    (r"([a-z0-9-]+)\.mysql\.database\.azure\.com", "azurerm_mysql_flexible_server"),
    (r"([a-z0-9]+)\.(?:blob|dfs|file|queue|table|web)\.core\.windows\.net", "azurerm_storage_account"),
    (r"([a-z0-9-]+)\.redis\.cache\.windows\.net", "azurerm_redis_cache"),
    (r"([a-z0-9-]+)\.servicebus\.windows\.net", "azurerm_servicebus_namespace azurerm_eventhub_namespace"),
    (r"([a-z0-9-]+)\.documents\.azure\.com", "azurerm_cosmosdb_account"),
    (r"([a-z0-9-]+)\.mongo\.cosmos\.azure\.com", "azurerm_cosmosdb_account"),
    (r"([a-z0-9-]+)\.vault\.azure\.net", "azurerm_key_vault"),
)  # fmt: skip

# (end of the name of a variable, types whose name its value is)
VARIABLES: tuple[tuple[str, str], ...] = (
    ("BUCKET", "aws_s3_bucket google_storage_bucket"),
    ("TABLE", "aws_dynamodb_table"),
    ("QUEUE", "aws_sqs_queue"),
    ("TOPIC", "aws_sns_topic google_pubsub_topic"),
    ("SUBSCRIPTION", "google_pubsub_subscription"),
    ("STREAM", "aws_kinesis_stream aws_kinesis_firehose_delivery_stream"),
)
"""Also with `_NAME` after them: `UPLOAD_BUCKET`, `BUCKET_NAME`."""
