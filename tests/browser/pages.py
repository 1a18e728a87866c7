# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports to look at, in both languages, and pictures of them: of real runs on the sandbox, and examples of the rest.

``python -m tests.browser.pages`` writes into tests/output/pages. Without a Chromium there are no pictures.
"""

from __future__ import annotations

import argparse
import functools
import shutil
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from databricks.sdk.service.catalog import PermissionsChange, Privilege
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel

from ansible_collections.lakeops.databricks.plugins.plugin_utils._reports import rendering
from tests.support import reports
from tests.support.klaviyo import start_site

from . import looking

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import browser as here

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "tests" / "output" / "pages"
TABLE = "customers (email STRING, first_name STRING, updated_at TIMESTAMP)"

Shown = t.Iterator[tuple[str, reports.Report]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-sandbox", action="store_true", help="examples only, which takes seconds")
    wanted = parser.parse_args()
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    begun, names = time.monotonic(), []
    for name, report in _all(not wanted.no_sandbox):
        for language in ("en", "ko"):
            (PAGES / f"{name}_{language}.html").write_text(rendering.page(report, language), encoding="utf-8")
        names.append(name)
        print(f"{name}: {report['status']}, {report['summary']['line']}", flush=True)
    pictures = _pictures()
    print(
        f"{2 * len(names)} pages and {pictures} pictures in {PAGES.relative_to(ROOT)}, {time.monotonic() - begun:.0f} s"
    )


def _all(sandbox: bool) -> Shown:
    seen = set()
    for scenario in SCENARIOS if sandbox else ():
        with tempfile.TemporaryDirectory() as folder:
            for name, report in scenario(Path(folder)):
                seen.add(name)
                yield name, report
    for name, example in reports.KINDS.items():
        if name not in seen:
            yield f"{name}_example", example()


def _pictures() -> int:
    if here.found() is not None and here.install_driver():
        sys.exit("What drives the browser could not be installed.")
    if reason := here.why_not():
        print(f"No pictures: {reason}.")
        return 0
    pages = sorted(PAGES.glob("*.html"))
    with looking.browser(here.found()) as chromium:
        for path in pages:
            for width, scheme in (("desktop", "light"), ("phone", "dark")):
                with looking.look(chromium, path, width, scheme) as seen:
                    picture = path.with_name(f"{path.stem}_{width}.png")
                    seen.page.screenshot(path=picture, full_page=True)
    return 2 * len(pages)


# -- real runs ------------------------------------------------------------------------------------
def _one_workspace(folder: Path) -> Shown:
    with start_site(folder) as site:
        schema = f"{site.catalog}.klaviyo_import_from_dwh"
        run = functools.partial(
            site.client().statement_execution.execute_statement, warehouse_id=site.ready["warehouse_id"]
        )
        site.play("klaviyo_setup").ok()
        run(statement=f"CREATE TABLE {schema}.{TABLE}")
        site.play("klaviyo_verify").ok()
        yield "all_well", site.report
        client, principal = site.client(), site.report["principal"]["id"]
        select = [PermissionsChange(principal=principal, remove=[Privilege.SELECT])]
        client.grants.update("schema", schema, changes=select)
        site.play("klaviyo_setup", "--check")
        yield "drift_in_check_mode", site.report
        site.play("klaviyo_verify").failed()
        yield "one_broken", site.report
        client.grants.update("schema", schema, changes=[PermissionsChange(principal=principal, add=[Privilege.MODIFY])])
        site.play("klaviyo_setup")
        yield "drift", site.report
        site.play("klaviyo_setup", klaviyo_purge_surplus=True).ok()
        site.play("klaviyo_rotate").ok()
        yield "handover", site.report
        site.play("klaviyo_rotate", "-e", "confirmed=true").ok()
        for number in range(30):
            run(statement=f"CREATE TABLE {schema}.region_{number:02} (email STRING, updated_at TIMESTAMP)")
        client.grants.update("schema", schema, changes=select)
        site.play("klaviyo_verify").failed()
        yield "thirty_broken", site.report
        site.play("klaviyo_offboard").ok()
        yield "removed", site.report


def _a_user(folder: Path) -> Shown:
    with start_site(folder) as site:
        name = "klaviyo.import@example.com"
        site.client().users.create(user_name=name)
        use = [AccessControlRequest(user_name=name, permission_level=PermissionLevel.CAN_USE)]
        site.client().permissions.update("authorization", "tokens", access_control_list=use)
        made = site.post("mint", {"owner": name, "comment": "made by hand for klaviyo", "lifetime_seconds": 90 * 86400})
        given = {"klaviyo_principal_kind": "user", "klaviyo_principal_name": name, "klaviyo_token": made["token_value"]}
        site.play("klaviyo_setup", **given).ok()
        yield "user_principal", site.report


def _the_legacy_metastore(folder: Path) -> Shown:
    with start_site(folder, "--no-unity-catalog", catalog="catalog") as site:
        site.play("klaviyo_setup", klaviyo_catalog="hive_metastore").ok()
        yield "hive_metastore", site.report


SCENARIOS: tuple[t.Callable[[Path], Shown], ...] = (_one_workspace, _a_user, _the_legacy_metastore)

if __name__ == "__main__":
    main()
