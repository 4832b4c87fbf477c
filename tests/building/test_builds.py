"""Builds with a command-line agent: what completes, what does not, what is undone, what survives."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import COMMITS, WORKS, feature, project, start, wait_for


def planned(made: Made) -> list[tuple[str, str]]:
    lines = made.run("orchestrator", "build", "--dry-run").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines if line.startswith(("agent", "verification"))]


def ran(made: Made, since: int = 0) -> list[str]:
    return [session["feature"] for session in made.sessions()[since:]]


def test_an_agent_that_only_says_so_completes_nothing(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F1"])], "echo All done, everything works.\n")
    assert planned(made) == [("agent", "F1"), ("agent", "F2")]
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "blocked", "F2": "waiting"}
    assert ran(made) == ["F1"] * 3
    made.run("doit", "build", code=1)
    made.run("orchestrator", "build", code=1)
    made.run("orchestrator", "unblock", "F1")
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "blocked", "F2": "waiting"}
    assert not any(f.get("passes") for f in made.features().values())
    assert "completed" not in made.git("log", "--format=%s")


def test_work_without_a_commit_is_committed_for_the_agent(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    made.run("doit", "build")
    assert made.git("log", "-1", "--format=%s") == "session: completed F1 (auto-completed)"
    assert made.features()["F1"] == {**feature("F1"), "passes": True, "passes_from": "history"}
    assert made.clean()


def test_what_was_dirty_before_stays_uncommitted(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    (made.root / "notes.txt").write_text("mine\n")
    (made.root / "check.sh").write_text("# mine\n")
    made.git("add", "check.sh")
    made.run("doit", "build")
    assert made.git("status", "--porcelain") == "M  check.sh\n?? notes.txt"
    assert made.git("show", "--format=", "--name-only", "HEAD").split() == ["feature_list.json", "src/1718510250-2"]


def test_changes_of_other_features_are_undone(tmp_path: Path) -> None:
    script = 'sed -i \'s/"second"/"hijacked"/; s/"passes": false/"passes": true/\' feature_list.json\n' + COMMITS
    features = [feature("F1", passes=False), feature("F2", note="second", dependencies=["F3"], passes=False)]
    made = project(tmp_path, [*features, feature("F3", passes=False, blocked=True)], script)
    made.run("doit", "build", code=1)
    found = made.features()
    assert found["F2"] == features[1]
    assert found["F3"] == feature("F3", passes=False, blocked=True)
    assert found["F1"]["passes"] is True
    assert made.states() == {"F1": "done", "F2": "waiting", "F3": "blocked"}
    assert any("F2" in line for line in made.sessions()[0]["guard"])
    assert made.clean()


def test_a_claim_on_another_feature_is_reopened(tmp_path: Path) -> None:
    script = WORKS + 'git add src && git commit -q -m "session: completed F1, F2"\n'
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F3"]), feature("F3", blocked=True)], script)
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "done", "F2": "waiting", "F3": "blocked"}


HOSTILE = [
    "../../x",
    "a/b",
    "a=b",
    "-rf",
    "$(touch x)",
    "x" * 300,
    "größe 日本",
    "..",
    "a b",
    "p,q",
    'q"q',
    "`id`",
    "%s{x}",
    "build:F1",
    "*",
]


def test_hostile_ids_build_and_touch_nothing_else(tmp_path: Path) -> None:
    script = 'mkdir -p src && printf "%s\\n" "$1" >> src/seen\n'
    made = project(tmp_path, [feature(id) for id in HOSTILE], script)
    before = sorted(path.name for path in tmp_path.iterdir())
    made.run("doit", "build")
    assert set(made.states().values()) == {"done"}
    assert (made.root / "src" / "seen").read_text().splitlines() == HOSTILE
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not (made.root / "x").exists()
    assert made.clean()
    listed = made.run("doit", "list", "--all", "--quiet")
    assert len([line for line in listed.split() if line.startswith("build:")]) == len(HOSTILE)
    for id in HOSTILE:
        assert made.run("orchestrator", "why", "--", id).startswith(f"{id}: done")


def test_features_that_a_session_adds_are_built_in_the_same_run(tmp_path: Path) -> None:
    added = json.dumps(feature("F2"))
    script = (
        'test "$1" = F1 && python3 - <<X\n'
        "import json; d = json.load(open('feature_list.json')); "
        f"d['features'].append(json.loads('{added}')); json.dump(d, open('feature_list.json', 'w'))\nX\n"
    ) + WORKS
    made = project(tmp_path, [feature("F1")], script)
    made.run("doit", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert ran(made) == ["F1", "F2"]


def test_a_forgotten_feature_is_redone_and_only_it(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F1"])], 'date +%N >> log && echo "$1"\n')
    made.run("doit", "build")
    made.run("doit", "forget", "build:F1")
    assert planned(made) == [("agent", "F1")]
    made.run("doit", "build")
    assert ran(made) == ["F1", "F2", "F1"]
    assert planned(made) == []


ODD = (
    b'\xef\xbb\xbf{\r\n\t"version" : 3,\r\n\t"features":[\r\n'
    b'\t\t{ "id":"F1","x":1,"x":2 , "name": "caf\\u00e9 \\/ \xc3\xa9", "description":"d\\t" ,"passes"  :  false  },\r\n'
    b'\t\t{"id":2,"passes":false,"nested":{"passes":false}}\r\n\t]\r\n}'
)


def test_flags_of_an_odd_list_are_flipped_and_no_other_byte(tmp_path: Path) -> None:
    made = project(tmp_path, [], WORKS)
    made.git("config", "core.autocrlf", "false")
    (made.root / "feature_list.json").write_bytes(ODD)
    made.git("commit", "-q", "-am", "an odd list")
    made.run("doit", "build")
    data = (made.root / "feature_list.json").read_bytes()
    without_mark = re.sub(rb'[ \t\r\n]*,[ \t\r\n]*"passes_from"[ \t]*:[ \t]*"history"', b"", data)
    assert data.count(b'"passes_from"') == 2
    assert without_mark == ODD.replace(b'"passes"  :  false', b'"passes"  :  true').replace(
        b'{"id":2,"passes":false', b'{"id":2,"passes":true'
    )
    assert made.clean()


def test_sessions_are_recorded_and_replayed_to_the_same_tree(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F1"])], COMMITS)
    again = Made(tmp_path / "again")
    made.git("clone", "-q", ".", str(again.root))
    made.run("orchestrator", "build", "--record", str(tmp_path / "tape"))
    settings = (again.root / "orchestrator.toml").read_text()
    replay = settings.replace('kind = "command"', f'kind = "replay"\nrecordings = "{tmp_path}/tape"')
    (again.root / "orchestrator.toml").write_text(replay)
    for name, value in (("user.name", "T"), ("user.email", "t@example.com")):
        again.git("config", name, value)
    again.run("doit", "build")
    assert again.states() == made.states() == {"F1": "done", "F2": "done"}
    assert again.git("ls-tree", "-r", "HEAD", "src") == made.git("ls-tree", "-r", "HEAD", "src")


def test_budgets_stop_the_run(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2")], WORKS)
    output = made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert "stopped after 1 sessions" in output
    assert made.states() == {"F1": "done", "F2": "todo"}


def test_three_features_in_a_row_without_progress_stop_the_run(tmp_path: Path) -> None:
    made = project(tmp_path, [feature(f"F{n}") for n in range(5)], "echo no\n", "[verify]\ncommand = 'true'\n")
    output = made.run("doit", "build", code=1)
    assert "3 features in a row made no progress" in output
    assert list(made.states().values()) == ["blocked"] * 3 + ["todo"] * 2


def test_a_repository_without_a_commit_is_built_too(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    made.git("update-ref", "-d", "HEAD")
    made.run("doit", "build")
    assert made.states() == {"F1": "done"}
    assert made.git("log", "--format=%s") == "session: completed F1 (auto-completed)"


def test_the_notify_command_gets_the_events_as_json(tmp_path: Path) -> None:
    settings = f"[verify]\ncommand = 'true'\n[build]\nnotify = 'cat >> {tmp_path}/events; echo >> {tmp_path}/events'\n"
    made = project(tmp_path, [feature("F1"), feature("F2")], f'test "$1" = F2 || {{ {WORKS.strip()}; }}\n', settings)
    made.run("doit", "build", code=1)
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert [(event["event"], event.get("feature")) for event in events] == [("blocked", "F2"), ("stopped", None)]


def test_a_project_in_a_subdirectory_is_built_there(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORKS)
    made.git("init", "-q", str(tmp_path / "outer"))
    outer = tmp_path / "outer"
    (made.root / ".git").rename(tmp_path / "old-git")
    made.root.rename(outer / "inner")
    inner = Made(outer / "inner")
    for name, value in (("user.name", "T"), ("user.email", "t@example.com")):
        inner.git("config", name, value)
    inner.git("add", "-A")
    inner.git("commit", "-q", "-m", "base")
    inner.run("doit", "build")
    assert inner.states() == {"F1": "done"}
    assert inner.clean()
    assert inner.git("show", "--format=", "--name-only", "HEAD").splitlines() == [
        "inner/feature_list.json", "inner/src/1718510250-2"
    ]  # fmt: skip


SLOW = "touch ../started; if test -e ../slow; then sleep 60; fi\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stopped_build_goes_on_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "slow").touch()
    made = project(tmp_path, [feature("F0"), feature("F1")], f'test "$1" = F0 || {{ {SLOW.strip()}; }}\n' + WORKS)
    running = start(made, "doit", "build")
    wait_for(tmp_path / "started")
    os.kill(running.pid, number)
    code = running.wait(timeout=30)
    assert code == (-9 if number == signal.SIGKILL else 130)
    assert made.states() == {"F0": "done", "F1": "todo"}
    (tmp_path / "slow").unlink()
    made.run("doit", "build")
    assert made.states() == {"F0": "done", "F1": "done"}
    assert made.clean()


def test_work_that_a_killed_session_finished_counts_once_it_is_checked(tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    made = project(tmp_path, [feature("F1")], "test -e src/x || { mkdir -p src; echo x > src/x; }\n" + SLOW)
    running = start(made, "doit", "build")
    wait_for(tmp_path / "started")
    running.kill()
    running.wait()
    (tmp_path / "slow").unlink()
    made.run("doit", "build")
    assert made.states() == {"F1": "done"}
    assert made.git("show", "--format=", "--name-only", "HEAD").split() == ["feature_list.json", "src/x"]


def test_a_claim_of_a_killed_run_is_checked_before_it_counts(tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    script = 'mkdir -p src && echo broken > src/x && git add src && git commit -q -m "session: completed F1"\n' + SLOW
    made = project(tmp_path, [feature("F1"), feature("F2", dependencies=["F1"])], script)
    running = start(made, "doit", "build")
    wait_for(tmp_path / "started")
    running.kill()
    running.wait()
    (tmp_path / "slow").unlink()
    made.run("doit", "build", code=1)
    assert made.states() == {"F1": "blocked", "F2": "waiting"}
    assert "session: reopened F1" in made.git("log", "--format=%s").splitlines()


def test_the_second_of_two_builds_says_who_builds(tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    made = project(tmp_path, [feature("F1")], SLOW + WORKS)
    first = start(made, "doit", "build")
    wait_for(tmp_path / "started")
    output = made.run("orchestrator", "build", code=1)
    assert str(first.pid) in output, output
    assert len(output.strip().splitlines()) == 1
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=30)


def test_many_processes_that_block_at_once_are_all_recorded(tmp_path: Path) -> None:
    made = project(tmp_path, [feature(f"F{n:02d}") for n in range(24)], "true\n")
    started = [start(made, "orchestrator", "block", f"F{n:02d}", "-m", f"reason {n}") for n in range(24)]
    assert [process.wait(timeout=120) for process in started] == [0] * 24
    assert {id: f["blocked_reason"] for id, f in made.features().items()} == {
        f"F{n:02d}": f"reason {n}" for n in range(24)
    }
