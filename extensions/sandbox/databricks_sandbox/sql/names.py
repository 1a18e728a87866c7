# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in statements: quoted or plain, resolved against the session's current catalog and schema."""

from __future__ import annotations

import re

from . import refusals

PART = r"(?:`(?:[^`]|``)+`|[A-Za-z0-9_]+(?:-[A-Za-z0-9_-]+)?)"
NAME = rf"{PART}(?:\s*\.\s*{PART})*"


def parts(text: str) -> list[str]:
    """The parts of a dotted name, unquoted.

    :raises SqlError: an unquoted hyphen
    """
    found = []
    for piece in re.findall(PART, text.strip()):
        if piece.startswith("`"):
            found.append(piece[1:-1].replace("``", "`"))
        elif "-" in piece:
            raise refusals.hyphen(piece)
        else:
            found.append(piece)
    return found


def lowered(text: str) -> list[str]:
    return [part.lower() for part in parts(text)]


def unquoted(text: str) -> str:
    """A single name such as a principal, whose dots belong to it."""
    text = text.strip()
    if text.startswith("`"):
        return text[1:-1].replace("``", "`")
    return text
