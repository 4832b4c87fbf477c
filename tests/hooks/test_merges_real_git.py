"""Lists merged by real git with the installed driver: merges, rebases, picks, stashes; and how conflicts look."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.hooks import LIST, commit, install, project
from support.projects import Made

Item = dict[str, Any]
Edit = Callable[[list[Item]], None]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    found = project(tmp_path / "project")
    install(found.root)
    return found


def change(made: Made, edit: Edit, message: str = "an edit") -> None:
    path = made.root / LIST
    data = json.loads(path.read_bytes())
    edit(data["features"])
    path.write_text(json.dumps(data, indent=2) + "\n")
    made.git("commit", "-q", "-a", "-m", message)


def update(id: str, **fields: object) -> Edit:
    return lambda items: next(item for item in items if item["id"] == id).update(fields)


def add(id: str, at: int = 99) -> Edit:
    return lambda items: items.insert(at, {"id": id, "name": f"new {id}", "description": "d", "passes": False})


def delete(id: str) -> Edit:
    return lambda items: items.remove(next(item for item in items if item["id"] == id))


def diverge(made: Made, ours: Edit, theirs: Edit) -> None:
    """`main`, checked out, with one change, and `side` with the other."""
    made.git("checkout", "-q", "-b", "side")
    change(made, theirs, "theirs")
    made.git("checkout", "-q", "main")
    change(made, ours, "ours")


def run(made: Made, *args: str) -> tuple[int, str]:
    done = subprocess.run(["git", *args], cwd=made.root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def merge(made: Made) -> tuple[int, str]:
    return run(made, "merge", "--no-edit", "side")


def rebase(made: Made) -> tuple[int, str]:
    made.git("checkout", "-q", "side")
    return run(made, "rebase", "main")


def rebase_apply(made: Made) -> tuple[int, str]:
    made.git("checkout", "-q", "side")
    return run(made, "rebase", "--apply", "main")


def pick(made: Made) -> tuple[int, str]:
    return run(made, "cherry-pick", "side")


def stash(made: Made) -> tuple[int, str]:
    """The other side's change as one that was never committed."""
    wanted = made.git("show", f"side:{LIST}")
    made.git("checkout", "-q", "--detach", "main~1")
    (made.root / LIST).write_text(wanted + "\n")
    made.git("stash", "-q")
    made.git("checkout", "-q", "main")
    return run(made, "stash", "pop")


WAYS = [merge, rebase, rebase_apply, pick, stash]
ways = pytest.mark.parametrize("way", WAYS)


def listed(made: Made) -> list[Item]:
    found: list[Item] = json.loads((made.root / LIST).read_bytes())["features"]
    return found


@ways
def test_both_sides_edit_neighbours_and_different_fields_of_one(
    made: Made, way: Callable[[Made], tuple[int, str]]
) -> None:
    def ours(items: list[Item]) -> None:
        update("F1", name="ours", priority=1)(items)
        delete("F3")(items)
        add("F4")(items)

    def theirs(items: list[Item]) -> None:
        update("F1", description="theirs")(items)
        update("F2", name="theirs")(items)
        add("F5")(items)

    diverge(made, ours, theirs)
    code, said = way(made)
    assert (code, "CONFLICT" in said) == (0, False), said
    assert [(item["id"], item["name"], item["description"], item.get("priority")) for item in listed(made)] == [
        ("F1", "ours", "theirs", 1),
        ("F2", "theirs", "d", None),
        ("F4", "new F4", "d", None),
        ("F5", "new F5", "d", None),
    ]


@pytest.mark.parametrize("way", [merge, rebase, rebase_apply, pick])
def test_completions_of_both_sides_are_both_there(made: Made, way: Callable[[Made], tuple[int, str]]) -> None:
    made.git("checkout", "-q", "-b", "side")
    assert commit(made.root, "session: completed F1").returncode == 0
    made.git("checkout", "-q", "main")
    assert commit(made.root, "session: completed F2").returncode == 0
    code, said = way(made)
    assert code == 0, said
    assert [item["passes"] for item in listed(made)] == [True, True, False]
    assert made.clean()
    made.run("orchestrator", "sync", "--check")


