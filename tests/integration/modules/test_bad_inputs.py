# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever cannot be meant is refused by name, before anything is changed."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.runs import Runs
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[3]
ROWS: list[dict[str, t.Any]] = yaml.safe_load(Path(__file__).with_name("bad_inputs.yml").read_text(encoding="utf-8"))
RECORD = {"token_id": "a" * 64, "token_value": "dapi" + "0" * 32, "expiry": "2099-01-01T00:00:00Z"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are not what somebody may take them for."""
    (tmp_path / "notes.txt").write_text("Remember the milk.\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "notes.txt")
    (tmp_path / "profiles.cfg").write_text("[one]\nhost = https://localhost:9\ntoken = dapi0\n", encoding="utf-8")
    (tmp_path / "other.json").write_text('{"name": "package", "version": "1.0.0"}', encoding="utf-8")
    for name, more in (
        ("elsewhere", {"host": "https://abc-12345678.cloud.databricks.com"}),
        ("integration", {"integration": "other"}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps({**RECORD, **more}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['module']}: {row['what']}")
def test_refused_by_name(sandbox: Sandbox, folder: Path, row: dict[str, t.Any]) -> None:
    run = Runs(sandbox, folder=str(folder), long="n" * 256)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    result = run.attempt(row["module"], **{**sandbox.connection, **row["options"]})
    assert result["failed"], f"accepted: {result}"
    message = result["msg"]
    assert re.search(rf"(?<![\w.]){re.escape(row['option'])}(?!\w)", message), f"names no {row['option']}: {message}"
    assert row["says"] in message
    assert run.mutating == []
    assert row.get("asks") or run.sent == []
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("options", [{"profile": "one"}, {"profile": "one", "config_file": "<folder>/.databrickscfg"}])
@pytest.mark.parametrize("line", ["token = s3cret", "[one]\nhost = https://localhost:9\ntoken s3cret"])
def test_a_line_of_a_malformed_file_is_not_shown(
    sandbox: Sandbox, tmp_path: Path, line: str, options: dict[str, t.Any]
) -> None:
    """Python's parser of such files quotes the line, which may be the one with the secret."""
    (tmp_path / ".databrickscfg").write_text(f"{line}\n", encoding="utf-8")
    result = Runs(sandbox, folder=str(tmp_path)).attempt("workspace_info", **options)
    assert result["failed"] and "config_file" in result["msg"]
    assert "s3cret" not in json.dumps(result)


def test_no_row_twice_and_every_module_of_workspaces_has_some() -> None:
    names = [(row["module"], row["what"]) for row in ROWS]
    assert len(set(names)) == len(names) >= 60
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    assert {row["module"] for row in ROWS} == set(groups["workspace"])
