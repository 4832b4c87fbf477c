"""Issues of beads, after public files; what the real bd exports; garbage."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import support.bd_cli as bd_cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.backlogs import left_out, states, waits, write
from support.projects import Made
from support.repos import git

from orchestrator.backlogs import beads
from orchestrator.backlogs.protocol import Backlog, Entry, Options
from orchestrator.errors import Missing, OrchestratorError
from orchestrator.features.dialects.tables import Rules
from orchestrator.planning.tracking.bd import Bd

FILE = ".beads/issues.jsonl"


def issue(id: str, title: str = "A", **fields: Any) -> dict[str, Any]:
    return {"id": id, "title": title, "status": "open", "priority": 2, "issue_type": "task", **fields}


def needs(id: str, other: str, type: str = "blocks") -> dict[str, str]:
    return {"issue_id": id, "depends_on_id": other, "type": type, "created_at": "2026-01-15T13:41:49.5+03:00"}


def read(root: Path, *issues: dict[str, Any], **options: Any) -> Backlog:
    write(root, {FILE: "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in issues)})
    return beads.read(root / FILE, Options(root, **options))


def test_an_epic_with_children_as_bd_0_49_wrote_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        issue("kit-5dl", "StatusKit", issue_type="epic", status="in_progress", priority=1),
        issue(
            "kit-5dl.1", "Пакет", priority=0, issue_type="feature", description="На PyPI", design="With hatch",
            acceptance_criteria="- [ ] it installs\n  from PyPI\n- [ ] it starts", notes="ask", labels=["kit"],
            dependencies=[needs("kit-5dl.1", "kit-5dl", "parent-child"), needs("kit-5dl.1", "kit-ly4")],
        ),
        issue("kit-ly4", "Kernel", status="closed", close_reason="Closed", issue_type="bug"),
    )  # fmt: skip
    assert found.entries == (
        Entry(
            "kit-5dl.1", "Пакет", "На PyPI\n\nDesign:\nWith hatch", "StatusKit", 0, ("kit-ly4",),
            ("it installs from PyPI", "it starts"), state="open", word="open",
        ),
        Entry("kit-ly4", "Kernel", "Kernel", None, 2, (), None, state="done", word="closed"),
    )  # fmt: skip
    assert (left_out(found), found.warnings, found.source) == ({"kit-5dl": "epic"}, (), FILE)


def test_only_blocks_and_waits_for_are_waited_for(tmp_path: Path) -> None:
    links = [
        "blocks",
        "waits-for",
        "related",
        "relates-to",
        "discovered-from",
        "supersedes",
        "duplicates",
        "parent-child",
    ]
    found = read(
        tmp_path,
        issue("b-1", dependencies=[needs("b-1", f"b-{link}", link) for link in links]),
        *(issue(f"b-{link}", f"The {link} one") for link in links),
        issue("b-2", dependencies=[needs("b-2", "b-1", "conditional-blocks"), needs("b-2", "b-1", "mine"), {}, 3]),
        issue("b-3", dependencies=[{"id": "b-2", "dependency_type": "blocks"}, needs("b-3", "b-3")]),
        issue("b-4", dependencies=None),
    )
    assert {id: ids for id, ids in waits(found).items() if ids} == {"b-1": ("b-blocks", "b-waits-for"), "b-3": ("b-2",)}
    assert found.entries[0].category == "The parent-child one"
    assert found.warnings == (
        "1 dependencies of the type conditional-blocks have no like here and are left out",
        "1 dependencies of the type mine have no like here and are left out",
    )


def test_the_states_of_bd(tmp_path: Path) -> None:
    words = ["open", "in_progress", "hooked", "closed", "blocked", "deferred", "tombstone", "pinned", ""]
    found = read(tmp_path, *(issue(f"b-{word}", status=word) for word in words), issue("b-none", status=None))
    assert states(found) == {
        "b-open": "open", "b-in_progress": "open", "b-hooked": "open", "b-closed": "done", "b-blocked": "blocked",
        "b-deferred": "dropped", "b-": "open", "b-none": "open",
    }  # fmt: skip
    assert left_out(found) == {"b-tombstone": "tombstone", "b-pinned": "pinned"}
    with pytest.raises(
        OrchestratorError, match=r"nobody knows the status 'odd' of b-2 \(\.beads/issues\.jsonl:2\).*not_done"
    ):
        read(tmp_path, issue("b-1"), issue("b-2", status="odd"))
    assert states(read(tmp_path, issue("b-2", status="odd"), rules=Rules(done=("odd",)))) == {"b-2": "done"}


KINDS = ("task", "epic", "gate", "bug")
STATES = ("open", "closed", "tombstone", "deferred")
TYPES = ("blocks", "waits-for", "parent-child", "related")
ISSUES = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.sampled_from(STATES),
        st.lists(st.tuples(st.integers(0, 7), st.sampled_from(TYPES)), max_size=4),
    ),
    max_size=7,
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ISSUES)
def test_each_issue_comes_along_or_is_left_out_and_waits_only_for_what_comes_along_or_is_nowhere(
    tmp_path: Path, made: list[tuple[str, str, list[tuple[int, str]]]]
) -> None:
    issues = [
        issue(
            f"b-{own}", issue_type=kind, status=state, dependencies=[needs(f"b-{own}", f"b-{n}", t) for n, t in links]
        )
        for own, (kind, state, links) in enumerate(made)
    ]
    found = read(tmp_path, *issues) if issues else Backlog("beads", FILE, ())
    work = {n for n, (kind, state, _) in enumerate(made) if kind in ("task", "bug") and state != "tombstone"}
    absent = set(range(len(made), 8))
    assert states(found).keys() == {f"b-{n}" for n in work}
    assert left_out(found).keys() == {f"b-{n}" for n in range(len(made)) if n not in work}
    for n in work:
        wanted = {other for other, type in made[n][2] if type in TYPES[:2] and other != n and other in work | absent}
        assert set(waits(found)[f"b-{n}"]) == {f"b-{other}" for other in wanted}


def test_what_is_no_work_is_left_out_and_not_waited_for(tmp_path: Path) -> None:
    kinds = ["molecule", "agent", "role", "gate", "event", "message", "merge-request", "epic", "milestone"]
    found = read(
        tmp_path,
        *(issue(f"b-{kind}", issue_type=kind) for kind in kinds),
        issue("b-done", issue_type="gate", status="closed"),
        issue("b-gone", status="tombstone"),
        issue("b-form", is_template=True),
        issue("b-wisp", ephemeral=True),
        issue("b-1", dependencies=[needs("b-1", f"b-{other}") for other in (*kinds[3:4], "done", "gone", "epic")]),
        issue("b-2", dependencies=[needs("b-2", "b-gate"), needs("b-2", "b-1"), needs("b-2", "b-nowhere")]),
        {"_type": "memory", "key": "hello", "value": "x"},
    )
    assert waits(found) == {"b-1": (), "b-2": ("b-1", "b-nowhere")}
    assert left_out(found) == {
        **{f"b-{kind}": kind for kind in kinds},
        "b-done": "gate", "b-gone": "tombstone", "b-form": "template", "b-wisp": "ephemeral", "hello": "memory",
    }  # fmt: skip
    assert found.warnings == ("b-1 and 1 more: waits for the gate b-gate, which is left out; it is not waited for",)


@pytest.mark.parametrize("turned", [False, True])
def test_of_an_id_that_a_merge_left_twice_the_last_change_counts(turned: bool, tmp_path: Path) -> None:
    moments = ["2026-01-23T18:26:53.775282+03:00", "2026-01-23T15:26:53.9Z", "2026-01-23T15:26:53.89999999Z", "never"]
    lines = [issue("b-1", f"at {moment}", updated_at=moment) for moment in moments]
    found = read(tmp_path, lines[1], *(reversed(lines) if turned else lines))
    assert [entry.name for entry in found.entries] == [f"at {moments[1]}"]
    assert len(found.warnings) == 1
    assert "the issue b-1 comes again" in found.warnings[0]
    assert read(tmp_path, lines[0], lines[0]).warnings == ()
    same = read(tmp_path, issue("b-1", "first", updated_at=moments[0]), issue("b-1", "last", updated_at=moments[0]))
    assert [entry.name for entry in same.entries] == ["last"]


def test_a_parent_is_told_by_a_link_a_field_or_the_id(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        issue("b-1", "Parent"),
        issue("b-1.1", "By id"),
        issue("b-2", "By field", parent="b-1"),
        issue("b-1.2", "By link", dependencies=[needs("b-1.2", "b-2", "parent-child")]),
        issue("v1.2", "A version"),
    )
    assert [entry.category for entry in found.entries] == [None, "Parent", "Parent", "By field", None]


def test_colours_and_missing_fields_do_no_harm(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"id": "b-1", "title": "\x1b[1mA\x1b[0m", "issue_type": "task", "priority": "P1"}, {"id": "b-2"}
    )
    assert found.entries == (Entry("b-1", "A", "A", None, 1, (), None), Entry("b-2", "", "", None, None, (), None))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"no issues in this file.*\(\.beads/issues\.jsonl\).*bd export -o \.beads/issues\.jsonl"),
        (b"\n \r\n", r"bd export"),
        (b'{"id": "a"}\r\n{"id": "b",}\r\n', r"\.beads/issues\.jsonl:2:"),
        (b'{"id": "a"}\n<<<<<<< ours\n', r"unresolved merge conflict \(\.beads/issues\.jsonl:2:1\)"),
        (b'{"id": "a"}\n["b"]\n', r"one object \(\.beads/issues\.jsonl:2:1\)"),
        (b'\n{"title": "b"}\n', r"without an id \(\.beads/issues\.jsonl:2:1\)"),
        (b'{"id": "a", "x": ' + b"[" * 100_000, r"\.beads/issues\.jsonl"),
        (b"\xff\xfe{", r"UTF-16 \(\.beads/issues\.jsonl:1:1\)"),
        (b'{"id": "a"}\n\xe9', r"UTF-8.*jsonl:2:1"),
        (b"SQLite format 3\x00", r"\.beads/issues\.jsonl:1:1"),
    ],
)
def test_garbage_is_named_with_its_place(content: bytes, message: str, tmp_path: Path) -> None:
    write(tmp_path, {FILE: content})
    with pytest.raises(OrchestratorError, match=message):
        beads.read(tmp_path / FILE, Options(tmp_path))


def test_it_is_found_in_its_usual_places_a_file_with_issues_first(tmp_path: Path) -> None:
    assert beads.detect(tmp_path) == []
    write(tmp_path, {".beads/metadata.json": "{}"})
    assert beads.detect(tmp_path) == [tmp_path / ".beads"]
    write(tmp_path, {FILE: "", ".beads/beads.jsonl": '{"id": "b-1", "issue_type": "task"}\n'})
    assert beads.detect(tmp_path) == [tmp_path / ".beads" / "beads.jsonl", tmp_path / FILE]
    assert states(beads.read(tmp_path / ".beads", Options(tmp_path))) == {"b-1": "open"}
    assert beads.fits(tmp_path / ".beads" / "beads.jsonl")
    write(tmp_path / "other", {FILE: '{"id": "b-2"}\n', ".beads/beads.jsonl": '{"id": "b-1"}\n'})
    assert beads.detect(tmp_path / "other")[0] == tmp_path / "other" / FILE
    assert beads.fits(tmp_path / ".beads")
    for other in (FILE, ".beads/metadata.json", ".beads/none", "."):
        assert not beads.fits(tmp_path / other)


@pytest.mark.parametrize("folder", ["specs", ".beads"])
def test_a_folder_with_nothing_of_bds_is_said_to_be_none(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    with pytest.raises(OrchestratorError, match="bd keeps nothing here"):
        beads.read(tmp_path / folder, Options(tmp_path))


def test_a_database_without_bd_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    write(tmp_path, {".beads/metadata.json": "{}"})
    with pytest.raises(Missing, match=r"bd \(beads\) is not installed \(\.beads\).*bd export -o \.beads/issues\.jsonl"):
        beads.read(tmp_path / ".beads", Options(tmp_path))


def test_the_recorded_export_of_bd_1_0_5_is_read(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bd_cli.fake(repo, monkeypatch, "1.0.5")
    write(repo, {".beads/metadata.json": "{}"})
    monkeypatch.setattr("orchestrator.planning.tracking.bd.Bd", lambda root: Bd(root, program))
    monkeypatch.setattr("orchestrator.planning.tracking.bd.missing", lambda root: "")
    found = beads.read(repo / ".beads", Options(repo))
    assert found.source == ".beads (bd export)"
    assert states(found) == {"t-whw": "open", "t-59r": "dropped", "t-1hx": "open", "t-f74.1": "done"}
    assert waits(found) == {"t-whw": ("t-f74.1",), "t-59r": (), "t-1hx": ("t-f74.1",), "t-f74.1": ()}
    assert found.entries[3][1:8] == (
        "A task",
        "desc\n\nDesign:\nthe design",
        "An epic",
        2,
        (),
        ("one more", "two"),
        None,
    )
    assert left_out(found) == {"t-f74": "epic"}


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_what_bd_prints_beside_the_issues_is_passed_over(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "#!/bin/sh\necho 'Warning: {the daemon is old'\necho '{\"id\": \"b-1\"}'\necho\n"
    program = write(repo, {".beads/metadata.json": "{}", "bin/bd": script}) / "bin" / "bd"
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    assert states(beads.read(repo / ".beads", Options(repo))) == {"b-1": "open"}


def test_the_real_bd_is_asked_where_it_keeps_no_file(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bd_cli.real(repo)
    monkeypatch.setenv("PATH", str(Path(program).parent), prepend=":")
    bd = Bd(repo, program)
    epic, one, two = bd.create("Plan", "epic"), bd.create("Ünï", "task", 0), bd.create("Two", "task")
    bd.depend(one, epic, "parent-child")
    bd.depend(two, one)
    bd.close(one, "done")
    assert beads.detect(repo) == [repo / ".beads"]
    made = Made(repo)
    output = made.run("orchestrator", "import")
    assert "beads: .beads (bd export)" in output
    assert "2 entries, 1 done, 1 left out (1 epic), about 1 sessions" in output
    features = made.features()
    assert {id: (feature["name"], feature["dependencies"]) for id, feature in features.items()} == {
        one: ("Ünï", []), two: ("Two", [one]),
    }  # fmt: skip
    assert (features[one]["category"], features[one]["priority"]) == ("Plan", 0)
    assert made.states() == {one: "done", two: "todo"}
    assert "has it all already" in made.run("orchestrator", "import")
    (repo / FILE).write_text(bd.export(), encoding="utf-8")
    assert "has it all already" in made.run("orchestrator", "import")


def test_the_real_bds_refusal_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bd_cli.real(repo)
    monkeypatch.setenv("PATH", str(Path(program).parent), prepend=":")
    other = repo / "other"
    write(other, {".beads/metadata.json": "{broken"})
    git(other, "init", "-q")
    with pytest.raises(OrchestratorError, match="bd export failed"):
        beads.read(other / ".beads", Options(other))
