"""Questions to a person: on a real terminal, and none without one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from orchestrator.planning.running.checkpoints import Checkpoint
from orchestrator.planning.running.dialogue import Choice, Terminal, Unattended, choose

NOW = datetime(2026, 3, 9, tzinfo=timezone.utc)


def typed(*lines: str) -> Terminal:
    return Terminal(io.StringIO("".join(f"{line}\n" for line in lines)), io.StringIO())


@pytest.mark.parametrize(
    ("lines", "choice"),
    [
        ([""], Choice("continue")),
        (["C"], Choice("continue")),
        (["x", "what", "e"], Choice("exit")),
        (["R", "more", "and more", ""], Choice("revise", "more\nand more")),
        (["s", "another", ""], Choice("restart", "another")),
        (["Start over", ""], Choice("restart", "")),
    ],
)
def test_research_is_continued_revised_started_over_or_left(lines: list[str], choice: Choice) -> None:
    assert typed(*lines).after_research("r.md", []) == choice


def test_answers_to_open_questions_revise_at_once_and_none_go_on_to_the_menu() -> None:
    asked = typed("Both.", "")
    assert asked.after_research("r.md", ["Which?", "When?"]) == Choice("revise", "Both.")
    assert "  1. Which?\n  2. When?\n" in asked.sink.getvalue()  # type: ignore[attr-defined]
    assert typed("", "").after_research("r.md", ["Which?"]) == Choice("continue")


def test_a_plan_is_approved_by_default_or_sent_back_with_wishes() -> None:
    assert typed("").after_plan("p.md") is None
    assert typed("y").after_plan("p.md") is None
    assert typed("n", "smaller", "").after_plan("p.md") == "smaller"
    assert typed("n", "").after_plan("p.md") == ""


def test_a_failed_decomposition_is_retried_by_default() -> None:
    assert [typed(line).retry_decomposition("bad") for line in ("", "r", "c")] == [True, True, False]


def test_the_end_of_input_counts_as_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        typed().after_plan("p.md")
    with pytest.raises(KeyboardInterrupt):
        typed("r", "text").after_research("r.md", [])


def aged(*days: int) -> list[Checkpoint]:
    return [Checkpoint(str(day), "planning-failed", (NOW - timedelta(days=day)).isoformat()) for day in days]


@pytest.mark.parametrize(
    ("lines", "deleted"),
    [
        ([""], []),
        (["s"], []),
        (["o"], ["12", "40"]),
        (["l", ""], ["3"]),
        (["l", "15"], ["3", "12"]),
        (["a", "ALL"], ["3", "12", "40"]),
        (["a", "all"], []),
        (["a", ""], []),
    ],
)
def test_the_clean_up_menu_deletes_what_its_labels_say(lines: list[str], deleted: list[str]) -> None:
    assert [item.id for item in typed(*lines).clean_up(aged(3, 12, 40), NOW)] == deleted


def test_a_file_is_chosen_by_number_after_a_search_or_by_name() -> None:
    asked: list[int] = []

    def discover(days: int) -> list[Path]:
        asked.append(days)
        return [Path("/r/a.md"), Path("/r/b.md")] if days else []

    assert typed("1", "s", "", "2").choose_file("research", discover) == "/r/b.md"
    assert asked == [0, 0, 7]
    assert typed("o", "notes.md").choose_file("research", discover) == "notes.md"
    assert typed("e").choose_file("research", discover) is None


def test_a_checkpoint_is_used_by_default() -> None:
    [checkpoint] = aged(3)
    assert typed("").use_checkpoint(checkpoint, 3)
    assert not typed("n").use_checkpoint(checkpoint, 3)


def test_approval_of_everything_asks_nobody() -> None:
    assert isinstance(choose(auto_approve=True), Unattended)


ASK = """
from orchestrator.planning.running.dialogue import choose, Unattended
found = choose(False)
print("unattended" if isinstance(found, Unattended) else found.after_research("r.md", ["Which?"]))
print(found.after_plan("p.md"))
"""


def test_without_a_terminal_nothing_is_asked() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], input="r\nx\n", capture_output=True, text=True, check=True)
    assert done.stdout == "unattended\nNone\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
def test_on_a_real_terminal_the_menus_are_asked() -> None:
    import pexpect

    child = pexpect.spawn(sys.executable, ["-c", ASK], encoding="utf-8", timeout=30)
    child.expect_exact("1. Which?")
    child.expect_exact("> ")
    child.sendline("")
    child.expect_exact("[C]ontinue (default) / [R]evise with more context / [S]tart over / [E]xit: ")
    child.sendline("S")
    child.expect_exact("> ")
    child.sendline("Größer")
    child.expect_exact("> ")
    child.sendline("")
    child.expect_exact("Choice(action='restart', text='Größer')")
    child.expect_exact("Go on with it? [Y/n]: ")
    child.sendcontrol("c")
    child.expect_exact("KeyboardInterrupt")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus or child.signalstatus
