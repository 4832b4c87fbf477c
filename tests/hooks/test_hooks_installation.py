"""Installing the hooks, wherever git looks for them: ours run, those that were there run, and all goes away again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from support.hooks import (
    ALL,
    FEATURES,
    LIST,
    Shot,
    commit,
    completes,
    differences,
    install,
    project,
    script,
    snapshot,
    states,
    status,
    uninstall,
)
from support.projects import Made
from support.repos import git

from orchestrator.errors import OrchestratorError

ALL_INSTALLED = dict.fromkeys(ALL, "installed")
ROOT = Path(__file__).parent.parent.parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, symbolic links and sh of POSIX")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return project(tmp_path / "project")


def marks(made: Made) -> list[str]:
    """What hooks of others left since the last time; each appends its name to .git/ran."""
    path = Path(made.git("rev-parse", "--path-format=absolute", "--git-common-dir")) / "ran"
    found = path.read_text().split() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def marking(folder: Path, *names: str, git_dir: Path) -> None:
    for name in names:
        script(folder / name, f"echo {name} >> '{git_dir.as_posix()}/ran'")


def whole_round(made: Made, theirs: list[str]) -> None:
    """Installed, it works, again and again; uninstalled, all is as it was."""
    before = snapshot(made.root)
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F1") == ""
    assert marks(made) == theirs
    assert commit(made.root, "session: completed F11").returncode == 1
    assert install(made.root) == ["git hooks: all installed already"]
    marks(made)
    assert completes(made.root, "F2") == ""
    assert marks(made) == theirs
    assert uninstall(made.root)
    assert differences(before, snapshot(made.root)) == {}
    assert commit(made.root, "session: completed F11").returncode == 0
    assert marks(made) == theirs
    assert uninstall(made.root) == ["git hooks: none was installed"]


# Where git looks


THEIRS = ["pre-commit", "commit-msg", "post-commit"]


@pytest.mark.parametrize("scope", ["global", "system"])
@pytest.mark.parametrize("folder", ["hooks", "ho oks é", "~/my hooks"])
def test_hooks_of_all_repositories(
    made: Made, sealed: Path, monkeypatch: pytest.MonkeyPatch, scope: str, folder: str
) -> None:
    there = sealed / folder.removeprefix("~/")
    marking(there, *THEIRS, git_dir=made.root / ".git")
    (there / "README").write_text("no hook\n")
    if scope == "system":
        monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(sealed / "system"))
    git(sealed, "config", f"--{scope}", "core.hooksPath", folder if folder[0] == "~" else there.as_posix())
    whole_round(made, THEIRS)


def test_a_hook_of_all_repositories_that_goes_away_blocks_nothing(made: Made, sealed: Path) -> None:
    marking(sealed / "hooks", *THEIRS, git_dir=made.root / ".git")
    git(sealed, "config", "--global", "core.hooksPath", (sealed / "hooks").as_posix())
    before = snapshot(made.root)
    install(made.root)
    shutil.rmtree(sealed / "hooks")
    assert completes(made.root, "F1") == ""
    git(sealed, "config", "--global", "--unset", "core.hooksPath")
    assert completes(made.root, "F2") == ""
    install(made.root)
    assert completes(made.root, "F3") == ""
    uninstall(made.root)
    assert differences(before, snapshot(made.root)) == {}


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("how", ["relative", "absolute", "dot"])
def test_hooks_in_a_folder_of_the_work_tree(made: Made, how: str, there: bool) -> None:
    folder = made.root / ".githooks"
    if there:
        marking(folder, *THEIRS, git_dir=made.root / ".git")
        (folder / "commit-msg").write_bytes((folder / "commit-msg").read_bytes().removesuffix(b"\n"))
    value = {"relative": ".githooks", "absolute": folder.as_posix(), "dot": "./.githooks/"}[how]
    made.git("config", "core.hooksPath", value)
    whole_round(made, THEIRS if there else [])


@pytest.mark.parametrize("value", ["../elsewhere", "{}/elsewhere", "../else 'w' $here é"])
def test_hooks_in_a_folder_outside(made: Made, value: str) -> None:
    value = value.format(made.root.parent.as_posix())
    marking(made.root / value, *THEIRS, git_dir=made.root / ".git")
    made.git("config", "core.hooksPath", value)
    outside = snapshot(made.root / value, made.root / value)
    whole_round(made, THEIRS)
    assert snapshot(made.root / value, made.root / value) == outside
    assert made.git("config", "core.hooksPath") == value


@pytest.mark.parametrize("value", ["../elsewhere", ".githooks", ""])
def test_a_path_of_hooks_that_is_set_again_is_reported_and_mended(made: Made, value: str) -> None:
    marking(made.root.parent / "elsewhere", *THEIRS, git_dir=made.root / ".git")
    made.git("config", "core.hooksPath", "../elsewhere")
    install(made.root)
    made.git("config", *(["core.hooksPath", value] if value else ["--unset", "core.hooksPath"]))
    before = snapshot(made.root)
    assert "installed" not in states(made.root).values()
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    assert completes(made.root, "F1") == ""
    assert marks(made) == (THEIRS if value == "../elsewhere" else [])
    uninstall(made.root)
    assert "orchestrator" not in (made.root / ".git" / "config").read_text()
    config = made.git("config", "--local", "--list", "--name-only").splitlines()
    assert config == [name for name in config_names(before) if not name.startswith(("merge.", "orchestrator."))]


def config_names(shot: Shot) -> list[str]:
    """The names that a configuration had."""
    argv = ["git", "config", "--file", "-", "--list", "--name-only"]
    return (
        subprocess.run(argv, input=shot["git/config"][2], capture_output=True, check=True).stdout.decode().splitlines()
    )


@pytest.mark.parametrize("value", [".git/hooks", "{}/.git/hooks", ".git/my-hooks", ".git/hooks/../other"])
def test_hooks_in_a_named_folder_of_the_git_dir(made: Made, value: str) -> None:
    value = value.format(made.root.as_posix())
    marking(made.root / value, *THEIRS, git_dir=made.root / ".git")
    made.git("config", "core.hooksPath", value)
    whole_round(made, THEIRS)


@posix
@pytest.mark.parametrize("target", ["githooks", "../shared hooks"])
def test_a_folder_of_hooks_that_is_a_symbolic_link(made: Made, target: str) -> None:
    """In the work tree it may be tracked, outside it may be other repositories' too: nothing of ours is put there."""
    there = made.root / target
    marking(there, *THEIRS, git_dir=made.root / ".git")
    shutil.rmtree(made.root / ".git" / "hooks")
    (made.root / ".git" / "hooks").symlink_to(there)
    before = snapshot(there, there)
    whole_round(made, THEIRS)
    install(made.root)
    if target != "githooks":
        assert snapshot(there, there) == before
    for name in ALL:
        content = (there / name).read_text() if (there / name).exists() else ""
        assert sys.executable not in content, "what names a path of this machine can't be committed"


