"""When a usage limit ends, read from the sentence that an agent prints, for agents that give no number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

_EPOCH = re.compile(r"limit reached\|(\d{10})\b")
_CLOCK = re.compile(
    r"(?:resets|try again at)\s+"
    r"(?:(?P<month>[A-Z][a-z]{2})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{4}))?"
    r"(?:,\s*|\s+at\s+|\s+))?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s*(?P<half>[ap])\.?m\b\.?"
    r"(?:\s*\((?P<zone>[\w+/-]+)\))?",
    re.IGNORECASE,
)
_SPAN = re.compile(r"try again in\s+((?:\d+(?:\.\d+)?\s*(?:days?|hours?|minutes?|seconds?|[dhms])\b[\s,]*)+)")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905


def reset_time(text: str, now: float) -> float | None:
    """The moment the limit that `text` tells of ends, in seconds since the epoch; None when it does not say.

    Reads `limit reached|EPOCH`, `resets 6:49am (UTC)`, `resets Nov 26, 4:49am (UTC)`, `try again at 5:52 AM`
    (local time without a zone) and `try again in 3 days 2 hours`. A time of day is the next one after `now`.
    """
    if epoch := _EPOCH.search(text):
        return float(epoch[1])
    if span := _SPAN.search(text):
        return now + sum(float(count) * _UNITS[unit] for count, unit in _PIECE.findall(span[1]))
    clock = _CLOCK.search(text)
    return _clock(clock, now) if clock else None


def _clock(found: re.Match[str], now: float) -> float | None:
    zone = _zone(found["zone"])
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if not 1 <= hour <= 12 or minute > 59:
        return None
    hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    today = datetime.fromtimestamp(now, timezone.utc).astimezone(zone)
    moment = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if not found["month"]:
        return (moment if moment.timestamp() > now else moment + timedelta(days=1)).timestamp()
    try:
        month = _MONTHS.index(found["month"].lower()) + 1
        year = int(found["year"] or today.year)
        moment = moment.replace(year=year, month=month, day=int(found["day"]))
        # In December a date in January is meant to come.
        if not found["year"] and moment.timestamp() < now - 86400:
            moment = moment.replace(year=year + 1)
    except ValueError:
        return None
    return moment.timestamp()


def _zone(name: str | None) -> tzinfo | None:
    """The named zone; None, the machine's own, where none is named or the name is unknown here."""
    if not name:
        return None
    if name.upper() in ("UTC", "GMT"):
        return timezone.utc
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
