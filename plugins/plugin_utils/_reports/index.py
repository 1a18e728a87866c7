# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that lead to the reports: one for a workspace, one for all. They can be made again and prove nothing."""

from __future__ import annotations

import contextlib
import functools
import html
import json
import typing as t
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from . import chain, files

NAME = "index.html"
_CACHE = ".index.json"

# How a state is shown; each is a word, too.
_LEVELS = {
    "ok": "good",
    "removed": "unknown",
    "unverified": "unknown",
    "unknown": "unknown",
    "handover": "warn",
    "drift": "warn",
}

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "runs_of": "Reports of {workspace}",
        "all": "Reports of all workspaces",
        "when": "Written (UTC)",
        "what": "What was done",
        "status": "State",
        "who": "By",
        "summary": "Summary",
        "workspace": "Workspace",
        "partner": "Partner",
        "count": "Runs",
        "check": "check mode",
        "gone": "{count} earlier run(s) are no longer kept. Their lines stay in {file}.",
        "prove": "How to check these files without any program of ours: in this directory run {command}. A run that "
        "is no longer kept is passed over.",
        "status_ok": "ok",
        "status_handover": "handover",
        "status_drift": "drift",
        "status_broken": "broken",
        "status_unknown": "could not be established",
        "status_unverified": "not verified",
        "status_removed": "removed",
        "status_failed": "failed",
        "up": "All workspaces",
    },
    "ko": {
        "runs_of": "{workspace} 보고서",
        "all": "모든 워크스페이스의 보고서",
        "when": "작성 시각(UTC)",
        "what": "수행한 작업",
        "status": "상태",
        "who": "수행자",
        "summary": "요약",
        "workspace": "워크스페이스",
        "partner": "파트너",
        "count": "실행 횟수",
        "check": "점검 모드",
        "gone": "이전 실행 {count}건은 더 이상 보관하지 않습니다. 해당 줄은 {file}에 남아 있습니다.",
        "prove": "다른 프로그램 없이 이 파일들을 확인하려면 이 디렉터리에서 {command} 명령을 실행하세요. "
        "더 이상 보관하지 않는 실행은 건너뜁니다.",
        "status_ok": "정상",
        "status_handover": "새 토큰 입력 대기",
        "status_drift": "초과 권한",
        "status_broken": "작동하지 않음",
        "status_unknown": "확인하지 못함",
        "status_unverified": "검증하지 않음",
        "status_removed": "제거됨",
        "status_failed": "중단됨",
        "up": "모든 워크스페이스",
    },
}


def of_workspace(folder: Path, workspace: str, language: str) -> Json:
    """Write the page of a workspace, from the reports that are there.

    :returns: for the page of all workspaces: by partner the newest run
    """
    known = _parts(folder, "runs")
    rows: Json = {}
    for one in folder.iterdir():
        if chain.NAME.fullmatch(one.name) is None or one.is_symlink() or not (one / chain.REPORT).is_file():
            continue
        if _is_row(kept := known.get(one.name)):
            rows[one.name] = kept
            continue
        with contextlib.suppress(OSError, KeyError, TypeError):
            made = row(files.as_object((one / chain.REPORT).read_bytes()) or {})
            if _is_row(made):
                rows[one.name] = made
    files.replace(folder / _CACHE, json.dumps({"workspace": workspace, "runs": rows}, sort_keys=True))
    newest_first = sorted(rows.values(), key=lambda one: (one["written"], one["number"]), reverse=True)
    files.replace(folder / NAME, _workspace_page(workspace, newest_first, language))
    latest: Json = {}
    for one in reversed(newest_first):
        latest[one["partner"]] = one
    return {"workspace": workspace, "latest": latest}


def of_all(directory: Path, folder: str, entry: Json, language: str) -> Path:
    """Write the page of all workspaces.

    :param folder: name of the directory of the workspace that has just changed
    :param entry: what of_workspace() gave
    """
    known = _parts(directory, "workspaces")
    found: Json = {name: one for name, one in known.items() if _is_entry(one) and (directory / name / _CACHE).is_file()}
    for one in directory.iterdir():
        if one.name not in found and (one / _CACHE).is_file():
            runs = [row for row in _parts(one, "runs").values() if _is_row(row)]
            runs.sort(key=lambda row: (row["written"], row["number"]))
            made = {"workspace": _cached(one).get("workspace"), "latest": {row["partner"]: row for row in runs}}
            if _is_entry(made):
                found[one.name] = made
    found[folder] = entry
    files.replace(directory / _CACHE, json.dumps({"workspaces": found}, sort_keys=True))
    files.replace(directory / NAME, _all_page(found, language))
    return directory / NAME


