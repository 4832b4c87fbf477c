"""From an acceptance criterion to the property that tests it (docs/contract.md, 9: the first match wins)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RULES: tuple[tuple[str, str, str], ...] = (
    (
        r"save.*load|load.*save|encode.*decode|decode.*encode|serialize|round.?trip",
        "round_trip",
        "st.text()",
    ),
    (r"preserved|unchanged|maintains", "round_trip", "st.text()"),
    (r"twice|multiple times|idempotent|same result", "idempotence", "st.lists(st.integers())"),
    (r"sorted|ordered|stable", "idempotence", "st.lists(st.integers())"),
    (r"reference|oracle|matches|equals", "oracle", "st.text()"),
    (r"unique|distinct|no duplicate", "invariant", "st.text(min_size=1)"),
    (r"not.?empty|non.?empty|has content", "invariant", "st.text(min_size=1)"),
    (r"state|status|must be|valid", "invariant", "st.sampled_from([])"),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), kind, strategy) for pattern, kind, strategy in _RULES)


@dataclass(frozen=True)
class Property:
    """`kind` is round_trip, idempotence, oracle or invariant; `strategy` a Hypothesis expression."""

    kind: str
    strategy: str


def classify(criterion: str) -> Property:
    """The property of the first rule that the criterion fits, else an invariant over any text.

    The strategy of states is empty: which states there are only the project knows.
    """
    text = criterion.lower()
    for pattern, kind, strategy in _COMPILED:
        if pattern.search(text):
            return Property(kind, strategy)
    return Property("invariant", "st.text()")


def method_name(text: str) -> str:
    """An identifier of at most 30 ASCII characters; "" when the text holds no letter or digit of ASCII."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:30].rstrip("_")
