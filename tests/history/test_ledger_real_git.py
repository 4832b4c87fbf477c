"""The ledger on real repositories: every way in which git undoes, moves, copies and hides completions."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support.history_oracle import History
from support.history_repos import Repo, init, plain
from support.repos import require

from orchestrator.errors import GitError
from orchestrator.features import model
from orchestrator.history import sync
from orchestrator.history.flips import flips
from orchestrator.history.ledger import Ledger


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "repo")


def completed(repo: Repo) -> set[str]:
    """The completed features: by the cache, by a scan, and by the oracle, which all agree."""
    found = repo.completed()
    standing = {id: {one.sha for one in all} for id, all in repo.scan().standing.items()}
    assert standing == History(repo.root).standing
    return found


def done(id: str) -> str:
    return f"session: completed {id}"


def test_a_completion_completes_and_its_revert_does_not(repo: Repo) -> None:
    sha = repo.commit(done("F1"))
    repo.commit("work")
    assert completed(repo) == {"F1"}
    repo.git("revert", "--no-edit", sha)
    assert completed(repo) == set()
    assert repo.scan().cancelled == {"F1": (repo.head(), "reverted")}


def test_the_revert_of_a_revert_restores_and_so_on(repo: Repo) -> None:
    repo.commit(done("F1"))
    for expected in (set(), {"F1"}, set(), {"F1"}):
        repo.git("revert", "--no-edit", "HEAD")
        assert completed(repo) == expected


def test_reapply_restores_also_when_its_target_was_rebased_away(repo: Repo) -> None:
    gone = "0123456789" * 4
    repo.commit(done("F1"))
    repo.commit(f'Revert "{done("F1")}"\n\nThis reverts commit {gone}.')
    assert completed(repo) == set()
    repo.commit(f'Reapply "{done("F1")}"\n\nThis reverts commit {gone[::-1]}.')
    assert completed(repo) == {"F1"}


def test_a_revert_by_reference_names_an_abbreviation(repo: Repo) -> None:
    sha = repo.commit(done("F1"))
    repo.commit("work")
    repo.git("revert", "--reference", "--no-edit", sha)
    repo.git("commit", "-q", "--amend", "-m", f"undo it\n\nThis reverts commit {sha[:9]} (session: completed F1)")
    assert completed(repo) == set()


def test_the_revert_of_a_plain_commit_by_reference_changes_nothing(repo: Repo) -> None:
    repo.commit(done("F1"))
    sha = repo.commit("work")
    repo.commit(f'Revert "{done("F1")}"\n\nThis reverts commit {sha[:9]}.')
    assert completed(repo) == {"F1"}


def test_the_revert_of_a_merge_cancels_what_only_the_merge_brought_in(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("switch", "-qc", "side")
    repo.commit(done("F2"))
    repo.git("switch", "-q", "main")
    repo.commit(done("F3"))
    repo.git("merge", "-q", "--no-ff", "-m", done("F4"), "side")
    assert completed(repo) == {"F1", "F2", "F3", "F4"}
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert completed(repo) == {"F1", "F3"}
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == {"F1", "F2", "F3", "F4"}


def test_the_revert_of_a_merge_against_its_second_parent_cancels_the_first(repo: Repo) -> None:
    repo.git("branch", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "side")
    repo.commit(done("F2"))
    repo.git("merge", "-q", "--no-ff", "--no-edit", "main")
    repo.git("revert", "--no-edit", "-m", "2", "HEAD")
    assert completed(repo) == {"F1"}


def test_a_reverted_merge_may_be_followed_by_a_new_completion_of_the_branch(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    repo.git("switch", "-q", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(repo) == {"F1"}


def test_a_merges_revert_that_was_cherry_picked_away_undoes_the_merge_of_that_name(repo: Repo) -> None:
    repo.git("branch", "release")
    repo.git("switch", "-qc", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    undo = repo.head()
    repo.git("switch", "-q", "release")
    repo.commit(done("F2"))
    repo.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
    assert completed(repo) == {"F1", "F2"}
    repo.git("cherry-pick", undo)
    assert completed(repo) == {"F2"}


def test_a_merges_revert_that_came_before_the_merge_counts_once_it_is_there(repo: Repo, tmp_path: Path) -> None:
    """The revert is cherry-picked onto a branch of a clone that has never seen the merge, and is merged later."""
    repo.git("switch", "-qc", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.git("branch", "release")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    merge = repo.head()
    repo.git("switch", "-q", "release")
    repo.commit(
        f"Revert \"Merge branch 'side'\"\n\nThis reverts commit {merge}, reversing\nchanges made to {'f' * 40}."
    )
    kept = repo.head("side~1")
    repo.commit(f"Revert \"Merge branch 'side'\"\n\nThis reverts commit {merge}, reversing\nchanges made to {kept}.")
    repo.git("clone", "-q", "--single-branch", "-b", "release", f"file://{repo.root}", "../clone")
    clone = Repo(tmp_path / "clone", repo.now)
    assert completed(clone) == set()
    clone.git("fetch", "-q", "origin", "main")
    clone.git("merge", "-q", "--no-edit", "FETCH_HEAD")
    assert completed(clone) == set()
    assert clone.scan().cancelled["F1"][1] == "reverted"


def test_a_revert_follows_what_it_reverts_through_a_rebase(repo: Repo) -> None:
    repo.git("branch", "other")
    repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.git("revert", "--no-edit", "HEAD~1")
    repo.git("switch", "-q", "other")
    repo.commit("work")
    repo.git("switch", "-q", "main")
    repo.git("rebase", "-q", "other")
    assert completed(repo) == {"F2"}
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == {"F1", "F2"}


def test_a_rebased_revert_of_a_commit_whose_subject_is_plain_finds_the_newest_of_that_subject(repo: Repo) -> None:
    repo.git("branch", "other")
    repo.commit(f"feat: login\n\n{done('F1')}")
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("switch", "-q", "other")
    repo.commit("work")
    repo.git("switch", "-q", "main")
    repo.git("rebase", "-q", "other")
    assert completed(repo) == set()


def test_a_rebased_revert_of_a_plain_commit_spares_an_older_completion_of_the_same_subject(repo: Repo) -> None:
    repo.git("branch", "other")
    repo.commit(f"feat: login\n\n{done('F1')}")
    repo.commit("feat: login")
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == {"F1"}
    repo.git("switch", "-q", "other")
    repo.commit("work")
    repo.git("switch", "-q", "main")
    repo.git("rebase", "-q", "other")
    assert completed(repo) == {"F1"}


def test_a_subject_of_several_lines_is_quoted_by_its_first(repo: Repo) -> None:
    repo.git("branch", "other")
    repo.commit(f"feat: login\n{done('F1')}")
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("switch", "-q", "other")
    repo.commit("work")
    repo.git("switch", "-q", "main")
    repo.git("rebase", "-q", "other")
    assert completed(repo) == set()


def test_a_cherry_picked_revert_undoes_the_cherry_picked_completion(repo: Repo) -> None:
    repo.git("branch", "release")
    first = repo.commit(done("F1"))
    repo.git("revert", "--no-edit", "HEAD")
    undo = repo.head()
    repo.git("switch", "-q", "release")
    repo.commit("work")
    repo.git("cherry-pick", first)
    assert completed(repo) == {"F1"}
    repo.git("cherry-pick", undo)
    assert completed(repo) == set()


def test_a_cherry_picked_duplicate_needs_a_revert_of_its_own(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    sha = repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.commit("work")
    repo.git("cherry-pick", sha)
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == set()
    repo.git("merge", "-q", "-s", "ours", "--no-edit", "side")
    assert completed(repo) == {"F1"}
    repo.git("revert", "--no-edit", "--strategy=ours", sha, check=False)
    repo.git("commit", "-q", "--allow-empty", "-m", f'Revert "{done("F1")}"\n\nThis reverts commit {sha}.')
    assert completed(repo) == set()


def test_two_completions_of_one_feature_need_two_reverts(repo: Repo) -> None:
    first, second = repo.commit(done("F1")), repo.commit(done("F1"))
    repo.git("revert", "--no-edit", second)
    assert [one.sha for one in repo.scan().standing["F1"]] == [first]
    repo.git("revert", "--no-edit", first)
    assert completed(repo) == set()


def test_a_completion_after_a_revert_completes_again(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("revert", "--no-edit", "HEAD")
    repo.commit(done("F1"))
    assert completed(repo) == {"F1"}


def test_one_commit_completes_several_features_and_its_revert_cancels_all(repo: Repo) -> None:
    repo.commit('work\n\nsession: completed F1, "a b", F2')
    assert completed(repo) == {"F1", "a b", "F2"}
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == set()


def test_a_reopening_cancels_only_what_came_before_it(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.commit("session: reopened F1")
    assert completed(repo) == set()
    assert repo.scan().cancelled == {"F1": (repo.head(), "reopened")}
    repo.commit(done("F1"))
    assert completed(repo) == {"F1"}


def test_a_reopening_on_a_side_branch_spares_a_completion_made_beside_it(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("switch", "-qc", "side")
    repo.commit("session: reopened F1")
    repo.git("switch", "-q", "main")
    assert completed(repo) == {"F1"}
    repo.git("switch", "-qc", "again")
    again = repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(repo) == set()
    repo.git("merge", "-q", "--no-ff", "--no-edit", "again")
    assert [one.sha for one in repo.scan().standing["F1"]] == [again]
    assert completed(repo) == {"F1"}


def test_a_revert_on_a_side_branch_wins_when_merged_whichever_way(repo: Repo) -> None:
    sha = repo.commit(done("F1"))
    repo.git("switch", "-qc", "side")
    repo.git("revert", "--no-edit", sha)
    repo.git("switch", "-q", "main")
    repo.commit(done("F2"))
    repo.git("branch", "other")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(repo) == {"F2"}
    repo.git("switch", "-q", "side")
    repo.git("merge", "-q", "--no-ff", "--no-edit", "other")
    assert completed(repo) == {"F2"}


def test_concurrent_completions_all_count_and_the_later_one_is_the_newest(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    repo.commit(done("F1"))
    repo.git("switch", "-q", "main")
    newest = repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(repo) == {"F1", "F2"}
    ledger = repo.scan()
    one, two = ledger.completion("F1"), ledger.completion("F2")
    assert one is not None
    assert two is not None
    assert (one.sha, len(ledger.standing["F1"])) == (newest, 2)
    beside = ledger.standing["F1"][0]
    assert (ledger.follows(two, one), ledger.follows(one, two)) == (True, False)
    assert (ledger.follows(two, beside), ledger.follows(beside, two)) == (True, True)
    assert not ledger.follows(one, one)


def test_a_squash_merge_completes_what_its_commits_leave(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "side")
    repo.git("commit", "-q", "--no-edit")
    assert completed(repo) == {"F1"}
    repo.git("revert", "--no-edit", "HEAD")
    assert completed(repo) == set()


def test_commits_squashed_by_an_interactive_rebase_count_for_what_they_leave(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.git("revert", "--no-edit", "HEAD~1")
    repo.git("rebase", "-i", "HEAD~3", GIT_EDITOR="true", GIT_SEQUENCE_EDITOR="sed -i -e '2,$s/^pick/squash/'")
    assert repo.scan().standing.keys() == repo.read().standing.keys() == {"F2"}


def test_history_is_that_of_head_detached_or_not(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.git("switch", "-q", "--detach", "HEAD~1")
    assert completed(repo) == {"F1"}
    repo.git("switch", "-q", "--detach", "HEAD~1")
    assert completed(repo) == set()
    repo.git("switch", "-q", "main")
    assert completed(repo) == {"F1", "F2"}


def test_an_unborn_branch_has_completed_nothing(repo: Repo) -> None:
    repo.commit(done("F1"))
    assert completed(repo) == {"F1"}
    repo.git("switch", "-q", "--orphan", "empty")
    assert repo.place().head is None
    assert (repo.scan(), repo.read()) == (Ledger(), Ledger())


def test_replace_refs_and_grafts_are_obeyed_as_git_obeys_them(repo: Repo) -> None:
    base = repo.head()
    sha = repo.commit(done("F1"))
    repo.commit("work")
    assert completed(repo) == {"F1"}
    other = repo.git("commit-tree", "-p", base, "-m", done("F2"), f"{sha}^{{tree}}")
    repo.git("replace", sha, other)
    assert completed(repo) == {"F2"}
    repo.git("config", "core.useReplaceRefs", "false")
    assert completed(repo) == {"F1"}
    repo.git("config", "core.useReplaceRefs", "true")
    repo.git("pack-refs", "--all")
    assert completed(repo) == {"F2"}
    repo.git("replace", "-d", sha)
    repo.git("replace", "--graft", "HEAD", base)
    assert completed(repo) == set()


def test_messages_in_other_encodings_are_read(repo: Repo) -> None:
    latin = "session: completed größe".encode("latin-1")
    (repo.root / "file").write_text("content")
    repo.git("add", "file")
    repo.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-F", "-", stdin=latin)
    repo.git(
        "commit", "-q", "--allow-empty", "-F", "-", stdin=b"session: completed F1 \xff\xfe\n\nsession: completed F2"
    )
    assert completed(repo) == {"größe", "F1", "F2"}
    repo.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    repo.git("-c", "i18n.commitEncoding=ISO-8859-1", "revert", "--no-edit", "HEAD~1")
    assert completed(repo) == {"F1", "F2"}


def test_a_rebased_revert_finds_a_subject_in_another_encoding(repo: Repo) -> None:
    latin = f"größe\n\n{done('F1')}".encode("latin-1")
    repo.git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F", "-", stdin=latin)
    repo.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    repo.git("commit", "-q", "--allow-empty", "-m", f'Revert "größe"\n\nThis reverts commit {"0" * 40}.',
             "--no-verify")  # fmt: skip
    assert completed(repo) == set()


def test_odd_configuration_of_git_log_changes_nothing(repo: Repo) -> None:
    for name, value in (
        ("log.showSignature", "true"), ("log.follow", "true"), ("log.decorate", "full"), ("log.date", "relative"),
        ("format.pretty", "oneline"), ("color.ui", "always"), ("log.mailmap", "true"), ("core.abbrev", "5"),
        ("core.pager", "false"), ("log.abbrevCommit", "true"), ("log.showRoot", "false"), ("grep.patternType", "perl"),
        ("core.commentChar", "s"), ("log.excludeDecoration", "*"), ("core.quotePath", "true"),
    ):  # fmt: skip
        repo.git("config", name, value)
    repo.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", f"\n\n  {done('F1')}  \n\n")
    repo.commit("work")
    repo.git("notes", "add", "-m", done("F9"))
    assert completed(repo) == {"F1"}


def test_wrong_clocks_change_nothing(repo: Repo) -> None:
    repo.now = 2_000_000_000
    repo.commit(done("F1"))
    repo.now = 1_000_000_000
    repo.commit("work")
    repo.read()
    repo.git("switch", "-qc", "side", "HEAD~1")
    repo.now = 1_900_000_000
    repo.commit("session: reopened F1")
    repo.now = 1_100_000_000
    repo.commit(done("F2"))
    repo.git("switch", "-q", "main")
    repo.commit(done("F1"))
    assert completed(repo) == {"F1"}
    repo.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert completed(repo) == {"F1", "F2"}
    repo.git("revert", "--no-edit", "HEAD^1")
    assert completed(repo) == {"F2"}


def shallow_clone(repo: Repo, depth: int) -> Repo:
    folder = repo.root.parent / f"clone-{depth}"
    repo.git("clone", "-q", f"--depth={depth}", f"file://{repo.root}", str(folder))
    return Repo(folder, repo.now)


def flags(ledger: Ledger, *marked: str) -> dict[str, bool]:
    """What a list would say whose features `marked` pass from the history, the others not."""
    items = [
        {
            "id": id,
            "name": id,
            "description": id,
            **({"passes": True, "passes_from": "history"} if id in marked else {}),
        }
        for id in ("F1", "F2", "F3")
    ]
    features = model.parse(json.dumps({"features": items}).encode())
    changed = {flip.id: flip.passes for flip in flips(features.features, ledger)}
    return {id: changed.get(id, id in marked) for id in ("F1", "F2", "F3")}


def test_what_a_shallow_clone_cannot_see_is_not_called_undone(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.commit("work")
    repo.commit(done("F2"))
    clone = shallow_clone(repo, 1)
    assert clone.completed() == {"F2"}
    assert clone.scan().shallow
    assert clone.scan().silent("F1")
    assert flags(clone.read(), "F1", "F2") == {"F1": True, "F2": True, "F3": False}
    clone.git("fetch", "-q", "--unshallow")
    assert completed(clone) == {"F1", "F2"}


def test_an_undoing_that_a_shallow_clone_sees_counts(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.commit(done("F2"))
    repo.commit("session: reopened F1")
    repo.git("revert", "--no-edit", "HEAD~1")
    clone = shallow_clone(repo, 2)
    assert clone.completed() == set()
    assert flags(clone.read(), "F1", "F2", "F3") == {"F1": False, "F2": False, "F3": True}
    clone.git("revert", "--no-edit", "HEAD")
    assert flags(clone.read(), "F1", "F2", "F3") == {"F1": False, "F2": True, "F3": True}


def test_a_shallow_clone_leaves_the_lists_word_where_the_reverted_commit_is_cut_off(repo: Repo) -> None:
    first = repo.commit(done("F1"))
    repo.commit("work")
    repo.commit(done("F1"))
    repo.git("revert", "--no-edit", first)
    assert completed(repo) == {"F1"}
    clone = shallow_clone(repo, 2)
    assert flags(clone.read(), "F1")["F1"] is True
    assert flags(clone.read())["F1"] is False
    clone.git("fetch", "-q", "--unshallow")
    assert flags(clone.read())["F1"] is True


def test_a_shallow_clone_that_is_deepened_is_read_anew(repo: Repo) -> None:
    for id in ("F1", "F2", "F3"):
        repo.commit(done(id))
    clone = shallow_clone(repo, 1)
    for count, expected in ((1, {"F2", "F3"}), (1, {"F1", "F2", "F3"})):
        clone.git("fetch", "-q", f"--deepen={count}")
        assert clone.completed() == expected


def test_linked_work_trees_share_the_cache_and_have_their_own_answers(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("worktree", "add", "-q", "-b", "side", "../linked")
    linked = Repo(repo.root.parent / "linked", repo.now)
    linked.commit(done("F2"))
    assert completed(linked) == {"F1", "F2"}
    assert completed(repo) == {"F1"}
    assert linked.place().store == repo.place().store


def test_a_broken_head_is_an_error_and_not_an_empty_history(repo: Repo) -> None:
    repo.commit(done("F1"))
    (repo.root / ".git/refs/heads/main").write_text("")
    with pytest.raises(GitError, match="can't read HEAD"):
        repo.place()


def test_unreadable_refs_are_an_error_and_not_an_empty_history(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("pack-refs", "--all")
    (repo.root / ".git/packed-refs").write_text("garbage\n")
    with pytest.raises(GitError, match="git can't read HEAD"):
        repo.place()


def test_a_clone_says_what_the_original_says(repo: Repo) -> None:
    repo.commit(done("F1"))
    repo.git("revert", "--no-edit", "HEAD")
    repo.commit(done("F2"))
    repo.git("clone", "-q", str(repo.root), "../clone")
    assert plain(Repo(repo.root.parent / "clone").read()) == plain(repo.read())


def test_flips_read_as_sentences(repo: Repo) -> None:
    sha = repo.commit(done("F1"))
    features = model.parse(b'{"features": [{"id": "F1"}, {"id": "F2", "passes": true, "passes_from": "history"}]}')
    assert sync.lines(flips(features.features, repo.scan())) == [
        f"F1: passes true (completed by {sha[:10]})",
        "F2: passes false (no completion in the history)",
    ]


def test_a_revert_names_a_plain_commit_as_soon_as_head_reaches_it(repo: Repo) -> None:
    repo.git("branch", "release")
    plain_one = repo.commit("feat: login")
    repo.git("switch", "-q", "release")
    repo.commit(f"feat: login\n\n{done('F1')}")
    repo.commit(f'Revert "feat: login"\n\nThis reverts commit {plain_one}.')
    assert completed(repo) == set()
    repo.git("merge", "-q", "--no-edit", "main")
    assert completed(repo) == {"F1"}


def test_the_newest_of_a_subject_is_told_by_the_graph_and_not_by_a_wrong_clock(repo: Repo) -> None:
    repo.now = 2_000_000_000
    repo.commit(f"feat: login\n\n{done('F1')}")
    repo.git("branch", "side")
    repo.now = 1_000_000_000
    repo.commit("feat: login")
    repo.git("switch", "-q", "side")
    repo.now = 2_000_000_100
    repo.commit("work")
    repo.git("merge", "-q", "--no-edit", "main")
    repo.commit(f'Revert "feat: login"\n\nThis reverts commit {"0" * 40}.')
    assert completed(repo) == {"F1"}


def test_signatures_shown_by_git_log_are_not_taken_for_history(repo: Repo, tmp_path: Path) -> None:
    require("ssh-keygen", shutil.which("ssh-keygen"))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(tmp_path / "key")),
        ("log.showSignature", "true"),
    ):
        repo.git("config", name, value)
    repo.commit(done("F1"), "-S")
    repo.commit(done("F2"), "-S")
    assert set(repo.scan().standing) == set(repo.read().standing) == {"F1", "F2"}
