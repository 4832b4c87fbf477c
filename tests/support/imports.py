"""Backlogs of other tools as people have them: a folder each, with what importing it must give in `expect.json`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.features import model
from orchestrator.features.model import Feature
from support.repos import git

SAMPLES = Path(__file__).parents[1] / "backlogs" / "samples"


def samples() -> list[str]:
    """`KIND/NAME` of every sample."""
    return sorted(path.parent.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*/expect.json"))


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / name / "expect.json").read_text(encoding="utf-8"))
    return found


def project(name: str, root: Path) -> Path:
    """The sample as a user has it, in a git repository."""
    shutil.copytree(SAMPLES / name, root, ignore=shutil.ignore_patterns("expect.json"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "base")
    return root


def closure(features: Mapping[str, Feature], ids: list[Any]) -> set[str]:
    """All that has to be finished before: dependencies may be written shorter."""
    found: set[str] = set()
    waiting = [str(id) for id in ids]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += features[id].dependencies if id in features else ()
    return found


def differences(wanted: Mapping[str, Any], data: bytes, states: Mapping[str, str]) -> list[str]:
    """What in the imported list is not as the sample says."""
    features = model.parse(data).by_id
    found = []
    ids = [item["id"] for item in wanted["features"]]
    if [feature.data["id"] for feature in features.values()] != ids:
        found.append(f"ids: {[feature.data['id'] for feature in features.values()]}, not {ids}")
    for item in wanted["features"]:
        id = str(item["id"])
        if id in features:
            found += [f"{id}: {what}" for what in _unlike(item, features[id], features, states[id])]
    for path in wanted.get("inputs", []):
        found += [f"{id}: no input {path}" for id, feature in features.items() if path not in feature.inputs]
    return found


def _unlike(item: Mapping[str, Any], got: Feature, features: Mapping[str, Feature], state: str) -> list[str]:
    found = []
    for field in ("name", "category", "priority", "complexity", "description"):
        if item.get(field, getattr(got, field)) != getattr(got, field):
            found.append(f"{field} is {getattr(got, field)!r}")
    if item.get("name_is", got.name) != got.name:
        found.append(f"name is {got.name!r}")
    holds = item.get("description_holds", [])
    found += [f"{text!r} is not in the description" for text in holds if text not in got.description]
    if item.get("tests", list(got.tests)) not in (list(got.tests), len(got.tests)):
        found.append(f"tests are {got.tests}")
    if "dependencies" in item and closure(features, item["dependencies"]) != closure(features, list(got.dependencies)):
        found.append(f"depends on {got.dependencies}")
    words = {"dropped": item.get("dropped"), "blocked": item.get("blocked"), "done": item.get("passes")}
    found += [f"is {state}, not {word}" for word, said in words.items() if said is not None and said != (state == word)]
    return found
