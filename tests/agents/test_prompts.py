"""Prompts: what each kind says, the project's own templates, and hostile values."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.agents.prompts import rendering
from orchestrator.errors import OrchestratorError

FEATURE_KINDS = ("implement", "qa", "continue", "repair")
SUBAGENTS = {
    "high": ["code-reviewer", "test-runner", "feature-verifier"],
    "medium": ["test-runner"],
    "low": [],
}
HOSTILE = [
    "{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "{# gone? #}",
    "`id`; $(touch /tmp/x) && ${HOME}",
    "\"quoted\" 'id' \\n",
    "<b>&amp;</b>",
    "ünïcödé 漢字",
    "-x",
    "../../etc",
]


def context(**more: Any) -> dict[str, Any]:
    id = more.get("id", "F7")
    return {
        "feature": {"id": id, "name": "Count words", "description": "count() counts.", "tests": ["it counts"]},
        "id": id,
        "name": "Count words",
        "commit_line": f"session: completed {id}",
        "verify_command": "make check",
        "complexity": "low",
        "attempt": 2,
        "max_attempts": 3,
        "session": 12,
        "project_name": "tally",
        "stack": "Python",
        "description": "Counts words.",
        **more,
    }


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of each fenced block, read as CommonMark says."""
    found: list[tuple[str, str]] = []
    fence, language, content = "", "", [""]
    for line in text.split("\n"):
        opening = re.fullmatch(r"(`{3,})([^`]*)", line)
        if fence and re.fullmatch(r"`{3,}[ \t]*", line) and len(line.strip()) >= len(fence):
            found.append((language, "\n".join(content)))
            fence = ""
        elif fence:
            content.append(line)
        elif opening:
            fence, language, content = opening[1], opening[2], []
    assert not fence
    return found


@pytest.mark.parametrize(("kind", "complexity"), [*itertools.product(FEATURE_KINDS, SUBAGENTS)])
def test_every_kind_demands_the_reviews_of_the_complexity_and_no_others(
    tmp_path: Path, kind: str, complexity: str
) -> None:
    text = rendering.build_prompt(kind, tmp_path, **context(complexity=complexity))

    assert re.findall(r"`(code-reviewer|test-runner|feature-verifier)` subagent", text) == SUBAGENTS[complexity]
    assert not re.search(r"\{[{%#]|[}%#]\}", text)


@pytest.mark.parametrize("kind", FEATURE_KINDS)
def test_every_kind_names_feature_check_commit_line_and_rules(tmp_path: Path, kind: str) -> None:
    text = rendering.build_prompt(kind, tmp_path, **context())

    assert text.startswith("Feature: F7\nSession 12, attempt 2 of 3, ")
    assert ("", "session: completed F7") in blocks(text)
    assert "make check" in text
    rules = text.partition("## Rules\n")[2]
    for words in ("Only this feature", "`feature_list.json`", "--no-verify", "secrets", "skip or delete a test"):
        assert words in rules
    assert "\n\n\n" not in text


@pytest.mark.parametrize("kind", FEATURE_KINDS)
def test_what_a_session_should_know_is_said_where_there_is_something_to_say(tmp_path: Path, kind: str) -> None:
    known = {
        "changes": ["description: old -> new"],
        "failure": "E  assert 1 == 2",
        "undone": ["F2: was deleted; restored"],
        "leftovers": "refs/orchestrator/leftovers/F7",
        "dependencies": [{"id": "F1", "name": "Read\nfiles"}],
        "inputs": ["docs/phase 1.md"],
    }
    bare = rendering.build_prompt(kind, tmp_path, **context())
    full = rendering.build_prompt(kind, tmp_path, **context(**known))
    told = [
        "- description: old -> new\n",
        "```\nE  assert 1 == 2\n```\n",
        "- F2: was deleted; restored\n",
        "`git show refs/orchestrator/leftovers/F7`",
        "- F1: Read files\n",
        "- `docs/phase 1.md`\n",
    ]

    assert [words for words in told if words in full] == told
    assert [words for words in told if words in bare] == []
    assert [*re.findall("^#+ .*", full, re.MULTILINE)].count("## What failed") == 1
    assert "## What failed" not in bare