CONFLICT = """{
  "features": [
    {
      "id": "F1",
      "name": "feature 1",
      "description": "d",
      "passes": false
    },
<<<<<<< ours
    {
      "id": "F2",
      "name": "HERE",
      "description": "d",
      "passes": false
    },
=======
    {
      "id": "F2",
      "name": "THERE",
      "description": "d",
      "passes": false
    },
>>>>>>> theirs
    {
      "id": "F3",
      "name": "merged",
      "description": "d",
      "passes": false
    }
  ]
}
"""


@ways
def test_a_conflict_is_marked_around_its_feature_alone(made: Made, way: Callable[[Made], tuple[int, str]]) -> None:
    def theirs(items: list[Item]) -> None:
        update("F2", name="theirs")(items)
        update("F3", name="merged")(items)

    diverge(made, update("F2", name="ours"), theirs)
    code, said = way(made)
    assert code == 1, said
    assert f"CONFLICT (content): Merge conflict in {LIST}" in said
    assert f"orchestrator: conflict in {LIST}: F2: name: changed on both sides" in said
    assert (made.root / LIST).read_text() == CONFLICT.replace("HERE", "ours").replace("Tours", "theirs")
    assert made.git("status", "--porcelain") == f"UU {LIST}"
    assert "both modified:   feature_list.json" in made.git("status")


