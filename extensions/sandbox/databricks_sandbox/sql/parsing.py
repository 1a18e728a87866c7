# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the text of a statement to its tree; what the parser cannot read is refused in Spark's words."""

from __future__ import annotations

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from ..errors import SqlError
from . import refusals

# It warns on stderr about every statement that it does not know; those are refused here.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_BEGINS_WORDS = """
SELECT WITH VALUES INSERT UPDATE DELETE CREATE DROP TABLE FROM MERGE TRUNCATE (
"""
_BEGINS = frozenset(_BEGINS_WORDS.split())
# Statements of Databricks that the sandbox does not run: known, so no syntax error.
_NOT_HERE_WORDS = """
MERGE TRUNCATE OPTIMIZE VACUUM COPY ANALYZE REFRESH CACHE UNCACHE CALL RESET TABLE FROM DECLARE EXECUTE BEGIN
REORG RESTORE CLEAR FSCK MSCK REPAIR CONVERT UNDROP LIST LOAD PUT GET REMOVE DENY ADD SYNC
"""
_NOT_HERE = frozenset(_NOT_HERE_WORDS.split())
_HYPHEN = re.compile(
    r"\b(?:FROM|INTO|JOIN|UPDATE|TABLE|SCHEMA|DATABASE|VIEW|EXISTS)\s+(?:[\w`]+\s*\.\s*)*([A-Za-z_]\w*-[\w-]+)",
    re.IGNORECASE,
)


def parsed(text: str) -> exp.Expr:
    """Exactly one statement that sqlglot understands.

    :raises SqlError: in the words of Spark's parser
    """
    begin = re.match(r"\w+|\S", text)
    word = begin[0].upper() if begin else ""
    if word in _NOT_HERE:
        raise refusals.unsupported(" ".join(text.split())[:200])
    if word not in _BEGINS:
        raise refusals.syntax(begin[0] if begin else "", text)
    bare = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", lambda found: " " * len(found[0]), text)
    hyphen = _HYPHEN.search(bare)
    if hyphen:
        raise refusals.hyphen(hyphen[1], text)
    try:
        trees = sqlglot.parse(text, dialect="databricks")
    except TokenError as error:
        opened = re.search(r"['\"`]", bare)
        raise refusals.syntax(opened[0] if opened else "", text, opened.start() if opened else len(text)) from error
    except ParseError as error:
        raise _unparsed(error, text) from error
    except (SqlglotError, RecursionError, ValueError) as error:
        raise refusals.unsupported(" ".join(text.split())[:200]) from error
    if len(trees) != 1 or trees[0] is None:
        extra = re.search(r";\s*(\w+|\S)", bare)
        raise refusals.syntax(
            extra[1] if extra else ";",
            text,
            extra.start(1) if extra else 0,
            f"extra input '{extra[1]}'" if extra else "",
        )
    if isinstance(trees[0], exp.Command):
        raise refusals.unsupported(" ".join(text.split())[:200])
    return trees[0]


def _unparsed(error: ParseError, text: str) -> SqlError:
    """Only the place is taken from the parser; the words are Spark's."""
    found = error.errors[0] if error.errors else {}
    near, line, column = str(found.get("highlight") or ""), int(found.get("line") or 1), int(found.get("col") or 1)
    at = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - len(near)
    waiting = not str(found.get("description") or "").startswith("Invalid expression")
    if not near or (waiting and not text[at + len(near) :].strip()):
        return refusals.syntax("", text, len(text))
    return refusals.syntax(near, text, max(at, 0))


def parts_of(node: exp.Expr) -> list[str]:
    """The parts of the name in a parsed table or schema."""
    if not isinstance(node, exp.Table):
        raise refusals.unsupported(node.sql(dialect="databricks"))
    return [part.name for part in node.parts if isinstance(part, exp.Identifier)]
