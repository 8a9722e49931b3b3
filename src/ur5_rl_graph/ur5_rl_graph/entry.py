"""Starts a node's module; Ctrl-C during its imports ends the process in silence."""

import importlib
import signal
import sys


def execute(module: str) -> None:
    """Imports `module` and calls its main(); ends the process with what main() does.

    SIGINT and SIGTERM have their plain meaning until `main.run` takes them, so that a launch that ends early
    is not answered by every node with a traceback from the middle of an import. Imports nothing heavy itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    sys.exit(importlib.import_module(module).main())
