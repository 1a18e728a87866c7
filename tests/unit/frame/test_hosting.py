# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on public hosting is what anybody runs: workflows call targets of the Makefile, and nothing unpinned."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
Json = dict[str, t.Any]


def workflow(path: Path) -> Json:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[Json]:
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


def test_there_are_those_that_are_needed() -> None:
    assert {path.stem for path in WORKFLOWS} == {"ci", "nightly", "environments", "release"}
    assert {path.stem for path in FORMS} == {"bug_report", "feature_request"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_whole_and_asks_for_no_more_than_reading(path: Path) -> None:
    read = workflow(path)
    assert set(read) <= {"name", "on", "permissions", "concurrency", "jobs"}  # on, unquoted, would be true
    assert read["permissions"] == {"contents": "read"}
    for name, job in read["jobs"].items():
        assert job["runs-on"] == "ubuntu-24.04" and 0 < job["timeout-minutes"] <= 360, name
        assert job["steps"], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_command_is_one_target_of_the_makefile(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    assert commands
    for command in commands:
        found = re.fullmatch(r'make ([a-z-]+)(?: (?:ARGS|TAG)="[^"]*")?', command)
        assert found, command
        assert found[1] in TARGETS, command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_action_is_pinned_to_a_commit_and_keeps_no_credentials(path: Path) -> None:
    lines = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    used = [step for step in steps(path) if "uses" in step]
    assert len(lines) == len(used) > 0
    for line in lines:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    for step in used:
        assert not step["uses"].startswith("actions/checkout") or step["with"] == {"persist-credentials": False}


def test_only_the_release_is_given_a_secret_and_only_in_its_last_step() -> None:
    holding = [path.stem for path in WORKFLOWS if "secrets." in path.read_text(encoding="utf-8")]
    assert holding == ["release"]
    *before, last = steps(GITHUB / "workflows" / "release.yml")
    assert last["run"] == "make publish" and "secrets." in str(last["env"])
    assert "secrets." not in str(before)
    assert [step["run"].split()[1] for step in before if "run" in step] == ["release-check", "test", "galaxy"]


def test_the_versions_of_the_workflows_are_those_of_the_matrix() -> None:
    import matrix

    known = {one.name: one.python for one in matrix.COMBINATIONS}
    included = workflow(GITHUB / "workflows" / "ci.yml")["jobs"]["versions"]["strategy"]["matrix"]["include"]
    nightly = [step.get("run", "") for step in steps(GITHUB / "workflows" / "nightly.yml")]
    named = re.findall(r'--only ([^"]+)"', "\n".join(nightly))
    assert {row["name"] for row in included} | set(named) == set(known)
    assert all(known[row["name"]] == row["python"] for row in included)


def test_one_of_the_matrix_can_be_asked_for_and_then_must_be_there() -> None:
    import matrix

    assert [(one.name, one.required) for one in matrix.only(["3.12"])] == [("3.12", True)]
    with pytest.raises(SystemExit, match=r"--only takes one of 3\.11-oldest"):
        matrix.only(["2.7"])


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_for_issues_is_well_formed(path: Path) -> None:
    form = workflow(path)
    assert set(form) == {"name", "description", "labels", "body"}
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in fields}) == len(fields) > 0
    for part in fields:
        assert part["type"] in ("input", "textarea", "dropdown", "checkboxes")
        assert part["attributes"]["label"].strip()
        assert "options" in part["attributes"] or part["type"] in ("input", "textarea")


# -- what Galaxy gets -------------------------------------------------------------------------
def test_what_git_ignores_is_in_no_tarball_either() -> None:
    ignored = re.findall(r"^/?([^#\n]+?)/?$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.MULTILINE)
    left_out = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    # ansible-galaxy leaves out *.pyc by itself.
    missing = [
        name for name in set(ignored) - {"*.py[co]"} if not {name, name.split("/", maxsplit=1)[0]} & set(left_out)
    ]
    assert missing == []
    assert {".github", ".gitignore", ".ci"} <= set(left_out)
    # Galaxy's importer lints by it; without it, it misses playbooks that extensions/ imports by name.
    assert ".ansible-lint" not in left_out


def test_the_checklist_for_inclusion_names_commands_that_are_there() -> None:
    rows = re.findall(
        r"^\|(.+)\|(.+)\|(.+)\|$", (ROOT / "docs" / "inclusion.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    points = [row for row in rows if row[0].strip() not in ("point", "---")]
    assert len(points) >= 20
    for _point, _state, shown in points:
        named = re.findall(r"`make ([a-z-]+)", shown)
        assert named or shown.strip().startswith("reading"), shown
        assert set(named) <= TARGETS, shown


def test_a_message_of_the_importer_is_found_among_its_lines() -> None:
    import galaxy

    said = ["Loading module schema", "WARNING: ERROR    Failed to find a playbook.", "Linting collection", "ERROR: no"]
    assert galaxy.messages(said) == [said[1], said[3]]


@pytest.mark.parametrize(
    ("tag", "releases", "said"),
    [
        ("1.2.3", "releases: {1.2.3: {}}", []),
        ("1.2.4", "releases: {1.2.3: {}}", ["The tag is '1.2.4', and galaxy.yml says 1.2.3."]),
        (
            "1.2.3",
            "releases: {}",
            ["changelogs/changelog.yaml tells nothing of 1.2.3: antsibull-changelog release writes it."],
        ),
    ],
)
def test_a_tag_that_is_no_release_is_refused(tmp_path: Path, tag: str, releases: str, said: list[str]) -> None:
    import galaxy

    (tmp_path / "changelogs").mkdir()
    (tmp_path / "galaxy.yml").write_text("version: 1.2.3\n", encoding="utf-8")
    (tmp_path / "changelogs" / "changelog.yaml").write_text(f"{releases}\n", encoding="utf-8")
    assert list(galaxy.not_released(tmp_path, tag)) == said
