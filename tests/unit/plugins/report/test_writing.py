# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs are kept whole, one after the other, for good or as long as was said, whatever ends the writing."""

from __future__ import annotations

import concurrent.futures
import json
import subprocess
import types
import typing as t
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import (
    action,
    chain,
    files,
    retention,
    writing,
)

from .test_format import EXAMPLE, SCHEMA

NOW = datetime(2026, 11, 25, 4, 55, 36, tzinfo=UTC)
MADE_HERE = ("format", "version", "run", "chain")


def wish(folder: Path, **different: t.Any) -> writing.Wish:
    given = {"entry": "verify", "mode": "run", "language": "en", "keep": retention.Keep(), "sign_key": None}
    partner = different.pop("partner", "klaviyo")
    document = {key: value for key, value in EXAMPLE.items() if key not in MADE_HERE}
    document = {**document, "partner": {"id": partner, "title": partner.title()}}
    return writing.Wish(**{"directory": folder, "workspace": "acme", "document": document, **given, **different})


def checked(folder: Path) -> str:
    """What an auditor has without us."""
    done = subprocess.run(
        ["sha256sum", "--ignore-missing", "--strict", "--quiet", "--check", "klaviyo.sha256"],
        check=False,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout if done.returncode else ""


def runs(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if chain.NAME.fullmatch(one.name))


def links(run: writing.Kept) -> dict[str, t.Any]:
    return json.loads((run.folder / "report.json").read_text(encoding="utf-8"))["chain"]


def test_each_run_has_its_own_folder_and_names_the_one_before(tmp_path):
    kept = [writing.write(wish(tmp_path, entry=entry), NOW) for entry in ("setup", "verify", "verify", "rotate")]
    assert [one.run for one in kept] == [
        "20261125T045536Z-klaviyo_setup",
        "20261125T045536Z-klaviyo_verify",
        "20261125T045536Z-klaviyo_verify-2",
        "20261125T045536Z-klaviyo_rotate",
    ]
    assert [one.number for one in kept] == [1, 2, 3, 4]
    said = [links(one)["previous"] for one in kept]
    assert said == [None, *({"run": one.run, "sha256": one.sha256} for one in kept[:3])]
    for one in kept:
        jsonschema.validate(json.loads((one.folder / "report.json").read_bytes()), SCHEMA)
        assert sorted(path.name for path in one.folder.iterdir()) == ["report.html", "report.json"]
        assert {path.stat().st_mode & 0o777 for path in one.folder.iterdir()} == {0o640}
        assert one.folder.stat().st_mode & 0o777 == 0o750
    folder = tmp_path / "acme"
    assert str((folder / "latest").readlink()) == kept[-1].run
    assert checked(folder) == ""
    index, all_of_them = (folder / "index.html").read_text(), (tmp_path / "index.html").read_text()
    assert all(f'href="{one.run}/report.html"' in index for one in kept)
    assert 'href="acme/index.html"' in all_of_them
    assert f'href="acme/{kept[-1].run}/report.html"' in all_of_them


def test_partners_have_chains_of_their_own_and_workspaces_folders(tmp_path):
    writing.write(wish(tmp_path), NOW)
    other = writing.write(wish(tmp_path, partner="segment"), NOW)
    assert (other.number, links(other)["previous"]) == (1, None)
    strange = writing.write(wish(tmp_path, workspace="../a b"), NOW)
    assert strange.folder.parent.parent == tmp_path
    assert strange.folder.parent.name != writing.folder_name("../a_b")
    page = (tmp_path / "index.html").read_text()
    assert ">../a b<" in page
    assert page.count("/report.html") == 3


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, (None, None)),
        ("", (None, None)),
        ("all", (None, None)),
        (3, (3, None)),
        ("3", (3, None)),
        ("3 runs", (3, None)),
        ("400 days", (None, 400)),
        ("1d", (None, 1)),
    ],
)
def test_how_long_is_read_as_it_is_meant(said, meant):
    assert retention.keep(said) == retention.Keep(*meant)


@pytest.mark.parametrize("said", [0, "0 days", -1, "some", "3 weeks", True, [], "1e9"])
def test_another_length_is_refused(said):
    with pytest.raises(ValueError, match="give a number of runs"):
        retention.keep(said)