def test_without_a_folder_of_hooks(made: Made) -> None:
    shutil.rmtree(made.root / ".git" / "hooks")
    shutil.rmtree(made.root / ".git" / "info", ignore_errors=True)
    whole_round(made, [])


@pytest.mark.parametrize(
    "folder", ["pro jekt é", "it's", 'a "quoted" one', "$HOME `x` $(x)", "back\\slash", "[a]*?", "-n", "%A %P", "#;=&|"]
)
def test_any_name_of_the_project_s_folder(tmp_path: Path, folder: str) -> None:
    made = project(tmp_path / folder / folder)
    marking(made.root / ".git" / "hooks", *THEIRS, git_dir=Path(".git"))
    whole_round(made, THEIRS)


def test_a_list_with_an_odd_name_in_a_folder_with_one(tmp_path: Path) -> None:
    name = "a [b] \"c\" é 'd' $e\\f *.json"
    made = project(tmp_path / "project")
    inner = made.root / "in [n] er"
    inner.mkdir()
    (made.root / LIST).rename(inner / name)
    (inner / "orchestrator.toml").write_text(f"[project]\nfeatures = {json.dumps(name)}\n", encoding="utf-8")
    (made.root / "orchestrator.toml").unlink()
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "moved")
    install(inner)
    assert commit(made.root, "session: completed F1").returncode == 0
    assert json.loads((inner / name).read_text())["features"][0]["passes"] is True
    made.git("check-attr", "merge", "--", f"{inner.name}/{name}")
    argv = ["git", "check-attr", "-z", "merge", "--", f"{inner.name}/{name}", f"{inner.name}/other"]
    said = subprocess.run(argv, cwd=made.root, capture_output=True, check=True).stdout.decode().split("\0")
    assert [said[2], said[5]] == ["orchestrator", "unspecified"]


