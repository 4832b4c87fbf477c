"""Notes of the memory: what is written is read back, and what people write is read as they mean it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.harness import notes
from orchestrator.harness.notes import Note

THEN = "2026-11-25T23:45:51.000+00:00"
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text.strip()
)


@settings(max_examples=60)
@given(LINES, st.text(string.printable.replace("\r", "") + "é漢", min_size=1).filter(lambda text: text.strip()))
def test_a_note_is_read_back_as_it_was_written(feature: str, text: str) -> None:
    content = notes.written(feature, "failure", THEN, text)
    assert notes.parsed("failures/a.md", content, "") == Note("failures/a.md", feature, THEN, text.strip())


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("constraints/style.md", "No tabs.\n", ("", "2000", "No tabs.")),
        ("failures/20261124-010203-F1-ab.md", "x", ("", "2026-11-24T01:02:03", "x")),
        ("failures/attempt-20261124-010203-F1-ab.md", "x", ("", "2026-11-24T01:02:03", "x")),
        ("a.md", "\ufeff---\r\nfeature:  F1 \r\nmood: bad\r\n---\r\nx\r\n", ("F1", "2000", "x")),
        ("a.md", '---\nfeature: "a b"\ncreated: 2026\n---\n', ("a b", "2026", "")),
        ("a.md", '---\nfeature: "broken\n---\nx', ('"broken', "2000", "x")),
        ("a.md", "---\nno end", ("", "2000", "---\nno end")),
        ("a.md", "", ("", "2000", "")),
    ],
)
def test_a_note_of_a_persons_own_is_read(path: str, content: str, expected: tuple[str, str, str]) -> None:
    assert notes.parsed(path, content, "2000") == Note(path, *expected)


def test_the_newest_comes_first_whatever_the_files_are_called() -> None:
    found = [Note(path, "", created, "") for path, created in (("b", "2026-01"), ("a", "2026-03"), ("c", "2026-02"))]
    assert [note.path for note in notes.newest_first(found)] == ["a", "c", "b"]


def test_a_failed_attempt_is_noted_by_its_reason_and_the_end_of_its_output() -> None:
    said = notes.of_attempt(2, 5, "the check exited with 1: make\n" + "old\n" * 5000 + "```\nthe cause\n")
    assert said.startswith("Attempt 2 (session 5) failed: the check exited with 1: make\n\n````\nold\n")
    assert said.endswith("```\nthe cause\n````")
    assert len(said) < 2200
    assert notes.of_attempt(1, 1, "nothing was done\n") == "Attempt 1 (session 1) failed: nothing was done"
