"""The clients of the controller: one object per TCP connection, fed by the controller's select loop.

Nothing that a client sends or fails to read may delay a control step or fill the memory: a turn takes a
limited number of bytes, answers that are not read stop the reading, and streams drop what the socket does not
take.
"""

import contextlib
import socket
from collections.abc import Callable

from ur5_cell import dashboard
from ur5_cell.realtime_stream import RealtimeStream
from ur5_cell.robot import Robot
from ur5_cell.script_port import ScriptError, ScriptReader, parse_upload

BYTES_PER_TURN = 1024  # a turn of the smallest requests takes about a millisecond; of lines, which cost more:
LINE_BYTES_PER_TURN = 256
LARGEST_UNSENT = 65536  # bytes of answers that wait for the client to read, before no more requests are taken
LONGEST_LINE = 4096  # bytes on a line port before the connection is given up
Log = Callable[[str], object]
"""Called with one line for what a person should know."""


class ConnectionLost(Exception):
    """The connection is to be closed: the peer has gone (no text), or the text says why."""


class Connection:
    """A client's non-blocking socket.

    Args:
        sock: as accepted.
        robot: that the client speaks to.
        log: for what a person should know of the client.
    """

    _bytes_per_turn = BYTES_PER_TURN

    def __init__(self, sock: socket.socket, robot: Robot, log: Log) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._robot = robot
        self._log = log
        self._unsent = bytearray()
        self._dropped = 0  # packets of a stream

    def fileno(self) -> int:
        """Descriptor, for select."""
        return self._socket.fileno()

    @property
    def wants_input(self) -> bool:
        """False while the client has to read its answers before more requests are taken."""
        return len(self._unsent) <= LARGEST_UNSENT

    def receive(self) -> None:
        """One turn: take what has arrived, but not too much of it, and answer.

        Raises:
            ConnectionLost: the connection is to be closed.
        """
        try:
            data = self._socket.recv(self._bytes_per_turn)
            # ur_rtde has Nagle's algorithm on: a delayed acknowledgement would hold back its next command.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except BlockingIOError:
            return
        except OSError as error:
            raise ConnectionLost from error
        if not data:
            raise ConnectionLost
        try:
            self._take(data)
        finally:
            self.flush()  # also the answers given before a request that ends the connection

    def flush(self) -> bool:
        """Send what is left over; True when nothing is.

        Raises:
            ConnectionLost: the peer has gone.
        """
        if self._unsent:
            try:
                del self._unsent[: self._socket.send(self._unsent)]
            except BlockingIOError:
                pass
            except OSError as error:
                raise ConnectionLost from error
        return not self._unsent

    @property
    def controls(self) -> bool:
        """Whether the client writes inputs, as one does that moves the arm."""
        return False

    def after_step(self) -> None:
        """Called after each control step."""
        self.flush()

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _answer(self, data: bytes) -> None:
        """Have `data` sent at the end of this turn."""
        self._unsent += data

    def _offer(self, make_packet: Callable[[], bytes]) -> None:
        """Send `make_packet()` whole; drop it, without making it, while the one before is not taken yet."""
        if not self.flush():
            self._dropped += 1
            return
        self._answer(make_packet())
        self.flush()

    def _take(self, data: bytes) -> None:
        raise NotImplementedError


class LineConnection(Connection):
    """A connection that answers every line with one line.

    Args:
        reply: function from a line to its answer.
    """

    _bytes_per_turn = LINE_BYTES_PER_TURN

    def __init__(self, sock: socket.socket, robot: Robot, log: Log, reply: Callable[[str], str]) -> None:
        super().__init__(sock, robot, log)
        self._reply = reply
        self._buffer = b''

    def _take(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b'\n')
        for line in lines:
            self._take_line(line.decode('utf-8', 'replace').strip())
        if len(self._buffer) > LONGEST_LINE:
            raise ConnectionLost(f'{len(self._buffer)} bytes without a line end (limit {LONGEST_LINE})')

    def _take_line(self, line: str) -> None:
        self._answer(self._reply(line).encode('utf-8', 'replace') + b'\n')


class DashboardConnection(LineConnection):
    """A dashboard client."""

    def __init__(self, sock: socket.socket, robot: Robot, log: Log) -> None:
        super().__init__(sock, robot, log, lambda line: dashboard.answer(robot, line))
        self._answer(dashboard.GREETING.encode() + b'\n')
        self.flush()

    def _take_line(self, line: str) -> None:
        super()._take_line(line)
        if line == dashboard.QUIT:
            raise ConnectionLost


class ScriptConnection(Connection):
    """A client of the script port: uploads programs, and is sent the real-time stream."""

    def __init__(self, sock: socket.socket, robot: Robot, log: Log, stream: RealtimeStream) -> None:
        # The client may never read, as ur_rtde: what is old anyway should not fill megabytes of the kernel's.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST_UNSENT)
        super().__init__(sock, robot, log)
        self._reader = ScriptReader()
        self._stream = stream
        self._reads = False  # it took packets again after some were dropped: it reads, and misses those

    def after_step(self) -> None:
        """Send the packet of this step, unless the client is behind."""
        dropped = self._dropped
        self._offer(self._stream.packet)
        self._reads |= 0 < dropped == self._dropped

    def close(self) -> None:
        """Close the socket; what was dropped is said, unless nobody has ever read, as with ur_rtde."""
        if self._reads:
            self._log(f'script client left: {self._dropped} packets of the real-time stream dropped unread')
        super().close()

    def _take(self, data: bytes) -> None:
        try:
            programs = self._reader.feed(data)
        except ScriptError as error:
            self._log(f'script port: {error}')
            return
        for program in programs:
            try:
                self._robot.load(parse_upload(program))
            except ScriptError as error:
                self._log(f'script port: {error}')
