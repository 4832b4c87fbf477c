"""What all captured sessions have in common, whatever the agent: limits, logs, and why one was stopped."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.agents.live import Repeats
from orchestrator.agents.protocol import Observer, SessionRequest
from orchestrator.config.settings import AgentSettings
from orchestrator.processes.redact import Redactor
from orchestrator.processes.running import Command, Ended, Stop


def command(
    settings: AgentSettings, request: SessionRequest, argv: tuple[str, ...], env: Mapping[str, str], redact: Redactor
) -> Command:
    """The child to run for a session."""
    return Command(
        argv=argv,
        cwd=request.cwd,
        env=env,
        stdout=request.log_dir / f"{request.name}.stdout",
        stderr=request.log_dir / f"{request.name}.stderr",
        timeout=request.timeout,
        idle_timeout=settings.idle_timeout,
        exit_grace=settings.exit_grace,
        redact=redact,
        project=request.project,
    )


def stop_words(stop: Stop | None, settings: AgentSettings, request: SessionRequest, repeats: Repeats) -> str:
    """Which limit ended the session, in words; "" if none did."""
    if stop is Stop.TIMEOUT:
        return f"it ran out of time after {request.timeout:g} s ([agent] timeout)"
    if stop is Stop.IDLE:
        return f"it printed nothing for {settings.idle_timeout:g} s ([agent] idle_timeout)"
    return f"{repeats.words} ([agent] max_repeats)" if stop is Stop.REPEATING else ""


def tell_end(ended: Ended, settings: AgentSettings, observer: Observer) -> None:
    """Say what had to be ended: the agent that had finished, and which processes it left behind."""
    if ended.stop is Stop.FINISHED:
        observer.note(f"it had printed its result and did not end; ended after {settings.exit_grace:g} s")
    if listed := ", ".join(ended.swept):
        observer.note(f"ended what the session left running: {listed}")
