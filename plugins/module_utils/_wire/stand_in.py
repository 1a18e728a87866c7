# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Libraries that another library imports and hardly ever uses: imported when they are used, or never."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import types
import typing as t


def needless_to_connector() -> tuple[str, ...]:
    """What the SQL connector imports without having a use for it; it need not even be installed."""
    # With pyarrow the connector really uses pandas, and then it shall be there before the workers are.
    return ("pandas",) if importlib.util.find_spec("pyarrow") is None else ()


class _StandIn(types.ModuleType):
    """What a library holds instead of another one; it imports that one when it is used."""

    def __getattr__(self, name: str) -> t.Any:
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def replaced(*names: str) -> t.Iterator[None]:
    """Whoever imports a library in this block gets a stand-in, unless it is loaded already; whoever does so afterwards,
    the library.
    """
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
