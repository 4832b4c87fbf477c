"""spec-kit's task files, after public ones; what specify-cli itself makes; garbage."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.backlogs import left_out, states, waits, write
from support.projects import Made
from support.repos import git, require

from orchestrator.backlogs import spec_kit
from orchestrator.backlogs.protocol import Backlog, Entry, Options
from orchestrator.errors import OrchestratorError

CACHED = Path(__file__).parents[2] / ".cache" / "spec-kit" / "bin" / "specify"


def read(root: Path, source: str = "specs", *, order: bool = True) -> Backlog:
    return spec_kit.read(root / source, Options(root, order=order))


def test_ids_phases_and_parallel_marks_of_the_template(tmp_path: Path) -> None:
    text = """\
        # Tasks: Todo

        ## Format: `[ID] [P?] [Story] Description`

        - **[P]**: Can run in parallel
        - **[Story]**: Which user story

        ## Phase 1: Setup (Shared Infrastructure)

        - [X] T001 Create the project
        - [X] T002 [P] Configure the linter

        ## Phase 2: Foundational

        - [ ] T003 [P] Models in src/models.py
        - [ ] T004 [P] Errors in src/errors.py
        - [ ] T005 Wire it

        ## Phase 3: User Story 1 - Add (Priority: P1) 🎯 MVP

        ### Tests for User Story 1

        - [ ] T006 [P] [US1] Contract test in tests/test_add.py

        **Checkpoint**: all of it runs

        ## Dependencies & Execution Order

        - **Setup (Phase 1)**: No dependencies
        - T003 before T005
        """
    write(tmp_path, {"specs/001-todo/tasks.md": text, "specs/001-todo/spec.md": "x", "specs/001-todo/plan.md": "y"})
    found = read(tmp_path)
    assert found.source == "specs"
    assert found.entries[1] == Entry(
        "001-todo-T002", "Configure the linter", "Configure the linter", "Phase 1: Setup (Shared Infrastructure)",
        dependencies=("001-todo-T001",), tests=(), inputs=("specs/001-todo/spec.md", "specs/001-todo/plan.md"),
        state="done", origin="specs/001-todo/tasks.md",
    )  # fmt: skip
    assert waits(found) == {
        "001-todo-T001": (),
        "001-todo-T002": ("001-todo-T001",),
        "001-todo-T003": ("001-todo-T002",),
        "001-todo-T004": ("001-todo-T002",),
        "001-todo-T005": ("001-todo-T003", "001-todo-T004"),
        "001-todo-T006": ("001-todo-T005",),
    }
    assert (found.left_out, found.warnings, found.notes) == ((), (), ())
    assert set(waits(read(tmp_path, order=False)).values()) == {()}


def test_bold_dotted_ids_with_owners_and_acceptance_under_them(tmp_path: Path) -> None:
    text = (
        "# Tasks\r\n\r\n## Phase 1 - Trust\r\n\r\n"
        "- [x] **T1.1** - Add the store\r\n  Owns: store.py\r\n  Needs: none\r\n"
        "- [ ] **T1.2** - Test it\r\n  - [ ] empty\r\n  - [ ] full\r\n"
        "- [ ] **T2.1** `[api] [P]` Serve it\r\n"
    )
    write(tmp_path, {"specs/002-store/tasks.md": b"\xef\xbb\xbf" + text.encode()})
    one, two, three = read(tmp_path).entries
    assert (one.id, one.state, one.description) == (
        "002-store-T1.1",
        "done",
        "Add the store\nOwns: store.py\nNeeds: none",
    )
    assert (two.tests, two.inputs) == (("empty", "full"), ())
    assert (three.name, three.dependencies) == ("[api] Serve it", ("002-store-T1.2",))


def test_dashes_in_ids_other_bullets_and_languages(tmp_path: Path) -> None:
    text = """\
        # 任务
        ## Phase 4.0 脚手架
        * [ ] **T-01** 初始化项目
        + [✓] **T-02** 装依赖：`jszip`
        1. [ ] T-03: 配置
        **验收**：能启动
        """
    found = read(write(tmp_path, {"specs/001-mvp/tasks.md": text}))
    assert states(found) == {"001-mvp-T-01": "open", "001-mvp-T-02": "done", "001-mvp-T-03": "open"}
    assert [entry.name for entry in found.entries] == ["初始化项目", "装依赖：`jszip`", "配置"]


def test_a_file_without_ids_gets_them_in_file_order(tmp_path: Path) -> None:
    text = "## Backend\n- [x] Model\n  - [ ] has a name\n- [ ] Service\n## Frontend\n- [ ] Page\n"
    found = read(write(tmp_path, {"specs/login/tasks.md": text}))
    assert [(entry.id, entry.made, entry.tests, entry.category) for entry in found.entries] == [
        ("login-T001", True, ("has a name",), "Backend"),
        ("login-T002", True, (), "Backend"),
        ("login-T003", True, (), "Frontend"),
    ]


def test_gates_behind_a_phase_are_tests_and_a_doubled_id_is_told(tmp_path: Path) -> None:
    text = """\
        - [ ] Read the constitution
        - [X] T001 Create the folder
        ### Constitution check
        - [ ] **Article VII**: only what is needed
        - [~] T002 Half of it
        - [ ] T002 The rest of it
        """
    found = read(write(tmp_path, {"specs/001-a/tasks.md": text}))
    assert [(str(entry.id), entry.tests) for entry in found.entries] == [
        ("001-a-T001", ("Article VII: only what is needed",)),
        ("001-a-T002", ()),
        ("001-a-T002-2", ()),
    ]
    assert waits(found)["001-a-T002-2"] == ("001-a-T002",)
    assert found.warnings == (
        "specs/001-a/tasks.md:1: a box without an id before the first task (`Read the constitution`); left out",
        "specs/001-a/tasks.md:5: the mark in the box is neither an x nor a blank; taken as not done",
        "specs/001-a/tasks.md:6: the id T002 comes again; this one is imported as T002-2",
    )
    assert left_out(found) == {"specs/001-a/tasks.md:1": "without an id"}


def test_folders_come_in_the_order_of_their_numbers_and_do_not_wait_for_each_other(tmp_path: Path) -> None:
    write(tmp_path, {f"specs/{name}/tasks.md": "- [ ] T001 a\n" for name in ("10-c", "2-b", "1-a")})
    write(tmp_path, {"specs/3-d/spec.md": "x", "specs/README.md": "x", "specs/4-e/tasks.md": "Text only.\n"})
    found = read(tmp_path)
    assert list(waits(found).items()) == [("1-a-T001", ()), ("2-b-T001", ()), ("10-c-T001", ())]
    assert found.notes == ("specs/3-d has no tasks.md (yet)",)
    assert found.warnings == ("specs/4-e/tasks.md: no checklist; a task is a line `- [ ] T001 what to do`",)
    assert left_out(found) == {"specs/4-e/tasks.md": "without a checklist"}


def test_a_fence_that_nothing_ends_is_warned_of(tmp_path: Path) -> None:
    found = read(write(tmp_path, {"specs/a/tasks.md": "- [ ] T001 a\n```\n- [ ] T002 b\n"}))
    assert found.warnings == (
        "specs/a/tasks.md:2: nothing ends what begins here, so that all behind it is code or a comment",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe- [ ] T001 a", r"UTF-16 \(specs/a/tasks.md:1:1\)"),
        (b"- [ ] T001 a\nb \xe9", r"UTF-8.*specs/a/tasks.md:2:3"),
        (b"", r"no checklist \(specs/a/tasks.md\)\. A task is a line `- \[ \] T001 what to do`"),
        (b"\x01\x02\x00", "no checklist"),
        (b'{"tasks": []}', "no checklist"),
    ],
)
def test_garbage_is_named_with_its_place(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError, match=message):
        read(write(tmp_path, {"specs/a/tasks.md": content}))


def test_a_folder_without_a_task_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    with pytest.raises(OrchestratorError, match=r"no tasks\.md in it"):
        read(tmp_path)


def test_it_is_found_in_its_usual_places_and_known_by_its_shape(tmp_path: Path) -> None:
    write(
        tmp_path, {"specs/1/tasks.md": "- [ ] T001 a", "specs/1/plan.md": "", ".specify/specs/2/tasks.md": "- [ ] T1 a"}
    )
    assert spec_kit.detect(tmp_path) == [tmp_path / "specs", tmp_path / ".specify" / "specs"]
    for shaped in ("specs", "specs/1", "specs/1/tasks.md"):
        assert spec_kit.fits(tmp_path / shaped)
    assert not spec_kit.fits(write(tmp_path, {"x/tasks.md": "- [ ] 1.1 a"}) / "x" / "tasks.md")
    for other in (tmp_path, tmp_path / "none"):
        assert not spec_kit.fits(other)
    assert spec_kit.detect(tmp_path / "specs") == []


def test_one_feature_of_several_is_imported_by_its_folder_or_file(tmp_path: Path) -> None:
    write(tmp_path, {f"specs/{name}/tasks.md": "- [ ] T001 a\n" for name in ("1-a", "2-b")})
    assert list(waits(read(tmp_path, "specs/2-b"))) == list(waits(read(tmp_path, "specs/2-b/tasks.md"))) == ["2-b-T001"]


def imported(root: Path, *arguments: str) -> Made:
    if not (root / ".git").exists():
        git(root, "init", "-q")
    made = Made(root)
    made.run("orchestrator", "import", *arguments)
    return made


def test_made_ids_stay_when_boxes_are_added_and_reworded(tmp_path: Path) -> None:
    text = "- [ ] Model\n- [ ] Page\n"
    write(tmp_path, {"specs/a/tasks.md": text, "specs/b/tasks.md": text})
    imported(tmp_path)
    write(tmp_path, {"specs/a/tasks.md": "- [ ] Folder\n- [ ] Model\n- [ ] Page\n"})
    write(tmp_path, {"specs/b/tasks.md": "- [ ] Model and view\n- [ ] Page\n"})
    features = imported(tmp_path).features()
    assert {id: feature["name"] for id, feature in features.items()} == {
        "a-T001": "Model", "a-T002": "Page", "b-T001": "Model and view", "b-T002": "Page", "a-T001-2": "Folder",
    }  # fmt: skip
    assert features["a-T001"]["dependencies"] == ["a-T001-2"]


def specify(*arguments: str, cwd: Path) -> None:
    found = str(CACHED) if CACHED.is_file() else shutil.which("specify")
    require("specify", found)
    subprocess.run([str(found), *arguments], cwd=cwd, check=True, stdin=subprocess.DEVNULL, capture_output=True)


@pytest.mark.real
def test_the_template_of_the_real_specify_is_read_whole(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    specify("init", "--here", "--force", "--integration", "claude", "--script", "sh", "--ignore-agent-tools",
            "--non-interactive", cwd=tmp_path)  # fmt: skip
    made = subprocess.run(
        ["bash", ".specify/scripts/bash/create-new-feature.sh", "--json", "Take notes"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    folder = Path(json.loads(made.stdout.strip().splitlines()[-1])["SPEC_FILE"]).parent
    template = tmp_path / ".specify" / "templates" / "tasks-template.md"
    shutil.copy(template, folder / "tasks.md")
    found = read(tmp_path)
    lines = [line for line in template.read_text(encoding="utf-8").splitlines() if line.startswith("- [ ] T")]
    numbered = [line.split()[3] for line in lines if line.split()[3] != "TXXX"]
    assert [str(entry.id) for entry in found.entries] == [f"{folder.name}-{id}" for id in numbered]
    assert found.entries[0].inputs == (f"specs/{folder.name}/spec.md",)
    assert len(found.entries[-1].tests or ()) == len(lines) - len(numbered)
    assert {entry.category for entry in found.entries} == {
        line.removeprefix("## ") for line in template.read_text(encoding="utf-8").splitlines()
        if line.startswith("## Phase") and "Polish" not in line
    }  # fmt: skip
