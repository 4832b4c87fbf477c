"""Random feature lists for the property tests: as pairs (so that keys may repeat), and as text in any layout."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


class Pairs(list[tuple[str, Any]]):
    """An object with its keys in order, repeated ones included."""


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return found


def pairs(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig"), object_pairs_hook=Pairs)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
ids = st.sampled_from(["F1", "F2", "F10", "a b", "ü", "../x", "-", "7"])
extra_keys = st.sampled_from(["x", "note", "_own", "é", "a\nb", "blocked_by"])


@st.composite
def features(draw: st.DrawFn, id: str) -> Pairs:
    """One feature that validates; unknown keys may repeat."""
    found = Pairs([("id", int(id) if id == "7" and draw(st.booleans()) else id)])
    known: dict[str, st.SearchStrategy[Any]] = {
        "name": st.text(max_size=5),
        "passes": st.booleans(),
        "priority": st.integers(0, 9),
        "tests": st.lists(st.text(max_size=3), max_size=2),
    }
    for key, strategy in known.items():
        if draw(st.booleans()):
            found.append((key, draw(strategy)))
    found += draw(st.lists(st.tuples(extra_keys, values), max_size=3))
    return Pairs(draw(st.permutations(found)))


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A whole file: an object with other keys around the list, or a bare list."""
    chosen = draw(st.lists(ids, unique=True, max_size=4))
    listed = [draw(features(id)) for id in chosen]
    if draw(st.integers(0, 4)) == 0:
        return listed
    around = draw(st.lists(st.tuples(st.sampled_from(["project", "v"]), values), max_size=2))
    return Pairs(draw(st.permutations([("features", listed), *around])))


@dataclass
class Layouter:
    """Writes JSON in a style of its own; `wild` puts any blanks anywhere. Keeps each value's place by its path."""

    seed: int
    wild: bool
    eol: str
    unit: str | None
    spaced: bool
    escape: bool
    parts: list[tuple[tuple[Any, ...] | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def blank(self, usual: str) -> str:
        if not self.wild:
            return usual
        return "".join(self.random.choice([" ", "\t", "\n", "\r\n"]) for _ in range(self.random.randrange(3)))

    def line(self, depth: int, usual: str = "") -> str:
        return self.blank(usual if self.unit is None else self.eol + self.unit * depth)

    def put(self, text: str, path: tuple[Any, ...] | None = None) -> None:
        self.parts.append((path, text))

    def write(self, value: Any, path: tuple[Any, ...] = (), depth: int = 0) -> None:
        """Values of features are single parts, found again by (index of the feature, index of the pair)."""
        if isinstance(value, (Pairs, dict)):
            items = list(value.items()) if isinstance(value, dict) else value
            self.container("{}", items, path, depth)
        elif isinstance(value, list):
            self.container("[]", list(enumerate(value)), path, depth)
        else:
            self.put(json.dumps(value, ensure_ascii=self.escape), path)

    def container(self, brackets: str, items: list[tuple[Any, Any]], path: tuple[Any, ...], depth: int) -> None:
        if not items:
            self.put(brackets[0] + self.blank("") + brackets[1], path)
            return
        self.put(brackets[0])
        for index, (key, value) in enumerate(items):
            self.put(("," if index else "") + self.line(depth + 1, " " if self.spaced and index else ""))
            if brackets == "{}":
                colon = self.blank("") + ":" + self.blank(" " if self.spaced else "")
                self.put(json.dumps(key, ensure_ascii=self.escape) + colon)
            self.write(value, (*path, index), depth + 1)
            self.put(self.blank(""))
        self.put(self.line(depth) + brackets[1])


layouts = st.builds(
    Layouter,
    seed=st.integers(0, 2**32),
    wild=st.booleans(),
    eol=st.sampled_from(["\n", "\r\n"]),
    unit=st.sampled_from([None, "", "  ", "    ", "\t"]),
    spaced=st.booleans(),
    escape=st.booleans(),
)


@dataclass(frozen=True)
class Text:
    """A file's text in parts; those of values carry their path."""

    document: Any
    parts: tuple[tuple[tuple[Any, ...] | None, str], ...]
    start: str
    end: str

    @property
    def data(self) -> bytes:
        return self.with_values({})

    @property
    def listed(self) -> list[Pairs]:
        found: list[Pairs] = self.document if not isinstance(self.document, Pairs) else dict(self.document)["features"]
        return found

    @property
    def root(self) -> tuple[int, ...]:
        """The path of the list."""
        if not isinstance(self.document, Pairs):
            return ()
        return ([key for key, _ in self.document].index("features"),)

    def with_values(self, new: dict[tuple[Any, ...], str]) -> bytes:
        """The bytes with other texts for the values at these paths."""
        return (
            self.start + "".join(new.get(path, text) if path else text for path, text in self.parts) + self.end
        ).encode()


@st.composite
def texts(draw: st.DrawFn) -> Text:
    document, layout = draw(documents()), draw(layouts)
    layout.write(document)
    return Text(
        document,
        tuple(layout.parts),
        draw(st.sampled_from(["", "\ufeff"])),
        draw(st.sampled_from(["", layout.eol, " \n\n"])),
    )
