"""ARNs and other texts of AWS that say themselves what they name.

Source of the ARNs: the resource types of each service in
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

_RDS = "aws_db_instance aws_rds_cluster_instance"
_CLUSTERS = "aws_rds_cluster aws_docdb_cluster aws_neptune_cluster"
_LBS = "aws_lb aws_alb"
_TARGETS = "aws_lb_target_group aws_alb_target_group"
_DOMAINS = "aws_opensearch_domain aws_elasticsearch_domain"
_ALARMS = "aws_cloudwatch_metric_alarm aws_cloudwatch_composite_alarm"

# (service, pattern of what follows the account, types)
ARNS: tuple[tuple[str, str, str], ...] = (
    ("s3", r"([^/:*]+)(?:/|$)", "aws_s3_bucket"),
    ("sqs", r"([^:*]+)$", "aws_sqs_queue"),
    ("sns", r"([^:*]+)(?::|$)", "aws_sns_topic"),
    ("lambda", r"function:([^:*]+)(?::|$)", "aws_lambda_function"),
    ("dynamodb", r"table/([^/*]+)(?:/|$)", "aws_dynamodb_table"),
    ("iam", r"role/(?:[^*]*/)?([^/*]+)$", "aws_iam_role"),
    ("iam", r"policy/(?:[^*]*/)?([^/*]+)$", "aws_iam_policy"),
    ("iam", r"user/(?:[^*]*/)?([^/*]+)$", "aws_iam_user"),
    ("iam", r"group/(?:[^*]*/)?([^/*]+)$", "aws_iam_group"),
    ("iam", r"instance-profile/(?:[^*]*/)?([^/*]+)$", "aws_iam_instance_profile"),
    ("rds", r"db:([^:*]+)$", _RDS),
    ("rds", r"cluster:([^:*]+)$", _CLUSTERS),
    ("rds", r"global-cluster:([^:*]+)$", "aws_rds_global_cluster"),
    ("kms", r"(alias/[^*]+)$", "aws_kms_alias"),
    ("ecs", r"cluster/([^/*]+)$", "aws_ecs_cluster"),
    ("ecs", r"service/(?:[^/*]+/)?([^/*]+)$", "aws_ecs_service"),
    ("ecs", r"task-definition/([^:*]+)(?::|$)", "aws_ecs_task_definition"),
    ("eks", r"cluster/([^/*]+)$", "aws_eks_cluster"),
    ("ecr", r"repository/([^*]+)$", "aws_ecr_repository"),
    ("logs", r"log-group:([^:*]+)(?::|$)", "aws_cloudwatch_log_group"),
    ("secretsmanager", r"secret:([^:*?]+)(?::|$)", "aws_secretsmanager_secret"),
    ("secretsmanager", r"secret:([^:*?]+)-(?:[A-Za-z0-9]{6}|\?{6}|\*)(?::|$)", "aws_secretsmanager_secret"),
    ("ssm", r"parameter(/[^*]+)$", "aws_ssm_parameter"),
    ("ssm", r"parameter/([^/*]+)$", "aws_ssm_parameter"),
    ("ssm", r"document/([^*]+)$", "aws_ssm_document"),
    ("kinesis", r"stream/([^/*]+)(?:/|$)", "aws_kinesis_stream"),
    ("firehose", r"deliverystream/([^/*]+)$", "aws_kinesis_firehose_delivery_stream"),
    ("events", r"rule/(?:[^/*]+/)?([^/*]+)$", "aws_cloudwatch_event_rule"),
    ("events", r"event-bus/([^/*]+)$", "aws_cloudwatch_event_bus"),
    ("states", r"stateMachine:([^:*]+)(?::|$)", "aws_sfn_state_machine"),
    ("cloudwatch", r"alarm:([^:*]+)$", _ALARMS),
    ("codebuild", r"project/([^/*]+)$", "aws_codebuild_project"),
    ("codecommit", r"([^:/*]+)$", "aws_codecommit_repository"),
    ("codepipeline", r"([^:/*]+)(?:/|$)", "aws_codepipeline"),
    ("codedeploy", r"application:([^:*]+)$", "aws_codedeploy_app"),
    ("cloudtrail", r"trail/([^/*]+)$", "aws_cloudtrail"),
    ("backup", r"backup-vault:([^:*]+)$", "aws_backup_vault"),
    ("elasticache", r"replicationgroup:([^:*]+)$", "aws_elasticache_replication_group"),
    ("elasticache", r"cluster:([^:*]+)$", "aws_elasticache_cluster"),
    ("redshift", r"cluster:([^:*]+)$", "aws_redshift_cluster"),
    ("memorydb", r"cluster/([^/*]+)$", "aws_memorydb_cluster"),
    ("es", r"domain/([^/*]+)(?:/|$)", _DOMAINS),
    ("kafka", r"cluster/([^/*]+)/", "aws_msk_cluster"),
    ("mq", r"broker:([^:*]+):", "aws_mq_broker"),
    ("elasticloadbalancing", r"loadbalancer/(?:app|net|gwy)/([^/*]+)/", _LBS),
    ("elasticloadbalancing", r"loadbalancer/([^/*]+)$", "aws_elb"),
    ("elasticloadbalancing", r"targetgroup/([^/*]+)/", _TARGETS),
    ("autoscaling", r"autoScalingGroup:[^:]*:autoScalingGroupName/([^/*]+)$", "aws_autoscaling_group"),
    ("glue", r"database/([^/*]+)$", "aws_glue_catalog_database"),
    ("glue", r"job/([^/*]+)$", "aws_glue_job"),
    ("athena", r"workgroup/([^/*]+)(?:/|$)", "aws_athena_workgroup"),
)

# (what is in all of them, pattern of the name, types)
TEXTS: tuple[tuple[str, str, str], ...] = (
    ("s3://", r"s3://([a-z0-9][a-z0-9.-]+)", "aws_s3_bucket"),
    (".s3", r"^(?:https://)?([a-z0-9][a-z0-9.-]+?)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:/|$)",
     "aws_s3_bucket"),
    ("https://sqs.", r"^https://sqs\.[a-z0-9-]+\.amazonaws\.com/\d+/([\w.-]+)$", "aws_sqs_queue"),
    (".dkr.ecr.", r"\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/([a-z0-9][a-z0-9._/-]*)", "aws_ecr_repository"),
    ("alias/", r"^(alias/[\w/-]+)$", "aws_kms_alias"),
)  # fmt: skip
