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
    """What a library holds instead of another one; it imports that one when it is used.

    :param only_named: classes of it that nobody does more with than to name them in annotations
    """

    def __init__(self, name: str, only_named: t.Iterable[str] = ()) -> None:
        super().__init__(name)
        for one in only_named:
            setattr(self, one, type(one, (), {"__module__": name}))

    def __getattr__(self, name: str) -> t.Any:
        if sys.modules.get(self.__name__) is self:
            raise AttributeError(name)  # asked by the import statement itself
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def replaced(*names: str, only_named: t.Mapping[str, t.Iterable[str]] = types.MappingProxyType({})) -> t.Iterator[None]:
    """Whoever imports a library in this block gets a stand-in, unless it is loaded already; whoever does so afterwards,
    the library.

    :param only_named: more libraries, with the classes of each that are taken from it for annotations only
    """
    wanted = {**dict.fromkeys(names, ()), **only_named}
    stand_ins = {name: _StandIn(name, named) for name, named in wanted.items() if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
