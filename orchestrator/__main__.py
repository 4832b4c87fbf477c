"""`python -m orchestrator`: the same as the `orchestrator` command."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036
    # Here no installer has looked at the version, and the modules below can't even be imported.
    sys.exit("orchestrator needs Python 3.10 or newer, and this is %d.%d" % sys.version_info[:2])  # noqa: UP031

from orchestrator.cli import main

main()