@pytest.mark.parametrize("kind", ["implement", "continue", "repair"])
def test_without_a_check_command_none_is_named(tmp_path: Path, kind: str) -> None:
    text = rendering.build_prompt(kind, tmp_path, **context(verify_command=""))

    assert "The project has no check command" in text
    assert [language for language, _ in blocks(text)] == ["json", ""]


def test_qa_says_how_findings_become_features(tmp_path: Path) -> None:
    text = rendering.build_prompt("qa", tmp_path, **context(id="qa-login-001"))
    findings = text.partition("### If there are findings\n")[2].partition("\n### ")[0]

    for words in (
        "Don't complete the feature",
        "`fix-qa-login-001-NNN`",
        "critical 45, high 50, medium 55, low 60",
        "`bugfix`, `enhancement`, `styling`, `accessibility` or `performance`",
        '`qa_origin`: "qa-login-001"',
    ):
        assert words in findings
    assert "Playwright" in text
    assert "session: completed" not in findings


@pytest.mark.parametrize("kind", ["init", "implement", "continue"])
def test_qa_features_are_asked_for_only_with_qa(tmp_path: Path, kind: str) -> None:
    with_qa = rendering.build_prompt(kind, tmp_path, **context(with_qa=True))
    without = rendering.build_prompt(kind, tmp_path, **context())

    assert "`qa-responsive-*`" in with_qa
    assert "qa-" not in without


def test_init_tells_what_the_project_is_to_be(tmp_path: Path) -> None:
    told = {"project_name": "tally", "stack": "Go\nGin", "description": "Line 1\n\nLine 2"}
    text = rendering.build_prompt("init", tmp_path, **told)

    assert text.startswith("Project: tally\nStack: Go Gin\n")
    assert "## What it is to be\n\nLine 1\n\nLine 2\n" in text
    assert "`feature_list.json`" in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("kind", FEATURE_KINDS)
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_inserted_as_they_are(tmp_path: Path, kind: str, value: str) -> None:
    feature = {"id": value, "name": value, "description": value, "tests": [value]}
    given_ = context(
        id=value, feature=feature, commit_line=f"session: completed {value}", failure=value, undone=[value],
        project_name=value, stack=value, changes=[value], dependencies=[{"id": value, "name": value}],
    )  # fmt: skip

    text = rendering.build_prompt(kind, tmp_path, **given_)

    found = blocks(text)
    assert text.startswith(f"Feature: {value}\n")
    assert [json.loads(content) for language, content in found if language == "json"] == [feature]
    assert ("", f"session: completed {value}") in found
    assert ("", value) in found
    assert f'"description": {json.dumps(value, ensure_ascii=False)}' in text
    assert f"- {value}: {value}\n" in text


# Not "\r" and its like: they are no line ends for Markdown's fences here, but splitting is not what is tested.
lines = st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


@given(st.lists(lines | st.sampled_from(["```", "````", "`````sh", "``` "]), min_size=1))
def test_no_output_can_end_its_block_early(content: list[str]) -> None:
    text = "\n".join(content) or "x"

    prompt = rendering.build_prompt("repair", Path("no-such-folder"), **context(failure=text))

    assert [block for block in blocks(prompt) if block == ("", text)] == [("", text)]


def test_a_projects_own_template_wins_and_so_does_its_own_part(tmp_path: Path) -> None:
    own = tmp_path / rendering.OVERRIDES
    own.mkdir(parents=True)
    (own / "_rules.md").write_bytes(b"## Rules\n\n- Ours.\n")
    (own / "repair.md").write_bytes(b"\xef\xbb\xbfFeature: {{ id }}\r\nMend {{ name }}, \xc3\xa4.\r\n")

    assert rendering.build_prompt("repair", tmp_path, **context()) == "Feature: F7\nMend Count words, ä.\n"
    assert rendering.build_prompt("implement", tmp_path, **context()).endswith("\n## Rules\n\n- Ours.\n")


