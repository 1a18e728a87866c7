# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same playbook wherever it runs: in odd places, with odd settings, on odd machines."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.support import klaviyo
from tests.support.klaviyo import HOST, Site

_TOKEN = re.compile(r"dapi[0-9a-f]{16,}")


def secrets_of(site: Site) -> set[str]:
    return {site.ready["token"], site.record["token_value"]}


def shown_nowhere(site: Site, *places: Path, output: str = "") -> None:
    """No secret is in an output, or in a file below these places other than the store itself."""
    texts = {"output": output}
    for place in places:
        texts |= {
            str(file): file.read_text(encoding="utf-8", errors="replace")
            for file in place.rglob("*")
            if file.is_file() and file not in (site.store, site.folder / "inventory.json")
        }
    assert not [(name, secret[:6]) for name, text in texts.items() for secret in secrets_of(site) if secret in text]


def again(site: Site, *options: str, env: dict[str, str] | None = None, **variables: t.Any) -> klaviyo.Played:
    """A second set-up, which has nothing to do."""
    played = site.play("klaviyo_setup", *options, env=env, **variables).ok()
    assert played.changed == 0, played.output[-3000:]
    return played


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no PWD": {"PWD": ""},
    "a PWD that is not there": {"PWD": "/nowhere/at/all"},
    "no locale": {"LC_ALL": "C.UTF-8", "LANG": "", "LANGUAGE": ""},
    "another language": {"LANGUAGE": "ko", "TZ": "Asia/Seoul"},
    "a home that is not there": {"HOME": "/nowhere/at/all", "ANSIBLE_HOME": "{folder}/ansible", "TMPDIR": "{folder}"},
    "a name for all traffic": {"ALL_PROXY": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"},
    "a folder of authorities": {"REQUESTS_CA_BUNDLE": "{folder}"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_environment_changes_nothing(connected: Site, name: str) -> None:
    said = {key: value.format(folder=connected.folder) for key, value in ENVIRONMENTS[name].items()}
    again(connected, env=said)


def test_another_directory(connected: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Site(connected.ready, tmp_path, {**connected.variables})
    played = elsewhere.play("klaviyo_setup").ok()
    assert played.changed == 0 and not list(tmp_path.glob("store*"))


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_another_umask_leaves_the_store_to_its_owner(connected: Site, mask: int) -> None:
    before = os.umask(mask)
    try:
        connected.play("klaviyo_rotate", confirmed=True).ok()
    finally:
        os.umask(before)
    assert stat.S_IMODE(connected.store.stat().st_mode) == 0o600
    shown_nowhere(connected, connected.folder / "reports")


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_strategies_and_serial(connected: Site, strategy: str) -> None:
    hosts = {
        HOST: connected.variables,
        "second": {**connected.variables, "klaviyo_report_dir": str(connected.folder / f"reports-{strategy}")},
    }
    play = {
        "name": "Read twice",
        "hosts": "all",
        "gather_facts": False,
        "strategy": strategy,
        **({"serial": 1} if strategy == "linear" else {}),
        "tasks": [
            {"name": "Who", "lakeops.databricks.workspace_info": {}},
            {
                "name": "A statement",
                "lakeops.databricks.sql": {
                    "http_path": "/sql/1.0/warehouses/{{ klaviyo_warehouse }}",
                    "statement": "SELECT 1",
                },
            },
        ],
    }
    book = connected.folder / f"{strategy}.yml"
    book.write_text(json.dumps([play]), encoding="utf-8")
    played = connected.play(str(book), hosts=hosts).ok()
    assert len(re.findall(r"ok=2 ", played.output)) == 2, played.output[-2000:]


def test_a_cache_of_facts_holds_no_secret(connected: Site) -> None:
    cache = connected.folder / "cache"
    env = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    played = again(connected, "-vvvv", env=env)
    shown_nowhere(connected, connected.folder / "reports", *([cache] if cache.exists() else []), output=played.output)


@pytest.mark.parametrize("no_log", [True, False])
def test_whoever_sets_no_log_breaks_nothing(connected: Site, no_log: bool) -> None:
    play = {
        "name": "Careless",
        "hosts": "all",
        "gather_facts": False,
        "no_log": no_log,
        "tasks": [
            {
                "name": "Token",
                "lakeops.databricks.token": {
                    "principal": "klaviyo-import",
                    "store": {"type": "file", "path": str(connected.store)},
                },
                "register": "made",
            },
            {"name": "Show", "ansible.builtin.debug": {"var": "made"}},
        ],
    }
    book = connected.folder / f"careless-{no_log}.yml"
    book.write_text(json.dumps([play]), encoding="utf-8")
    played = connected.play(str(book), "-vvvv").ok()
    assert not _TOKEN.search(played.output), _TOKEN.findall(played.output)[:1]
    shown_nowhere(connected, output=played.output)


def test_a_full_disk_is_told_and_leaves_no_token_behind(connected: Site) -> None:
    """No file may grow: what a full disk does to the store, the report and Ansible's own files."""
    before = connected.state["tokens"]
    text = connected.store.read_text(encoding="utf-8")
    command = connected._command("klaviyo_rotate", (), {HOST: {**connected.variables, "confirmed": True}})

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    done = subprocess.run(
        command,
        check=False,
        cwd=connected.folder,
        env=klaviyo.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=no_room,
    )
    assert done.returncode != 0
    assert "File too large" in done.stdout + done.stderr, (done.stdout + done.stderr)[-2000:]
    assert connected.store.read_text(encoding="utf-8") == text
    known = {one["token_id"] for one in before}
    assert {one["token_id"] for one in connected.state["tokens"]} == known, "a token that nobody knows"
    connected.play("klaviyo_rotate", confirmed=True).ok()


def test_a_home_that_cannot_be_written(connected: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    again(
        connected, env={"HOME": str(home), "ANSIBLE_HOME": str(connected.folder / "ansible"), "TMPDIR": str(tmp_path)}
    )


@pytest.mark.parametrize("said", [{"LANG": "C"}, {"LC_CTYPE": "POSIX"}, {}], ids=["LANG=C", "LC_CTYPE=POSIX", "none"])
def test_a_locale_without_characters(connected: Site, monkeypatch: pytest.MonkeyPatch, said: dict[str, str]) -> None:
    """Ansible falls back to UTF-8 there, and so do we: the Korean page, too, is written."""
    for name in [name for name in os.environ if name.startswith(("LC_", "LANG"))]:
        monkeypatch.delenv(name)
    # PATH makes it a program of its own, which reads the locale afresh.
    env = {"PATH": os.environ["PATH"], **said}
    connected.play("klaviyo_setup", env=env, klaviyo_report_language="ko", klaviyo_owner="이지은").ok()
    assert "이지은" in (connected.folder / "reports" / HOST / "latest" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_a_locale_that_ansible_refuses(connected: Site, locale: str) -> None:
    """Where LC_ALL demands a locale without UTF-8, ansible-core ends before it reads a playbook."""
    connected.forget_journal()
    played = connected.play("klaviyo_setup", env={"LC_ALL": locale}).failed()
    assert played.output.startswith("ERROR: Ansible requires the locale encoding to be UTF-8"), played.output[-2000:]
    assert connected.journal == []


def run_as(command: list[str], site: Site, **env: str) -> klaviyo.Played:
    """Run it without what root may do to files of any mode."""
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root ignores the modes of files, and there is no setpriv to take that away")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    done = subprocess.run(
        command,
        check=False,
        cwd=site.folder,
        env={**klaviyo.environment(), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return klaviyo.Played(done.returncode, done.stdout)


def test_an_ordinary_user_whose_home_is_read_only(connected: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    command = connected._command("klaviyo_verify", (), {HOST: connected.variables})
    played = run_as(command, connected, HOME=str(home), ANSIBLE_HOME=str(tmp_path / "ansible")).ok()
    assert played.changed == 0 and list(home.iterdir()) == []


def test_a_folder_for_reports_where_this_user_may_not_write(connected: Site, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir(mode=0o555)
    connected.forget_journal()
    command = connected._command(
        "klaviyo_setup", (), {HOST: {**connected.variables, "klaviyo_report_dir": str(folder)}}
    )
    output = run_as(command, connected).failed().output
    said = f"klaviyo_report_dir: this user may not write in {folder}. Give another directory for the reports."
    assert said in output and connected.journal == [], output[-2000:]


@contextlib.contextmanager
def small_disk(folder: Path) -> t.Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only who may mount a small disk can fill it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full_after_the_token_was_stored(connected: Site, tmp_path: Path) -> None:
    """The token is in its store, and the report finds no room: it says so, and the next run finishes."""
    before = {one["token_id"] for one in connected.state["tokens"] if one["live"]}
    with small_disk(tmp_path / "small") as disk:
        connected.play("klaviyo_verify", klaviyo_report_dir=str(disk / "reports")).ok()
        with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 512)
        played = connected.play("klaviyo_rotate", "-vvvv", klaviyo_report_dir=str(disk / "reports")).failed()
        said = next(line for line in played.output.splitlines() if line.startswith("[ERROR]"))
        assert "the disk is full" in said.lower() or "No space left on device" in said, said
        shown_nowhere(connected, disk, output=played.output)
        made = {one["token_id"] for one in connected.state["tokens"] if one["live"]} - before
        assert made <= {connected.record["token_id"]}, "a token that nobody knows"
        (disk / "filler").unlink()
        connected.play("klaviyo_rotate", klaviyo_report_dir=str(disk / "reports"), confirmed=True).ok()
    live = {one["token_id"] for one in connected.state["tokens"] if one["live"]}
    assert connected.record["token_id"] in live and len(live) == len(before), "one token, as before"
