"""Numbers that keep real-time runs on one machine apart: their ROS domains."""

import socket
from typing import NamedTuple

PLACES = range(60, 100)  # below 102, the last domain whose ports no other program is given on Linux


class Place(NamedTuple):
    """A number, taken for as long as a process holds the socket."""

    number: int
    socket: socket.socket


def take(places: range = PLACES) -> Place:
    """Takes the first free place.

    The kernel frees it when the last process that holds the socket has ended, however: hand it on to the run.

    Raises:
        OSError: all are taken.
    """
    for number in places:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f'\0ur5_rl_domain_{number}')  # a name without a file
        except OSError:
            claim.close()
            continue
        return Place(number, claim)
    raise OSError(f'all ROS domains from {places[0]} to {places[-1]} are taken by running campaigns')
