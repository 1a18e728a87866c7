# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit says: as lines for the screen, and as one page. Both are made of its document alone."""

from __future__ import annotations

import html
import shlex
import typing as t
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from .._reports import chain, index, signing
from .texts import TEXTS

_CLASS = {"unbroken": "ok", "unknown": "drift", "broken": "broken"}


def screen(audit: Json) -> list[str]:
    """The lines that a person sees, in English, the worst first."""
    order = {"broken": 0, "unknown": 1, "unbroken": 2}
    lines = []
    for history in sorted(audit["chains"], key=lambda history: order[history["status"]]):
        lines += _of_chain(history, audit["since"])
    lines += [
        f"{name}: there are no reports of it in {', '.join(audit['directories'])}." for name in audit["without_reports"]
    ]
    return lines


def _of_chain(history: Json, since: str | None) -> list[str]:
    head = f"{history['workspace']}, {history['partner']}"
    text = TEXTS["en"]
    lines = [
        f"{head}: chain {text[history['chain']]}. {_runs(history, text)}. Signatures: {_signatures(history, text)}."
    ]
    lines += [f"{head}: {finding['line']}" for finding in history["findings"]]
    lines += [f"{head}: {line}" for line in _changes(history, since, text)]
    if history["newest"]:
        lines.append(f"{head}: {text['newest'].lower()}: {text['newest_is'].format(**history['newest'])}.")
    return lines


def _runs(history: Json, text: dict[str, str]) -> str:
    rows = history["runs"]
    if not rows:
        return text["runs_none"]
    sentence = text["runs_of"].format(count=len(rows), first=rows[0]["written"], last=rows[-1]["written"])
    return f"{sentence}; {text['pruned'].format(count=history['pruned'])}" if history["pruned"] else sentence


def _signatures(history: Json, text: dict[str, str]) -> str:
    if history["signers"]:
        words = {"count": history["signed"], "all": len(history["runs"]), "who": ", ".join(history["signers"])}
        return text["signatures_good"].format(**words)
    if not history["signed"] and not any(
        finding["code"].startswith(("seal", "no_program")) for finding in history["findings"]
    ):
        return text["signatures_none"]
    return text["unknown"]


def _changes(history: Json, since: str | None, text: dict[str, str]) -> list[str]:
    events = [f"{_by(event, text)}: {item}" for event in history["events"] for item in event["items"]]
    return [*events, *_besides(history, since, text)]


def _by(event: Json, text: dict[str, str]) -> str:
    return text["others" if event["since"] else "by"].format(**event)


def _besides(history: Json, since: str | None, text: dict[str, str]) -> list[str]:
    """That there was nothing, and what is not known."""
    lines = []
    if not history["events"]:
        lines.append(text["nothing"].format(since=since) if since else text["nothing_ever"])
    if history["known_since"]:
        lines.append(text["before"].format(first=history["known_since"]))
    if history["unseen"]:
        lines.append(text["unseen"].format(count=len(history["unseen"])))
    return lines


def page(audit: Json, sentences: t.Sequence[list[str]], language: str, version: str, place: Path) -> str:
    """One self-contained page, on which every value is escaped.

    :param said: for each chain what was found, in the language
    :param place: directory of the page, from which it leads to the reports
    """
    text = TEXTS[language]
    since = text["since"].format(since=audit["since"]) if audit["since"] else text["since_ever"]
    made = text["made"].format(time=audit["read"], version=version)
    body = [f"<p>{_state(audit['status'], text)} {html.escape(made)} {html.escape(since)}</p>"]
    names = [f"{name}: {text['runs_none']}" for name in audit["without_reports"]]
    body += _list(names)
    for history, found in zip(audit["chains"], sentences, strict=True):
        body += _section(history, found, audit["since"], text, place)
    cannot = f"<p>{html.escape(text['cannot_end'])}</p>\n<p>{html.escape(text['cannot_who'])}</p>"
    body += [f"<h2>{html.escape(text['cannot'])}</h2>", cannot, f"<h2>{html.escape(text['alone'])}</h2>"]
    for history in audit["chains"]:
        if history["newest"]:
            body.append(f"<h3>{html.escape(text['head'].format(**history))}</h3>")
            for why, command in commands(audit, history):
                body.append(f"<p>{html.escape(text[why])}</p>\n<pre>{html.escape(command)}</pre>")
    return index.document(text["title"].format(directory=", ".join(audit["directories"])), "\n".join(body), language)


