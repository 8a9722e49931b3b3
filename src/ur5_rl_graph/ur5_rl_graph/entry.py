"""Starts a node's module; Ctrl-C during its imports ends the process in silence."""

import importlib
import signal
import sys


def execute(module: str) -> None:
    """Imports `module` and calls its main(); ends the process with what main() does.

    Until then SIGINT and SIGTERM have their plain meaning, so that a launch that ends early is not answered
    by every node with a traceback from the middle of an import. Imports nothing heavy itself.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    main = importlib.import_module(module).main
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
