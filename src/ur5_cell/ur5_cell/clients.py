"""Ports, and the clients that are connected to them: everybody gets a turn, and nobody more than one."""

import contextlib
import socket
from collections.abc import Callable, Mapping

from ur5_cell.connections import Connection, ConnectionLost, Log
from ur5_cell.loopback import BindError, listen

LARGEST_NUMBER = 32  # of clients on one port; more are turned away
Make = Callable[[socket.socket, Log], Connection]
"""Makes the connection of an accepted socket."""


class Clients:
    """Listening sockets of one address and the connections accepted on them.

    Args:
        host: loopback address.
        ports: port -> what makes the connections of its clients.
        log: for what a person should know of a client.

    Raises:
        BindError: a port is busy.
    """

    def __init__(self, host: str, ports: Mapping[int, Make], log: Log) -> None:
        self._host = host
        self._ports = ports
        self._log = log
        self._listeners: dict[socket.socket, int] = {}  # socket -> port
        self._connections: dict[Connection, int] = {}  # connection -> port; who had a turn goes to the end
        self.open()

    @property
    def is_open(self) -> bool:
        """Whether the ports are open."""
        return bool(self._listeners)

    @property
    def controlling(self) -> int:
        """Number of clients that write inputs."""
        return sum(connection.controls for connection in self._connections)

    def open(self) -> None:
        """Listen on all ports.

        Raises:
            BindError: a port is busy; then none is open.
        """
        try:
            for port in self._ports:
                self._listeners[listen(self._host, port)] = port
        except BindError:
            self.close()
            raise

    def close(self) -> None:
        """Close ports and connections."""
        # Listeners too: a client of which only the connection is cut reconnects at once and may crash.
        closed: list[socket.socket | Connection] = [*self._listeners, *self._connections]
        for each in closed:
            each.close()
        self._listeners, self._connections = {}, {}

    def watched(self) -> list[socket.socket | Connection]:
        """What something may be taken from, for select; connections in the order in which they wait."""
        return [*self._listeners, *(connection for connection in self._connections if connection.wants_input)]

    def give_turn(self, ready: socket.socket | Connection) -> None:
        """Accept a client, or take one turn's share from one; nothing where `ready` is not ours."""
        if ready in self._listeners:
            self._accept(ready)
        elif ready in self._connections:
            self._connections[ready] = self._connections.pop(ready)
            self._attempt(ready, ready.receive)

    def after_step(self) -> None:
        """Let every connection send what is due after a control step."""
        for connection in tuple(self._connections):
            self._attempt(connection, connection.after_step)

    def _accept(self, listener: socket.socket) -> None:
        port = self._listeners[listener]
        try:
            sock, _ = listener.accept()
        except OSError:
            return  # the client has changed its mind
        if list(self._connections.values()).count(port) == LARGEST_NUMBER:
            sock.close()
            self._log(f'client turned away: port {port} has {LARGEST_NUMBER} clients (limit)')
            return
        try:
            self._connections[self._ports[port](sock, self._log)] = port
        except (ConnectionLost, OSError):
            sock.close()

    def _attempt(self, connection: Connection, action: Callable[[], None]) -> None:
        try:
            action()
        except ConnectionLost as reason:
            if str(reason):
                self._log(f'connection closed: {reason}')
            with contextlib.suppress(KeyError):  # a fault command may have closed all of them
                del self._connections[connection]
            connection.close()
            if connection.controls:
                self._log('control client closed its connection')
