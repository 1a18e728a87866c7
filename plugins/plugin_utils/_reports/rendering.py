# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a run, made of its report alone."""

from __future__ import annotations

import typing as t
from datetime import date, timedelta
from pathlib import Path

import jinja2

from .texts import TEXTS

_TEMPLATE = Path(__file__).parent / "page.html.j2"
_REVIEW_AHEAD = timedelta(days=30)


def page(report: dict[str, t.Any], language: str) -> str:
    """One self-contained page of HTML, on which every value is escaped.

    :param report: as report.json has it
    :param language: en or ko
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    texts = TEXTS[language]

    def text(key: str, **values: t.Any) -> str:
        return texts[key].format(**values)

    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(report=report, text=text, language=language, review=_review(report)) + "\n"


def _review(report: dict[str, t.Any]) -> str:
    """The day by which the access is to be reviewed, from thirty days before; what is no day is shown as it is."""
    day = str(report["people"].get("review_by") or "")
    try:
        due = date.fromisoformat(day) - _REVIEW_AHEAD
    except ValueError:
        return day
    return day if date.fromisoformat(report["run"]["written"][:10]) >= due else ""
