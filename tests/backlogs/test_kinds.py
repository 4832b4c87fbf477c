"""Which backlog is meant: by place, by shape, by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.backlogs import kinds
from orchestrator.backlogs.kinds import Found
from orchestrator.errors import OrchestratorError

STORIES = json.dumps({"userStories": [{"id": "US-1", "title": "a", "passes": False}]})
TASKS = json.dumps({"master": {"tasks": []}})


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def choose(root: Path, given: Path | None = None, kind: str = "") -> Found:
    return kinds.choose(root, given, kind, root / "feature_list.json")


def test_what_lies_in_its_usual_place_is_found_once_a_kind(tmp_path: Path) -> None:
    assert kinds.found(tmp_path) == []
    first = put(tmp_path, "prd.json", STORIES)
    put(tmp_path, "scripts/ralph/prd.json", STORIES)
    tasks = put(tmp_path, "tasks/tasks.json", TASKS)
    assert kinds.found(tmp_path) == [Found("task-master", tasks), Found("ralph", first)]


def test_a_nested_list_of_another_name_is_found_as_the_list(tmp_path: Path) -> None:
    listed = put(tmp_path, "docs/list.json", json.dumps({"features": {"a": [{"id": 1, "title": "x"}]}}))
    assert kinds.found(tmp_path, listed) == [Found("harness", listed)]


@pytest.mark.parametrize("listed", [{"features": [{"id": 1, "tasks": [{"name": "x"}]}]}, {"features": []}, [{"id": 2}]])
def test_a_list_that_is_read_as_it_is_is_no_backlog_to_import(tmp_path: Path, listed: object) -> None:
    put(tmp_path, "feature_list.json", json.dumps(listed))
    assert kinds.found(tmp_path) == []


def test_several_are_named_with_what_to_type(tmp_path: Path) -> None:
    put(tmp_path, "prd.json", STORIES)
    put(tmp_path, "tasks/tasks.json", TASKS)
    with pytest.raises(
        OrchestratorError, match=r"task-master \(tasks/tasks.json\), ralph \(prd.json\).*--from task-master"
    ):
        choose(tmp_path)
    assert choose(tmp_path, kind="ralph") == Found("ralph", tmp_path / "prd.json")


def test_a_document_of_that_name_beside_a_backlog_is_passed_over_a_broken_file_is_not(tmp_path: Path) -> None:
    tasks = put(tmp_path, "tasks/tasks.json", TASKS)
    put(tmp_path, "prd.json", '{"prd": {"productName": "x"}}')
    assert choose(tmp_path) == Found("task-master", tasks)
    for text in (
        '[{"description": "d", "passes": false}]',
        '{"items": [{"title": "t", "passes": true}]}',
        '{"userStories": [',
        '{"userStories": []}',
    ):
        put(tmp_path, "prd.json", text)
        with pytest.raises(OrchestratorError, match="several backlogs"):
            choose(tmp_path)


def test_none_in_its_place_is_said_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError, match="orchestrator import FILE"):
        choose(tmp_path)
    with pytest.raises(OrchestratorError, match="orchestrator import FILE --from ralph"):
        choose(tmp_path, kind="ralph")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("work/list.json", STORIES, "ralph"),
        ("work/list.json", TASKS, "task-master"),
        ("work/list.json", '{"features": {"a": [{"id": 1, "passes": true}]}}', "harness"),
        ("work/prd.json", '{"broken', "ralph"),
        ("work/tasks.json", '{"broken', "task-master"),
    ],
)
def test_a_file_is_known_by_its_shape_and_a_broken_one_by_its_name(
    tmp_path: Path, name: str, text: str, kind: str
) -> None:
    file = put(tmp_path, name, text)
    assert choose(tmp_path, file) == Found(kind, file)


def test_a_file_of_no_known_shape_asks_for_its_kind(tmp_path: Path) -> None:
    file = put(tmp_path, "x.json", "{}")
    with pytest.raises(OrchestratorError, match="--from KIND"):
        choose(tmp_path, file)
    assert choose(tmp_path, file, "ralph") == Found("ralph", file)


def test_a_folder_is_a_project_whose_usual_places_count(tmp_path: Path) -> None:
    file = put(tmp_path, "other/prd.json", STORIES)
    assert choose(tmp_path, tmp_path / "other") == Found("ralph", file)


def test_what_is_not_there_and_a_kind_that_is_none_are_errors(tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError, match="no such file or folder"):
        choose(tmp_path, tmp_path / "gone.json")
    with pytest.raises(OrchestratorError, match="There are harness"):
        choose(tmp_path, kind="jira")
