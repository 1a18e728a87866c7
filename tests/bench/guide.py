# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the guide (its section 4) by hand, where the Databricks CLI is installed: one process after the other.

A plan tells what there is. Whoever wants to know as much as a run of ours tells makes these checks besides, with the
token that Klaviyo gets.
"""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from dataclasses import replace
from pathlib import Path

from playing import Cost, PlayFailed, run
from provider import NotThere

STATEMENTS = "/api/2.0/sql/statements"


def installed() -> str:
    """The program.

    :raises NotThere: it is missing
    """
    program = shutil.which("databricks")
    if program is None:
        raise NotThere("databricks, the CLI, is not on the PATH, so the guide's checks are not measured.")
    return program


class Guide:
    """The checks on one workspace that is set up.

    :param record: the stored token, with its value
    """

    def __init__(self, program: str, folder: Path, host: str, record: dict[str, t.Any], variables: dict[str, t.Any]):
        self.program, self.folder = program, folder
        self.principal = record["principal"]
        self.catalog, self.warehouse = variables["klaviyo_catalog"], variables["klaviyo_warehouse"]
        mine = {name: value for name, value in os.environ.items() if not name.startswith("DATABRICKS_")}
        self.environment = {
            **mine,
            "DATABRICKS_HOST": host,
            "DATABRICKS_TOKEN": record["token_value"],
            "DATABRICKS_AUTH_TYPE": "pat",
            "DATABRICKS_CONFIG_FILE": str(folder / "no-profiles.cfg"),
        }

    def check(self) -> Cost:
        """All of them.

        :raises PlayFailed: one did not succeed
        """
        read, write = f"{self.catalog}.klaviyo_import_from_dwh", f"{self.catalog}.klaviyo_tmp"
        probe = f"{write}.test_permissions"
        costs = [
            self._run("current-user", "me"),
            self._run("schemas", "list", self.catalog),
            *(
                self._statement(statement)
                for statement in (
                    f"SHOW SCHEMAS IN {self.catalog}",
                    f"SHOW GRANTS `{self.principal}` ON CATALOG {self.catalog}",
                    f"SHOW GRANTS `{self.principal}` ON SCHEMA {read}",
                    f"SHOW GRANTS `{self.principal}` ON SCHEMA {write}",
                    f"CREATE TABLE {probe} (id INT)",
                    f"INSERT INTO {probe} VALUES (1)",
                    f"SELECT * FROM {probe}",
                    f"DROP TABLE {probe}",
                    f"SHOW TABLES IN {read}",
                )
            ),
        ]
        return replace(costs[0], wall=sum(cost.wall for cost in costs), cpu=sum(cost.cpu for cost in costs))

    def _statement(self, statement: str) -> Cost:
        body = {"statement": statement, "warehouse_id": self.warehouse, "wait_timeout": "50s"}
        return self._run("api", "post", STATEMENTS, "--json", json.dumps(body), succeeded='"SUCCEEDED"')

    def _run(self, *arguments: str, succeeded: str = "") -> Cost:
        said = self.folder / "databricks.log"
        status, cost = run([self.program, *arguments], self.folder, self.environment, said)
        text = said.read_text(encoding="utf-8", errors="replace")
        if status or succeeded not in text:
            raise PlayFailed(f"databricks {' '.join(arguments)} ended with status {status}:\n{text[-2000:]}")
        return cost
