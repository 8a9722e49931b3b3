"""Where the controller listens: loopback only, and a busy port is named."""

import errno
import ipaddress
import socket

from ur5_rl_env.cell_owner import FAULT_PORT
from ur5_rl_graph import holds

RTDE_PORT, SCRIPT_PORT, DASHBOARD_PORT = 30004, 30003, 29999  # fixed in the client
CANDIDATES = tuple(f'127.0.0.{number}' for number in range(1, 100))


class BindError(RuntimeError):
    """The controller cannot listen where it should."""


def loopback_address(host: str, name: str = 'host') -> str:
    """`host` as an address, which must be on loopback: the protocol knows no authentication.

    Args:
        host: an address, or localhost.
        name: what it was given as.

    Raises:
        BindError: it is not.
    """
    try:
        address = ipaddress.IPv4Address('127.0.0.1' if host == 'localhost' else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise BindError(
            f'{name} is "{host}"; the simulated controller listens on loopback only (127.0.0.0/8)'
        )
    return str(address)


def take_address(wanted: str = '') -> str:
    """The address of a cell, which no other launch of this host gets until this process ends.

    Args:
        wanted: loopback address; '' = the first of 127.0.0.1, 127.0.0.2 ... whose ports are all free.

    Raises:
        BindError: it is another run's, it is no loopback address, or none is free.
    """
    busy = ''
    for host in (loopback_address(wanted, 'cell_address'),) if wanted else CANDIDATES:
        try:
            holds.hold(name := f'cell at {host}')
        except holds.HeldError as error:
            busy = f'{host} is that of another run (process {error.holder})'
            continue
        try:
            for port in () if wanted else (RTDE_PORT, SCRIPT_PORT, DASHBOARD_PORT, FAULT_PORT):
                listen(host, port).close()
        except BindError as error:
            holds.release(name)
            busy = str(error)
            continue
        return host
    if wanted:
        raise BindError(f'cell_address {busy}; leave cell_address:= out, and a free one is found')
    raise BindError(f'no cell address from {CANDIDATES[0]} to {CANDIDATES[-1]} is free; the last one: {busy}')


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        BindError: the port is busy, or the address cannot be bound.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(16)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise BindError(
                f'port {port} of {host} is busy; end the program that holds it (ss -ltnp "sport = :{port}"), '
                'or another address, such as 127.0.0.2 (a launch without cell_address:= finds a free one)'
            ) from error
        raise BindError(f'cannot listen on {host} port {port}: {error.strerror}') from error
    listener.setblocking(False)
    return listener
