"""How a program of ours ends: the one place that turns errors into a line on stderr and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.errors import OrchestratorError

INTERRUPTED = 130
USAGE = 2
Ends = OrchestratorError | OSError | KeyboardInterrupt


@contextmanager
def told(*, debug: bool = False) -> Iterator[None]:
    """Turn an error that is raised inside into the end of the program (SystemExit): a line on stderr, and the exit code
    of docs/contract.md, section 2. `debug` adds the traceback.
    """
    try:
        yield
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more to say, and no complaint at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except (OrchestratorError, OSError, KeyboardInterrupt) as error:
        if debug:
            import traceback

            traceback.print_exception(error)
        sys.stdout.flush()
        sys.stderr.write(line_for(error) + "\n")
        raise SystemExit(code_of(error)) from None


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP end this process as Ctrl+C does. Their default would end it at once, and a running agent
    would go on. A signal that is already handled or ignored stays so.
    """
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def code_of(error: Ends) -> int:
    """The exit code for the error (docs/contract.md, section 2)."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return error.exit_code if isinstance(error, OrchestratorError) else USAGE


def line_for(error: Ends) -> str:
    """The one line that a user sees; stopping a run is no error."""
    if isinstance(error, KeyboardInterrupt):
        return "orchestrator: interrupted"
    if isinstance(error, OrchestratorError):
        return f"orchestrator: {'' if error.exit_code == INTERRUPTED else 'error: '}{error}"
    what = f"{error.strerror or error} ({error.filename})" if error.filename else str(error)
    return f"orchestrator: error: {' '.join(what.split())}"
