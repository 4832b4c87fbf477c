"""What an agent is asked: the kind of its session, its prompt, its model and its limits."""

from __future__ import annotations

import json

from orchestrator import files
from orchestrator.agents.prompts import rendering
from orchestrator.agents.protocol import SessionRequest
from orchestrator.building import attempts, authorship, bypassed, record
from orchestrator.building.attempts import Attempts
from orchestrator.building.session import Started
from orchestrator.config.settings import AgentSettings
from orchestrator.features import marks
from orchestrator.features.dialects.reading import check_field
from orchestrator.features.dialects.standing import standing
from orchestrator.features.dialects.summary import taken_from
from orchestrator.features.dialects.tables import FIELDS
from orchestrator.features.digest import changes
from orchestrator.features.model import Feature, FeatureList
from orchestrator.git import commits
from orchestrator.harness import memory, sessions
from orchestrator.history.events import completion_line
from orchestrator.project import Project
from orchestrator.staleness import facts
from orchestrator.staleness.state import Standing, State

PROMPT_FILE = ".agent/current-prompt.md"


def kind(standing: Standing, kept: Attempts, leftovers: str) -> str:
    """The kind of the feature's next session, one of `rendering.KINDS`."""
    if standing.feature.is_qa:
        return "qa"
    if kept.failure:
        return "repair"
    goes_on = bool(kept.owned or leftovers)
    return "continue" if goes_on or standing.state is State.CHANGED else "implement"


def model(settings: AgentSettings, feature: Feature) -> str:
    """The model for the feature's sessions."""
    special = settings.models.qa if feature.is_qa else getattr(settings.models, feature.complexity)
    return special or settings.model


def request(project: Project, id: str, started: Started, prompt: str, dollars: float) -> SessionRequest:
    """The session to run, its prompt written to PROMPT_FILE; `dollars` is its limit, 0 for none."""
    path = project.root / PROMPT_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_atomic(path, prompt.encode("utf-8", "replace"), private=True)
    sessions.keep_prompt(project.root, started.number, prompt)
    settings = project.config.agent
    return SessionRequest(
        prompt=prompt,
        prompt_file=path,
        cwd=project.root,
        model=started.model,
        feature_id=id,
        interactive=settings.mode == "interactive",
        timeout=settings.timeout,
        log_dir=project.root / ".agent" / "sessions",
        name=f"session-{started.number:03d}",
        max_cost_usd=dollars,
        env={**authorship.environment(started.number), **bypassed.environment(attempts.trace(project.store, id))},
    )


def prompt(
    project: Project, standing: Standing, features: FeatureList, kept: Attempts, started: Started, check: str,
    *, with_qa: bool, baseline: str, leftovers: str,
) -> str:  # fmt: skip
    """The prompt of a session that has started; `check` is the command that will check its work,
    `baseline` how it failed before anything was done."""
    from orchestrator.planning.reading import reading  # only where a session starts

    feature, settings = standing.feature, project.config
    return rendering.build_prompt(
        started.kind,
        project.root,
        feature=feature.data,
        id=feature.id,
        name=feature.name,
        commit_line=completion_line(feature.id, project.words),
        verify_command=check,
        complexity=feature.complexity,
        attempt=started.attempt,
        max_attempts=settings.agent.max_attempts,
        session=started.number,
        changes=_changes(project, standing),
        failure=kept.failure,
        undone=kept.undone,
        leftovers=leftovers,
        dependencies=[
            {"id": id, "name": features.by_id[id].name} for id in feature.dependencies if id in features.by_id
        ],
        inputs=list(feature.inputs),
        project_name=project.name,
        stack=settings.project.stack,
        description=settings.project.description,
        with_qa=with_qa,
        baseline=baseline,
        notes=memory.relevant(project.root, feature.id, feature.dependencies, kept.failure),
        **_dialect(project, feature),
        feature_list=settings.project.features,
        **reading(project, feature),
    )


def _dialect(project: Project, feature: Feature) -> dict[str, str]:
    """The words of the list, for the prompt to speak of the feature as its file does."""
    words = marks.words_of(project.read_features(), project.rules, project.config.project.features)
    item, form = feature.data, feature.shape
    check = check_field(item, form)
    opened = words.open(words.field) if words.field in FIELDS["status"] else False
    return {
        "tests_field": taken_from("tests", item, form),
        "prose_field": check if check and feature.verify is None else "",
        "standing_field": standing(item, form).by or words.field,
        "open_entry": f'"{words.field}": {json.dumps(opened, ensure_ascii=False)}',
    }


def leftovers(project: Project, id: str) -> str:
    """The ref that keeps work on the feature that was set aside; "" where there is none."""
    ref = record.leftovers_ref(id)
    return ref if commits.resolve(project.repository, ref) else ""


def _changes(project: Project, standing: Standing) -> list[str]:
    """What is new in the definition since it was completed."""
    if standing.state is not State.CHANGED or not standing.commit:
        return []
    name = record.list_name(project)
    then = facts.definition_then(project.repository, name, standing.commit, standing.feature.id, project.rules)
    return changes(then, standing.feature.definition, project.rules) if then is not None else []
