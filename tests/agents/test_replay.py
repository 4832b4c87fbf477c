from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agents import Watch, request
from support.repos import git

from orchestrator.agents.protocol import Observer, Outcome, SessionRequest, SessionResult, Usage
from orchestrator.agents.replay.agent import RecordingAgent, ReplayAgent
from orchestrator.agents.replay.recordings import Recording, folder_of, load, save
from orchestrator.errors import OrchestratorError


class Doer:
    """An agent that does what a function does."""

    tells_cost = True

    def __init__(self, work: Callable[[Path], None], result: SessionResult | None = None) -> None:
        self.work = work
        self.result = result or SessionResult(Outcome.OK, output="Done.", returncode=0)

    def check(self) -> None:
        pass

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        self.work(request.cwd)
        return self.result


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)


def write(folder: Path, files: dict[str, str], **session: object) -> None:
    """A recording as a person writes it."""
    for name, text in files.items():
        (folder / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / name).write_text(text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "session.json").write_text(json.dumps(session))


def state(root: Path) -> tuple[str, str, dict[str, tuple[str, bytes]]]:
    """The history's messages with their trees, the status, and every file with its kind and content."""
    files = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", ".rec")]
        for name in [*names, *[name for name in folders if Path(folder, name).is_symlink()]]:
            path = Path(folder, name)
            kind = "link" if path.is_symlink() else "program" if os.access(path, os.X_OK) else "file"
            content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            files[path.relative_to(root).as_posix()] = (kind, content)
    log = git(root, "log", "--reverse", "--format=%B%T") if git(root, "rev-parse", "--all") else ""
    return log, git(root, "status", "--porcelain"), files


def test_a_recording_written_by_hand_is_applied_and_committed(repo: Path, tmp_path: Path) -> None:
    (repo / "old.txt").write_text("old")
    commit(repo, "start")
    folder = tmp_path / "rec" / "F1" / "1"
    files = {"a/b.txt": "hello\n"}
    write(
        folder,
        files,
        output="Done.",
        commit="session: completed F1",
        delete=["old.txt"],
        cost_usd=0.25,
        usage={"input_tokens": 7, "output_tokens": 3},
    )
    watch = Watch()
    result = ReplayAgent(tmp_path / "rec").run(request(repo), watch)
    assert result == SessionResult(
        Outcome.OK,
        output="Done.",
        elapsed=result.elapsed,
        returncode=0,
        usage=Usage(7, 3),
        cost_usd=0.25,
        model="replay",
    )
    assert watch.tools == [
        ("Delete", "old.txt"),
        ("Write", "a/b.txt"),
        ("Bash", "git commit -m 'session: completed F1'"),
    ]
    assert git(repo, "log", "-1", "--format=%s", "--name-status") == "session: completed F1\n\nA\ta/b.txt\nD\told.txt"
    assert git(repo, "status", "--porcelain") == ""


def test_each_session_takes_the_next_recording_and_then_the_last_again(repo: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / "rec" / "F1" / str(number), {"n.txt": f"{number}\n"}, output=f"no {number}")
    outputs = [ReplayAgent(tmp_path / "rec").run(request(repo), Watch()).output for _ in range(4)]
    assert outputs == ["no 1", "no 2", "no 2", "no 2"]
    assert (repo / "n.txt").read_text() == "2\n"
    assert git(repo, "status", "--porcelain") == "?? n.txt"


def test_a_feature_without_any_recording_is_an_error_that_names_the_folder(repo: Path, tmp_path: Path) -> None:
    write(tmp_path / "rec" / "F2" / "1", {}, output="another's")
    with pytest.raises(OrchestratorError, match="no recording of a session for F1") as raised:
        ReplayAgent(tmp_path / "rec").run(request(repo), Watch())
    assert (raised.value.where, raised.value.exit_code) == (str(tmp_path / "rec" / "F1" / "1"), 2)


def test_another_feature_has_recordings_of_its_own(repo: Path, tmp_path: Path) -> None:
    write(tmp_path / "rec" / "F1" / "1", {}, output="one")
    write(tmp_path / "rec" / "%2E.%2Fx" / "1", {}, output="hostile")
    agent = ReplayAgent(tmp_path / "rec")
    assert agent.run(request(repo, feature_id="../x"), Watch()).output == "hostile"
    assert agent.run(request(repo, feature_id="F1"), Watch()).output == "one"


