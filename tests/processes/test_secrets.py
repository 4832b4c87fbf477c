"""Secrets are known by their form."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.processes import secrets

BODY = "MIIEowIBAAKCAQEAvv7G9Hk2p1q3r5s7t9u1v3"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aws = AKIA" + "IOSFODNN7ABCDEFG", "AWS Access Key"),
        ('token = "ghp_' + "a1B2" * 9 + '"', "GitHub Token"),
        ("gh = github_pat_" + "a1B2" * 12, "GitHub token"),
        ("-----BEGIN RSA PRIVATE KEY-----\n" + BODY, "private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\r\n" + BODY, "private key"),
        ('"private_key": "-----BEGIN PRIVATE KEY-----\\n' + BODY, "private key"),
        ("PuTTY-User-Key-File-3: ssh-ed25519", "private key"),
        ("key: sk-ant-api03-" + "abcdefgh12345678wxyz", "Anthropic key"),
        ("OPENAI=sk-proj-" + "ab1Q" * 12, "OpenAI key"),
        ("glpat-a1b2c3d4e5f6g7h8i9j0", "GitLab Token"),
        ("AIza" + "Sy1" * 11 + "ab", "Google API key"),
        ("xoxb-123456789012-" + "abcdefGHIJ12", "Slack Token"),
        ("//registry.example/:_authToken=1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f", "NPM tokens"),
        ("hf_" + "aB3dE" * 7, "Hugging Face token"),
        ("stripe sk_live_" + "a1B2" * 6, "Stripe Access Key"),
    ],
)
def test_usual_forms_are_known(text: str, kind: str) -> None:
    assert secrets.kind_of_secret(f"one line\n{text}\nanother") == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def f():\n    return 'hello'\n",
        "-----BEGIN CERTIFICATE-----\n" + BODY,
        "-----BEGIN PUBLIC KEY-----\n" + BODY,
        'if "-----BEGIN PRIVATE KEY-----" in text:\n    raise Refused(text)\n',
        "API_KEY=${API_KEY}",
        'password = os.environ["PASSWORD"]',
        "sk-spinner-fading-circle-and-then-some-more-of-it",
        "commit 8f14e45fceea167a5a36dedd4bea2543a1b2c3d4",
        "sha512-9xKXK6bHfTnC2gHcNxQk9y2mZ1vJw==",
    ],
)
def test_what_only_looks_a_little_like_one_is_none(text: str) -> None:
    assert secrets.kind_of_secret(text) == ""


@pytest.mark.parametrize("at", range(len(secrets._PLUGINS)))
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_the_cheap_look_passes_over_nothing_that_detect_secrets_finds(at: int, data: st.DataObject) -> None:
    for form in secrets._detectors()[at].denylist:  # type: ignore[attr-defined]
        text = data.draw(st.from_regex(form, fullmatch=True).filter(str.isascii))
        assert "\n" in text or not any(secrets._detectors()[at].analyze_string(text)) or secrets._HINT.search(text), (
            text
        )


def test_detect_secrets_is_imported_only_for_a_text_that_may_hold_one() -> None:
    code = (
        "import sys; from orchestrator.processes.secrets import kind_of_secret as kind; "
        "kind('x = 1\\n' * 1000); print('detect_secrets' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
