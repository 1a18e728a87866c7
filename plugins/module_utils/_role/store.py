# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""A role's variable that says where the token is kept. Its keys may hold secrets, so no message quotes a value."""

from __future__ import annotations

import difflib
import re
import typing as t

from .._common.failure import BadOption
from .._common.json_types import Json
from . import values

TYPES = ("file", "databricks_secret", "tasks")
# What the tasks of each shipped recipe need, and what they can use besides (roles/partner/tasks/stores).
RECIPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hashicorp_vault": (("url", "path"), ("mount", "namespace", "ca_path", "token")),
    "aws_secrets_manager": (("secret_id",), ("region", "cli")),
    "azure_key_vault": (("url", "name"), ("access_token",)),
    "gcp_secret_manager": (("project", "name"), ("url", "access_token")),
    "awx_credential": (("url", "credential"), ("token",)),
}
_NEEDED = {"file": ("path",), "databricks_secret": ("scope", "key"), "tasks": ()}
_MORE = {"file": (), "databricks_secret": ("create_scope",), "tasks": ("get", "put", "recipe")}
_NAME = re.compile(r"[\w.@-]{1,128}")
_EXAMPLE = "{type: file, path: /srv/tokens/production.json}"


def clean(option: str, value: t.Any) -> Json:
    """The store that is meant, with its type; blank keys are left out.

    Of a store of own tasks only the type and what names the tasks: what else is in it is for those tasks, and may be
    secret.

    :param option: name of the role's variable, with its prefix
    :raises BadOption: names the variable and the key
    """
    if isinstance(value, str) and re.match(r"[`\"']?(?:/|~/)", value.strip()):
        value = {"type": "file", "path": value}
    given = values.mapping(option, value, _EXAMPLE)
    store = {key: one for key, one in given.items() if not values.is_blank(one)}
    if not store:
        raise BadOption(option, f"is empty. Leave it out, or give it like {_EXAMPLE}.")
    kind = _type(option, store)
    if kind == "tasks":
        if isinstance(value, str):
            raise BadOption(
                option,
                "is a text, and a store of type tasks must be a mapping, since your tasks read it. Give it in the "
                "inventory, or as -e '{\"" + option + "\": {...}}'.",
            )
        return _tasks(option, store)
    _known(option, store, ("type", *_NEEDED[kind], *_MORE[kind]), f"a store of type {kind}")
    _complete(option, store, _NEEDED[kind], f"a store of type {kind}")
    found: Json = {"type": kind}
    for key in _NEEDED[kind]:
        found[key] = values.text(f"{option}.{key}", store[key])
    if kind == "file":
        found["path"] = _file(f"{option}.path", found["path"])
        return found
    for key in ("scope", "key"):
        if not _NAME.fullmatch(found[key]):
            raise BadOption(f"{option}.{key}", "must be 1 to 128 letters, digits and _ . @ -.")
    found["create_scope"] = values.truth(f"{option}.create_scope", store.get("create_scope", False))
    return found


def _type(option: str, store: Json) -> str:
    given = store.get("type")
    if given is None:
        if {"get", "put", "recipe"} & set(store):
            return "tasks"
        return "databricks_secret" if {"scope", "key"} & set(store) else "file"
    word = values.text(f"{option}.type", given)
    plain = re.sub(r"[\s-]+", "_", word.lower())
    if plain in RECIPES:
        raise BadOption(f"{option}.type", f"{plain} is a recipe. Give type: tasks and recipe: {plain}.")
    if plain not in TYPES:
        raise BadOption(f"{option}.type", f"is {word!r}. Give file, databricks_secret or tasks.")
    return plain


def _tasks(option: str, store: Json) -> Json:
    named: Json = {key: values.text(f"{option}.{key}", store[key]) for key in ("recipe", "get", "put") if key in store}
    recipe = named.get("recipe")
    if recipe is None:
        _complete(option, named, ("get", "put"), "a store of your own tasks", ", the paths of your files of tasks")
        return {"type": "tasks", **named}
    recipe = re.sub(r"[\s-]+", "_", recipe.lower())
    if recipe not in RECIPES:
        raise BadOption(f"{option}.recipe", f"is {named['recipe']!r}. Give {', '.join(RECIPES)}, or get and put.")
    if set(store) & {"get", "put"}:
        # A recipe may be replaced in part by tasks with keys of their own.
        return {"type": "tasks", **named, "recipe": recipe}
    needed, more = RECIPES[recipe]
    _known(option, store, ("type", "recipe", *needed, *more), f"the recipe {recipe}")
    _complete(option, store, needed, f"the recipe {recipe}")
    return {"type": "tasks", "recipe": recipe}


def _known(option: str, store: Json, keys: t.Sequence[str], what: str) -> None:
    for key in store:
        if key not in keys:
            close = difflib.get_close_matches(key.lower(), keys, n=1, cutoff=0.6)
            meant = f"Did you mean {close[0]}?" if close else f"It takes {', '.join(keys)}."
            raise BadOption(f"{option}.{_key(key)}", f"is not for {what}. {meant}")


def _complete(option: str, store: Json, keys: t.Sequence[str], what: str, why: str = "") -> None:
    for key in keys:
        if key not in store:
            raise BadOption(f"{option}.{key}", f"is missing. {what[0].upper()}{what[1:]} needs {', '.join(keys)}{why}.")


def _file(option: str, path: str) -> str:
    if path.endswith("/") or path.split("/")[-1] in ("", ".", "..", "~"):
        raise BadOption(option, f"{path!r} is a directory. Give the file itself.")
    return path


def _key(key: str) -> str:
    """The name of a key for a message; a text that was cut in the wrong place may be anything."""
    return key if re.fullmatch(r"\w{1,40}", key) else "?"