def test_a_clone_begins_with_the_first_recording(repo: Path, tmp_path: Path) -> None:
    write(tmp_path / "rec" / "F1" / "1", {}, output="one", commit="one")
    agent = ReplayAgent(tmp_path / "rec")
    assert agent.run(request(repo), Watch()).output == "one"
    git(tmp_path, "clone", "-q", str(repo), "clone")
    assert agent.run(request(tmp_path / "clone"), Watch()).output == "one"


def test_without_recordings_the_check_says_so(tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError, match="no recordings"):
        ReplayAgent(tmp_path / "none").check()


def test_a_failure_and_a_limit_can_be_recorded(repo: Path, tmp_path: Path) -> None:
    write(tmp_path / "rec" / "F1" / "1", {}, exit=1, error="broke")
    write(tmp_path / "rec" / "F1" / "2", {}, outcome="rate limited", reset_in=60)
    agent = ReplayAgent(tmp_path / "rec")
    first, second = agent.run(request(repo), Watch()), agent.run(request(repo), Watch())
    assert (first.outcome, first.error, first.returncode) == (Outcome.FAILED, "broke", 1)
    assert (second.outcome, second.error) == (Outcome.RATE_LIMITED, "rate limited")
    assert second.reset_at is not None


def test_a_session_that_sleeps_longer_than_its_time_is_a_timeout_and_is_replayed_again(
    repo: Path, tmp_path: Path
) -> None:
    write(tmp_path / "rec" / "F1" / "1", {"a.txt": "x"}, sleep=30, output="late")
    result = ReplayAgent(tmp_path / "rec").run(request(repo, timeout=0.1), Watch())
    assert result.outcome is Outcome.TIMEOUT
    assert not (repo / "a.txt").exists()
    write(tmp_path / "rec" / "F1" / "1", {}, output="in time")
    assert ReplayAgent(tmp_path / "rec").run(request(repo), Watch()).output == "in time"


def test_features_are_added_to_the_list_once(repo: Path, tmp_path: Path) -> None:
    (repo / "feature_list.json").write_text('{"features": [{"id": "F1"}]}')
    new = {"id": "fix-F1-001", "name": "Fix", "priority": 45}
    for number in (1, 2):
        write(tmp_path / "rec" / "F1" / str(number), {}, features=[new], commit="qa: found something")
    agent = ReplayAgent(tmp_path / "rec")
    for _ in range(2):
        assert agent.run(request(repo), Watch()).outcome is Outcome.OK
    assert json.loads((repo / "feature_list.json").read_text()) == {"features": [{"id": "F1"}, new]}
    assert git(repo, "status", "--porcelain") == ""


def test_hooks_of_the_repository_have_their_say(repo: Path, tmp_path: Path) -> None:
    hook = repo / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho refused >&2\nexit 1\n")
    hook.chmod(0o755)
    write(tmp_path / "rec" / "F1" / "1", {"a.txt": "x"}, commit="session: completed F1")
    result = ReplayAgent(tmp_path / "rec").run(request(repo), Watch())
    assert (result.outcome, result.error) == (Outcome.FAILED, "git commit failed: refused")


def test_a_repository_without_an_identity_gets_a_neutral_one(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{name}_NAME")
        monkeypatch.delenv(f"GIT_{name}_EMAIL")
    git(repo, "config", "user.useConfigOnly", "true")
    write(tmp_path / "rec" / "F1" / "1", {"a.txt": "x"}, commit="work")
    assert ReplayAgent(tmp_path / "rec").run(request(repo), Watch()).outcome is Outcome.OK
    assert git(repo, "log", "--format=%an <%ae>") == "Replay <replay@localhost>"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('{"output": "x",\n "comit": "y"}', "session.json", "unknown key 'comit'"),
        ('{"output": 3}', "session.json", "'output' must be of the type str"),
        ('{"exit": true}', "session.json", "'exit' must be of the type int"),
        ('{"output":\n}', "session.json:2:1", "not valid JSON"),
        ('{"outcome": "fine"}', "session.json", "unknown outcome 'fine'"),
        ("[]", "session.json", "must hold an object"),
    ],
)
def test_a_wrong_recording_is_an_error_that_names_the_file(tmp_path: Path, text: str, where: str, what: str) -> None:
    (tmp_path / "session.json").write_text(text)
    with pytest.raises(OrchestratorError) as caught:
        load(tmp_path)
    assert what in caught.value.what
    assert caught.value.where.endswith(where)


