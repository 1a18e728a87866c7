# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a workspace and how to sign in; shared by every module."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - Address of the workspace, such as V(https://abc-12345678.cloud.databricks.com).
      - Plain V(http://) is accepted for this machine only.
      - The address of a page in the workspace is accepted, too. Its host is used, and the workspace that C(?o=) or
        C(?w=) in it names, see O(workspace_id).
      - If not set, the host's variable C(databricks_host), then E(DATABRICKS_HOST), then the profile decides.
    type: str
  workspace_id:
    description:
      - ID of the workspace, in digits. Needed only if O(host) serves several workspaces, as unified hosts do.
      - If not set, the host's variable C(databricks_workspace_id), then C(?o=) or C(?w=) in O(host), then what belongs
        to the environment's or the profile's host (E(DATABRICKS_WORKSPACE_ID)) decides.
      - A host that serves only one workspace needs none. If that host says that it is another workspace than this, the
        task fails.
    type: str
  token:
    description:
      - Personal access token to sign in with.
      - If not set, the host's variable C(databricks_token), then E(DATABRICKS_TOKEN), then the profile decides.
    type: str
  client_id:
    description: Application ID of the service principal to sign in as, together with O(client_secret).
    type: str
  client_secret:
    description: OAuth secret of the service principal O(client_id).
    type: str
  azure_client_id:
    description: Application ID of the Microsoft Entra service principal or of the user-assigned managed identity.
    type: str
  azure_client_secret:
    description: Secret of the Microsoft Entra service principal O(azure_client_id).
    type: str
  azure_tenant_id:
    description: Microsoft Entra tenant of O(azure_client_id).
    type: str
  azure_workspace_resource_id:
    description: Azure resource ID of the workspace; needed only by identities that are not yet in the workspace.
    type: str
  azure_use_msi:
    description: Whether to sign in with the managed identity of the Azure machine that runs the task.
    type: bool
  azure_environment:
    description: Azure cloud of the workspace.
    type: str
    choices: [PUBLIC, USGOVERNMENT, CHINA]
  profile:
    description: Profile of the configuration file to take host and credentials from. It beats the environment.
    type: str
  config_file:
    description:
      - Configuration file with profiles. Without it, C(~/.databrickscfg).
      - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
        is one of an installed collection.
    type: path
  auth_type:
    description:
      - Way to sign in, in the words of the Databricks SDK, such as V(pat), V(oauth-m2m), V(azure-client-secret),
        V(azure-msi), V(github-oidc), V(env-oidc) or V(file-oidc).
      - It follows from the credentials that are given as options, and is needed only if the environment holds several
        kinds.
    type: str
  account_id:
    description: Databricks account of the workspace.
    type: str
  ca_cert:
    description:
      - File with the certificates of the authorities to trust, in PEM format.
      - A relative path counts as in O(config_file).
    type: path
  http_timeout:
    description: Seconds within which the answer to one request must be complete.
    type: int
    default: 60
  retry_timeout:
    description:
      - Seconds for which a busy workspace or broken connections may hold up the task in all, requests to sign in and
        SQL included. What succeeds does not count, nor does the time that a SQL warehouse takes to start.
      - A workspace that cannot be reached at all is not tried again, and a request that creates something is never
        repeated unless it certainly was not carried out.
    type: int
    default: 120
requirements:
  - databricks-sdk (Python library) on the machine that runs the task
notes:
  - Blanks, line breaks, a byte order mark and quotes around the values of these options are taken off.
  - Explicit options beat the variables of the inventory host, and those beat the environment and profiles.
"""
