"""openspec's changes, after public ones; what openspec itself makes; garbage."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.backlogs import left_out, states, waits, write
from support.projects import Made
from support.repos import git, require

from orchestrator.backlogs import openspec
from orchestrator.backlogs.protocol import Backlog, Entry, Options
from orchestrator.errors import OrchestratorError

CACHED = Path(__file__).parents[2] / ".cache" / "openspec" / "node_modules" / ".bin" / "openspec"
CHANGES = "openspec/changes"


def read(root: Path, source: str = CHANGES) -> Backlog:
    return openspec.read(root / source, Options(root))


def change(root: Path, text: str | bytes, name: str = "add-auth") -> Path:
    return write(root, {f"{CHANGES}/{name}/tasks.md": text})


def test_numbers_headings_and_the_documents_beside_it(tmp_path: Path) -> None:
    text = """\
        ## 1. Dependencies and configuration

        - [x] 1.1 Install `better-auth`
        - [x] 1.2 Add `AUTH_SECRET` to `.env.example`

        ## 10. Verification

        - [ ] 10.1 Write `scripts/smoke.sh`
        - [x] 10.2 Run it
        """
    write(tmp_path, {f"{CHANGES}/add-auth/{name}": "x" for name in ("proposal.md", "design.md", "specs/auth/spec.md")})
    found = read(change(tmp_path, text))
    inputs = tuple(f"{CHANGES}/add-auth/{name}" for name in ("proposal.md", "design.md", "specs/auth/spec.md"))
    assert found.entries[2] == Entry(
        "add-auth-10.1", "Write `scripts/smoke.sh`", "Write `scripts/smoke.sh`", "Verification",
        dependencies=("add-auth-1.2",), tests=(), inputs=inputs, origin=f"{CHANGES}/add-auth/tasks.md",
    )  # fmt: skip
    assert list(states(found).values()) == ["done", "done", "open", "done"]
    assert {entry.inputs for entry in found.entries} == {inputs}


def test_the_box_decides_whatever_is_written_behind_the_text(tmp_path: Path) -> None:
    text = """\
        # Tasks: 用户认证
        ## 1. 数据库层
        - [ ] **1.1: Schema** ✅ COMPLETED (2025-11-30)
        - [x] 1.2 Migration ❌
        - [ ] 1.3. Indexes — **DONE**
        """
    found = read(change(tmp_path, text))
    assert states(found) == {"add-auth-1.1": "open", "add-auth-1.2": "done", "add-auth-1.3": "open"}
    assert [entry.name for entry in found.entries] == ["Schema", "Migration", "Indexes"]
    assert {entry.category for entry in found.entries} == {"数据库层"}


def test_nested_boxes_and_test_plans_under_a_task(tmp_path: Path) -> None:
    text = """\
        ## 1. Implementation
        - [ ] 1.1 Parse
          - [x] 1.1.1 numbers
          - [ ] 1.1.2 names
          - Test plan:
            - Run: `npm test`
        - [ ] 1.2 Print

        > Only after the `.env` is there.

        - [ ] 0.6 Out of order
        """
    found = read(change(tmp_path, text))
    assert [(str(entry.id), entry.tests) for entry in found.entries] == [
        ("add-auth-1.1", ("1.1.1 numbers", "1.1.2 names")),
        ("add-auth-1.2", ()),
        ("add-auth-0.6", ()),
    ]
    assert found.entries[0].description == "Parse\n- Test plan:\n  - Run: `npm test`"
    assert waits(found)["add-auth-0.6"] == ("add-auth-1.2",)


def test_tasks_without_numbers_and_with_names_in_bold(tmp_path: Path) -> None:
    text = "## Tasks\r\n\r\n* [ ] **Write down a task**. Format it\r\n* [X] Check it off\r\n"
    found = read(change(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    assert [(entry.id, entry.name, entry.state, entry.made) for entry in found.entries] == [
        ("add-auth-T001", "Write down a task. Format it", "open", True),
        ("add-auth-T002", "Check it off", "done", True),
    ]


def test_steps_below_task_headings_are_tasks_of_that_heading(tmp_path: Path) -> None:
    text = """\
        # Plan
        ### Task 1: Parser
        - [x] **Step 1: write the test**
        ```python
        # - [ ] not this
        ```
        - [ ] **Step 2: make it pass**
        ### Task 2: Printer
        - [ ] **Step 1: write the test**
        """
    found = read(change(tmp_path, text))
    assert [(entry.id, entry.name, entry.category) for entry in found.entries] == [
        ("add-auth-T001", "Step 1: write the test", "Task 1: Parser"),
        ("add-auth-T002", "Step 2: make it pass", "Task 1: Parser"),
        ("add-auth-T003", "Step 1: write the test", "Task 2: Printer"),
    ]


def test_archived_changes_are_left_out_and_changes_do_not_wait_for_each_other(tmp_path: Path) -> None:
    for name in ("b-two", "a-one", "archive/2025-11-29-old", "archive/2025-11-30-older"):
        change(tmp_path, "- [ ] 1.1 a\n- [ ] 1.2 b\n", name)
    write(tmp_path, {f"{CHANGES}/c-three/proposal.md": "x", "openspec/specs/auth/spec.md": "y"})
    write(tmp_path, {f"{CHANGES}/archive/tasks.md": "- [ ] 1.1 no change of its own\n"})
    found = read(tmp_path)
    assert waits(found) == {"a-one-1.1": (), "a-one-1.2": ("a-one-1.1",), "b-two-1.1": (), "b-two-1.2": ("b-two-1.1",)}
    assert left_out(found) == {
        f"{CHANGES}/archive/2025-11-29-old": "archived", f"{CHANGES}/archive/2025-11-30-older": "archived",
    }  # fmt: skip
    assert found.notes == (
        f"{CHANGES}/archive: 2 changes are done and left out",
        f"{CHANGES}/c-three has no tasks.md (yet)",
    )


def test_an_archived_change_that_is_asked_for_is_done_ticked_or_not(tmp_path: Path) -> None:
    change(tmp_path, "- [ ] 1.1 a\n- [x] 1.2 b\n", "archive/2025-11-29-old")
    assert states(read(tmp_path, f"{CHANGES}/archive/2025-11-29-old/tasks.md")) == {
        "2025-11-29-old-1.1": "done", "2025-11-29-old-1.2": "done",
    }  # fmt: skip


def test_a_project_whose_changes_are_all_archived_has_nothing_to_do(tmp_path: Path) -> None:
    change(tmp_path, "- [ ] 1.1 a\n", "archive/old")
    found = read(tmp_path)
    assert (found.entries, len(found.left_out)) == ((), 1)


def test_a_folder_without_any_change_is_an_error(tmp_path: Path) -> None:
    (tmp_path / CHANGES).mkdir(parents=True)
    with pytest.raises(OrchestratorError, match=r"no change with a tasks\.md \(openspec/changes\)"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xfe\xff\x00-", r"UTF-16 \(openspec/changes/add-auth/tasks.md:1:1\)"),
        (b"- [ ] 1.1 a\r\n\xff", r"UTF-8.*tasks.md:2:1"),
        (b"## 1. One\n\n- 1.1 a\n", r"no checklist \(openspec/changes/add-auth/tasks.md\)"),
        (b"\x7fELF\x02\x01" + b"\x00" * 20, "no checklist"),
        (b"\x00-\x00 \x00[", r"UTF-16.*tasks.md:1:1"),
    ],
)
def test_garbage_is_named_with_its_place(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError, match=message):
        read(change(tmp_path, content))


def test_it_is_found_in_its_usual_place_and_known_by_its_shape(tmp_path: Path) -> None:
    assert openspec.detect(tmp_path) == []
    change(tmp_path, "- [ ] 1.1 a")
    write(tmp_path, {f"{CHANGES}/add-auth/proposal.md": "x"})
    assert openspec.detect(tmp_path) == [tmp_path / CHANGES]
    for shaped in ("openspec", CHANGES, f"{CHANGES}/add-auth", f"{CHANGES}/add-auth/tasks.md"):
        assert openspec.fits(tmp_path / shaped)
    assert read(tmp_path, "openspec").entries == read(tmp_path, f"{CHANGES}/add-auth").entries
    assert not openspec.fits(tmp_path)
    assert not openspec.fits(write(tmp_path, {"x/tasks.md": "- [ ] T001 a"}) / "x" / "tasks.md")


def test_both_kinds_in_one_project_ask_which(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(change(tmp_path, "- [ ] 1.1 a\n"), {"specs/1/tasks.md": "- [ ] T001 a\n"})
    made = Made(tmp_path)
    output = made.run("orchestrator", "import", code=2)
    assert "several backlogs lie here: spec-kit (specs), openspec (openspec/changes)" in output
    made.run("orchestrator", "import", "--from", "openspec")
    made.run("orchestrator", "import", "specs/1")
    assert list(made.features()) == ["add-auth-1.1", "1-T001"]


def run(cwd: Path, *arguments: str) -> str:
    found = str(CACHED) if CACHED.is_file() else shutil.which("openspec")
    require("openspec", found)
    environment = {**os.environ, "OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1", "CI": "1"}
    return subprocess.run(
        [str(found), *arguments], cwd=cwd, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env=environment,
    ).stdout  # fmt: skip


@pytest.mark.real
def test_a_change_of_the_real_openspec_is_read_as_openspec_counts_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    run(tmp_path, "init", ".", "--tools", "none")
    for name in ("add-config", "old-one"):
        run(tmp_path, "new", "change", name)
        text = (
            "## 1. Reading\n\n- [x] 1.1 Read it\n- [ ] 1.2 Check it\n  - [ ] twice\n\n## 2. Docs\n\n* [X] 2.1 Write\n"
        )
        write(tmp_path, {f"{CHANGES}/{name}/proposal.md": "# A\n", f"{CHANGES}/{name}/tasks.md": text})
    run(tmp_path, "archive", "old-one", "--yes", "--skip-specs", "--no-validate")
    found = read(tmp_path)
    assert states(found) == {"add-config-1.1": "done", "add-config-1.2": "open", "add-config-2.1": "done"}
    assert found.entries[1].tests == ("twice",)
    assert found.entries[0].inputs == (f"{CHANGES}/add-config/proposal.md",)
    assert list(left_out(found).values()) == ["archived"]
    boxes = sum(1 + len(entry.tests or ()) for entry in found.entries)
    assert f"2/{boxes} tasks" in run(tmp_path, "list")