@ways
def test_a_conflict_is_resolved_and_committed_as_always(
    made: Made, way: Callable[[Made], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_EDITOR", "true")
    diverge(made, update("F2", name="ours"), update("F2", name="theirs"))
    assert way(made)[0] == 1
    marked = (made.root / LIST).read_text()
    made.git("checkout", "--ours", "--", LIST)
    assert listed(made)[1]["name"] == "ours"
    made.git("checkout", "--theirs", "--", LIST)
    assert listed(made)[1]["name"] == "theirs"
    made.git("checkout", "--merge", "--", LIST)
    assert (made.root / LIST).read_text() == marked
    made.git("checkout", "--theirs", "--", LIST)
    made.git("add", LIST)
    if way in (merge, stash):
        made.git("commit", "-q", "-m", "resolved")
    elif way is pick:
        made.git("cherry-pick", "--continue")
    else:
        made.git("rebase", "--continue")
    assert made.clean()
    assert listed(made)[1]["name"] == "theirs"
    assert commit(made.root, "session: completed F2").returncode == 0
    assert (listed(made)[1]["passes"], made.clean()) == (True, True)


def test_no_hook_touches_a_list_in_conflict(made: Made) -> None:
    """A merge stops; meanwhile another file is checked out, and a sync is asked for."""
    (made.root / "other").write_text("x\n")
    made.git("add", "other")
    assert commit(made.root, "session: completed F1").returncode == 0
    diverge(made, update("F2", name="ours"), update("F2", name="theirs"))
    assert merge(made)[0] == 1
    marked, stages = (made.root / LIST).read_bytes(), made.git("ls-files", "-s")
    (made.root / "other").write_text("y\n")
    made.git("checkout", "--", "other")
    made.run("orchestrator", "sync", code=None)
    assert ((made.root / LIST).read_bytes(), made.git("ls-files", "-s")) == (marked, stages)
    made.git("merge", "--abort")
    assert made.clean()


@pytest.mark.parametrize("how", ["ours", "theirs"])
def test_deleted_here_and_changed_there(made: Made, how: str) -> None:
    edits = {
        "ours": (delete("F2"), update("F2", name="changed")),
        "theirs": (update("F2", name="changed"), delete("F2")),
    }
    diverge(made, *edits[how])
    code, said = merge(made)
    other = "theirs" if how == "ours" else "ours"
    assert (code, f"F2: deleted in {how}, changed in {other}" in said) == (1, True), said
    text = (made.root / LIST).read_text()
    assert (text.count("<<<<<<< ours\n"), text.count("=======\n"), text.count(">>>>>>> theirs\n")) == (1, 1, 1)
    assert text.count('"changed"') == 1
    assert made.git("status", "--porcelain") == f"UU {LIST}"


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_the_style_of_conflicts_that_the_user_likes(made: Made, style: str) -> None:
    made.git("config", "merge.conflictStyle", style)
    diverge(made, update("F2", name="ours"), update("F2", name="theirs"))
    assert merge(made)[0] == 1
    lines = (made.root / LIST).read_text().splitlines()
    starts = [line.split()[0] for line in lines if line[:7] in ("<" * 7, "|" * 7, "=" * 7, ">" * 7)]
    assert starts == (["<" * 7, "=" * 7, ">" * 7] if style == "merge" else ["<" * 7, "|" * 7, "=" * 7, ">" * 7])
    if style != "merge":
        ours, base, theirs = sections("\n".join(lines))
        assert [json.loads(part.strip().rstrip(","))["name"] for part in (ours, base, theirs)] == [
            "ours", "feature 2", "theirs"
        ]  # fmt: skip


def test_diff3_of_a_deletion_of_an_addition_and_of_a_top_level_key(made: Made) -> None:
    """Neighbours in conflict, each with what the common ancestor had, if anything."""
    made.git("config", "merge.conflictStyle", "diff3")
    base = b'{"v": 1,\n"features": [\n  {"id": "F1", "name": "a"},\n  {"id": "F2", "name": "b"}\n]}\n'
    ours = (
        base.replace(b'"v": 1', b'"v": 2').replace(b'"a"', b'"A"').replace(b"\n]", b',\n  {"id": "N", "name": "x"}\n]')
    )
    theirs = base.replace(b'"v": 1', b'"v": 3').replace(b'  {"id": "F1", "name": "a"},\n', b"")
    theirs = theirs.replace(b"\n]", b',\n  {"id": "N", "name": "y"}\n]')
    assert three(made, base, ours, theirs)[0] == 1
    assert (made.root / LIST).read_text() == (
        '{\n<<<<<<< ours\n"v": 2,\n||||||| base\n"v": 1,\n=======\n"v": 3,\n>>>>>>> theirs\n"features": [\n'
        '<<<<<<< ours\n  {"id": "F1", "name": "A"},\n||||||| base\n  {"id": "F1", "name": "a"},\n=======\n'
        '>>>>>>> theirs\n  {"id": "F2", "name": "b"},\n'
        '<<<<<<< ours\n  {"id": "N", "name": "x"}\n||||||| base\n=======\n  {"id": "N", "name": "y"}\n>>>>>>> theirs\n'
        "]}\n"
    )


def sections(text: str) -> list[str]:
    inside = text.split("<<<<<<< ours\n")[1].split(">>>>>>> theirs")[0]
    ours, rest = inside.split("||||||| base\n")
    base, theirs = rest.split("=======\n")
    return [ours, base, theirs]


def test_the_size_of_markers_that_attributes_ask_for(made: Made) -> None:
    (made.root / ".gitattributes").write_text(f"{LIST} conflict-marker-size=12\n")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "attributes")
    diverge(made, update("F2", name="ours"), update("F2", name="theirs"))
    assert merge(made)[0] == 1
    lines = (made.root / LIST).read_text().splitlines()
    assert [line for line in lines if line[:1] in "<=>"] == ["<" * 12 + " ours", "=" * 12, ">" * 12 + " theirs"]


def rewrite(made: Made, content: bytes, message: str = "rewritten") -> None:
    (made.root / LIST).write_bytes(content)
    made.git("commit", "-q", "-a", "-m", message, "--no-verify")


def three(made: Made, base: bytes, ours: bytes, theirs: bytes) -> tuple[int, str]:
    rewrite(made, base)
    made.git("checkout", "-q", "-b", "side")
    rewrite(made, theirs)
    made.git("checkout", "-q", "main")
    rewrite(made, ours)
    return merge(made)


BARE = b'[\n  {"id": "F1", "name": "a"},\n  {"id": "F2", "name": "b"}\n]\n'


@pytest.mark.parametrize("form", ["bare", "crlf", "bom", "bom and crlf", "no newline"])
def test_any_form_of_a_list(made: Made, form: str) -> None:
    base = BARE
    if "crlf" in form:
        base = base.replace(b"\n", b"\r\n")
    if "bom" in form:
        base = b"\xef\xbb\xbf" + base
    if form == "no newline":
        base = base.rstrip(b"\n")
    code, said = three(made, base, base.replace(b'"a"', b'"A"'), base.replace(b'"b"', b'"B"'))
    assert code == 0, said
    assert (made.root / LIST).read_bytes() == base.replace(b'"a"', b'"A"').replace(b'"b"', b'"B"')


def test_crlf_in_the_work_tree_only(made: Made) -> None:
    made.git("config", "core.autocrlf", "true")
    crlf = BARE.replace(b"\n", b"\r\n")
    code, said = three(made, crlf, crlf.replace(b'"a"', b'"A"'), crlf.replace(b'"b"', b'"B"'))
    assert code == 0, said
    assert (made.root / LIST).read_bytes() == crlf.replace(b'"a"', b'"A"').replace(b'"b"', b'"B"')
    assert b"\r" not in subprocess.run(["git", "show", f"HEAD:{LIST}"], cwd=made.root, capture_output=True).stdout


def test_features_in_another_order(made: Made) -> None:
    diverge(made, update("F1", name="ours"), lambda items: items.reverse())
    assert merge(made)[0] == 0
    assert [(item["id"], item["name"]) for item in listed(made)] == [
        ("F3", "feature 3"), ("F2", "feature 2"), ("F1", "ours")
    ]  # fmt: skip
    assert made.clean()


SPREAD = b'[\n{"id": "F1", "name": "a"},\n\n\n\n{"id": "F2", "name": "b"}\n\n\n\n]\n'


@pytest.mark.parametrize("side", ["base", "ours", "theirs"])
def test_a_list_that_is_no_json_is_merged_as_text(made: Made, side: str) -> None:
    sides = {"base": SPREAD, "ours": SPREAD.replace(b'"a"', b'"A"'), "theirs": SPREAD.replace(b'"b"', b'"B"')}
    sides[side] = sides[side].replace(b"]\n", b"]]\n")
    code, said = three(made, sides["base"], sides["ours"], sides["theirs"])
    assert "feature_list.json is merged as text: not valid JSON" in said
    merged = SPREAD.replace(b'"a"', b'"A"').replace(b'"b"', b'"B"')
    if side == "base":
        assert (code, (made.root / LIST).read_bytes()) == (0, merged), said
        assert made.clean()
    else:  # one side has broken it: what comes of it is not committed where HEAD's list was sound, else warned of
        refused = 0 if side == "ours" else 1
        assert (code, (made.root / LIST).read_bytes()) == (refused, merged.replace(b"]\n", b"]]\n")), said
        assert f"orchestrator: {'error' if refused else 'warning'}: not valid JSON" in said
        (made.root / LIST).write_bytes(merged)
        made.git("commit", "-q", "-a", "-m", "mended")
        assert made.clean()


def test_after_python_is_gone_lists_are_merged_as_text(made: Made) -> None:
    driver = made.git("config", "merge.orchestrator.driver")
    made.git("config", "merge.orchestrator.driver", driver.replace("/bin/python3", "/gone/python3"))
    assert "/gone/python3" in made.git("config", "merge.orchestrator.driver")
    code, said = three(made, SPREAD, SPREAD.replace(b'"a"', b'"A"'), SPREAD.replace(b'"b"', b'"B"'))
    assert (code, listed_names(made)) == (0, ["A", "B"]), said
    made.git("checkout", "-q", "-b", "again", "HEAD~1")
    rewrite(made, SPREAD.replace(b'"b"', b'"C"'))
    made.git("branch", "-f", "side", "main")
    assert merge(made)[0] == 1
    assert "<<<<<<< ours" in (made.root / LIST).read_text()
    assert made.git("status", "--porcelain") == f"UU {LIST}"


def listed_names(made: Made) -> list[str]:
    return [item["name"] for item in json.loads((made.root / LIST).read_bytes())]


def test_a_side_without_a_list_is_git_s_own_business(made: Made) -> None:
    made.git("checkout", "-q", "-b", "side")
    made.git("rm", "-q", LIST)
    made.git("commit", "-q", "-m", "no list")
    made.git("checkout", "-q", "main")
    change(made, update("F1", name="ours"))
    code, said = merge(made)
    assert (code, "CONFLICT (modify/delete)" in said) == (1, True)
    made.git("rm", "-q", LIST)
    made.git("commit", "-q", "-m", "resolved")
    assert made.clean()


def test_two_lists_that_were_added_apart_are_joined(made: Made) -> None:
    made.git("checkout", "-q", "--orphan", "side")
    change(made, add("F4"), "another root")
    made.git("checkout", "-q", "main")
    change(made, add("F5"))
    code, said = run(made, "merge", "--no-edit", "--allow-unrelated-histories", "side")
    assert code == 0, said
    assert sorted(item["id"] for item in listed(made)) == ["F1", "F2", "F3", "F4", "F5"]


def test_criss_cross_merges_of_completions(made: Made) -> None:
    """Two merge bases: git merges these first, by our driver too."""
    made.git("checkout", "-q", "-b", "side")
    commit(made.root, "session: completed F1")
    made.git("checkout", "-q", "main")
    commit(made.root, "session: completed F2")
    made.git("branch", "old-main")
    made.git("merge", "-q", "--no-edit", "side")
    made.git("checkout", "-q", "side")
    made.git("merge", "-q", "--no-edit", "old-main")
    change(made, update("F3", name="theirs"))
    made.git("checkout", "-q", "main")
    change(made, update("F3", description="ours"))
    assert merge(made)[0] == 0
    assert [item["passes"] for item in listed(made)] == [True, True, False]
    assert (listed(made)[2]["name"], listed(made)[2]["description"]) == ("theirs", "ours")
    assert made.clean()


def test_the_whole_virtual_environment_may_be_gone_at_a_merge(made: Made, tmp_path: Path) -> None:
    """Hooks and driver together: the merge goes through as git alone would do it, with a warning."""
    gone = tmp_path / "gone"
    for name in ("commit-msg", "post-commit", "post-merge"):
        hook = made.root / ".git" / "hooks" / name
        lines = hook.read_text().splitlines(keepends=True)
        hook.write_text("".join(f"python={gone}\n" if line.startswith("python=") else line for line in lines))
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "sh"):
        (folder / name).symlink_to(shutil.which(name) or "")
    driver = made.git("config", "merge.orchestrator.driver")
    made.git("config", "merge.orchestrator.driver", driver.replace("/bin/python3", "/gone/python3"))
    made.git("checkout", "-q", "-b", "side")
    change(made, update("F1", name="theirs"))
    made.git("checkout", "-q", "main")
    (made.root / "a").write_text("a\n")
    made.git("add", "a")
    made.git("commit", "-q", "-m", "a", "--no-verify")
    done = subprocess.run(
        ["git", "merge", "-q", "--no-edit", "side"], cwd=made.root, capture_output=True, text=True, check=False,
        env={"PATH": str(folder), "HOME": str(tmp_path), "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@y"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert listed(made)[0]["name"] == "theirs"
