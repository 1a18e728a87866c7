# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks those that know the service about the sandbox: ``python -m tests.judges.judges`` (``make judges``).

What is not installed is skipped, with the reason. Ends with status 1 where something disagrees that has no reason.
"""

from __future__ import annotations

import sys

from tests.judges import cli, sdk_go, terraform
from tests.judges.judging import NotHere

JUDGES = {"sdk-go": sdk_go.judge, "terraform": terraform.judge, "cli": cli.judge}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in JUDGES]
    if unknown:
        print(f"There is no judge {unknown[0]}; there are {', '.join(JUDGES)}.", file=sys.stderr)
        return 2
    wrong = asked = 0
    for name in names or JUDGES:
        try:
            verdicts = JUDGES[name]()
        except NotHere as error:
            print(f"\n{name}: skipped: {error}")
            continue
        for verdict in verdicts:
            verdict.show()
            asked += 1
            wrong += len(verdict.disagree)
    print(f"\n{asked} asked, {wrong} disagreements without a reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
