"""One import as a user does it: what is written, what is kept, what two at once do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import backlogs
from support.projects import BIN, Made
from support.repos import git

from orchestrator import project
from orchestrator.backlogs import harness, importing, own_list
from orchestrator.backlogs.protocol import Options
from orchestrator.errors import OrchestratorError

NESTED = '{"legend": {"a": 1}, "features": {"auth": [{"id": 1, "title": "x", "status": "done"}]}, "last": 2}'


def stories(*ids: str) -> str:
    return json.dumps({"userStories": [{"id": id, "title": f"story {id}", "passes": False} for id in ids]})


def run(root: Path, given: str = "", kind: str = "", *, dry_run: bool = False) -> importing.Imported:
    found = project.load(root)
    return importing.run(found, root / given if given else None, kind, Options(root), dry_run=dry_run)


def listed(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "feature_list.json").read_bytes().decode("utf-8-sig"))
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def test_a_list_that_git_does_not_have_is_kept_beside_the_flat_one(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED})
    done = run(root)
    kept = root / "feature_list.before-import.json"
    assert kept.read_text() == NESTED
    assert done.backlog.notes == ("feature_list.before-import.json keeps the list as it was",)
    assert listed(root) == {
        "legend": {"a": 1},
        "features": [{"id": 1, "category": "auth", "title": "x", "status": "done"}],
        "last": 2,
    }


def test_what_was_kept_before_is_never_written_over(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED, "feature_list.before-import.json": "mine"})
    run(root)
    assert (root / "feature_list.before-import.json").read_text() == "mine"
    assert (root / "feature_list.before-import-2.json").read_text() == NESTED


def test_a_list_that_the_last_commit_holds_is_not_kept_twice(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "base")
    assert run(root).backlog.notes == ("git has the list as it was",)
    assert [path.name for path in root.iterdir() if path.is_file()] == ["feature_list.json"]


def test_without_git_the_list_is_kept(tmp_path: Path) -> None:
    backlogs.write(tmp_path, {"feature_list.json": NESTED})
    run(tmp_path)
    assert (tmp_path / "feature_list.before-import.json").read_text() == NESTED


def test_a_dry_run_writes_neither_the_list_nor_a_copy(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED})
    assert run(root, dry_run=True).merged.data != NESTED.encode()
    assert [path.name for path in root.iterdir() if path.is_file()] == ["feature_list.json"]


def test_a_list_that_can_not_be_written_leaves_no_copy(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED})
    (root / "feature_list.json").chmod(0o444)
    with pytest.raises(OrchestratorError, match="read-only"):
        run(root)
    assert [path.name for path in root.iterdir() if path.is_file()] == ["feature_list.json"]


def test_another_backlog_waits_until_the_nested_list_is_flat(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": NESTED, "prd.json": stories("US-1")})
    with pytest.raises(OrchestratorError, match="several backlogs"):
        run(root)
    with pytest.raises(OrchestratorError, match=r"First `orchestrator import feature_list\.json`"):
        run(root, kind="ralph")
    run(root, "feature_list.json")
    run(root)
    assert [item["id"] for item in listed(root)["features"]] == [1, "US-1"]


def test_a_broken_list_is_never_written(root: Path) -> None:
    backlogs.write(root, {"feature_list.json": '{"features": [', "prd.json": stories("US-1")})
    with pytest.raises(OrchestratorError, match="not valid JSON"):
        run(root)
    assert (root / "feature_list.json").read_text() == '{"features": ['


def test_imports_at_the_same_time_lose_nothing(root: Path) -> None:
    names = [f"work/{number}.json" for number in range(4)]
    backlogs.write(root, {name: stories(f"US-{number}") for number, name in enumerate(names)})
    command = [str(BIN / "orchestrator"), "import", "--from", "ralph"]
    running = [subprocess.Popen([*command, name], cwd=root, stdout=subprocess.DEVNULL) for name in names]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert sorted(item["id"] for item in listed(root)["features"]) == ["US-0", "US-1", "US-2", "US-3"]


def test_a_list_in_a_folder_that_is_not_there_is_made_with_it(root: Path) -> None:
    settings = '[project]\nfeatures = "docs/work/list.json"\n'
    backlogs.write(root, {"orchestrator.toml": settings, "prd.json": stories("US-1")})
    run(root)
    assert [item["id"] for item in json.loads((root / "docs/work/list.json").read_text())["features"]] == ["US-1"]


def test_a_folder_below_and_a_file_elsewhere_are_named_from_the_project(root: Path) -> None:
    backlogs.write(root, {"sub/prd.json": stories("US-1")})
    assert run(root, "sub").backlog.source == "sub/prd.json"


def test_sessions_are_those_of_what_a_build_would_work_on(root: Path) -> None:
    text = json.dumps(
        {
            "userStories": [
                {"id": 1, "title": "a", "status": "done"},
                {"id": 2, "title": "b", "status": "cancelled"},
                {"id": 3, "title": "c", "status": "blocked"},
                {"id": 4, "title": "d", "status": "open"},
            ]
        }
    )
    backlogs.write(root, {"prd.json": text})
    output = Made(root).run("orchestrator", "import")
    assert "4 entries, 1 done, 0 left out, about 1 sessions" in output


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], {"features": 1}, {"features": [1]}, {"a": {"b": [[]]}}])
def test_garbage_is_no_nested_list(value: object) -> None:
    assert not harness.nested(value)


def test_a_flat_list_stays_as_it_is_byte_for_byte() -> None:
    data = b'{"features": [ {"id": 1,"title":"a", "tasks": [{"name": "x"}]} ]}'
    assert own_list.flat(data, "feature_list.json") == data


def test_a_list_without_groups_gets_no_category_and_keeps_its_style() -> None:
    data = b'\xef\xbb\xbf{\r\n\t"0": {"id": "A", "title": "\xc3\xbc", "passes": true}\r\n}'
    inner = ('"id": "A",', '"title": "ü",', '"passes": true')
    lines = ("{", '\t"features": [', "\t\t{", *(f"\t\t\t{line}" for line in inner), "\t\t}", "\t]", "}")
    assert own_list.flat(data, "feature_list.json") == b"\xef\xbb\xbf" + "\r\n".join(lines).encode()
