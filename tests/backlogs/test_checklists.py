"""Checklists after public ones, and Markdown that only looks like one."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.backlogs.checklists import Stray, Task, parse, repeated


def tasks(text: str) -> list[Task]:
    return list(parse(dedent(text)).tasks)


def brief(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """(id, name, tests) of each task."""
    return [(task.id, task.name, task.tests) for task in tasks(text)]


def test_a_task_has_its_id_its_heading_and_the_text_under_it() -> None:
    text = """\
        # Tasks: Notes

        ## Phase 1: Setup

        - [x] T001 Make the folder
        - [ ] T002 [P] Add the linter in
              pyproject.toml

              Rules:
              - line length
                - 120

        Text that belongs to nothing.
        """
    assert tasks(text) == [
        Task(5, "T001", True, False, "Make the folder", "Make the folder", (), "Phase 1: Setup", 3),
        Task(
            6, "T002", False, True, "Add the linter in",
            "Add the linter in\npyproject.toml\n\nRules:\n- line length\n  - 120", (), "Phase 1: Setup", 3,
        ),
    ]  # fmt: skip


def test_nested_boxes_and_boxes_without_an_id_are_tests_of_the_task_above() -> None:
    text = """\
        - [ ] T001 Make it
          - [ ] it starts
            and stops
          - [x] T001a it ends ✅
            - [ ] even then
        - [ ] T002 More

        ## Checklist

        - [ ] everything is tested
          by machines
        - [x] nothing is left
        """
    assert brief(text) == [
        ("T001", "Make it", ("it starts and stops", "T001a it ends", "even then")),
        ("T002", "More", ("everything is tested by machines", "nothing is left")),
    ]


def test_in_a_file_without_ids_each_box_that_is_not_nested_is_a_task() -> None:
    text = """\
        ## One
        - [ ] First
          - [ ] a test
        * [x] Second
        ## Two
        1. [ ] Third
        """
    assert brief(text) == [("", "First", ("a test",)), ("", "Second", ()), ("", "Third", ())]
    assert [task.category for task in tasks(text)] == ["One", "One", "Two"]


def test_bullets_and_code_under_a_nested_box_belong_to_the_task() -> None:
    text = """\
        - [ ] T001 Make it
          - [ ] it starts
            - by hand
            ```sh
            make
            ```
            and stops
        """
    assert brief(text) == [("T001", "Make it", ("it starts",))]
    assert tasks(text)[0].description == "Make it\n- by hand\n```sh\nmake\n```\nand stops"


def test_a_heading_within_a_task_and_one_that_is_code_make_no_category() -> None:
    text = """\
        ## One
        - [ ] T001 a
          ## Notes
          text
        - [ ] T002 b

            # a comment of some code

        - [ ] T003 c
        """
    assert [(task.category, task.description) for task in tasks(text)] == [
        ("One", "a\nNotes\ntext"), ("One", "b\n# a comment of some code"), ("One", "c"),
    ]  # fmt: skip
    assert [task.category for task in tasks("## One\n\n    # code\n\n- [ ] T001 a\n")] == ["One"]
    assert [task.category for task in tasks("    ## code\n\n- [ ] T001 a\n")] == [""]


def test_boxes_below_one_without_a_text_are_tasks() -> None:
    assert brief("- [ ] <!-- group -->\n  - [ ] a\n  - [ ] b\n") == [("", "a", ()), ("", "b", ())]


def test_boxes_with_ids_below_one_without_are_tasks() -> None:
    text = """\
        - [ ] 1.1 Before
        - [ ] A group
          - [ ] 2.1 In it
          - [ ] 2.2 Too
        - Another group
          - [x] 3.1 In that
        """
    assert brief(text) == [
        ("1.1", "Before", ("A group",)),
        ("2.1", "In it", ()),
        ("2.2", "Too", ()),
        ("3.1", "In that", ()),
    ]


def test_where_ids_have_a_letter_a_number_is_no_id() -> None:
    assert brief("- [ ] T001 Upgrade\n- [ ] 2.0 is out\n") == [("T001", "Upgrade", ("2.0 is out",))]
    assert brief("- [ ] 1.1 Upgrade\n- [ ] 2.0 Release\n") == [("1.1", "Upgrade", ()), ("2.0", "Release", ())]


def test_code_comments_and_front_matter_hold_no_tasks() -> None:
    text = """\
        ---
        description: "- [ ] T000 none"
        # No heading
        ---
        <!-- - [ ] T000 none -->
        <!--
        - [ ] T000 none
        -->
        - [ ] T001 Make it
          ```text
          - [ ] T000 none
          ```
          more
        ~~~~md
        - [ ] T000 none
        ~~~
        - [ ] T000 none
        ~~~~
        ```inline``` is no fence
        - [ ] T002 Last
        """
    assert brief(text) == [("T001", "Make it", ()), ("T002", "Last", ())]
    assert tasks(text)[0].description == "Make it\n```text\n- [ ] T000 none\n```\nmore"
    assert tasks(text)[0].category == ""


def test_a_fence_that_nothing_ends_is_told_with_its_line() -> None:
    found = parse("- [ ] T001 a\n\n```sh\nls\n- [ ] T002 b\n")
    assert ([task.id for task in found.tasks], found.open) == (["T001"], 3)
    assert parse("- [ ] T001 a\n<!-- b\n- [ ] T002 c\n").open == 2
    assert parse("```\n- [ ] T001 a\n```\n").open == 0


def test_the_category_is_the_outermost_heading_that_does_not_name_the_file() -> None:
    text = """\
        # Tasks: All of it
        - [ ] T001 a
        ## Phase 1: Core ✅ COMPLETED
        ### Tests
        - [ ] T002 b
        ### Implementation ###
        - [ ] T003 c
        ## 2. Docs
        - [ ] T004 d
        ## Tasks
        ### Group 1
        - [ ] T005 e
        """
    assert [(task.category, task.phase) for task in tasks(text)] == [
        ("", 0), ("Phase 1: Core", 3), ("Phase 1: Core", 3), ("Docs", 8), ("Group 1", 11),
    ]  # fmt: skip
    assert [task.category for task in tasks("# One\n- [ ] T1 a\n# 2. Two\n- [ ] T2 b\n")] == ["One", "Two"]


def test_line_ends_tabs_and_a_byte_order_mark_change_nothing() -> None:
    text = "## A\n\n- [ ] T001 a\n    - [ ] test\n    text\n\n- [x] T002 b\n"
    wanted = parse(text)
    assert parse(text.replace("\n", "\r\n")) == wanted
    assert parse(text.replace("\n", "\r")) == wanted
    assert parse("\ufeff" + text) == wanted
    assert parse(text.replace("    ", "\t")) == wanted


def test_one_column_more_is_no_nesting() -> None:
    assert brief("- [ ] T001 a\n - [ ] T002 b\n- [ ] T003 c\n") == [
        ("T001", "a", ()),
        ("T002", "b", ()),
        ("T003", "c", ()),
    ]


def test_what_is_no_task_is_told_with_its_line_and_reason() -> None:
    text = """\
        - [ ] Read the plan
        - [ ] T001 Make it
        - [ ] ~~T002 Not that~~ ✅
          - [ ] T003 Nor that
        - [ ] T004 <!-- Task description -->
        - [~] T005 Half
        """
    found = parse(dedent(text))
    assert [task.id for task in found.tasks] == ["T001", "T005"]
    assert found.strays == (
        Stray(1, "Read the plan", "without an id"),
        Stray(3, "~~T002 Not that~~", "struck out"),
        Stray(4, "T003 Nor that", "struck out"),
        Stray(5, "T004", "no text"),
    )
    assert (found.boxes, found.odd) == (6, (6,))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# Tasks\n\nText.\n", "- a\n- b\n", "### Task 1.1: a\n", "---\n", "---\n---\n"]
)
def test_a_text_without_boxes_has_no_tasks(text: str) -> None:
    assert parse(text) == ((), (), 0, (), 0)


def test_a_rule_at_the_start_is_no_front_matter() -> None:
    assert brief("---\n\n- [ ] T001 a\n") == [("T001", "a", ())]


def test_an_id_that_comes_again_gets_a_number() -> None:
    assert repeated(["a", "b", "a", "a"]) == ["a", "b", "a-2", "a-3"]


PIECES = [
    "- [ ] ", "- [x] ", "* [✓] ", "T001 ", "T002 ", "1.1 ", "[P] ", "```\n", "~~~", "<!--", "-->", "## ", "  ", "\t",
    "\n", "text", "~~", "**", "- ", "---\n", "\r\n", "| ",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=100))
def test_whatever_a_file_holds_each_box_becomes_a_task_a_test_or_is_told(text: str) -> None:
    found = parse(text)
    assert found.boxes == len(found.tasks) + sum(len(task.tests) for task in found.tasks) + len(found.strays)
    assert all(task.name and task.description.startswith(task.name) for task in found.tasks)
    assert len({bool(task.id) for task in found.tasks}) <= 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.text("abc xyz", min_size=1)), min_size=1, max_size=8))
def test_what_is_written_in_the_usual_form_is_read_back(wanted: list[tuple[bool, bool, str]]) -> None:
    lines = [
        f"- [{'x' if done else ' '}] T{number:03} {'[P] ' if parallel else ''}a{name.strip()}z"
        for number, (done, parallel, name) in enumerate(wanted)
    ]
    assert [(task.done, task.parallel, task.name) for task in parse("\n".join(lines)).tasks] == [
        (done, parallel, f"a{name.strip()}z") for done, parallel, name in wanted
    ]
