# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long reports are kept: so many runs, or so many days."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ansible_collections.lakeops.databricks.plugins.module_utils._role import values

from . import chain


class Keep(t.NamedTuple):
    """Both None: everything."""

    runs: int | None = None
    days: int | None = None

    def since(self, entries: t.Sequence[chain.Entry], number: int, now: datetime, kept_from: int) -> int:
        """Number of the oldest run that stays. What was given up before stays given up.

        :param entries: the runs so far
        :param number: of the run that is being written, which stays in any case
        :param kept_from: the same number as of the run before
        """
        oldest = kept_from
        if self.runs is not None:
            oldest = max(oldest, number - self.runs + 1)
        if self.days is not None:
            limit = now - timedelta(days=self.days)
            for entry in entries[oldest - 1 :]:
                when = chain.written(entry.run)
                if when is None or when >= limit:
                    break
                oldest = entry.number + 1
        return min(oldest, number)


def keep(value: t.Any) -> Keep:
    """What was said, as a number of runs or of days.

    :raises ValueError: a sentence without the name of the option
    """
    return Keep(*values.kept(value))
