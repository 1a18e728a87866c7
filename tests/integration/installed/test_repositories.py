# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples for repositories that exist already, each run as it is written: only addresses and paths are ours."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tests.support.environments import ROOT, Environment, environment, needed_by
from tests.support.klaviyo import Site, start_site

sys.path.insert(0, str(ROOT / "tests" / "tools"))
from copy_of_sources import copy_sources_to

EXAMPLES = ROOT / "docs" / "examples"
PROGRAMS = Path(sys.executable).parent
PASSWORD = "correct horse battery"
TESTS = {
    "bastion": (Path(__file__),),
    "fleet": (ROOT / "tests/integration/runner/test_fleet.py", ROOT / "tests/support/fleet.py"),
    "pipelines": (Path(__file__),),
    "repository": (Path(__file__),),
    "requirements": (Path(__file__),),
    "several": (Path(__file__),),
    "schedules": (ROOT / "tests/integration/klaviyo/test_day_to_day.py",),
    "dashboard_profile.yml": (ROOT / "tests/integration/partner/test_any_profile.py",),
    "klaviyo_example_tables.yml": (ROOT / "tests/integration/klaviyo/test_importable_tables.py",),
}


def test_every_example_is_run() -> None:
    """Each file is named in its test, or in a file of the example; Ansible finds group_vars by itself."""
    assert {path.name for path in EXAMPLES.iterdir()} == set(TESTS)
    for example, tests in TESTS.items():
        path = EXAMPLES / example
        files = [path] if path.is_file() else [found for found in path.rglob("*") if found.is_file()]
        for file in files:
            texts = [other.read_text(encoding="utf-8") for other in (*tests, *files) if other != file]
            named = any(f'"{file.name}"' in text or f"/{file.name}" in text for text in texts)
            assert named or "group_vars" in file.parts, f"{file} is named in no test"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("repositories")) as site:
        site.client().schemas.create("web", site.catalog)
        yield site


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as it is in git, at the tag of its version."""
    folder = tmp_path_factory.mktemp("git") / "databricks"
    copy_sources_to(folder)
    git = ["git", "-C", str(folder), "-c", "user.name=test", "-c", "user.email=test@example.com"]
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "A release"], ["tag", version]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def tarball(sources: Path) -> Path:
    command = [PROGRAMS / "ansible-galaxy", "collection", "build", "--output-path", sources.parent, sources]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = sources.parent.glob("*.tar.gz")
    return made


def installed(folder: Path, requirements: str, *options: str) -> str:
    """The version that a requirements.yml installs, in a repository of its own."""
    here = Environment(Path(sys.executable), folder)
    (folder / "requirements.yml").write_text(requirements, encoding="utf-8")
    words = ("collection", "install", "-r", "requirements.yml", "-p", folder, *options)
    done = here.ansible("galaxy", *words, cwd=folder)
    assert done.returncode == 0, done.stdout
    manifest = folder / "ansible_collections" / "lakeops" / "databricks" / "MANIFEST.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]


def example(name: str, **ours: t.Any) -> str:
    """The text of an example with our own values in place of its own, each of which has to be there."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for theirs, value in ours.items():
        assert theirs in text, f"{name} has no {theirs}"
        text = text.replace(theirs, str(value))
    return text


def test_from_a_tarball(tmp_path: Path, tarball: Path) -> None:
    shutil.copy(tarball, tmp_path)
    assert installed(tmp_path, example("requirements/from_tarball.yml")) == "1.0.0"


def test_from_git(tmp_path: Path, sources: Path) -> None:
    text = example("requirements/from_git.yml", **{"https://github.com/lakeops/databricks.git": f"file://{sources}"})
    assert installed(tmp_path, text) == "1.0.0"


def test_from_galaxy(tmp_path: Path, tarball: Path) -> None:
    """From a server that has one collection, and speaks as much of Galaxy's API as installing takes."""
    with galaxy(tarball) as (address, asked):
        assert installed(tmp_path, example("requirements/from_galaxy.yml"), "-s", address) == "1.0.0"
    assert any(path.endswith(".tar.gz") for path in asked)


