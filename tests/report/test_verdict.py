"""The last lines of a build."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.report import verdict


def told(capsys: pytest.CaptureFixture[str], **summary: Any) -> list[str]:
    verdict.finished({"blocked": [], **summary}, None)
    return capsys.readouterr().out.splitlines()


def test_all_done_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, counts={"done": 1, "todo": 0, "dropped": 0}) == ["1 feature: all up to date"]
    assert told(capsys, counts={"done": 2, "dropped": 1}) == ["3 features: all up to date, 1 dropped"]
    assert told(capsys, counts={"done": 12, "todo": 0, "dropped": 0}) == ["12 features: all up to date"]


def test_what_is_left_is_counted_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {"done": 1, "todo": 0, "waiting": 2, "blocked": 1, "dropped": 0}
    waiting = ["A waits for ZZ, which is not in the list", "B waits for F1, which is blocked"]
    assert told(capsys, counts=counts, blocked=["F1"], waiting=waiting) == [
        "4 features: 1 done, 2 waiting, 1 blocked",
        "  blocked: F1 (see `orchestrator why F1`)",
        "  A waits for ZZ, which is not in the list",
        "  B waits for F1, which is blocked",
    ]