# Hooks that were there


def test_a_commit_msg_of_theirs_that_refuses_has_the_first_word(made: Made) -> None:
    script(made.root / ".git" / "hooks" / "commit-msg", "echo no >&2; exit 7")
    install(made.root)
    done = commit(made.root, "session: completed F1")
    assert (done.returncode, done.stderr) == (1, "no\n")


def test_a_post_commit_of_theirs_that_fails_does_not_stop_ours(made: Made) -> None:
    script(made.root / ".git" / "hooks" / "post-commit", "exit 7")
    install(made.root)
    assert completes(made.root, "F1") == ""


def test_a_message_that_theirs_has_written_is_judged(made: Made) -> None:
    script(made.root / ".git" / "hooks" / "commit-msg", 'echo "session: completed F12" >> "$1"')
    install(made.root)
    assert "names 'F12'" in commit(made.root, "fix").stderr


@posix
def test_their_hooks_get_what_git_gives_them(made: Made) -> None:
    out = made.root / ".git" / "ran"
    script(made.root / ".git" / "hooks" / "post-rewrite", f'echo "$0|$1|$#|$(cat)" > "{out}"')
    install(made.root)
    old = made.git("rev-parse", "HEAD")
    made.git("commit", "-q", "--amend", "-m", "other")
    name = ".git/hooks/post-rewrite.before-orchestrator"
    assert out.read_text() == f"{name}|amend|1|{old} {made.git('rev-parse', 'HEAD')}\n"


@posix
def test_a_hook_that_is_switched_off_stays_off(made: Made) -> None:
    script(made.root / ".git" / "hooks" / "post-commit", "echo post-commit >> .git/ran", mode=0o644)
    whole_round(made, [])


@posix
def test_a_hook_in_another_language_and_one_that_is_a_link(made: Made) -> None:
    folder = made.root / ".git" / "hooks"
    script(folder / "commit-msg", "open('.git/ran', 'a').write('commit-msg\\n')", first=f"#!{sys.executable}")
    script(made.root / "tools" / "after", "echo post-commit >> .git/ran")
    (folder / "post-commit").symlink_to("../../tools/after")
    (folder / "post-merge").symlink_to("nowhere")
    whole_round(made, ["commit-msg", "post-commit"])


@posix
def test_another_language_in_the_work_tree_is_left_alone_and_told(made: Made) -> None:
    folder = made.root / ".githooks"
    script(folder / "commit-msg", "pass", first=f"#!{sys.executable}")
    script(folder / "post-commit", "echo post-commit >> .git/ran", mode=0o644)
    made.git("config", "core.hooksPath", ".githooks")
    before = (folder / "commit-msg").read_bytes()
    said = install(made.root)
    assert [line for line in said if "commit-msg" in line] == [
        f"git hook commit-msg: {folder}/commit-msg is no shell script; "
        "have it run .git/orchestrator/hooks/commit-msg with its arguments"
    ]
    assert [line for line in said if "post-commit" in line] == [
        f"git hook post-commit: {folder}/post-commit is not executable, so git does not run it; chmod +x it"
    ]
    assert (folder / "commit-msg").read_bytes() == before
    assert states(made.root) == {**ALL_INSTALLED, "commit-msg": "foreign", "post-commit": "foreign"}


