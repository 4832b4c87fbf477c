"""Inputs of several features that sessions write into."""

from __future__ import annotations

from pathlib import Path

from support.scripted_builds import COMMITS, feature, project

from orchestrator.building.shared_inputs import touched
from orchestrator.features import model


def listed(*features: dict[str, object]) -> model.FeatureList:
    import json

    return model.parse(json.dumps({"features": features}).encode(), "feature_list.json")


def test_a_file_that_another_feature_names_alone_is_foreign_and_a_common_one_is_shared() -> None:
    features = listed(
        feature("F1", inputs=["log.md", "one.md"]),
        feature("F2", inputs=["log.md", "two.md"]),
        feature("F3", inputs=["docs/*.md"]),
    )
    found = touched(features, features.get("F1"), ["log.md", "one.md", "two.md", "docs/a.md", "src/x"])
    assert found.foreign == {"two.md": "F2"}
    assert found.shared == ("F2", "F3")


def test_features_that_write_into_one_file_are_built_once_each(tmp_path: Path) -> None:
    script = 'echo "- $1" >> notes.md; git add notes.md\n' + COMMITS
    features = [feature(id, inputs=["notes.md"]) for id in ("F1", "F2", "F3")]
    made = project(tmp_path, features, "touch notes.md\n" + script)
    (made.root / "notes.md").write_text("# notes\n")
    made.git("add", "notes.md")
    made.git("commit", "-qm", "notes")
    made.run("doit", "build")
    made.run("doit", "build")
    assert made.states() == {"F1": "done", "F2": "done", "F3": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1", "F2", "F3"]
    assert made.clean()


def test_another_features_own_input_is_put_back_and_told(tmp_path: Path) -> None:
    script = 'if [ "$1" = F2 ]; then echo easier > one.md; git add one.md; fi\n' + COMMITS
    made = project(tmp_path, [feature("F1", inputs=["one.md"]), feature("F2", inputs=["two.md"])], script)
    for name in ("one.md", "two.md"):
        (made.root / name).write_text(f"{name}\n")
    made.git("add", "one.md", "two.md")
    made.git("commit", "-qm", "inputs")
    said = made.run("doit", "build")
    assert "one.md: is an input of F1; its change was undone" in said
    assert made.git("show", "HEAD:one.md") == "one.md"
    assert made.states() == {"F1": "done", "F2": "done"}
    assert len(made.sessions()) == 2
    assert made.clean()
