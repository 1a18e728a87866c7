# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""The variables of a role that connects a partner: read as they are meant, or refused by name before any change."""

from __future__ import annotations

import difflib
import functools
import re
import typing as t
from datetime import date

from .._common import http_path, names, user_input
from .._common.failure import BadOption
from .._common.json_types import Json
from .._common.scrub import scrub
from .._data_contract import roles
from . import people, plan, store, values

# What counts where a variable is not given. What depends on the run, such as a file that is named after the host, is
# given to clean().
DEFAULTS: Json = {
    "import_schema": "KLAVIYO_IMPORT_FROM_DWH",
    "tmp_schema": "KLAVIYO_TMP",
    "principal_kind": "service_principal",
    "principal_name": "klaviyo-import",
    "tmp_privileges": "granular",
    "purge_surplus": False,
    "token_lifetime_days": 90,
    "token_renew_before_days": 30,
    "token_grace_days": 14,
    "token_method": "auto",
    "allowed_schemas": ["information_schema", "default"],
    "unknown_tokens": "refuse",
    "least_privilege": "warn",
    "confirmed": False,
    "offboard_in_use": False,
    "drop_schemas": False,
    "drop_force": False,
    "check_data": False,
    "data": {},
    "report_keep": "all",
    "report_language": "en",
    "fail_on": ["broken", "drift"],
}
NAMES = (
    *(
        "catalog",
        "warehouse",
        "token",
        "token_store",
        "report_dir",
        "report_sign_key",
        "hand_over",
        "offboard_keep_principal",
        "plan",
    ),
    *people.NAMES,
    *DEFAULTS,
)
_CHOICES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "principal_kind": (("service_principal", "user"), {"serviceprincipal": "service_principal"}),
    "tmp_privileges": (("granular", "all"), {"all_privileges": "all"}),
    "token_method": (("auto", "on_behalf_of", "self"), {}),
    "unknown_tokens": (("refuse", "keep", "replace"), {}),
    "least_privilege": (("warn", "strict"), {}),
    "report_language": (("en", "ko"), {"english": "en", "korean": "ko", "en_us": "en", "ko_kr": "ko"}),
}
_TRUTHS = ("purge_surplus", "confirmed", "offboard_in_use", "drop_schemas", "drop_force", "check_data")
_MAX_LIFETIME_DAYS = 730

_NOT_IN_A_NAME = re.compile(r"[./\s#?%`\"]")
_E_MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")