def test_a_path_that_reaches_out_of_the_project_is_refused(repo: Path, tmp_path: Path) -> None:
    write(tmp_path / "rec" / "F1" / "1", {}, delete=["../precious"])
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(OrchestratorError, match="reaches out"):
        ReplayAgent(tmp_path / "rec").run(request(repo), Watch())
    assert (tmp_path / "precious").read_text() == "kept"


@given(
    st.builds(
        Recording, output=st.text(), exit=st.integers(0, 255), commit=st.none() | st.text(), sleep=st.floats(0, 9)
    )
)
@settings(max_examples=50)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, recording: Recording) -> None:
    folder = folder_of(tmp_path_factory.mktemp("rec"), "F1", 1)
    save(folder, recording)
    assert load(folder) == recording


def start(root: Path) -> None:
    (root / "dir").mkdir()
    (root / "dir" / "kept.txt").write_text("kept\n")
    (root / "gone.txt").write_text("gone\n")
    (root / "was-file").write_text("file\n")
    commit(root, "start")


def everything(root: Path) -> None:
    """Binary content, an executable, a link, a deletion, a file that becomes a folder, hostile names."""
    (root / "data.bin").write_bytes(bytes(range(256)))
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("dir/kept.txt")
    (root / "gone.txt").unlink()
    (root / "was-file").unlink()
    (root / "was-file").mkdir()
    (root / "was-file" / "inside").write_text("x")
    (root / "näme with blank.txt").write_text("ü")
    (root / "*.txt").write_text("a star")


def once(root: Path) -> None:
    everything(root)
    commit(root, "session: completed F1\n\nWith a body.\n\nCo-authored-by: A <a@b.c>")


def never(root: Path) -> None:
    everything(root)


def thrice(root: Path) -> None:
    (root / "a.txt").write_text("1")
    commit(root, "first")
    (root / "a.txt").write_text("2")
    (root / "gone.txt").unlink()
    commit(root, "second")
    commit(root, "empty third")
    (root / "a.txt").write_text("3, not committed")
    (root / "new.txt").write_text("not committed either")


def merging(root: Path) -> None:
    git(root, "switch", "-q", "-c", "side")
    (root / "side.txt").write_text("side")
    commit(root, "on the side")
    git(root, "switch", "-q", "main")
    (root / "main.txt").write_text("main")
    commit(root, "on main")
    git(root, "merge", "-q", "--no-ff", "-m", "merged", "side")


def nothing(root: Path) -> None:
    pass


@pytest.mark.parametrize("work", [once, never, thrice, nothing])
@pytest.mark.parametrize("begin", [start, nothing])
def test_record_then_replay_in_a_copy_gives_the_same_files_and_commits(
    repo: Path, tmp_path: Path, work: Callable[[Path], None], begin: Callable[[Path], None]
) -> None:
    if begin is nothing:
        if work is thrice:
            (repo / "gone.txt").write_text("untracked\n")
        elif work is not nothing:
            (repo / "gone.txt").write_text("x")
            (repo / "was-file").write_text("x")
            (repo / "dir").mkdir()
            (repo / "dir" / "kept.txt").write_text("x")
    begin(repo)
    shutil.copytree(repo, tmp_path / "copy", symlinks=True)
    result = RecordingAgent(Doer(work), tmp_path / "rec").run(request(repo), Watch())
    replayed = ReplayAgent(tmp_path / "rec").run(request(tmp_path / "copy"), Watch())
    assert (result.output, replayed.output) == ("Done.", "Done.")
    assert state(tmp_path / "copy") == state(repo)


