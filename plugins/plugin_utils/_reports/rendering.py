# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a run, made of its report alone."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import typing as t
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from . import compiled, data_tables, drawing, sentences, state, wording
from .texts import TEXTS

_HERE = Path(__file__).parent
# Without & and ;, so that nothing is put into what stands for an escaped letter.
_LONG = re.compile(r"[^\s&;]{20,}")
_BREAK = re.compile(r"([._/-])(?=[^\W_])")


def page(report: Json, language: str) -> str:
    """One self-contained page of HTML, on which every value is escaped.

    :param report: as report.json has it
    :param language: en or ko
    """
    texts = TEXTS[language]

    def text(key: str, **values: t.Any) -> str:
        return texts[key].format(**values)

    script = asset("page.js")
    guide = wording.guide(report, language)
    return (
        _PAGE.render(
            report=report,
            language=language,
            text=text,
            style=asset("page.css"),
            script=script,
            script_hash=_hash(script),
            sign=drawing.mark,
            day=state.day,
            state=state.state(report, text),
            works=state.works(report),
            ended_early=state.ended_early(report, text),
            failed=state.problems(report, ["failed"], language),
            skipped=state.problems(report, ["skipped"], language),
            warned=state.problems(report, ["warned"], language),
            review=state.review(report),
            until=state.token_until(report, text),
            handover_end=state.handover_end(report, text),
            sheet=wording.sheet(report, language),
            addresses=wording.addresses(report, text),
            guide=guide,
            guide_address=guide["address"],
            drawing=drawing.svg(report, text),
            legend=drawing.legend(report, text),
            checks=[_check(check, guide, language) for check in report["checks"]],
            changes=[wording.change(one, report, text, language) for one in report["changed"]],
            data=data_tables.shown(report, language),
            wanted=wording.wanted(report, text),
            not_given=wording.not_given(report, language),
            entry=texts.get(f"entry_{report['run']['entry']}", report["run"]["entry"]),
        )
        + "\n"
    )


@functools.cache
def environment() -> jinja2.Environment:
    """Where the templates of the pages are; what they show is escaped, and letters that hide are made visible."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
        bytecode_cache=compiled.cache(Path(__file__)),
    )
    made.filters["soft"] = soft
    return made


def soft(value: t.Any) -> Markup:
    """Text in which long names may be broken after their dots, slashes and underscores."""
    escaped = str(escape(_shown(str(value))))
    return Markup(_LONG.sub(lambda word: _BREAK.sub(r"\1<wbr>", word[0]), escaped))


@functools.cache
def asset(name: str) -> Markup:
    """A style or a script, to stand in a page as it is."""
    return Markup((_HERE / name).read_text(encoding="utf-8"))


def _shown(value: t.Any) -> t.Any:
    return drawing.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _check(check: Json, guide: Json, language: str) -> Json:
    failed = "bad" if check["kind"] == "works" else "warn"
    level = {"passed": "good", "failed": failed, "warned": "warn"}.get(check["result"], "unknown")
    section = check["guide"] if check["guide"] not in ("", "0") else ""
    return {
        **check,
        "level": level,
        "word": TEXTS[language][check["result"]],
        "title": sentences.translated(check["title"], language),
        "observed": sentences.translated(check["observed"], language),
        "hint": sentences.translated(check["hint"], language),
        "section": section,
        "section_title": guide["sections"].get(section, ""),
    }


# Compiled where the plugin is loaded, so that no worker has to do it.
_PAGE = environment().get_template("page.html.j2")
environment().get_template("parts.html.j2")
environment().get_template("data.html.j2")
