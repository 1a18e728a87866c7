#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: token
short_description: Make, keep, rotate and revoke personal access tokens
version_added: 1.0.0
description:
  - Keeps one usable personal access token of a principal in a store. Its value is written to the store and to nothing
    else.
  - The service shows a token's value once. So the module tests the stored token, and makes another one only if no
    stored token works, or if it expires soon.
  - Tokens of its own carry a marker in their comment, such as C(klaviyo lakeops:g3:5f2c9d0a7b1e4c68:s0d5a3f12). Other
    tokens are never touched.
  - The record in the store names a token before it is made. So a token that an interrupted run left behind is known,
    and the next run revokes it. A token with the marker that the record does not name is called a stranger. It may
    belong to another controller, or to a store that was lost. Strangers are never revoked on a guess; see
    O(unknown_tokens).
  - A token that the record names is never revoked because it was refused once. The module tries the stored token again
    for a while. If the workspace lists it as alive and still refuses it, the task fails.
  - A replaced token stays alive until a person confirms that the partner has its successor, until the grace period is
    over and the partner is proven to use the successor, or until its own end.
  - A record belongs to a workspace, whatever its address.
  - The current time is taken from the answers of the service, not from the clock of this machine.
author:
  - lakeops contributors (@lakeops)
extends_documentation_fragment:
  - lakeops.databricks._workspace
  - lakeops.databricks._vault_keys
  - lakeops.databricks._attributes
options:
  principal:
    description: Owner of the token, by application ID, display name or e-mail.
    type: str
    required: true
  principal_id:
    description: Its number in the workspace, as the info modules return it under C(id), where that is known already.
      With an application ID or an e-mail as O(principal) it saves looking that up.
    type: str
  listed:
    description:
      - The principal's tokens as M(lakeops.databricks.preflight) returned them under C(tokens) just before, which saves
        listing them.
      - The list is used only if it is less than two minutes old, nothing has to be done, and the store is of type
        V(file) or V(tasks). Otherwise the tokens are listed again.
    type: dict
  integration:
    description: What the token is for. Becomes part of the marker, so that several integrations can have tokens of the
      same principal.
    type: str
    default: klaviyo
  store:
    description: Where the token is kept.
    type: dict
    required: true
    suboptions:
      type:
        description:
          - V(file) is a JSON file with mode 0600 that holds C(token_id), C(token_value), C(expiry) and what else is
            known.
          - Such a file is encrypted with Ansible Vault when the play has a vault secret, whichever way the module runs.
            It keeps its vault id. A plain file is encrypted as soon as the play has a secret.
          - V(databricks_secret) is a secret of the workspace, which every workspace administrator can read.
          - V(tasks) leaves storing to tasks of your own. Give what they read as O(store.record). If RV(store_write) is
            returned, store it, and run the module again with what is stored then, until it returns none. The
            announcement of the token is stored first, then the token, so there are up to three runs. Nothing is revoked
            before the last one.
        type: str
        choices: [file, databricks_secret, tasks]
        default: file
      path:
        description:
          - The file. Missing directories are made with mode 0700.
          - A relative path counts from the directory of the playbook, or from that of the inventory where the playbook
            is one of an installed collection. On another machine than that of the play it must be absolute, or begin
            with C(~).
        type: path
      scope:
        description: The secret scope.
        type: str
      key:
        description: Name of the secret in O(store.scope).
        type: str
      create_scope:
        description:
          - Whether to create a missing O(store.scope), with a right for the caller only.
          - Workspace administrators can read every scope.
        type: bool
        default: false
      record:
        description: For V(tasks), the stored record as JSON text; empty if there is none. Pass it through the filter
          C(to_json).
        type: json
  lifetime_days:
    description: Life of a new token. If the workspace allows less, its maximum is used.
    type: int
    default: 90
  renew_before_days:
    description:
      - A stored token that expires within this time gets a successor. If the token has a shorter life than
        O(lifetime_days), this time is shorter in proportion.
      - The default is a third of O(lifetime_days), so 30 of 90.
    type: int
  grace_days:
    description:
      - A replaced token is revoked this long after the end of the day on which its successor was made, if the partner
        is proven to use the successor and nobody used the replaced one since. Without proof it waits for
        O(confirmed), or for its own end.
      - The default is 14, or half of O(renew_before_days) if that is less.
    type: int
  confirmed:
    description: Whether the partner has the stored token. The replaced tokens are then revoked, after the stored one is
      proven to work. It never starts a rotation.
    type: bool
    default: false
  method:
    description:
      - V(on_behalf_of) lets an administrator make the token (AWS and GCP). V(self) signs in as the service principal
        with a short-lived OAuth secret, which is deleted at once. V(auto) takes the first and, where it is not offered
        or not allowed, the second.
    type: str
    choices: [auto, on_behalf_of, self]
    default: auto
  unknown_tokens:
    description:
      - What becomes of strangers, which are live tokens of the same principal and O(integration) that this store does
        not know, when another token has to be made.
      - V(refuse) makes none and says what was found. V(keep) leaves the strangers alone and makes one beside them.
        V(replace) takes them for replaced tokens, which live until that is confirmed, as in any rotation.
      - V(replace) also makes a successor of a stored token that the workspace lists alive but refuses.
    type: str
    choices: [refuse, keep, replace]
    default: refuse
  supplied_token:
    description: A token that the principal made. Needed for users, since nobody else can make their tokens. It is
      checked and stored.
    type: str
  scopes:
    description: API scopes of a new token. Without them it may do all that its owner may.
    type: list
    elements: str
  comment:
    description: Free text in front of the marker.
    type: str
  people:
    description:
      - Who is responsible for the access, and what else people should know about it. It is kept in the stored record.
      - A key that is not given stays as it is in the record; an empty text removes it. No token is made because of a
        change here.
    type: dict
    suboptions:
      owner:
        description: Who is responsible for it.
        type: str
      purpose:
        description: What it is for.
        type: str
      ticket:
        description: Where it was asked for.
        type: str
      review_by:
        description: The day by which somebody has to check whether it is still needed, such as V(2027-03-31). Nothing
          ends on that day.
        type: str
  state:
    description:
      - V(present) makes sure that a usable token is in the store. V(rotate) makes a successor now, unless one waits to
        be confirmed.
      - V(revoke_superseded) only revokes replaced tokens, if that is due. V(absent) revokes the tokens that the store's
        record names, and empties the store.
      - V(rehearse) tries whether a rotation would succeed. It makes a token of ten minutes as a rotation would, proves
        it, and stores it beside the stored one, in a file or secret with C(.rehearsal) at the end of its name. Run your
        checks with RV(rehearsal.store), then the module again with V(rehearsed), which revokes that token and removes
        what was stored. The stored record is read and never written. What would stop a rotation is listed in
        RV(rehearsal.findings); the task does not fail with it.
    type: str
    choices: [present, absent, rotate, revoke_superseded, rehearse, rehearsed]
    default: present
