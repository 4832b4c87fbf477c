"""A session that leaves an operation of git under way has not finished."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import feature, project

DIVERGED = (
    "mkdir -p src; echo a > src/x; git add src; git commit -q -m base; git checkout -q -b side; echo b > src/x; "
    "git commit -q -am side; git checkout -q main; echo c > src/x; git commit -q -am 'session: completed F1'; "
)
LEFT = {
    "merge": DIVERGED + "git merge -q side >/dev/null 2>&1",
    "rebase": DIVERGED + "git rebase -q side >/dev/null 2>&1",
    "cherry-pick": DIVERGED + "git cherry-pick side >/dev/null 2>&1",
    "revert": DIVERGED + "git revert --no-edit HEAD~1 >/dev/null 2>&1",
    "am": DIVERGED + "git format-patch -q -1 side --stdout > ../p; git am -q ../p >/dev/null 2>&1",
    "bisect": DIVERGED + "git bisect start -q HEAD HEAD~1 >/dev/null 2>&1",
    "merge without conflict": DIVERGED.replace("echo c > src/x", "echo c > src/y; git add src")
    + "git merge -q --no-commit side >/dev/null 2>&1",
}


@pytest.mark.parametrize("what", LEFT)
def test_what_is_under_way_is_ended_kept_and_told_and_nothing_is_completed(tmp_path: Path, what: str) -> None:
    again = "if test -e ../once; then echo mended > src/x; exit 0; fi; touch ../once; "
    made = project(tmp_path, [feature("F1")], again + LEFT[what] + "\nexit 0\n", '[verify]\ncommand = "true"\n')
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert made.states() == {"F1": "todo"}
    assert not [name for name in ("MERGE_HEAD", "rebase-merge", "rebase-apply", "sequencer", "BISECT_LOG")
                if (made.root / ".git" / name).exists()]  # fmt: skip
    assert made.git("branch", "--show-current").strip() == "main"
    assert "session: completed F1" in made.git("log", "--format=%s").splitlines()
    assert "under way" in made.sessions()[0]["error"]
    shown = made.sessions()[0]["guard"][0].rpartition("git show ")[2].rstrip(")")
    assert made.git("show", "--stat", shown)
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.clean()
    assert "<<<<" not in made.git("show", "HEAD:src/x")


def test_the_next_attempt_is_told(tmp_path: Path) -> None:
    script = 'cp "$2" ../prompt; ' + LEFT["merge"].replace("mkdir", "test -e src && exit 0; mkdir") + "\nexit 0\n"
    made: Made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "true"\n')
    made.run("orchestrator", "build", "--max-sessions", "2", code=None)
    assert "left a merge under way" in (tmp_path / "prompt").read_text()
