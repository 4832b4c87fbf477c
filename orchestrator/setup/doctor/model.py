"""Probe of the model's service: whether it takes the key, asked for its list of models, which costs nothing."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from orchestrator.agents import environment
from orchestrator.setup.doctor.finding import Finding, ok, problem, warning
from orchestrator.setup.doctor.subject import Subject

_SERVICE = "https://api.anthropic.com"
_SECONDS = 10.0
_ELSEWHERE = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX")  # other services with log-ins of their own
_REFUSED = (401, 403)


def model_service(subject: Subject) -> Iterator[Finding]:
    """With a key alone: how an account logs in is Claude Code's own business."""
    settings = subject.project.config.agent
    env = environment.build(settings.env, {})
    key, service = env.get("ANTHROPIC_API_KEY", ""), env.get("ANTHROPIC_BASE_URL", "").rstrip("/") or _SERVICE
    if settings.kind != "claude" or not key or any(env.get(name) for name in _ELSEWHERE):
        return
    if not service.startswith(("https://", "http://")):
        yield problem("service", f"ANTHROPIC_BASE_URL is no address: {service}", "Correct it, or unset it")
        return
    yield _found(service, {"x-api-key": key, "anthropic-version": "2023-06-01"})


def _found(service: str, headers: Mapping[str, str]) -> Finding:
    request = urllib.request.Request(f"{service}/v1/models?limit=1", headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return ok("service", f"{service} takes the key")
    except urllib.error.HTTPError as error:
        code = error.code
        error.close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        return warning("service", f"{service} can't be reached: {reason}", "Look at the network and the proxy settings")
    if code in _REFUSED:
        fix = "Put another key into ANTHROPIC_API_KEY, or unset it to use the account"
        return problem("service", f"{service} refuses the key ({code})", fix, missing=True)
    return warning("service", f"{service} does not say whether it takes the key ({code})", "The first session shows it")
