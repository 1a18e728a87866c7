# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of a fleet: an inventory from the account, slices by ansible-runner, a SCIM that says too often.

make bench ARGS="--only fleet" does the same with 200 workspaces.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.fleet import Fleet, options, table
from tests.support.sandbox import Sandbox, running_sandbox

SETUP = "lakeops.databricks.klaviyo_setup"
WORKSPACES, SLICES = 6, 2


def test_a_fleet_converges_once_and_a_failure_stops_nobody(tmp_path: Path) -> None:
    with running_sandbox(*options(WORKSPACES, scim_at_once=1, latency_ms=100)) as started:
        fleet = Fleet([Sandbox(one) for one in started.ready["workspaces"]], tmp_path)
        names = sorted(fleet.given())
        broken = tmp_path / "host_vars" / names[3] / "wrong.yml"
        broken.parent.mkdir(parents=True)
        broken.write_text("klaviyo_warehouse: nowhere\n", encoding="utf-8")

        status, output = fleet.run(SETUP, SLICES, forks=10)
        head, first, *others, total = table(output)
        assert status == 1 and output.count("TASK [Say how all workspaces stand]") == 1, output
        assert re.split(r"\s{2,}", first)[:2] == [names[3], "no result"]
        assert [re.split(r"\s{2,}", line)[:2] for line in others] == [
            [name, "ok"] for name in names if name != names[3]
        ]
        assert head.startswith("workspace") and total == f"total of {WORKSPACES}: 1 no result, {WORKSPACES - 1} ok"
        assert fleet.throttled() > 0
        assert fleet.given() == {name: (0, 0) if name == names[3] else (1, 1) for name in names}

        broken.unlink()
        status, output = fleet.run(SETUP, SLICES, forks=10)
        assert status == 0 and table(output)[-1] == f"total of {WORKSPACES}: {WORKSPACES} ok", output
        changed = fleet.changed()
        assert sorted(changed) == names and {name for name, number in changed.items() if number} == {names[3]}
        assert fleet.given() == dict.fromkeys(names, (1, 1))
        held = "".join(
            file.read_text(encoding="utf-8") for file in sorted((tmp_path / "jobs").rglob("*")) if file.is_file()
        )
        assert not [one.token for one in fleet.workspaces if one.token in held]
        assert (
            len(list((fleet.kept / "store").glob("*.json"))) == len(names) == len(list(fleet.kept.glob("reports/dbc*")))
        )
