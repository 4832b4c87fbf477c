from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.processes.redact import HIDDEN, clean, one_line, redactor


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-abcdef_123456",
        "sk-proj-0123456789abcdefghij",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
        "ghs_0123456789abcdefghijABCDEFGHIJ",
        "github_pat_11ABCDEFG0123456789_abcdef",
        "AIzaSyA0123456789abcdefghijklmnopqrstu",
        "xoxb-123456789012-abcdef",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_what_looks_like_a_known_secret_is_hidden(secret: str) -> None:
    assert redactor()(f"key={secret}, and more") == f"key={HIDDEN}, and more"


def test_a_bearer_and_the_user_of_an_address_are_hidden() -> None:
    text = "Authorization: Bearer abc.def-123456\ngit clone https://me:pass@host/x.git"
    assert redactor()(text) == f"Authorization: Bearer {HIDDEN}\ngit clone https://{HIDDEN}@host/x.git"


def test_values_of_secret_variables_are_hidden_wherever_they_appear() -> None:
    redact = redactor({"DB_PASSWORD": "hunter2hunter2", "api_key": "hunter2hunter2-and-more", "PIN_TOKEN": "1234"})
    assert redact("hunter2hunter2-and-more hunter2hunter2 1234") == f"{HIDDEN} {HIDDEN} 1234"


def test_ordinary_text_stays() -> None:
    text = "def f(x):\n\treturn x  # task-force, skew, ASKIA, user@example.com, http://host/a@b\n"
    assert redactor({"HOME": "/home/somebody"})(text) == text


def test_escape_sequences_and_control_characters_are_taken_out() -> None:
    text = "a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x00\x08\u202ec\r\nd\te\x1b"
    assert clean(text) == "aredbc\nd\te"


def test_a_long_text_is_cut_to_one_line() -> None:
    assert one_line(" a\n\n b ") == "a b"
    assert one_line("x" * 20, 10) == "xxxxxxx..."


@given(st.text(), st.text(alphabet="abc/+=-. $^*[](){}\\", min_size=8, max_size=20), st.text())
def test_no_secret_of_the_environment_survives(before: str, secret: str, after: str) -> None:
    value = secret.strip()
    text = redactor({"MY_SECRET": secret})(before + value + after)
    assert len(value) < 8 or value not in text.replace(HIDDEN, "")


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
