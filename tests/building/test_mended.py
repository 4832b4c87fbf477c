"""What a session can leave in list, refs and state that once stopped every later build, or went unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripted_builds import feature, project

CLAIM = 'git add -A; git commit -q -m "session: completed $1"'
ADDS_F8 = """touch f1.txt
if grep -q F8 feature_list.json; then {other}; exit; fi
python3 - <<'END'
import json
with open("feature_list.json") as file: listed = json.load(file)
added = {{"id": "F8", "name": "eight", "description": "added", "verify": "test -f f8.txt", "passes": True}}
listed["features"].append(added)
with open("feature_list.json", "w") as file: json.dump(listed, file)
END
git add -A; git commit -q -m 'session: completed F1' -m '- session: completed {claimed}'
"""


@pytest.mark.parametrize("claimed", ["F8", "F9"])
def test_a_claim_of_a_feature_that_the_session_added_or_made_up_is_reopened(tmp_path: Path, claimed: str) -> None:
    script = ADDS_F8.format(claimed=claimed, other="touch f8.txt; " + CLAIM)
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "test -f f1.txt"\n')
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F8": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1", "F8"]
    assert f"session: reopened {claimed}" in made.git("log", "--format=%s").splitlines()


def test_an_added_feature_that_never_passes_is_blocked_not_done(tmp_path: Path) -> None:
    script = ADDS_F8.format(claimed="F8", other=CLAIM)
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "test -f f1.txt"\n[agent.models]\n')
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "done", "F8": "blocked"}
