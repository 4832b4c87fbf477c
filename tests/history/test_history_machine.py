"""Random git operations on real repositories: the cache, a scan, a clone and the oracle always agree."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from support.history_oracle import History
from support.history_repos import Repo, init, plain

from orchestrator.history import index, sync
from orchestrator.history.events import Words

IDS = ("F1", "F2", "a b")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ids = st.sampled_from(IDS)
few = st.integers(0, 4)


def line(what: str, *named: str) -> str:
    return f"session: {what} " + ", ".join(json.dumps(id) if " " in id else id for id in named)


messages = st.one_of(
    st.builds(lambda id: line("completed", id), ids),
    st.builds(lambda one, two: line("completed", one, two), ids, ids),
    st.builds(lambda id: f"work\n\n{line('completed', id)}", ids),
    st.builds(lambda id: line("reopened", id), ids),
    st.builds(lambda one, two: f"work\n\n{line('completed', one)}\n{line('reopened', two)}", ids, ids),
    st.just("work"),
)


TITLED = ("Merge pull request #{n} from o/b\n\n{0}", "{0} (#{n})", "Merged PR {n}: {0}", "Merge\n\n{0}")
UNDONE = (
    'Revert "{0}" (#{n})\n\nReverts o/r#{m}',
    'Revert "{0}" (#{n})',
    'Merged PR {n}: Revert "{0}"\n\nReverts !{m}',
    'Revert "{0}"\n\nThis reverts merge request',
    'Reapply "{0}"',
    'Revert "{0}"\n\nbut not really',
)


class Machine(RuleBasedStateMachine):
    """One repository with a linked work tree; the feature list is untracked, so that nothing is in its way."""

    number = 0

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="history-"))
        self.repo = init(self.folder / "main")
        self.repo.git("config", "rerere.enabled", "false")
        (self.repo.root / ".git/info/exclude").write_text("feature_list.json\n")
        self.repo.git("branch", "side")
        self.repo.git("worktree", "add", "-q", "--detach", "../linked")
        self.all = [self.repo, Repo(self.folder / "linked")]
        self.kept = index.Kept()
        for repo in self.all:
            features = [{"id": id, "name": id, "description": id, "passes": False} for id in IDS]
            (repo.root / "feature_list.json").write_text(json.dumps({"features": features}, indent=2))

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def run(self, *args: str, undo: str = "") -> None:
        """A git command that may fail; then `undo` is aborted."""
        self.repo.git(*args, check=False)
        if self.repo.code and undo:
            self.repo.git(undo, "--abort", check=False)
            self.repo.git("reset", "-q", "--hard")
        self.agree()

    @rule(message=messages)
    def commit(self, message: str) -> None:
        self.repo.commit(message)
        self.agree()

    @rule(message=messages)
    def amend(self, message: str) -> None:
        self.run("commit", "-q", "--amend", "--allow-empty", "-m", message)

    @rule(back=few, mainline=st.sampled_from("12"))
    def revert(self, back: int, mainline: str) -> None:
        self.undo(f"HEAD~{back}", mainline)

    @rule()
    def revert_head(self) -> None:
        self.undo("HEAD", "1")

    def undo(self, name: str, mainline: str) -> None:
        parents = self.repo.git("rev-list", "--no-walk", "--parents", name, check=False).split()[1:]
        merge = ["-m", mainline] if len(parents) > 1 else []
        if parents:
            self.run("revert", "--no-edit", *merge, name, undo="revert")

    @rule(fast=st.booleans())
    def merge(self, fast: bool) -> None:
        self.run("merge", "-q", "--no-edit", "--ff" if fast else "--no-ff", self.other(), undo="merge")

    @rule()
    def squash(self) -> None:
        self.repo.git("merge", "-q", "--squash", self.other(), check=False)
        if self.repo.code == 0:
            self.repo.git("commit", "-q", "--no-edit", check=False)
        self.repo.git("reset", "-q", "--hard")
        self.agree()

    @rule(form=st.sampled_from(TITLED), squash=st.booleans())
    def request(self, form: str, squash: bool) -> None:
        """A hosting service merges or squashes the other branch under the title of its newest commit."""
        self.number += 1
        told = self.repo.git("log", "--reverse", "--format=* %s", f"HEAD..{self.other()}")
        title = self.repo.git("log", "-1", "--format=%s", self.other())
        message = form.format(title, n=self.number) + (f"\n\n{told}" if squash else "")
        if not squash:
            return self.run("merge", "-q", "--no-ff", "-m", message, self.other(), undo="merge")
        self.repo.git("merge", "-q", "--squash", self.other(), check=False)
        if self.repo.code == 0:
            self.repo.git("commit", "-q", "-m", message, check=False)
        self.repo.git("reset", "-q", "--hard")
        return self.agree()

    @rule(back=few, form=st.sampled_from(UNDONE), number=st.integers(1, 4))
    def revert_request(self, back: int, form: str, number: int) -> None:
        subject = self.repo.git("log", "-1", "--format=%s", f"HEAD~{back}", check=False)
        if subject:
            self.number += 1
            self.repo.commit(form.format(subject, n=self.number, m=number))
            self.agree()

    @rule(merges=st.booleans())
    def rebase(self, merges: bool) -> None:
        extra = ["--rebase-merges"] if merges else []
        self.run("rebase", "-q", *extra, self.other(), undo="rebase")

    @rule(back=few)
    def cherry_pick(self, back: int) -> None:
        self.run("cherry-pick", "--allow-empty", f"{self.other()}~{back}", undo="cherry-pick")

    @rule(back=few)
    def reset(self, back: int) -> None:
        self.run("reset", "-q", "--hard", f"HEAD~{back}")

    @rule(detach=st.booleans())
    def switch(self, detach: bool) -> None:
        self.run("switch", "-q", *(["--detach"] if detach else []), self.other())

    @rule()
    def other_work_tree(self) -> None:
        now, names = self.repo.now, self.repo.names
        self.repo = self.all[self.repo is self.all[0]]
        self.repo.now, self.repo.names = max(now, self.repo.now), max(names, self.repo.names)
        self.agree()

    @rule(cut=st.integers(0, 400))
    def damage_the_cache(self, cut: int) -> None:
        cache = self.folder / "main/.git/orchestrator/events.json"
        data = cache.read_bytes() if cache.exists() else b""
        if cut and data:
            cache.write_bytes(data[:cut])
        else:
            cache.unlink(missing_ok=True)
        self.agree()

    @precondition(lambda self: hasattr(self, "folder"))
    @rule()
    def forget_what_nothing_names(self) -> None:
        self.repo.git("reflog", "expire", "--expire=now", "--all")
        self.repo.git("prune", "--expire=now")
        self.agree()

    @rule()
    def clone(self) -> None:
        self.repo.git("clone", "-q", "--no-checkout", str(self.repo.root), str(self.folder / "clone"), check=False)
        clone = Repo(self.folder / "clone")
        assert plain(clone.scan()) == plain(self.repo.read())
        shutil.rmtree(clone.root)

    def other(self) -> str:
        """A branch that is not checked out here."""
        return "side" if self.repo.git("branch", "--show-current") == "main" else "main"

    def agree(self) -> None:
        place = self.repo.place()
        scanned, cached = self.repo.scan(), self.repo.read()
        assert plain(cached) == plain(scanned)
        assert plain(index.read(place, Words(), self.kept)) == plain(scanned)
        told = {id: {c.sha for c in found} for id, found in scanned.standing.items()}
        assert told == History(self.repo.root).standing
        path = self.repo.root / "feature_list.json"
        sync.worktree(place, path, place.own_store / "features.lock", Words())
        written = path.read_bytes()
        assert {f["id"] for f in json.loads(written)["features"] if f["passes"]} == set(told)
        assert sync.worktree(place, path, place.own_store / "features.lock", Words()) == []
        assert path.read_bytes() == written


def test_cache_scan_clone_file_and_oracle_agree_after_every_git_operation() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=500 if THOROUGH else 25,
            stateful_step_count=40 if THOROUGH else 14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
