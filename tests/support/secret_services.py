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

# Keeps the secret in a file; like the real one it knows file:// and a secret that is not there.
AWS_CLI = r"""#!{python}
import pathlib, sys
words = sys.argv[1:]
options = dict(zip(words[2::2], words[3::2]))
file = pathlib.Path({file!r})
assert words[0] == "secretsmanager" and (options.get("--secret-id") or options.get("--name")) == "klaviyo/acme", words
def missing():
    print("An error occurred (ResourceNotFoundException): can't find the specified secret.", file=sys.stderr)
    sys.exit(254)
if words[1] == "get-secret-value":
    assert options["--query"] == "SecretString" and options["--output"] == "text"
    print(file.read_text()) if file.exists() else missing()
elif words[1] in ("create-secret", "put-secret-value"):
    if (words[1] == "create-secret") == file.exists():
        missing()
    file.write_text(pathlib.Path(options["--secret-string"].removeprefix("file://")).read_text())
    print('{{"ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:klaviyo/acme"}}')
else:
    sys.exit(f"unknown: {{words}}")
"""


class Services:
    """What the services hold."""

    def __init__(self) -> None:
        self.url, self.key = "", "sesame"
        self.vault: list[Json | None] = []  # versions; None for a deleted one
        self.azure: str | None = None
        self.gcp: list[str] | None = None  # versions; None before the secret is created
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
            return (404 if self.vault[-1] is None else 200), {"data": data}
        if method == "DELETE":
            self.vault[-1] = None
            return 204, None
        if method != "POST" or not isinstance(body.get("data"), dict):
            return 400, {"errors": ["no data provided"]}
        if body.get("options", {}).get("cas") != number:
            return 400, {"errors": ["check-and-set parameter did not match the current version"]}
        self.vault.append(body["data"])
        return 200, {"data": {"version": number + 1}}

    def _azure(self, method: str, path: str, body: Json) -> Answer:
        if method == "PUT" and isinstance(body.get("value"), str):
            self.azure = body["value"]
        elif method != "GET":
            return 400, {"error": {"code": "BadParameter"}}
        return (404, {"error": {"code": "SecretNotFound"}}) if self.azure is None else (200, {"value": self.azure})

    def _gcp(self, method: str, path: str, body: Json) -> Answer:
        secrets = "/v1/projects/shop/secrets"
        if (method, path) == ("POST", f"{secrets}?secretId=klaviyo-acme") and body == {
            "replication": {"automatic": {}}
        }:
            self.gcp = self.gcp or []
            return 200, {}
        if self.gcp is None:
            return 404, {"error": {"status": "NOT_FOUND"}}
        if (method, path) == ("GET", f"{secrets}/klaviyo-acme"):
            return 200, {"name": "klaviyo-acme"}
        if (method, path) == ("POST", f"{secrets}/klaviyo-acme:addVersion"):
            self.gcp.append(base64.b64decode(body["payload"]["data"], validate=True).decode())
            return 200, {}
        if (method, path) == ("GET", f"{secrets}/klaviyo-acme/versions/latest:access") and self.gcp:
            return 200, {"payload": {"data": base64.b64encode(self.gcp[-1].encode()).decode()}}
        return 404, {"error": {"status": "NOT_FOUND"}}

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
