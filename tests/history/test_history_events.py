"""What one message says: the grammar of docs/contract.md, section 4."""

from __future__ import annotations

import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from support.history_oracle import said
from support.history_repos import init

from orchestrator.history.events import Message, Revert, Words, completion_line, named_ids, parse, quote
from orchestrator.history.squash import target_of

SHA = "1234567890123456789012345678901234567890"
OTHER = "abcdefabcdefabcdefabcdefabcdefabcdefabcd"


def completed(message: str, words: Words = Words()) -> tuple[str, ...]:
    return parse(message, words).completed


@pytest.mark.parametrize(
    ("message", "ids"),
    [
        ("session: completed F1", ("F1",)),
        ("feat: login\n\nsession: completed F1\n", ("F1",)),
        ("  \tsession: completed F1", ("F1",)),
        ("* session: completed F1\n- session: completed F2\n  * session: completed F3", ("F1", "F2", "F3")),
        ("session: completed\tF1", ("F1",)),
        ("session: completed   F1  ", ("F1",)),
        ("session: completed F1\r\n\r\nsession: completed F2\r\n", ("F1", "F2")),
        ("session: completed F1, F2,F3 ,F4", ("F1", "F2", "F3")),
        ("session: completed F1 (auto-completed)", ("F1",)),
        ("session: completed F1, F2 and F3, F4", ("F1", "F2")),
        ("session: completed F1,", ("F1",)),
        ("session: completed F1\nsession: completed F1", ("F1",)),
        ('session: completed "a b"', ("a b",)),
        ('session: completed "a, b", F2, "say \\"hi\\""  with text', ("a, b", "F2", 'say "hi"')),
        ('session: completed "\\u00e9"', ("é",)),
        ("session: completed é/../x=-y", ("é/../x=-y",)),
        ("session: completed 1", ("1",)),
        ('session: completed "F1"x', ()),
        ('session: completed "F1', ()),
        ('session: completed ""', ()),
        ("session: completed", ()),
        ("session: completed ", ()),
        ("session: completedF1", ()),
        ("session: completed: F1", ()),
        ("Session: Completed F1", ()),
        ("chore: session: completed F1", ()),
        ("> session: completed F1", ()),
        ("*session: completed F1", ()),
        ("+ session: completed F1", ()),
        ("* * session: completed F1", ()),
        ('Revert "session: completed F1"', ()),
        ("session:  completed F1", ()),
    ],
)
def test_a_completion_line_names_whole_ids(message: str, ids: tuple[str, ...]) -> None:
    assert completed(message) == ids
    assert said(message).completed == list(ids)


def test_an_id_is_not_the_beginning_of_another_one() -> None:
    assert named_ids("session: completed F10", "session: completed") == ["F10"]


def test_reopening_lines_work_alike() -> None:
    message = parse('why not\n\n- session: reopened F1, "a b" because of this\nsession: completed F3')
    assert message == Message("why not", ("F3",), ("F1", "a b"))


def test_the_prefixes_can_be_set() -> None:
    words = Words("erledigt:", "wieder auf:")
    assert parse("erledigt: F1\nwieder auf: F2\nsession: completed F3", words) == Message(
        "erledigt: F1", ("F1",), ("F2",)
    )
    assert completion_line("a b", words) == 'erledigt: "a b"'


def test_a_message_without_events_is_false() -> None:
    assert not parse("fix: something\n\nFeature-Digest: F1 abc")
    assert parse("session: completed F1")
    assert parse("session: reopened F1")
    assert parse(f"This reverts commit {SHA}.")


def test_trailers_tell_the_digest_and_the_checks() -> None:
    message = parse(
        'session: completed F1\n\nFeature-Digest: F1 abc\nFeature-Digest: "a b" def ghi\n'
        "Feature-Digest: F2\nVerified: 123 npm test\nVerified: 456\nSigned-off-by: A <a@b>\n"
    )
    assert message == Message(
        "session: completed F1", ("F1",), digests={"F1": "abc", "a b": "def"}, verified=("123", "456")
    )


def test_a_revert_names_its_commit_and_the_subject_it_quotes() -> None:
    message = parse(f'Revert "session: completed F1"\n\nThis reverts commit {SHA}.\n')
    assert message.reverts == (Revert(SHA, "session: completed F1"),)
    assert message.completed == ()


def test_reapply_quotes_the_revert() -> None:
    assert target_of('Reapply "session: completed F1"') == 'Revert "session: completed F1"'
    assert target_of('Revert "Reapply "x""') == 'Reapply "x"'
    assert target_of('Revert "a "quoted" word"') == 'a "quoted" word'
    assert target_of("Revert something") == ""
    assert target_of('Revert "session: completed F1 (#12)" (#13)') == "session: completed F1 (#12)"
    assert target_of('Revert "Revert "x" (#13)" (!14)') == 'Revert "x" (#13)'
    assert target_of('Revert "x" (again)') == ""


def test_a_revert_of_a_merge_names_the_parent_kept_even_on_the_next_line() -> None:
    expected = (Revert(SHA, "Merge branch 'x'", OTHER),)
    for gap in (" ", "\n", "\r\n"):
        text = f"Revert \"Merge branch 'x'\"\n\nThis reverts commit {SHA}, reversing{gap}changes made to {OTHER}.\n"
        assert parse(text).reverts == expected


