# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What surrounds a value is taken off; what is odd within is named and, of a secret, nothing else is shown."""

from __future__ import annotations

import pytest

from ansible_collections.lakeops.databricks.plugins.module_utils._common import http_path, user_input
from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption

ID = "1234567890abcdef"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a", "a"),
        ("", ""),
        (" \r\n\t", ""),
        ("\ufeff a b\u200b\n", "a b"),
        ("\u00ef\u00bb\u00bfa", "a"),
        ("\x00a\x7f", "a"),
        ("'a'", "a"),
        (" ` 'a' ` ", "a"),
        ("'a' and 'b'", "'a' and 'b'"),
        ("`a`.`b`", "`a`.`b`"),
        ("it's", "it's"),
        ("'", "'"),
        ("\u201ea\u201c", "a"),
    ],
    ids=ascii,
)
def test_what_surrounds_a_value_is_taken_off(text: str, meant: str) -> None:
    assert user_input.bare(text) == meant


@pytest.mark.parametrize(
    ("text", "odd"),
    [("a b é 漢字", None), ("a\nb", "U+000A"), ("a\u2029b", "U+2029"), ("a\u200db", "U+200D"), ("a\udcffb", "U+DCFF")],
    ids=ascii,
)
def test_what_is_odd_within_is_found(text: str, odd: str | None) -> None:
    assert user_input.odd(text) == odd


@pytest.mark.parametrize(
    "text", ["s3cret\u2028x", "s3cr et", "s3cret\tx", "s3crét", "s3cret\x00x", "s3cret\nx"], ids=ascii
)
def test_a_secret_with_something_odd_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(BadOption, match="token: cannot be right: character") as caught:
        user_input.secret("token", text)
    assert "s3c" not in str(caught.value)


def test_the_forms_of_a_secret() -> None:
    assert user_input.forms("\ufeff's3cret'\n") == {"\ufeff's3cret'\n", "'s3cret'", "s3cret"}
    assert (
        user_input.forms(" ") == user_input.forms("") == user_input.forms(None) == user_input.forms("\ufeff") == set()
    )


@pytest.mark.parametrize(
    ("text", "workspace"),
    [
        (f"/sql/1.0/warehouses/{ID}", None),
        (f" sql/1.0/endpoints/{ID}/\n", None),
        (f"/sql/1.0/warehouses/{ID}?o=12345", "12345"),
        (f"/sql/1.0/warehouses/{ID}?x=1&o=12345", "12345"),
        (f"/sql/1.0/warehouses/{ID}?o=abc", None),
        (f"https://h/sql/warehouses/{ID}?o=12345#/x", "12345"),
        (f"https://h/compute/sql-warehouses/{ID}", None),
        (f"jdbc:databricks://h:443/default;httpPath=/sql/1.0/warehouses/{ID};PWD=x", None),
        (f'httpPath: "/sql/1.0/warehouses/{ID}"', None),
        (f"jdbc:databricks://h;httpPath=%2Fsql%2F1.0%2Fwarehouses%2F{ID}", None),
    ],
)
def test_http_paths(text: str, workspace: str | None) -> None:
    found = http_path.read("http_path", text)
    assert found == (ID, workspace)
    assert found is not None and found.plain == f"/sql/1.0/warehouses/{ID}"


@pytest.mark.parametrize("text", ["Starter Warehouse", ID, "", "warehouses", "BI sql/warehouses"])
def test_names_are_no_paths(text: str) -> None:
    assert http_path.read("http_path", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "sql/protocolv1/o/0/0123-456789-abcdefgh",
        "/sql/protocolv1/o/123/0123-456789-abcdefgh?o=1",
        "jdbc:databricks://h;httpPath=sql/protocolv1/o/0/0123-456789-abcdefgh;PWD=s3cret",
        "https://h/?o=1#setting/clusters/0123-456789-abcdefgh/configuration",
        "/sql/1.0/queries/1",
        "https://h",
        "jdbc:databricks://h;PWD=s3cret",
    ],
)
def test_other_paths_are_refused_by_name_and_without_a_password(text: str) -> None:
    with pytest.raises(BadOption, match="http_path: ") as caught:
        http_path.read("http_path", text)
    said = str(caught.value)
    assert ("a cluster's" in said) == ("protocolv1" in text or "clusters/" in text)
    assert "s3cret" not in said
