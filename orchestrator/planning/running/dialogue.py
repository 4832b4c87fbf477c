"""What is asked of a person while a plan is made; without a terminal, or with everything approved, nothing is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, TextIO

from orchestrator.planning.running import checkpoints
from orchestrator.planning.running.checkpoints import Checkpoint

Action = Literal["continue", "revise", "restart", "exit"]


@dataclass(frozen=True)
class Choice:
    """What to do with the research; `text` holds the answers, the context to add, or the new prompt."""

    action: Action
    text: str = ""


class Typed(KeyboardInterrupt):
    """Ctrl+C in the middle of several lines; `text` are those that were typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Dialogue(Protocol):
    """The questions that steps ask; `typed` is what was typed before an earlier Ctrl+C.

    Raises Typed when there is something to keep of an answer that was cut off.
    """

    def after_research(self, path: str, questions: Sequence[str], typed: str = "") -> Choice: ...

    def after_plan(self, path: str, typed: str = "") -> str | None:
        """None when the plan is approved, else what to change in it ("" for nothing said)."""
        ...

    def after_consistency(self, findings: Sequence[str]) -> bool:
        """Whether the phases are to be made again with what the consistency pass found."""
        ...

    def accept_rewording(self, ids: Sequence[str]) -> bool:
        """Whether what is built stands for the new words of these features."""
        ...

    def retry_decomposition(self, error: str) -> bool | None:
        """True: try again, False: go on without requirements, None: there is nobody to ask."""
        ...


class Unattended:
    """Approves everything and asks nothing."""

    def after_research(self, path: str, questions: Sequence[str], typed: str = "") -> Choice:
        return Choice("continue")

    def after_plan(self, path: str, typed: str = "") -> str | None:
        return None

    def after_consistency(self, findings: Sequence[str]) -> bool:
        return False

    def accept_rewording(self, ids: Sequence[str]) -> bool:
        return False

    def retry_decomposition(self, error: str) -> bool | None:
        return None


