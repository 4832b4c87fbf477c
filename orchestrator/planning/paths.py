"""Where a plan's artifacts are: one folder a plan, its research beside it, and how a person may name them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestrator import files

CURRENT = "current-plan"
"""The file that names the plan chosen last; it lies in the git dir, for it is this clone's choice and no one else's."""

MORE_CONTEXT = "## More context"
"""The heading in prompt.md under which later answers and additions of the user stand."""

_SLUG_LENGTH = 40


@dataclass(frozen=True)
class Plan:
    """The plan `name` (DATE-SLUG) of the project at `root`; `base` is the absolute `[plan] root`."""

    root: Path
    base: Path
    name: str
    features: Path

    @property
    def folder(self) -> Path:
        return self.base / "plans" / self.name

    @property
    def slug(self) -> str:
        return re.sub(r"^\d{4}-\d\d-\d\d-", "", self.name)

    @property
    def prompt(self) -> Path:
        """What the plan is for, in the user's words, with what they added later."""
        return self.folder / "prompt.md"

    @property
    def research(self) -> Path:
        return self.base / "research" / f"{self.name}.md"

    @property
    def memory(self) -> Path:
        return self.root / ".agent" / "memory" / "entities" / f"{self.name}.md"

    @property
    def hierarchy(self) -> Path:
        return self.folder / "requirements_hierarchy.json"

    @property
    def diagram(self) -> Path:
        return self.folder / "requirements_diagram.mmd"

    @property
    def property_tests(self) -> Path:
        return self.folder / "property_tests_skeleton.py"

    @property
    def tech_stack(self) -> Path:
        return self.folder / "tech_stack.json"

    @property
    def file_groups(self) -> Path:
        return self.folder / "file_groups.json"

    @property
    def plan(self) -> Path:
        return self.folder / "plan.md"

    @property
    def overview(self) -> Path:
        return self.folder / "00-overview.md"

    @property
    def consistency(self) -> Path:
        """What looking over the plan found; absent when that was nothing."""
        return self.folder / "consistency.md"

    @property
    def ticket_file(self) -> Path:
        return self.folder / "ticket.txt"

    @property
    def ticket(self) -> str:
        """The ticket that the plan is about, "" for none."""
        try:
            return " ".join(self.ticket_file.read_text(encoding="utf-8").split())
        except FileNotFoundError:
            return ""

    @property
    def beads(self) -> Path:
        return self.folder / "beads.json"

    @property
    def stamps(self) -> Path:
        return self.folder / ".stamps.json"

    def phase_files(self) -> list[Path]:
        """The phase files there are, in order of their numbers; the overview is none of them."""
        found = [path for path in listing(self.folder) if re.fullmatch(r"\d\d+-.+\.md", path.name)]
        numbered = [(int(path.name.partition("-")[0]), path) for path in found if path.is_file()]
        return [path for number, path in sorted(numbered) if number and path != self.overview]

    def relative(self, path: Path) -> str:
        """`path` as it is shown and recorded: from the project's root, with `/`."""
        return path.relative_to(self.root).as_posix()


@dataclass(frozen=True)
class Plans:
    """All plans of the project at `root` (absolute), with the settings' `[plan] root` and feature list. `store` is
    where this clone keeps which one is current, None beside the plans.
    """

    root: Path
    plan_root: str = "thoughts/shared"
    features: str = "feature_list.json"
    store: Path | None = None

    @property
    def base(self) -> Path:
        return self.root / self.plan_root

    def plan(self, name: str) -> Plan:
        return Plan(self.root, self.base, name, self.root / self.features)

    def names(self) -> list[str]:
        """Every plan's name, oldest first: a name starts with its date."""
        return [path.name for path in listing(self.base / "plans") if path.is_dir() and _is_name(path.name)]

    def current(self) -> Plan | None:
        """The plan chosen last, else the newest; None when there is no plan."""
        try:
            chosen = self._choice.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            chosen = ""
        names = self.names()
        return self.plan(chosen if chosen in names else names[-1]) if names else None

    @property
    def _choice(self) -> Path:
        return (self.store or self.base / "plans") / CURRENT

    def choose(self, name: str) -> None:
        """Make `name` the current plan."""
        path = self._choice
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomic(path, f"{name}\n".encode())

    def asking(self, prompt: str) -> Plan | None:
        """The newest plan for the same wish, None for none."""
        return next((plan for name in reversed(self.names()) if _asks(plan := self.plan(name), prompt)), None)

    def start(self, prompt: str, today: date, *, new: bool = False) -> Plan:
        """The folder of a plan for `prompt`, made current; today's for the same prompt unless a `new` one is wanted."""
        stem = f"{today.isoformat()}-{slug(prompt)}"
        for number in range(1, 1000):
            plan = self.plan(stem if number == 1 else f"{stem}-{number}")
            if not plan.folder.exists() or (not new and _asks(plan, prompt)):
                break
        plan.folder.mkdir(parents=True, exist_ok=True)
        if not plan.prompt.exists():
            files.write_atomic(plan.prompt, f"{prompt.strip()}\n".encode())
        self.choose(plan.name)
        return plan


def slug(text: str) -> str:
    """At most 40 of a-z, 0-9 and `-`, cut between words; a text without Latin letters gives its digest."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    kept = words[0][:_SLUG_LENGTH] if words else ""
    for word in words[1:]:
        if len(kept) + 1 + len(word) > _SLUG_LENGTH:
            break
        kept += f"-{word}"
    return kept or "plan-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _is_name(name: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\d-.", name) is not None


def _asks(plan: Plan, prompt: str) -> bool:
    try:
        asked = plan.prompt.read_text(encoding="utf-8").partition(MORE_CONTEXT)[0]
    except FileNotFoundError:
        return False
    return _words(asked) == _words(prompt)


def _words(text: str) -> list[str]:
    """What two spellings of one wish have in common."""
    return re.findall(r"\w+", text.casefold())


def listing(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing for one that is absent."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
