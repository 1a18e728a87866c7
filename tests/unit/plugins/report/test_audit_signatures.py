# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signature that was changed, taken away, added or made with another key is found and named."""

from __future__ import annotations

import shutil
import subprocess
import typing as t
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.plugin_utils._audit import audit, rendering
from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import chain, signing, writing

from .test_audit import COUNT, NOW, PLACES, Kept, build, flip
from .test_writing import wish


def made(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return made(folder / "ours"), made(folder / "another")


@pytest.fixture(scope="module")
def signers(keys: tuple[Path, Path]) -> Path:
    path = keys[0].with_name("signers")
    path.write_text(f"ops {keys[0].with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def template(keys: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("signed")
    build(directory, sign_key=keys[0])
    return directory


@pytest.fixture
def kept(template: Path, tmp_path: Path) -> Kept:
    return Kept(template, tmp_path / "reports")


def lines(kept: Kept, **how: t.Any) -> str:
    return "\n".join(rendering.screen(audit.read(audit.Wish([kept.directory], **how), NOW)))


def seal(kept: Kept, place: int) -> Path:
    return kept.folder / kept.runs[place] / "report.json.sig"


def test_good_signatures_are_named_by_who_made_them(kept: Kept, signers: Path) -> None:
    assert kept.found(signers=signers) == []
    assert f"Signatures: {COUNT} of {COUNT} reports signed, each by a key of the file of signers: ops." in lines(
        kept, signers=signers
    )


def test_without_a_file_of_signers_it_is_said_that_nobody_was_checked(kept: Kept) -> None:
    assert kept.found() == []
    assert f"{COUNT} signature(s) fit their reports. Whose keys made them was not checked, since no" in lines(kept)


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("place", PLACES)
def test_a_signature_that_was_changed(kept: Kept, signers: Path, place: int, trusted: bool) -> None:
    path = seal(kept, place)
    how = {"signers": signers} if trusted else {}
    whole = path.read_bytes()
    for at in (5, len(whole) // 3, len(whole) // 2):
        flip(path, at)
        found = kept.found(**how)
        assert ("seal_wrong", kept.runs[place]) in found or ("seal_other", kept.runs[place]) in found, at
        path.write_bytes(whole)


@pytest.mark.parametrize("place", PLACES)
def test_a_signature_that_was_taken_away_or_is_that_of_another_run(kept: Kept, signers: Path, place: int) -> None:
    shutil.copy(seal(kept, place - 1), seal(kept, place))
    assert ("seal_wrong", kept.runs[place]) in kept.found(signers=signers)
    seal(kept, place).unlink()
    assert kept.found() == [("seal_missing", kept.runs[place])]


@pytest.mark.parametrize("place", PLACES)
def test_a_report_signed_by_another_key(kept: Kept, keys: tuple[Path, Path], signers: Path, place: int) -> None:
    report = kept.folder / kept.runs[place] / "report.json"
    seal(kept, place).unlink()
    signing.sign(keys[1], report)
    other = signing.fingerprint(keys[1])
    assert ("seal_other", kept.runs[place]) in kept.found(signers=signers)
    assert f"{kept.runs[place]} was signed by another key, {other}. Its report names " in lines(kept)


def test_a_run_appended_with_a_key_that_nobody_listed(kept: Kept, keys: tuple[Path, Path], signers: Path) -> None:
    run = writing.write(wish(kept.directory, sign_key=keys[1]), NOW + timedelta(days=30)).run
    assert kept.found() == [], "the chain alone cannot tell"
    assert kept.found(signers=signers) == [("seal_stranger", run)]
    said = f"{run} was signed by {signing.fingerprint(keys[1])}, which is not in {signers}."
    assert said in lines(kept, signers=signers)


def test_a_run_appended_without_a_signature_is_not_called_good(
    kept: Kept, keys: tuple[Path, Path], signers: Path
) -> None:
    run = writing.write(wish(kept.directory), NOW + timedelta(days=30)).run
    assert kept.found(signers=signers) == [("unsigned", run)]
    writing.write(wish(kept.directory, sign_key=keys[0]), NOW + timedelta(days=31))
    assert kept.found(signers=signers) == []
    assert "1 run(s) are not signed themselves. The chain binds them to" in lines(kept, signers=signers)


def test_the_whole_chain_written_anew_without_the_key(kept: Kept, signers: Path, tmp_path: Path) -> None:
    build(tmp_path / "anew")
    anew = Kept(tmp_path / "anew", tmp_path / "forged")
    assert anew.found() == []
    assert anew.found(signers=signers) == [("unsigned", anew.runs[0])]


def test_a_report_and_its_line_changed_together_are_betrayed_by_the_signature(kept: Kept) -> None:
    path = kept.folder / kept.runs[-1] / "report.json"
    path.write_text(path.read_text(encoding="utf-8").replace("ada@example.com", "eve@example.com"), encoding="utf-8")
    rows = kept.rows()
    rows[-1][0] = chain.digest(path.read_bytes()) + rows[-1][0][64:]
    kept.put(rows)
    assert kept.found() == [("seal_wrong", kept.runs[-1])]


def test_a_signature_that_no_report_speaks_of(kept: Kept, keys: tuple[Path, Path], tmp_path: Path) -> None:
    build(tmp_path / "made", 2)
    plain = Kept(tmp_path / "made", tmp_path / "plain")
    signing.sign(keys[0], plain.folder / plain.runs[1] / "report.json")
    assert plain.found() == [("seal_unasked", plain.runs[1])]


def test_without_ssh_keygen_nothing_is_called_good(kept: Kept, signers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert kept.found(signers=signers) == [("no_program", "")]
    assert kept.status(signers=signers) == "unknown"


def test_the_command_of_the_page_verifies_the_newest_report(kept: Kept, signers: Path) -> None:
    told = audit.read(audit.Wish([kept.directory], signers=signers), NOW)
    command = rendering.commands(told, told["chains"][0])[2][1]
    assert subprocess.run(["bash", "-c", command], cwd=kept.folder, capture_output=True, check=False).returncode == 0
    flip(kept.folder / kept.runs[-1] / "report.json", 99)
    assert subprocess.run(["bash", "-c", command], cwd=kept.folder, capture_output=True, check=False).returncode != 0
