"""Random lists in random dialects: read like the canonical list, changed like it, and no other byte touched."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.features import marks
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
