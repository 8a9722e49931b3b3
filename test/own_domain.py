"""A ROS domain of a test process's own: no graph of another run of the tests, nor of a person, is in it."""

import fcntl
import functools
import os
import socket
import tempfile
from pathlib import Path
from typing import TextIO

DOMAINS = range(10, 100)  # their ports are below those that Linux gives to clients
PARTICIPANTS = 5

_held: list[TextIO] = []  # what holds a domain is open as long as the process


@functools.cache
def own_domain() -> int:
    """Returns a domain that no other test process has and in which no participant is.

    Raises:
        RuntimeError: there is none.
    """
    first = os.getpid() % len(DOMAINS)
    for domain in (*DOMAINS[first:], *DOMAINS[:first]):
        if not _participants(domain) and _hold(domain):
            return domain
    raise RuntimeError(f'all ROS domains from {DOMAINS[0]} to {DOMAINS[-1]} are in use: end a graph')


def _hold(domain: int) -> bool:
    file = (Path(tempfile.gettempdir()) / f'ur5_rl_test_domain_{domain}_{os.getuid()}').open('w')
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _held.append(file)
    return True


def _participants(domain: int) -> bool:
    """Whether a port is bound that DDS gives to the first participants of a domain (RTPS 9.6.1.1)."""
    for participant in range(PARTICIPANTS):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
            try:
                port.bind(('', 7410 + 250 * domain + 2 * participant))
            except OSError:
                return True
    return False
