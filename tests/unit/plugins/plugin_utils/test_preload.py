# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries are loaded once, in parts, and whoever else imports them notices nothing but that.

Each case is a process of its own: what is imported cannot be taken back.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload
assert (_preload.sdk(), _preload.connector()) == (None, None)
def typed_classes():
    return [name for name in sys.modules if name.startswith("databricks.sdk.service.catalog")]
assert not typed_classes() and "pandas" not in sys.modules
"""

CASES = {
    "somebody signs in without the typed classes": """
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.workspace import Workspace
params = {"host": "http://localhost:9", "token": "t", "http_timeout": 1, "retry_timeout": 1}
assert Workspace(params).signed()
assert not typed_classes()
""",
    "names of the package are there for whoever asks": """
from databricks.sdk import WorkspaceClient
import databricks.sdk
assert databricks.sdk.WorkspaceClient is WorkspaceClient and typed_classes()
from databricks.sdk.core import Config
assert databricks.sdk.core.Config is Config
""",
    "submodules are there without the package": """
import databricks.sdk.errors
assert databricks.sdk.errors.NotFound and databricks.sdk.core.ApiClient and not typed_classes()
""",
    "a name that the package does not have is still no name": """
import databricks.sdk
assert not hasattr(databricks.sdk, "NoSuchThing")
""",
    "Google's ways to sign in are there when the SDK uses them, and for whoever imports them": """
google = [name for name in sys.modules if name.startswith(("google.auth.impersonated", "google.oauth2.service"))]
assert google == []
import databricks.sdk.credentials_provider as sdk
assert sdk.service_account.Credentials.from_service_account_info and sdk.impersonated_credentials.IDTokenCredentials
from google.auth import impersonated_credentials
from google.oauth2 import service_account
assert sdk.service_account is not service_account
assert sdk.service_account.Credentials is service_account.Credentials
assert sdk.impersonated_credentials.Credentials is impersonated_credentials.Credentials
""",
    "the classes of workspaces are there for whoever imports them": """
assert "databricks.sdk.service.provisioning" not in sys.modules
import databricks.sdk.azure as sdk
from databricks.sdk.service.provisioning import AzureWorkspaceInfo, Workspace
info = AzureWorkspaceInfo(resource_group="g", subscription_id="s")
found = sdk.get_azure_resource_id(Workspace(workspace_name="w", azure_workspace_info=info))
assert found == "/subscriptions/s/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w"
import databricks.sdk
assert databricks.sdk.AccountClient and databricks.sdk.service.provisioning.Workspace is Workspace
""",
    "pandas is itself for whoever imports it, and for the connector when it needs it": """
import databricks.sql.result_set as connector
import pandas
assert pandas.DataFrame({"a": [1]}).a.sum() == 1
assert connector.pandas is not pandas and connector.pandas.DataFrame is pandas.DataFrame
""",
    "a connection reads no certificates for a client that it does not use": """
import os, ssl
for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]
from databricks.sql import client
made = []
ssl.create_default_context = lambda *_given, real=ssl.create_default_context: made.append(1) or real()
def second_client():
    return client.UnifiedHttpClient(client.build_client_context("http://localhost:9", "1"))
quiet = second_client()
assert quiet.using_proxy() is False and quiet.proxy_uri is None and made == [1]
quiet.close()
never = second_client()
assert never.using_proxy() is False
never.close()
assert made == [1]
os.environ["http_proxy"] = "http://proxy.example:3128"
assert second_client().using_proxy() is True and made == [1, 1]
""",
}


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", program], check=False, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("case", CASES)
def test_after_loading(case: str) -> None:
    done = run(LOADED + CASES[case])
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_collected_afterwards_as_before(collects: bool) -> None:
    done = run(
        "import gc\n"
        f"gc.{'enable' if collects else 'disable'}()\n"
        "from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload\n"
        "seen = []\n"
        "_preload.importlib.import_module = lambda name: seen.append(gc.isenabled()) or 1 / 0\n"
        "assert 'cannot be imported' in _preload.preload('anything') and seen == [False]\n"
        f"assert gc.isenabled() is {collects}\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_loaded_package_is_left_as_it_is() -> None:
    done = run(
        "import databricks.sdk, pandas\n"
        "from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload\n"
        "assert (_preload.sdk(), _preload.connector()) == (None, None)\n"
        "import databricks.sql.result_set as connector\n"
        "assert connector.pandas is pandas and databricks.sdk.WorkspaceClient\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_missing_library_is_told() -> None:
    done = run(
        "import sys\n"
        "sys.modules['databricks'] = None\n"
        "from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload\n"
        "print(_preload.sdk())\n"
        "print(_preload.connector())\n"
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("databricks.sdk.clock cannot be imported by ")
    assert second.startswith("databricks.sql.client cannot be imported by ")


def test_an_sdk_that_cannot_be_had_in_parts_is_imported_whole(tmp_path: Path) -> None:
    package = tmp_path / "databricks" / "sdk"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("ready = True\n")
    (package / "clock.py").write_text("")
    (package / "core.py").write_text("import sys\nassert sys.modules['databricks.sdk'].__dict__.get('ready')\n")
    done = run(
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from ansible_collections.lakeops.databricks.plugins.plugin_utils import _preload\n"
        "print(_preload.sdk())\nimport databricks.sdk\nassert databricks.sdk.ready\n"
    )
    assert done.stdout == "None\n", done.stderr