seealso:
  - module: lakeops.databricks.token_info
"""

EXAMPLES = r"""
- name: Have a service principal
  lakeops.databricks.service_principal:
    name: klaviyo-example
    entitlements: [databricks-sql-access, workspace-access]

- name: Let it use tokens
  lakeops.databricks.permission:
    object_type: tokens
    principal: klaviyo-example
    level: CAN_USE

- name: Have a token for Klaviyo in a file
  lakeops.databricks.token:
    principal: klaviyo-example
    store:
      path: ~/.lakeops/example.json
    people:
      owner: data-platform@example.com
      purpose: Import of customer profiles
      ticket: DATA-4711
      review_by: "2027-03-31"

- name: Make a successor; the token in use stays alive
  lakeops.databricks.token:
    principal: klaviyo-example
    store:
      path: ~/.lakeops/example.json
    state: rotate

- name: Revoke the replaced token once Klaviyo has its successor
  lakeops.databricks.token:
    principal: klaviyo-example
    store:
      path: ~/.lakeops/example.json
    state: revoke_superseded
    confirmed: true

- name: Revoke all of them and empty the store
  lakeops.databricks.token:
    principal: klaviyo-example
    store:
      path: ~/.lakeops/example.json
    state: absent
"""

RETURN = r"""
token:
  description: The stored token, without its value, after the task or as it would be in check mode.
  returned: unless O(state) is V(rehearse) or V(rehearsed)
  type: dict
  contains:
    phase: {description: "V(current), V(handover) while a replaced token lives, or V(none).", type: str, returned:
      always}
    live: {description: Whether the stored token works., type: bool, returned: always}
    token_id: {description: Its ID., type: str, returned: always}
    generation: {description: How often it was replaced before., type: int, returned: always}
    created: {description: When it was made., type: str, returned: always}
    expiry: {description: When it ends; null if never., type: str, returned: always}
    days_left: {description: Days until then., type: float, returned: always}
    last_used: {description: Start of the day of its last use., type: str, returned: always}
    scopes: {description: Its API scopes., type: list, elements: str, returned: always}
    predecessor: {description: "The replaced token that still lives; of several, that used last.", type: dict,
      returned: always}
    predecessors: {description: All replaced tokens that still live., type: list, elements: dict, returned: always}
    handover:
      description: The new token that somebody still has to give to the partner; null if there is none.
      type: dict
      returned: always
      contains:
        since: {description: When the stored token was made., type: str, returned: always}
        predecessor: {description: ID of the replaced token that ends first., type: str, returned: always}
        ends: {description: When that is; null if never., type: str, returned: always}
        days_left: {description: Days until then; negative if it has ended., type: float, returned: always}
        level: {description: "V(note), V(warn) in its last seven days, or V(broken) from its last day on.", type: str,
          returned: always}
        steps: {description: What to do., type: list, elements: str, returned: always}
    use:
      description:
        - Who uses it. Runs of this collection sign in with it, too, and the workspace counts that as use. So this is
          read from the principal's query history, where statements of this collection carry a mark, and from the days
          of use.
        - Administrators see the whole history, and the principal its own. It is kept for 30 days.
      type: dict
      returned: always
      contains:
        by:
          description: V(partner), V(us) if only runs of this collection, V(nobody) if it was never used, or V(unknown).
          type: str
          returned: always
        within_a_day:
          description: The same for today and yesterday, and for all tokens that the store names.
          type: str
          returned: always
        partner_last_used: {description: Start of the partner's last known statement., type: str, returned: always}
        our_last_used: {description: Start of our last known statement., type: str, returned: always}
        partner_silent:
          description: Whether the partner is known to have run no statement for 30 days.
          type: bool
          returned: always
        why_unknown: {description: Why something is V(unknown); null if nothing is., type: str, returned: always}
    principal: {description: Its owner., type: str, returned: always}
    integration: {description: What it is for., type: str, returned: always}
    store: {description: Where it is kept., type: str, returned: always}
    method: {description: How it was made; null if it was there., type: str, returned: always}
    people:
      description: What the record says of O(people), as far as it was ever given.
      type: dict
      returned: always
      sample: {owner: data-platform@example.com, review_by: "2027-03-31"}
phase:
  description: Same as RV(token.phase).
  returned: unless O(state) is V(rehearse) or V(rehearsed)
  type: str
  sample: current
rehearsal:
  description: What a rotation would meet today. The token of the rehearsal appears nowhere else in the result.
  returned: with O(state=rehearse)
  type: dict
  contains:
    would_succeed: {description: Whether nothing was found that stops a rotation., type: bool, returned: always}
    findings:
      description: What was found, each with C(code), C(message), C(hint), and C(blocks), whether it stops a rotation.
      type: list
      elements: dict
      returned: always
    method: {description: How the token was made; null if none was., type: str, returned: always}
    lifetime_days: {description: How long a new token would live., type: float, returned: always}
    token_id: {description: ID of the token of the rehearsal; null if none lives., type: str, returned: always}
    ends: {description: When it ends by itself., type: str, returned: always}
    due:
      description: When a daily run with O(state=present) would make a successor; null if never.
      type: str
      returned: always
    store:
      description: Where that token is, in the form of O(store), for the options C(token_store) of other modules; null
        if it is nowhere.
      type: dict
      returned: always
    steps: {description: What a rotation asks of a person., type: list, elements: str, returned: always}
rehearsal_record:
  description: The record of that token, as Base64 of JSON, to be given as C(token_store.record). Set C(no_log) on the
    task.
  returned: with O(state=rehearse) and O(store.type=tasks)
  type: str
strangers:
  description: Live tokens of the principal and the integration that the store does not know, in the form of
    RV(lakeops.databricks.token_info#module:tokens).
  returned: unless O(state) is V(rehearse) or V(rehearsed)
  type: list
  elements: dict
  sample: []
store_write:
  description:
    - The record to store, with the token's value, as Base64 of JSON; an empty object means to remove it. Set
      C(no_log) on the task.
  returned: when O(store.type=tasks) and something is to be stored
  type: str
actions:
  description: What was done, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample: [{method: mint, object: token of 6f1c2b1e-5a0f-4c5e-9a53-0d4b8e1f7a21, fields: [], reason: no usable token}]
"""


from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json
from ansible_collections.lakeops.databricks.plugins.module_utils._engine.module import act
from ansible_collections.lakeops.databricks.plugins.module_utils._role import people
from ansible_collections.lakeops.databricks.plugins.module_utils._token import module_token, rehearsal, stores
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace

SPEC = {
    "principal": {"type": "str", "required": True},
    "principal_id": {"type": "str"},
    # Describes tokens, and holds none of their values.
    "listed": {"type": "dict", "no_log": False},
    "integration": {"type": "str", "default": "klaviyo"},
    "store": {"type": "dict", "required": True, "options": stores.SPEC},
    "lifetime_days": {"type": "int", "default": 90},
    "renew_before_days": {"type": "int"},
    "grace_days": {"type": "int"},
    "confirmed": {"type": "bool", "default": False},
    "method": {"type": "str", "choices": ["auto", "on_behalf_of", "self"], "default": "auto"},
    "unknown_tokens": {"type": "str", "choices": ["refuse", "keep", "replace"], "default": "refuse"},
    "supplied_token": {"type": "str", "no_log": True},
    "scopes": {"type": "list", "elements": "str"},
    "comment": {"type": "str"},
    "people": {"type": "dict", "options": people.SPEC},
    "state": {
        "type": "str",
        "choices": ["present", "absent", "rotate", "revoke_superseded", "rehearse", "rehearsed"],
        "default": "present",
    },
}


def run(workspace: Workspace, params: Json, check: bool) -> Json:
    """A rehearsal, or the real thing."""
    way = rehearsal if params["state"] in rehearsal.STATES else module_token
    return way.run(workspace, params, check)


def main() -> None:
    act(SPEC, run)


if __name__ == "__main__":
    main()
