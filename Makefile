# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# An environment that is there stays as it is, unless PYTHON= asks for another interpreter.
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)

# The same tools whatever the caller's shell has activated or exported.
unexport ANSIBLE_CONFIG ANSIBLE_COLLECTIONS_PATH ANSIBLE_COLLECTIONS_PATHS PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PATH := $(CURDIR)/.venv/bin:$(PATH)

GATE := .venv/bin/python tests/tools/gate.py

.DEFAULT_GOAL := help
.PHONY: help venv demo sandbox test lint sanity unit conformance browser pages integration molecule docs matrix bench campaign dist galaxy release-check publish new-module judges engines mutants clean

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv:  ## .venv/ with all that plays, the sandbox and the tests need (PYTHON= chooses the interpreter)
	@command -v "$(PYTHON)" > /dev/null || { echo "There is no $(PYTHON) here; say PYTHON=<a Python 3.11 or newer>." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1); say PYTHON=<another one>." >&2; exit 1; }
	@"$(PYTHON)" tests/tools/make_venv.py .venv

demo: venv  ## start a sandbox, run klaviyo_setup twice, show what it proves
	@.venv/bin/python extensions/demo/demo.py

sandbox: venv  ## start a workspace of your own and print how to use it (Ctrl-C stops it)
	@.venv/bin/python extensions/demo/sandbox.py $(ARGS)

test: venv  ## the whole gate
	@$(GATE)

lint: venv  ## formatting, style, types, licences, roles and playbooks, documentation
	@$(GATE) frame ruff types ansible-lint docs

sanity: venv  ## ansible-test sanity
	@$(GATE) sanity

unit: venv  ## unit tests (ARGS= goes to pytest, here and below)
	@$(GATE) unit -- $(ARGS)

conformance: venv  ## does the sandbox behave like the service?
	@$(GATE) conformance -- $(ARGS)

browser: venv  ## the pages of reports in a headless Chromium; pictures in tests/output/screenshots
	@$(GATE) browser -- $(ARGS)

pages: venv  ## reports and pictures of many kinds to look at, in tests/output/pages (ARGS=--no-sandbox for the quick ones)
	@.venv/bin/python -m tests.browser.pages $(ARGS)

integration: venv  ## modules and playbooks against the sandbox
	@$(GATE) integration -- $(ARGS)

molecule: venv  ## the scenarios in extensions/molecule
	@$(GATE) molecule -- $(ARGS)

docs: venv  ## the documentation as HTML in docs/build
	@.venv/bin/python tests/tools/build_docs.py

matrix: venv  ## unit and integration tests on the other supported versions of Python and ansible-core
	@.venv/bin/python tests/tools/matrix.py $(ARGS)

bench: venv  ## what runs cost: a table, bench.json, and whether the bounds hold (ARGS=--quick to try it)
	@.venv/bin/python tests/bench/bench.py $(ARGS)

campaign: venv  ## trouble at every request of every playbook, then clean runs: a table, campaign.json (ARGS="--limit 12" to try it)
	@.venv/bin/python -m tests.campaign $(ARGS)

dist: venv  ## the tarball for Galaxy, in dist/
	@.venv/bin/python tests/tools/galaxy.py dist

galaxy: venv  ## the tarball, judged by Galaxy's own importer; any message of it is an error
	@.venv/bin/python tests/tools/galaxy.py importer

release-check: venv  ## is this the version that TAG= says, and does the changelog tell of it?
	@.venv/bin/python tests/tools/galaxy.py release --tag "$(TAG)"

publish: venv  ## the tarball to Galaxy (ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN has the token)
	@.venv/bin/python tests/tools/galaxy.py publish

new-module: venv  ## all places of a new module, filled so that its tests pass (NAME=external_location_info; ARGS=--help for more)
	@.venv/bin/python tests/tools/new_module.py $(NAME) $(ARGS)

judges: venv  ## the sandbox, judged by the vendor's live tests, Terraform and the CLI, where installed (ARGS=cli for one)
	@.venv/bin/python -m tests.judges.judges $(ARGS)

engines: venv  ## SQL engines for the sandbox, measured: start, memory, agreement with Spark (ARGS=pyspark for one)
	@.venv/bin/python -m tests.judges.engines $(ARGS)

mutants: venv  ## small faults in the files that decide: which of them the tests see (ARGS=_reconcile for one file)
	@.venv/bin/python -m tests.mutants $(ARGS)

clean:  ## remove everything that the other targets made
	rm -rf .venv .venv-* .cache .ansible docs/build dist reports tests/output
