# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads when a variable cannot be used: the sentence, whole, and nothing is changed.

One play has a host for each mistake, so that all of them cost as much as one.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import Played, Site

PLACE = "{folder}"
TLS_ONLY = "Give option host without a port, as the workspace itself shows it; another service answers on this one."
EXAMPLE = "like /sql/1.0/warehouses/1234567890abcdef."

# The variables of a host, and the sentence. {folder} is the play's own.
CONNECTION: dict[str, tuple[dict[str, t.Any], str]] = {
    "no-host": (
        {"databricks_host": None},
        "host: is missing. Set the option, the variable databricks_host, DATABRICKS_HOST or a profile.",
    ),
    "ftp": (
        {"databricks_host": "ftp://abc.cloud.databricks.com"},
        "host (variable databricks_host of the host): 'ftp://abc.cloud.databricks.com' must begin with https://.",
    ),
    "password": (
        {"databricks_host": "https://ada:s3cret@abc.cloud.databricks.com"},
        "host (variable databricks_host of the host): must not contain a user name or password.",
    ),
    "port": (
        {"databricks_host": "https://abc.cloud.databricks.com:99999"},
        (
            "host (variable databricks_host of the host): 'https://abc.cloud.databricks.com:99999' "
            "has a port that is not a number from 1 to 65535."
        ),
    ),
    "words": (
        {"databricks_host": "our workspace"},
        "host (variable databricks_host of the host): 'our workspace' is not the address of a workspace, such as",
    ),
    "account": (
        {"databricks_host": "https://accounts.cloud.databricks.com"},
        (
            "host (variable databricks_host of the host): 'https://accounts.cloud.databricks.com' is "
            "the account console. Give the address of one workspace."
        ),
    ),
    "clear": (
        {"databricks_host": "http://abc.cloud.databricks.com"},
        (
            "host (variable databricks_host of the host): 'http://abc.cloud.databricks.com' would "
            "send the credentials in clear. Use https://; plain http is for this machine only."
        ),
    ),
    "no-tls": ({"databricks_host": "{tls}"}, f"{{tls_netloc}} does not speak TLS on this port. Hint: {TLS_ONLY}"),
    "blanks": (
        {"databricks_token": "  "},
        "token (variable databricks_token of the host): is empty. Give a value or leave the option out.",
    ),
    "two-ways": (
        {"databricks_client_id": "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47", "databricks_client_secret": "dose0000"},
        (
            "client_secret (variable databricks_client_secret of the host): cannot be combined with "
            "token. Give one way to sign in."
        ),
    ),
    "no-secret": (
        {"databricks_token": None, "databricks_client_id": "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47"},
        "client_secret: is needed together with client_id.",
    ),
    "no-ca": (
        {"databricks_ca_cert": f"{PLACE}/nothing.pem"},
        "ca_cert (variable databricks_ca_cert of the host): {folder}/nothing.pem is not a file.",
    ),
    "bad-ca": (
        {"databricks_ca_cert": f"{PLACE}/notes.txt"},
        "ca_cert (variable databricks_ca_cert of the host): {folder}/notes.txt holds no certificate in PEM format.",
    ),
    "no-config": (
        {"databricks_token": None, "databricks_profile": "one", "databricks_config_file": f"{PLACE}/nothing.cfg"},
        "config_file (variable databricks_config_file of the host): {folder}/nothing.cfg is not a file.",
    ),
    "bad-config": (
        {"databricks_token": None, "databricks_profile": "one", "databricks_config_file": f"{PLACE}/notes.txt"},
        (
            "config_file (variable databricks_config_file of the host): {folder}/notes.txt is not a "
            "file of profiles: each begins with its name in square brackets."
        ),
    ),
    "no-time": (
        {"databricks_http_timeout": 0},
        "http_timeout (variable databricks_http_timeout of the host): is 0; give at least 1 second.",
    ),
    "workspace": (
        {"databricks_workspace_id": "production"},
        (
            "workspace_id (variable databricks_workspace_id of the host): 'production' is not the ID "
            "of a workspace: digits, as after ?o= in its address."
        ),
    ),
}

FIRST = "Nothing was changed. This has to be done first:\n- klaviyo_token_store: "
RUNNER = " Who can change that: whoever runs this. How: "

STORE: dict[str, tuple[dict[str, t.Any], str]] = {
    "link": (
        {"path": f"{PLACE}/link"},
        FIRST
        + "{folder}/link is a symbolic link. Give the file itself."
        + RUNNER
        + "give the store that the first run had.",
    ),
    "folder": ({"path": PLACE}, FIRST + "{folder} is not a file." + RUNNER + "give the store that the first run had."),
    "below": (
        {"path": f"{PLACE}/notes.txt/token.json"},
        FIRST + "{folder}/notes.txt is not a directory." + RUNNER + "give the store that the first run had.",
    ),
    "damaged": (
        {"path": f"{PLACE}/damaged.json"},
        FIRST
        + "{folder}/damaged.json is encrypted with Ansible Vault, and this play has no vault secret."
        + RUNNER
        + "Run the play with --vault-id or --vault-password-file, as when the token was stored.",
    ),
    "other": (
        {"path": f"{PLACE}/notes.txt"},
        FIRST
        + "file {folder}/notes.txt holds something that is not the record of a token."
        + RUNNER
        + "Give the token a place of its own, or remove what is there.",
    ),
}

