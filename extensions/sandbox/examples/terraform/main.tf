# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# terraform init && terraform apply, with DATABRICKS_HOST and DATABRICKS_TOKEN of the ready file in the environment

terraform {
  required_providers {
    databricks = {
      source = "databricks/databricks"
    }
  }
}

provider "databricks" {
  auth_type = "pat"
}

resource "databricks_schema" "shared" {
  catalog_name = "main"
  name         = "shared_by_two"
  comment      = "Made by the example"
}