def test_a_hook_that_calls_itself_again_ends(made: Made) -> None:
    """A hook of theirs that commits: git runs all hooks for that commit too, and ours then keep out of it."""
    lines = ("[ -z $AGAIN ] || exit 0", "export AGAIN=1", "git commit -q --allow-empty -m 'session: completed F2'")
    script(made.root / ".git" / "hooks" / "post-commit", *lines)
    install(made.root)
    assert commit(made.root, "session: completed F1").returncode == 0
    assert made.git("log", "--format=%s").splitlines() == ["session: completed F2", "session: completed F1", "base"]
    made.run("orchestrator", "sync", "--check")


# Work trees and projects


def test_from_and_in_a_linked_work_tree(made: Made, tmp_path: Path) -> None:
    marking(made.root / ".git" / "hooks", *THEIRS, git_dir=made.root / ".git")
    linked = Made(tmp_path / "lin ked $é")
    made.git("worktree", "add", "-q", str(linked.root), "-b", "side")
    before = snapshot(made.root)
    install(linked.root)
    assert states(made.root) == states(linked.root) == ALL_INSTALLED
    assert completes(linked.root, "F1") == completes(made.root, "F2") == ""
    assert (linked.clean(), made.clean()) == (True, True)
    assert marks(made) == [*THEIRS, *THEIRS]
    uninstall(linked.root)
    after = {name: entry for name, entry in snapshot(made.root).items() if "git/worktrees/" not in name}
    assert differences({name: one for name, one in before.items() if "git/worktrees/" not in name}, after) == {}


@pytest.mark.parametrize("value", [".git/hooks", ".githooks", "../elsewhere"])
def test_in_a_linked_work_tree_whatever_the_path_of_hooks_is(made: Made, tmp_path: Path, value: str) -> None:
    made.git("config", "core.hooksPath", value)
    marking(made.root / value, "post-commit", git_dir=made.root / ".git")
    install(made.root)
    made.git("add", "-A")
    made.git("commit", "-q", "--no-verify", "-m", "hooks", "--allow-empty")
    made.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")
    assert completes(made.root, "F1") == ""
    if value != ".git/hooks":  # there git finds none: .git is a file
        assert completes(tmp_path / "linked", "F2") == ""


def two_projects(made: Made) -> tuple[Path, Path]:
    for name in ("one", "two é"):
        (made.root / name).mkdir()
        features = [{**feature, "id": f"{name[0]}-{feature['id']}"} for feature in FEATURES]
        (made.root / name / LIST).write_text(json.dumps({"features": features}, indent=2))
        settings = '[history]\ncompleted = "done:"\n' if name == "one" else ""
        (made.root / name / "orchestrator.toml").write_text(settings)
    (made.root / LIST).unlink()
    (made.root / "orchestrator.toml").unlink()
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "two projects")
    return made.root / "one", made.root / "two é"


def passing(root: Path) -> list[str]:
    return [feature["id"] for feature in json.loads((root / LIST).read_text())["features"] if feature["passes"]]


def test_two_projects_in_one_repository(made: Made) -> None:
    one, two = two_projects(made)
    before = snapshot(made.root)
    install(one)
    assert states(one) == ALL_INSTALLED
    assert set(states(two).values()) == {"outdated"}
    install(two)
    assert states(one) == states(two) == ALL_INSTALLED
    assert commit(made.root, "done: o-F1\n\nsession: completed t-F2").returncode == 0
    assert (passing(one), passing(two), made.clean()) == (["o-F1"], ["t-F2"], True)
    assert "names 'o-F9'" in commit(made.root, "done: o-F9").stderr
    assert uninstall(one)[-1] == "git hooks: kept for two é"
    assert states(two) == ALL_INSTALLED
    assert set(states(one).values()) == {"outdated"}
    assert commit(made.root, "done: o-F2\n\nsession: completed t-F3").returncode == 0
    assert (passing(one), passing(two), made.clean()) == (["o-F1"], ["t-F2", "t-F3"], True)
    uninstall(two)
    assert {n: d for n, d in differences(before, snapshot(made.root)).items() if LIST not in n} == {}