def test_a_reference_revert_names_an_abbreviation() -> None:
    text = "revert: it\n\nThis reverts commit 1234567 (session: completed F1, 2024-01-01).\n"
    assert parse(text).reverts == (Revert("1234567"),)


def test_only_a_line_that_says_so_reverts() -> None:
    assert parse(f"docs: why This reverts commit {SHA}").reverts == ()
    assert parse("This reverts commit xyz").reverts == ()


def test_a_squash_of_a_completion_and_its_revert_completes_nothing(tmp_path: Path) -> None:
    repo = init(tmp_path / "repo")
    repo.git("switch", "-qc", "side")
    repo.commit("session: completed F1")
    repo.commit("session: completed F2")
    repo.git("revert", "--no-edit", "HEAD~1")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "side")
    repo.git("commit", "-q", "--no-edit")
    message = parse(repo.git("log", "-1", "--format=%B"))
    assert message == Message("Squashed commit of the following:", ("F2",))


def test_a_squash_of_a_revert_and_its_own_revert_completes(tmp_path: Path) -> None:
    repo = init(tmp_path / "repo")
    repo.git("switch", "-qc", "side")
    repo.commit("session: completed F1")
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("revert", "--no-edit", "HEAD")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "side")
    repo.git("commit", "-q", "--no-edit")
    assert parse(repo.git("log", "-1", "--format=%B")).completed == ("F1",)


def test_a_squashed_revert_of_a_commit_outside_still_reverts_it(tmp_path: Path) -> None:
    repo = init(tmp_path / "repo")
    done = repo.commit("session: completed F1")
    repo.git("switch", "-qc", "side")
    repo.git("revert", "--no-edit", "HEAD")
    repo.commit("session: completed F2")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "side")
    repo.git("commit", "-q", "--no-edit")
    message = parse(repo.git("log", "-1", "--format=%B"))
    assert (message.completed, message.reverts) == (("F2",), (Revert(done, "session: completed F1"),))
    assert repo.completed() == {"F2"}


def test_a_squash_that_reopens_after_completing_leaves_it_open() -> None:
    squash = f"""Squashed commit of the following:

commit {SHA}
Author: A <a@b>
Date:   Mon Jan 1 00:00:00 2024 +0000

    session: reopened F1

commit {OTHER}
Author: A <a@b>
Date:   Mon Jan 1 00:00:00 2024 +0000

    session: completed F1

    with a body
"""
    assert parse(squash) == Message("Squashed commit of the following:", (), ("F1",))
    turned = squash.replace("reopened", "X").replace("completed", "reopened").replace("X", "completed")
    assert parse(turned) == Message("Squashed commit of the following:", ("F1",), ())


def test_a_hosting_services_squash_counts_what_its_bullets_leave() -> None:
    message = f"""Login and more (#12)

* session: completed F1

* session: completed F2

* Revert "session: completed F1"

This reverts commit {SHA}.

* fix: typo

Co-authored-by: A <a@b>
"""
    assert parse(message) == Message("Login and more (#12)", ("F2",))


def test_a_hosting_services_squash_that_redoes_what_it_reverted_completes_it() -> None:
    message = f"""Login (#12)

* session: completed F1

* Revert "session: completed F1"

This reverts commit {SHA}.

* session: completed F1
"""
    assert completed(message) == ("F1",)


def test_a_hosting_services_squash_may_revert_a_commit_outside() -> None:
    message = f"""Back out (#13)

* session: completed F2

* Revert "session: completed F1"

This reverts commit {SHA}.
"""
    assert parse(message) == Message("Back out (#13)", ("F2",), (), (Revert(SHA, "session: completed F1"),))


def test_commits_joined_by_an_interactive_rebase_count_for_what_they_leave() -> None:
    revert = f'Revert "session: completed F1"\n\nThis reverts commit {SHA}.\n'
    joined = f"session: completed F1\n\nsession: completed F2\n\n{revert}"
    assert parse(joined) == Message("session: completed F1", ("F2",))


def test_a_completion_and_a_revert_written_by_hand_into_one_message_both_count() -> None:
    message = parse(f"session: completed F2\n\nThis reverts commit {SHA}.")
    assert message == Message("session: completed F2", ("F2",), (), (Revert(SHA),))


ids = st.text(min_size=1).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text))


@given(st.lists(ids, min_size=1, unique=True), st.sampled_from(["", "- ", "\t* "]), st.sampled_from(["", " freely"]))
@example(['"', ",", " ", "\\", "\u2028", "\x1f", "\n"], "", "")
def test_any_ids_survive_being_written_and_read(names: list[str], bullet: str, free: str) -> None:
    line = bullet + "session: completed " + ", ".join(map(quote, names)) + free
    assert "\n" not in line
    assert completed(f"subject\n\n{line}\n") == tuple(names)


pieces = st.sampled_from(
    [
        "session: completed ",
        "session: reopened ",
        "F1",
        '"a b"',
        ",",
        " ",
        "\t",
        "- ",
        "* ",
        '"',
        "\\",
        "x",
        "\n",
        "é",
        "1",
    ]
)


@given(st.lists(pieces, max_size=25).map("".join))
def test_lines_are_read_as_a_slow_reader_reads_them(text: str) -> None:
    message, slow = parse(text), said(text)
    assert (list(message.completed), list(message.reopened)) == (slow.completed, slow.reopened)


@given(st.text())
def test_quoted_ids_are_bare_or_json(id: str) -> None:
    assert quote(id) in (id, json.dumps(id, ensure_ascii=False))
