# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's live tests, which it runs against real clouds: unmodified, from the module that the Go proxy has.

The tests of the SDK for Go read an address and names from the environment. Those that touch nothing that the sandbox
offers are not asked for; of the others each failure has a reason here or counts as a disagreement.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import typing as t
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from tests.judges.judging import CACHE, NotHere, Verdict, run
from tests.support.sandbox import running_sandbox

VERSION = "v0.175.0"
MODULE = f"github.com/databricks/databricks-sdk-go@{VERSION}"
_WORKSPACE = (
    *("TestAccCreateOboTokenOnAws", "TestAccCurrentUser", "TestAccGenericPermissions", "TestAccGroups"),
    *("TestAccIpAccessLists", "TestAccSecrets", "TestAccServicePrincipalsOnAWS", "TestAccSqlQueryHistory"),
    *("TestAccSqlWarehouses", "TestAccTokens", "TestAccWorkspaceConf", "TestAccWorkspaceUsers"),
    *("TestUcAccCatalogWorkspaceBindings", "TestUcAccCatalogs", "TestUcAccSchemas", "TestUcAccTables"),
    *("TestHostMetadataResolution", "TestUcAccVolumes", "TestUcAccExternalLocationsOnAws"),
    "TestUcAccWorkspaceClient_CurrentWorkspaceId_NoTranspile",
)
_ACCOUNT = (
    *("TestAccAccountServicePrincipal", "TestAccAccountUsers", "TestAccSpogAccountOAuthM2M"),
    *("TestAccSpogWorkspaceOAuthM2M", "TestAccSpogWorkspacePAT", "TestAccUnifiedHost"),
    *("TestAccUnifiedHostSendsWorkspaceIdHeader", "TestAccUnifiedHostWorkspaceGroups"),
    *("TestAccUnifiedHost_GetWorkspaceClient_NoTranspile", "TestMwsAccAccountOAuthM2MAuth"),
    *("TestUcAccAccountClient_GetWorkspaceClient_NoTranspile", "TestUcAccMetastoreAssignments"),
    "TestUcAccWorkspaceAssignmentOnAws",
)
_REASONS = {
    "TestAccGenericPermissions": "it is about a notebook, and the sandbox has no notebooks",
    "TestUcAccVolumes": "it needs storage of a cloud (TEST_METASTORE_DATA_ACCESS_ARN)",
    "TestUcAccExternalLocationsOnAws": "it needs storage of a cloud (TEST_METASTORE_DATA_ACCESS_ARN)",
    "TestUcAccMetastoreAssignments": "the account's list of the workspaces of a metastore is not offered",
}


def judge() -> list[Verdict]:
    """:raises NotHere: Go is not installed, or the module cannot be had"""
    program = _program()
    with running_sandbox("--account") as sandbox:
        ready = sandbox.ready
        w = WorkspaceClient(config=Config(host=ready["host"], token=ready["token"], auth_type="pat"))
        _no_twins(w)
        shared = {
            "CLOUD_ENV": "aws",
            "CLOUD_PROVIDER": "AWS",
            "TEST_METASTORE_ID": str(w.metastores.current().metastore_id),
            "TEST_DEFAULT_WAREHOUSE_ID": ready["warehouse_id"],
            "TEST_DATA_ENG_GROUP": "analysts",
            "THIS_WORKSPACE_ID": ready["workspace_id"],
        }
        of_workspace = {**shared, "DATABRICKS_HOST": ready["host"], "DATABRICKS_TOKEN": ready["token"]}
        of_account = {
            **shared,
            "DATABRICKS_HOST": ready["account_host"],
            "UNIFIED_HOST": ready["account_host"],
            "DATABRICKS_ACCOUNT_ID": ready["account_id"],
            "TEST_ACCOUNT_ID": ready["account_id"],
            "DATABRICKS_CLIENT_ID": ready["client_id"],
            "DATABRICKS_CLIENT_SECRET": ready["client_secret"],
            "TEST_DATABRICKS_CLIENT_ID": ready["client_id"],
            "TEST_DATABRICKS_CLIENT_SECRET": ready["client_secret"],
            "DATABRICKS_TOKEN": ready["token"],
            "DATABRICKS_AUTH_TYPE": "oauth-m2m",
            "TEST_WORKSPACE_ID": ready["workspace_id"],
            "DUMMY_WORKSPACE_ID": ready["workspace_id"],
        }
        return [
            _asked(program, f"live tests of sdk-go {VERSION}, workspace", _WORKSPACE, of_workspace),
            _asked(program, f"live tests of sdk-go {VERSION}, account", _ACCOUNT, of_account),
        ]


def _program() -> Path:
    """The module's tests as one program, built once; beside it lies the module."""
    if not shutil.which("go"):
        raise NotHere("go is not installed")
    made = CACHE / f"sdk-go-{VERSION}.test"
    found, said = run(["go", "mod", "download", "-json", MODULE], dict(os.environ), Path.cwd())
    if found:
        raise NotHere(f"go mod download {MODULE} failed: {said.strip()[-200:]}")
    folder = Path(json.loads(said[said.index("{") : said.rindex("}") + 1])["Dir"])
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        status, said = run(["go", "test", "-c", "-o", made, "./internal"], dict(os.environ), folder, 1800)
        if status:
            raise NotHere(f"go test -c of {MODULE} failed: {said.strip()[-200:]}")
    return made


def _no_twins(w: WorkspaceClient) -> None:
    """The sandbox begins with two principals of one name, as may be; one of the tests wants unique names."""
    seen: set[str] = set()
    for one in list(w.service_principals.list()):
        if str(one.display_name) in seen:
            w.service_principals.delete(str(one.id))
        seen.add(str(one.display_name))


def _asked(program: Path, name: str, tests: t.Sequence[str], settings: dict[str, str]) -> Verdict:
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("DATABRICKS_", "ARM_", "TEST_"))}
    pattern = f"^({'|'.join(tests)})$"
    _status, said = run([program, "-test.v", "-test.run", pattern], {**mine, **settings}, CACHE)
    verdict = Verdict(name)
    outcomes = {test: how for how, test in re.findall(r"^--- (\w+): (\w+)", said, re.MULTILINE)}
    for test in tests:
        how = outcomes.get(test, "not run")
        if how == "PASS":
            verdict.agree.append(test)
        elif test in _REASONS:
            verdict.explained[test] = _REASONS[test]
        else:
            verdict.disagree[test] = f"{how}: {_why(said, test)}"
    return verdict


def _why(said: str, test: str) -> str:
    """What the test said last before its end."""
    before = said.split(f": {test} (", maxsplit=1)[0]
    lines = [line.strip() for line in before.splitlines() if line.startswith("        ") or "_test.go:" in line]
    return " ".join(lines[-4:])[:300]
