"""A project to plan in, and an agent that answers from a script: what it writes, it writes to the real disk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from orchestrator import project
from orchestrator.agents.protocol import Observer, Outcome, SessionRequest, SessionResult
from orchestrator.building import byhand
from orchestrator.planning.paths import Plan
from orchestrator.planning.running.context import PlanContext, plans_of

NOW = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)
TODAY = date(2026, 3, 9)
PROMPT = "Add login"
NAME = "2026-03-09-add-login"

RESEARCH = "# Login\n\nThere is no login yet.\nUsers are rows.\n\n## Constraints\n\n- none\n"
PLAN = "# Plan\n\nFirst store, then check.\n"
REQUIREMENTS = {
    "requirements": [
        {
            "description": "People log in",
            "children": [
                {
                    "description": "Keep users",
                    "acceptance_criteria": ["A saved user is loaded unchanged"],
                    "implementation": {"backend": ["Users.save"]},
                },
                {"description": "Check passwords", "acceptance_criteria": ["A wrong password is refused"]},
            ],
        }
    ]
}
PHASES = {
    "overview": "Login in two phases.",
    "phases": [
        {
            "name": "Store users",
            "description": "Users are kept.",
            "depends_on": [],
            "requirements": ["REQ_000.1"],
            "changes": ["users.py: a table"],
            "acceptance_criteria": ["A saved user is loaded unchanged"],
            "check": "Run it.",
        },
        {
            "name": "Check passwords",
            "description": "Passwords are compared.",
            "depends_on": [1],
            "requirements": ["REQ_000.2"],
            "acceptance_criteria": ["A wrong password is refused"],
            "check": "Run it.",
        },
    ],
}

Answer = Callable[[SessionRequest, Path], SessionResult]


def said(output: str = "", **more: Any) -> SessionResult:
    return SessionResult(Outcome.OK, output=output, returncode=0, **more)


def writes(text: str, *, to: str = "", output: str = "Done.") -> Answer:
    """Writes the file that the prompt names, or `to`."""

    def answer(request: SessionRequest, root: Path) -> SessionResult:
        target = re.search(r"^    (\S+\.md)$", request.prompt, re.MULTILINE)
        assert target is not None
        path = root / (to or target[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return said(output)

    return answer


def tells(data: object, *, structured: bool = True) -> Answer:
    """Answers with JSON, as structured output or in its words."""
    words = "" if structured else f"Here it is:\n```json\n{json.dumps(data)}\n```\n"
    return lambda request, root: said(words, structured=data if structured else None)


def ends(outcome: Outcome, **more: Any) -> Answer:
    return lambda request, root: SessionResult(outcome, **more)


@dataclass
class Scripted:
    """Gives each prompt name its answers in turn, the last one again and again; `requests` are what it was sent."""

    tells_cost = True

    root: Path
    answers: dict[str, list[Answer]]
    requests: list[SessionRequest] = field(default_factory=list)

    def run(self, request: SessionRequest, observer: Observer) -> SessionResult:
        assert request.prompt_file.read_text("utf-8") == request.prompt
        earlier = sum(item.feature_id == request.feature_id for item in self.requests)
        self.requests.append(request)
        script = self.answers[request.feature_id]
        return script[min(earlier, len(script) - 1)](request, self.root)

    def check(self) -> None:
        pass

    def steps(self) -> list[str]:
        return [request.feature_id.removeprefix("plan-") for request in self.requests]

    def asked(self) -> list[str]:
        """The steps that sessions were started for since the last call."""
        found = self.steps()
        self.requests.clear()
        return found


def agent(root: Path, **answers: list[Answer]) -> Scripted:
    script: dict[str, list[Answer]] = {
        "plan-research": [writes(RESEARCH)],
        "plan-requirements": [tells(REQUIREMENTS)],
        "plan-plan": [writes(PLAN)],
        "plan-phases": [tells(PHASES, structured=False)],
        "plan-consistency": [tells({"findings": []})],
    }
    return Scripted(root, script | {f"plan-{name}": value for name, value in answers.items()})


def context(root: Path, scripted: Scripted | None = None, plan: Plan | None = None, **more: Any) -> PlanContext:
    """A run without a terminal on the plan for PROMPT (or `plan`)."""
    found = project.load(root)
    own = plan or plans_of(found).start(PROMPT, TODAY)
    return PlanContext(found, own, scripted or agent(root), now=lambda: NOW, **more)


@dataclass
class Heard:
    """An observer that keeps the notes."""

    notes: list[str] = field(default_factory=list)

    def text(self, text: str) -> None:
        pass

    def tool(self, name: str, detail: str) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.append(text)

    def said(self, words: str) -> str:
        """The one note that holds the words."""
        [found] = [note for note in self.notes if words in note]
        return found


def built(root: Path, *ids: str) -> None:
    """Complete the features as a build would: a commit each."""
    found = project.load(root)
    for id in ids:
        byhand.accept(found, [id], "built")
        found = project.again(found)
