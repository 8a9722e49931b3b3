"""Starts a node's module; Ctrl-C during its imports ends the process in silence."""

import contextlib
import importlib
import signal
import sys
from collections.abc import Iterator


def execute(module: str) -> None:
    """Imports `module` and calls its main(); ends the process with what main() does.

    Imports nothing heavy itself.
    """
    with plain_signals():
        main = importlib.import_module(module).main
    sys.exit(main())


@contextlib.contextmanager
def plain_signals() -> Iterator[None]:
    """SIGINT and SIGTERM have their plain meaning as long as nodes are imported.

    A launch that ends early is not answered by every node with a traceback from the middle of an import.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, signal.default_int_handler)
