# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Files of profiles, as whatever editor saved them: with a byte order mark, in UTF-16, with any line ends.

The SDK reads them in the encoding of the locale, and stops at a byte order mark.
"""

from __future__ import annotations

import codecs
import configparser
import typing as t
from pathlib import Path

DEFAULT_FILE = "~/.databrickscfg"
_SETTINGS = "__settings__"  # names the profile that counts where none is named (SDK config.py)


def sections(file: str) -> dict[str, dict[str, str]]:
    """The profiles of a file, by name. Values are as they stand there: % has no meaning.

    :raises OSError: it cannot be read
    :raises configparser.Error: it is not a file of profiles
    :raises UnicodeDecodeError: it is no text
    """
    content = Path(file).expanduser().read_bytes()
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    parser = configparser.RawConfigParser(default_section="\0")
    parser.read_string(content.decode("utf-16" if wide else "utf-8-sig"))
    return {name: dict(parser.items(name)) for name in parser.sections()}


def chosen(file: str, profile: str | None) -> tuple[str, dict[str, str]] | None:
    """The profile that counts: the one that is named, else the file's own choice, else DEFAULT; None without any.

    :raises ValueError: the file does not have the profile that somebody named
    """
    if not Path(file).expanduser().exists():
        return None
    found: t.Mapping[str, dict[str, str]] = sections(file)
    name = profile or found.get(_SETTINGS, {}).get("default_profile", "").strip()
    if not name:
        return ("DEFAULT", found["DEFAULT"]) if found.get("DEFAULT") else None
    if name == _SETTINGS or name not in found:
        # In the SDK's words, which its users know and our hints look for.
        raise ValueError(f"resolve: {Path(file).expanduser()} has no {name} profile configured")
    return name, found[name]
