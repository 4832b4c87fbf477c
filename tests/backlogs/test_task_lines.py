"""Lines of public checklists, one by one: what is a box, which id and name it has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.backlogs.task_lines import Box, Label, box, clean, label

BOXES = [
    ("- [ ] a", Box(False, False, "a")),
    ("- [x] a", Box(True, False, "a")),
    ("* [X] a", Box(True, False, "a")),
    ("+ [✓] a", Box(True, False, "a")),
    ("- [✔️] a", Box(True, False, "a")),
    ("• [✅] a", Box(True, False, "a")),
    ("- [ x ] a", Box(True, False, "a")),
    ("3. [ ] a", Box(False, False, "a")),
    ("12) [x] a", Box(True, False, "a")),
    ("-\t[ ]\ta", Box(False, False, "a")),
    ("- [] a", Box(False, False, "a")),
    ("- [ ]a", Box(False, False, "a")),
    ("- [ ]* 1.3 a", Box(False, False, "1.3 a")),
    ("- [~] a", Box(False, True, "a")),
    ("- [-] a", Box(False, True, "a")),
    ("- [❌] a", Box(False, True, "a")),
    ("- [ ]", Box(False, False, "")),
]
NO_BOXES = [
    "- [P] tasks = different files",
    "- [US1] story",
    "- [x](notes.md) a link",
    "- [x][ref] a link",
    "- [ ]: x",
    "-[ ] a",
    "[ ] a",
    "T001 a",
    "",
    "| - [ ] a |",
    "**[ ]** a",
]
LABELS = [
    ("T001 [P] [US1] Test in tests/a.py", Label("T001", True, "Test in tests/a.py", False)),
    ("T002 [US1] [P] b", Label("T002", True, "b", False)),
    ("[P] T003 c", Label("T003", True, "c", False)),
    ("[T004] d", Label("T004", False, "d", False)),
    ("T005 e [P]", Label("T005", True, "e", False)),
    ("T006 [US1.5] f", Label("T006", False, "f", False)),
    ("T007 [P] [Setup] g", Label("T007", True, "[Setup] g", False)),
    ("**T008** `[api] [P]` h", Label("T008", True, "[api] h", False)),
    ("**T1.1** — i", Label("T1.1", False, "i", False)),
    ("**T1.2**: j", Label("T1.2", False, "j", False)),
    ("**T9 - k**", Label("T9", False, "k", False)),
    ("T1. l", Label("T1", False, "l", False)),
    ("T1: [P] m", Label("T1", True, "m", False)),
    ("`T010` n", Label("T010", False, "n", False)),
    ("T012.5 o", Label("T012.5", False, "o", False)),
    ("T013a p", Label("T013a", False, "p", False)),
    ("T-14 q", Label("T-14", False, "q", False)),
    ("TASK-015: r", Label("TASK-015", False, "r", False)),
    ("T016 · s", Label("T016", False, "s", False)),
    ("T017 -v prints t", Label("T017", False, "-v prints t", False)),
    ("T018", Label("T018", False, "", False)),
    ("T019 u |", Label("T019", False, "u", False)),
    ("T020 [docs](a.md) v", Label("T020", False, "[docs](a.md) v", False)),
    ("T021 w [x](y)", Label("T021", False, "w [x](y)", False)),
    ("1.1 Read `a.cfg`", Label("1.1", False, "Read `a.cfg`", False)),
    ("1.1. a", Label("1.1", False, "a", False)),
    ("1.2.3 a", Label("1.2.3", False, "a", False)),
    ("2. a", Label("2", False, "a", False)),
    ("3) a", Label("3", False, "a", False)),
    ("4.0 a", Label("4.0", False, "a", False)),
    ("**2.1: Write an example** ✅ COMPLETED", Label("2.1", False, "Write an example", False)),
    ("**Task 1.1: Foo**: bar", Label("1.1", False, "Foo: bar", False)),
    ("Task 2: baz (AC: 1)", Label("2", False, "baz (AC: 1)", False)),
    ("3.1 **Domain:** make `a[b]`", Label("3.1", False, "Domain: make `a[b]`", False)),
    ("1.1 <!-- Task description -->", Label("1.1", False, "", False)),
    ("Foo <!-- id: 3 -->", Label("", False, "Foo", False)),
    ("1.3-1.7 are one range", Label("", False, "1.3-1.7 are one range", False)),
    ("T062-T067 were dropped", Label("", False, "T062-T067 were dropped", False)),
    ("5 apples", Label("", False, "5 apples", False)),
    ("G001 no id of this kind", Label("", False, "G001 no id of this kind", False)),
    ("Tests pass", Label("", False, "Tests pass", False)),
    ("**T023 [P]** Write it", Label("T023", True, "Write it", False)),
    ("T024 ✅ Make it", Label("T024", False, "Make it", False)),
    ("T025 ✅ [P] Make it", Label("T025", True, "Make it", False)),
    ("T026 [P] ✅ Make it", Label("T026", True, "Make it", False)),
    ("T027 ✅ DONE — make it", Label("T027", False, "make it", False)),
    ("T028 ✅ **DONE 2025-11-30.** Make it", Label("T028", False, "Make it", False)),
    ("1.2 ✅ **DONE** 2026-05-18. Found", Label("1.2", False, "Found", False)),
    ("1.3 ✅ 2026-07-07 — new route", Label("1.3", False, "new route", False)),
    ("1.4 ✅ **Sign in**: all of it", Label("1.4", False, "Sign in: all of it", False)),
    ("T029 ✅ COMPLETE: Make it", Label("T029", False, "Make it", False)),
    ("T030 ✅ Done: make it", Label("T030", False, "make it", False)),
    ("T031 ✅ Complete the form", Label("T031", False, "Complete the form", False)),
    ("✅ T032 make it", Label("T032", False, "make it", False)),
    ("T033 | src/a.py | REQ-1 | add it", Label("T033", False, "src/a.py | REQ-1 | add it", False)),
    ("~~T022 x~~", Label("T022", False, "x", True)),
    ("~~y~~ ✅ DONE", Label("", False, "y", True)),
    ("z ~~old~~ new", Label("", False, "z ~~old~~ new", False)),
]
CLEAN = [
    ("a ✅", "a"),
    ("a ✅ COMPLETED (2025-11-30)", "a"),
    ("a (✅ done)", "a"),
    ("a — **DONE**", "a"),
    ("a (completed)", "a"),
    ("a - DONE", "a"),
    ("a [DONE] ✅", "a"),
    ("a 🎉", "a"),
    ("mark the order as done", "mark the order as done"),
    ("say (partly done)", "say (partly done)"),
    ("handle COMPLETED", "handle COMPLETED"),
    ("a - b - c", "a - b - c"),
    ("draw ✅ and ❌ beside names", "draw ✅ and ❌ beside names"),
    ("✅ DONE", ""),
    ("✅ Phase 1: Setup", "Phase 1: Setup"),
]


@pytest.mark.parametrize(("line", "wanted"), BOXES)
def test_a_box_is_known_whatever_its_bullet_and_mark(line: str, wanted: Box) -> None:
    assert box(line) == wanted


@pytest.mark.parametrize("line", NO_BOXES)
def test_what_only_looks_like_a_box_is_none(line: str) -> None:
    assert box(line) is None


@pytest.mark.parametrize(("text", "wanted"), LABELS)
def test_an_id_and_marks_leave_the_name(text: str, wanted: Label) -> None:
    assert label(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), CLEAN)
def test_what_says_behind_a_text_that_it_is_done_is_taken_off_and_nothing_else(text: str, wanted: str) -> None:
    assert clean(text) == wanted


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.sampled_from([" ✅", " ✅ COMPLETED", " — **DONE**", " (done)", " ✔️ (2025-11-30)"]))
def test_ticking_off_in_words_changes_no_id_and_no_name(text: str, words: str) -> None:
    text += " yz"
    before = label(text)
    assert label(text + words) == before
    assert label("T001 y" + text)._replace(id="") == label("T001 ✅ y" + text)._replace(id="")


def test_a_long_line_takes_no_time_that_grows_with_its_square() -> None:
    assert clean("a" + " -" * 200_000).startswith("a")
    assert label("T001 " + "[a] " * 20_000 + "x").id == "T001"
