"""The examples of docs/your-list.md say what happens."""

from __future__ import annotations

import re
from pathlib import Path

from orchestrator.config.source import parse_toml
from orchestrator.features import checks, marks
from orchestrator.features.dialects.tables import Rules
from orchestrator.features.numbering import with_ids

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "your-list.md").read_text(encoding="utf-8")
JSON = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)
TOML = re.findall(r"```toml\n(.*?)\n```", PAGE, re.DOTALL)


def test_a_status_list_before_and_after() -> None:
    before, after = JSON[0], JSON[1]
    assert marks.turn(f"[{before}]".encode(), {"2": True}).decode() == f"[{after}]"


def test_a_list_without_ids_before_and_after() -> None:
    assert with_ids(JSON[2].encode()).data.decode() == JSON[3]


def test_the_words_of_the_settings_are_known() -> None:
    rules = Rules(**{key: tuple(words) for key, words in parse_toml(TOML[0], "")["features"].items()})
    words = [*rules.done, *rules.not_done, *rules.dropped]
    listed = ",".join(f'{{"id": "{word}", "status": "{word}"}}' for word in words)
    assert list(checks.errors(f"[{listed}]".encode(), "x", rules)) == []
    assert len(list(checks.errors(f"[{listed}]".encode(), "x"))) == 1


def test_flags_and_a_status_beside_passes_are_both_set() -> None:
    flagged = b'[{"id": "F7", "name": "Panel", "done": false}]'
    assert b'"done": true' in marks.turn(flagged, {"F7": True})
    both = b'[{"id": "F1", "status": "complete", "passes": true}, {"id": "F2", "status": "planned", "passes": false}]'
    assert b'"F2", "status": "complete", "passes": true' in marks.turn(both, {"F2": True})
