# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which places are gone with a container, a job or a start of the machine; and which are not said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._token.durability import (
    in_a_container,
    why_it_may_vanish,
)

LAPTOP = """\
24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
25 24 0:5 / /run rw shared:2 - tmpfs tmpfs rw
26 24 8:2 / /home rw shared:3 - ext4 /dev/sda2 rw
"""
CONTAINER = """\
600 500 0:60 / / rw,relatime - overlay overlay rw,lowerdir=a
601 600 8:1 /jobs/7 /runner rw - ext4 /dev/sda1 rw
602 600 8:1 /data /secure\\040place rw - ext4 /dev/sda1 rw
603 600 0:61 / /dev/shm rw - tmpfs shm rw
"""


@pytest.mark.parametrize(
    ("path", "mounts", "environment", "said"),
    [
        ("/home/ann/.lakeops/a.json", LAPTOP, {}, None),
        ("/srv/a.json", LAPTOP, {}, None),
        ("/run/user/1/a.json", LAPTOP, {}, "in memory"),
        ("/tmp/a.json", LAPTOP, {}, "temporary files"),
        ("/tmp2/a.json", LAPTOP, {}, None),
        ("/root/.lakeops/a.json", CONTAINER, {"container": "podman"}, "inside a container"),
        ("/home/runner/a.json", CONTAINER, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "inside a container"),
        ("/home/runner/a.json", CONTAINER, {"AWX_ISOLATED_DATA_DIR": "/runner"}, "inside a container"),
        ("/runner/project/a.json", CONTAINER, {"AWX_ISOLATED_DATA_DIR": "/runner"}, "one job of AWX"),
        ("/runner/a.json", CONTAINER, {"container": "podman"}, None),
        ("/secure place/a.json", CONTAINER, {"container": "podman"}, None),
        ("/dev/shm/a.json", CONTAINER, {}, "in memory"),
        # A live system has such a root, too; unknown is not "it vanishes".
        ("/root/a.json", CONTAINER, {}, None),
        ("/root/a.json", "", {"container": "podman"}, None),
    ],
)
def test_the_table(tmp_path: Path, path: str, mounts: str, environment: dict[str, str], said: str | None) -> None:
    found = why_it_may_vanish(path, environment, str(tmp_path), mounts)
    assert found is None if said is None else said in (found or "")


@pytest.mark.parametrize("sign", ["run/.containerenv", ".dockerenv"])
def test_the_signs_of_a_container(tmp_path: Path, sign: str) -> None:
    assert not in_a_container({}, str(tmp_path))
    (tmp_path / sign).parent.mkdir(exist_ok=True)
    (tmp_path / sign).touch()
    assert in_a_container({}, str(tmp_path))


def test_this_machine_can_be_asked() -> None:
    assert why_it_may_vanish("/tmp/x.json") == "it is in a directory for temporary files"
    why_it_may_vanish(str(Path.home() / "x.json"))
