"""What `init` says of a project in one screen: how its list was read, other backlogs, and the check that decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.backlogs import kinds, sources
from orchestrator.features.dialects import summary
from orchestrator.features.dialects.summary import Summary
from orchestrator.features.model import FeatureList
from orchestrator.project import Project
from orchestrator.staleness import checks

_MOST = 8  # words and fields that one line names
_OWN = ("name", "description", "category", "dependencies", "tests", "verify")
_CALLED = {"verify": "check"}


def lines(project: Project) -> Iterator[str]:
    """The list as it is now, in lines; nothing of an empty one."""
    features = project.features()
    if features.features:
        yield from of_list(project, features)
    yield from _backlogs(project)
    if not checks.resolve(project.config.verify.command, project.root):
        own = sum(1 for feature in features.features if feature.verify is not None)
        but = f", but for {_counted(own, 'feature')} with a check of its own" if own else ""
        yield (
            f"no check command was found: what an agent claims will rest on its word{but}. "
            "Set [verify] command in orchestrator.toml"
        )


def of_list(project: Project, features: FeatureList) -> Iterator[str]:
    """How the features were read."""
    found = summary.of(((f.data, f.shape) for f in features.features), project.rules)
    name = project.config.project.features
    yield (
        f"{name}: {_counted(found.total, 'feature')}: {found.done} done, {found.todo} to do, {found.blocked} blocked, "
        f"{found.dropped} dropped"
    )
    yield f"  dialect: {_dialect(found)}"
    for field, words in found.words.items():
        meant: dict[str, dict[str, int]] = {}
        for word, (count, meaning) in words.items():
            meant.setdefault(meaning or "nobody knows", {})[word] = count
        yield f"  {field}: " + "; ".join(f"{what}: {_named(said)}" for what, said in meant.items())
    if taken := [f"{_CALLED.get(role, role)} from {_fields(found, role)}" for role in _OWN if role in found.fields]:
        yield f"  read: {', '.join(taken)}"
    yield from _not_understood(found)


def _dialect(found: Summary) -> str:
    """Which field says how a feature stands."""
    fields = {key: count for key, count in found.decides.items() if key != "nothing"}
    silent = found.decides.get("nothing", 0)
    if not fields:
        return "no feature says whether it is done: none counts as done"
    many = len(fields) > 1 or silent
    said = ", ".join(f"`{key}`" + (f" ({count})" if many else "") for key, count in fields.items())
    says = "says" if len(fields) == 1 else "say"
    rest = f"; {_counted(silent, 'feature')} without any, not done" if silent else ""
    return f"{said} {says} whether a feature is done{rest}"


def _fields(found: Summary, role: str) -> str:
    """The fields that a role was read from; how often where there are several."""
    counted = found.fields[role]
    return " and ".join(f"`{key}`" + (f" ({count})" if len(counted) > 1 else "") for key, count in counted.items())


def _not_understood(found: Summary) -> Iterator[str]:
    if found.unread:
        yield f"  not understood, shown to the agent as it is: {_named(found.unread)}"
    if found.prose:
        yield f"  checks that are sentences, shown to the agent and not run: {found.prose}"
    if found.priorities:
        yield f"  priorities that nobody knows, which count as 99: {_named(found.priorities)}"


def _backlogs(project: Project) -> Iterator[str]:
    for kind, source in kinds.lying(project.root, project.features_path):
        shown = sources.shown(source, project.root)
        yield f"{shown} is a backlog of {kind}: `orchestrator import --from {kind}` brings it in"


def _named(counted: Mapping[str, int]) -> str:
    most = [f"{' '.join(word.split())} ({count})" for word, count in list(counted.items())[:_MOST]]
    more = len(counted) - _MOST
    return ", ".join(most) + (f" and {more} more" if more > 0 else "")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
