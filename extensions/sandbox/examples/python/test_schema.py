# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest test_schema.py: the fixture ``workspace`` comes with the package."""

from __future__ import annotations

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest


def test_a_schema_is_made_once(workspace: WorkspaceClient) -> None:
    workspace.schemas.create("shared_by_two", "main", comment="Made by the example")
    assert "shared_by_two" in [one.name for one in workspace.schemas.list("main")]
    with pytest.raises(BadRequest, match="already exists"):
        workspace.schemas.create("shared_by_two", "main")


def test_and_is_gone_in_the_next_test(workspace: WorkspaceClient) -> None:
    assert "shared_by_two" not in [one.name for one in workspace.schemas.list("main")]
