# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of some secret services as the recipes for stores ask for; whatever else is asked is refused.

HashiCorp Vault KV v2: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2. GCP: cloud.google.com/secret-manager/docs
/reference/rest. Azure Key Vault: learn.microsoft.com/rest/api/keyvault. AWX: /api/v2/credentials. AWS has a command
instead, of which AWS_CLI is a stand-in.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Json = dict[str, t.Any]
Answer = tuple[int, Json | None]

# Keeps the versions of the secret and their labels in a file. Like the real one it knows file://, a secret that is not
# there, and that a label is only moved away from the version that has it (API reference, UpdateSecretVersionStage).
AWS_CLI = r"""#!{python}
import json, pathlib, sys, uuid
words = sys.argv[1:]
options = dict(zip(words[2::2], words[3::2]))
file = pathlib.Path({file!r})
held = json.loads(file.read_text()) if file.exists() else None
assert words[0] == "secretsmanager" and (options.get("--secret-id") or options.get("--name")) == "klaviyo/acme", words
def fail(kind, message):
    print(f"An error occurred ({{kind}}): {{message}}", file=sys.stderr)
    sys.exit(254)
def add(stages):
    made = str(uuid.uuid4())
    held["versions"][made] = pathlib.Path(options["--secret-string"].removeprefix("file://")).read_text()
    held["stages"].update(dict.fromkeys(stages, made))
    print(json.dumps({{"Name": "klaviyo/acme", "VersionId": made, "VersionStages": stages}}))
if words[1] == "create-secret":
    if held:
        fail("ResourceExistsException", "a secret of this name exists")
    held = {{"versions": {{}}, "stages": {{}}}}
    add(["AWSCURRENT"])
elif held is None:
    fail("ResourceNotFoundException", "can't find the specified secret.")
elif words[1] == "get-secret-value":
    wanted = held["stages"][options["--version-stage"]]
    print(json.dumps({{"VersionId": wanted, "SecretString": held["versions"][wanted]}}))
elif words[1] == "put-secret-value":
    add([options["--version-stages"]])
elif words[1] == "update-secret-version-stage":
    label = options["--version-stage"]
    if held["stages"][label] != options["--remove-from-version-id"]:
        fail("InvalidParameterException", f"The staging label {{label}} is attached to another version")
    held["stages"]["AWSPREVIOUS"], held["stages"][label] = held["stages"][label], options["--move-to-version-id"]
else:
    sys.exit(f"unknown: {{words}}")
file.write_text(json.dumps(held))
"""


class Services:
    """What the services hold."""

    def __init__(self) -> None:
        self.url, self.key = "", "sesame"
        self.vault: list[Json] = []  # versions
        self.azure: list[str] = []  # versions
        self.gcp: list[str] | None = None  # versions; None before the secret is created
        self.gcp_etag, self.gcp_aliases = 0, {}  # type: int, dict[str, str]
        self.awx: Json = {"description": "", "inputs": {}}
        self.writes: list[str] = []

    def answer(self, method: str, path: str, headers: t.Mapping[str, str], body: Json) -> Answer:
        bearer = headers.get("Authorization") == f"Bearer {self.key}"
        for pattern, handler, allowed in (
            (r"/v1/secret/data/klaviyo/acme", self._vault, headers.get("X-Vault-Token") == self.key),
            (r"/secrets/klaviyo-acme\?api-version=7\.4", self._azure, bearer),
            (r"/v1/projects/shop/secrets.*", self._gcp, bearer),
            (r"/api/v2/credentials/42/", self._awx, bearer),
        ):
            if re.fullmatch(pattern, path):
                if not allowed:
                    return 403, {"errors": ["permission denied"]}
                if method != "GET":
                    self.writes.append(f"{method} {path}")
                return handler(method, path, body)
        return 404, {"errors": [f"nothing at {path}"]}

    def _vault(self, method: str, path: str, body: Json) -> Answer:
        number = len(self.vault)
        if method == "GET":
            if not self.vault:
                return 404, {"errors": []}
            data = {"data": self.vault[-1], "metadata": {"version": number}}
            return 200, {"data": data}
        if method != "POST" or not isinstance(body.get("data"), dict):
            return 400, {"errors": ["no data provided"]}
        if body.get("options", {}).get("cas") != number:
            return 400, {"errors": ["check-and-set parameter did not match the current version"]}
        self.vault.append(body["data"])
        return 200, {"data": {"version": number + 1}}

    def _azure(self, method: str, path: str, body: Json) -> Answer:
        if method == "PUT" and isinstance(body.get("value"), str):
            self.azure.append(body["value"])
        elif method != "GET":
            return 400, {"error": {"code": "BadParameter"}}
        if not self.azure:
            return 404, {"error": {"code": "SecretNotFound"}}
        return 200, {"value": self.azure[-1], "id": f"{self.url}/secrets/klaviyo-acme/{len(self.azure):032x}"}

    def _gcp(self, method: str, path: str, body: Json) -> Answer:
        secrets = "/v1/projects/shop/secrets"
        if (method, path) == ("POST", f"{secrets}?secretId=klaviyo-acme") and body == {
            "replication": {"automatic": {}}
        }:
            if self.gcp is not None:
                return 409, {"error": {"status": "ALREADY_EXISTS"}}
            self.gcp = []
            return 200, self._gcp_secret()
        if self.gcp is None:
            return 404, {"error": {"status": "NOT_FOUND"}}
        if (method, path) == ("GET", f"{secrets}/klaviyo-acme"):
            return 200, self._gcp_secret()
        if (method, path) == ("POST", f"{secrets}/klaviyo-acme:addVersion"):
            # Does not touch the secret's etag (cloud.google.com/secret-manager/docs/etags).
            self.gcp.append(base64.b64decode(body["payload"]["data"], validate=True).decode())
            return 200, {"name": f"projects/7/secrets/klaviyo-acme/versions/{len(self.gcp)}", "etag": '"0"'}
        if (method, path) == ("PATCH", f"{secrets}/klaviyo-acme?updateMask=versionAliases"):
            if body.get("etag") != f'"{self.gcp_etag}"':
                return 400, {"error": {"status": "FAILED_PRECONDITION"}}
            self.gcp_etag, self.gcp_aliases = self.gcp_etag + 1, body["versionAliases"]
            return 200, self._gcp_secret()
        which = re.fullmatch(rf"{secrets}/klaviyo-acme/versions/(\w+):access", path)
        number = {**self.gcp_aliases, "latest": len(self.gcp)}.get(which[1]) if which else None
        if method == "GET" and number and int(number) <= len(self.gcp):
            return 200, {"payload": {"data": base64.b64encode(self.gcp[int(number) - 1].encode()).decode()}}
        return 404, {"error": {"status": "NOT_FOUND"}}

    def _gcp_secret(self) -> Json:
        secret: Json = {"name": "projects/7/secrets/klaviyo-acme", "etag": f'"{self.gcp_etag}"'}
        return {**secret, "versionAliases": self.gcp_aliases} if self.gcp_aliases else secret

    def _awx(self, method: str, path: str, body: Json) -> Answer:
        if method == "PATCH":
            self.awx |= body
        shown = dict.fromkeys(self.awx["inputs"], "$encrypted$")
        return 200, {"description": self.awx["description"], "inputs": shown}


@contextlib.contextmanager
def secret_services() -> t.Iterator[Services]:
    """All of them behind one address, for as long as a ``with`` lasts."""
    services = Services()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = services.answer(self.command, self.path, self.headers, json.loads(raw or b"{}"))
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: t.Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    services.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
