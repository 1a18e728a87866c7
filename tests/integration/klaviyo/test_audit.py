# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""klaviyo_audit reads what four runs left, and names whatever was done to it afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.klaviyo import HOST, Played, Site, start_site

ENTRIES = ["setup", "verify", "rotate", "verify"]


def made(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed, so nothing can be signed")
    return made(tmp_path_factory.mktemp("keys") / "id_ed25519")


@pytest.fixture(scope="module")
def signers(key: Path) -> Path:
    path = key.with_name("signers")
    path.write_text(f"ops {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def site(key: Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("audit")) as site:
        for entry in ENTRIES:
            site.play(f"klaviyo_{entry}", klaviyo_report_sign_key=str(key)).ok()
        yield site


class Copy:
    """The reports, copied to be interfered with."""

    def __init__(self, site: Site, directory: Path) -> None:
        shutil.copytree(site.folder / "reports", directory, symlinks=True)
        self.site, self.directory, self.folder = site, directory, directory / HOST
        self.file = self.folder / "klaviyo.sha256"
        self.runs = list(dict.fromkeys(re.findall(r"  (.*)/report\.json", self.file.read_text(encoding="utf-8"))))

    def audit(self, **variables: t.Any) -> Played:
        return self.site.play("klaviyo_audit", klaviyo_report_dir=str(self.directory), **variables)

    def rows(self) -> list[str]:
        """The lines of the chain file, two in one for each run."""
        lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
        return ["".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]


@pytest.fixture
def copy(site: Site, tmp_path: Path) -> Copy:
    return Copy(site, tmp_path / "reports")


def breaks(played: Played, sentence: str) -> None:
    said = " ".join(played.failed().output.split())
    assert f"The reports are not as they were written. - {HOST}, klaviyo: {sentence}" in said, played.output


def test_four_runs_are_unbroken_signed_and_told(copy: Copy, signers: Path) -> None:
    told = copy.audit(klaviyo_audit_signers=str(signers)).ok()
    assert told.changed == 0
    assert f"{HOST}, klaviyo: chain unbroken. 4 run(s), from " in told.output
    assert "Signatures: 4 of 4 reports signed, each by a key of the file of signers: ops." in told.output
    assert " setup by admin@example.com (" in told.output
    assert re.search(r"update grant to klaviyo-import \(\w+\) on catalog \S+: \+ USE CATALOG", told.output)
    assert "somebody else" not in told.output
    audit = json.loads((copy.directory / "audit.json").read_text(encoding="utf-8"))
    assert (audit["status"], [run["entry"] for run in audit["chains"][0]["runs"]]) == ("unbroken", ENTRIES)
    page = (copy.directory / "audit.html").read_text(encoding="utf-8")
    assert [run for run in copy.runs if f'href="{HOST}/{run}/report.html"' not in page] == []


def test_no_change_since_and_no_inventory_and_korean(copy: Copy) -> None:
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    given = ["since=2100-01-01", "klaviyo_report_language=ko", "klaviyo_report_dir=."]
    done = subprocess.run(
        [program, "lakeops.databricks.klaviyo_audit", *(word for one in given for word in ("-e", one))],
        cwd=copy.directory,
        env={name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "ANSIBLE_"))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{HOST}, klaviyo: No change since 2100-01-01T00:00:00Z." in done.stdout
    assert "Whose keys made them was not checked, since no file of signers was given." in done.stdout
    page = (copy.directory / "audit.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page and "2100-01-01T00:00:00Z 이후 변경이 없습니다." in page


def test_a_flipped_byte(copy: Copy) -> None:
    path = copy.folder / copy.runs[1] / "report.json"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    breaks(copy.audit(), f"{copy.runs[1]}/report.json was changed after it was written.")


def test_a_dropped_run(copy: Copy) -> None:
    shutil.rmtree(copy.folder / copy.runs[1])
    breaks(copy.audit(), f"{copy.runs[1]}, number 2, is missing. Retention did not take it away.")
    rows = copy.rows()
    copy.file.write_text("".join([rows[0], *rows[2:]]), encoding="utf-8")
    sentence = f"{copy.runs[1]} was taken out of the chain. {copy.runs[2]} names it as the run before."
    breaks(copy.audit(), sentence)


def test_an_inserted_run(copy: Copy) -> None:
    new = copy.runs[0].replace("_setup", "_offboard")
    shutil.copytree(copy.folder / copy.runs[0], copy.folder / new)
    sentence = f"The folder {new} has no line in klaviyo.sha256: it was put there, or its lines were taken out."
    breaks(copy.audit(), sentence)
    rows = copy.rows()
    copy.file.write_text("".join([rows[0], rows[0].replace(copy.runs[0], new), *rows[1:]]), encoding="utf-8")
    sentence = f"{new} was put into the chain. {copy.runs[1]}, which stands after it, does not know it."
    said = " ".join(copy.audit().failed().output.split())
    assert sentence in said
    assert f"The report in the folder {new} says that it is {copy.runs[0]}." in said


def test_runs_in_another_order(copy: Copy) -> None:
    rows = copy.rows()
    copy.file.write_text("".join([rows[0], rows[2], rows[3], rows[1]]), encoding="utf-8")
    sentence = f"{copy.runs[1]} is not in its place. It was written after {copy.runs[0]}."
    breaks(copy.audit(), sentence)


def test_a_signature_that_is_wrong_or_of_another_key(copy: Copy, signers: Path, tmp_path: Path) -> None:
    report = copy.folder / copy.runs[3] / "report.json"
    seal = report.with_name("report.json.sig")
    shutil.copy(copy.folder / copy.runs[1] / seal.name, seal)
    breaks(copy.audit(), f"The signature of {copy.runs[3]} is not that of its report.")
    seal.unlink()
    sign = ["ssh-keygen", "-Y", "sign", "-n", "report@lakeops.databricks", "-f", str(made(tmp_path / "another"))]
    subprocess.run([*sign, str(report)], check=True, capture_output=True)
    said = " ".join(copy.audit(klaviyo_audit_signers=str(signers)).failed().output.split())
    assert f"{copy.runs[3]} was signed by another key, SHA256:" in said


def test_the_newest_runs_cut_off(copy: Copy, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / HOST).mkdir(parents=True)
    shutil.copy(copy.file, tmp_path / "elsewhere" / HOST)
    copy.file.write_text("".join(copy.rows()[:-1]), encoding="utf-8")
    shutil.rmtree(copy.folder / copy.runs[-1])
    sentence = (
        f"{copy.runs[-1]} was taken away without a trace in the chain; the page of the workspace still leads to it."
    )
    breaks(copy.audit(), sentence)
    (copy.folder / "latest").unlink()
    (copy.folder / ".index.json").unlink()
    copy.audit().ok()
    sentence = "The copy of the chain file names 1 newer run(s) than there are: they were cut off."
    breaks(copy.audit(klaviyo_audit_copies=str(tmp_path / "elsewhere")), sentence)


def test_refusals(copy: Copy, tmp_path: Path) -> None:
    said = copy.audit(klaviyo_since="yesterday").failed().output
    assert "since: is 'yesterday'. Give a day such as 2026-07-01, or a time such as 2026-07-01T09:00:00Z." in said
    assert f"signers: there is no file {tmp_path}/none." in copy.audit(klaviyo_audit_signers=f"{tmp_path}/none").output
    (tmp_path / "empty").mkdir()
    said = copy.site.play("klaviyo_audit", klaviyo_report_dir=str(tmp_path / "empty")).failed().output
    assert f"directories: There is no report in {tmp_path}/empty." in " ".join(said.split())


def test_what_somebody_else_did_between_two_runs_is_told_from_what_a_run_did(site: Site, tmp_path: Path) -> None:
    client, principal = site.client(), site.record["principal"]
    schema = f"{site.catalog}.klaviyo_tmp"
    client.grants.update("schema", schema, changes=[PermissionsChange(principal=principal, remove=[Privilege.MODIFY])])
    site.play("klaviyo_verify").failed()
    site.play("klaviyo_setup").ok()
    played = Copy(site, tmp_path / "reports").audit().ok()
    verified, converged = Copy(site, tmp_path / "again").runs[-2:]
    said = " ".join(played.output.split())
    assert (
        f"somebody else, between {site_runs(site)[3]} and {verified}: privileges on schema {schema}: - MODIFY" in said
    )
    mine = rf"update grant to klaviyo-import \(\w+\) on schema {schema}: \+ MODIFY"
    assert re.search(rf"setup by admin@example.com \(\S+ on \S+\): {mine}", said)
    assert f"between {verified} and {converged}" not in said


def site_runs(site: Site) -> list[str]:
    text = (site.folder / "reports" / HOST / "klaviyo.sha256").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r"  (.*)/report\.json", text)))
