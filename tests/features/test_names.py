from __future__ import annotations

import re
import subprocess

from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.features.names import slug

NASTY = [
    "", "../x", "a/b", "a=b", "-x", "_x", ".x", "x.", "a..b", "x.lock", ".lock", "X.LOCK", "x.lock.lock", "@",
    "a@{b", "con", "NUL.txt", "com1", "LPT9.x", "aux.", "conin$", "a b", "a:b", "a%b", "%41", "ü", "\ud800",
    "a\nb", "*", "~^:?[\\", "x" * 64, "x" * 65, "-" * 30, "." * 80, "é" * 40, "con" + "x" * 80, "日本", "\x7f",
]  # fmt: skip

texts = st.text(st.characters() | st.sampled_from(".-_@%lock"), max_size=80)
ids = st.sampled_from(NASTY) | texts | st.from_regex(r"(?i)\A(con|nul|com\d|x)(\.\w{1,3})?(\.lock)?\Z")


def is_ref_component(name: str) -> bool:
    """The rules of git-check-ref-format(1), one after the other."""
    return bool(name) and not (
        name.startswith(".")
        or name.endswith((".lock", "."))
        or ".." in name
        or any(ord(char) < 32 or ord(char) == 127 or char in " ~^:?*[\\/" for char in name)
        or "@{" in name
        or name == "@"
    )


def is_windows_name(name: str) -> bool:
    """What Microsoft's "Naming Files" allows."""
    stem = name.split(".")[0].upper()
    devices = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{n}" for kind in ("COM", "LPT") for n in range(10))}
    return stem not in devices and not re.search(r'[<>:"/\\|?*\x00-\x1f]', name) and name[-1] not in ". "


@given(ids)
@example("")
@example("\u0130\u017f\u212a")
def test_a_name_is_safe_everywhere(id: str) -> None:
    name = slug(id)
    assert is_ref_component(name)
    assert is_windows_name(name)
    assert name[0] not in "-_."
    assert "=" not in name
    assert name.isascii()
    assert len(name) <= 64


@given(ids, ids)
@settings(max_examples=300)
def test_different_ids_have_different_names(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)


@given(st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){0,63}\Z"))
def test_a_safe_id_is_its_own_name(id: str) -> None:
    if is_ref_component(id) and is_windows_name(id) and ".lock" not in id.lower():
        assert slug(id) == id


def test_the_names_are_as_documented() -> None:
    documented = {
        "F003": "F003",
        "feature-1.2": "feature-1.2",
        "../x": "%2E.%2Fx",
        "a%b": "a%25b",
        "a\nb": "a%0Ab",
        "ü": "%C3%BC",
        "NUL.txt": "%4EUL.txt",
        "x.lock": "x%2Elock",
        "-x": "%2Dx",
    }
    assert {id: slug(id) for id in documented} == documented
    assert slug("y" * 70) == "y" * 55 + "-a76b8d19"


def test_git_takes_every_name_as_a_ref() -> None:
    for id in NASTY:
        subprocess.run(["git", "check-ref-format", f"refs/orchestrator/leftovers/{slug(id)}"], check=True)
