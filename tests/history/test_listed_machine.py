"""Random histories whose list tells what the messages don't: a cache, a scan, a clone and the oracle always agree."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.history_oracle import History
from support.history_repos import Repo, init, plain

from orchestrator.history import index, sync
from orchestrator.history.events import Words

IDS = ("F1", "F2")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
ids = st.sampled_from(IDS)
messages = st.sampled_from(
    ["work", "session: completed F1", "session: completed F2", "session: reopened F1", "work\n\nsession: completed F1"]
)


class Machine(RuleBasedStateMachine):
    """Two branches of one repository; each feature of the list is far from the next, so that git can merge it."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="listed-"))
        self.repo = init(self.folder / "main")
        self.list = self.repo.root / "feature_list.json"
        features = [{"id": id, "name": id, "description": "d", "tests": ["line"] * 5, "passes": False} for id in IDS]
        self.list.write_text(json.dumps({"features": features}, indent=1))
        self.repo.git("add", "-A")
        self.repo.git("commit", "-q", "-m", "the list")
        self.repo.git("branch", "side")
        self.kept = index.Kept()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def turn(self, id: str, *, passes: bool, marked: bool) -> None:
        whole = json.loads(self.list.read_text())
        for feature in whole["features"]:
            if feature["id"] == id:
                feature["passes"] = passes
                feature.pop("passes_from", None)
                feature.update({"passes_from": "history"} if marked else {})
        self.list.write_text(json.dumps(whole, indent=1))
        self.repo.git("add", "feature_list.json")

    @rule(message=messages, id=ids, passes=st.booleans(), marked=st.booleans(), alone=st.booleans())
    def commit(self, message: str, id: str, passes: bool, marked: bool, alone: bool) -> None:
        self.turn(id, passes=passes, marked=marked)
        if alone:
            self.repo.git("commit", "-q", "--allow-empty", "-m", message)
        else:
            self.repo.commit(message)
        self.agree()

    @rule(message=messages)
    def plain_commit(self, message: str) -> None:
        self.repo.commit(message)
        self.agree()

    @rule(id=ids)
    def carried(self, id: str) -> None:
        self.turn(id, passes=True, marked=True)
        self.repo.commit(f"session: completed {id}")
        self.agree()

    @rule()
    def squash(self) -> None:
        self.repo.git("merge", "-q", "--squash", self.other(), check=False)
        if self.repo.code == 0:
            self.repo.git("commit", "-q", "-m", "Login (#12)", check=False)
        self.repo.git("reset", "-q", "--hard")
        self.agree()

    @rule(words=st.booleans())
    def revert(self, words: bool) -> None:
        parents = self.repo.git("rev-list", "--no-walk", "--parents", "HEAD").split()[1:]
        if len(parents) == 1 and self.repo.git("log", "-1", "--format=%s") != "the list":
            self.repo.git("revert", "--no-commit", "HEAD", check=False)
            self.repo.git("commit", "-q", "--no-edit", *([] if words else ["-m", "back it out"]), check=False)
            self.repo.git("revert", "--quit", check=False)
            self.repo.git("reset", "-q", "--hard")
            self.agree()

    @rule(ours=st.sampled_from(["ours", "theirs"]))
    def merge(self, ours: str) -> None:
        self.repo.git("merge", "-q", "--no-edit", "-X", ours, self.other(), check=False)
        self.repo.git("merge", "--abort", check=False)
        self.agree()

    @rule()
    def soft_reset(self) -> None:
        if self.repo.git("log", "-1", "--format=%s") not in ("the list", "base"):
            self.repo.git("reset", "-q", "--soft", "HEAD~1")
            self.repo.git("commit", "-q", "--allow-empty", "-m", "other")
            self.agree()

    @rule()
    def switch(self) -> None:
        self.repo.git("switch", "-q", self.other())
        self.agree()

    @rule()
    def clone(self) -> None:
        self.repo.git("clone", "-q", str(self.repo.root), str(self.folder / "clone"))
        clone = Repo(self.folder / "clone")
        assert plain(clone.read(path=clone.root / "feature_list.json")) == plain(self.repo.read(path=self.list))
        shutil.rmtree(clone.root)

    def other(self) -> str:
        return "side" if self.repo.git("branch", "--show-current") == "main" else "main"

    def agree(self) -> None:
        scanned, cached = self.repo.scan(path=self.list), self.repo.read(path=self.list)
        assert plain(cached) == plain(scanned)
        place = self.repo.place()
        assert plain(index.read(place, Words(), self.kept, self.list)) == plain(scanned)
        done = History(self.repo.root).done()
        assert set(scanned.standing) == done
        sync.worktree(place, self.list, place.own_store / "features.lock", Words())
        written = self.list.read_bytes()
        assert sync.worktree(place, self.list, place.own_store / "features.lock", Words()) == []
        for feature in json.loads(written)["features"]:
            wish = feature.get("passes_from") and not feature["passes"]
            if not wish and (feature["id"] in done or feature.get("passes_from")):
                assert feature["passes"] == (feature["id"] in done)
        self.repo.git("checkout", "-q", "HEAD", "--", "feature_list.json")


def test_cache_scan_clone_and_oracle_agree_about_what_the_list_tells() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=400 if THOROUGH else 8,
            stateful_step_count=30 if THOROUGH else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
