# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of store that a lane may have, and what they hold, read without anything of ours."""

from __future__ import annotations

import base64
import json
import sys
import typing as t

from databricks.sdk.errors import NotFound

from tests.support.klaviyo import Site

GET = """---
- name: Look
  ansible.builtin.set_fact:
    klaviyo_store_record: "{{ lookup('ansible.builtin.file', where) if where is file else '' }}"
"""
PUT = """---
- name: Write
  ansible.builtin.copy:
    content: "{{ klaviyo_store_record }}"
    dest: "{{ where }}"
    mode: "0600"
"""


class File:
    """The file that most users have."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.option: dict[str, t.Any] = {"type": "file", "path": str(site.store)}

    def raw(self) -> bytes | None:
        return self.site.store.read_bytes() if self.site.store.exists() else None

    def put(self, content: bytes) -> None:
        self.site.store.write_bytes(content)

    def record(self) -> dict[str, t.Any]:
        """What it holds; empty where it holds none."""
        return json.loads(self.raw() or b"{}")


class Tasks(File):
    """A file that tasks of the user's own read and write; two runs can write it at once."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        for name, text in (("get", GET), ("put", PUT)):
            (site.folder / f"{name}.yml").write_text(text, encoding="utf-8")
        self.option = {"type": "tasks", **{name: str(site.folder / f"{name}.yml") for name in ("get", "put")}}
        site.variables |= {"where": str(site.store), "ansible_python_interpreter": sys.executable}


class Secret(File):
    """A secret of the workspace."""

    SCOPE, KEY = "klaviyo-store", "token"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.option = {"type": "databricks_secret", "scope": self.SCOPE, "key": self.KEY, "create_scope": True}

    def raw(self) -> bytes | None:
        try:
            found = self.site.client().secrets.get_secret(self.SCOPE, self.KEY)
        except NotFound:
            return None
        return base64.b64decode(found.value or "")

    def put(self, content: bytes) -> None:
        self.site.client().secrets.put_secret(self.SCOPE, self.KEY, bytes_value=base64.b64encode(content).decode())


PLACES: dict[str, type[File]] = {"file": File, "databricks_secret": Secret, "tasks": Tasks}
