# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Libraries for the workers to find: imported once, in the parent, and no more of them than modules use.

Of the second that ``import databricks.sdk`` takes, four fifths go into the typed classes of sixty services, which the
package imports in its __init__ and we never use; of what is left a quarter goes into Google's ways to sign in, and as
much into the classes of one more service, which one annotation names. Of the SQL connector's import more than half goes
into pandas, which it needs for Arrow only. And each of the connector's connections begins with reading the certificates
of all authorities, some 50 to 100 ms of computing, for a second HTTP client that fetches large results and reports
telemetry. All of that is put off until somebody asks for it. Other plugins in the same process notice nothing but that:
whatever they import, they get.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import logging
import sys
import types
import typing as t
from urllib.request import getproxies

from ansible_collections.lakeops.databricks.plugins.module_utils._wire import stand_in
from ansible_collections.lakeops.databricks.plugins.module_utils._wire.library_names import (
    CONNECTOR_FILES,
    SDK_FILES,
    SDK_ONLY_NAMED,
    SECOND_CLIENT,
)

# The SDK uses them when it signs in with the identity of a Google service account.
_GOOGLE = ("google.auth.impersonated_credentials", "google.oauth2.service_account")


@contextlib.contextmanager
def without_collecting() -> t.Iterator[None]:
    """What is imported stays: to look for garbage in it again and again meanwhile takes a fifth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def preload(*modules: str) -> str | None:
    """Import libraries, or say why that is impossible."""
    # Libraries that warn while they are imported would do so on the user's screen.
    logging.getLogger("databricks").addHandler(logging.NullHandler())
    module = ""
    try:
        with without_collecting():
            for module in modules:
                importlib.import_module(module)
    except Exception as error:  # noqa: BLE001
        # A broken library may raise anything; the module then says what is wrong, in its own words.
        return f"{module} cannot be imported by {sys.executable} ({type(error).__name__}: {error})"
    return None


def sdk() -> str | None:
    """The parts of the SDK that modules use, or why they cannot be imported."""
    known = set(sys.modules)
    with stand_in.replaced(*_GOOGLE, only_named=SDK_ONLY_NAMED):
        loaded = "databricks.sdk" in known or not _put_off("databricks.sdk") or preload(*SDK_FILES) is None
    if not loaded:
        # A release of the SDK that cannot be had in parts: as everybody imports it, then.
        for name in set(sys.modules) - known:
            if name.startswith("databricks.sdk"):
                del sys.modules[name]
    return preload(*SDK_FILES)


def connector() -> str | None:
    """The SQL connector, or why it cannot be imported."""
    with stand_in.replaced(*stand_in.needless_to_connector()):
        problem = preload(*CONNECTOR_FILES)
    if problem is None:
        _make_second_client_later(sys.modules["databricks.sql.client"])
    return problem


class _Later(types.ModuleType):
    """A package whose submodules can be imported, and whose __init__ runs when one of its own names is asked for."""

    def __getattr__(self, name: str) -> t.Any:
        if not name.startswith("__") and importlib.util.find_spec(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        self.__class__ = types.ModuleType  # type: ignore[assignment]
        spec = self.__spec__
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module(self)
        return getattr(self, name)


def _put_off(name: str) -> bool:
    """Have a package in sys.modules without having run it, if there is such a package."""
    parent, _dot, child = name.rpartition(".")
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return False
    if spec is None or spec.submodule_search_locations is None:
        return False
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _Later
    sys.modules[name] = module
    setattr(sys.modules[parent], child, module)
    return True


def _make_second_client_later(client: types.ModuleType) -> None:
    """Connections get a stand-in for their second HTTP client; a connector without one stays as it is."""
    real = getattr(client, SECOND_CLIENT, None)
    if isinstance(real, type) and hasattr(real, "using_proxy"):
        setattr(client, SECOND_CLIENT, lambda context: _ClientLater(real, context))


class _ClientLater:
    """An HTTP client that is made when it is used for the first time."""

    def __init__(self, kind: type, context: t.Any) -> None:
        self._kind, self._context = kind, context

    def using_proxy(self) -> bool:
        # Asked by each new connection, and where there is no proxy at all the answer needs no client.
        return bool(getproxies()) and self.__getattr__("using_proxy")()

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()

    def __getattr__(self, name: str) -> t.Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if "_client" not in self.__dict__:
            self._client = self._kind(self._context)
        return getattr(self._client, name)
