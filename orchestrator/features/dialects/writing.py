"""The edits that change how a feature stands, in the words of its list: what is written is the field that decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.features.dialects import values
from orchestrator.features.dialects.shape import Shape
from orchestrator.features.dialects.standing import says, standing
from orchestrator.features.dialects.vocabulary import Vocabulary
from orchestrator.features.document import REMOVE

HISTORY = "history"
# The keys that `block` adds: its reason, and the values that it overwrote.
_BLOCK_FIELDS = ("blocked_reason", "blocked_at", "blocked_by", "suggested_fix", "blocked_from")
_BEFORE = "blocked_from"

Edit = dict[str, object]
Item = Mapping[str, Any]


def completing(item: Item, shape: Shape, words: Vocabulary) -> Edit:
    """What decides says that the feature is done, and what said otherwise beside it; a mark says that the history
    does.
    """
    return {**_turned(item, shape, words, passes=True), "passes_from": HISTORY}


def reopening(item: Item, shape: Shape, words: Vocabulary) -> Edit:
    """The feature is not done any more; a word that blocks or drops it stays."""
    return {**_turned(item, shape, words, passes=False), "passes_from": REMOVE}


def blocking(item: Item, shape: Shape, words: Vocabulary, about: Mapping[str, object]) -> Edit:
    """The feature is set aside; `about` are fields besides (`blocked_reason`). What they take the place of is kept,
    so that `unblocking` puts it back.
    """
    stands = standing(item, shape)
    if stands.blocked or ("blocked" in item and values.flag(item["blocked"])):
        return dict(about)
    by = stands.by or words.field
    edit: Edit = {by: words.blocked(by)} if by in _STATUS else {"blocked": True}
    if by in _STATUS:
        edit |= {key: words.blocked(key) for key in shape.status if says(item, key, shape) == "not done"}
    edit |= about
    was = {key: item[key] for key in edit if key in item}
    plain = was == {"blocked": False} and list(item)[-1] != "blocked"
    return edit if plain or not was else {**edit, _BEFORE: was}


def unblocking(item: Item, shape: Shape, words: Vocabulary) -> Edit:
    """The feature is taken up again: as it was before it was blocked, else not done."""
    kept = item.get(_BEFORE)
    was: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    edit: Edit = {key: was.get(key, REMOVE) for key in _BLOCK_FIELDS if key in item}
    if "blocked" in item and values.flag(item["blocked"]):
        edit["blocked"] = was.get("blocked", REMOVE if _added_by_us(list(item)) else False)
    for key in shape.status:
        if says(item, key, shape) == "blocked":
            edit[key] = was.get(key, words.open(key))
    return edit


_STATUS = ("status", "state")


def _added_by_us(keys: list[str]) -> bool:
    """Whether `blocked` stands where `block` puts it where there was none: right before its reason."""
    return "blocked_at" in keys and keys[keys.index("blocked") + 1 :][:1] == ["blocked_reason"]


def _turned(item: Item, shape: Shape, words: Vocabulary, *, passes: bool) -> Edit:
    by = standing(item, shape).by or words.field
    edit: Edit = {}
    for key in dict.fromkeys((by, *shape.status, *shape.flag)):
        said = says(item, key, shape)
        if passes:
            turns = said != "done" if key == by else said in ("not done", "blocked")
        else:
            turns = said in ("done", None) if key == by else said == "done"
        if turns and key in _STATUS:
            edit[key] = words.done(key) if passes else words.open(key)
        elif turns:
            edit[key] = passes
    return edit
