"""Whose a simulated controller is: what the arm driver asks it, and a real one is never asked."""

import socket

FAULT_PORT = 30099
"""Where the controller of a simulated cell takes commands of one line; one of them is `run`."""
TIMEOUT_S = 2.0


def ask(host: str, port: int, line: str) -> str:
    """The one line that is answered to `line`; '' = none.

    Raises:
        OSError: nobody listens there, or the answer took longer than `TIMEOUT_S`.
    """
    with socket.create_connection((host, port), TIMEOUT_S) as connection:
        connection.sendall(line.encode() + b'\n')
        return connection.makefile().readline().strip()


def owner(host: str) -> str:
    """The run that the controller at `host` belongs to; '' = started by hand, or nobody answers."""
    try:
        return ask(host, FAULT_PORT, 'run')
    except OSError:
        return ''