def test_any_name_can_be_rendered_from_the_project(tmp_path: Path) -> None:
    own = tmp_path / rendering.OVERRIDES
    own.mkdir(parents=True)
    (own / "hello.md").write_text("Hello {{ name }}.")

    assert rendering.render("hello", tmp_path, name="you") == "Hello you."
    assert {"hello", *rendering.KINDS} <= set(rendering.names(tmp_path))


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(OrchestratorError) as caught:
        rendering.render("implemnt", tmp_path)

    assert str(caught.value).startswith("there is no prompt template 'implemnt'. Known: continue, implement, ")
    assert "_rules" not in str(caught.value)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", ""])
def test_no_name_leads_out_of_the_folders(tmp_path: Path, name: str) -> None:
    (tmp_path / ".agent" / "prompts").mkdir(parents=True)
    (tmp_path / ".agent" / "secret.md").write_text("secret")

    with pytest.raises(OrchestratorError, match=r"^there is no prompt template"):
        rendering.render(name, tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("one\ntwo {% if %}\n", 2, "Expected an expression, got 'end of statement block'"),
        ("one\n\n{{ idd }}\n", 3, "'idd' is undefined"),
        ("{{ feature.nope.more }}", 1, "'dict object' has no attribute 'nope'"),
        ("\n{{ attempt + id }}\n", 2, "unsupported operand type(s) for +: 'int' and 'str'"),
        ("{{ 1 // 0 }}", 1, "integer division or modulo by zero"),
        ("{{ ''.__class__.__mro__ }}", 1, "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ feature.clear() }}", 1, "access to attribute 'clear' of 'dict' object is unsafe."),
    ],
)
def test_a_fault_in_a_template_names_file_and_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = tmp_path / rendering.OVERRIDES / "implement.md"
    path.parent.mkdir(parents=True)
    path.write_text(text)

    with pytest.raises(OrchestratorError) as caught:
        rendering.build_prompt("implement", tmp_path, **context())

    assert caught.value.where == f"{path}:{line}"
    assert caught.value.what == f"the prompt template 'implement' can't be rendered: {what}"


def test_a_fault_in_an_own_part_names_the_parts_line(tmp_path: Path) -> None:
    path = tmp_path / rendering.OVERRIDES / "_rules.md"
    path.parent.mkdir(parents=True)
    path.write_text("\n{{ nothing }}")

    with pytest.raises(OrchestratorError) as caught:
        rendering.build_prompt("implement", tmp_path, **context())

    assert caught.value.where == f"{path}:2"


def test_a_missing_part_and_a_template_that_is_no_utf_8_are_one_line_errors(tmp_path: Path) -> None:
    own = tmp_path / rendering.OVERRIDES
    own.mkdir(parents=True)
    (own / "a.md").write_text('{% include "_b.md" %}')
    (own / "latin.md").write_bytes(b"\xe4")

    with pytest.raises(OrchestratorError) as missing:
        rendering.render("a", tmp_path)
    with pytest.raises(OrchestratorError) as latin:
        rendering.render("latin", tmp_path)

    assert str(missing.value) == f"the prompt template 'a' includes '_b.md', which does not exist ({own})"
    assert str(latin.value).endswith(f"({own / 'latin.md'})")


def test_a_changed_template_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / rendering.OVERRIDES / "hello.md"
    path.parent.mkdir(parents=True)
    path.write_text("one")
    first = rendering.render("hello", tmp_path)
    path.write_text("another")

    assert (first, rendering.render("hello", tmp_path)) == ("one", "another")


def test_an_unknown_value_is_a_programming_error(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="fature"):
        rendering.build_prompt("implement", tmp_path, fature={})


def test_importing_it_does_not_import_jinja2() -> None:
    code = "import sys, orchestrator.agents.prompts.rendering; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
