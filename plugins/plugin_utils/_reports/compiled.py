# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of the pages are compiled once and not at each start, beside the code that Python compiled."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class Cache(jinja2.FileSystemBytecodeCache):
    """Kept where Python keeps compiled code; where it may not write there, templates are compiled at each start."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)


def cache(made_by: Path) -> Cache | None:
    """Compiled templates, where there is a folder for them.

    :param made_by: the file that has the settings of the templates; they are part of what is compiled
    """
    folder = made_by.parent / "__pycache__"
    try:
        settings = hashlib.sha256(jinja2.__version__.encode() + made_by.read_bytes()).hexdigest()[:12]
    except OSError:
        return None
    # The ending is that of files which ansible-galaxy does not take for a part of the collection.
    return Cache(str(folder), f"template-{settings}-%s.pyc") if folder.is_dir() else None
