# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of README and of the guides, each typed as it stands there, on the inventory that the page shows.

Only addresses, the directory of the store and the digest of a plan are ours. A block
that is not run is in a table, with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.blocks import OF_COMMANDS, ROOT, Block, every_block
from tests.support.klaviyo import SECONDS, environment
from tests.support.sandbox import Sandbox, running_sandbox

GUIDE = "docs/docsite/rst/{}_guide.rst"
KLAVIYO, TOKEN, EVIDENCE = GUIDE.format("klaviyo"), GUIDE.format("token"), GUIDE.format("evidence")
BLOCKS = {block.name: block for block in every_block()}
PLAYBOOK = "ansible-playbook lakeops.databricks.klaviyo_"


@dataclass(frozen=True)
class Step:
    """What a reader types into one terminal: a block, and those that go on from it."""

    page: str
    begins: tuple[str, ...]
    ours: t.Mapping[str, str] = field(default_factory=dict)
    only: int | None = None  # how many of its commands; PARTLY says why not all


@dataclass(frozen=True)
class Story:
    """A reader with a new workspace, who writes these files and then types these commands."""

    files: t.Mapping[str, tuple[str, str]]
    steps: tuple[Step, ...]
    options: tuple[str, ...] = ()


STORIES = {
    "the guide for Klaviyo": Story(
        {"workspaces.yml": (KLAVIYO, "all:")},
        (
            Step(KLAVIYO, (f"$ {PLAYBOOK}preflight -i workspaces.yml",)),
            Step(KLAVIYO, (f"$ {PLAYBOOK}setup -i workspaces.yml --check",)),
            Step(KLAVIYO, (f"$ {PLAYBOOK}setup -i workspaces.yml",)),
            Step(KLAVIYO, (f"$ {PLAYBOOK}verify -i workspaces.yml",)),
            Step(GUIDE.format("performance"), (f"$ {PLAYBOOK}setup -i workspaces.yml --forks 50",)),
            Step(
                EVIDENCE,
                ("cd klaviyo-reports/production", "head -n 6 klaviyo.sha256 | sha256sum"),
            ),
            Step(TOKEN, (f"$ {PLAYBOOK}offboard -i workspaces.yml --check",)),
        ),
    ),
    "README": Story(
        {"workspaces.yml": ("README.md", "# workspaces.yml"), "verify.yml": (GUIDE.format("security"), "# verify.yml")},
        (
            Step("README.md", (f"{PLAYBOOK}preflight -i workspaces.yml",)),
            Step(GUIDE.format("cloud"), (f"$ {PLAYBOOK}preflight -i workspaces.yml",)),
            Step(GUIDE.format("security"), (f"$ {PLAYBOOK}verify -i verify.yml",)),
            Step(TOKEN, (f"$ {PLAYBOOK}rotate -i workspaces.yml",)),
            Step(TOKEN, (f"$ {PLAYBOOK}rotate -i workspaces.yml --tags rehearse",)),
            Step(TOKEN, ("# A file; an encrypted one asks",), {"klaviyo.json": "klaviyo-production.json"}, only=1),
            Step(EVIDENCE, (f"{PLAYBOOK}audit -e since=2026-07-01",)),
            Step(GUIDE.format("network"), ("$ export HTTPS_PROXY=http://proxy.example.com:3128",)),
        ),
    ),
    "without Unity Catalog": Story(
        {"legacy.yml": (GUIDE.format("hive_metastore"), "# legacy.yml")},
        (Step(GUIDE.format("hive_metastore"), (f"$ {PLAYBOOK}preflight -i legacy.yml",)),),
        ("--no-unity-catalog",),
    ),
    "a partner of one's own": Story(
        {
            "workspaces.yml": (KLAVIYO, "all:"),
            "dashboards.yml": (GUIDE.format("partner"), "# dashboards.yml"),
        },
        (Step(GUIDE.format("partner"), ("$ ansible-playbook dashboards.yml -i workspaces.yml --check --diff",)),),
    ),
}

PARTLY = {
    (TOKEN, "# A file; an encrypted one asks"): "the others need an encrypted file, or the tools of stores; "
    "tests/integration/klaviyo/test_stores.py reads each store",
}