def test_only_so_many_runs_are_kept_and_their_lines_for_ever(tmp_path):
    kept = [writing.write(wish(tmp_path, keep=retention.Keep(runs=2)), NOW + timedelta(days=day)) for day in range(5)]
    folder = tmp_path / "acme"
    assert runs(folder) == [one.run for one in kept[3:]]
    assert [one.removed for one in kept] == [[], [], [kept[0].run], [kept[1].run], [kept[2].run]]
    assert [entry.run for entry in chain.read(folder / "klaviyo.sha256").entries] == [one.run for one in kept]
    assert links(kept[-1])["kept_from"] == 4
    assert checked(folder) == ""
    # More are kept from now on; what is gone is gone.
    assert links(writing.write(wish(tmp_path, keep=retention.Keep(runs=50)), NOW + timedelta(days=9)))["kept_from"] == 4


def test_runs_are_kept_for_days(tmp_path):
    for day in range(5):
        last = writing.write(wish(tmp_path, keep=retention.Keep(days=2)), NOW + timedelta(days=day))
    assert [run[:8] for run in runs(tmp_path / "acme")] == ["20261127", "20261128", "20261129"]
    late = writing.write(wish(tmp_path, keep=retention.Keep(days=2)), NOW + timedelta(days=90))
    assert late.removed[-1] == last.run
    assert runs(tmp_path / "acme") == [late.run]


def test_retention_leaves_what_was_not_written_here_or_was_altered(tmp_path):
    first, second = (writing.write(wish(tmp_path), NOW + timedelta(hours=hour)) for hour in range(2))
    (first.folder / "note.txt").write_text("mine")
    (second.folder / "report.json").write_text("{}")
    foreign = tmp_path / "acme" / "20200101T000000Z-klaviyo_verify"
    foreign.mkdir()
    (foreign / "report.json").write_text("{}")
    third = writing.write(wish(tmp_path, keep=retention.Keep(runs=1)), NOW + timedelta(hours=3))
    assert third.removed == [first.run]
    assert [one.name for one in first.folder.iterdir()] == ["note.txt"]
    assert (second.folder / "report.json").read_text() == "{}"
    assert (foreign / "report.json").exists()


class Killed(BaseException):
    """As a signal would end it."""


