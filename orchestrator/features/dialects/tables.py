"""The tables: which names a field has, what a word means. Pure data, and the settings that add to it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

# Field -> the names that lists give it. The first that is there and not empty counts.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name", "title"),
    "description": (
        "description", "details", "user_visible_behavior", "userVisibleBehavior", "behavior", "summary",
    ),
    "category": ("category", "area", "milestone", "phase", "track", "module"),
    "dependencies": ("dependencies", "depends_on", "dependsOn", "deps", "requires"),
    "tests": (
        "tests", "steps", "acceptance", "acceptance_criteria", "acceptanceCriteria", "criteria", "done_criteria",
        "doneCriteria", "verification",
    ),
    "verify": ("verify", "verification_command"),
    "status": ("status", "state"),
    "flag": ("done", "complete", "completed", "implemented"),
}  # fmt: skip

Meaning = Literal["done", "not done", "blocked", "dropped"]

_DONE = (
    "done", "complete", "completed", "pass", "passed", "passing", "accepted", "closed", "finished", "merged",
    "verified", "implemented", "resolved", "shipped",
)  # fmt: skip
# Nobody works on these yet: the first ones to take for a feature that is opened again.
_NOT_BEGUN = (
    "pending", "todo", "to do", "not started", "planned", "open", "backlog", "ready", "spec ready", "approved", "new",
    "draft", "proposed", "queued",
)  # fmt: skip
_BEGUN = (
    "analyzing", "analysing", "in progress", "active", "started", "wip", "doing", "working", "review", "in review",
    "testing", "fail", "failed", "failing", "needs work",
)  # fmt: skip
_BLOCKED = ("blocked", "on hold", "paused", "waiting")
_DROPPED = (
    "cancelled", "canceled", "deferred", "skipped", "superseded", "obsolete", "deprecated", "removed", "aborted",
    "abandoned", "postponed", "parked", "wont do",
)  # fmt: skip
_READY_FOR = "readyfor"

DONE_WORD, OPEN_WORD, BLOCKED_WORD = "done", "pending", "blocked"

PRIORITIES = {
    "critical": 1, "urgent": 1, "high": 2, "medium": 3, "normal": 3, "low": 4, "lowest": 5, "minor": 5,
}  # fmt: skip

LEVELS = ("high", "medium", "low")
COMPLEXITIES = {
    **{level: level for level in LEVELS},
    "complex": "high", "hard": "high", "large": "high", "moderate": "medium",
    "simple": "low", "easy": "low", "trivial": "low", "small": "low",
}  # fmt: skip

# What says how the work stands, not what is asked for.
BOOKKEEPING = frozenset({
    "passes", "passes_from", "blocked", "suggested_fix", "priority", "complexity", "needs_review", "ticket",
    *FIELDS["status"], *FIELDS["flag"],
    "evidence", "notes", "progress", "results", "commit", "commits", "branch", "pr", "owner", "assignee", "session",
    "sessions", "session_completed", "attempts", "blocker", "block_reason", "last_run", "verified_via",
})  # fmt: skip
_BOOKKEEPING_STARTS = ("_", "blocked_")
_BOOKKEEPING_ENDS = (
    "_at", "At", "_date", "_by", "_notes", "_in_session", "_evidence", "_verification", "_count",
)  # fmt: skip
# Bookkeeping that is the user's or the orchestrator's: a session may change it in no feature, not even in its own.
NOT_FOR_AGENTS = frozenset({"priority", "complexity", "needs_review", "blocked", "suggested_fix", "ticket"})

# Where a list explains its own words, at its top or in an object there.
LEGENDS = ("valid_status", "status_legend", "allowed_statuses")


class Rules(NamedTuple):
    """The words and names that the settings `[features]` add to the tables."""

    done: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    bookkeeping: tuple[str, ...] = ()


BUILT_IN = Rules()


def plain(word: str) -> str:
    """The word in small letters, without what is no letter or digit: `In-Progress` and `in progress` are one word."""
    folded = word.casefold()
    return folded if folded.isalpha() else _signs.sub("", folded) or folded.strip()


_signs = re.compile(r"[\W_]+")


@lru_cache(maxsize=512)
def meaning(word: str, rules: Rules = BUILT_IN) -> Meaning | None:
    """What a word of a status says; None for one that nobody knows."""
    known = plain(word)
    ready = not known or (known.startswith(_READY_FOR) and known != _READY_FOR)
    return _words(rules).get(known, "not done" if ready else None)


def is_begun(word: str) -> bool:
    """Whether a "not done" word says that somebody is or was at work: `in progress` does, `pending` does not."""
    known = plain(word)
    return known in _begun_plainly or known.startswith(_READY_FOR)


def is_bookkeeping(key: str, rules: Rules = BUILT_IN) -> bool:
    """Whether the field says how the work stands, not what is asked for."""
    return (
        key in BOOKKEEPING
        or key.startswith(_BOOKKEEPING_STARTS)
        or key.endswith(_BOOKKEEPING_ENDS)
        or key in rules.bookkeeping
    )


def was_bookkeeping(key: str) -> bool:
    """The answer of version 0.1. Its digests are in trailers of existing histories."""
    return key in _BOOKKEEPING_0_1 or key.startswith(_BOOKKEEPING_STARTS)


_BOOKKEEPING_0_1 = frozenset({
    "passes", "passes_from", "blocked", "suggested_fix", "priority", "complexity", "needs_review",
})  # fmt: skip
_begun_plainly = frozenset(map(plain, _BEGUN))


@lru_cache(maxsize=8)
def _words(rules: Rules) -> dict[str, Meaning]:
    """Plain words to their meaning; the settings go over the tables."""
    table: dict[str, Meaning] = {}
    rows: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
        ("done", _DONE),
        ("not done", (*_NOT_BEGUN, *_BEGUN)),
        ("blocked", _BLOCKED),
        ("dropped", _DROPPED),
        ("done", rules.done),
        ("not done", rules.not_done),
        ("dropped", rules.dropped),
    )
    for what, words in rows:
        table.update(dict.fromkeys(map(plain, words), what))
    return table
