"""Backlogs of other tools as people have them: a folder each, with what importing it must give in `expect.json`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.projects import Made
from support.repos import git

SAMPLES = Path(__file__).parents[1] / "backlogs" / "samples"


def samples() -> list[str]:
    """`KIND/NAME` of every sample."""
    return sorted(path.parent.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*/expect.json"))


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / name / "expect.json").read_text(encoding="utf-8"))
    return found


def project(name: str, root: Path) -> Made:
    """The sample as a user has it, in a git repository."""
    shutil.copytree(SAMPLES / name, root, ignore=shutil.ignore_patterns("expect.json"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "base")
    return Made(root)


def closure(features: Mapping[str, Mapping[str, Any]], ids: list[Any]) -> set[str]:
    """All that has to be finished before: dependencies may be written shorter."""
    found: set[str] = set()
    waiting = [str(id) for id in ids]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += [str(other) for other in features.get(id, {}).get("dependencies", [])]
    return found


def differences(wanted: Mapping[str, Any], made: Made) -> list[str]:
    """What in the imported list is not as the sample says."""
    features = made.features()
    states = made.states()
    found = []
    ids = [item["id"] for item in wanted["features"]]
    if [feature["id"] for feature in features.values()] != ids:
        found.append(f"ids: {[feature['id'] for feature in features.values()]}, not {ids}")
    for item in wanted["features"]:
        got = features.get(str(item["id"]), {})
        found += [f"{item['id']}: {what}" for what in _unlike(item, got, features, states.get(str(item["id"]), ""))]
    for path in wanted.get("inputs", []):
        found += [f"{id}: no input {path}" for id, got in features.items() if path not in got.get("inputs", [])]
    return found


def _unlike(item: Mapping[str, Any], got: Mapping[str, Any], features: Mapping[str, Any], state: str) -> list[str]:
    found = []
    for field in ("name", "category", "priority", "complexity", "description"):
        if field in item and got.get(field) != item[field]:
            found.append(f"{field} is {got.get(field)!r}")
    if item.get("name_is", got.get("name")) != got.get("name"):
        found.append(f"name is {got.get('name')!r}")
    found += [f"{text!r} is not in the description" for text in item.get("description_holds", [])
              if text not in got.get("description", "")]  # fmt: skip
    tests = got.get("tests", [])
    if item.get("tests", tests) not in (tests, len(tests)):
        found.append(f"tests are {tests}")
    if "dependencies" in item and closure(features, item["dependencies"]) != closure(features, got["dependencies"]):
        found.append(f"depends on {got['dependencies']}")
    if "passes" in item and (state == "done") != item["passes"]:
        found.append(f"is {state}")
    if item.get("dropped") and state != "dropped":
        found.append(f"is {state}")
    if item.get("blocked") and state != "blocked":
        found.append(f"is {state}")
    return found
