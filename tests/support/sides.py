"""Random changes of a feature list, as people and agents make them, for the guard and the merge."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Item = dict[str, Any]
Listed = dict[str, Any]

IDS = ["A", "B", "C", "D"]
NEW = ["N1", "N2", "N3"]
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "passes": st.booleans(),
    "blocked": st.booleans(),
    "passes_from": st.just("history"),
    "name": st.sampled_from(["x", "y", "ü"]),
    "priority": st.sampled_from([1, 2, 1.0]),
    "tests": st.lists(st.sampled_from(["t", "u"]), max_size=2),
}


def items(id: str) -> st.SearchStrategy[Item]:
    return st.fixed_dictionaries({"id": st.just(id)}, optional=KEYS)


@st.composite
def bases(draw: st.DrawFn) -> Listed:
    """Top-level keys besides `features`, and the features."""
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=4))
    top = draw(st.dictionaries(st.sampled_from(["project", "v"]), st.integers(0, 2)))
    return {**top, "features": [draw(items(id)) for id in chosen]}


@st.composite
def changed(draw: st.DrawFn, base: Listed) -> Listed:
    """The list after some changes; perhaps in another order."""
    found: Listed = json.loads(json.dumps(base))
    for item in list(found["features"]):
        what = draw(st.sampled_from(["keep", "keep", "keep", "set", "set", "unset", "delete"]))
        key = draw(st.sampled_from(sorted(KEYS)))
        if what == "set":
            item[key] = draw(KEYS[key])
        elif what == "unset":
            item.pop(key, None)
        elif what == "delete":
            found["features"].remove(item)
    for id in draw(st.lists(st.sampled_from(NEW), unique=True, max_size=2)):
        found["features"].insert(draw(st.integers(0, len(found["features"]))), draw(items(id)))
    if draw(st.integers(0, 4)) == 0:
        found["features"] = draw(st.permutations(found["features"]))
    top = draw(st.dictionaries(st.sampled_from(["project", "v", "w"]), st.none() | st.integers(0, 2), max_size=2))
    for key, value in top.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = value
    return found


@st.composite
def written(draw: st.DrawFn, value: Listed) -> bytes:
    indent = draw(st.sampled_from([None, 0, 2, 4, "\t"]))
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    start = draw(st.sampled_from(["", "\ufeff"]))
    text = json.dumps(value, indent=indent, ensure_ascii=draw(st.booleans()))
    return (start + text.replace("\n", eol) + draw(st.sampled_from(["", eol]))).encode()


def by_id(data: bytes) -> dict[str, Item]:
    return {item["id"]: plain(item) for item in json.loads(data.decode("utf-8-sig"))["features"]}


def plain(item: Item) -> Item:
    """Flags spelled out, for an absent one is a false one; numbers as text, for 1 is not 1.0."""
    flags = {"passes": False, "blocked": False}
    return {key: value if isinstance(value, bool) else json.dumps(value) for key, value in {**flags, **item}.items()}


def top(data: bytes) -> Item:
    return {key: value for key, value in json.loads(data.decode("utf-8-sig")).items() if key != "features"}
