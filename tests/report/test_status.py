"""The lines of `status`, by the width of the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.features import model
from orchestrator.report import status
from orchestrator.staleness.state import Standing, State


def listed(*features: dict[str, Any], project: str = "p") -> dict[str, Any]:
    entries = [{"name": "", "state": "todo", "reason": "not completed yet", "blocked": False, **f} for f in features]
    done = sum(1 for entry in entries if entry["state"] == "done")
    return {
        "project": project, "total": len(entries), "completed": done, "remaining": len(entries) - done,
        "blocked": sum(1 for entry in entries if entry["blocked"]), "features": entries,
    }  # fmt: skip


def shown(data: dict[str, Any], width: int | None = None) -> list[str]:
    return [line for line, _ in status.lines(data, width)]


@pytest.mark.parametrize(
    ("done", "total", "bar"),
    [
        (0, 4, "[..............................] 0/4 (0.0%)"),
        (1, 4, "[#######.......................] 1/4 (25.0%)"),
        (2, 4, "[###############...............] 2/4 (50.0%)"),
        (4, 4, "[##############################] 4/4 (100.0%)"),
        (0, 0, "[..............................] 0/0 (0.0%)"),
    ],
)
def test_the_bar_is_filled_by_what_is_completed(done: int, total: int, bar: str) -> None:
    data = listed(*({"id": str(n), "state": "done" if n < done else "todo"} for n in range(total)))
    assert shown(data)[0] == f"p  {bar}"


def test_the_counts_name_what_is_blocked() -> None:
    one = {"id": "F1", "state": "done"}
    assert shown(listed(one))[1] == "0 remaining"
    assert shown(listed(one, {"id": "F2", "state": "blocked", "blocked": True}))[1] == "1 remaining, 1 blocked"


def test_what_was_dropped_is_counted_apart() -> None:
    data = {**listed({"id": "F1", "state": "done"}, {"id": "F2", "state": "dropped"}), "total": 1, "remaining": 0}
    assert shown(data)[:2] == ["p  [##############################] 1/1 (100.0%)", "0 remaining, 1 dropped"]


LONG = {"id": "F001", "name": "a name of some length " * 4, "reason": "a reason that goes on for quite a while " * 3}


def test_nothing_is_shortened_in_a_pipe() -> None:
    line = shown(listed(LONG, {"id": "F2", "name": "short"}))[2]
    assert " ".join(LONG["name"].split()) in line
    assert line.endswith(" ".join(LONG["reason"].split()))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal_and_ids_are_whole(width: int) -> None:
    data = listed(LONG, {"id": "F2", "name": "日本語の名前" * 9, "reason": "ok"}, project="a project " * 5)
    lines = shown(data, width)
    assert max(sum(2 if ord(c) > 0x2E80 else 1 for c in line) for line in lines) <= width
    assert ("F001" in lines[2], "F2" in lines[3]) == (True, True)


def test_what_fits_is_left_as_it_is() -> None:
    data = listed({"id": "F1", "name": "one", "state": "done", "reason": "completed by 0123456789"})
    assert shown(data, 80)[2] == "  done    F1  one  completed by 0123456789"


def test_a_long_name_gives_way_to_the_reason() -> None:
    data = listed({"id": "F1", "name": "n" * 100, "reason": "completed by 0123456789"})
    assert shown(data, 80)[2] == "  todo    F1  " + "n" * 38 + "...  completed by 0123456789"


def waits(*pairs: tuple[str, str]) -> dict[str, Standing]:
    return {
        id: Standing(model.feature({"id": id}), State.WAITING if reason else State.TODO, reason, False)
        for id, reason in pairs
    }


def test_what_waits_for_what_is_said_in_words() -> None:
    now = waits(("A", "ZZ is not in the list"), ("B", "a is b is blocked"), ("C", ""), ("D", "C is todo"))
    assert status.waiting(now, but={"D"}) == [
        "A waits for ZZ, which is not in the list",
        "B waits for a is b, which is blocked",
    ]