@contextlib.contextmanager
def galaxy(tarball: Path) -> t.Iterator[tuple[str, list[str]]]:
    """The address of a server with one collection, and what it is asked for."""
    asked: list[str] = []
    data = tarball.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            asked.append(path)
            address = f"http://127.0.0.1:{self.server.server_address[1]}"
            release = {
                "namespace": {"name": "lakeops"},
                "collection": {"name": "databricks"},
                "name": "databricks",
                "version": "1.0.0",
                "download_url": f"{address}/download/{tarball.name}",
                "artifact": {"filename": tarball.name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)},
                "metadata": {"dependencies": {}},
                "signatures": [],
                "href": "/api/v3/collections/lakeops/databricks/versions/1.0.0/",
            }
            versions = "/api/v3/collections/lakeops/databricks/versions/"
            answers: dict[str, t.Any] = {
                "/api/": {"available_versions": {"v3": "v3/"}},
                "/api/v3/collections/lakeops/databricks/": {"updated_at": "2026-07-01", "created_at": "2026-07-01"},
                versions: {"meta": {"count": 1}, "links": {"next": None}, "data": [release]},
                f"{versions}1.0.0/": release,
            }
            body = data if path.startswith("/download/") else json.dumps(answers.get(path, {})).encode()
            self.send_response(200 if path in answers or body is data else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: t.Any) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def repository(site: Site, tarball: Path) -> Path:
    """The example repository with our addresses and an encrypted secret, and the collection as its requirement."""
    folder = site.folder / "repository"
    variables = folder / "inventory" / "group_vars" / "databricks"
    variables.mkdir(parents=True)
    (folder / "site.yml").write_text(example("repository/site.yml"), encoding="utf-8")
    hosts = {"https://abc-12345678.cloud.databricks.com": site.host, "    staging:\n": "", STAGING: ""}
    (folder / "inventory" / "workspaces.yml").write_text(
        example("repository/inventory/workspaces.yml", **hosts), encoding="utf-8"
    )
    (folder / "inventory" / "servers.yml").write_text("servers: {hosts: {web1: {ansible_connection: local}}}\n")
    ours = {
        "5c6f7b0e-3a1d-4d55-9df6-0b3a9c1e2f47": site.ready["client_id"],
        "klaviyo_catalog: main": f"klaviyo_catalog: {site.catalog}",
        "Serverless Starter Warehouse": site.ready["warehouse_id"],
        "/srv/klaviyo": folder / "srv",
    }
    text = example("repository/inventory/group_vars/databricks/vars.yml", **ours)
    (variables / "vars.yml").write_text(text, encoding="utf-8")
    secret = {"the secret of the service principal that runs the playbooks": site.ready["client_secret"]}
    text = example("repository/inventory/group_vars/databricks/vault.yml.example", **secret)
    (variables / "vault.yml").write_text(text, encoding="utf-8")
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    command = [PROGRAMS / "ansible-vault", "encrypt", "--vault-password-file", folder / "password"]
    subprocess.run([*command, variables / "vault.yml"], check=True, capture_output=True, cwd=folder)
    (folder / "collections").mkdir()
    requirements = example("requirements/from_tarball.yml", **{"lakeops-databricks-1.0.0.tar.gz": tarball})
    (folder / "collections" / "requirements.yml").write_text(requirements, encoding="utf-8")
    return folder


STAGING = "      databricks_host: https://abc-87654321.cloud.databricks.com\n"