WORK: dict[str, tuple[dict[str, t.Any], str]] = {
    "no-warehouse": (
        {"klaviyo_warehouse": "Nowhere"},
        (
            "Nothing was changed. This has to be done first:\n- klaviyo_warehouse: no SQL warehouse "
            "called 'Nowhere'. The caller sees: Cold Warehouse ("
        ),
    ),
    "cluster": (
        {"klaviyo_warehouse": "sql/protocolv1/o/1234567890123456/0614-181414-abcdefgh"},
        f"is a cluster's. Give the name, ID or HTTP path of a SQL warehouse, {EXAMPLE}",
    ),
    "no-path": ({"klaviyo_warehouse": "/sql/1.0/dashboards/1"}, f"is not the path of a SQL warehouse, {EXAMPLE}"),
    "two-words": (
        {"klaviyo_token": "dapi 0000"},
        "klaviyo_token: cannot be right: character 5 of 9 is a blank. Copy the value again, on one line.",
    ),
    "own-token": (
        {"klaviyo_token": "{own}"},
        "klaviyo_token: is the token that the play itself signs in with. The partner must get one of its own.",
    ),
    "dead-token": (
        {"klaviyo_token": "dapi" + "0" * 32},
        "supplied_token: the workspace does not accept this token. Hint: Make a new one.",
    ),
}


def filled(value: t.Any, words: dict[str, str]) -> t.Any:
    """The value with its places filled in, at any depth."""
    if isinstance(value, dict):
        return {key: filled(one, words) for key, one in value.items()}
    return value.format(**words) if isinstance(value, str) else value


def ids(state: dict[str, t.Any]) -> list[tuple[str, bool]]:
    return [(one["token_id"], one["live"]) for one in state["tokens"]]


def compare(site: Site, rows: dict[str, tuple[dict[str, t.Any], str]], words: dict[str, str]) -> Played:
    """One play, with a host for each row: each ends with its sentence, and nobody's workspace or file changes."""
    hosts = {
        name: {key: one for key, one in {**site.variables, **filled(given, words)}.items() if one is not None}
        for name, (given, _said) in rows.items()
    }
    files = {
        path: path.read_bytes()
        for path in site.folder.iterdir()
        if path.suffix in (".txt", ".json") and path.name != "inventory.json"
    }
    before = site.state
    site.forget_journal()
    played = site.play("klaviyo_setup", "--forks", "8", hosts=hosts).failed()
    wrong = {}
    for name, (_given, said) in rows.items():
        shown = next(line for line in played.output.splitlines() if line.startswith(f"fatal: [{name}]"))
        message = json.loads(shown.partition("=> ")[2])["msg"]
        if filled(said, words) not in message:
            wrong[name] = message
    assert wrong == {}, "\n".join(f"{name}: {message}" for name, message in wrong.items())
    assert site.mutating() == [] and ids(site.state) == ids(before) and site.state["grants"] == before["grants"]
    assert {path: path.read_bytes() for path in files} == files
    return played


@pytest.fixture(scope="module")
def place(connected: Site) -> Path:
    """Files that are not what somebody takes them for."""
    (connected.folder / "notes.txt").write_text("Remember the milk.\n", encoding="utf-8")
    (connected.folder / "link").symlink_to(connected.folder / "notes.txt")
    (connected.folder / "damaged.json").write_text("$ANSIBLE_VAULT;1.1;AES256\n3333\n", encoding="utf-8")
    return connected.folder


def test_how_to_connect(connected: Site, place: Path) -> None:
    netloc = connected.host.partition("//")[2]
    words = {"folder": str(place), "tls": f"https://{netloc}", "tls_netloc": netloc}
    played = compare(connected, CONNECTION, words)
    assert "s3cret" not in played.output


def test_the_store(connected: Site, place: Path) -> None:
    rows = {name: ({"klaviyo_token_store": {"type": "file", **given}}, said) for name, (given, said) in STORE.items()}
    compare(connected, rows, {"folder": str(place)})


def test_the_work(connected: Site, place: Path) -> None:
    words = {"folder": str(place), "own": connected.ready["token"]}
    played = compare(connected, WORK, words)
    assert connected.ready["token"] not in played.output


def test_authorities_that_are_not_there(connected: Site) -> None:
    host = connected.host.replace("http:", "https:")
    env = {"REQUESTS_CA_BUNDLE": "/nowhere/authorities.pem"}
    played = connected.play("klaviyo_setup", env=env, databricks_host=host).failed()
    said = next(line for line in played.output.splitlines() if line.startswith("[ERROR]"))
    assert said.endswith(
        "Could not ask who the caller is: the file or folder of authorities /nowhere/authorities.pem is not there. "
        "Hint: Give a file or folder that is there: option ca_cert, or REQUESTS_CA_BUNDLE of the environment."
    ), said
