# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""campaign.json: what was carried out, now and, if wished, by the campaigns that this one goes on with."""

from __future__ import annotations

import json
import subprocess
import tempfile
import typing as t
from pathlib import Path

from tests.support.klaviyo import ROOT

from .trouble import Case

Row = dict[str, t.Any]


class Kept:
    """The rows of all cases, and the file that has them.

    :param add: whether what the file has already is kept, and not done again
    """

    def __init__(self, path: Path, *, add: bool) -> None:
        self.path = path
        earlier = json.loads(path.read_text(encoding="utf-8")) if add and path.exists() else {}
        self._earlier: list[Row] = earlier.get("cases", []) + earlier.get("missed", [])
        self._before: float = earlier.get("seconds", 0)
        self._rows, self.seconds = self._earlier, self._before
        self._commit = _commit()

    @property
    def cases(self) -> list[Row]:
        return [row for row in self._rows if not row.get("missed")]

    @property
    def missed(self) -> list[Row]:
        """The cases whose trouble never came about: they prove nothing."""
        return [row for row in self._rows if row.get("missed")]

    def left(self, plan: t.Iterable[Case]) -> list[Case]:
        """What nobody has tried yet."""
        tried = {_key({name: row[name] for name in Case.__dataclass_fields__}) for row in self._rows}
        return [case for case in plan if _key(case.row(None), "missed") not in tried]

    def take(self, files: t.Iterable[Path], seconds: float) -> None:
        """Write down what the lanes have done until now, a line of JSON for each case."""
        lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines(True)]
        rows = [{**json.loads(line), "commit": self._commit} for line in lines if line.endswith("\n")]
        self._rows, self.seconds = [*self._earlier, *rows], round(self._before + seconds)
        whole = {"seconds": self.seconds, "cases": self.cases, "missed": self.missed}
        # A campaign that is killed in the middle leaves the whole file of a moment before.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.path.parent, delete=False) as file:
            file.write(json.dumps(whole, indent=2) + "\n")
        Path(file.name).replace(self.path)


def _key(row: Row, *but: str) -> str:
    return json.dumps({name: held for name, held in row.items() if name not in but}, sort_keys=True)


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True).stdout.strip()
