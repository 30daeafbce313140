"""Names in Azure: what identifies a resource, which attribute of which type names it.

Sources: the argument references of https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs;
the types in resource ids: the "Import" section of each of those pages.
"""

from __future__ import annotations

# (attribute, types)
IDENTITIES: tuple[tuple[str, str], ...] = (
    ("name", "azurerm_resource_group azurerm_storage_account azurerm_storage_container"),
    ("name", "azurerm_virtual_network azurerm_subnet azurerm_network_security_group azurerm_route_table"),
    ("name", "azurerm_key_vault azurerm_mssql_server azurerm_mysql_flexible_server"),
    ("name", "azurerm_postgresql_server azurerm_postgresql_flexible_server azurerm_cosmosdb_account"),
    (
        "name",
        "azurerm_container_registry azurerm_kubernetes_cluster azurerm_eventhub_namespace azurerm_eventhub",
    ),
    ("name", "azurerm_servicebus_namespace azurerm_dns_zone azurerm_private_dns_zone"),
    ("name", "azurerm_recovery_services_vault azurerm_automation_account azurerm_api_management"),
    (
        "name",
        "azurerm_log_analytics_workspace azurerm_user_assigned_identity azurerm_cdn_profile azurerm_iothub",
    ),
    ("name", "azurerm_batch_account azurerm_firewall azurerm_kusto_cluster azurerm_redis_cache"),
    ("name", "azurerm_service_plan azurerm_application_gateway azurerm_lb azurerm_public_ip"),
    ("name", "azurerm_linux_web_app azurerm_windows_web_app azurerm_linux_function_app"),
    ("name", "azurerm_windows_function_app azurerm_application_insights azurerm_notification_hub_namespace"),
)

# (referring types, attribute path, types)
NAMES: tuple[tuple[str, ...], ...] = (
    ("azurerm_*", "resource_group_name", "azurerm_resource_group"),
    ("azurerm_*", "storage_account_name", "azurerm_storage_account"),
    ("azurerm_storage_blob azurerm_storage_blob_inventory_policy", "storage_container_name",
     "azurerm_storage_container"),
    ("azurerm_subnet azurerm_virtual_network_peering", "virtual_network_name", "azurerm_virtual_network"),
    ("azurerm_network_security_rule", "network_security_group_name", "azurerm_network_security_group"),
    ("azurerm_route", "route_table_name", "azurerm_route_table"),
    ("azurerm_mssql_elasticpool azurerm_mssql_server_security_alert_policy", "server_name",
     "azurerm_mssql_server"),
    ("azurerm_mysql_flexible_*", "server_name", "azurerm_mysql_flexible_server"),
    ("azurerm_postgresql_flexible_*", "server_name", "azurerm_postgresql_flexible_server"),
    ("azurerm_postgresql_active_directory_administrator azurerm_postgresql_configuration", "server_name",
     "azurerm_postgresql_server"),
    ("azurerm_postgresql_database azurerm_postgresql_firewall_rule azurerm_postgresql_virtual_network_rule",
     "server_name", "azurerm_postgresql_server"),
    ("azurerm_cosmosdb_*", "account_name", "azurerm_cosmosdb_account"),
    ("azurerm_batch_application azurerm_batch_certificate azurerm_batch_pool", "account_name",
     "azurerm_batch_account"),
    ("azurerm_container_registry_*", "container_registry_name", "azurerm_container_registry"),
    ("azurerm_eventhub azurerm_eventhub_*", "namespace_name", "azurerm_eventhub_namespace"),
    ("azurerm_eventhub_authorization_rule azurerm_eventhub_consumer_group", "eventhub_name",
     "azurerm_eventhub"),
    ("azurerm_notification_hub azurerm_notification_hub_authorization_rule", "namespace_name",
     "azurerm_notification_hub_namespace"),
    ("azurerm_dns_*", "zone_name", "azurerm_dns_zone"),
    ("azurerm_private_dns_*", "zone_name", "azurerm_private_dns_zone"),
    ("azurerm_private_dns_zone_virtual_network_link", "private_dns_zone_name", "azurerm_private_dns_zone"),
    ("azurerm_backup_* azurerm_site_recovery_*", "recovery_vault_name", "azurerm_recovery_services_vault"),
    ("azurerm_automation_*", "automation_account_name", "azurerm_automation_account"),
    ("azurerm_api_management_*", "api_management_name", "azurerm_api_management"),
    ("azurerm_cdn_endpoint", "profile_name", "azurerm_cdn_profile"),
    ("azurerm_iothub_*", "iothub_name", "azurerm_iothub"),
    ("azurerm_firewall_application_rule_collection azurerm_firewall_nat_rule_collection",
     "azure_firewall_name",
     "azurerm_firewall"),
    ("azurerm_firewall_network_rule_collection", "azure_firewall_name", "azurerm_firewall"),
    ("azurerm_kusto_*", "cluster_name", "azurerm_kusto_cluster"),
    ("azurerm_log_analytics_solution", "workspace_name", "azurerm_log_analytics_workspace"),
    ("azurerm_log_analytics_datasource_*", "workspace_name", "azurerm_log_analytics_workspace"),
)  # fmt: skip

