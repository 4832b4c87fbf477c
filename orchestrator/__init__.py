"""An incremental build system for coding agents."""

__version__ = "0.1.0"
