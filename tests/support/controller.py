# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of the API of AWX 24.6 as extensions/awx needs: it keeps objects, links them, and refuses what AWX refuses.

After AWX's own source: fields from awx/api/serializers.py, surveys from JobTemplateSurveySpec of awx/api/views,
credential types from awx/main/fields.py, notifications from awx/main/notifications. A field that AWX knows and that is
not kept here is refused, too, so that nothing is taken for applied that was only swallowed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

Json = dict[str, t.Any]
Answer = tuple[int, t.Any]

PAGE = 2  # AWX has 25; with so few, every list has a second page
SECRET = "$encrypted$"
READ_ONLY = {"id", "type", "url", "related", "summary_fields", "created", "modified", "managed"}
NOTIFICATIONS = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}
EMAIL = {
    "host": str,
    "port": int,
    "username": str,
    "password": str,
    "use_tls": bool,
    "use_ssl": bool,
    "sender": str,
    "recipients": list,
    "timeout": int,
}


class Resource(t.NamedTuple):
    type: str
    fields: Json  # with their defaults; a name that ends in __ refers to another resource
    refers: dict[str, str] = {}
    linked: dict[str, str] = {}
    required: tuple[str, ...] = ("name",)
    unique: tuple[str, ...] = ("name", "organization")


NAMED: Json = {"name": None, "description": ""}
OWNED: Json = {**NAMED, "organization": None}
ORGANIZATION = {"organization": "organizations"}
ASKS = {f"ask_{what}_on_launch": False for what in ("limit", "job_type", "diff_mode", "variables", "tags")}
RESOURCES = {
    "organizations": Resource("organization", NAMED, unique=("name",)),
    "credential_types": Resource(
        "credential_type",
        {**NAMED, "kind": None, "inputs": {}, "injectors": {}},
        required=("name", "kind"),
        unique=("name", "kind"),
    ),
    "credentials": Resource(
        "credential",
        {**OWNED, "credential_type": None, "inputs": {}},
        {**ORGANIZATION, "credential_type": "credential_types"},
        required=("name", "credential_type"),
        unique=("name", "organization", "credential_type"),
    ),
    "execution_environments": Resource(
        "execution_environment",
        {**OWNED, "image": None, "pull": ""},
        ORGANIZATION,
        required=("name", "image"),
        unique=("name",),
    ),
    "projects": Resource(
        "project",
        {**OWNED, "scm_type": "", "scm_url": "", "scm_branch": "", "scm_revision": "", "default_environment": None},
        {**ORGANIZATION, "default_environment": "execution_environments"},
        NOTIFICATIONS,
    ),
    "inventories": Resource(
        "inventory",
        {**OWNED, "kind": "", "host_filter": None, "variables": ""},
        ORGANIZATION,
        required=("name", "organization"),
    ),
    "notification_templates": Resource(
        "notification_template",
        {**OWNED, "notification_type": None, "notification_configuration": {}, "messages": None},
        ORGANIZATION,
        required=("name", "organization", "notification_type"),
    ),
    "job_templates": Resource(
        "job_template",
        {
            **OWNED,
            **ASKS,
            "job_type": "run",
            "inventory": None,
            "project": None,
            "playbook": "",
            "job_tags": "",
            "execution_environment": None,
            "extra_vars": "",
            "diff_mode": False,
            "job_slice_count": 1,
            "survey_enabled": False,
            "limit": "",
        },
        {
            **ORGANIZATION,
            "inventory": "inventories",
            "project": "projects",
            "execution_environment": "execution_environments",
        },
        {**NOTIFICATIONS, "credentials": "credentials"},
        required=("name", "project", "playbook", "inventory"),
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template",
        {**OWNED, "extra_vars": "", "ask_limit_on_launch": False, "survey_enabled": False},
        ORGANIZATION,
        {**NOTIFICATIONS, "notification_templates_approvals": "notification_templates"},
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node",
        {"identifier": None, "workflow_job_template": None, "unified_job_template": None},
        {"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        {f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")},
        required=("identifier", "workflow_job_template"),
        unique=("identifier", "workflow_job_template"),
    ),
    "workflow_approval_templates": Resource("workflow_approval_template", {**NAMED, "timeout": 0}, unique=("id",)),
    "schedules": Resource(
        "schedule",
        {**NAMED, "unified_job_template": None, "rrule": None, "enabled": True},
        {"unified_job_template": "unified_job_templates"},
        required=("name", "unified_job_template", "rrule"),
        unique=("name", "unified_job_template"),
    ),
}
UNIFIED = ("job_templates", "projects", "workflow_job_templates", "workflow_approval_templates")


