# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of README and of the guides, as a reader sees them."""

from __future__ import annotations

import re
import textwrap
import typing as t
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(GUIDES.glob("*.rst")),
    ROOT / "extensions" / "sandbox" / "README.md",
)
# What a block of commands may be marked with; one without a mark has to be looked at.
OF_COMMANDS = ("", "console", "shell", "bash")
_COMMENT = re.compile(r"(?:^|\s)#\s.*$")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^( *)(?:\.\. code-block:: (\w+)|(?!\.\.).*::)\n\n((?:(?:\1 +\S.*)?\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block: the page it is on, its mark, and what is in it."""

    page: str
    language: str
    text: str

    @property
    def name(self) -> tuple[str, str]:
        """The page and the first line, which is how tables of tests name a block."""
        return self.page, self.text.splitlines()[0].strip()

    @property
    def commands(self) -> list[str]:
        """Its commands, without prompt, comments and what they print."""
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        if any(line.startswith("$ ") for line in lines):
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        return [command for command in (_COMMENT.sub("", line).strip() for line in lines) if command]


def blocks(page: Path) -> t.Iterator[Block]:
    """The blocks of a page, in their order."""
    text, name = page.read_text(encoding="utf-8"), str(page.relative_to(ROOT))
    if page.suffix == ".md":
        for language, body in _FENCE.findall(text):
            yield Block(name, language, body.strip("\n"))
    else:
        for _indent, language, body in _DIRECTIVE.findall(text):
            yield Block(name, language, textwrap.dedent(body).strip("\n"))


def every_block() -> list[Block]:
    return [block for page in PAGES for block in blocks(page)]