def test_a_merge_is_replayed_as_one_commit_with_its_tree(repo: Path, tmp_path: Path) -> None:
    start(repo)
    shutil.copytree(repo, tmp_path / "copy", symlinks=True)
    RecordingAgent(Doer(merging), tmp_path / "rec").run(request(repo), Watch())
    ReplayAgent(tmp_path / "rec").run(request(tmp_path / "copy"), Watch())
    assert git(tmp_path / "copy", "rev-parse", "HEAD^{tree}") == git(repo, "rev-parse", "HEAD^{tree}")
    assert git(tmp_path / "copy", "log", "--reverse", "--format=%s").split("\n") == ["start", "on main", "merged"]


def test_what_was_changed_before_the_session_is_not_recorded(repo: Path, tmp_path: Path) -> None:
    start(repo)
    (repo / "mine.txt").write_text("the user's own")
    RecordingAgent(Doer(lambda root: None), tmp_path / "rec").run(request(repo), Watch())
    assert not (tmp_path / "rec" / "F1" / "1" / "files").exists()


def test_recordings_inside_the_project_do_not_record_themselves(repo: Path) -> None:
    start(repo)
    agent = RecordingAgent(Doer(lambda root: (root / "a.txt").write_text("a") and None), repo / ".rec")
    for _ in range(2):
        agent.run(request(repo), Watch())
        (repo / "a.txt").unlink()
    names = sorted(path.relative_to(repo).as_posix() for path in (repo / ".rec").rglob("*") if path.is_file())
    assert names == [
        ".rec/F1/1/files/a.txt",
        ".rec/F1/1/session.json",
        ".rec/F1/2/files/a.txt",
        ".rec/F1/2/session.json",
    ]


def test_of_the_feature_list_only_new_features_are_recorded(repo: Path, tmp_path: Path) -> None:
    (repo / "feature_list.json").write_text('{"features": [{"id": "F1", "passes": false}]}')
    commit(repo, "start")
    new = {"id": "F2", "name": "found on the way"}

    def work(root: Path) -> None:
        text = json.dumps({"features": [{"id": "F1", "passes": True}, new]})
        (root / "feature_list.json").write_text(text)
        commit(root, "session: completed F1\n\nFeature-Digest: F1 sha256:abc")

    RecordingAgent(Doer(work), tmp_path / "rec").run(request(repo), Watch())
    recording = load(tmp_path / "rec" / "F1" / "1")
    assert recording == Recording(output="Done.", features=(new,), commit="session: completed F1")
    assert not (tmp_path / "rec" / "F1" / "1" / "files").exists()


def test_a_failed_session_is_recorded_as_failed(repo: Path, tmp_path: Path) -> None:
    failed = SessionResult(Outcome.OVERLOADED, error="529", returncode=1, cost_usd=0.5, usage=Usage(1, 2, 3, 4))
    RecordingAgent(Doer(lambda root: None, failed), tmp_path / "rec").run(request(repo), Watch())
    replayed = ReplayAgent(tmp_path / "rec").run(request(repo), Watch())
    assert replayed == SessionResult(
        Outcome.OVERLOADED,
        error="529",
        elapsed=replayed.elapsed,
        returncode=1,
        usage=Usage(1, 2, 3, 4),
        cost_usd=0.5,
        model="replay",
    )


_files = st.dictionaries(
    st.sampled_from(["a", "b/c", "b/d", "e.txt", "-x", "q uote'"]), st.binary(max_size=8) | st.none(), max_size=4
)


@given(st.lists(st.tuples(_files, st.none() | st.sampled_from(["one", "two\n\nbody"])), max_size=4), _files)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_session_replays_to_the_same_state(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[dict[str, bytes | None], str | None]],
    dirty: dict[str, bytes | None],
) -> None:
    base = tmp_path_factory.mktemp("any")
    git(base, "init", "-q", "repo")
    repo = base / "repo"
    change(repo, {"a": b"1", "b/c": b"2"})
    commit(repo, "start")
    change(repo, dirty)
    shutil.copytree(repo, base / "copy", symlinks=True)

    def work(root: Path) -> None:
        for files, message in steps:
            change(root, files)
            if message:
                commit(root, message)

    RecordingAgent(Doer(work), base / "rec").run(request(repo), Watch())
    ReplayAgent(base / "rec").run(request(base / "copy"), Watch())
    assert state(base / "copy") == state(repo)


def change(root: Path, files: dict[str, bytes | None]) -> None:
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
