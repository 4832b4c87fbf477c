from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.agents.resets import reset_time

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=timezone.utc)


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=timezone.utc).timestamp()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("You've hit your session limit · resets 6:49am (UTC)", utc(2026, 11, 23, 6, 49)),
        ("You've hit your session limit · resets 3am (UTC)", utc(2026, 11, 24, 3, 0)),
        ("You've hit your session limit · resets 12am (UTC)", utc(2026, 11, 24, 0, 0)),
        ("You've hit your session limit · resets 12:30pm (UTC)", utc(2026, 11, 23, 12, 30)),
        ("You've hit your weekly limit · resets Nov 26, 4:49am (UTC)", utc(2026, 11, 26, 4, 49)),
        ("weekly limit · resets Jan 2, 1am (UTC)", utc(2027, 1, 2, 1, 0)),
        ("limit · resets 6pm (Europe/Berlin)", utc(2026, 11, 23, 17, 0)),
        ("Claude AI usage limit reached|1795415445", 1795415445.0),
        ("try again in 2 hours 5 minutes", NOW.timestamp() + 7500),
        ("try again in 3 days 1h", NOW.timestamp() + 3 * 86400 + 3600),
        ("try again in 20s.", NOW.timestamp() + 20),
        ("resets 25:00am (UTC)", None),
        ("resets Feb 30, 1am (UTC)", None),
        ("API Error: Request rejected (429)", None),
        ("", None),
    ],
)
def test_the_moment_is_read_from_the_sentence(text: str, moment: float | None) -> None:
    assert reset_time(text, NOW.timestamp()) == moment


def test_a_time_without_a_zone_is_local() -> None:
    moment = reset_time("or try again at 5:52 AM.", NOW.timestamp())
    assert moment is not None
    local = datetime.fromtimestamp(moment)
    assert (local.hour, local.minute) == (5, 52)
    assert 0 < moment - NOW.timestamp() <= 86400 + 3600


def test_an_unknown_zone_is_taken_as_local() -> None:
    assert reset_time("resets 6am (Nowhere/At_all)", NOW.timestamp()) == reset_time("resets 6am", NOW.timestamp())


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_is_the_next_one(now: datetime, hour: int, minute: int) -> None:
    words = f"resets {hour % 12 or 12}:{minute:02}{'am' if hour < 12 else 'pm'} (UTC)"
    start = now.replace(tzinfo=timezone.utc)
    candidates = [
        (start + timedelta(days=day)).replace(hour=hour, minute=minute, second=0, microsecond=0) for day in (0, 1)
    ]
    expected = min(moment for moment in candidates if moment > start)
    assert reset_time(words, start.timestamp()) == expected.timestamp()


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    for words in (text, f"resets {text}", f"try again in {text}"):
        reset_time(words, NOW.timestamp())
