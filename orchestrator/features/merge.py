"""Three-way merge of feature lists by id and by key, for git's merge driver (docs/contract.md, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orchestrator.errors import OrchestratorError
from orchestrator.features import conflict_markers, document, model
from orchestrator.features.dialects.tables import FIELDS, Meaning, is_bookkeeping, meaning
from orchestrator.features.spans import Layout, Span, apply, decode, scan
from orchestrator.features.versions import MISSING, Version, anchors, keys_that_differ, read, same_key


@dataclass(frozen=True)
class Merged:
    """The merged list; with conflicts, a sentence each, it holds markers around what is in conflict."""

    data: bytes
    conflicts: list[str]


@dataclass
class _Plan:
    """What is done to the list that the merge starts from."""

    delete: list[str] = field(default_factory=list)
    insert: list[str] = field(default_factory=list)
    edit: dict[str, dict[str, object]] = field(default_factory=dict)
    top: dict[str, object] = field(default_factory=dict)
    # In conflict: what the other side's text has in its place, or None where one side has none.
    blocks: dict[str, dict[str, object] | None] = field(default_factory=dict)
    top_blocks: dict[str, object] = field(default_factory=dict)
    # What the common ancestor's text has there; nothing where it has none.
    was: dict[str, dict[str, object]] = field(default_factory=dict)
    top_was: dict[str, object] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def merge(base: bytes, ours: bytes, theirs: bytes, look: conflict_markers.Look = conflict_markers.Look()) -> Merged:
    """The changes of both sides since `base` (empty where both added the file).

    The bytes and the order are those of `ours`, unless only `theirs` has reordered the features that both have. What
    `theirs` added goes behind the feature that it follows in `theirs`. Raises OrchestratorError when a side can't be
    read.
    """
    ancestor = read(base, "the common ancestor", may_be_absent=True)
    sides = ancestor, read(ours, "ours"), read(theirs, "theirs")
    if _same(sides[1], sides[2]) or _same(sides[0], sides[2]):
        return Merged(ours, [])
    if _same(sides[0], sides[1]):
        return Merged(theirs, [])
    if _only_other_moved(*sides):
        return _merge(theirs, sides[0], sides[2], sides[1], look, swapped=True)
    return _merge(ours, *sides, look, swapped=False)


def _same(one: Version, other: Version) -> bool:
    return one.layout.text == other.layout.text


def _only_other_moved(base: Version, here: Version, there: Version) -> bool:
    if here.layout.bare != there.layout.bare:
        return here.layout.bare  # an array has no place for top-level keys
    known = here.by_id.keys() & there.by_id.keys() & base.by_id.keys()
    orders = [[id for id in version.ids if id in known] for version in (base, here, there)]
    return orders[0] == orders[1] != orders[2]


def _merge(
    data: bytes, base: Version, here: Version, there: Version, look: conflict_markers.Look, *, swapped: bool
) -> Merged:
    """Merge the changes of `there` into `data`, the text of `here`. `swapped`: `here` is "theirs"."""
    names = ("theirs", "ours") if swapped else ("ours", "theirs")
    plan = _Plan()
    for id in dict.fromkeys([*here.ids, *there.ids]):
        _decide(plan, id, base, here, there, names)
    _decide_top(plan, base, here, there, names)
    data = document.edit(document.remove(data, plan.delete), plan.edit)
    data = document.insert(data, _placed(plan, base, here, there))
    data = document.edit_top(data, plan.top)
    if plan.said:
        return Merged(_marked(data, plan, here, look, swapped), plan.said)
    try:
        model.parse(data, lenient=True)
    except OrchestratorError as error:
        return Merged(data, [f"the two sides do not fit together: {error.what}"])
    return Merged(data, [])


def _decide(plan: _Plan, id: str, base: Version, here: Version, there: Version, names: tuple[str, str]) -> None:
    if here.same_feature(id, there) or there.same_feature(id, base):
        return
    if here.same_feature(id, base):
        if id not in there.by_id:
            plan.delete.append(id)
        elif id not in here.by_id:
            plan.insert.append(id)
        else:
            plan.edit[id] = there.edits(id, keys_that_differ(here.value(id), there.value(id)))
    elif id not in here.by_id or id not in there.by_id:
        gone, kept = names if id not in here.by_id else names[::-1]
        plan.said.append(f"{id}: deleted in {gone}, changed in {kept}")
        plan.blocks[id] = None
        left = there if id not in here.by_id else here
        if id in base.by_id:
            plan.was[id] = base.edits(id, keys_that_differ(left.value(id), base.value(id)))
        if left is there:
            plan.insert.append(id)
    else:
        _decide_keys(plan, id, base, here, there)


def _decide_keys(plan: _Plan, id: str, base: Version, here: Version, there: Version) -> None:
    was = base.value(id)
    both = here.value(id), there.value(id)
    taken, clashing = _three_way({} if was is MISSING else was, *both)
    for key in [key for key in clashing if key in FIELDS["status"]]:
        side = _by_meaning({} if was is MISSING else was, *both, key)
        if side:
            clashing.remove(key)
            taken += [key] if side == "there" else []
    how = "changed on both sides"
    if was is MISSING:
        # Two features that happen to have one id are not to be mixed.
        how = "added on both sides, and differs"
        clashing = [key for key in keys_that_differ(*both) if key in clashing or not is_bookkeeping(key)]
        taken = [key for key in taken if key not in clashing]
    plan.edit[id] = there.edits(id, taken)
    if clashing:
        plan.said.append(f"{id}: {', '.join(clashing)}: {how}")
        plan.blocks[id] = there.edits(id, clashing)
        if was is not MISSING:
            plan.was[id] = base.edits(id, clashing)


def _by_meaning(was: dict[str, Any], here: dict[str, Any], there: dict[str, Any], key: str) -> str:
    """Both sides changed a status word: which one to take. "here" where both mean the same; else the side whose word
    means something new; "" where that does not decide.
    """
    before, ours, theirs = (_meant(item, key) for item in (was, here, there))
    if ours is None or theirs is None or before == ours == theirs:
        return ""
    if ours == theirs:
        return "here"
    return "there" if ours == before else "here" if theirs == before else ""


def _meant(item: dict[str, Any], key: str) -> Meaning | None:
    word = item.get(key, "")
    return meaning(word or "") if word is None or isinstance(word, str) else None


def _decide_top(plan: _Plan, base: Version, here: Version, there: Version, names: tuple[str, str]) -> None:
    taken, clashing = _three_way(base.top, here.top, there.top)
    plan.top.update(there.top_edits(taken))
    for key in clashing:
        if key in base.top:
            plan.top_was.update(base.top_edits([key]))
        if key in here.top and key in there.top:
            plan.said.append(f'top-level "{key}": changed on both sides')
            plan.top_blocks.update(there.top_edits([key]))
            continue
        gone, kept = names if key not in here.top else names[::-1]
        plan.said.append(f'top-level "{key}": deleted in {gone}, changed in {kept}')
        plan.top_blocks[key] = None
        if key not in here.top:
            plan.top.update(there.top_edits([key]))


def _three_way(was: dict[str, Any], here: dict[str, Any], there: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The keys to take from there, and those that both changed in different ways."""
    taken: list[str] = []
    clashing: list[str] = []
    for key in keys_that_differ(here, there):
        old = was.get(key, MISSING)
        if same_key(key, here.get(key, MISSING), old):
            taken.append(key)
        elif not same_key(key, there.get(key, MISSING), old):
            clashing.append(key)
    return taken, clashing


