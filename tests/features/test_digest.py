from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from support.lists import values

from orchestrator.features.digest import changes, definition_digest
from orchestrator.features.model import feature

bookkeeping = st.sampled_from(
    [
        "passes",
        "passes_from",
        "blocked",
        "blocked_by",
        "suggested_fix",
        "priority",
        "complexity",
        "needs_review",
        "_x",
        "status",
        "evidence",
        "updatedAt",
    ]
)
definitions = st.dictionaries(st.sampled_from(["name", "x", "ü", "tests_", "blocke", "a_b"]), values, max_size=4)
contents = st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=3)


def digest(data: dict[str, Any], inputs: Any = ()) -> str:
    return definition_digest(feature({"id": "F", **data}), inputs)


def readable(data: dict[str, Any]) -> dict[str, Any]:
    """Without values that a list can't have there."""
    return {key: value for key, value in data.items() if not (key == "name" and not isinstance(value, str | None))}


def full(data: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that are as good as absent."""
    return {key: value for key, value in data.items() if value is not None and value not in ("", [], {})}


odd_books = {"passes": True, "blocked": "no", "needs_review": None, "priority": "P1", "status": "cancelled"}


@given(definitions.map(readable), st.dictionaries(bookkeeping, values), contents, st.randoms(use_true_random=False))
def test_bookkeeping_and_order_do_not_count(data: Any, kept: Any, inputs: Any, random: Any) -> None:
    kept = {key: odd_books.get(key, value) for key, value in kept.items()}
    items, shuffled = list({**data, **kept}.items()), list(inputs)
    random.shuffle(items)
    random.shuffle(shuffled)
    assert digest(dict(items), shuffled) == digest(data, inputs)


@given(definitions.map(readable), definitions.map(readable), contents, contents)
def test_different_definitions_or_inputs_have_different_digests(one: Any, other: Any, first: Any, second: Any) -> None:
    one, other = full(one), full(other)
    assume(repr(sorted(one.items(), key=repr)) != repr(sorted(other.items(), key=repr)) or set(first) != set(second))
    assume(one != other or set(first) != set(second))
    assert digest(one, first) != digest(other, second)


def test_parts_do_not_run_together() -> None:
    inputs = [[("a", b"b"), ("c", b"d")], [("ab", b""), ("c", b"d")], [("a", b"b1:c1:d")], [("", b"")], []]
    assert len({digest({}, one) for one in inputs}) == len(inputs)


def test_texts_that_utf8_cannot_write_have_digests_too() -> None:
    lone = [digest({"name": "\ud800"}), digest({"name": "\udfff"}), digest({}, [("\udc80", b"")])]
    assert len({*lone, digest({})}) == 4


def test_the_digest_is_as_documented() -> None:
    parts = b'22:{"id":"F","name":"\\u00fc"}'.replace(b"22", b"26") + b"1:p" + b"2:cc"
    assert digest({"name": "ü", "passes": True}, [("p", b"cc")]) == hashlib.sha256(parts).hexdigest()[:40]


@given(definitions, definitions)
def test_changes_name_exactly_the_fields_that_differ(old: Any, new: Any) -> None:
    named = {line.partition(": ")[0] for line in changes(old, new)}
    old, new = full(old), full(new)
    same = {key for key in old.keys() & new.keys() if repr(old[key]) == repr(new[key])}
    different = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert (old.keys() ^ new.keys()) | different <= named <= (old.keys() | new.keys()) - same
    assert all(line.isprintable() and len(line) < 200 for line in changes(old, new) if "added" not in line)


def test_changes_are_told_old_to_new() -> None:
    old = {"name": "a", "passes": True, "verify": "x", "priority": 1, "n": 1}
    new = {"name": "b", "passes": False, "category": "ü\n", "priority": 2, "n": 1.0}
    assert changes(old, new) == [
        'name: "a" -> "b"', 'category: (absent) -> "ü\\n"', "n: 1 -> 1.0", 'verify: "x" -> (absent)',
    ]  # fmt: skip


def test_changes_of_lists_say_what_came_and_went() -> None:
    old = {"tests": ["a", "b", "b"], "dependencies": ["x", "y"]}
    new = {"tests": ["b", "c"], "dependencies": ["y", "x"]}
    assert changes(old, new) == ['tests: added "c"; removed "a", "b"', "dependencies: in another order"]


def test_long_texts_are_cut_around_where_they_part() -> None:
    old = "A description that goes on and on, so that the change is far beyond the end of what is shown: red"
    assert changes({"d": old}, {"d": old.replace("red", "blue" * 30)}) == [
        'd: ...what is shown: red" -> ...what is shown: ' + "blue" * 9 + "blu..."
    ]
