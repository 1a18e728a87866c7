# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox as others get it: installed on its own, started by its command, with its pytest plugin and examples."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox

_ROOT = Path(__file__).resolve().parents[2]
_SOURCE = _ROOT / "extensions" / "sandbox"
_MIRRORS = ("~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
_PROVIDER = "registry.terraform.io/databricks/databricks"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``pip install`` into a directory of its own; its dependencies are those of the tests already."""
    folder = tmp_path_factory.mktemp("product")
    source = shutil.copytree(_SOURCE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    done = subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--target", str(folder / "lib"), str(source)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode and "Could not find a version that satisfies the requirement setuptools" in done.stderr:
        pytest.skip("the package index, from which pip takes setuptools to build, cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / "lib"


def _env(installed: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "PYTEST_", "TF_"))}
    return {**kept, "PYTHONPATH": str(installed), **more}


def _used() -> float:
    """Seconds of the processor that ended children had."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def test_the_command_is_there_and_quick(installed: Path, tmp_path: Path) -> None:
    """It starts in less than two seconds where nothing else runs; elsewhere the time of the processor counts."""
    ready = tmp_path / "ready.json"
    began, used = time.monotonic(), _used()
    process = subprocess.Popen([installed / "bin" / "databricks-sandbox", "--ready-file", ready], env=_env(installed))
    try:
        while not ready.exists() and process.poll() is None and time.monotonic() < began + 60:
            time.sleep(0.02)
        took = time.monotonic() - began
        assert json.loads(ready.read_text(encoding="utf-8"))["pid"] == process.pid
    finally:
        process.terminate()
        assert process.wait(30) == 0
    used = _used() - used
    print(f"started in {took:.2f} s, {used:.2f} s of the processor")
    assert used < 4
    help_ = subprocess.run(
        [installed / "bin" / "databricks-sandbox", "--help"],
        env=_env(installed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert help_.stdout.startswith("usage: databricks-sandbox ")


def test_the_python_example(installed: Path, tmp_path: Path) -> None:
    """The fixture comes with the package, by its entry point."""
    test = shutil.copy(_SOURCE / "examples" / "python" / "test_schema.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, test],
        env=_env(installed),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_ansible_example(sandbox: Sandbox) -> None:
    """A second run changes nothing."""
    play = _SOURCE / "examples" / "ansible" / "schema.yml"
    said = [_playbook(play, sandbox) for _run in range(2)]
    assert [re.findall(r"changed=(\d+)", one) for one in said] == [["1"], ["0"]], said
    assert "main.shared_by_two" in str(sandbox.state()["schemas"])


def _playbook(play: Path, sandbox: Sandbox) -> str:
    purelib = Path(pytest.__file__).parents[1]
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", play],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(purelib),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            "DATABRICKS_HOST": sandbox.host,
            "DATABRICKS_TOKEN": sandbox.token,
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_terraform_example(sandbox: Sandbox, tmp_path: Path) -> None:
    """Where Terraform and its provider are installed; nothing is downloaded."""
    program = shutil.which("terraform")
    mirror = next((one for one in (Path(place).expanduser() for place in _MIRRORS) if (one / _PROVIDER).is_dir()), None)
    if program is None or mirror is None:
        pytest.skip("terraform, or its provider databricks/databricks, is not installed")
    shutil.copy(_SOURCE / "examples" / "terraform" / "main.tf", tmp_path)
    (tmp_path / "empty.tfrc").touch()
    env = {
        **os.environ,
        "CHECKPOINT_DISABLE": "true",
        "TF_CLI_CONFIG_FILE": str(tmp_path / "empty.tfrc"),
        "DATABRICKS_HOST": sandbox.host,
        "DATABRICKS_TOKEN": sandbox.token,
    }

    def terraform(*arguments: str) -> tuple[int, t.Any]:
        done = subprocess.run(
            [program, *arguments, "-no-color"],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    for arguments in (
        ("init", f"-plugin-dir={mirror}"),
        ("apply", "-auto-approve"),
        ("plan", "-detailed-exitcode"),
    ):
        status, said = terraform(*arguments)
        assert status == 0, said
    assert "main.shared_by_two" in str(sandbox.state()["schemas"])
