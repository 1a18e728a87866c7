# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An access profile is read as Ansible's own loader reads it, and what is wrong with the file is said as it says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption
from ansible_collections.lakeops.databricks.plugins.plugin_utils._role_variables import Reading

PROFILES = sorted((Path(__file__).resolve().parents[4] / "roles" / "partner" / "profiles").glob("*.yml"))


@pytest.mark.parametrize("file", PROFILES, ids=lambda file: file.stem)
def test_the_same_as_ansible_reads(file: Path) -> None:
    loader = DataLoader()
    found = Reading(loader, None, {})._document(str(file))
    assert found == loader.load_from_file(str(file)) and found["partner"] == file.stem


def test_where_a_file_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text("partner: a\ntitle: b: c\n", encoding="utf-8")
    with pytest.raises(AnsibleError, match="Colons in unquoted values must be followed by a non-space character"):
        Reading(DataLoader(), None, {})._document(str(file))


def test_no_file_and_nothing_that_could_be_run(tmp_path: Path) -> None:
    with pytest.raises(AnsibleError, match=r"nothing\.yml"):
        Reading(DataLoader(), None, {})._document(str(tmp_path / "nothing.yml"))
    file = tmp_path / "code.yml"
    file.write_text("!!python/object/apply:os.getcwd []\n", encoding="utf-8")
    with pytest.raises(AnsibleError):
        Reading(DataLoader(), None, {})._document(str(file))


def test_a_place_for_reports_that_nobody_may_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading(DataLoader(), None, {})
    reading._try_reports("klaviyo", str(tmp_path / "not" / "there" / "yet"))
    monkeypatch.setattr("os.access", lambda place, _mode: place != tmp_path)
    with pytest.raises(BadOption) as caught:
        reading._try_reports("klaviyo", str(tmp_path / "not" / "there" / "yet"))
    said = f"klaviyo_report_dir: this user may not write in {tmp_path}. Give another directory for the reports."
    assert str(caught.value) == said