@dataclass(frozen=True)
class Terminal:
    """Asks on a terminal, in plain lines. The end of input counts as Ctrl+C: nobody is left to answer."""

    source: TextIO
    sink: TextIO

    def after_research(self, path: str, questions: Sequence[str], typed: str = "") -> Choice:
        self._say(f"\nThe research is in {path}.")
        if questions:
            self._say("It leaves questions open:")
            for number, question in enumerate(questions, 1):
                self._say(f"  {number}. {question}")
            answers = self.lines("Your answers, a line each (an empty line ends):", typed)
            if answers:
                return Choice("revise", answers)
        menu = {"c": "continue", "r": "revise", "s": "restart", "e": "exit"}
        key = self.pick("[C]ontinue (default) / [R]evise with more context / [S]tart over / [E]xit: ", "crse")
        if menu[key] == "revise":
            return Choice("revise", self.lines("What should be taken into account (an empty line ends):", typed))
        if menu[key] == "restart":
            return Choice("restart", self.lines("The new prompt (an empty line ends; nothing keeps the old one):"))
        return Choice("exit" if key == "e" else "continue")

    def after_plan(self, path: str, typed: str = "") -> str | None:
        self._say(f"\nThe plan is in {path}.")
        if self.pick("Go on with it? [Y/n]: ", "yn") == "y":
            return None
        return self.lines("What should be different (an empty line ends; nothing stops here):", typed)

    def after_consistency(self, findings: Sequence[str]) -> bool:
        return self.pick("Have the phases made again with this in mind? [y/N]: ", "yn", "n") == "y"

    def accept_rewording(self, ids: Sequence[str]) -> bool:
        question = "Does what is built stand for the new words too (a commit; nothing is built again)? [y/N]: "
        return self.pick(question, "yn", "n") == "y"

    def second_plan(self, first: str) -> str:
        """ "y" to go on with the first plan for the same wish, "n" for a new one, "e" to leave it."""
        self._say(f"\nThere is a plan for this wish: {first}")
        return self.pick("Go on with it [Y] (default), make a [N]ew one, or [E]xit: ", "yne")

    def retry_decomposition(self, error: str) -> bool | None:
        self._say(f"\nThe requirements could not be made: {error}")
        return self.pick("[R]etry (default) / [C]ontinue without them: ", "rc") == "r"

    def prompt(self) -> str:
        """What to plan, in several lines."""
        return self.lines("What should be planned? (an empty line ends)")

    def use_checkpoint(self, checkpoint: Checkpoint, age: int) -> bool:
        self._say(f"\nCheckpoint {checkpoint.phase} of {checkpoint.timestamp} ({age} days old)")
        for line in (*checkpoint.artifacts, *filter(None, checkpoint.errors)):
            self._say(f"  {line}")
        return self.pick("Use this checkpoint? [Y/n]: ", "yn") == "y"

    def clean_up(self, found: Sequence[Checkpoint], now: datetime) -> list[Checkpoint]:
        """The checkpoints to delete: none unless the user says so, all only after the word ALL."""
        oldest = max(checkpoints.age_days(item.timestamp, now) for item in found)
        self._say(f"\nThere are {len(found)} checkpoints, the oldest of {oldest} days.")
        days = checkpoints.OLD_DAYS
        key = self.pick(
            f"Delete: [O]ldest (over {days} days) / [L]ast N days / [A]ll / [S]kip (default): ", "olas", "s"
        )
        if key == "o":
            return checkpoints.oldest(found, now)
        if key == "l":
            text = self.ask("Of how many last days (default 7)? ")
            return checkpoints.last_days(found, now, int(text) if text.isdigit() else 7)
        if key == "a" and self.ask("Type ALL to delete all of them: ") == "ALL":
            return list(found)
        return []

    def choose_file(self, kind: str, discover: Callable[[int], Sequence[Path]]) -> str | None:
        """A file's number becomes its path, [O] any text that names one; None for [E]xit.

        `discover` gives the files of the last so many days.
        """
        days = 0
        while True:
            found = discover(days)
            self._say(f"\nFiles of {kind} of the last {days} days:" if found else f"\nNo {kind} of {days} days.")
            for number, path in enumerate(found, 1):
                self._say(f"  {number}. {path.name}")
            text = self.ask("A number, or [S]earch again / [O]ther path / [E]xit: ").lower()
            if text.isdigit() and 0 < int(text) <= len(found):
                return str(found[int(text) - 1])
            if text == "s":
                given = self.ask("Of how many days (default 7)? ")
                days = int(given) if given.isdigit() else 7
            elif text == "o":
                return self.ask("Path: ")
            elif text == "e":
                return None

    def pick(self, question: str, keys: str, default: str = "") -> str:
        """One of `keys`, its first (or `default`) for an empty line; asked again for anything else."""
        while True:
            text = self.ask(question).lower()
            if not text:
                return default or keys[0]
            if text[0] in keys:
                return text[0]
            self._say(f"Please answer with one of {', '.join(keys.upper())}.")

    def lines(self, question: str, typed: str = "") -> str:
        """Several lines, behind those typed before. Raises Typed with them when Ctrl+C cuts it off."""
        self._say(question)
        found = typed.splitlines()
        for line in found:
            self._say(f"> {line}")
        try:
            while line := self.ask("> "):
                found.append(line)
        except KeyboardInterrupt:
            raise Typed("\n".join(found)) from None
        return "\n".join(found)

    def ask(self, question: str) -> str:
        self.sink.write(question)
        self.sink.flush()
        line = self.source.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip()

    def _say(self, line: str) -> None:
        self.sink.write(line + "\n")
        self.sink.flush()


def terminal() -> Terminal | None:
    """The terminal that this process has, None where input or output is something else."""
    source, sink = sys.__stdin__, sys.__stdout__
    if source is None or sink is None or source.closed or sink.closed:
        return None
    return Terminal(source, sink) if source.isatty() and sink.isatty() else None


def choose(auto_approve: bool) -> Dialogue:
    """Who answers for this run."""
    return (None if auto_approve else terminal()) or Unattended()
