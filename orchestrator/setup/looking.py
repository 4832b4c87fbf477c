"""The feature list before anything is installed: refused with the fix, or read, with ids for features without one."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.features import checks
from orchestrator.features.numbering import with_ids
from orchestrator.history import index
from orchestrator.project import Project


class Listed(NamedTuple):
    """A list as `init` leaves it: its bytes, and the ids that it gets."""

    data: bytes
    new_ids: tuple[str, ...] = ()


def look(project: Project) -> Listed | None:
    """The project's list; None where there is none. Raises OrchestratorError, with the fix, where it can't be read."""
    path = project.features_path
    if not path.exists() and not path.is_symlink():
        return None
    data, where = project.read_features(), project.config.project.features
    numbered = with_ids(data, where=where)
    if numbered.ids:
        # An id that the history completed already would make a feature done that nobody built.
        numbered = with_ids(data, _known_to_history(project), where)
    errors = list(checks.errors(numbered.data, where, project.rules))
    if errors:
        first = errors[0]
        more = f"; {len(errors) - 1} more: see `orchestrator validate`" if len(errors) > 1 else ""
        raise OrchestratorError(first.message + more, where=first.where, fix=first.fix)
    return Listed(numbered.data, numbered.ids)


def _known_to_history(project: Project) -> set[str]:
    if project.place is None:
        return set()
    ledger = index.read(project.place, project.words, path=project.features_path, rules=project.rules)
    return {*ledger.standing, *ledger.cancelled}
