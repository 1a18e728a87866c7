# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and texts that somebody else may choose, and what shows that one of them came to life."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from databricks.sdk.errors import DatabricksError
from databricks.sdk.service import catalog as unity

from tests.support.klaviyo import Site

# The Jinja makes a word that is nowhere in the text, and the line break a line of its own.
TEXTS = {
    "jinja": "{{ 'came-to' ~ '-life' }}",
    "jinja statement": "{% set word = 'came-to' ~ '-life' %}{{ word }}",
    "ansi": "\x1b[2J\x1b]0;a title\x07\x1b[31mred",
    "html": "<script>alert('came to life')</script><img src=x onerror=alert(1)>",
    "newline": "a name\nPLAY RECAP came to life\r\nfatal: [acme]: FAILED!",
    "nul": "a\0name",
    "long": "very long " * 2_000,
    "markdown": "](javascript:alert(1)) | `x` | <!-- came --> ![x](http://evil.example/x)",
    "right to left": "abc\u202etxt.exe\u2066",
    "yaml": "!unsafe '*anchor' &anchor !!python/object:os.system",
}
_ALIVE = ("came-to-life", "\x1b]0;", "\x1b[2J", "\x00")
_LINE = re.compile(r"^PLAY RECAP came to life", re.MULTILINE)
_MARKUP = re.compile(r"<script>alert\('came|<img src=x onerror|href=.javascript:alert")


def named(site: Site, text: str) -> int:
    """Give the text to everything a bystander may name or comment; how many things took it."""
    client = site.client()
    catalog, schema = site.catalog, "klaviyo_import_from_dwh"
    attempts: list[t.Callable[[], t.Any]] = [
        lambda: client.service_principals.create(display_name=text),
        lambda: client.groups.create(display_name=text),
        lambda: client.users.create(user_name="eve@example.com", display_name=text),
        lambda: client.catalogs.create(name=text[:200], comment=text),
        lambda: client.schemas.create(name=schema, catalog_name=catalog, comment=text),
        lambda: client.schemas.create(name="strange", catalog_name=catalog, comment=text),
        lambda: client.schemas.create(name=text[:200], catalog_name=catalog),
        lambda: client.schemas.update(full_name=f"{catalog}.strange", owner=text),
        lambda: client.schemas.update(full_name=f"{catalog}.klaviyo_tmp", comment=text),
        lambda: client.warehouses.create(name=text, cluster_size="2X-Small", max_num_clusters=1),
        lambda: client.secrets.create_scope(scope=text),
        lambda: client.tables.create(
            name=text[:200],
            catalog_name=catalog,
            schema_name="strange",
            table_type=unity.TableType.EXTERNAL,
            data_source_format=unity.DataSourceFormat.DELTA,
            storage_location="s3://elsewhere/x",
        ),
        lambda: site.post("mint", {"owner": "ada.analyst@example.com", "comment": text}),
        *_by_sql(site, text),
    ]
    took = 0
    for attempt in attempts:
        try:
            attempt()
        except (DatabricksError, OSError, TypeError, ValueError):
            continue  # a name that the workspace itself refuses cannot do harm
        took += 1
    return took


def _by_sql(site: Site, text: str) -> list[t.Callable[[], t.Any]]:
    """Names of tables, views and columns, their comments, and statements in the query history."""
    name, comment = text[:200].replace("`", "``"), text.replace("\\", "\\\\").replace("'", "\\'")
    into = f"`{site.catalog}`.`klaviyo_import_from_dwh`"
    statements = [
        f"CREATE TABLE {into}.`{name}` (`{name}` INT COMMENT '{comment}') COMMENT '{comment}'",
        f"CREATE TABLE {into}.customers (id INT, `{name}` STRING COMMENT '{comment}')",
        f"CREATE VIEW {into}.`{name}_view` (`{name}` COMMENT '{comment}') COMMENT '{comment}' AS SELECT 1",
        f"CREATE TABLE `{site.catalog}`.`klaviyo_tmp`.`{name}` (id INT)",
        f"SELECT '{comment}' AS `{name}`",
    ]

    def run(statement: str) -> t.Callable[[], t.Any]:
        warehouse = site.ready["warehouse_id"]
        return lambda: site.client().statement_execution.execute_statement(statement, warehouse, wait_timeout="30s")

    return [run(statement) for statement in statements]


def came_to_life(outputs: t.Iterable[str], folder: Path) -> list[str]:
    """Where a text was templated, drawn, or became a line or markup of its own."""
    found = [f"an output: {word!r}" for text in outputs for word in _ALIVE if word in text]
    found += ["an output: a line of its own" for text in outputs if _LINE.search(text)]
    for path in (one for one in folder.rglob("*") if one.is_file()):
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.name}: {word!r}" for word in _ALIVE if word in text]
        if path.suffix in (".html", ".md") and _MARKUP.search(text):
            found.append(f"{path.name}: markup")
        if path.suffix in (".md", ".txt") and _LINE.search(text):
            found.append(f"{path.name}: a line of its own")
    return found