def commands(audit: Json, history: Json) -> list[tuple[str, str]]:
    """What an auditor types who trusts no program of ours: the key of the text that says why, and the words."""
    folder = shlex.quote(str(Path(history["directory"]) / history["folder"]))
    file, run, above = f"{history['partner']}.sha256", history["newest"]["run"], 2 * (history["newest"]["number"] - 1)
    rows = [
        ("alone_files", f"cd {folder}\nsha256sum --check --ignore-missing {file}"),
        ("alone_lines", f"head -n {above} {file} | sha256sum\ngrep '\"lines_sha256\"' {run}/{chain.REPORT}"),
    ]
    if history["signed"]:
        # Without a file of signers nobody's name is known here.
        signers = shlex.quote(audit["signers"] or "signers")
        who = shlex.quote(
            history["runs"][-1]["signer"] if audit["signers"] and history["runs"][-1]["signer"] else "ops"
        )
        words = f"ssh-keygen -Y verify -f {signers} -I {who} -n {signing.NAMESPACE}"
        rows.append(("alone_seal", f"{words} \\\n  -s {run}/{chain.SIGNATURE} < {run}/{chain.REPORT}"))
    return rows


def _section(history: Json, sentences: list[str], since: str | None, text: dict[str, str], place: Path) -> list[str]:
    rows = [
        (text["chain"], _state(history["chain"], text)),
        (text["runs"], html.escape(_runs(history, text))),
        (text["signatures"], html.escape(_signatures(history, text))),
    ]
    if history["newest"]:
        rows.append((text["newest"], f"<code>{html.escape(text['newest_is'].format(**history['newest']))}</code>"))
    facts = "".join(f'<tr><th scope="row">{html.escape(name)}</th><td>{value}</td></tr>\n' for name, value in rows)
    directory = Path(history["directory"]).absolute()
    reports = "" if directory == place.absolute() else f"{directory.as_uri()}/"
    head = [text[key] for key in ("number", "written", "entry", "status", "who", "signer")]
    return [
        f"<h2>{html.escape(text['head'].format(**history))}</h2>",
        f"<table>\n<tbody>\n{facts}</tbody>\n</table>",
        *_list(sentences),
        f"<h3>{html.escape(text['changes'])}</h3>",
        *(
            part
            for event in history["events"]
            for part in (f"<p>{html.escape(_by(event, text))}</p>", *_list(event["items"]))
        ),
        *(f"<p>{html.escape(line)}</p>" for line in _besides(history, since, text)),
        f"<h3>{html.escape(text['runs'])}</h3>",
        index.table(head, [_row(history, run, text, reports) for run in history["runs"]]),
    ]


def _row(history: Json, run: Json, text: dict[str, str], reports: str) -> tuple[str, ...]:
    address = html.escape(f"{reports}{history['folder']}/{run['run']}/{chain.PAGE}")
    mode = f" ({text['check']})" if run["mode"] == "check" else ""
    return (
        str(run["number"]),
        f'<a href="{address}">{html.escape(run["written"])}</a>',
        html.escape(f"{run['entry'] or '-'}{mode}"),
        html.escape(str(run["status"] or "-")),
        html.escape(str(run["who"] or "-")),
        html.escape(str(run["signer"] or "-")),
    )


def _state(status: str, text: dict[str, str]) -> str:
    return f'<span class="{_CLASS[status]}">{html.escape(text[status])}</span>'


def _list(lines: list[str]) -> list[str]:
    return [f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"] if lines else []
