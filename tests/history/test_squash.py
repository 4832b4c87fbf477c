"""The commits that one message tells of, from what git and hosting services write."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given
from support.history_repos import init

from orchestrator.history.squash import Part, bare, body, parts, quotes, target_of, unbulleted

SHA = "1234567890123456789012345678901234567890"


def cut(message: str, speaks: str = "session:") -> list[Part]:
    lines = message.split("\n")
    return parts(lines, lines[0], lambda line: line.startswith(speaks))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("  * a", "a"), ("- a", "a"), ("*\ta ", "a"), ("*a", "*a"), ("- - a", "- a"), ("-", "-"),
        (" a\r", "a"), ("", ""),
    ],
)  # fmt: skip
def test_one_bullet_and_the_blanks_around_a_line_are_no_part_of_it(line: str, text: str) -> None:
    assert unbulleted(line) == text


def test_what_azure_puts_before_a_title_is_no_part_of_it() -> None:
    assert bare("- Merged PR 12: session: completed F1") == "session: completed F1"
    assert bare("Merged PR: x") == "Merged PR: x"
    assert bare("see Merged PR 12: x") == "see Merged PR 12: x"


@pytest.mark.parametrize(
    ("subject", "target"),
    [
        ('Revert "S"', "S"),
        ('Reapply "S"', 'Revert "S"'),
        ('Revert "Revert "S""', 'Revert "S"'),
        ('Reapply "Reapply "S""', 'Revert "Reapply "S""'),
        ('Revert "S" (#13)', "S"),
        ('Revert "S" (!13)', "S"),
        ('Merged PR 7: Revert "S"', "S"),
        ('Revert ""', ""),
        ('Revert "S" (13)', ""),
        ('revert "S"', ""),
        ("Revert S", ""),
        ('fix: Revert "S"', ""),
    ],
)
def test_the_subject_of_a_revert_quotes_that_of_what_it_undoes(subject: str, target: str) -> None:
    assert target_of(subject) == target
    assert quotes(f"* {subject}") is (bool(target) or subject == 'Revert ""')


@given(st.text(alphabet='ab"\\ ()#1', max_size=12))
def test_a_revert_of_any_subject_names_it(subject: str) -> None:
    assert target_of(f'Revert "{subject}"') == subject
    assert target_of(f'Reapply "{subject}"') == f'Revert "{subject}"'


def test_any_other_message_is_one_part() -> None:
    text = "session: completed F1\n\n* a\n* b\n\nsession: completed F2"
    assert cut(text) == [Part("", "session: completed F1", tuple(text.split("\n")))]


def test_the_subjects_of_a_services_squash_are_its_bullets_where_one_of_them_is_a_revert() -> None:
    text = 'title (#9)\n\n* session: completed F1\n\ntext\n\n* Revert "session: completed F1"\n\n- detail'
    assert [(part.subject, len(part.lines)) for part in cut(text)] == [
        ("title (#9)", 2), ("session: completed F1", 4), ('Revert "session: completed F1"', 3),
    ]  # fmt: skip
    assert "".join(line for part in cut(text) for line in part.lines) == text.replace("\n", "")


def test_paragraphs_of_an_interactive_squash_are_commits_where_one_reverts_by_gits_own_sentence() -> None:
    revert = f'Revert "session: completed F1"\n\nThis reverts commit {SHA}.'
    text = f"session: completed F1\n\nsome text\n\n{revert}\n\nsession: completed F2"
    assert [part.subject for part in cut(text)] == [
        "session: completed F1", 'Revert "session: completed F1"', "session: completed F2",
    ]  # fmt: skip
    assert len(cut(text.replace("This reverts", "That reverts"))) == 1


def test_a_paragraph_with_the_reverted_subject_begins_a_commit_though_it_says_nothing_else() -> None:
    text = f'a\n\nfix: b\n\nRevert "fix: b"\n\nThis reverts commit {SHA}.'
    assert [part.subject for part in cut(text)] == ["a", "fix: b", 'Revert "fix: b"']


def test_a_plain_revert_is_one_commit_with_its_body() -> None:
    text = f'Revert "S"\n\nThis reverts commit {SHA}.\n\nBecause.'
    (part,) = cut(text)
    assert list(body(part)) == text.split("\n")[1:]


def test_the_body_begins_below_the_subject_also_when_that_is_a_bullet() -> None:
    assert list(body(Part("", "S", ("", "* S", "x")))) == ["x"]
    assert list(body(Part("", "S", ("a", "b")))) == ["a", "b"]


def test_gits_own_squash_message_is_taken_apart_oldest_first(tmp_path: Path) -> None:
    repo = init(tmp_path)
    repo.commit("base")
    repo.git("switch", "-qc", "side")
    first = repo.commit("session: completed F1\n\n    indented\n\nsession: completed F2")
    second = repo.commit("second")
    repo.git("switch", "-q", "-")
    repo.commit("meanwhile")
    repo.git("merge", "-q", "--squash", "side")
    message = (repo.root / ".git" / "SQUASH_MSG").read_text(encoding="utf-8")
    found = cut(message)
    assert [(part.sha, part.subject) for part in found] == [
        (first, "session: completed F1"), (second, "second"), ("", ""),
    ]  # fmt: skip
    assert [line.strip() for line in found[0].lines if line.startswith("    ")] == [
        "session: completed F1", "", "indented", "", "session: completed F2",
    ]  # fmt: skip
