# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: workspaces
short_description: The workspaces of a Databricks account as an inventory
version_added: 1.0.0
description:
  - Asks the API of the account for its workspaces. Each becomes a host with C(ansible_connection=local),
    C(databricks_host) and C(databricks_workspace_id), so that modules, roles and playbooks of this collection work on
    it.
  - The file of the source must end with C(databricks_workspaces.yml) or C(databricks_workspaces.yaml).
  - The source gives no credentials to the hosts. Say in C(group_vars), or by the environment, how to sign in to the
    workspaces themselves.
  - A caller that sees no workspace at all may only lack the right to see them. So an empty answer is an error, unless
    O(allow_empty=true).
author:
  - lakeops contributors (@lakeops)
options:
  plugin:
    description: Says that the file is meant for this plugin.
    type: str
    required: true
    choices: [lakeops.databricks.workspaces]
  host:
    description:
      - Address of the account, such as V(https://accounts.cloud.databricks.com),
        V(https://accounts.azuredatabricks.net) or V(https://accounts.gcp.databricks.com), or its own unified address.
      - If not set, E(DATABRICKS_HOST), then the profile decides.
    type: str
    aliases: [account_host]
  account_id:
    description: ID of the account. If not set, E(DATABRICKS_ACCOUNT_ID), the profile, or the host itself says it.
    type: str
  client_id:
    description:
      - Application ID of the service principal to sign in as, an administrator of the account. Personal access tokens
        cannot be used for an account.
      - If no way to sign in is given here, the environment (E(DATABRICKS_CLIENT_ID), E(DATABRICKS_CLIENT_SECRET) and so
        on), then the profile decides, as for modules.
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
  azure_use_msi:
    description: Whether to sign in with the managed identity of the Azure machine that reads the inventory.
    type: bool
  azure_environment:
    description: Azure cloud of the account.
    type: str
    choices: [PUBLIC, USGOVERNMENT, CHINA]
  profile:
    description: Profile of the configuration file to take host and credentials from. It beats the environment.
    type: str
  config_file:
    description:
      - Configuration file with profiles. Without it, C(~/.databrickscfg).
      - A relative path counts from the directory of the inventory file.
    type: str
  auth_type:
    description: Way to sign in, in the words of the Databricks SDK, such as V(oauth-m2m) or V(azure-client-secret).
    type: str
  ca_cert:
    description: File with the certificates of the authorities to trust, in PEM format. Relative as O(config_file).
    type: str
  http_timeout:
    description: Seconds within which the answer to one request must be complete.
    type: int
    default: 60
  retry_timeout:
    description: Seconds for which a busy account or broken connections may hold up the inventory in all.
    type: int
    default: 120
  hostnames:
    description:
      - What names the hosts, namely the first of these that a workspace has. Its ID is used if it has none of them.
      - Stores and reports are mostly kept by the name of the host. V(name) can be changed in the account console, the
        others never change.
      - In names, whatever is no letter, digit, blank or one of C(._@+-) becomes C(_). Two workspaces of one name are
        refused.
    type: list
    elements: str
    choices: [deployment_name, name, workspace_id]
    default: [deployment_name]
  statuses:
    description:
      - Take workspaces with these statuses only, and those whose status the account does not say.
      - If not set, V(RUNNING) only, and a warning names the others.
    type: list
    elements: str
    choices: [NOT_PROVISIONED, PROVISIONING, RUNNING, FAILED, BANNED, CANCELLING]
  include_filters:
    description:
      - Take only workspaces that match one of these. A workspace matches if all keys of it match.
      - Keys are V(name), V(deployment_name), V(workspace_id), V(cloud), V(region), V(status), V(pricing_tier) and
        V(tags), a dictionary. A value is a text, or a list of texts of which one must match; C(*), C(?) and C([...])
        are as in a shell. The case of letters does not count.
    type: list
    elements: dict
    default: []
  exclude_filters:
    description: Leave out workspaces that match one of these, even if O(include_filters) takes them. Same form as
      O(include_filters).
    type: list
    elements: dict
    default: []
  default_groups:
    description:
      - Whether to make groups of what the account says - C(databricks), C(databricks_cloud_aws),
        C(databricks_region_us_east_1), C(databricks_status_running), C(databricks_tier_premium),
        C(databricks_tag_team_crm).
    type: bool
    default: true
  allow_empty:
    description: Whether it is no error if the account shows the caller no workspace. The inventory is empty then.
    type: bool
    default: false
extends_documentation_fragment:
  - constructed
  - inventory_cache
requirements:
  - databricks-sdk (Python library) where the inventory is read
notes:
  - Each host has the variable C(databricks_workspace), a dictionary with C(account_id), C(workspace_id), C(name),
    C(deployment_name), C(host), C(cloud), C(region), C(status), C(status_message), C(pricing_tier), C(tags),
    C(azure_resource_group) and C(azure_subscription_id); what the account does not say is null.
  - A workspace without an address, since it was never deployed, has no C(databricks_host).
  - On an account with an address of its own all workspaces have that address, and C(databricks_account_id) besides.
  - The cache holds the content of that variable, and no credentials.
  - O(host), the credentials, paths and O(account_id) may be templates.
"""

EXAMPLES = r"""
# databricks_workspaces.yml: all running workspaces; the environment or ~/.databrickscfg says who asks
plugin: lakeops.databricks.workspaces
host: https://accounts.cloud.databricks.com
account_id: 11111111-2222-3333-4444-555555555555

---
# crm.databricks_workspaces.yml: those of one team, but no sandboxes; a lookup gives the secret; asked once an hour
plugin: lakeops.databricks.workspaces
host: https://accounts.cloud.databricks.com
account_id: 11111111-2222-3333-4444-555555555555
client_id: 99999999-8888-7777-6666-555555555555
client_secret: "{{ lookup('ansible.builtin.env', 'ACCOUNT_CLIENT_SECRET') }}"
hostnames: [name]
include_filters:
  - cloud: aws
    tags: {team: crm}
exclude_filters:
  - name: ["*-sandbox", "test-*"]
keyed_groups:
  - key: databricks_workspace.tags.stage | default('none')
    prefix: stage
groups:
  europe: databricks_workspace.region is match('eu-')
compose:
  klaviyo_catalog: databricks_workspace.tags.catalog | default('main')
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/databricks_workspaces
cache_timeout: 3600
"""

import configparser
import contextlib
import hashlib
import json
import os
import typing as t
from pathlib import Path

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.lakeops.databricks.plugins.module_utils._api import account_workspaces
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._wire import profile_file
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.account import Account
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _fleet

_CREDENTIALS = (
    *("client_id", "client_secret", "azure_client_id", "azure_client_secret", "azure_tenant_id", "azure_use_msi"),
    *("azure_environment", "profile", "auth_type"),
)
_CONNECTION = ("host", "account_id", *_CREDENTIALS, "config_file", "ca_cert", "http_timeout", "retry_timeout")
_PATHS = ("config_file", "ca_cert")
# How variables of the environment begin that decide who is asked and as whom, where no option does.
_VARIABLES = ("DATABRICKS_", "ARM_")
# Parts of names of what is never written down, not even as a hash.
_SECRET = ("secret", "token", "password")


def _without_secrets(said: t.Mapping[str, t.Any]) -> Json:
    return {name: value for name, value in said.items() if not any(part in name.lower() for part in _SECRET)}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "lakeops.databricks.workspaces"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(
            ("databricks_workspaces.yml", "databricks_workspaces.yaml")
        )

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            wanted = _fleet.Wanted(
                statuses=self.get_option("statuses"),
                include=self.get_option("include_filters"),
                exclude=self.get_option("exclude_filters"),
            )
            found = self._workspaces(path, cache)
            if not found and not self.get_option("allow_empty"):
                raise _fleet.nothing_shown()
            chosen = wanted.of(found)
            names = _fleet.names(chosen, self.get_option("hostnames"))
        except Failure as failure:
            # Ansible would show every cause with its own sentence again.
            raise AnsibleParserError(str(failure)) from None
        for warning in wanted.warnings(found, chosen):
            self.display.warning(f"{path}: {warning}")
        for name, workspace in zip(names, chosen, strict=True):
            self._add(name, workspace)

    def _workspaces(self, path: str, cache: bool) -> list[Json]:
        self.load_cache_plugin()
        given = self._connection(path)
        key = self._cache_key(path, given)
        if cache and self.get_option("cache"):
            try:
                return _fleet.as_kept(self._cache[key])
            except KeyError:
                pass  # nothing is kept, or it is too old, or not ours
        account = Account(given, notify=self.display.vv)
        try:
            found = account_workspaces.listed(account)
        finally:
            account.close()
        if self.get_option("cache"):
            self._cache[key] = found
        return found

    def _connection(self, path: str) -> Json:
        given: Json = {}
        for name in _CONNECTION:
            value = self.get_option(name)
            if isinstance(value, str):
                value = self.templar.template(value)
            if name in _PATHS and value:
                value = str(Path(path).absolute().parent / Path(str(value)).expanduser())
            given[name] = value
        return given

    def _cache_key(self, path: str, given: Json) -> str:
        """Of whom is asked, and as whom: another account must never be answered with this one's workspaces."""
        asked: Json = {name: given[name] for name in _CONNECTION}
        asked |= {name: value for name, value in os.environ.items() if name.startswith(_VARIABLES)}
        asked["profile of the file"] = None
        file = given["config_file"] or os.environ.get("DATABRICKS_CONFIG_FILE") or profile_file.DEFAULT_FILE
        # What is wrong with the file is said by who signs in with it.
        with contextlib.suppress(OSError, ValueError, configparser.Error):
            profile = given["profile"] or os.environ.get("DATABRICKS_CONFIG_PROFILE")
            found = profile_file.chosen(str(file), profile)
            asked["profile of the file"] = _without_secrets(found[1]) if found else None
        asked = _without_secrets(asked)
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
        return f"{self.get_cache_key(path)}_{digest[:16]}"

    def _add(self, name: str, workspace: Json) -> None:
        self.inventory.add_host(name)
        for variable, value in _fleet.variables(workspace).items():
            self.inventory.set_variable(name, variable, value)
        if self.get_option("default_groups"):
            for group in _fleet.groups(workspace):
                self.inventory.add_host(name, group=self.inventory.add_group(self._sanitize_group_name(group)))
        strict = self.get_option("strict")
        known = self.inventory.get_host(name).get_vars()
        self._set_composite_vars(self.get_option("compose"), known, name, strict=strict)
        known = self.inventory.get_host(name).get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), known, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, name, strict=strict)
