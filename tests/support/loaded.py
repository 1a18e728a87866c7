# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-playbook loads before it reads a playbook, and the command itself, for processes that are forked."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import sys
import traceback
import typing as t


def load(**settings: str) -> None:
    """Import ansible-core, the SDK and the collection. To be called once, before there are threads.

    :param settings: more variables that ansible-core reads only now
    """
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ANSIBLE_"))]:
        del os.environ[name]
    # ansible-core reads its settings when it is imported.
    os.environ |= {"ANSIBLE_NOCOLOR": "true", "ANSIBLE_HOST_PATTERN_MISMATCH": "error", **settings}
    for name in (
        "ansible.cli.playbook",
        "ansible.executor.playbook_executor",
        "ansible.plugins.strategy.linear",
        "ansible.plugins.callback.default",
        "ansible.plugins.connection.local",
        "ansible.plugins.shell.sh",
        "ansible.plugins.inventory.yaml",
        "ansible.plugins.inventory.host_list",
        "databricks.sdk",
        "databricks.sql",
    ):
        importlib.import_module(name)
    loader = importlib.import_module("ansible.plugins.loader")
    loader.init_plugin_loader()
    for kind in ("filter_loader", "test_loader", "lookup_loader"):
        list(getattr(loader, kind).all())
    for folder in ("module_utils", "modules", "action", "plugin_utils"):
        name = f"ansible_collections.lakeops.databricks.plugins.{folder}"
        try:
            package = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        for found in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{name}.{found.name}")
    # A second finder would only be told to be one too many.
    loader.init_plugin_loader = lambda *_, **__: None
    importlib.import_module("ansible.cli").init_plugin_loader = loader.init_plugin_loader
    gc.collect()
    gc.freeze()


def play(command: t.Sequence[str]) -> int:
    """ansible-playbook in this process, which ends afterwards; its exit status."""
    from ansible.cli.playbook import PlaybookCLI

    sys.argv = list(command)
    try:
        PlaybookCLI.cli_executor(list(command))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing of it may come back into the parent
        traceback.print_exc()
        return 250
    return 0
