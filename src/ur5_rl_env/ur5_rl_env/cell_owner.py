"""Whose a simulated controller is: what the arm driver asks it, and a real one is never asked."""

import socket

FAULT_PORT = 30099
"""Where the controller of a simulated cell takes commands of one line; one of them is `run`."""


def ask(host: str, port: int, line: str, timeout: float = 2.0) -> str:
    """The one line that is answered to `line`; '' = none.

    Raises:
        OSError: nobody listens there, or the answer took longer than `timeout` [s].
    """
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(line.encode() + b'\n')
        return connection.makefile().readline().strip()


def owner(host: str, port: int = FAULT_PORT, timeout: float = 2.0) -> str:
    """The run that the controller at `host` belongs to; '' = started by hand, or nobody answers."""
    try:
        return ask(host, port, 'run', timeout)
    except OSError:
        return ''
