# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a sandbox workspace in the foreground and say how to use it."""

from __future__ import annotations

import signal
import sys
from typing import Any

from running import DidNotStart, sandbox

USE = """\
A Databricks workspace for trying things out. Nothing in it is real, and nothing survives the end of this command.

Environment (for playbooks, the SDK, the CLI, Terraform):

  export DATABRICKS_HOST={host}
  export DATABRICKS_TOKEN={token}

SQL warehouse {warehouse_id}, HTTP path {http_path}, catalog {workspace_catalog}
(came with the workspace) or {catalog} (made by hand).

In another terminal, after those two lines:

  .venv/bin/ansible-playbook lakeops.databricks.klaviyo_setup -i localhost, -c local \\
    -e ansible_python_interpreter=$PWD/.venv/bin/python \\
    -e klaviyo_catalog={workspace_catalog} -e klaviyo_warehouse={warehouse_id} -e klaviyo_report_dir=reports \\
    -e '{{"klaviyo_token_store": {{"type": "file", "path": "reports/sandbox-{pid}.json"}}}}'
  .venv/bin/python -c 'from databricks.sdk import WorkspaceClient; print(WorkspaceClient().current_user.me().user_name)'
  curl -s $DATABRICKS_HOST/_sandbox/journal        # every request it answered
  curl -s $DATABRICKS_HOST/_sandbox/state          # everything it holds

Ctrl-C stops it."""


def main(options: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with sandbox(*options) as workspace:
            print(USE.format(**workspace), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.")
    except DidNotStart as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _interrupt(*_signal: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
