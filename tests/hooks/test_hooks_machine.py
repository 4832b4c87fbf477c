"""Random git operations with the hooks installed: work tree, cache, scan, clone and oracle agree after each."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, event, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.history_oracle import History
from support.history_repos import Repo, init, plain

from orchestrator import project as projects
from orchestrator.git import place as places
from orchestrator.git import under_way
from orchestrator.history import sync
from orchestrator.history.events import Words
from orchestrator.hooks.install import installing

IDS = ("F1", "F2", "a b")
LIST = "feature_list.json"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
WORDS = Words()
ids = st.sampled_from(IDS)
few = st.integers(0, 3)
choices = st.lists(st.sampled_from(["ours", "theirs", "skip", "abort"]), min_size=12, max_size=12)


def line(what: str, *named: str) -> str:
    return f"session: {what} " + ", ".join(json.dumps(id) if " " in id else id for id in named)


messages = st.one_of(
    st.builds(lambda id: line("completed", id), ids),
    st.builds(lambda one, two: line("completed", one, two), ids, ids),
    st.builds(lambda id: f"work\n\n{line('completed', id)}", ids),
    st.builds(lambda id: line("reopened", id), ids),
    st.just("work"),
)
EDITORS = {  # what is done to the list of `git rebase -i`
    "drop the first": "1s/^pick/drop/",
    "drop the last": "$s/^pick/drop/",
    "squash": "2s/^pick/squash/",
    "fixup": "2s/^pick/fixup/",
    "reverse": "1{h;d};2{G}",
    "break": "1a break",
    "exec": "1a exec true",
}


class Machine(RuleBasedStateMachine):
    """A repository with hooks and a committed list, a linked work tree of it, and a remote."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hooks-"))
        self.repo = init(self.folder / "main")
        self.repo.env = {"GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no"}
        self.repo.git("config", "rerere.enabled", "false")
        (self.repo.root / ".git/info/exclude").write_text(".orchestrator-*\n")
        features = [{"id": id, "name": id, "description": "what it is", "passes": False} for id in IDS]
        (self.repo.root / LIST).write_text(json.dumps({"features": features}, indent=2) + "\n")
        (self.repo.root / "mine").write_text("0\n")
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "-m", "the list")
        installing.install(projects.load(self.repo.root))
        self.repo.git("branch", "side")
        self.repo.git("init", "-q", "--bare", str(self.folder / "remote"))
        self.repo.git("remote", "add", "origin", str(self.folder / "remote"))
        self.repo.git("worktree", "add", "-q", "-b", "third", "../linked")
        self.all = [self.repo, Repo(self.folder / "linked", env=self.repo.env)]
        self.names = 0

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    # --- what a user does

    @rule(message=messages, how=st.sampled_from(["plain", "all", "partial", "no-verify", "edited"]))
    def commit(self, message: str, how: str) -> None:
        if how == "edited":
            self.edit_list("name", str(self.names))
        if how in ("all", "partial"):
            (self.repo.root / "mine").write_text(f"{self.names} {self.repo.now}\n")
        if how in ("plain", "no-verify", "edited"):
            self.new_file()
        extra = {"all": ["-a"], "partial": ["mine"], "no-verify": ["--no-verify"], "edited": ["-a"]}.get(how, [])
        self.repo.git("commit", "-q", "-m", message, *extra)
        self.settle(carried=True)

    @rule(message=st.one_of(st.none(), messages))
    def amend(self, message: str | None) -> None:
        self.repo.git(
            "commit", "-q", "--amend", "--allow-empty", *(["--no-edit"] if message is None else ["-m", message])
        )
        self.settle(carried=True)

    @rule(back=few, mainline=st.sampled_from("12"), picks=choices)
    def revert(self, back: int, mainline: str, picks: list[str]) -> None:
        name = f"HEAD~{back}"
        parents = self.repo.git("rev-list", "--no-walk", "--parents", name, check=False).split()[1:]
        if parents and self.has_list(f"{name}^"):
            self.run("revert", "--no-edit", *(["-m", mainline] if len(parents) > 1 else []), name, picks=picks)

    @rule(count=st.integers(1, 3), picks=choices)
    def revert_range(self, count: int, picks: list[str]) -> None:
        base = f"HEAD~{count}"
        if self.has_list(base) and not self.repo.git("rev-list", "--merges", f"{base}..HEAD"):
            self.run("revert", "--no-edit", f"{base}..HEAD", picks=picks)

    @rule(how=st.sampled_from(["--ff", "--no-ff"]), picks=choices)
    def merge(self, how: str, picks: list[str]) -> None:
        self.run("merge", "-q", "--no-edit", how, self.other(), picks=picks)

    @rule(message=st.one_of(st.none(), messages), picks=choices)
    def squash(self, message: str | None, picks: list[str]) -> None:
        self.repo.git("merge", "-q", "--squash", self.other(), check=False)
        if self.unmerged():
            self.resolve(picks[0] if picks[0] in ("ours", "theirs") else "ours")
        self.repo.git("commit", "-q", *(["--no-edit"] if message is None else ["-m", message]), check=False)
        self.settle(synced=self.repo.code == 0)

    @rule(how=st.sampled_from(["--merge", "--apply", "--rebase-merges"]), dirty=st.booleans(), picks=choices)
    def rebase(self, how: str, dirty: bool, picks: list[str]) -> None:
        if dirty:
            self.edit_list("description", f"edited {self.repo.now}")
        self.run("rebase", "-q", "--autostash", how, self.other(), picks=picks, replays=self.other())

    @rule(how=st.sampled_from(sorted(EDITORS)), count=st.integers(2, 4), picks=choices)
    def rebase_interactive(self, how: str, count: int, picks: list[str]) -> None:
        base = f"HEAD~{count}"
        if self.has_list(base) and not self.repo.git("rev-list", "--merges", f"{base}..HEAD"):
            self.repo.env = {**self.repo.env, "GIT_SEQUENCE_EDITOR": f"sed -i -e '{EDITORS[how]}'"}
            self.run("rebase", "-q", "-i", base, picks=picks, synced=how != "drop the last", replays=base)

    @rule(back=few, how=st.sampled_from(["", "-x", "--no-commit"]), picks=choices)
    def cherry_pick(self, back: int, how: str, picks: list[str]) -> None:
        name = f"{self.other()}~{back}"
        if not self.has_list(f"{name}^") or self.repo.git("rev-list", "--merges", f"{name}^!"):
            return
        self.run(
            "cherry-pick", "--allow-empty", *([how] if how else []), name, picks=picks, settle=how != "--no-commit"
        )
        if how == "--no-commit":
            self.repo.git("commit", "-q", "--allow-empty", "-C", name)
            self.settle()

    @rule(count=st.integers(1, 3), picks=choices)
    def cherry_pick_range(self, count: int, picks: list[str]) -> None:
        other = self.other()
        if self.has_list(f"{other}~{count}") and not self.repo.git("rev-list", "--merges", f"{other}~{count}..{other}"):
            self.run("cherry-pick", "--allow-empty", f"{other}~{count}..{other}", picks=picks)

    @rule(count=st.integers(1, 2), picks=choices)
    def mail(self, count: int, picks: list[str]) -> None:
        other = self.other()
        if self.has_list(f"{other}~{count}") and not self.repo.git("rev-list", "--merges", f"{other}~{count}..{other}"):
            patches = self.repo.git("format-patch", "--stdout", "--binary", f"{other}~{count}..{other}")
            (self.folder / "patches").write_text(patches + "\n")
            self.run("am", "-q", "--3way", "--keep-non-patch", str(self.folder / "patches"), picks=picks)

    @rule(how=st.sampled_from(["--hard", "--soft", "--mixed"]), back=few)
    def reset(self, how: str, back: int) -> None:
        if self.has_list(f"HEAD~{back}"):
            self.repo.git("reset", "-q", how, f"HEAD~{back}")
            self.settle(synced=False)

    @rule(detach=st.booleans())
    def switch(self, detach: bool) -> None:
        self.repo.git("switch", "-q", *(["--detach"] if detach else []), self.other(), check=False)
        self.settle(synced=self.repo.code == 0)  # the other work tree may have the branch

    @rule()
    def stash(self) -> None:
        self.edit_list("name", f"stashed {self.repo.now}")
        before = (self.repo.root / LIST).read_bytes()
        self.repo.git("stash", "-q")
        self.settle(synced=False, commit=False)
        self.repo.git("checkout", "-q", "--", LIST)
        self.repo.git("stash", "pop", "-q")
        assert (self.repo.root / LIST).read_bytes() == before
        self.settle(synced=False)

    @rule()
    def push(self) -> None:
        branch = self.repo.git("branch", "--show-current")
        if branch:
            self.repo.git("push", "-q", "--force", "origin", branch)

    @rule(picks=choices)
    def pull(self, picks: list[str]) -> None:
        """Somebody else's commit is on the remote."""
        branch = self.repo.git("branch", "--show-current")
        if not branch or not self.repo.git("ls-remote", "origin", f"refs/heads/{branch}"):
            return
        other = Repo(self.folder / "colleague", now=self.repo.now + 7, names=self.names)
        self.repo.git("clone", "-q", "-b", branch, str(self.folder / "remote"), str(other.root))
        other.commit(line("completed", IDS[self.names % 3]))
        other.git("push", "-q", "origin", branch)
        shutil.rmtree(other.root)
        self.run("pull", "-q", "--rebase", "origin", branch, picks=picks, replays=f"origin/{branch}")

    @rule()
    def bisect(self) -> None:
        if self.has_list("HEAD~3"):
            before = self.present()
            self.repo.git("bisect", "start", "HEAD", "HEAD~3", check=False)
            self.repo.git("bisect", "reset")
            if self.clean():
                assert self.present() == before
            self.settle(synced=False)

    @rule()
    def other_work_tree(self) -> None:
        now = self.repo.now
        self.repo = self.all[self.repo is self.all[0]]
        self.repo.now = max(now, self.repo.now)
        self.settle(synced=False)

    @rule()
    def forget_the_cache(self) -> None:
        (self.folder / "main/.git/orchestrator/events.json").unlink(missing_ok=True)

    # --- helpers

    def new_file(self) -> None:
        self.names += 1
        name = f"file{self.names}"
        (self.repo.root / name).write_text(f"{name}\n")
        self.repo.git("add", name)

    def edit_list(self, key: str, value: str) -> None:
        data = json.loads((self.repo.root / LIST).read_bytes())
        data["features"][0][key] = value
        (self.repo.root / LIST).write_text(json.dumps(data, indent=2) + "\n")

    def other(self) -> str:
        return "side" if self.repo.git("branch", "--show-current") in ("main", "third") else "main"

    def has_list(self, commit: str) -> bool:
        self.repo.git("cat-file", "-e", f"{commit}:{LIST}", check=False)
        return self.repo.code == 0

    def unmerged(self) -> list[str]:
        return sorted({entry.split("\t")[1] for entry in self.repo.git("ls-files", "-u").splitlines()})

    def clean(self) -> bool:
        return not self.repo.git("status", "--porcelain")

    def operation(self) -> str:
        return under_way.operation(self.repo.place().git_dir)

    def run(
        self, command: str, *args: str, picks: list[str], synced: bool = True, settle: bool = True, replays: str = ""
    ) -> None:
        """A command that may stop at conflicts, which are resolved, skipped or given up as `picks` say. One that only
        `replays` commits on top of another gives a hook only if there is one that it made again.
        """
        head = self.repo.head()
        known = set(self.repo.git("rev-list", "--all", "HEAD").split())
        self.repo.git(command, *args, check=False)
        carry_on = {"pull": "rebase"}.get(command, command)
        for pick in [*picks, "abort"]:
            if not self.operation():
                break
            if pick == "abort" or (pick == "skip" and command == "merge"):
                self.repo.git(carry_on, "--abort", check=False)
                event(f"{command} --abort")
                synced = False
            elif pick == "skip":
                self.repo.git(carry_on, "--skip", check=False)
                synced = False  # where that was the last step, git gives no hook
            else:
                self.resolve(pick)
                self.repo.git(carry_on, "--continue", check=False)
                event(f"{command} --continue")
                if self.repo.code and not self.unmerged() and self.operation():
                    synced = False
                    self.repo.git(carry_on, "--skip" if command != "merge" else "--abort", check=False)
        if self.operation():
            self.repo.git(carry_on, "--quit", check=False)
            self.repo.git("reset", "-q", "--hard")
            synced = False
        if self.unmerged():  # the stash of --autostash, or of a command without a commit
            self.resolve("theirs")
            self.repo.git("reset", "-q")
            synced = False
        if replays and self.repo.head() in known:
            synced = False
        if settle:
            self.settle(synced=synced and self.repo.head() != head)

    def resolve(self, side: str) -> None:
        for name in self.unmerged():
            self.repo.git("checkout", f"--{side}", "--", name, check=False)
            if self.repo.code:
                self.repo.git("rm", "-q", "--cached", "--ignore-unmatch", "--", name, check=False)
        self.repo.git("add", "-A")

    def present(self) -> set[str]:
        listed = json.loads((self.repo.root / LIST).read_bytes())["features"]
        return {feature["id"] for feature in listed if feature["passes"]}

    # --- what has to be true

    def settle(self, *, synced: bool = True, carried: bool = False, commit: bool = True) -> None:
        """`synced`: git gave a hook, so the list is right already; `carried`: in HEAD too."""
        assert not self.operation()
        place = self.repo.place()
        scanned, cached = self.repo.scan(), self.repo.read()
        assert plain(cached) == plain(scanned)
        told = {id: {c.sha for c in found} for id, found in scanned.standing.items()}
        assert told == History(self.repo.root).standing
        wanted = set(told)
        if synced:
            assert self.present() == wanted
        path = self.repo.root / LIST
        lock = place.own_store / "features.lock"
        sync.worktree(place, path, lock, WORDS)
        written, stat = path.read_bytes(), path.stat()
        assert self.present() == wanted
        assert sync.worktree(place, path, lock, WORDS) == []
        assert (path.read_bytes(), path.stat().st_mtime_ns) == (written, stat.st_mtime_ns)
        on_a_remote = self.repo.git("branch", "-r", "--contains", "HEAD")
        if carried and not on_a_remote:
            assert self.committed() == wanted
        if self.clean():
            self.cloned(wanted)
        elif commit:
            self.repo.git("add", "-A")
            self.repo.git("commit", "-q", "--no-verify", "-m", "what was left")
            assert self.committed() == wanted
            self.cloned(wanted)

    def committed(self) -> set[str]:
        listed = json.loads(self.repo.git("show", f"HEAD:{LIST}"))["features"]
        return {feature["id"] for feature in listed if feature["passes"]}

    def cloned(self, wanted: set[str]) -> None:
        """A fresh clone needs no change."""
        clone = self.folder / "clone"
        self.repo.git("clone", "-q", "--shared", str(self.repo.root), str(clone))
        try:
            place = places.find(clone)
            assert place.head == self.repo.head()
            assert sync.preview(place, clone / LIST, WORDS) == []
            listed = json.loads((clone / LIST).read_bytes())["features"]
            assert {feature["id"] for feature in listed if feature["passes"]} == wanted
        finally:
            shutil.rmtree(clone)


def test_hooks_cache_scan_clone_and_oracle_agree_after_every_git_operation() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=90 if THOROUGH else 12,
            stateful_step_count=30 if THOROUGH else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
