# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signed the reports, by ssh-keygen of OpenSSH 8.2 and later (ssh-keygen(1), -Y verify)."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

from .._reports import chain, signing
from . import findings, reading
from .findings import Finding


class Seals(t.NamedTuple):
    """What is to be thought of the signatures of a chain.

    :ivar good: by run who signed it: by the file of signers, or else the fingerprint of the key
    :ivar trusted: whether there was a file of signers
    """

    good: dict[str, str]
    trusted: bool
    findings: list[Finding]


def check(
    history: reading.History, entries: t.Sequence[chain.Entry], reports: t.Mapping[str, Json], signers: Path | None
) -> Seals:
    """Look at each signature.

    :param entries: the runs in their order
    :param reports: those that are as they were written; what was altered is told elsewhere
    :param signers: the keys that count, as ssh-keygen(1) has them under ALLOWED SIGNERS
    """
    found: list[Finding] = []
    good: dict[str, str] = {}
    here = [entry.run for entry in entries if entry.run in reports and entry.run in history.held]
    for run in here:
        named = reports[run]["chain"].get("signed_by")
        held = history.held[run]
        if held.signature is None:
            if named is not None:
                found.append(findings.of("seal_missing", run, key=named))
            continue
        if named is None:
            found.append(findings.of("seal_unasked", run))
            continue
        try:
            who, wrong = _one(held, str(named), signers)
        except signing.NoProgram:
            found.append(findings.of("no_program"))
            break
        if wrong is not None:
            found.append(wrong)
        else:
            good[run] = who
    found += _lacking(here, good, reports, signers) if not any(one.code == "no_program" for one in found) else []
    return Seals(good, signers is not None, found)


def _one(held: reading.Held, named: str, signers: Path | None) -> tuple[str, Finding | None]:
    with tempfile.TemporaryDirectory() as place:
        seal = Path(place) / chain.SIGNATURE
        seal.write_bytes(held.signature or b"")
        key = signing.key_of(held.report or b"", seal)
        if key is None:
            return "", findings.of("seal_wrong", held.run)
        if key != named:
            return "", findings.of("seal_other", held.run, key=key, named=named)
        if signers is None:
            return key, None
        who = signing.signer(held.report or b"", seal, signers)
    return (who, None) if who else ("", findings.of("seal_stranger", held.run, key=key, file=signers))


def _lacking(
    here: list[str], good: dict[str, str], reports: t.Mapping[str, Json], signers: Path | None
) -> list[Finding]:
    """Reports that were never signed: a later one that is vouches for them, and for the newest ones nobody does."""
    plain = [run for run in here if reports[run]["chain"].get("signed_by") is None]
    if signers is None:
        return [findings.of("unchecked", count=len(good))] if good else []
    last = max((place for place, run in enumerate(here) if run in good), default=-1)
    before = [run for run in plain if here.index(run) < last]
    after = [run for run in plain if here.index(run) > last]
    found = [findings.of("unsigned_before", count=len(before), run_after=here[last])] if before else []
    if after:
        found.append(findings.of("unsigned", after[0], count=len(after)))
    return found
