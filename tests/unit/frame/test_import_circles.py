# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No circles of imports, neither in the collection nor in its sandbox, and the check sees those that are hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = {
    "ansible_collections.lakeops.databricks.plugins": ROOT / "plugins",
    "databricks_sandbox": ROOT / "extensions" / "sandbox" / "databricks_sandbox",
}
PLANTED = {
    "at the top": ("from . import two", "from . import one"),
    "by the name of something in it": ("from .two import Thing", "from .one import Other"),
    "inside a function": ("from . import two", "def late():\n    from .one import Other"),
    "for the type checker": ("from . import two", "if t.TYPE_CHECKING:\n    from .one import Other"),
    "by the whole name": ("import pack.two", "import pack.one"),
    "through the parent": ("from ..pack import two", "from ..pack.one import Other"),
}


def found(folder: Path, package: str) -> list[str]:
    import import_circles

    return [" -> ".join(circle) for circle in import_circles.circles(folder, package)]


@pytest.mark.parametrize("package", PACKAGES)
def test_there_is_none(package: str) -> None:
    assert len(list(PACKAGES[package].rglob("*.py"))) > 50
    assert found(PACKAGES[package], package) == []


@pytest.mark.parametrize("how", PLANTED)
def test_a_circle_is_printed(tmp_path: Path, how: str) -> None:
    one, two = PLANTED[how]
    for name, text in {"__init__": "", "one": one, "two": two, "three": "from . import one"}.items():
        (tmp_path / f"{name}.py").write_text(f"{text}\n", encoding="utf-8")
    assert found(tmp_path, "pack") == ["pack.one -> pack.two -> pack.one"]


def test_a_long_circle_and_a_short_one_are_both_printed(tmp_path: Path) -> None:
    texts = {
        "a": "from . import b",
        "b": "from . import c",
        "c": "from . import a",
        "x": "from .below import y",
        "below/__init__": "",
        "below/y": "from .. import x, a",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text(f"{text}\n", encoding="utf-8")
    assert found(tmp_path, "p") == ["p.a -> p.b -> p.c -> p.a", "p.below.y -> p.x -> p.below.y"]
