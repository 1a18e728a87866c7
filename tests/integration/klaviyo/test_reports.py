# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No run overwrites what an earlier one found, and an auditor checks that with sha256sum and ssh-keygen alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.support.klaviyo import HOST, Site, start_site

ENTRIES = ["setup", "verify", "rotate", "verify"]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed, so nothing can be signed")
    path = tmp_path_factory.mktemp("keys") / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def site(key: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("reports")) as site:
        for entry in ENTRIES:
            site.play(f"klaviyo_{entry}", klaviyo_report_sign_key=str(key)).ok()
        yield site


@pytest.fixture
def folder(site: Site) -> Path:
    return site.folder / "reports" / HOST


def runs(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/report.json") if not path.parent.is_symlink())


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    # As the guide says it.
    command = ["sha256sum", "--ignore-missing", "--check", "klaviyo.sha256"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_run_has_a_folder_and_the_pages_lead_to_it(folder: Path) -> None:
    told = [json.loads((run / "report.json").read_text(encoding="utf-8")) for run in runs(folder)]
    told.sort(key=lambda report: report["run"]["number"])
    assert [report["run"]["entry"] for report in told] == ENTRIES
    assert told[0]["sql"], "the grants of the first run are still there"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert [run.name for run in runs(folder) if f"{run.name}/report.html" not in index] == []
    assert HOST in (folder.parent / "index.html").read_text(encoding="utf-8")
    newest = json.loads((folder / "latest" / "report.json").read_text(encoding="utf-8"))
    assert newest["run"]["number"] == len(ENTRIES)
    assert [report["chain"]["previous"] is None for report in told] == [True, False, False, False]


def test_no_report_holds_the_token(site: Site, folder: Path) -> None:
    value = site.record["token_value"]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 2 * len(ENTRIES) and [path for path in files if value.encode() in path.read_bytes()] == []


def test_an_auditor_verifies_signatures_with_ssh_keygen(key: Path, folder: Path, tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_text(f"ops {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "ops", "-n", "report@lakeops.databricks", "-s"]
    for run in runs(folder):
        report = run / "report.json"
        for data, right in ((report.read_bytes(), True), (report.read_bytes() + b" ", False)):
            done = subprocess.run([*command, f"{report}.sig"], input=data, capture_output=True, check=False)
            assert (done.returncode == 0) is right, done


def test_sha256sum_names_a_flipped_byte_and_a_dropped_run(folder: Path, tmp_path: Path) -> None:
    assert checked(folder).returncode == 0, checked(folder)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, symlinks=True)
    flipped = runs(copy)[1] / "report.json"
    data = bytearray(flipped.read_bytes())
    data[len(data) // 2] ^= 1
    flipped.chmod(0o640)
    flipped.write_bytes(data)
    done = checked(copy)
    assert done.returncode != 0 and f"{flipped.parent.name}/report.json: FAILED" in done.stdout
    shutil.rmtree(copy)
    shutil.copytree(folder, copy, symlinks=True)
    gone = runs(copy)[2]
    shutil.rmtree(gone)
    command = ["sha256sum", "--check", "klaviyo.sha256"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and f"{gone.name}/report.json: FAILED open or read" in done.stdout
