# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration in extensions/awx, read without Ansible, and what AWX does with a credential and with artifacts."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import yaml
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import ImmutableSandboxedEnvironment

AWX = Path(__file__).resolve().parents[2] / "extensions" / "awx"
Json = dict[str, t.Any]


class _Unsafe(str):
    """Text that Ansible leaves alone."""


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!unsafe", lambda loader, node: _Unsafe(loader.construct_scalar(node)))


def configuration(**settings: t.Any) -> Json:
    """Every variable of configuration/ with what it comes to, as plain data."""
    said: Json = {}
    for file in sorted((AWX / "configuration").glob("*.yml")):
        read = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader with one tag more
        assert not set(read) & set(said), f"{file.name} says what another file says"
        said |= read
    said |= settings
    return {name: _rendered(value, said) for name, value in said.items()}


def _rendered(value: t.Any, said: Json) -> t.Any:
    if isinstance(value, dict):
        return {name: _rendered(one, said) for name, one in value.items()}
    if isinstance(value, list):
        return [_rendered(one, said) for one in value]
    if isinstance(value, _Unsafe):
        return str(value)
    while isinstance(value, str) and "{{" in value:
        names = {name: _rendered(said[name], said) for name in said if name in value}
        value = NativeEnvironment().from_string(value).render(names)
        if not isinstance(value, str):
            return _rendered(value, said)
    return value


def injected(kind: Json, inputs: Json, folder: Path) -> dict[str, str]:
    """The environment of a job with such a credential, as awx/main/models/credential.py (inject_credential) makes it.

    A field that is empty is not defined, which a template takes for an empty text; a box that nobody ticked is False.
    """
    names: Json = {name: value for name, value in inputs.items() if value is True or value is False or len(value)}
    for field in kind["inputs"]["fields"]:
        if field["type"] == "boolean" and field["id"] not in inputs:
            names[field["id"]] = False
    template = ImmutableSandboxedEnvironment().from_string
    files = {}
    for label, text in kind["injectors"].get("file", {}).items():
        path = folder / label
        path.write_text(template(text).render(names), encoding="utf-8")
        path.chmod(0o600)
        files[label.split(".")[1]] = str(path)
    names["tower"] = {"filename": files}
    return {name: template(text).render(names) for name, text in kind["injectors"]["env"].items()}


def artifacts(output: str) -> Json:
    """What AWX hands on from a job: what its run says for all hosts, and nothing that is said for one host.

    After awx_display of ansible-runner, which takes ``stats.custom["_run"]``; the run needs ANSIBLE_SHOW_CUSTOM_STATS.
    """
    found = re.search(r"^\s*RUN: (\{.*\})$", output, re.MULTILINE)
    return json.loads(found[1]) if found else {}