# What people paste where a personal access token is wanted. Whatever else has another shape is tried, for the service
# promises none.
_NO_TOKEN = (
    (re.compile(r"dose[0-9a-f]{8,}.*"), "is an OAuth secret"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\..*"), "is an OAuth access token, which ends within the hour"),
    (names.UUID, "is an ID"),
    (re.compile(r"[0-9a-fA-F]{64}"), "is the ID of a token and not the token itself"),
    (re.compile(r"p[kr]_\w+"), "is a key of Klaviyo's"),
    (re.compile(r"\$ANSIBLE_VAULT.*"), "is still encrypted"),
    (re.compile(r"[*.x\u2022]+|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", re.IGNORECASE), "is a mask or a placeholder"),
    (re.compile(r"<.*>|\{\{.*|\$\{?\w+\}?"), "is a placeholder"),
    (re.compile(r"https?://.*|.+@.+\..+|/.+"), "is an address, a name or a path"),
)


class Cleaned(t.NamedTuple):
    """What was meant.

    :ivar variables: by names without the prefix; the token is left out
    :ivar warnings: whole sentences
    """

    variables: Json
    warnings: list[str]


def clean(
    prefix: str, given: t.Mapping[str, t.Any], defaults: t.Mapping[str, t.Any], own_token: t.Any = None
) -> Cleaned:
    """Every variable as it is meant, with the default where nothing is said.

    :param prefix: of the role's variables, as klaviyo
    :param given: raw values by names without the prefix; others than NAMES are ignored
    :param defaults: of the variables whose default depends on the run: token_store and report_dir
    :param own_token: the personal access token that the play itself signs in with, if it is known
    :raises BadOption: names the variable with its prefix, says what is wrong and what to give; quotes no secret
    """
    try:
        return _Role(prefix, given, defaults).cleaned(own_token)
    except BadOption as refusal:
        # Somebody may have put a secret where a name is wanted.
        hidden = tuple(user_input.forms(given.get("token")) | user_input.forms(own_token))
        option = str(refusal.details["option"])
        raise BadOption(option, scrub(refusal.message.removeprefix(f"{option}: "), hidden)) from None


def said(prefix: str, given: Json) -> Json:
    """The variables of a role whose other variables are those of a profile, as they are meant: text, where another
    type is wanted, too.

    :param given: by names without the prefix
    :raises BadOption: names the variable with its prefix
    """
    readers: dict[str, t.Callable[[str, t.Any], t.Any]] = {
        **{name: functools.partial(_choice, name) for name in _CHOICES},
        **dict.fromkeys(_TRUTHS, values.truth),
        "allowed_schemas": values.listing,
        "fail_on": _statuses,
        "data": _roles_of_tables,
        "variables": functools.partial(values.mapping, example="{catalog: main, warehouse: Starter Warehouse}"),
    }
    found = dict(given)
    for name, read in readers.items():
        if name in given:
            value = DEFAULTS.get(name, {}) if values.is_blank(given[name]) else given[name]
            found[name] = read(f"{prefix}_{name}", value)
    keep = given.get("offboard_keep_principal")
    found["offboard_keep_principal"] = (
        found.get("principal_kind") == "user"
        if values.is_blank(keep)
        else values.truth(f"{prefix}_offboard_keep_principal", keep)
    )
    return found


def misspelt(prefix: str, given: t.Iterable[str], known: t.Iterable[str] = ()) -> list[str]:
    """Sentences about variables that begin with the prefix and look like a slip of one of the role's.

    :param names: of all variables of the host
    :param known: further variables with the prefix that mean something
    """
    ours = [f"{prefix}_{name}" for name in NAMES]
    meaningful = {*ours, *known}
    found = []
    for name in sorted(set(given) - meaningful):
        close = (
            difflib.get_close_matches(name.lower(), ours, n=1, cutoff=0.85) if name.lower().startswith(prefix) else []
        )
        if close:
            found.append(f"The variable {name} means nothing to the role. Did you mean {close[0]}?")
    return found


class _Role:
    """One reading of a role's variables."""

    def __init__(self, prefix: str, given: t.Mapping[str, t.Any], defaults: t.Mapping[str, t.Any]) -> None:
        self.prefix = prefix
        self.given = {name: value for name, value in given.items() if not values.is_blank(value)}
        self.defaults = {**DEFAULTS, **defaults}
        self.found: Json = {}
        self.warnings: list[str] = []

    def cleaned(self, own_token: t.Any) -> Cleaned:
        for name in _CHOICES:
            self.found[name] = _choice(name, self.option(name), self.value(name))
        for name in _TRUTHS:
            self.found[name] = values.truth(self.option(name), self.value(name))
        self._names()
        self._principal()
        self._days()
        self._places()
        self._data()
        self._people()
        self.found["fail_on"] = _statuses(self.option("fail_on"), self.value("fail_on"))
        self.found["plan"] = plans(self.option("plan"), self.given.get("plan"))
        self._token(own_token)
        self._contradictions()
        return Cleaned(self.found, self.warnings)

    def option(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def value(self, name: str) -> t.Any:
        return self.given.get(name, self.defaults.get(name))

    def refuse(self, name: str, message: str) -> t.NoReturn:
        raise BadOption(self.option(name), message)

    # -- what is where --------------------------------------------------------------------
    def _names(self) -> None:
        if "catalog" not in self.given:
            self.refuse("catalog", "is missing. Give the catalog that holds both schemas.")
        if "warehouse" not in self.given:
            self.refuse("warehouse", "is missing. Give the name, ID or HTTP path of the SQL warehouse.")
        catalog = values.text(self.option("catalog"), self.given["catalog"])
        if "." in catalog:
            first = user_input.bare(catalog.split(".")[0])
            self.refuse("catalog", f"{catalog!r} is more than a catalog. Give the catalog alone, as {first!r}.")
        self.found["catalog"] = catalog = self._name("catalog", catalog)
        for name in ("import_schema", "tmp_schema"):
            self.found[name] = self._name(
                name, self._without_catalog(name, values.text(self.option(name), self.value(name)))
            )
            if self.found[name].lower() == "information_schema":
                self.refuse(name, "is information_schema, in which nobody can make anything. Give another schema.")
        if names.same(self.found["import_schema"], self.found["tmp_schema"]):
            self.refuse(
                "tmp_schema",
                f"is the same schema as {self.option('import_schema')}. Give two: Klaviyo writes into this one.",
            )
        option = self.option("warehouse")
        warehouse = values.text(option, self.given["warehouse"])
        path = http_path.read(option, warehouse)
        self.found["warehouse"] = path.warehouse_id if path else warehouse
        option = self.option("allowed_schemas")
        allowed = values.listing(option, self.value("allowed_schemas"))
        self.found["allowed_schemas"] = [
            self._name("allowed_schemas", self._without_catalog("allowed_schemas", schema)) for schema in allowed
        ]

    def _name(self, name: str, text: str) -> str:
        wrong = sorted(set(_NOT_IN_A_NAME.findall(text)))
        if wrong:
            shown = ", ".join("a blank" if char.isspace() else char for char in wrong)
            self.refuse(name, f"{text!r} contains {shown}, which is not allowed in such a name. Give the name alone.")
        if len(text) > names.MAX_NAME:
            self.refuse(name, f"is {len(text)} characters long; Unity Catalog allows {names.MAX_NAME}.")
        return text

    def _without_catalog(self, name: str, text: str) -> str:
        """A schema that was given with the right catalog in front is meant by its own name."""
        parts = [user_input.bare(part) for part in text.split(".")]
        if len(parts) == 2 and names.same(parts[0], self.found["catalog"]):
            return parts[1]
        if len(parts) > 1:
            self.refuse(
                name,
                f"{text!r} is not a schema of {self.option('catalog')} ({self.found['catalog']}). Give its name alone.",
            )
        return parts[0]

    # -- who ------------------------------------------------------------------------------
    def _principal(self) -> None:
        name = values.text(self.option("principal_name"), self.value("principal_name"))
        self.found["principal_name"] = name
        kind = self.found["principal_kind"]
        if kind == "user" and not _E_MAIL.fullmatch(name):
            self.refuse(
                "principal_name",
                f"{name!r} is not an e-mail address, and {self.option('principal_kind')} is user. Give the e-mail "
                "address of the user, or the kind service_principal.",
            )
        if kind == "service_principal" and _E_MAIL.fullmatch(name):
            self.warnings.append(
                f"{self.option('principal_name')}: {name} looks like a user, but {self.option('principal_kind')} is "
                "service_principal. A service principal of this name is meant, then."
            )
        keep = self.given.get("offboard_keep_principal")
        self.found["offboard_keep_principal"] = (
            kind == "user" if keep is None else values.truth(self.option("offboard_keep_principal"), keep)
        )

    # -- how long -------------------------------------------------------------------------
    def _days(self) -> None:
        for name, least, most in (
            ("token_lifetime_days", 1, _MAX_LIFETIME_DAYS),
            ("token_renew_before_days", 0, _MAX_LIFETIME_DAYS),
            ("token_grace_days", 0, None),
        ):
            self.found[name] = values.number(self.option(name), self.value(name), least, most)
        life, before = self.found["token_lifetime_days"], self.found["token_renew_before_days"]
        if before < life:
            return
        if before == DEFAULTS["token_renew_before_days"]:
            # The user gave the shorter life and not this number, so we may choose it.
            self.found["token_renew_before_days"] = life // 4
            self.warnings.append(
                f"{self.option('token_lifetime_days')} is {life}, so a token is replaced {life // 4} days before its "
                f"end and not {before}."
            )
            return
        self.refuse(
            "token_renew_before_days",
            f"is {before}, and {self.option('token_lifetime_days')} is {life}: each token would be replaced at once. "
            f"Give less than {life}.",
        )

    # -- where to -------------------------------------------------------------------------
    def _places(self) -> None:
        self.found["token_store"] = store.clean(self.option("token_store"), self.value("token_store"))
        folder = values.text(self.option("report_dir"), self.value("report_dir"))
        if folder.startswith("/") and not folder.strip("/."):
            self.refuse("report_dir", "is the root of the file system. Give a directory for the reports.")
        self.found["report_dir"] = folder.rstrip("/")
        keep = self.value("report_keep")
        try:
            values.kept(keep)
        except ValueError as why:
            self.refuse("report_keep", str(why))
        self.found["report_keep"] = str(keep).strip().lower()
        key = self.given.get("report_sign_key")
        self.found["report_sign_key"] = "" if key is None else values.text(self.option("report_sign_key"), key)
        self.found["hand_over"] = ""
        if "hand_over" in self.given:
            option = self.option("hand_over")
            self.found["hand_over"] = file = values.text(option, self.given["hand_over"])
            if file.endswith("/"):
                self.refuse("hand_over", f"{file!r} is a directory. Give the file of tasks itself.")

    def _data(self) -> None:
        self.found["data"] = _roles_of_tables(self.option("data"), self.value("data"))

    def _people(self) -> None:
        for name in people.NAMES:
            option, value = self.option(name), self.given.get(name)
            if value is not None and name == "review_by":
                value = people.day(option, value if isinstance(value, date) else values.text(option, value))
            self.found[name] = "" if value is None else values.text(option, value)

    def _token(self, own_token: t.Any) -> None:
        self.found["token_given"] = "token" in self.given
        if "token" not in self.given:
            return
        value = self.given["token"]
        if not isinstance(value, str):
            self.refuse("token", "is no text. Give the personal access token that the user made.")
        text = token(self.option("token"), value)
        if isinstance(own_token, str) and text == user_input.bare(own_token):
            self.refuse(
                "token", "is the token that the play itself signs in with. The partner must get one of its own."
            )

    def _contradictions(self) -> None:
        if self.found["drop_force"] and not self.found["drop_schemas"]:
            self.warnings.append(
                f"{self.option('drop_force')} does nothing without {self.option('drop_schemas')}; no schema is dropped."
            )


def _choice(name: str, option: str, value: t.Any) -> str:
    choices, aliases = _CHOICES[name]
    return values.choice(option, value, choices, aliases)


def _statuses(option: str, value: t.Any) -> list[str]:
    return values.some_of(option, value, ("broken", "drift", "handover"))


def _roles_of_tables(option: str, value: t.Any) -> Json:
    found = values.mapping(option, value, "{customers: {kind: profile}}")
    roles.said(found, option)
    return found


def plans(option: str, value: t.Any) -> list[str]:
    """The digests of plans; of several, each host finds its own.

    :raises BadOption: one of them is no such digest
    """
    found = [] if values.is_blank(value) else values.listing(option, value)
    for one in found:
        if not plan.DIGEST.fullmatch(one):
            raise BadOption(option, f"{one[:80]!r} is no plan. Give what a run with --check shows as plan.")
    return found


def token(option: str, value: str) -> str:
    """A personal access token as it was meant: without blanks, line breaks and quotes around it.

    :raises BadOption: nothing is left, or it certainly is something else; the value is never quoted
    """
    text = user_input.secret(option, value)
    for shape, what in _NO_TOKEN:
        if shape.fullmatch(text):
            raise BadOption(option, f"{what}. Give a personal access token, which begins with dapi.")
    return text
