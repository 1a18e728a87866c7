# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Whether what is written somewhere will be there for the next run. A record that is lost is a token nobody knows."""

from __future__ import annotations

import os
import re
import tempfile
import typing as t
from pathlib import Path

# Files that container engines make (Podman, Docker), and variables that they and Kubernetes set.
_SIGNS = ("run/.containerenv", ".dockerenv")
_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST")
# What ansible-runner and AWX set for a job; its /runner is a directory of this one job, though it is a volume.
_JOB = ("AWX_ISOLATED_DATA_DIR", "ANSIBLE_RUNNER_JOB_ID", "RUNNER_JOB_ID")
# File systems that are gone with the container or with the next start of the machine.
_PASSING = frozenset({"overlay", "aufs", "tmpfs", "ramfs", "fuse-overlayfs", "rootfs"})


def why_it_may_vanish(
    path: str, environment: t.Mapping[str, str] | None = None, root: str = "/", mounts: str | None = None
) -> str | None:
    """Why a file at this place may be gone before the next run, as the rest of a sentence; None if nothing says so.

    :param path: absolute
    :param environment: of this process, if nothing else is given
    :param root: where the files are that tell a container
    :param mounts: the text of /proc/self/mountinfo, None to read it; without one only names are looked at
    """
    place = Path(path)
    environment = os.environ if environment is None else environment
    temporary = {Path("/tmp"), Path("/var/tmp"), Path(tempfile.gettempdir())}
    if any(place.is_relative_to(folder) for folder in temporary):
        return "it is in a directory for temporary files"
    job = next((name for name in _JOB if environment.get(name)), None)
    if job and place.is_relative_to("/runner"):
        return "it is in the directory of one job of AWX or ansible-runner"
    kind = _file_system(place, _mounts() if mounts is None else mounts)
    if kind in ("tmpfs", "ramfs"):
        return f"it is in memory ({kind})"
    if kind in _PASSING and (job or in_a_container(environment, root)):
        return "it is inside a container, and on no volume"
    return None


def in_a_container(environment: t.Mapping[str, str] | None = None, root: str = "/") -> bool:
    """Whether this process runs in a container, such as an execution environment."""
    environment = os.environ if environment is None else environment
    return any(environment.get(name) for name in _VARIABLES) or any(Path(root, sign).exists() for sign in _SIGNS)


def _mounts() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _file_system(place: Path, mounts: str) -> str:
    """The kind of the file system that a path is on; empty if that cannot be told (proc_pid_mountinfo(5))."""
    found, longest = "", -1
    for line in mounts.splitlines():
        mount, _separator, rest = line.partition(" - ")
        words = mount.split()
        if len(words) < 5 or not rest:
            continue
        # Blanks and the like are written as octal numbers.
        point = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), words[4])
        if place.is_relative_to(point) and len(point) >= longest:
            found, longest = rest.split()[0], len(point)
    return found
