"""A request to run, an observer that writes down what it is shown, and a look at what a session left running."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from orchestrator.agents.protocol import SessionRequest

MARK = "AGENT_TEST"


@dataclass
class Watch:
    texts: list[str] = field(default_factory=list)
    tools: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self, text: str) -> None:
        self.texts.append(text)

    def tool(self, name: str, detail: str) -> None:
        self.tools.append((name, detail))

    def note(self, text: str) -> None:
        self.notes.append(text)


def request(cwd: Path, prompt: str = "Feature: F1\nDo it.", **more: object) -> SessionRequest:
    """A request for F1 in `cwd`; its prompt and logs lie beside that folder."""
    prompt_file = cwd.parent / "prompt.md"
    prompt_file.write_text(prompt, encoding="utf-8", newline="\n")
    base = SessionRequest(
        prompt=prompt,
        prompt_file=prompt_file,
        cwd=cwd,
        model="sonnet",
        log_dir=cwd.parent / "logs",
        name="session-001",
        feature_id="F1",
        timeout=60,
        env={MARK: str(cwd)},
    )
    changed = replace(base, **more)  # type: ignore[arg-type]
    return replace(changed, env={**base.env, **changed.env})


def left_over(cwd: Path, word: str = "\0") -> list[str]:
    """The command lines of living processes of a session that was requested in `cwd`, or that hold `word`."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            ours = process.environ().get(MARK) == str(cwd) or word in line
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(line)
        except psutil.Error:
            continue
    return found
