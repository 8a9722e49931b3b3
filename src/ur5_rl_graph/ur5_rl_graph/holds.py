"""Names that one process of this host holds at a time, from the moment it takes them until it ends.

A name is an abstract UNIX socket: it is no file, every user sees it, and the kernel frees it when its holder
has ended, however. Whoever connects to it learns of that end at once. Processes of other network namespaces
(containers) do not see it; they have a loopback of their own, too.
"""

import contextlib
import hashlib
import socket
import struct
import time

PREFIX = '\0ur5_rl/'
LONGEST = 107  # bytes of an abstract name
BACKLOG = 4096  # connections that wait for the holder, who never takes them
AGAIN_S = 1.0  # between two tries to connect where so many wait already

_held: dict[str, socket.socket] = {}


class HeldError(OSError):
    """Another process, or this one, holds the name; `holder` is its process id."""

    def __init__(self, name: str, holder: int | None) -> None:
        """Takes the name and who holds it, None where that cannot be told."""
        super().__init__(f'{name} is held by process {holder or "unknown"}')
        self.holder = holder


def hold(name: str) -> None:
    """Holds `name` until this process ends or releases it.

    Raises:
        HeldError: it is held already.
    """
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(_address(name))
    except OSError:
        claim.close()
        raise HeldError(name, holder(name)) from None
    claim.listen(BACKLOG)
    _held[name] = claim


def release(name: str) -> None:
    """Frees a name that this process holds."""
    _held.pop(name).close()


def holder(name: str) -> int | None:
    """Returns the process id of who holds `name`, None where nobody does."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)
        try:
            asking.connect(_address(name))
        except OSError:
            return None
        return _peer(asking)


def visit(name: str) -> None:
    """Leaves this process' id with whoever holds `name`; does nothing where nobody does."""
    with socket.socket(socket.AF_UNIX) as visiting:
        visiting.setblocking(False)
        with contextlib.suppress(OSError):
            visiting.connect(_address(name))


def visitors(name: str) -> set[int]:
    """Returns the ids of the processes that have visited `name`, held by this one, since the last call."""
    found: set[int] = set()
    claim = _held[name]
    claim.setblocking(False)
    while True:
        try:
            visitor, _ = claim.accept()
        except BlockingIOError:
            return found
        with visitor:
            found.add(_peer(visitor))


def _peer(connection: socket.socket) -> int:
    """The id of the process at the other end, also of one that has ended."""
    size = struct.calcsize('3i')
    return struct.unpack('3i', connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0]


def await_release(name: str) -> None:
    """Returns when nobody holds `name`."""
    while True:
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.setblocking(False)
            try:
                waiting.connect(_address(name))
            except BlockingIOError:
                time.sleep(AGAIN_S)
                continue
            except OSError:
                return
            waiting.setblocking(True)
            with contextlib.suppress(ConnectionError):
                waiting.recv(1)  # nothing is ever sent; it ends with the holder


def _address(name: str) -> bytes:
    address = (PREFIX + name).encode()
    if len(address) > LONGEST:
        address = (PREFIX + hashlib.sha256(name.encode()).hexdigest()).encode()
    return address
