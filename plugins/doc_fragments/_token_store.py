# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Acting as the owner of a stored token."""

    DOCUMENTATION = r"""
options:
  token_store:
    description: Act as the owner of the token that M(lakeops.databricks.token) keeps in this store.
    type: dict
    suboptions:
      type:
        description: Kind of store.
        type: str
        choices: [file, databricks_secret, tasks]
        default: file
      path:
        description:
          - The file. Required for V(file). The play's vault secrets open one that is encrypted with Ansible Vault.
          - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
            is one of an installed collection.
        type: path
      scope:
        description: The secret scope. Required for V(databricks_secret).
        type: str
      key:
        description: Name of the secret. Required for V(databricks_secret).
        type: str
      create_scope:
        description: Not used here.
        type: bool
        default: false
      record:
        description: For V(tasks), the stored record as JSON text.
        type: json
"""
