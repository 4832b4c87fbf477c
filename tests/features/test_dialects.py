"""Random lists in random dialects: read like the canonical list, changed like it, and no other byte touched."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.features import marks
from orchestrator.features.dialects import summary
from orchestrator.features.dialects.tables import Rules, meaning
from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, parse
from orchestrator.features.spans import NAME
from orchestrator.features.validation import validate
from orchestrator.history.flips import flips, passes
from orchestrator.history.ledger import Completion, Ledger

RULES = Rules(done=("erledigt",), not_done=("offen",), dropped=("gestrichen",), bookkeeping=("effort",))
WORDS = {
    "done": ["done", "Complete", "PASSED", "verified", "erledigt", "shipped", "closed"],
    "todo": ["pending", "To Do", "not-started", "in_progress", "inProgress", "ready for QA", "", "offen", "failing"],
    "blocked": ["blocked", "on_hold", "Waiting"],
    "dropped": ["cancelled", "won't do", "WONT_DO", "Deferred", "gestrichen", "superseded"],
}
ABOUT = {"blocked_reason": "why", "blocked_at": "2026-01-01T00:00:00+00:00"}
STANDING = r"passes|passes_from|status|state|done|complete|completed|implemented|blocked|blocked_\w+"


@dataclass
class Canon:
    """A feature as the canonical list has it."""

    id: str
    name: str
    description: str
    dependencies: list[str]
    tests: list[str]
    priority: int
    state: str


@dataclass
class Dialect:
    """How one list says it: a name for each field, and by `standing` what says how a feature stands."""

    draw: Any
    number: bool = field(init=False)
    keys: dict[str, str] = field(init=False)
    standing: str = field(init=False)

    def __post_init__(self) -> None:
        pick = self.pick
        self.number = pick([True, False])
        self.keys = {
            "name": pick(["name", "title"]),
            "description": pick(["description", "details", "user_visible_behavior", "behavior", "summary"]),
            "dependencies": pick(["dependencies", "depends_on", "dependsOn", "deps", "requires"]),
            "tests": pick(["tests", "steps", "acceptance", "acceptance_criteria", "doneCriteria", "verification"]),
        }
        self.standing = pick(["passes", "status", "state", "done", "implemented", "passes and status", "mixed"])

    def pick(self, options: list[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def item(self, canon: Canon) -> dict[str, Any]:
        id = int(canon.id) if self.number else canon.id
        wanted = {
            "name": canon.name,
            "description": canon.description,
            "dependencies": self.ids(canon.dependencies),
            "tests": canon.tests[0] if len(canon.tests) == 1 and self.keys["tests"] != "verification" else canon.tests,
        }
        entry: dict[str, Any] = {"id": id, **{self.keys[role]: value for role, value in wanted.items()}}
        entry["priority"] = self.pick([canon.priority, str(canon.priority), f"P{canon.priority}"])
        entry |= self.stand(canon.state)
        entry |= self.pick([{}, {"note": "kept"}, {"effort": 3, "evidence": []}])
        return entry

    def ids(self, dependencies: list[str]) -> Any:
        if self.number:
            return [int(id) for id in dependencies]
        options: list[Any] = [dependencies, ", ".join(dependencies)]
        return self.pick(options if dependencies else [[], None, "", "none"])

    def stand(self, state: str) -> dict[str, Any]:
        how = self.pick(["passes", "status", "done"]) if self.standing == "mixed" else self.standing
        word = self.pick(WORDS[state])
        if how in ("status", "state"):
            return {how: word}
        if state == "dropped":
            return {"passes": False, "status": word} if how in ("passes", "passes and status") else {"status": word}
        done: Any = self.pick([True, "yes"]) if state == "done" else self.pick([False, "false"])
        blocked = {"blocked": True} if state == "blocked" else self.pick([{}, {"blocked": False}])
        if how == "passes and status":
            return {"passes": done, "status": self.pick(WORDS["todo" if state == "blocked" else state]), **blocked}
        return {how: done, **blocked}


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Canon], bytes]:
    """A canonical list, and the text of the same in a dialect."""
    count = draw(st.integers(1, 5))
    canon = [
        Canon(
            str(number),
            f"Feature {number}",
            "What it does. And more.",
            [str(other) for other in range(1, number) if draw(st.booleans())],
            [f"test {n}" for n in range(draw(st.integers(1, 3)))],
            draw(st.integers(0, 9)),
            draw(st.sampled_from(["done", "todo", "blocked", "dropped"])),
        )
        for number in range(1, count + 1)
    ]
    dialect = Dialect(draw)
    items = [dialect.item(one) for one in canon]
    around: Any = items if draw(st.booleans()) else {"project": "x", "features": items, "rules": {"a": 1}}
    indent = draw(st.sampled_from([None, 1, 2, "\t"]))
    text = json.dumps(around, indent=indent, ensure_ascii=draw(st.booleans()))
    return canon, text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def standing(feature: Feature) -> str:
    if feature.dropped:
        return "dropped"
    return "blocked" if feature.blocked else "done" if feature.passes else "todo"


def without_standing(data: bytes) -> str:
    """The text without the members that say how a feature stands; each has another one before it."""
    value = r'(?:"[^"]*"|true|false|null|\{[^{}]*\})'
    return re.sub(rf',\s*"(?:{STANDING})"\s*:\s*{value}', "", data.decode())


@given(lists())
def test_every_dialect_reads_like_the_canonical_list(made: tuple[list[Canon], bytes]) -> None:
    canon, data = made
    features = parse(data, NAME, RULES).features
    assert [
        Canon(f.id, f.name, f.description, list(f.dependencies), list(f.tests), int(f.priority), standing(f))
        for f in features
    ] == canon
    assert {problem.severity for problem in validate(data, NAME, RULES)} <= set()


operations = st.lists(st.tuples(st.sampled_from(["complete", "reopen", "block", "unblock"]), st.integers(1, 5)))


@given(lists(), operations)
@settings(max_examples=150)
def test_changes_agree_with_the_canonical_list_and_touch_nothing_else(
    made: tuple[list[Canon], bytes], wanted: list[tuple[str, int]]
) -> None:
    canon, data = made
    before = data
    states = {one.id: one.state for one in canon}
    under: dict[str, str] = {}  # what a blocked feature was before
    for what, number in wanted:
        id = str(number)
        state = states.get(id, "dropped")
        if state == "dropped" or (what == "unblock") != (state == "blocked"):
            continue
        if what == "block":
            data = marks.block(data, [id], ABOUT, RULES)
            under[id], states[id] = state, "blocked"
        elif what == "unblock":
            data = marks.unblock(data, [id], RULES)
            states[id] = under.pop(id, "todo")
        else:
            data = marks.turn(data, {id: what == "complete"}, RULES)
            states[id] = "done" if what == "complete" else "todo"
        assert {f.id: standing(f) for f in parse(data, NAME, RULES).features} == states
    assert without_standing(data) == without_standing(before)
    digests = [[definition_digest(f) for f in parse(one, NAME, RULES).features] for one in (before, data)]
    assert digests[0] == digests[1]


@given(lists())
def test_blocking_and_unblocking_leaves_the_bytes_as_they_were(made: tuple[list[Canon], bytes]) -> None:
    canon, data = made
    free = [one.id for one in canon if one.state in ("todo", "done")]
    assert marks.unblock(marks.block(data, free, ABOUT, RULES), free, RULES) == data


@given(st.sampled_from([(what, word) for what, words in WORDS.items() for word in words]), st.data())
def test_words_are_known_in_any_case_and_with_any_of_the_three_signs(pair: tuple[str, str], data: Any) -> None:
    what, word = pair
    spelled = re.sub(r"[ _-]", lambda _: data.draw(st.sampled_from([" ", "_", "-"])), word)
    spelled = data.draw(st.sampled_from([spelled, spelled.upper(), spelled.lower(), spelled.title()]))
    assert meaning(spelled, RULES) == {"todo": "not done"}.get(what, what)


def test_sync_leaves_the_word_by_which_a_list_sets_a_completed_feature_aside() -> None:
    words = {"1": "pending", "2": "blocked", "3": "superseded", "4": "offen", "5": "unheard of"}
    items = [{"id": id, "status": word} for id, word in words.items()]
    items += [{"id": "6", "passes": False, "status": "blocked"}, {"id": "7", "passes": False, "blocked": True}]
    completion = Completion("a" * 40, 1, 1)
    ledger = Ledger("a" * 40, standing={str(n): (completion,) for n in range(1, 8)})
    features = parse(json.dumps(items).encode(), NAME, RULES, lenient=True).features
    assert [flip.id for flip in flips(features, ledger)] == ["1", "4", "6", "7"]
    assert {f.id: passes(f, ledger) for f in features} == {
        "1": True, "2": True, "3": False, "4": True, "5": False, "6": True, "7": True,
    }  # fmt: skip


def read(item: dict[str, Any]) -> Feature:
    return parse(json.dumps([{"id": "F1", **item}]).encode(), NAME, RULES).features[0]


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"name": "login", "title": "Log in by mail"}, "Log in by mail"),
        ({"name": "user-auth_v2", "title": "Log in"}, "Log in"),
        ({"name": "Login", "title": "Log in"}, "Login"),
        ({"name": "log in", "title": "Log in"}, "log in"),
        ({"name": "login", "title": ""}, "login"),
        ({"name": None, "title": "Log in"}, "Log in"),
        ({"feature": "group", "description": "First. Second."}, "First."),
        ({"details": "version 1.2 works\nSecond line."}, "version 1.2 works"),
        ({"feature": "group"}, ""),
    ],
)
def test_a_name_is_the_title_where_the_name_is_a_slug_else_the_first_sentence(item: dict[str, Any], name: str) -> None:
    assert read(item).name == name


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        ({"summary": "s", "behavior": "b", "details": "d"}, "description", "d"),
        ({"userVisibleBehavior": "u", "summary": "s"}, "description", "u"),
        ({"description": "", "summary": "s"}, "description", "s"),
        ({"phase": 2}, "category", "2"),
        ({"milestone": "M1", "area": "core"}, "category", "core"),
        ({"track": ["a", "b"]}, "category", "a, b"),
        ({"module": {"x": 1}}, "category", ""),
        ({"dependencies": [], "depends_on": ["a"]}, "dependencies", ("a",)),
        ({"deps": 3}, "dependencies", ("3",)),
        ({"requires": "a,b , c"}, "dependencies", ("a", "b", "c")),
        ({"dependsOn": "None"}, "dependencies", ()),
        ({"dependencies": [{"id": 7}, "x"]}, "dependencies", ("7", "x")),
        ({"requires": {"node": ">=18"}}, "dependencies", ()),
        ({"acceptance_criteria": [{"id": 1, "text": "it works"}]}, "tests", ("it works",)),
        ({"criteria": "it works"}, "tests", ("it works",)),
        ({"verification": "npm test"}, "tests", ()),
        ({"verification": ["a", "b"]}, "tests", ("a", "b")),
        ({"verification": "npm test"}, "verify", None),
        ({"verify": "", "verification_command": "make x"}, "verify", "make x"),
        ({"verify": ""}, "verify", None),
        ({"priority": "10"}, "priority", 10),
        ({"priority": "p0"}, "priority", 0),
        ({"priority": " 1.5 "}, "priority", 1.5),
        ({"priority": "CRITICAL"}, "priority", 1),
        ({"priority": "Normal"}, "priority", 3),
        ({"priority": "lowest"}, "priority", 5),
        ({"priority": "nan"}, "priority", 99),
        ({"priority": None}, "priority", 99),
        ({"complexity": "Hard"}, "complexity", "high"),
        ({"complexity": "moderate"}, "complexity", "medium"),
        ({"complexity": "TRIVIAL"}, "complexity", "low"),
        ({"passes": None, "status": "done"}, "passes", True),
        ({"passes": "YES"}, "passes", True),
        ({"status": "done", "state": "pending"}, "passes", True),
        ({"status": "", "state": "done"}, "passes", True),
        ({"completed": True}, "passes", True),
        ({"done": None, "implemented": "yes"}, "passes", True),
        ({"status": "pending", "completed": "2026-01-02"}, "passes", False),
        ({"passes": True, "status": "pending"}, "passes", True),
        ({"passes": True, "status": "blocked"}, "blocked", False),
        ({"passes": False, "status": "done"}, "passes", False),
        ({"passes": False, "status": "parked"}, "dropped", "parked"),
        ({"blocked": None, "needs_review": "yes"}, "needs_review", True),
    ],
)
def test_a_field_is_read_as_its_author_means_it(item: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read(item), field) == value


def test_an_id_with_a_comma_is_one_id() -> None:
    items = [{"id": "a, b"}, {"id": "c", "depends_on": "a, b"}, {"id": "d", "depends_on": "c, e"}]
    features = parse(json.dumps(items).encode()).features
    assert [f.dependencies for f in features] == [(), ("a, b",), ("c", "e")]


def said(items: list[dict[str, Any]], top: dict[str, Any] | None = None) -> list[str]:
    data = json.dumps({**(top or {}), "features": items}, indent=1).encode()
    return [str(problem) for problem in validate(data, "f.json", RULES)]


def test_one_cause_is_one_message_however_many_features_it_concerns() -> None:
    items = [{"id": n, "description": "d", "priority": f"prio {n % 3}", "status": "todo"} for n in range(135)]
    assert said(items) == [
        'f.json:6:4: warning: the priority "prio 0", "prio 1", "prio 2" is no number and no word that is known; '
        "it counts as 99 (0, 1, 2, 3, 4: line 6 and 134 more)"
    ]
    unknown = [{**item, "status": "halb fertig" if item["id"] else "egal", "priority": 1} for item in items]
    assert said(unknown) == [
        'f.json:7:4: error: nobody knows these words of a status: "egal" (line 7), '
        '"halb fertig" (line 13 and 133 more). '
        'Say in orchestrator.toml under [features] what each means: done = ["egal"], or not_done = [...], '
        "or dropped = [...]"
    ]
    assert said([{**item, "id": None} for item in items]) == [
        "f.json:4:4: error: a feature has no id (line 4 and 134 more). "
        "Run `orchestrator init`, which gives each feature an id"
    ]


def test_where_passes_and_a_status_disagree_a_warning_says_which_one_counts() -> None:
    items = [{"id": n, "description": "d", "passes": n == 1, "status": "done"} for n in (1, 2)]
    assert said(items) == ['f.json:13:4: warning: 2: "passes" is false and "status" is "done"; passes decides']


@pytest.mark.parametrize(
    ("top", "words", "done", "opened"),
    [
        ({}, ["Shipped", "closed", "Shipped", "todo", "planned", "planned"], "Shipped", "planned"),
        ({"rules": {"valid_status": ["open", "wip", "finished"]}}, [], "finished", "open"),
        ({"status_legend": {"planned": "not yet", "verified": "yes"}}, ["draft"], "verified", "draft"),
        ({"allowed_statuses": "new | active | resolved"}, [], "resolved", "new"),
        ({}, [], "done", "pending"),
        ({"rules": {"valid_status": ["pending", "done"]}}, ["in_progress", "done"], "done", "pending"),
        ({}, ["in_progress", "in_progress", "todo"], "done", "in_progress"),
        ({}, ["in_progress", "todo"], "done", "todo"),
    ],
)
def test_words_that_are_written_are_the_lists_own(
    top: dict[str, Any], words: list[str], done: str, opened: str
) -> None:
    items = [{"id": f"x{n}", "status": word} for n, word in enumerate(words)]
    data = json.dumps(
        {**top, "features": [*items, {"id": "F", "status": ""}, {"id": "N", "name": "no status"}]}
    ).encode()
    for id in ("F", "N"):
        item = parse(marks.turn(data, {id: True}, RULES)).by_id[id].data
        assert (item["status"], "passes" in item) == (done, False)
    completed = marks.turn(data, {"F": True}, RULES)
    plain = completed.replace(b'"F", "status": "%s"' % done.encode(), b'"F", "status": "closed"')
    assert parse(marks.turn(plain, {"F": False}, RULES)).by_id["F"].data["status"] == opened


def test_a_list_says_how_it_was_read() -> None:
    items = [
        {"id": 1, "title": "a", "summary": "s", "status": "Done", "steps": ["x"], "layer": "ui", "priority": "soon"},
        {"id": 2, "title": "b", "summary": "s", "status": "odd", "verify": "look at the page", "blocked": True},
        {"id": 3, "name": "c", "passes": False, "depends_on": [1]},
        {"id": 4, "name": "d", "status": "cancelled"},
    ]
    features = parse(json.dumps(items).encode(), lenient=True).features
    found = summary.of(((f.data, f.shape) for f in features), Rules())
    assert (found.total, found.done, found.todo, found.blocked, found.dropped) == (4, 1, 1, 1, 1)
    assert found.fields == {
        "name": {"title": 2, "name": 2}, "description": {"summary": 2}, "dependencies": {"depends_on": 1},
        "tests": {"steps": 1}, "verify": {"verify": 1},
    }  # fmt: skip
    assert found.decides == {"status": 3, "passes": 1}
    assert found.words == {"status": {"Done": (1, "done"), "odd": (1, None), "cancelled": (1, "dropped")}}
    assert (found.unread, found.prose, found.priorities) == ({"layer": 1}, 1, {"soon": 1})
