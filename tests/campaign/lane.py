# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One workspace that goes back to where a case begins, the playbooks that run on it, and what is judged at the end."""

from __future__ import annotations

import os
import re
import shutil
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.klaviyo import HOST, Site
from tests.support.token_life import NAME, files_below, leaks

from .places import PLACES
from .verdict import Verdict
from .warm import TEMPORARY, WarmRun, children

UNCLEAR = (
    *("Traceback", "object at 0x", "SCIM_None", "unknown: unknown", "unknown error", "deserialize", "<html"),
    *("('Connection", "NoneType", "KeyError", "ValueError", "probably a bug"),
)
BOUND = 90.0  # seconds, for one run
KEPT = "kept-by-ansible"
_MESSAGE = re.compile(r'"msg": "((?:[^"\\]|\\.)*)"')
_CHANGED = re.compile(r"^\S+\s*: ok=\d+\s+changed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Play:
    """A playbook, the state it begins in, and what there is of the principal when it has ended well."""

    playbook: str
    begins: str
    options: tuple[str, ...] = ()
    leaves: str = "token"  # token, or nothing


PLAYS = {
    "setup": Play("klaviyo_setup", "fresh"),
    "rotate": Play("klaviyo_rotate", "set up"),
    "confirm": Play("klaviyo_rotate", "handover", ("-e", "confirmed=true")),
    "verify": Play("klaviyo_verify", "set up"),
    "offboard": Play("klaviyo_offboard", "set up", leaves="nothing"),
    "preflight": Play("klaviyo_preflight", "fresh", leaves="nothing"),
}


class Lane:
    """The sandbox of one cloud. Only one case at a time."""

    def __init__(self, site: Site, cloud: str, store: str = "file") -> None:
        self.site, self.cloud, self.place = site, cloud, PLACES[store](site)
        site.variables["klaviyo_token_store"] = self.place.option
        site.variables |= {"databricks_http_timeout": 5, "databricks_retry_timeout": 8}
        self.env = {"DATABRICKS_TOKEN": site.variables.pop("databricks_token"), **_kept_by_ansible(site.folder)}
        self.kept = site.folder.with_name(f"{site.folder.name}-kept")
        self.keep("fresh")
        self.bystanders = self.seeded = site.state["bystanders"]
        self.runs = 0
        self.log_begins = 0
        self.started: list[WarmRun] = []
        self.known: dict[str, tuple[t.Any, ...]] = {}  # states from which a clean run has been judged

    # -- states ---------------------------------------------------------------------------------
    def prepare(self, *, judged: bool, plays: t.Collection[str] = tuple(PLAYS)) -> dict[str, int]:
        """Make the states that cases begin in; how many requests each playbook sends where all is well.

        :param judged: whether another lane has seen that all ends well from each of them
        """
        counts = dict.fromkeys(PLAYS, 0)
        for name, play in PLAYS.items():
            if name not in plays:
                continue
            self.restore(play.begins)
            self.known[play.begins] = self.looks()
            self.site.forget_journal()
            run = self.play(name)
            counts[name] = len(self.site.journal)
            if name in ("setup", "rotate"):
                self.keep({"setup": "set up", "rotate": "handover"}[name])
            verdict = Verdict()
            verdict.wrong("other", f"status {run.status}: {run.output[-4000:]}", run.status != 0)
            if not judged:
                self.closed(verdict, name, always=True)
            if verdict.words:
                raise RuntimeError(f"{name} goes wrong without any trouble: {verdict.words}")
        return counts

    def looks(self) -> tuple[t.Any, ...]:
        """The workspace and the store, without times of use, which every look at them moves."""
        state = self.site.state
        del state["clock"]
        for token in state["tokens"]:
            del token["last_used_ms"]
        return state, self.place.raw()

    def keep(self, name: str) -> None:
        self.site.post("snapshot", {"name": name})
        for part in ("store", "reports"):
            if (self.site.folder / part).exists():
                shutil.copytree(self.site.folder / part, self.kept / name / part)

    def restore(self, name: str) -> None:
        self.site.post("restore", {"name": name})
        self.bystanders = self.seeded
        self.log_begins, self.started = _log().stat().st_size, []
        for part in (TEMPORARY, KEPT):
            shutil.rmtree(self.site.folder / part, ignore_errors=True)
        for part in ("store", "reports"):
            shutil.rmtree(self.site.folder / part, ignore_errors=True)
            if (self.kept / name / part).exists():
                shutil.copytree(self.kept / name / part, self.site.folder / part)
        self.site.store.parent.mkdir(mode=0o700, exist_ok=True)  # tasks of one's own make none

    def bystanders_now(self) -> None:
        """There are others, who are not to be touched either."""
        self.bystanders = self.site.state["bystanders"]

    # -- runs -----------------------------------------------------------------------------------
    def command(self, name: str, *options: str) -> list[str]:
        play = PLAYS[name]
        return self.site._command(play.playbook, (*play.options, *options), {HOST: self.site.variables})

    def run(self, command: t.Sequence[str]) -> WarmRun:
        self.runs += 1
        log = self.site.folder.with_name(f"{self.site.folder.name}-run-{self.runs}.log")
        self.started.append(WarmRun(command, self.site.folder, log, self.env))
        return self.started[-1]

    def start(self, name: str, *options: str) -> WarmRun:
        return self.run(self.command(name, *options))

    def play(self, name: str, *options: str) -> WarmRun:
        run = self.start(name, *options)
        run.wait(BOUND)
        return run

    def tried(self, verdict: Verdict, run: WarmRun, began: float) -> None:
        """Judge a run that met trouble: it may fail, if it says why in bounded time."""
        text = run.output
        verdict.said.append(text)
        took = time.monotonic() - began
        verdict.wrong("unclear", f"took {took:.0f} s", took > BOUND)
        bad = [word for word in UNCLEAR if word in text]
        verdict.wrong("unclear", f"says {bad}: {_failure(text)}", bool(bad))
        if run.status not in (0, None):
            verdict.wrong("unclear", f"status {run.status} without a message: {text[-300:]}", not _failure(text))

    def closed(self, verdict: Verdict, name: str, *, always: bool = False) -> None:
        """One clean run, a second that changes nothing, and what is left then.

        :param always: also where the workspace and the store are as they were before the trouble
        """
        requests.delete(f"{self.site.host}/_sandbox/faults", timeout=30).raise_for_status()
        begins = PLAYS[name].begins
        if not always and self.looks() == self.known.get(begins):
            # Nothing has come of the run, and a clean run from here has been judged when this lane was prepared.
            self.judge(verdict, "nothing" if begins == "fresh" else "token")
            return
        for attempt in ("clean", "second"):
            self.site.forget_journal()
            run = self.play(name)
            verdict.said.append(run.output)
            changed = sum(int(number) for number in _CHANGED.findall(run.output))
            verdict.wrong("other", f"{attempt} run: {run.status}: {_failure(run.output)}", run.status != 0)
            wrote = self.site.mutating()
            if not changed and not wrote:
                break  # this was the run that changes nothing
            if attempt == "second":
                verdict.wrong("other", f"second run: {changed} changed, {wrote}")
        self.judge(verdict, PLAYS[name].leaves)

    def judge(self, verdict: Verdict, leaves: str) -> None:
        state = self.site.state
        owners = {one["application_id"] for one in state["service_principals"] if one["display_name"] == NAME}
        live = {one["token_id"] for one in state["tokens"] if one["owner"] in owners and one["live"]}
        record = self.place.record()
        ours = {record["token_id"]} if "token_id" in record else set()
        ours |= {one["token_id"] for one in record.get("predecessors", [])} & live
        verdict.wrong("duplicates", f"{len(owners)} principals", abs(len(owners) - (leaves == "token")))
        verdict.wrong("orphans", f"live {sorted(live)}, known {sorted(ours)}", len(live ^ ours))
        verdict.wrong("orphans", "OAuth secrets", sum(one["owner"] in owners for one in state["oauth_secrets"]))
        verdict.wrong("bystanders", "differ from the seed", state["bystanders"] != self.bystanders)
        if leaves == "token":
            value = record.get("token_value", "")
            me = f"{self.site.host}/api/2.0/preview/scim/v2/Me"
            good = bool(value) and requests.get(me, headers={"Authorization": f"Bearer {value}"}, timeout=30).ok
            verdict.wrong("orphans", "the stored token does not work", not good)
        files = files_below(self.site.folder, self.site.store)
        shown = [text for run in self.started for text in run.seen]
        with _log().open(encoding="utf-8", errors="replace") as log:
            log.seek(self.log_begins)
            found = leaks(self.site.host, *verdict.said, *files, *shown, log.read())
        verdict.wrong("secrets", f"{found}", len(found))
        for log in self.site.folder.parent.glob(f"{self.site.folder.name}-run-*.log"):
            log.unlink()

    def others(self) -> tuple[int, ...]:
        """Processes that were there before a case."""
        return tuple(children(os.getpid()))


def _kept_by_ansible(folder: Path) -> dict[str, str]:
    """What makes Ansible write down results, where they are searched."""
    kept = folder / KEPT
    return {"JUNIT_OUTPUT_DIR": str(kept / "junit"), "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(kept / "facts")}


def _log() -> Path:
    return Path(os.environ["ANSIBLE_LOG_PATH"])


def _failure(text: str) -> str:
    """The sentence of the first failed task, the interruption, or ansible's own error."""
    at = text.find("FAILED!")
    if at >= 0 and (found := _MESSAGE.search(text, at)):
        return found[1]
    errors = [line for line in text.splitlines() if line.startswith(("[ERROR]", "ERROR!"))]
    return errors[0] if errors else ""
