# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes for schedulers, run as far as they run here, while a connection is ok, handed over, drifted or broken."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import requests
import yaml
from databricks.sdk.service.catalog import PermissionsChange, Privilege

from tests.support.klaviyo import HOST, Played, Site, start_site

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples" / "schedules"
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("days")) as site:
        site.play("klaviyo_setup").ok()
        shutil.copy(EXAMPLES / "klaviyo-verify", site.folder)
        (site.folder / "workspaces.yml").write_text((site.folder / "inventory.json").read_text(encoding="utf-8"))
        yield site


def crontab() -> tuple[dict[str, str], str]:
    """The assignments and the command of the example, as cron reads them."""
    rows = [row for row in (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines() if row and row[0] != "#"]
    assigned = dict(row.split("=", 1) for row in rows if re.match(r"[A-Z_]+=", row))
    (line,) = (row for row in rows if not re.match(r"[A-Z_]+=", row))
    fields = line.split(maxsplit=5)
    assert [re.fullmatch(r"[0-9*,/-]+", field) is not None for field in fields[:5]] == [True] * 5
    assert "%" not in fields[5], "cron takes it for the end of a line"
    return assigned, fields[5]


def here(site: Site, words: str) -> str:
    """What is said of the example's directory, of ours."""
    return words.replace("/srv/klaviyo/venv/bin", str(PROGRAMS)).replace("/srv/klaviyo", str(site.folder))


def by_cron(site: Site) -> subprocess.CompletedProcess[str]:
    """The line as cron runs it: /bin/sh, no terminal, and next to no environment."""
    assigned, command = crontab()
    environment = {name: here(site, value) for name, value in assigned.items()}
    return subprocess.run(
        ["/bin/sh", "-c", here(site, command)],
        env={"HOME": str(site.folder), "LOGNAME": "klaviyo", "SHELL": "/bin/sh", **environment},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def verified(site: Site, **variables: t.Any) -> tuple[int, str, str]:
    """Exit status, the first words of the status line, and the status that klaviyo_result has."""
    played: Played = site.play("klaviyo_verify", env={"ANSIBLE_SHOW_CUSTOM_STATS": "true"}, **variables)
    line = re.search(rf"{HOST}: (ok|handover|drift|broken|unknown)\b", played.output)
    result = re.search(r'"klaviyo_result":.*?"status": "(\w+)"', played.output, re.DOTALL)
    assert line and result, played.output[-3000:]
    assert site.report["status"] == result[1]
    return played.status, line[1], result[1]


def change(site: Site, **what: t.Any) -> None:
    changes = [PermissionsChange(principal=site.record["principal"], **what)]
    site.client().grants.update("schema", f"{site.catalog}.klaviyo_tmp", changes=changes)


def test_all_is_well(site: Site) -> None:
    assert verified(site) == (0, "ok", "ok")
    done = by_cron(site)
    assert (done.returncode, done.stdout) == (0, ""), "cron sends no mail"


def test_a_run_that_has_not_ended_is_not_run_twice(site: Site) -> None:
    with (site.folder / ".klaviyo-verify.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = by_cron(site)
    assert (done.returncode, done.stdout) == (75, "klaviyo-verify: the run before has not ended yet.\n")


def test_a_pipeline_runs_the_same_command(site: Site) -> None:
    github = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text(encoding="utf-8"))
    steps = {step.get("name"): step for step in github["jobs"]["verify"]["steps"]}
    gitlab = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text(encoding="utf-8"))["klaviyo"]
    for command in (steps["Verify"]["run"], *gitlab["script"]):
        environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(site.folder)}
        done = subprocess.run(
            ["bash", "-e", "-c", command], env=environment, cwd=site.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
    installs = [*steps["Install"]["run"].splitlines(), *gitlab["before_script"]]
    # Installing needs the network; that the words mean something is as far as it runs here.
    for command in installs:
        assert re.fullmatch(
            r"pip install .*ansible-core.*|ansible-galaxy collection install lakeops\.databricks", command
        )
    assert steps["Install"]["run"].split() == " ".join(gitlab["before_script"]).split()


def test_the_units_of_systemd_are_accepted(site: Site, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed, so nothing here can read units as systemd does")
    for name in ("klaviyo-verify.service", "klaviyo-verify.timer"):
        (tmp_path / name).write_text(here(site, (EXAMPLES / name).read_text(encoding="utf-8")), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "klaviyo-verify.timer")]
    done = subprocess.run(
        [*command, str(tmp_path / "klaviyo-verify.service")], capture_output=True, text=True, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "klaviyo" in line]
    assert (done.returncode, ours) == (0, [])
    moment = re.search(r"OnCalendar=(.*)", (tmp_path / "klaviyo-verify.timer").read_text(encoding="utf-8"))
    assert moment
    subprocess.run(["systemd-analyze", "calendar", moment[1]], check=True, capture_output=True)


def test_what_is_unit_and_what_is_cron_say_the_same() -> None:
    unit = (EXAMPLES / "klaviyo-verify.service").read_text(encoding="utf-8")
    assert f"ExecStart={crontab()[1]}\n" in unit


def test_a_workspace_that_does_not_say_whose_token_it_is_breaks_nothing(site: Site) -> None:
    """The session tells an ID, and the variable a display name: that the two differ says nothing."""
    site.post("faults", {"path": "*/scim/v2/Me", "status": 429, "times": 0})
    found = verified(site, databricks_retry_timeout=2, klaviyo_fail_on="none")
    requests.delete(f"{site.host}/_sandbox/faults", timeout=30).raise_for_status()
    assert found == (2, "unknown", "unknown")
    assert site.checks["identity"]["observed"].startswith(
        f"The SQL session belongs to {site.record['principal']}; whether that is klaviyo-import is not known: "
    )
    assert not [name for name, check in site.checks.items() if check["result"] == "failed"]


def test_a_renewed_token_waits(site: Site) -> None:
    site.play("klaviyo_rotate").ok()
    assert verified(site) == (0, "handover", "handover")
    assert verified(site, klaviyo_fail_on="handover") == (2, "handover", "handover")
    done = by_cron(site)
    assert done.returncode == 2 and f"{HOST}: handover until " in done.stdout
    assert "Enter the stored token in klaviyo in place of the old one" in done.stdout
    site.play("klaviyo_rotate", klaviyo_confirmed=True).ok()


def test_more_than_it_should(site: Site) -> None:
    change(site, add=[Privilege.CREATE_FUNCTION])
    assert verified(site) == (2, "drift", "drift")
    assert verified(site, klaviyo_fail_on=["broken"]) == (0, "drift", "drift")
    done = by_cron(site)
    assert done.returncode == 2 and f"{HOST}: drift: " in done.stdout
    change(site, remove=[Privilege.CREATE_FUNCTION])


def test_less_than_it_needs(site: Site) -> None:
    change(site, remove=[Privilege.CREATE_TABLE])
    assert verified(site) == (2, "broken", "broken")
    assert verified(site, klaviyo_fail_on="none") == (0, "broken", "broken")
    done = by_cron(site)
    assert done.returncode == 2 and f"{HOST}: broken: " in done.stdout


def test_a_word_that_is_none_of_them_is_refused(site: Site) -> None:
    said = " ".join(site.play("klaviyo_verify", klaviyo_fail_on="warnings").failed().output.split())
    assert "klaviyo_fail_on: is 'warnings'. Give a list of broken, drift and handover, or none." in said
    assert json.loads((site.folder / "reports" / HOST / "latest" / "report.json").read_text())["status"] == "broken"