def test_a_project_s_folder_that_was_renamed(made: Made) -> None:
    one, two = two_projects(made)
    install(one)
    install(two)
    made.git("mv", "one", "three")
    made.git("commit", "-q", "-m", "renamed")
    assert set(states(made.root / "three").values()) == {"outdated"}
    assert "orchestrator hooks install" in Made(made.root / "three").run("orchestrator", "hooks", "status", code=1)
    install(made.root / "three")
    assert states(made.root / "three") == states(two) == ALL_INSTALLED
    assert commit(made.root, "done: o-F1").returncode == 0
    assert passing(made.root / "three") == ["o-F1"]


@pytest.mark.parametrize("value", ["", "../elsewhere", ".githooks"])
def test_a_repository_that_was_moved(made: Made, tmp_path: Path, value: str) -> None:
    folder = made.root / (value or ".git/hooks")
    if value:
        made.git("config", "core.hooksPath", value)
    marking(folder, *THEIRS, git_dir=Path(".git"))
    before = snapshot(made.root)
    install(made.root)
    made.root.rename(tmp_path / "moved")
    moved = Made(tmp_path / "moved")
    if value == "../elsewhere":
        assert set(states(moved.root).values()) != {"installed"}
        install(moved.root)
    assert states(moved.root) == ALL_INSTALLED
    assert completes(moved.root, "F1") == ""
    assert marks(moved) == THEIRS
    uninstall(moved.root)
    assert differences(before, snapshot(moved.root)) == {}


# Python, other versions, errors


