# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The objects of klaviyo_setup with its defaults, for the comparison in ../setups.py. Not for a workspace that anybody uses: both
# databricks_permissions replace whoever else has access.

terraform {
  required_providers {
    databricks = {
      source = "databricks/databricks"
    }
  }
}

variable "host" {
  type = string
}

variable "token" {
  type      = string
  sensitive = true
}

variable "catalog" {
  type = string
}

variable "warehouse" {
  type = string
}

provider "databricks" {
  host      = var.host
  token     = var.token
  auth_type = "pat"
}

locals {
  klaviyo = databricks_service_principal.klaviyo.application_id
}

resource "databricks_schema" "import" {
  catalog_name = var.catalog
  name         = "klaviyo_import_from_dwh"
  comment      = "Tables and views that Klaviyo may import"
}

resource "databricks_schema" "tmp" {
  catalog_name = var.catalog
  name         = "klaviyo_tmp"
  comment      = "Staging area of Klaviyo's syncs; its contents belong to Klaviyo"
}

resource "databricks_service_principal" "klaviyo" {
  display_name          = "klaviyo-import"
  databricks_sql_access = true
}

resource "databricks_permissions" "warehouse" {
  sql_endpoint_id = var.warehouse

  access_control {
    service_principal_name = local.klaviyo
    permission_level       = "CAN_USE"
  }
}

resource "databricks_permissions" "tokens" {
  authorization = "tokens"

  access_control {
    service_principal_name = local.klaviyo
    permission_level       = "CAN_USE"
  }
}

resource "databricks_grant" "catalog" {
  catalog    = var.catalog
  principal  = local.klaviyo
  privileges = ["USE_CATALOG"]
}

resource "databricks_grant" "import" {
  schema     = databricks_schema.import.id
  principal  = local.klaviyo
  privileges = ["SELECT", "USE_SCHEMA"]
}

resource "databricks_grant" "tmp" {
  schema     = databricks_schema.tmp.id
  principal  = local.klaviyo
  privileges = ["CREATE_TABLE", "MODIFY", "SELECT", "USE_SCHEMA"]
}

resource "databricks_obo_token" "klaviyo" {
  application_id   = local.klaviyo
  comment          = "klaviyo"
  lifetime_seconds = 7776000
  depends_on       = [databricks_permissions.tokens]
}
