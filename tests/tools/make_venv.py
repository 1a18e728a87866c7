# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One virtual environment with all that plays, the sandbox and the tests need, and with this checkout in it.

The collection is linked, not installed: what is edited is what runs, from whatever directory Ansible is started.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ("requirements.txt", "extensions/sandbox/requirements.txt", "tests/requirements.txt")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venv", type=Path, help="where the environment is or shall be")
    parser.add_argument("extra", nargs="*", help="further requirements, for instance ansible-core==2.19.4")
    wanted = parser.parse_args()
    venv = (ROOT / wanted.venv).absolute()
    stamp = venv / ".ready"
    fingerprint = _fingerprint(venv, wanted.extra)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint:
        return
    started = time.monotonic()
    print(f"{wanted.venv}: installing for Python {VERSION} ...", flush=True)
    if not _usable(venv):
        _run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(venv))
    stamp.unlink(missing_ok=True)
    pip = (str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input")
    files = [word for name in REQUIREMENTS for word in ("-r", str(ROOT / name))]
    _run(*pip, "install", "--quiet", "--upgrade", *files, *wanted.extra)
    _link(venv)
    stamp.write_text(fingerprint, encoding="utf-8")
    print(f"{wanted.venv}: ready after {time.monotonic() - started:.0f} s", flush=True)


def _fingerprint(venv: Path, extra: list[str]) -> str:
    """Everything after which the environment must be made anew: a new Python, a moved checkout, other requirements."""
    digest = hashlib.sha256(repr((str(venv), VERSION, extra)).encode())
    for name in (*REQUIREMENTS, "tests/tools/make_venv.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _usable(venv: Path) -> bool:
    """Entry points carry absolute paths, so an environment that was moved or has another Python is of no use."""
    pip = venv / "bin" / "pip"
    if not (venv / "lib" / f"python{VERSION}").is_dir() or not pip.is_file():
        return False
    return str(venv / "bin") in pip.read_text(encoding="utf-8").splitlines()[0] and _works(venv / "bin" / "python")


def _works(python: Path) -> bool:
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


def _link(venv: Path) -> None:
    """Ansible looks for ansible_collections on sys.path, and so does Python."""
    link = venv / "lib" / f"python{VERSION}" / "site-packages" / "ansible_collections" / "lakeops" / "databricks"
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() or link.exists():
        link.unlink()
    link.symlink_to(ROOT, target_is_directory=True)


def _run(*command: str) -> None:
    """pip and venv speak only when something is wrong, and then everything they say is of interest."""
    done = subprocess.run(command, check=False, env={**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"}, cwd=ROOT)
    if done.returncode:
        sys.exit(f"failed with status {done.returncode}: {' '.join(command)}")


if __name__ == "__main__":
    main()
