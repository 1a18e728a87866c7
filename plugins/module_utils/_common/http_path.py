# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The HTTP path of a SQL warehouse, in the forms in which pages, drivers and other tools show it."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

from . import user_input
from .failure import BadOption

# Of drivers, today and before 2023; of pages of the workspace; of the REST API.
_WAREHOUSE = re.compile(
    r"(?:^|/)(?:sql/1\.0/(?:warehouses|endpoints)|sql/(?:warehouses|endpoints)|(?:compute/)?sql-warehouses)"
    r"/(?P<id>[\w-]+)(?=[/?#;&\s]|$)",
    re.IGNORECASE,
)
_CLUSTER = re.compile(r"(?:^|[/=])sql/protocolv1/o/|(?:^|[/#])(?:setting/|compute/)?clusters/[\w-]+", re.IGNORECASE)
_JDBC = re.compile(r"\bhttpPath\s*[=:]\s*[\"']?(?P<path>[^;\"'\s]+)", re.IGNORECASE)
_WORKSPACE = re.compile(r"[?&]o=(\d+)(?=[&#;\s]|$)")

EXAMPLE = "/sql/1.0/warehouses/1234567890abcdef"


class Path(t.NamedTuple):
    """What a path says.

    :ivar warehouse_id: as it stands there (str)
    :ivar workspace_id: of ``?o=``, None without one (str or None)
    """

    warehouse_id: str
    workspace_id: str | None

    @property
    def plain(self) -> str:
        """The path as drivers take it, without the workspace."""
        return f"/sql/1.0/warehouses/{self.warehouse_id}"


def read(option: str, text: str) -> Path | None:
    """What a path, an address of a page or a driver's connection string says; None for a plain name or id.

    :raises BadOption: it is the path of a cluster, or looks like a path and is none
    """
    text = user_input.bare(text)
    driver = _JDBC.search(text)
    inner = unquote(driver["path"]) if driver else text
    if _CLUSTER.search(inner):
        raise BadOption(
            option,
            f"{shown(inner)} is a cluster's. Give the name, ID or HTTP path of a SQL warehouse, like {EXAMPLE}.",
        )
    found = _WAREHOUSE.search(inner)
    if found:
        workspace = _WORKSPACE.search(inner)
        return Path(found["id"].lower(), workspace[1] if workspace else None)
    if driver or text.lower().startswith(("jdbc:", "https://", "http://", "sql/", "/")):
        raise no_path(option, inner)
    return None


def no_path(option: str, text: str) -> BadOption:
    """The refusal of what is no path of a warehouse."""
    return BadOption(option, f"{shown(text)} is not the path of a SQL warehouse, like {EXAMPLE}.")


def shown(text: str) -> str:
    """The text for a message, without what may hold a secret (a driver's connection string holds the password)."""
    if text.lower().startswith("jdbc:") or ";" in text:
        return "The connection string"
    return repr(text.split("?")[0])