def shell(repository: Path, commands: str, **variables: str) -> str:
    """What a job's commands print; with the variables that a runner sets, and a home of its own."""
    environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(repository / "home"), **variables}
    (repository / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        ["bash", "-e", "-c", commands],
        env={**environment, "ANSIBLE_NOCOLOR": "true", "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"},
        cwd=repository,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert PASSWORD not in done.stdout
    return done.stdout


def changed(output: str, host: str = "production") -> int:
    (recap,) = re.findall(rf"^{host}\s*: ok=\d+\s+changed=(\d+)", output, re.MULTILINE)
    return int(recap)


def without_pip(commands: str) -> str:
    """Installing from PyPI is the network's; what is asked for has to be what the collection asks for."""
    (line,) = (line for line in commands.splitlines() if line.startswith("pip install "))
    asked = {Requirement(word) for word in re.findall(r"'([^']+)'", line)}
    files = ("requirements.txt", "tests/requirements.txt")
    lines = [line for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    known = {Requirement(line).name: Requirement(line) for line in lines if line and not line.startswith("#")}
    assert {one.name for one in asked} == {"ansible-core", "databricks-sdk", "databricks-sql-connector"}
    for one in asked - {known["databricks-sdk"], known["databricks-sql-connector"]}:
        assert (one.name, sorted(map(str, one.specifier))[1]) == ("ansible-core", ">=2.19.4")
    return commands.replace(line, "true")


def test_pipelines_and_the_repository(site: Site, repository: Path) -> None:
    """A plan, then the change; the other pipeline finds nothing left to do, and neither does the repository's play."""
    github = yaml.safe_load(example("pipelines/github-actions.yml"))
    steps = {step.get("name"): step for step in github["jobs"]["klaviyo"]["steps"]}
    vault = {"ANSIBLE_VAULT_PASSWORD_FILE": ".vault-password"}
    assert github["jobs"]["klaviyo"]["env"].items() >= vault.items()
    assert "was installed successfully" in shell(repository, without_pip(steps["Install"]["run"]))
    shell(repository, steps["Have the vault password"]["run"], VAULT_PASSWORD=PASSWORD)
    assert (repository / ".vault-password").stat().st_mode & 0o777 == 0o600
    site.forget_journal()
    plan = shell(repository, steps["Show what would change"]["run"], **vault)
    assert changed(plan) > 0 and site.mutating() == []
    assert changed(shell(repository, steps["Change it"]["run"], **vault)) > 0
    (token,) = (repository / "srv" / "tokens").iterdir()
    assert token.name == "production.json" and token.read_text().startswith("$ANSIBLE_VAULT;")

    gitlab = yaml.safe_load(example("pipelines/gitlab-ci.yml"))
    before = "\n".join(gitlab["default"]["before_script"])
    shell(repository, without_pip(before), VAULT_PASSWORD=PASSWORD)
    assert gitlab["variables"] == vault
    assert changed(shell(repository, *gitlab["klaviyo-plan"]["script"], **vault)) == 0

    played = shell(repository, "ansible-playbook site.yml -i inventory", **vault)
    assert changed(played) == 0 and "servers as before" in played


def test_several_catalogs_and_partners_in_one_play(site: Site) -> None:
    folder = site.folder / "several"
    variables = {
        "catalogs": [{"name": "crm", "catalog": site.catalog}, {"name": "shop", "catalog": site.ready["catalog"]}],
        "tokens": str(folder / "tokens"),
        "reports": str(folder / "reports"),
        "rudderstack_reads": ["web"],
        "klaviyo_warehouse": site.ready["warehouse_id"],
    }
    own = {name: value for name, value in site.variables.items() if not name.startswith("klaviyo_")}
    hosts = {"acme": {**own, **variables}}
    site.play(str(EXAMPLES / "several" / "play.yml"), hosts=hosts).ok()
    stores = {path.name: json.loads(path.read_text()) for path in (folder / "tokens").iterdir()}
    assert set(stores) == {"acme-klaviyo-crm.json", "acme-klaviyo-shop.json", "acme-rudderstack.json"}
    assert len({record["principal"] for record in stores.values()}) == 3
    assert site.play(str(EXAMPLES / "several" / "play.yml"), hosts=hosts).ok().changed == 0


# Another machine: nothing of the environment of this one gets there, and its home is another.
BASTION = """
import shlex
from ansible.plugins.connection import local
DOCUMENTATION = local.DOCUMENTATION.replace("name: local", "name: bastion")
class Connection(local.Connection):
    transport = "bastion"
    def exec_command(self, cmd, in_data=None, sudoable=True):
        there = f"cd {HOME} && env -i HOME={HOME} PATH=/usr/bin:/bin /bin/sh -c {shlex.quote(cmd)}"
        return super().exec_command(there, in_data=in_data, sudoable=sudoable)
"""


def test_a_bastion(site: Site, tmp_path: Path) -> None:
    """The modules run on it as programs, its Python knows no Ansible, and the token's file is there, encrypted."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    there = environment(tmp_path, needed_by([*(line for line in lines if line and line[0] != "#"), "cryptography"]))
    assert not there.has("ansible")
    (home := tmp_path / "home").mkdir()
    plugins = site.folder / "connection_plugins"
    plugins.mkdir()
    (plugins / "bastion.py").write_text(f"HOME = {str(home)!r}\n{BASTION}", encoding="utf-8")
    ours = {
        "ansible_connection: ssh": "ansible_connection: bastion",
        "/opt/lakeops/venv/bin/python": there.python,
        "https://abc-12345678.cloud.databricks.com": site.host,
        "klaviyo_catalog: main": f"klaviyo_catalog: {site.catalog}",
        "Serverless Starter Warehouse": site.ready["warehouse_id"],
        "/srv/klaviyo/production.json": "~/tokens/production.json",
        "klaviyo_report_dir: reports": f"klaviyo_report_dir: {tmp_path / 'reports'}",
        "{{ vault_databricks_token }}": site.ready["token"],
    }
    hosts = yaml.safe_load(example("bastion/workspaces.yml", **ours))["all"]["hosts"]
    hosts["production"] |= {"klaviyo_principal_name": "klaviyo-bastion", "ansible_remote_tmp": str(home / "tmp")}
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    env = {"ANSIBLE_CONNECTION_PLUGINS": str(plugins)}
    vault = ("--vault-password-file", str(tmp_path / "password"), "-vv")
    played = site.play("klaviyo_setup", *vault, env=env, hosts=hosts).ok()
    ways = set(re.findall(r"lakeops\.databricks\.\w+ (runs [^\n]*)", played.output))
    assert ways == {"runs as a program: the connection is bastion, not local"}
    (token,) = (home / "tokens").glob("*.json")
    assert token.read_text().startswith("$ANSIBLE_VAULT;") and PASSWORD not in played.output
    assert [path for path in home.rglob("*") if path.is_file() and PASSWORD in path.read_text(errors="replace")] == []
    assert site.play("klaviyo_setup", *vault, env=env, hosts=hosts).ok().changed == 0
