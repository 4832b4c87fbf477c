from __future__ import annotations

import os
from pathlib import Path

from orchestrator.processes import marks


def test_a_marker_names_project_run_owner_start_and_namespace(tmp_path: Path) -> None:
    env = marks.marked({"A": "b"}, "session", tmp_path)
    owner = marks.parse(env[marks.OWNER])
    assert (env["A"], env[marks.SESSION]) == ("b", "session")
    assert owner == marks.owner(tmp_path)
    assert owner is not None
    assert (owner.pid, owner.project, owner.lives, owner.here) == (os.getpid(), marks.project_of(tmp_path), True, True)


def test_a_project_is_its_folder_however_it_is_reached(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    if os.name != "nt":
        (tmp_path / "link").symlink_to("real")
        assert marks.project_of(tmp_path / "link") == marks.project_of(tmp_path / "real")
    assert marks.project_of(tmp_path / "real") != marks.project_of(tmp_path)


def test_markers_that_are_not_whole_name_nobody() -> None:
    for text in ("", "123", "a:b:c", "p:r:x:1:n", "p::1:2:n", "p:r:1::n"):
        assert marks.parse(text) is None