class Refused(Exception):
    """A 400, in the words of the field that is wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.answer = {field: [why]}


class Controller:
    """What the AWX holds, and what was asked of it."""

    def __init__(self, playbooks: t.Collection[str]) -> None:
        self.url, self.token = "", "sesame"
        self.playbooks = playbooks  # of any project that has been synchronised
        self.kept: dict[str, dict[int, Json]] = {name: {} for name in RESOURCES}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Json] = {}
        self.journal: list[tuple[str, str]] = []  # what may change something, as method and path
        self._numbers = itertools.count(1)
        self.kept["organizations"][1] = {**NAMED, "name": "Default", "id": next(self._numbers)}

    # -- for tests ----------------------------------------------------------------------------
    def named(self, resource: str) -> dict[str, Json]:
        return {one["name"]: one for one in self.kept[resource].values()}

    def name_of(self, resource: str, number: int | None) -> str | None:
        return None if number is None else self._one(resource, number)["name"]

    def linked(self, resource: str, number: int, how: str) -> list[str]:
        to = RESOURCES[resource].linked[how]
        key = "identifier" if to == "workflow_job_template_nodes" else "name"
        return sorted(self.kept[to][one][key] for one in self.links.get((resource, number, how), []))

    # -- requests -----------------------------------------------------------------------------
    def answer(self, method: str, path: str, bearer: str | None, body: Json) -> Answer:
        if bearer != f"Bearer {self.token}":
            return 401, {"detail": "Authentication credentials were not provided."}
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")
        if words[:2] != ["api", "v2"] or not parts.path.endswith("/"):
            return 404, {"detail": "Not found."}
        if method != "GET":
            self.journal.append((method, parts.path))
        try:
            return self._route(method, words[2:], dict(parse_qsl(parts.query)), body)
        except Refused as refused:
            return 400, refused.answer
        except LookupError:
            return 404, {"detail": "Not found."}

    def _route(self, method: str, words: list[str], query: dict[str, str], body: Json) -> Answer:
        match method, *words:
            case "GET", "project_updates", number:
                return 200, {"id": int(number), "status": "successful"}
            case "GET", "unified_job_templates":
                return 200, self._page(
                    words, query, [self._shown(name, one) for name in UNIFIED for one in self.kept[name].values()]
                )
            case "GET", resource:
                return 200, self._page(
                    words, query, [self._shown(resource, one) for one in self.kept[resource].values()]
                )
            case "POST", resource if resource in RESOURCES and resource != "workflow_approval_templates":
                return 201, self._shown(resource, self._create(resource, body))
            case "GET", resource, number:
                return 200, self._shown(resource, self.kept[resource][int(number)])
            case "PATCH", resource, number:
                kept = self.kept[resource][int(number)]
                self._keep(resource, kept, body)
                return 200, self._shown(resource, kept)
            case "GET", "job_templates" as resource, number, "survey_spec":
                return 200, self.surveys.get((resource, int(number)), {})
            case "POST", "job_templates" as resource, number, "survey_spec":
                check_survey(body)
                self.surveys[resource, int(number)] = body
                return 200, {}
            case "POST", "workflow_job_template_nodes" as resource, number, "create_approval_template":
                made = self._create("workflow_approval_templates", body)
                self.kept[resource][int(number)]["unified_job_template"] = made["id"]
                return 201, self._shown("workflow_approval_templates", made)
            case "GET", resource, number, how if how in RESOURCES[resource].linked:
                to = RESOURCES[resource].linked[how]
                found = self.links.get((resource, self.kept[resource][int(number)]["id"], how), [])
                return 200, self._page(words, query, [self._shown(to, self.kept[to][one]) for one in found])
            case "POST", resource, number, how if how in RESOURCES[resource].linked:
                return self._link(resource, self.kept[resource][int(number)]["id"], how, body)
        return 405, {"detail": f'Method "{method}" not allowed.'}

    def _page(self, words: list[str], query: dict[str, str], found: list[Json]) -> Json:
        page = int(query.pop("page", 1))
        either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
        both = {name: value for name, value in query.items() if not name.startswith("or__")}
        fields = RESOURCES.get(words[0], RESOURCES["job_templates"]).fields  # unified_job_templates has those of all
        for name in {*either, *both} - {"id", "type", *fields}:
            raise Refused("detail", f"{words[0]} has no field named '{name}'")
        found = [
            one
            for one in found
            if all(str(one.get(name)) == value for name, value in both.items())
            and (not either or any(str(one.get(name)) == value for name, value in either.items()))
        ]
        start, rest = (page - 1) * PAGE, urlencode({**query, "page": page + 1})
        after = f"/api/v2/{'/'.join(words)}/?{rest}" if start + PAGE < len(found) else None
        return {"count": len(found), "next": after, "previous": None, "results": found[start : start + PAGE]}

    def _create(self, resource: str, body: Json) -> Json:
        for name in RESOURCES[resource].required:
            if body.get(name) in (None, ""):
                raise Refused(name, "This field is required.")
        made: Json = {**RESOURCES[resource].fields}
        self._keep(resource, made, body)
        made["id"] = next(self._numbers)
        self.kept[resource][made["id"]] = made
        return made

    def _keep(self, resource: str, kept: Json, body: Json) -> None:
        known = RESOURCES[resource]
        given = {name: value for name, value in body.items() if name not in READ_ONLY}
        for name, value in given.items():
            if name not in known.fields:
                raise Refused(name, f"this is no field of {resource}, or not kept here")
            if name in known.refers and value is not None:
                try:
                    self._one(known.refers[name], value)
                except LookupError:
                    raise Refused(name, f'Invalid pk "{value}" - object does not exist.') from None
        after = {**kept, **given}
        CHECKS.get(resource, lambda _controller, _after: None)(self, after)
        mark = [after.get(name) for name in known.unique]
        for other in self.kept[resource].values():
            if other.get("id") != kept.get("id") and mark == [other.get(name) for name in known.unique]:
                raise Refused("__all__", f"{known.type} with this {' and '.join(known.unique)} already exists.")
        kept.update(after)

    def _link(self, resource: str, number: int, how: str, body: Json) -> Answer:
        if set(body) - {"id", "disassociate"}:
            raise Refused("detail", "only id and disassociate are known")
        self._one(RESOURCES[resource].linked[how], body["id"])
        held = self.links.setdefault((resource, number, how), [])
        if body.get("disassociate"):
            held.remove(body["id"])
        elif body["id"] not in held:
            held.append(body["id"])
        return 204, None

    def _one(self, resource: str, number: int) -> Json:
        for name in UNIFIED if resource == "unified_job_templates" else (resource,):
            if number in self.kept[name]:
                return self.kept[name][number]
        raise LookupError(resource, number)

    def _shown(self, resource: str, kept: Json) -> Json:
        url = f"/api/v2/{resource}/{kept['id']}/"
        related, summary = {"survey_spec": f"{url}survey_spec/", "update": f"{url}update/"}, {}
        if resource == "workflow_job_template_nodes":
            number = kept["unified_job_template"]
            if number is not None:
                of = next(name for name in UNIFIED if number in self.kept[name])
                related["unified_job_template"] = f"/api/v2/{of}/{number}/"
        if resource == "projects":
            summary["current_update"] = {"id": kept["id"] + 1000, "status": "running"}
        shown = {**kept, "type": RESOURCES[resource].type, "url": url, "related": related, "summary_fields": summary}
        if resource == "credential_types":
            shown["managed"] = False
        if resource == "credentials":
            fields = self.kept["credential_types"][kept["credential_type"]]["inputs"].get("fields", [])
            secret = {field["id"] for field in fields if field.get("secret")}
            shown["inputs"] = {
                name: SECRET if name in secret and value else value for name, value in kept["inputs"].items()
            }
        if resource == "notification_templates" and kept["notification_configuration"].get("password"):
            shown["notification_configuration"] = {**kept["notification_configuration"], "password": SECRET}
        return shown


# -- what AWX checks of a resource ----------------------------------------------------------------
def check_credential_type(_controller: Controller, after: Json) -> None:
    inputs, injectors = after["inputs"], after["injectors"]
    allowed = {
        "type",
        "format",
        "choices",
        "id",
        "label",
        "help_text",
        "multiline",
        "secret",
        "ask_at_runtime",
        "default",
    }
    if (
        after["kind"] not in ("cloud", "net")
        or set(inputs) - {"fields", "required"}
        or set(injectors) - {"env", "file", "extra_vars"}
    ):
        raise Refused("kind", "must be cloud or net, with fields, required, env, file and extra_vars only")
    names: dict[str, t.Any] = {}
    for field in inputs.get("fields", []):
        if set(field) - allowed or not {"id", "label"} <= set(field) or field["id"] in {"tower", *names}:
            raise Refused("inputs", f"{field} is not a field")
        if not re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", field["id"]):
            raise Refused("inputs", f"{field['id']} is an invalid variable name")
        field.setdefault("type", "string")
        if field["type"] == "boolean" and {"choices", "multiline", "format", "secret"} & set(field):
            raise Refused("inputs", f"not allowed for boolean type ({field['id']})")
        names[field["id"]] = "EXAMPLE" if field["type"] == "string" else True
    files = [name.split(".")[1] for name in injectors.get("file", {}) if "." in name]
    names["tower"] = {"filename": dict.fromkeys(files, "EXAMPLE_FILENAME")}
    for kind, injected in injectors.items():
        for name, template in injected.items():
            if kind == "env" and name.startswith("ANSIBLE_"):
                raise Refused("injectors", f"Environment variable {name} may affect Ansible configuration")
            _render("injectors", template, names)


def check_notification_template(_controller: Controller, after: Json) -> None:
    given = after["notification_configuration"]
    if after["notification_type"] != "email":
        raise Refused("notification_type", "only email is kept here")
    given.setdefault("timeout", 30)
    for name, kind in EMAIL.items():
        if name not in given:
            raise Refused(
                "notification_configuration", f"Missing required fields for Notification Configuration: {name}."
            )
        if not isinstance(given[name], kind) or (kind is int and isinstance(given[name], bool)):
            raise Refused(
                "notification_configuration", f"Configuration field '{name}' incorrect type, expected {kind.__name__}."
            )
    if set(given) - set(EMAIL):
        raise Refused("notification_configuration", f"{set(given) - set(EMAIL)} is not known")
    for event, messages in (after["messages"] or {}).items():
        if event not in ("started", "success", "error", "workflow_approval"):
            raise Refused("messages", f"Event '{event}' invalid")
        for said in messages.values() if event == "workflow_approval" else [messages]:
            if set(said) - {"message", "body"} or "\n" in said.get("message", ""):
                raise Refused("messages", f"{said} has other parts than message and body, or a message of two lines")
            job = {"name": "Stub JobTemplate", "artifacts": {}, "id": 42, "status": "running"}
            names = {"job": job, "url": "https://awx", "job_friendly_name": "Job", "job_metadata": "{}"}
            names |= {"approval_status": "approved", "approval_node_name": "Approve", "workflow_url": "https://awx"}
            for template in said.values():
                _render("messages", template, names)


def check_job_template(controller: Controller, after: Json) -> None:
    if after["playbook"] not in controller.playbooks:
        raise Refused("playbook", "Playbook not found for project.")
    if after["job_type"] not in ("run", "check"):
        raise Refused("job_type", f'"{after["job_type"]}" is not a valid choice.')
    if after["extra_vars"] and not isinstance(json.loads(after["extra_vars"]), dict):
        raise Refused("extra_vars", "must be a JSON or YAML dictionary")


def check_schedule(_controller: Controller, after: Json) -> None:
    said = after["rrule"]
    if len(re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", said)) != 1 or re.search(r"DTSTART:[0-9]+T[0-9]+ ", said):
        raise Refused("rrule", "Valid DTSTART required in rrule, which is not naive.")
    rules = re.findall(r"RULE:\S*", said)
    if not rules or not all("INTERVAL" in rule and "SECONDLY" not in rule for rule in rules):
        raise Refused("rrule", "INTERVAL required in rrule")


def check_survey(spec: Json) -> None:
    if not (isinstance(spec.get("name"), str) and isinstance(spec.get("description"), str) and spec.get("spec")):
        raise Refused("error", "Field 'name', 'description' or 'spec' is missing from survey spec.")
    kinds = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str}
    seen = set()
    for asked in spec["spec"]:
        types = {"type": str, "question_name": str, "variable": str, "required": bool}
        if not all(isinstance(asked.get(name), kind) for name, kind in types.items()) or asked["variable"] in seen:
            raise Refused("error", f"{asked} lacks a part, or asks for a variable twice")
        seen.add(asked["variable"])
        if not isinstance(asked.get("default", ""), {**kinds, "integer": int, "float": float}[asked["type"]]):
            raise Refused("error", f"Default value of {asked['variable']} expected to be {asked['type']}.")
        choices = asked["choices"] if asked["type"].startswith("multi") else asked.get("default", "")
        if any(one not in choices for one in str(asked.get("default", "")).splitlines()):
            raise Refused("error", "Default choice must be answered from the choices listed.")
        if any(not isinstance(asked.get(name, 0), int) for name in ("min", "max")):
            raise Refused("error", "The limit expected to be integer.")


CHECKS: dict[str, t.Callable[[Controller, Json], None]] = {
    "credential_types": check_credential_type,
    "notification_templates": check_notification_template,
    "job_templates": check_job_template,
    "schedules": check_schedule,
}


def _render(field: str, template: str, names: Json) -> None:
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(names)
    except TemplateError as error:
        raise Refused(field, f"{template!r}: {error}") from error


@contextlib.contextmanager
def running_controller(playbooks: t.Collection[str]) -> t.Iterator[Controller]:
    """An AWX for as long as a ``with`` lasts."""
    controller, lock = Controller(playbooks), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with lock:
                status, answer = controller.answer(
                    self.command, self.path, self.headers.get("Authorization"), json.loads(raw or b"{}")
                )
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: t.Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    controller.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield controller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
