from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.processes.redact import HIDDEN, Flow, Redactor, clean, one_line


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
        "glpat-abcdefghij0123456789",
        "npm_abcdefghij0123456789ABCD",
        "hf_abcdefghij0123456789ABCD",
        "sk_live_abcdefghij0123456789",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_known_secret_is_hidden(secret: str) -> None:
    assert Redactor()(f"key={secret}, and more") == f"key={HIDDEN}, and more"


def test_a_bearer_and_the_user_of_an_address_are_hidden() -> None:
    text = "Authorization: Bearer abc.def-123456\ngit clone https://me:pass@host/x.git"
    assert Redactor()(text) == f"Authorization: Bearer {HIDDEN}\ngit clone https://{HIDDEN}@host/x.git"


def test_values_of_secret_variables_are_hidden_wherever_they_appear() -> None:
    redact = Redactor({"DB_PASSWORD": "hunter2hunter2", "api_key": "hunter2hunter2-and-more", "PIN_TOKEN": "1234"})
    assert redact("hunter2hunter2-and-more hunter2hunter2 1234") == f"{HIDDEN} {HIDDEN} 1234"


def test_ordinary_text_stays() -> None:
    text = "def f(x):\n\treturn x  # task-force, skew, ASKIA, user@example.com, http://host/a@b\n"
    assert Redactor({"HOME": "/home/somebody"})(text) == text


def test_escape_sequences_and_control_characters_are_taken_out() -> None:
    text = "a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x00\x08\u202ec\r\nd\te\x1b"
    assert clean(text) == "aredbc\nd\te"


def test_a_long_text_is_cut_to_one_line() -> None:
    assert one_line(" a\n\n b ") == "a b"
    assert one_line("x" * 20, 10) == "xxxxxxx..."


@given(st.text(), st.text(alphabet="abc/+=-. $^*[](){}\\", min_size=8, max_size=20), st.text())
def test_no_secret_of_the_environment_survives(before: str, secret: str, after: str) -> None:
    value = secret.strip()
    text = Redactor({"MY_SECRET": secret})(before + value + after)
    assert len(value) < 8 or value not in text.replace(HIDDEN, "")


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


SECRETS = {
    "API_KEY": 'with "quotes" and \\ and umläut',
    "DEPLOY_KEY": "first line of the key\nsecond line of the key",
    "DB_PASSWORD": "p@ss/word?with=signs",
}
PIECES = st.sampled_from(
    [
        *SECRETS.values(),
        "sk-ant-api03-abcdef_123456",
        "Bearer abc.def-123456",
        "https://me:pass@host/x",
        "\n",
        "\n",
        " ",
        "a\x1b[1mb",
        "sk-ant-\x1b[0mapi03-abcdef",
        "word",
        "ü",
        "\udcff",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n",
        "-----END PRIVATE KEY-----",
        "x" * 50,
    ]
)


def flowed(data: bytes, cuts: list[int], longest: int = 1 << 20) -> bytes:
    flow = Flow(Redactor(SECRETS), longest)
    ends = [*sorted(cuts), len(data)]
    return b"".join(flow.feed(data[a:b]) for a, b in zip([0, *ends], ends, strict=False)) + flow.close()


@given(st.lists(PIECES, max_size=12), st.data())
def test_a_stream_is_redacted_alike_wherever_it_is_cut(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces).encode("utf-8", "surrogateescape")
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    whole = Redactor(SECRETS)(text.decode("utf-8", "surrogateescape"))
    assert flowed(text, cuts).decode("utf-8", "surrogateescape") == whole


def test_every_secret_is_hidden_at_every_split_of_a_stream() -> None:
    secrets = ["sk-ant-api03-abcdef_123456", "https://me:passpass@host", "Bearer abc.def-123456", SECRETS["API_KEY"]]
    text = " and ".join(secrets).encode()
    for cut in range(len(text) + 1):
        shown = flowed(text, [cut]).decode()
        assert shown == f"{HIDDEN} and https://{HIDDEN}@host and Bearer {HIDDEN} and {HIDDEN}", cut


@given(st.integers(0, 700), st.integers(1, 97))
def test_a_line_without_end_is_cut_where_no_secret_is(before: int, step: int) -> None:
    secret = "sk-ant-api03-abcdef_123456"
    text = ("x " * before + f"Bearer abc.def-123456 {secret} " + "y " * 700).encode()
    shown = flowed(text, list(range(0, len(text), step)), longest=400)
    assert shown.decode() == Redactor()(text.decode())


def test_a_secret_is_known_in_its_other_forms() -> None:
    hide = Redactor(SECRETS)
    for value in SECRETS.values():
        for form in (json.dumps(value), json.dumps(value, ensure_ascii=False), quote(value, safe="")):
            assert hide(form).strip('"').replace("\\n", "").replace("%0A", "").replace(HIDDEN, "") == "", form


def test_a_colour_in_a_line_of_json_hides_no_secret() -> None:
    line = json.dumps({"text": "sk-ant-\x1b[1;31mapi03\x1b[0m-abcdef", "more": "a\\u001b[0mb"}).encode()
    assert json.loads(flowed(line, [])) == {"text": HIDDEN, "more": "a\\u001b[0mb"}
