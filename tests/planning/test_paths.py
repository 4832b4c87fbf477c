"""Plans and their files, found again by whatever a person calls them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.planning.finding import discover, resolve_file_path
from orchestrator.planning.paths import MORE_CONTEXT, Plans, slug

ENTRIES = json.loads((Path(__file__).parent.parent / "vectors" / "parsing.json").read_text("utf-8"))
TODAY = date(2026, 3, 9)


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["function"] == "resolve_file_path"])
def test_a_named_file_is_found_as_the_vectors_say(entry: dict[str, dict[str, list[str]]], tmp_path: Path) -> None:
    given = entry["input"]
    touch(tmp_path, *given["tree"])
    found = resolve_file_path(Plans(tmp_path), str(given["path_input"]), str(given["file_type"]))
    assert (found and found.relative_to(tmp_path).as_posix()) == entry["output"]


def test_a_plan_answers_to_its_folder_its_name_and_a_part_of_it(tmp_path: Path) -> None:
    plans = Plans(tmp_path)
    touch(
        tmp_path,
        "thoughts/shared/plans/2026-01-01-add-login/plan.md",
        "thoughts/shared/plans/2026-02-01-add-login-page/plan.md",
    )
    old, new = (plans.plan(name).plan for name in plans.names())
    for text in ("2026-01-01-add-login", "add-login", str(old), "thoughts/shared/plans/2026-01-01-add-login"):
        assert resolve_file_path(plans, text, "plans") == old
    assert resolve_file_path(plans, "log", "plans") == new
    assert resolve_file_path(plans, "logout", "plans") is None
    assert resolve_file_path(plans, str(tmp_path / "absent.md"), "plans") is None


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["function"] == "discover_thoughts_files"])
def test_recent_files_are_discovered_as_the_vectors_say(entry: dict[str, dict[str, str]], tmp_path: Path) -> None:
    def dated(name: str) -> str:
        return re.sub(r"\{today-(-?\d+)d\}", lambda found: (TODAY - timedelta(days=int(found[1]))).isoformat(), name)

    given = entry["input"]
    touch(tmp_path, *(f"{given['layout']}/{dated(name)}" for name in given["files"]))
    found = discover(Plans(tmp_path), given["file_type"], int(given["days_back"]), TODAY)
    assert [path.name for path in found] == [dated(name) for name in entry["output"]]


def test_the_plan_root_moves_with_the_setting(tmp_path: Path) -> None:
    plans = Plans(tmp_path, "docs/notes")
    touch(tmp_path, "docs/notes/research/2026-03-09-x.md", "thoughts/shared/research/2026-03-09-y.md")
    assert discover(plans, "research", 0, TODAY) == [tmp_path / "docs/notes/research/2026-03-09-x.md"]
    assert resolve_file_path(plans, "y", "research") is None


def test_the_current_plan_is_the_one_chosen_last_else_the_newest(tmp_path: Path) -> None:
    plans = Plans(tmp_path)
    assert plans.current() is None
    first = plans.start("Add a login", date(2026, 1, 1))
    second = plans.start("Add a shop", date(2026, 1, 2))
    assert plans.current() == second
    plans.choose(first.name)
    assert plans.current() == first
    (tmp_path / "thoughts/shared/plans/current-plan").unlink()
    assert plans.current() == second
    plans.choose("2020-01-01-gone")
    assert plans.current() == second
    assert plans.names() == ["2026-01-01-add-a-login", "2026-01-02-add-a-shop"]


def test_another_wish_that_begins_with_the_same_words_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    plans = Plans(tmp_path)
    long = "Add a login with a password and with everything else"
    names = [plans.start(text, TODAY).name for text in (long, f"{long} too", long.upper() + "!")]
    stem = "2026-03-09-add-a-login-with-a-password-and-with"
    assert names == [stem, f"{stem}-2", stem]


def test_a_prompt_with_later_context_is_still_that_prompt(tmp_path: Path) -> None:
    plans = Plans(tmp_path)
    plan = plans.start("Add login", TODAY)
    plan.prompt.write_text(f"Add login\n\n{MORE_CONTEXT}\n\nWith OAuth.\n")
    assert plans.start("Add login", TODAY) == plan
    assert "OAuth" in plan.prompt.read_text()


def test_phase_files_come_in_order_of_their_numbers(tmp_path: Path) -> None:
    plan = Plans(tmp_path).start("x", TODAY)
    for name in ("10-j.md", "02-b.md", "00-overview.md", "100-z.md", "1-no.md", "plan.md", "01-a.txt", "03-c.md"):
        (plan.folder / name).touch()
    assert [path.name for path in plan.phase_files()] == ["02-b.md", "03-c.md", "10-j.md", "100-z.md"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Add user authentication with OAuth2, please", "add-user-authentication-with-oauth2"),
        ("Größe ändern", "groe-andern"),
        ("a" * 60, "a" * 40),
    ],
)
def test_a_slug_is_made_of_the_first_words(text: str, wanted: str) -> None:
    assert slug(text) == wanted


@given(st.text())
def test_any_text_has_a_short_safe_slug(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))
    assert len(slug(text)) <= 40
