# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For pytest: the tests, with a module that has been faulty since its import.

In the environment, LAKEOPS_MUTANT holds as JSON the file and the number of the fault.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types
from pathlib import Path

from hypothesis import settings

from .faults import mutants

settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
settings.load_profile("mutants")

COLLECTION = "ansible_collections.lakeops.databricks"
ROOT = Path(__file__).resolve().parents[2]

path, number = json.loads(os.environ["LAKEOPS_MUTANT"])
name = ".".join([COLLECTION, *Path(path).relative_to(ROOT).with_suffix("").parts])
source = Path(path).read_text(encoding="utf-8")
parent, _dot, short = name.rpartition(".")
module = types.ModuleType(name)
module.__package__, module.__file__ = parent, path
package = importlib.import_module(parent)
sys.modules[name] = module
setattr(package, short, module)
exec(compile(mutants(source)[number].planted(source), path, "exec", dont_inherit=True), module.__dict__)
