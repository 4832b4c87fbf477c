"""Stands in for bd: answers with the recorded answers of one version (tests/vectors/bd.json), filled in.

FAKE_BD names the version, FAKE_BD_FAIL the number of the call that fails, FAKE_BD_ENVELOPE asks for the envelope.
Calls and issues are kept in .beads/fake.json of the current folder.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

VERSION = os.environ["FAKE_BD"]
ANSWERS = json.loads((Path(__file__).parent.parent / "vectors" / "bd.json").read_text("utf-8"))[VERSION]
STATE = Path(".beads/fake.json")


def main(args: list[str]) -> int:
    state = json.loads(STATE.read_text("utf-8")) if STATE.exists() else {"calls": [], "issues": {}, "links": []}
    state["calls"].append(args)
    if str(len(state["calls"])) == os.environ.get("FAKE_BD_FAIL"):
        code = say({"code": 1, "stderr": "Error: the disk is full\n"})
    else:
        code = answer(state, args[0], [arg for arg in args[1:] if not arg.startswith("-")], options(args))
    STATE.write_text(json.dumps(state), encoding="utf-8")
    return code


def options(args: list[str]) -> dict[str, str]:
    return dict(arg[2:].partition("=")[::2] for arg in args if arg.startswith("--"))


def answer(state: dict[str, Any], verb: str, ids: list[str], given: dict[str, str]) -> int:
    issues, links = state["issues"], state["links"]
    if verb == "sync":
        return say(ANSWERS["sync"])
    if verb == "export":
        return say(ANSWERS["export"])
    if verb == "create":
        if not given["title"]:
            return say(ANSWERS["create untitled"])
        id = f"t-{len(issues) + 1}"
        issues[id] = {"id": id, "title": given["title"], "issue_type": given["type"], "status": "open"}
        return say(ANSWERS["create"], issues[id])
    if verb == "dep":
        if ids[1:] in links and "dep twice" in ANSWERS:
            return say(ANSWERS["dep twice"])
        links.append(ids[1:])
        return say(ANSWERS["dep"], {"issue_id": ids[1], "depends_on_id": ids[2]})
    if verb in ("list", "ready"):
        if "all" in given and "list --all" in ANSWERS:
            return say(ANSWERS["list --all"])
        return say(ANSWERS[verb], *issues.values())
    if ids[0] not in issues:
        return say(ANSWERS[f"{verb} unknown"])
    if verb == "close" and "close blocked" in ANSWERS and "force" not in given and open_parents(state, ids[0]):
        return say(ANSWERS["close blocked"])
    if verb in ("close", "update"):
        issues[ids[0]]["status"] = given.get("status", "closed")
    return say(ANSWERS[verb], issues[ids[0]])


def open_parents(state: dict[str, Any], id: str) -> list[str]:
    found = [parent for child, parent in state["links"] if child == id]
    return [p for p in found if state["issues"][p]["status"] == "open" and state["issues"][p]["issue_type"] == "task"]


def say(recorded: dict[str, Any], *values: dict[str, Any]) -> int:
    out, err = recorded.get("stdout", ""), recorded.get("stderr", "")
    if isinstance(out, list):
        out = [{**out[0], **value} for value in values]
    elif isinstance(out, dict) and values:
        out = {**out, **values[0]}
    if os.environ.get("FAKE_BD_ENVELOPE") and not isinstance(out, str):
        out = {"schema_version": 1, "data": out}
    sys.stdout.write(out if isinstance(out, str) else json.dumps(out, indent=2))
    sys.stderr.write(err if isinstance(err, str) else json.dumps(err))
    return int(recorded["code"])


sys.exit(main(sys.argv[1:]))