def known(directory: Path) -> dict[str, str]:
    """The workspaces that the page of all of them leads to, and their directories."""
    found = _parts(directory, "workspaces")
    return {str(one["workspace"]): name for name, one in found.items() if isinstance(one, dict) and "workspace" in one}


def row(report: Json) -> Json:
    """What the pages show of a run."""
    return {
        "run": report["run"]["id"],
        "number": report["run"]["number"],
        "partner": report["partner"]["id"],
        "title": report["partner"]["title"],
        "entry": report["run"]["entry"],
        "mode": report["run"]["mode"],
        "written": report["run"]["written"],
        "status": report["status"],
        "line": report["summary"]["line"],
        "who": report["operator"]["identity"] or report["operator"]["login"],
    }


def _cached(folder: Path) -> Json:
    try:
        return files.as_object((folder / _CACHE).read_bytes()) or {}
    except OSError:
        return {}


def _parts(folder: Path, of: str) -> Json:
    found = _cached(folder).get(of)
    return found if isinstance(found, dict) else {}


def _is_row(value: t.Any) -> bool:
    """Whether it can stand in a page; what is kept or reported may have been damaged by anybody."""
    texts = ("run", "partner", "title", "entry", "mode", "written", "status", "line")
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) for key in texts):
        return False
    return isinstance(value.get("number"), int) and isinstance(value.get("who"), (str, type(None)))


def _is_entry(value: t.Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("workspace"), str):
        return False
    latest = value.get("latest")
    return isinstance(latest, dict) and all(_is_row(one) for one in latest.values())


def document(title: str, body: str, language: str = "en") -> str:
    """A whole page, which asks another place for nothing."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{html.escape(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{html.escape(title)}</h1>\n</header>\n"
        f'<main>\n<div class="card">\n{body}\n</div>\n</main>\n</body>\n</html>\n'
    )


@functools.cache
def _style() -> str:
    return (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def table(head: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    """A table of cells that are HTML already, under headings that are text.

    Roles are said although the elements have them: rows that are shown as blocks, as on a phone, lose them.
    """
    names = [html.escape(one) for one in head]
    cells = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in names)
    body = "".join(
        '<tr role="row">'
        + "".join(f'<td role="cell" data-heading="{name}">{cell}</td>' for name, cell in zip(names, one, strict=True))
        + "</tr>\n"
        for one in rows
    )
    return (
        f'<table role="table">\n<thead role="rowgroup"><tr role="row">{cells}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{body}</tbody>\n</table>'
    )


def _workspace_page(workspace: str, rows: list[Json], language: str) -> str:
    text = TEXTS[language]
    shown = []
    for one in rows:
        mode = f" ({text['check']})" if one["mode"] == "check" else ""
        shown.append(
            (
                f'<a href="{one["run"]}/{chain.PAGE}">{html.escape(one["written"])}</a>',
                html.escape(f"{one['partner']}_{one['entry']}{mode}"),
                _state(one["status"], text),
                html.escape(one["line"]),
                html.escape(str(one["who"])),
                f'<a href="{one["run"]}/{chain.REPORT}">JSON</a>',
            )
        )
    head = [text[key] for key in ("when", "what", "status", "summary", "who")]
    body = [table([*head, "JSON"], shown)]
    for partner in sorted({one["partner"] for one in rows}):
        of_it = [one for one in rows if one["partner"] == partner]
        gone = max(one["number"] for one in of_it) - len(of_it)
        if gone > 0:
            body.append(f"<p>{text['gone'].format(count=gone, file=f'<code>{partner}.sha256</code>')}</p>")
        command = f"<code>sha256sum --ignore-missing --check {partner}.sha256</code>"
        body.append(f"<p>{text['prove'].format(command=command)}</p>")
    body.append(f'<p><a href="../{NAME}">{text["up"]}</a></p>')
    return document(text["runs_of"].format(workspace=workspace), "\n".join(body), language)


def _all_page(found: Json, language: str) -> str:
    text = TEXTS[language]
    rows = []
    for folder, one in sorted(found.items()):
        for _partner, latest in sorted(one["latest"].items()):
            rows.append(
                (
                    f'<a href="{folder}/{NAME}">{html.escape(one["workspace"])}</a>',
                    html.escape(latest["title"]),
                    _state(latest["status"], text),
                    html.escape(latest["line"]),
                    f'<a href="{folder}/{latest["run"]}/{chain.PAGE}">{html.escape(latest["written"])}</a>',
                    str(latest["number"]),
                )
            )
    head = [text[key] for key in ("workspace", "partner", "status", "summary", "when", "count")]
    return document(text["all"], table(head, rows), language)


def _state(status: str, text: dict[str, str]) -> str:
    word = text.get(f"status_{status}", status)
    return f'<span class="{_LEVELS.get(status, "bad")}">{html.escape(word)}</span>'