@pytest.fixture
def only_git(tmp_path: Path) -> Path:
    """A folder for PATH that holds git and sh."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "sh"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return folder


@posix
def test_no_python_on_the_path(made: Made, only_git: Path) -> None:
    install(made.root)
    assert completes(made.root, "F1", env={"PATH": str(only_git)}) == ""


GONE = "orchestrator: warning: its Python is gone, so the feature list was not synced; run `orchestrator hooks install`"
REMOVED = GONE.replace("its Python is gone", "it is no longer installed here")


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A virtual environment that holds the package itself, as pip installs it."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/python3*/site-packages"))
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "orchestrator", packages / "orchestrator", ignore=ignore)
    shutil.copytree(ROOT / "hooks", packages / "orchestrator" / "_hooks")
    (packages / "rest.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def install_from(venv: Path, made: Made) -> None:
    code = "import sys; from orchestrator.cli import main; sys.argv = ['orchestrator', 'hooks', 'install']; main()"
    # -I: the checkout must not be found first, where an editable installation has put it on the path.
    packages = next(venv.glob("lib/python3*/site-packages"))
    code = f"import sys; sys.path.insert(0, {str(packages)!r}); {code}"
    subprocess.run([str(venv / "bin" / "python"), "-I", "-c", code], cwd=made.root, check=True, capture_output=True)


def interpreter(folder: Path, *, old: bool = False, broken: bool = False) -> None:
    """A `python3` in `folder`: one that works, one that says that it is old, or one that fails as old ones do."""
    lines = [f'exec "{sys.executable}" "$@"']
    if old:
        lines = [
            'flags="$1 $2"; code=$4; shift 4',
            f"exec \"{sys.executable}\" $flags -c 'import sys; sys.version_info = (3, 8); exec(sys.argv.pop(1))' "
            '"$code" "$@"',
        ]
    if broken:
        lines = ["echo Unknown option: -I >&2", "echo usage: python >&2", "exit 2"]
    script(folder / "python3", *lines)


@posix
@pytest.mark.parametrize("other", ["none", "without us", "old", "broken"])
def test_after_the_virtual_environment_was_deleted(made: Made, venv: Path, only_git: Path, other: str) -> None:
    install_from(venv, made)
    path = {"PATH": str(only_git)}
    assert completes(made.root, "F1", env=path) == ""
    shutil.rmtree(venv)
    if other != "none":
        interpreter(only_git, old=other == "old", broken=other == "broken")
    done = commit(made.root, "session: completed F2", env=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{GONE}\n")
    assert commit(made.root, "about something else", env=path).stderr == ""
    (hook, *_) = status(made.root)
    assert (hook.state, hook.python, hook.python_present) == ("outdated", f"{venv}/bin/python3", False)
    assert f"({venv}/bin/python3 is gone)" in made.run("orchestrator", "hooks", "status", code=1)
    install(made.root)
    assert states(made.root) == ALL_INSTALLED
    made.run("orchestrator", "sync")
    assert passing(made.root) == ["F1", "F2"]


@posix
def test_after_the_package_was_removed(made: Made, venv: Path) -> None:
    install_from(venv, made)
    shutil.rmtree(next(venv.glob("lib/python3*/site-packages")) / "orchestrator")
    done = commit(made.root, "session: completed F2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{REMOVED}\n")


def test_scripts_of_another_version_are_renewed(made: Made) -> None:
    install(made.root)
    path = made.root / ".git" / "hooks" / "post-commit"
    now = path.read_bytes()
    path.write_bytes(now.replace(b"# orchestrator hook 2", b"# orchestrator hook 1"))
    assert states(made.root) == {**ALL_INSTALLED, "post-commit": "outdated"}
    assert install(made.root) == ["git hook post-commit: renewed"]
    assert path.read_bytes() == now


@posix
def test_a_script_that_is_not_executable_is_outdated(made: Made) -> None:
    install(made.root)
    (made.root / ".git" / "hooks" / "post-commit").chmod(0o644)
    assert states(made.root) == {**ALL_INSTALLED, "post-commit": "outdated"}
    install(made.root)
    assert states(made.root) == ALL_INSTALLED


def test_the_status_says_what_there_is_and_what_to_do(made: Made) -> None:
    assert made.run("orchestrator", "hooks", "status", code=1) == (
        "".join(f"absent    {name}  {made.root}/.git/hooks/{name}\n" for name in ALL)
        + "absent    merge driver\nRun `orchestrator hooks install`.\n"
    )
    install(made.root)
    assert made.run("orchestrator", "hooks", "status") == (
        "".join(f"installed {name}  {made.root}/.git/hooks/{name}\n" for name in ALL) + "installed merge driver\n"
    )


def test_a_merge_driver_that_someone_removed_is_reported(made: Made) -> None:
    install(made.root)
    made.git("config", "--remove-section", "merge.orchestrator")
    assert "absent    merge driver" in made.run("orchestrator", "hooks", "status", code=1)
    assert install(made.root) == ["merge driver for the feature list: registered"]


def test_init_twice(made: Made) -> None:
    made.run("orchestrator", "init")
    after = snapshot(made.root)
    assert "git hooks: all installed already" in made.run("orchestrator", "init")
    assert differences(after, snapshot(made.root)) == {}


def test_a_bare_repository_has_no_projects(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    said = Made(tmp_path / "bare.git").run("orchestrator", "hooks", "install", code=2)
    assert said.startswith("orchestrator: error: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("what", ["file", "read-only"])
def test_a_folder_that_cannot_be_written_is_one_clear_error(made: Made, what: str) -> None:
    folder = made.root / ".git" / "hooks"
    if what == "file":
        shutil.rmtree(folder)
        folder.write_text("no folder\n")
    else:
        if os.name != "posix" or os.geteuid() == 0:
            pytest.skip("root may write anything")
        script(folder / "post-commit", "exit 0")
        folder.chmod(0o555)
    before = snapshot(made.root)
    try:
        said = made.run("orchestrator", "hooks", "install", code=2)
    finally:
        if what == "read-only":
            folder.chmod(0o755)
    assert said.startswith("orchestrator: error: ")
    assert str(folder) in said
    assert said.count("\n") == 1
    if what == "read-only":
        before["git/hooks"] = snapshot(made.root)["git/hooks"]
    assert differences(before, snapshot(made.root)) == {}
    assert commit(made.root, "session: completed F1").returncode == 0


def test_who_else_could_set_the_path_of_hooks_is_told(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COUNT", "1"), ("KEY_0", "core.hooksPath"), ("VALUE_0", "/nowhere")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    with pytest.raises(OrchestratorError, match=r"core\.hooksPath is set by command settings"):
        install(made.root)