STEPS = {
    "the page": (writing.rendering, "page"),
    "a file": (files, "put"),
    "the folder on disk": (files, "settled"),
    "the chain": (files, "replace"),
    "latest": (writing, "_point"),
    "the page of the workspace": (writing.index, "of_workspace"),
    "the page of all": (writing.index, "of_all"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_anywhere_the_next_run_goes_on(tmp_path, monkeypatch, step, when):
    writing.write(wish(tmp_path), NOW)
    where, name = STEPS[step]
    real = getattr(where, name)

    def dies(*words: t.Any, **named: t.Any) -> None:
        if when == "after":
            real(*words, **named)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, name, dies)
        # Nothing is tidied up when a process is killed.
        patched.setattr(files, "remove", lambda folder, names: None)
        with pytest.raises(Killed):
            writing.write(wish(tmp_path), NOW + timedelta(hours=1))
    folder = tmp_path / "acme"
    for run in runs(folder):
        assert {"report.json", "report.html"} <= {path.name for path in (folder / run).iterdir()}, "a half folder"
    last = writing.write(wish(tmp_path), NOW + timedelta(hours=2))
    known = chain.read(folder / "klaviyo.sha256")
    assert [entry.run for entry in known.entries] == runs(folder)
    assert links(last)["previous"]["run"] == known.entries[-2].run
    assert checked(folder) == ""
    assert not list(folder.glob(f"{files.UNFINISHED}*"))


def test_runs_at_once_wait_for_each_other(tmp_path):
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        for done in [pool.submit(writing.write, wish(tmp_path), NOW) for _run in range(12)]:
            done.result()
    folder = tmp_path / "acme"
    known = chain.read(folder / "klaviyo.sha256")
    assert sorted(entry.run for entry in known.entries) == runs(folder)
    assert len(known.entries) == 12
    assert checked(folder) == ""
    assert (folder / "index.html").read_text().count("/report.html") == 12


def test_a_directory_that_stays_locked_is_told(tmp_path):
    with files.alone(tmp_path), pytest.raises(files.Locked), files.alone(tmp_path, 0.05):
        pass


def test_latest_is_a_copy_where_there_are_no_symbolic_links(tmp_path, monkeypatch):
    def refused(self: Path, *_words: t.Any, **_named: t.Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refused)
    for hour in range(2):
        last = writing.write(wish(tmp_path), NOW + timedelta(hours=hour))
    latest = tmp_path / "acme" / "latest"
    assert not latest.is_symlink()
    assert (latest / "report.json").read_bytes() == (last.folder / "report.json").read_bytes()
    monkeypatch.undo()
    again = writing.write(wish(tmp_path), NOW)
    assert latest.is_symlink()
    assert latest.resolve() == again.folder.resolve()


# -- the action -------------------------------------------------------------------------------
@pytest.fixture
def report(tmp_path, monkeypatch) -> t.Callable[..., dict[str, t.Any]]:
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    class Action(action.ActionModule):
        """Without a play around it."""

        def __init__(self, check: bool, args: dict[str, t.Any]) -> None:
            self._task = types.SimpleNamespace(check_mode=check, args=args)
            self._loader = types.SimpleNamespace(get_basedir=lambda: str(tmp_path))
            self._templar = types.SimpleNamespace(template=lambda value: value)

    def run(check: bool = False, variables: dict[str, t.Any] | None = None, **args: t.Any) -> dict[str, t.Any]:
        document = {key: value for key, value in EXAMPLE.items() if key not in (*MADE_HERE, "made_by")}
        given = {"directory": "reports", "workspace": "acme", "entry": "verify", "report": document, **args}
        return Action(check, given).run(None, variables)

    return run


def test_the_action_adds_who_and_what_ran_and_shows_what_was_said(report, tmp_path):
    result = report(variables={"awx_job_id": 7, "awx_user_name": "eve"}, show={"checks": ["passed"]})
    found = json.loads(Path(result["json"]).read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert Path(result["json"]).is_relative_to(tmp_path / "reports" / "acme")
    assert found["operator"]["job"] == {"id": "7", "user": "eve"}
    assert found["operator"]["identity"] == "ada@example.com"
    assert found["made_by"]["collection"] == "lakeops.databricks"
    assert result["shown"] == {"checks": ["passed"]}
    assert result["_ansible_verbose_always"] is True
    assert chain.digest(Path(result["json"]).read_bytes()) == result["sha256"]


def test_no_secret_is_kept_whoever_told_it(report):
    value, mine = "dapi" + "0123456789abcdef" * 2, "hunter2-hunter2"
    result = report(
        variables={"databricks_client_secret": mine},
        report={
            **{key: value for key, value in EXAMPLE.items() if key not in MADE_HERE},
            "checks": [{**EXAMPLE["checks"][0], "observed": f"{value} {mine}"}],
        },
    )
    for path in Path(result["folder"]).iterdir():
        text = path.read_text(encoding="utf-8")
        assert value not in text
        assert mine not in text


def test_check_mode_of_the_task_writes_nothing(report, tmp_path):
    assert report(check=True) == {"changed": False}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"report": {}}, "report: lacks operator, workspace"),
        ({"keep": "some"}, "keep: is 'some'"),
        ({"directory": "file/sub"}, "directory: could not write .*file"),
    ],
)
def test_what_cannot_be_kept_is_told(report, tmp_path, given, said):
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match=said):
        report(**given)


# -- signatures -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("key") / "evidence"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", str(path)], check=True)
    return path


def test_a_report_is_signed_with_the_key(report, key):
    result = report(sign_key=str(key))
    assert links(types.SimpleNamespace(folder=Path(result["folder"])))["signed_by"].startswith("SHA256:")
    assert result["signature"].endswith("report.json.sig")
    report(sign_key=str(key))


@pytest.mark.parametrize("why", ["missing", "passphrase"])
def test_a_key_that_does_not_sign_leaves_the_report_and_fails(report, tmp_path, why):
    path = tmp_path / "locked"
    if why == "passphrase":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", str(path)], check=True)
    with pytest.raises(AnsibleActionFail, match=r"sign_key: the report is kept in .*, but not signed. ssh-keygen says"):
        report(sign_key=str(path))
    folder = (tmp_path / "reports" / "acme" / "latest").resolve()
    assert sorted(one.name for one in folder.iterdir()) == ["report.html", "report.json"]
    assert links(types.SimpleNamespace(folder=folder))["signed_by"] is None
