"""Where the controller listens: loopback only, and a busy port is named."""

import errno
import ipaddress
import socket


class BindError(RuntimeError):
    """The controller cannot listen where it should."""


def loopback_address(host):
    """`host` as an address, which must be on loopback: the protocol knows no authentication.

    Raises:
        BindError: it is not.
    """
    try:
        address = ipaddress.ip_address('127.0.0.1' if host == 'localhost' else host)
    except ValueError:
        address = None
    if address is None or address.version != 4 or not address.is_loopback:
        raise BindError(f'host is "{host}"; the simulated controller listens on loopback only (127.0.0.0/8)')
    return str(address)


def listen(host, port):
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
                'or choose another address such as 127.0.0.2'
            ) from error
        raise BindError(f'cannot listen on {host} port {port}: {error.strerror}') from error
    listener.setblocking(False)
    return listener
