# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Names: which are safe to put into a URL or a statement, and when two of them are the same."""

from __future__ import annotations

import re

from .failure import BadOption

# Unity Catalog forbids . / blanks and control characters (Databricks docs, "Names"). # and ? are legal there, but the
# SDK puts names into the URL unescaped, where they cut it short: a DELETE would then hit another object.
_FORBIDDEN = re.compile(r"[./\s#?%\x00-\x1f\x7f]")
MAX_NAME = 255

UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)


def identifier(option: str, value: str | None) -> str:
    """One part of a Unity Catalog name, refused if it is not safe; lower-cased, as the service stores it.

    :raises BadOption: empty, too long, or with a character that would reach another object
    """
    if not value:
        raise BadOption(option, "must not be empty.")
    if len(value) > MAX_NAME:
        raise BadOption(option, f"is {len(value)} characters long; Unity Catalog allows {MAX_NAME}.")
    bad = sorted(set(_FORBIDDEN.findall(value)))
    if bad:
        shown = ", ".join(repr(char) for char in bad)
        raise BadOption(option, f"{value!r} contains {shown}. Give one name, without catalog, blanks and . / # ? %.")
    return value.lower()


def full_name(option: str, value: str | None, parts: int) -> str:
    """A dotted name of exactly ``parts`` parts, each of them safe; lower-cased."""
    pieces = (value or "").split(".")
    if len(pieces) != parts:
        raise BadOption(option, f"{value!r} has {len(pieces)} part(s) between dots; {parts} are needed.")
    return ".".join(identifier(option, piece) for piece in pieces)


def same(first: str | None, second: str | None) -> bool:
    """Principals and securables are compared without regard to case (terraform-provider-databricks#3708, #5757)."""
    return (first or "").lower() == (second or "").lower()