def _placed(plan: _Plan, base: Version, here: Version, there: Version) -> list[tuple[str | None, str]]:
    """(id it goes behind, text) of each feature to insert. It goes behind its predecessor in `there`; where `here` too
    added features behind that one, after those.
    """
    deleted = set(plan.delete)
    order = [id for id in here.ids if id not in deleted]
    after: dict[str | None, str | None] = {}
    last: str | None = None
    for id in order:
        if id in there.by_id or id in base.by_id:
            last = id
        after[last] = id
    return [(after.get(place, place), there.raw(id)) for id, place in anchors(there.ids, order, plan.insert).items()]


def _marked(data: bytes, plan: _Plan, here: Version, look: conflict_markers.Look, swapped: bool) -> bytes:
    """The merged list with each conflict between markers, the other texts made from the merged one."""
    text = decode(data)
    layout = scan(text)
    edits = {id: edit for id, edit in plan.blocks.items() if edit is not None}
    tops = {key: value for key, value in plan.top_blocks.items() if value is not None}
    other = scan(decode(document.edit_top(document.edit(data, edits), tops)))
    was = scan(decode(document.edit_top(document.edit(data, plan.was), plan.top_was)))
    patches = []
    for block in [*_feature_blocks(plan, layout, other, was, here), *_top_blocks(plan, layout, other, was, here)]:
        turned = block._replace(ours=block.theirs, theirs=block.ours) if swapped else block
        patches.append(conflict_markers.patch(text, turned, look))
    return apply(text, patches).encode("utf-8")


def _feature_blocks(
    plan: _Plan, layout: Layout, other: Layout, was: Layout, here: Version
) -> Iterator[conflict_markers.Block]:
    texts = {id: other.raw(element) for id, element in other.by_id().items() if id in plan.blocks}
    old = {id: was.raw(element) for id, element in was.by_id().items() if id in plan.was}
    entries = list(layout.by_id().items())
    for index, (id, element) in enumerate(entries):
        if id not in plan.blocks:
            continue
        free = index > 0 and entries[index - 1][0] not in plan.blocks
        sides = _sides(layout.raw(element), texts[id], plan.blocks[id] is None, id in here.by_id)
        span = Span(element.start, element.end)
        before = entries[index - 1][1].end if free else None
        yield conflict_markers.Block(span, *sides, old.get(id), before, index == len(entries) - 1)


def _top_blocks(
    plan: _Plan, layout: Layout, other: Layout, was: Layout, here: Version
) -> Iterator[conflict_markers.Block]:
    texts = {member.key: other.text[member.start : member.end] for member in other.members}
    old = {m.key: was.text[m.start : m.end] for m in was.members if m.key in plan.top_was}
    last = {member.key: index for index, member in enumerate(layout.members)}
    for index, member in enumerate(layout.members):
        if member.key not in plan.top_blocks or last[member.key] != index:
            continue
        free = index > 0 and layout.members[index - 1].key not in plan.top_blocks
        text = layout.text[member.start : member.end]
        sides = _sides(text, texts[member.key], plan.top_blocks[member.key] is None, member.key in here.top)
        before = layout.members[index - 1].end if free else None
        final = index == len(layout.members) - 1
        yield conflict_markers.Block(Span(member.start, member.end), *sides, old.get(member.key), before, final)


def _sides(text: str, other: str, deleted: bool, is_here: bool) -> tuple[str | None, str | None]:
    """The item's text in `here` and in `there`; None for the side that deleted it."""
    if not deleted:
        return text, other
    return (text, None) if is_here else (None, text)