_GROUP = r"(?i:^/subscriptions/[^/]+/resourceGroups/)"


def _id(path: str) -> str:
    """A pattern for the id of a resource of a provider's type."""
    return rf"{_GROUP}[^/]+(?i:/providers/{path}/)([^/\s]+)$"


# (what is in all of them, pattern of the name, types)
TEXTS: tuple[tuple[str, str, str], ...] = (
    ("/subscriptions/", rf"{_GROUP}([^/\s]+)$", "azurerm_resource_group"),
    ("/vaults/", _id(r"Microsoft\.KeyVault/vaults"), "azurerm_key_vault"),
    ("/vaults/", _id(r"Microsoft\.RecoveryServices/vaults"), "azurerm_recovery_services_vault"),
    ("/storageAccounts/", _id(r"Microsoft\.Storage/storageAccounts"), "azurerm_storage_account"),
    ("/virtualNetworks/", _id(r"Microsoft\.Network/virtualNetworks"), "azurerm_virtual_network"),
    ("/subnets/", _id(r"Microsoft\.Network/virtualNetworks/[^/]+/subnets"), "azurerm_subnet"),
    ("/networkSecurityGroups/", _id(r"Microsoft\.Network/networkSecurityGroups"),
     "azurerm_network_security_group"),
    ("/routeTables/", _id(r"Microsoft\.Network/routeTables"), "azurerm_route_table"),
    ("/applicationGateways/", _id(r"Microsoft\.Network/applicationGateways"), "azurerm_application_gateway"),
    ("/loadBalancers/", _id(r"Microsoft\.Network/loadBalancers"), "azurerm_lb"),
    ("/publicIPAddresses/", _id(r"Microsoft\.Network/publicIPAddresses"), "azurerm_public_ip"),
    ("/servers/", _id(r"Microsoft\.Sql/servers"), "azurerm_mssql_server"),
    ("/flexibleServers/", _id(r"Microsoft\.DBforPostgreSQL/flexibleServers"),
     "azurerm_postgresql_flexible_server"),
    ("/flexibleServers/", _id(r"Microsoft\.DBforMySQL/flexibleServers"), "azurerm_mysql_flexible_server"),
    ("/databaseAccounts/", _id(r"Microsoft\.DocumentDB/databaseAccounts"), "azurerm_cosmosdb_account"),
    ("/workspaces/", _id(r"Microsoft\.OperationalInsights/workspaces"), "azurerm_log_analytics_workspace"),
    ("/registries/", _id(r"Microsoft\.ContainerRegistry/registries"), "azurerm_container_registry"),
    ("/managedClusters/", _id(r"Microsoft\.ContainerService/managedClusters"), "azurerm_kubernetes_cluster"),
    ("/userAssignedIdentities/", _id(r"Microsoft\.ManagedIdentity/userAssignedIdentities"),
     "azurerm_user_assigned_identity"),
    ("/namespaces/", _id(r"Microsoft\.EventHub/namespaces"), "azurerm_eventhub_namespace"),
    ("/namespaces/", _id(r"Microsoft\.ServiceBus/namespaces"), "azurerm_servicebus_namespace"),
    ("/components/", _id(r"Microsoft\.Insights/components"), "azurerm_application_insights"),
)  # fmt: skip
