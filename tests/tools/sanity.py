# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test sanity on a clean copy of the sources, with no container and nothing fetched but Python packages.

Each sanity test gets a virtual environment of its own from ansible-test, which wants to download pip for it from a
host of the Ansible project. Python brings a pip along; a stand-in for that download uses it. And since ansible-test
hands no variables to its commands, the settings of pip on this machine are written down where those commands look.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from copy_of_sources import ROOT, copy_sources

BIN = Path(sys.executable).parent
# A copy of its own: the gate goes on with other stages meanwhile, which have theirs.
COLLECTIONS = ROOT / ".cache" / "sanity"
HOME = ROOT / ".cache" / "home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

STAND_IN = """\
import subprocess
import sys
done = subprocess.run([sys.executable, "-m", "ensurepip"], capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stdout + done.stderr)
"""

# What ansible-test says whenever it does what it is meant to do.
QUIET = (
    "Running sanity test",
    "Installing requirements",
    "Using cached pip",
    "Looking in links",
    "WARNING: Using locale",
)


def main(arguments: list[str]) -> int:
    collection = copy_sources(COLLECTIONS)
    _write(HOME / ".ansible" / "test" / "cache" / f"get_pip_{_pip_version().replace('.', '_')}.py", STAND_IN)
    _write(HOME / ".config" / "pip" / "pip.conf", _pip_settings())
    command = [str(BIN / "ansible-test"), "sanity", "--python", PYTHON, "--color", "no", *arguments]
    environment = {**os.environ, "HOME": str(HOME), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    ran = 0
    with subprocess.Popen(
        command,
        cwd=collection,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            if not line.startswith(QUIET):
                print(line, end="", flush=True)
            ran += line.startswith("Running sanity test")
        status = process.wait()
    if not status and not ran:
        print("ansible-test ran no test at all, which proves nothing.", file=sys.stderr)
        return 1
    print(f"ansible-test ran {ran} sanity tests for Python {PYTHON}.", flush=True)
    return status


def _pip_version() -> str:
    """The version under whose name ansible-test looks for its download."""
    import ansible_test

    source = Path(ansible_test.__path__[0]) / "_internal" / "python_requirements.py"
    found = re.search(r"pip='([\d.]+)'", source.read_text(encoding="utf-8"))
    if found is None:
        sys.exit(f"{source} no longer says which pip it wants; tests/tools/sanity.py must learn where to look.")
    return found[1]


def _pip_settings() -> str:
    """All that files and variables tell pip on this machine, as one file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    settings: dict[str, str] = {}
    for line in listed.stdout.splitlines():
        key, value = line.split("=", 1)
        section, option = key.rsplit(".", 1)
        if section in ("global", "install", ":env:"):
            settings[option] = ast.literal_eval(value)
    settings.pop("require-virtualenv", None)
    settings["quiet"] = "1"
    if proxy := os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        settings.setdefault("proxy", proxy)
    lines = [f"{option} = {value.strip().replace(chr(10), chr(10) + '  ')}" for option, value in settings.items()]
    return "\n".join(["[global]", *lines, ""])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
