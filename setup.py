"""Says which Python is needed before an older one's installer complains of our dependencies instead."""

import sys

from setuptools import setup

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("silmari-orchestrator needs Python 3.10 or newer, and this is %d.%d" % sys.version_info[:2])  # noqa: UP031

setup()
