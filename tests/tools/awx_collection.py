# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collection awx.awx, which extensions/awx needs, where the linter and the tests find it.

PyPI has it inside the package ansible only: 54 MB to download, of which 1 MB is kept. Nothing else of it is installed,
so that no test can lean on a collection that users need not have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "ansible==12.3.0"
COLLECTIONS = Path(__file__).resolve().parents[2] / ".cache"
INSIDE = "ansible_collections/awx/awx/"


def provide() -> Path:
    """Download it unless that was done.

    :return: the directory that ANSIBLE_COLLECTIONS_PATH has to name
    :raises RuntimeError: it could not be downloaded
    """
    target = COLLECTIONS / INSIDE
    stamp = target / ".from"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == PACKAGE:
        return COLLECTIONS
    COLLECTIONS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=COLLECTIONS) as folder:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
        done = subprocess.run(
            [*pip, "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE],
            check=False,
            env={**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{PACKAGE} could not be downloaded: {done.stderr.strip()}")
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(INSIDE)])
        (Path(folder) / INSIDE / ".from").write_text(PACKAGE, encoding="utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Of several that come here at once the last one wins, and all are the same.
        if target.exists():
            target.rename(Path(folder) / "replaced")
        (Path(folder) / INSIDE).rename(target)
    return COLLECTIONS


if __name__ == "__main__":
    print(provide())
