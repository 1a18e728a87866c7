# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a relative path counts from, whichever way a module runs.

A playbook of the user's lies beside the files it speaks of. One that is run by its name out of an installed collection
does not, and what is written there is lost with the next upgrade; then the inventory is what the user wrote.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail


def base(playbook_dir: str, inventory_dir: t.Any) -> str:
    """The directory that relative paths of a task count from: absolute.

    :param playbook_dir: directory of the playbook
    :param inventory_dir: directory of the inventory that the host comes from; None for a host of no file
    """
    if not in_a_collection(playbook_dir):
        return str(Path(playbook_dir).absolute())
    if inventory_dir and Path(str(inventory_dir)).is_dir():
        return str(Path(str(inventory_dir)).absolute())
    return str(Path.cwd())


def in_a_collection(directory: str) -> bool:
    """Whether these are the playbooks of an installed collection: .../ansible_collections/NAMESPACE/NAME/playbooks."""
    parts = Path(directory).absolute().parts
    return any(
        part == "ansible_collections" and parts[at + 3 : at + 4] == ("playbooks",) for at, part in enumerate(parts)
    )


def on_this_machine(value: str, folder: str) -> str:
    """The path, absolute; ``~`` and variables as Ansible's type ``path`` has them, out of the environment as it is."""
    # Path.expanduser() would fail at a user who does not exist; the type path does not.
    return str(Path(folder, os.path.expanduser(os.path.expandvars(value))))  # noqa: PTH111


def of_another_user(value: str, folder: str) -> str:
    """The same on this machine as another user: whose home and environment it is, only the module sees."""
    return value if value.startswith(("~", "$")) else str(Path(folder, value))


def elsewhere(option: str, value: str) -> str:
    """A path on another machine, where no directory of this one is.

    :raises AnsibleActionFail: it is relative
    """
    if not value.startswith(("/", "~", "$")):
        raise AnsibleActionFail(
            f"{option}: {value} is relative, and the module runs on another machine. "
            "Give an absolute path, or one that begins with ~."
        )
    return value
