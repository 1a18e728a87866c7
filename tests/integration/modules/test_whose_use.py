# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our use is not the partner's use: what modules say day after day in a workspace that counts both as one."""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import pytest
import requests
from databricks import sql

from tests.support.sandbox import Sandbox
from tests.support.token_life import NAME, Life

HISTORY = "/api/2.0/sql/history/queries"
_SILENT = "The partner ran no SQL statement with the stored token for at least 30 days"


@pytest.fixture
def life(sandbox: Sandbox, tmp_path: Path) -> Life:
    made = Life(sandbox, tmp_path, lifetime_days=365, grace_days=14)
    made.prepare()
    made.do(
        "permission",
        object_type="warehouse",
        object=sandbox.warehouse_id,
        principal=NAME,
        level="CAN_USE",
    )
    return made


def verify(life: Life) -> dict[str, t.Any]:
    """What klaviyo_verify does with the stored token."""
    told = life.info()
    life.do("workspace_info", token_store=life.options["store"])
    life.do("sql", warehouse=life.sandbox.warehouse_id, token_store=life.options["store"], statement="SELECT 1")
    return told


def partner(life: Life, value: str) -> None:
    """The partner runs a statement with a token of its own driver."""
    path = f"/sql/1.0/warehouses/{life.sandbox.warehouse_id}"
    with contextlib.closing(
        sql.connect(
            server_hostname=life.sandbox.host,
            http_path=path,
            access_token=value,
            _connection_uri=life.sandbox.host + path,
            enable_telemetry=False,
        )
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        cursor.execute("SELECT 1")


def days(life: Life, number: int) -> None:
    life.sandbox.control("POST", "clock", {"advance_days": number})


def leaving(life: Life) -> dict[str, t.Any]:
    """What off-boarding looks at; it does not sign in with the token."""
    told = life.do("token_info", principal=NAME, store=life.options["store"], prove=False)
    assert told["tokens"][0]["used_within_a_day"]
    use: dict[str, t.Any] = told["token"]["use"]
    return use


@pytest.mark.parametrize("active", [False, True])
def test_a_hundred_days_of_verification(life: Life, active: bool) -> None:
    life.token()
    warned = []
    for day in range(100):
        if active:
            partner(life, life.record["token_value"])
        told = verify(life)
        warned += [day for text in told["warnings"] if text.startswith(_SILENT)]
        assert told["token"]["use"]["by"] == ("partner" if active else "us")
        days(life, 1)
    verify(life)
    use = leaving(life)
    if active:
        assert warned == []
        assert (use["by"], use["within_a_day"], use["partner_silent"]) == ("partner", "partner", False)
    else:
        assert warned == list(range(30, 100))
        assert (use["by"], use["within_a_day"], use["partner_silent"]) == ("us", "us", True)


def as_a_preflight_listed(life: Life) -> dict[str, t.Any]:
    """What the preflight of a set-up hands on to module token."""
    told = life.do(
        "preflight",
        catalog=life.sandbox.catalog,
        warehouse=life.sandbox.warehouse_id,
        principal=NAME,
        store=life.options["store"],
        permissions=[{"object_type": "tokens", "level": "CAN_USE"}],
    )
    assert told["tokens"]["tokens"] and life.record["token_value"] not in str(told)
    listed: dict[str, t.Any] = told["tokens"]
    return listed


@pytest.mark.parametrize("active", [False, True])
def test_a_set_up_a_day_keeps_it_known(life: Life, active: bool) -> None:
    """The first request of each day with the token is our own proof; the day of its use must not become a riddle."""
    number, short = life.principals()[0]["id"], {"lifetime_days": 12}
    life.token(**short)
    changed = []
    for day in range(12):
        if active:
            partner(life, life.record["token_value"])
        told = life.token(listed=as_a_preflight_listed(life), principal_id=number, **short)
        changed += [day] if told["changed"] else []
        # A successor is made by a list that is read after the stored token has signed in.
        use, whose = told["token"]["use"], "partner" if active else "us"
        assert use["within_a_day"] == whose
        assert changed or use["by"] == whose
        life.do("sql", warehouse=life.sandbox.warehouse_id, token_store=life.options["store"], statement="SELECT 1")
        days(life, 1)
    assert changed in ([8], [9])


def test_a_history_that_cannot_be_read_makes_it_unknown(life: Life) -> None:
    life.token()
    partner(life, life.record["token_value"])
    life.sandbox.fault(path=HISTORY, status=403, times=0)
    use = leaving(life)
    assert (use["by"], use["within_a_day"]) == ("unknown", "unknown")
    assert "could not be read" in use["why_unknown"]


def test_it_goes_by_itself_when_nobody_used_it_since(life: Life) -> None:
    life.token()
    partner(life, life.record["token_value"])
    days(life, 1)
    life.token(state="rotate")
    for _day in range(16):
        verify(life)
        days(life, 1)
    # Our own daily use of the successor is no proof.
    assert not life.token(state="revoke_superseded")["changed"] and len(life.live()) == 2
    partner(life, life.record["token_value"])
    told = life.token(state="revoke_superseded")
    assert told["changed"] and life.live() == [life.record["token_id"]]


def test_an_oauth_secret_may_have_been_the_way(life: Life) -> None:
    life.token()
    days(life, 1)
    life.token(state="rotate")
    days(life, 16)
    partner(life, life.record["token_value"])
    path = f"/api/2.0/accounts/servicePrincipals/{life.principals()[0]['id']}/credentials/secrets"
    answer = requests.post(
        life.sandbox.host + path, headers={"Authorization": f"Bearer {life.sandbox.token}"}, json={}, timeout=10
    )
    answer.raise_for_status()
    assert not life.token(state="revoke_superseded")["changed"] and len(life.live()) == 2
