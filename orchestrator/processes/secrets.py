"""Which secrets a text holds: tokens and private keys by their usual forms.

The forms are those of detect-secrets. Importing it is slow, so a quick search comes first: only a text that holds the
beginning of some secret is given to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol

_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|[\s\"'+])*[A-Za-z0-9+/=:, -]{32}")
_PUTTY = re.compile(r"^PuTTY-User-Key-File-\d:", re.MULTILINE)
# Forms that detect-secrets does not know.
_OWN = {
    "Anthropic key": re.compile(r"\bsk-ant-[\w-]{20,}"),
    "OpenAI key": re.compile(r"\bsk-(?=[A-Za-z_-]*\d)(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}"),
    "Google API key": re.compile(r"\bAIza[\w-]{35}"),
    "GitHub token": re.compile(r"\bgithub_pat_\w{36,}"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}"),
    "npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
}
_PLUGINS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "npm": "NpmDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
}
# How a secret of one of those plugins begins, or what stands in each. A test holds this to the plugins' own examples.
_HINT = re.compile(
    r"A3T|A[BCKS](?:IA|CA)[0-9A-Z]{8}|aws.{0,40}[\"'][0-9A-Za-z/+]{40}|AccountKey=|gh[opsur]_|gl[a-z]{2,6}-|GR1348941"
    r"|_authToken=|pypi-Ag|SG\.[\w-]{22}|xox[abprso]-|hooks\.slack\.com|[rs]k_live_|sq0csp-|\d{8,10}:[\w-]{35}"
    r"|[MNO][\w-]{23,25}\.[\w-]{6}\.",
    re.IGNORECASE,
)


class _Detector(Protocol):
    """What is used of a plugin of detect-secrets."""

    secret_type: str

    def analyze_string(self, string: str) -> Iterator[str]:
        """The secrets in the line."""


def kind_of_secret(text: str) -> str:
    """What kind of secret the text holds ("private key", "AWS Access Key"); "" for none.

    An invented secret of the right form counts as well: they can't be told apart.
    """
    if _KEY.search(text) or _PUTTY.search(text):
        return "private key"
    return next(_tokens(text), "")


def _tokens(text: str) -> Iterator[str]:
    for kind, form in _OWN.items():
        if form.search(text):
            yield kind
    if not _HINT.search(text):
        return
    for line in text.splitlines():
        if _HINT.search(line):
            yield from _detected(line)


def _detected(line: str) -> Iterator[str]:
    for plugin in _detectors():
        if any(plugin.analyze_string(line)):
            yield str(plugin.secret_type)


@cache
def _detectors() -> list[_Detector]:
    import importlib

    return [
        getattr(importlib.import_module(f"detect_secrets.plugins.{name}"), kind)() for name, kind in _PLUGINS.items()
    ]