INSTALLS = "tests/integration/installed/test_repositories.py installs from Galaxy, git and a tarball, without network"
CLONE = "the gate runs in such a clone; tests/integration/klaviyo/test_setup.py plays what the demo plays"
FLEET = "tests/integration/runner/test_fleet.py runs it on an account with its workspaces"
FOR_EVER = "it ends when it is stopped; every test here has such a sandbox"
NOT_RUN = {
    ("README.md", "ansible-galaxy collection install lakeops.databricks    "): INSTALLS,
    ("README.md", "ansible-galaxy collection install lakeops.databricks"): INSTALLS,
    ("README.ko.md", "ansible-galaxy collection install lakeops.databricks"): INSTALLS,
    ("README.md", "git clone"): CLONE,
    ("README.ko.md", "git clone"): CLONE,
    (GUIDE.format("repository"), "$ ansible-galaxy collection install -r"): INSTALLS,
    (
        GUIDE.format("awx"),
        "$ export CONTROLLER_HOST=",
    ): "tests/integration/awx/test_apply.py runs it on a stand-in of AWX",
    (EVIDENCE, "ssh-keygen -Y verify"): "tests/integration/klaviyo/test_reports.py runs it with a key of its own",
    (GUIDE.format("execution_environment"), "$ pip install ansible-builder"): "it takes a container engine; "
    "tests/integration/installed/test_environments.py installs what it would",
    (GUIDE.format("execution_environment"), "$ pip install ansible-core"): "it takes the network; "
    "tests/integration/installed/test_environments.py installs these in an environment of their own",
    (GUIDE.format("fleet"), "$ ansible-inventory -i"): FLEET,
    (GUIDE.format("fleet"), "$ python run_slices.py"): FLEET,
    (GUIDE.format("security"), f"$ {PLAYBOOK}setup -i administrator.yml"): "it takes two people; "
    "tests/integration/klaviyo/test_two_who_share_the_work.py plays both",
    (GUIDE.format("sandbox"), "$ make sandbox"): FOR_EVER,
    (GUIDE.format("sandbox"), "$ pip install -r"): FOR_EVER,
    (GUIDE.format("schedule"), "install -m 755"): "it changes the machine; "
    "tests/integration/klaviyo/test_day_to_day.py runs what cron would",
    (GUIDE.format("schedule"), "install -m 644"): "it changes the machine; "
    "tests/integration/klaviyo/test_day_to_day.py runs what systemd would",
    ("extensions/sandbox/README.md", "pip install ./extensions/sandbox"): "tests/sandbox/test_product.py installs it",
    ("extensions/sandbox/README.md", "PYTHONPATH=extensions/sandbox"): FOR_EVER,
    ("extensions/sandbox/README.md", "curl -d"): "tests/sandbox/test_control_plane.py sends such rules",
}
NO_COMMANDS = {
    (GUIDE.format("data"), "one_number (profiles or events)"),
    (EVIDENCE, "klaviyo-reports/"),
}


def the(page: str, begins: str) -> Block:
    """The block of a page that begins so; the one that is no longer, if several do."""
    found = [block for (where, first), block in BLOCKS.items() if where == page and first.startswith(begins)]
    assert found, f"{page} has no block that begins with {begins!r}"
    return min(found, key=lambda block: len(block.name[1]))


def typed(step: Step) -> list[str]:
    return [command for begins in step.begins for command in the(step.page, begins).commands][: step.only]


def test_every_block_of_commands_is_run_or_says_why_not() -> None:
    """What is typed in a story anywhere counts for all pages that say the same."""
    run = {command for story in STORIES.values() for step in story.steps for command in typed(step)}
    named = {the(*key).name for key in (*PARTLY, *NOT_RUN, *NO_COMMANDS)}
    commands = [block for block in BLOCKS.values() if block.language in OF_COMMANDS]
    assert len(commands) > 30
    missing = [block.name for block in commands if block.name not in named and not set(block.commands) <= run]
    assert missing == [], "blocks that nothing runs and no table names"
    needless = [block.name for block in commands if block.name in named and set(block.commands) <= run]
    assert needless == [], "blocks that a table excuses although a story runs them"
    for reason in (*PARTLY.values(), *NOT_RUN.values()):
        for test in re.findall(r"tests/[\w/]+\.py", reason):
            assert (ROOT / test).is_file(), reason


@dataclass
class Reader:
    """A directory and a home of one's own, with the sandbox as workspace."""

    folder: Path
    sandbox: Sandbox
    plan: str = "PLAN"

    @property
    def ours(self) -> dict[str, str]:
        return {
            "https://abc-12345678.cloud.databricks.com": self.sandbox.host,
            "1234567890abcdef": self.sandbox.warehouse_id,
            "/secure": str(self.folder / "secure"),
        }

    def write(self, name: str, text: str) -> None:
        for theirs, value in self.ours.items():
            text = text.replace(theirs, value)
        (self.folder / name).write_text(text, encoding="utf-8")

    def type(self, before: list[str], command: str, ours: t.Mapping[str, str]) -> None:
        """Run one command in the terminal in which those before it were typed."""
        command = re.sub(r"(klaviyo_plan=)\S+", rf"\g<1>{self.plan}", command)
        for theirs, value in {**ours, **self.ours}.items():
            command = command.replace(theirs, value)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join([*before, command])],
            check=False,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}"
        said = re.search(r'"plan": "([^"]+)"', done.stdout)
        self.plan = said[1] if said else self.plan

    @property
    def environment(self) -> dict[str, str]:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**environment(), "HOME": str(self.folder), "PATH": programs}


@pytest.mark.parametrize("name", STORIES)
def test_a_reader_types_what_the_pages_say(tmp_path: Path, name: str) -> None:
    story = STORIES[name]
    with running_sandbox(*story.options) as sandbox:
        reader = Reader(tmp_path, sandbox)
        for file, (page, begins) in story.files.items():
            reader.write(file, the(page, begins).text)
        (tmp_path / "secure").mkdir(mode=0o700)
        shutil.copy(ROOT / "docs" / "examples" / "dashboard_profile.yml", tmp_path)
        profiles = "".join(
            f"[{profile}]\nhost = {sandbox.host}\ntoken = {sandbox.token}\n" for profile in ("production", "legacy")
        )
        (tmp_path / ".databrickscfg").write_text(profiles, encoding="utf-8")
        for step in story.steps:
            before: list[str] = []
            for command in typed(step):
                reader.type(before, command, step.ours)
                if command.startswith(("cd ", "export ")):
                    before.append(command)
