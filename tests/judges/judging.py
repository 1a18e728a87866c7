# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a judge says: cases that agree, disagree, or are not offered, and why; or that it is not here at all."""

from __future__ import annotations

import subprocess
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "judges"


class NotHere(Exception):
    """Why the judge cannot be asked on this machine, as a sentence."""


@dataclass
class Verdict:
    """The cases of one judge."""

    judge: str
    agree: list[str] = field(default_factory=list)
    disagree: dict[str, str] = field(default_factory=dict)  # case -> what was said
    explained: dict[str, str] = field(default_factory=dict)  # not offered, or knowingly otherwise: case -> reason

    def show(self) -> None:
        total = len(self.agree) + len(self.disagree) + len(self.explained)
        print(f"\n{self.judge}: {len(self.agree)} of {total} agree, {len(self.disagree)} disagree")
        for case in self.agree:
            print(f"  agrees     {case}")
        for case, reason in self.explained.items():
            print(f"  explained  {case}: {reason}")
        for case, said in self.disagree.items():
            print(f"  DISAGREES  {case}: {said}")


def run(command: t.Sequence[str | Path], env: dict[str, str], cwd: Path, seconds: int = 600) -> tuple[int, str]:
    """Status and all that was said.

    :raises NotHere: it did not end in time
    """
    try:
        done = subprocess.run(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotHere(f"{Path(command[0]).name} {command[1]} did not end within {seconds} seconds") from error
    return done.returncode, done.stdout + done.stderr
