# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""How a person gets a stored token out, to enter it where the partner wants it: a command for each kind of store."""

from __future__ import annotations

import shlex
import typing as t

Store = t.Mapping[str, t.Any]

# Databricks, "Workspace secret scopes": workspace admins can access and read secrets.
ADMINS_READ = (
    "Whoever administers this workspace can read this token: workspace administrators can always read secret scopes, "
    "whatever the permissions of the scope say."
)

# Prints one field of the record that comes in, and nothing else; Python 3 is where Ansible is.
_FIELD = 'import json, sys; print(json.load(sys.stdin)["token_value"])'
_FIELD_OF_SECRET = (
    'import base64, json, sys; print(json.loads(base64.b64decode(json.load(sys.stdin)["value"]))["token_value"])'
)


def command(store: Store, *, host: str | None = None, encrypted: bool = False) -> str | None:
    """A command for a shell that prints the token's value; None where no command can.

    :param store: as module token takes it, or as the role does for stores of tasks
    :param host: address of the workspace, for stores that are in it
    :param encrypted: whether the file is one of Ansible Vault, which asks for the password or takes it from where
        Ansible is configured to find it
    """
    kind = str(store.get("type") or "file")
    if kind == "tasks":
        kind = str(store.get("recipe") or "")
    find = _COMMANDS.get(kind)
    return find(store, host, encrypted) if find else None


def notes(store: Store) -> list[str]:
    """What whoever keeps a token there should know."""
    return [ADMINS_READ] if store.get("type") == "databricks_secret" else []


def _file(store: Store, _host: str | None, encrypted: bool) -> str:
    # Not quoted as a whole: a shell has to see the ~ at the beginning.
    path = str(store["path"])
    shown = "~/" + shlex.quote(path[2:]) if path.startswith("~/") else shlex.quote(path)
    if path.startswith("-"):
        shown = shlex.quote(f"./{path}")
    if encrypted:
        return _piped(f"ansible-vault view {shown}", _FIELD)
    return f"{_python(_FIELD)} < {shown}"


def _databricks_secret(store: Store, host: str | None, _encrypted: bool) -> str:
    where = f"DATABRICKS_HOST={shlex.quote(host)} " if host else ""
    words = ["databricks", "secrets", "get-secret", store["scope"], store["key"], "--output", "json"]
    return _piped(where + _quoted(words), _FIELD_OF_SECRET)


def _hashicorp_vault(store: Store, _host: str | None, _encrypted: bool) -> str:
    words = ["vault", "kv", "get", f"-address={store['url']}", f"-mount={store.get('mount') or 'secret'}"]
    words += [f"-namespace={store['namespace']}"] if store.get("namespace") else []
    return _quoted([*words, "-field=token_value", store["path"]])


def _aws_secrets_manager(store: Store, _host: str | None, _encrypted: bool) -> str:
    words = [store.get("cli") or "aws", "secretsmanager", "get-secret-value", "--secret-id", store["secret_id"]]
    words += ["--query", "SecretString", "--output", "text"]
    words += ["--region", store["region"]] if store.get("region") else []
    return _piped(_quoted(words), _FIELD)


def _azure_key_vault(store: Store, _host: str | None, _encrypted: bool) -> str:
    words = ["az", "keyvault", "secret", "show", "--id", f"{str(store['url']).rstrip('/')}/secrets/{store['name']}"]
    return _piped(_quoted([*words, "--query", "value", "--output", "tsv"]), _FIELD)


def _gcp_secret_manager(store: Store, _host: str | None, _encrypted: bool) -> str:
    words = ["gcloud", "secrets", "versions", "access", "lakeops"]
    return _piped(_quoted([*words, f"--secret={store['name']}", f"--project={store['project']}"]), _FIELD)


_COMMANDS: dict[str, t.Callable[[Store, str | None, bool], str]] = {
    "file": _file,
    "databricks_secret": _databricks_secret,
    "hashicorp_vault": _hashicorp_vault,
    "aws_secrets_manager": _aws_secrets_manager,
    "azure_key_vault": _azure_key_vault,
    "gcp_secret_manager": _gcp_secret_manager,
    # Nothing for AWX, which shows a secret to nobody, nor for the user's own tasks, which we do not know.
}


def _piped(words: str, program: str) -> str:
    return f"{words} | {_python(program)}"


def _python(program: str) -> str:
    return f"python3 -c {shlex.quote(program)}"


def _quoted(words: t.Iterable[t.Any]) -> str:
    return shlex.join([str(word) for word in words])
