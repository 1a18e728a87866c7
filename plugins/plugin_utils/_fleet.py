# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workspaces of an account become hosts, and what each is called, knows and belongs to."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import BadOption, Failure
from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

RUNNING = "RUNNING"
_TEXTS = ("name", "deployment_name", "workspace_id", "cloud", "region", "status", "pricing_tier")
_FIELDS = ("account_id", "host", "unified", *_TEXTS, "tags")
_UNFIT_IN_NAMES = re.compile(r"[^\w .@+-]")
# More names than this would not help the reader.
_MOST_NAMED = 10


@dataclass
class Wanted:
    """The filters of the inventory.

    :raises BadOption: one of them cannot be meant
    """

    statuses: list[str] | None = None
    include: list[Json] = field(default_factory=list)
    exclude: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        for option, filters in (("include_filters", self.include), ("exclude_filters", self.exclude)):
            for one in filters:
                _check(option, one)

    def of(self, found: list[Json]) -> list[Json]:
        return [one for one in self._fitting(found) if self._has_status(one)]

    def warnings(self, found: list[Json], chosen: list[Json]) -> list[str]:
        """What somebody may not expect to be missing."""
        sentences = []
        left = sorted((one for one in self._fitting(found) if not self._has_status(one)), key=_called)
        if self.statuses is None and left:
            shown = ", ".join(f"{_called(one)} ({one['status']})" for one in left[:_MOST_NAMED])
            more = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
            sentences.append(
                f"workspaces that are not {RUNNING} are left out: {shown}{more}. Option statuses says which are taken."
            )
        if found and not chosen:
            sentences.append(f"no workspace of the {len(found)} that the account shows fits statuses and filters.")
        return sentences

    def _fitting(self, found: list[Json]) -> list[Json]:
        return [
            one
            for one in found
            if (not self.include or any(_fits(one, wish) for wish in self.include))
            and not any(_fits(one, wish) for wish in self.exclude)
        ]

    def _has_status(self, workspace: Json) -> bool:
        """What the account does not say is no reason to leave a workspace out."""
        return workspace["status"] is None or workspace["status"] in (self.statuses or [RUNNING])


def nothing_shown() -> Failure:
    return Failure(
        "The account shows this caller no workspace. This is an error, since an inventory without hosts may look as if "
        "all workspaces were gone.",
        code="NOTHING_SHOWN",
        hint="Check account_id, and that the caller is an administrator of the account. If it is right that there is "
        "none, set allow_empty.",
    )


def names(chosen: list[Json], preferences: list[str]) -> list[str]:
    """What each is called.

    :raises BadOption: two would be one host
    """
    found = [_name(one, preferences) for one in chosen]
    twice = next((name for name, number in Counter(found).items() if number > 1), None)
    if twice is not None:
        ids = ", ".join(one["workspace_id"] for one, name in zip(chosen, found, strict=True) if name == twice)
        raise BadOption(
            "hostnames", f"the workspaces {ids} would all be called {twice!r}. Add workspace_id, or use it."
        )
    return found


def variables(workspace: Json) -> Json:
    """The variables of a host."""
    known: Json = {
        "ansible_connection": "local",
        "databricks_host": workspace["host"],
        "databricks_workspace_id": workspace["workspace_id"],
        "databricks_workspace": workspace,
    }
    if workspace["host"] is None:
        del known["databricks_host"]
    if workspace["unified"]:
        known["databricks_account_id"] = workspace["account_id"]
    return known


def groups(workspace: Json) -> list[str]:
    """Groups of a host, not yet as names that Ansible takes."""
    kinds = (("cloud", "cloud"), ("region", "region"), ("status", "status"), ("pricing_tier", "tier"))
    made = ["databricks", *(f"databricks_{word}_{workspace[key]}".lower() for key, word in kinds if workspace[key])]
    return [*made, *(f"databricks_tag_{key}_{value}" for key, value in sorted(workspace["tags"].items()))]


def as_kept(value: t.Any) -> list[Json]:
    """What a cache holds, if this version has put it there.

    :raises KeyError: it did not
    """
    if not isinstance(value, list) or not all(isinstance(one, dict) and {*_FIELDS} <= {*one} for one in value):
        raise KeyError
    return value


def _name(workspace: Json, preferences: list[str]) -> str:
    name = next((workspace[key] for key in (*preferences, "workspace_id") if workspace[key]), "")
    return _UNFIT_IN_NAMES.sub("_", name).lstrip(".").strip() or str(workspace["workspace_id"])


def _called(workspace: Json) -> str:
    return str(workspace["name"] or workspace["deployment_name"] or workspace["workspace_id"])


def _check(option: str, wish: Json) -> None:
    for key, value in wish.items():
        if key not in (*_TEXTS, "tags"):
            raise BadOption(option, f"{key!r} is not known; there are {', '.join((*_TEXTS, 'tags'))}.")
        if (key == "tags") != isinstance(value, dict):
            raise BadOption(
                option, f"{key} must be {'a dictionary' if key == 'tags' else 'a text or a list of texts'}."
            )
        for name, texts in value.items() if isinstance(value, dict) else ((None, value),):
            _check_texts(option, key if name is None else f"{key}.{name}", texts)
    if not wish or wish.get("tags") == {}:
        raise BadOption(option, "holds an empty filter, which fits everything. Leave it out, or say what is meant.")


def _check_texts(option: str, key: str, value: t.Any) -> None:
    """What can fit nothing is refused: as an exclusion it would leave nothing out, and nobody would see that."""
    texts = value if isinstance(value, list) else [value]
    # A tag may be there without a value, and be meant so.
    if not texts or any(one is None or (one == "" and not key.startswith("tags.")) for one in texts):
        raise BadOption(option, f"{key} is empty, which fits nothing. Leave it out, or say what is meant.")
    if any(isinstance(one, (list, dict)) for one in texts):
        raise BadOption(option, f"{key} must be a text or a list of texts.")
    template = next((str(one) for one in texts if "{{" in str(one) or "{%" in str(one)), None)
    if template is not None:
        raise BadOption(option, f"{key} is {template!r}, and filters are no templates. Give the text itself.")


def _fits(workspace: Json, wish: Json) -> bool:
    return all(
        all(_text_fits(workspace["tags"].get(tag), texts) for tag, texts in value.items())
        if key == "tags"
        else _text_fits(workspace[key], value)
        for key, value in wish.items()
    )


def _text_fits(value: str | None, wished: t.Any) -> bool:
    texts = wished if isinstance(wished, list) else [wished]
    return value is not None and any(fnmatchcase(value.lower(), str(text).lower()) for text in texts)
