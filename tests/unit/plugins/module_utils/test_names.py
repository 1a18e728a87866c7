# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names may reach a URL, and when two are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lakeops.databricks.plugins.module_utils._common import names
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption


@pytest.mark.parametrize("name", ["main", "a-b", "klaviyo_tmp", "x" * 255, "größe", "a@b", "1"])
def test_safe_names_are_lowered(name: str) -> None:
    assert names.identifier("name", name.upper()) == name.upper().lower()


@pytest.mark.parametrize(
    "name", ["", None, "a.b", "a b", "a/b", "a#b", "a?b", "a%2Fb", "a\nb", "a\x7f", "\t", "x" * 256]
)
def test_unsafe_names_are_refused_and_the_option_named(name: str | None) -> None:
    with pytest.raises(BadOption) as caught:
        names.identifier("schema", name)
    assert caught.value.message.startswith("schema: ") and caught.value.details["option"] == "schema"


@given(st.text())
def test_whatever_passes_is_one_piece_of_a_url(name: str) -> None:
    try:
        safe = names.identifier("name", name)
    except BadOption:
        return
    assert not set(safe) & set("./#?%") and not any(char.isspace() or ord(char) < 32 for char in safe)


@pytest.mark.parametrize(("name", "parts"), [("Main.X", 2), ("main", 1), ("a.b.C", 3)])
def test_full_names(name: str, parts: int) -> None:
    assert names.full_name("name", name, parts) == name.lower()


@pytest.mark.parametrize(("name", "parts"), [("main", 2), ("a.b.c", 2), ("a..c", 3), (".a", 2), ("", 1), (None, 2)])
def test_full_names_of_another_length(name: str | None, parts: int) -> None:
    with pytest.raises(BadOption, match="name: "):
        names.full_name("name", name, parts)


def test_same() -> None:
    assert names.same("A@B", "a@b") and names.same(None, "") and not names.same("a", "b")
