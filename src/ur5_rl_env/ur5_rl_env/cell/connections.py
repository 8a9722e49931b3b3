"""The clients of the controller: one object per TCP connection, fed by the controller's select loop."""

import contextlib
import socket
import struct

from ur5_rl_env.cell import dashboard, rtde_protocol
from ur5_rl_env.cell.outputs import make_sampler
from ur5_rl_env.cell.rtde_protocol import OUTPUT_TYPES, OUTPUTS_SETUP, START, ProtocolError
from ur5_rl_env.cell.script_port import ScriptError, ScriptReader, parse_upload

LONGEST_LINE = 4096  # bytes on a line port before the connection is given up


class ConnectionLost(Exception):
    """The peer has gone (no text), or what it sends makes no sense (the text says what)."""


class Connection:
    """A client's non-blocking socket.

    Args:
        sock: as accepted.
        robot: robot.Robot.
        log: called with one line for what a person should know.
    """

    def __init__(self, sock, robot, log):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._robot = robot
        self._log = log
        self._unsent = b''

    def fileno(self):
        """Descriptor, for select."""
        return self._socket.fileno()

    def receive(self):
        """Take what has arrived and answer it.

        Raises:
            ConnectionLost: the connection is to be closed.
        """
        try:
            data = self._socket.recv(65536)
            # ur_rtde has Nagle's algorithm on: a delayed acknowledgement would hold back its next command.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except BlockingIOError:
            return
        except OSError as error:
            raise ConnectionLost from error
        if not data:
            raise ConnectionLost
        self._take(data)

    def send(self, data):
        """Send, or keep what the socket does not take now (call `flush` later).

        Raises:
            ConnectionLost: the peer has gone.
        """
        self._unsent += data
        self.flush()

    def flush(self):
        """Send what is left over; True when nothing is."""
        if self._unsent:
            try:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
            except BlockingIOError:
                pass
            except OSError as error:
                raise ConnectionLost from error
        return not self._unsent

    @property
    def controls(self):
        """Whether the client writes inputs, as one does that moves the arm."""
        return False

    def after_step(self):
        """Called after each control step."""

    def close(self):
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _take(self, data):
        raise NotImplementedError


class LineConnection(Connection):
    """A connection that answers every line with one line.

    Args:
        reply: function from a line to its answer.
        greeting: line sent at once, or None.
    """

    def __init__(self, sock, robot, log, reply, greeting=None):
        super().__init__(sock, robot, log)
        self._reply = reply
        self._buffer = b''
        if greeting:
            self.send(greeting.encode() + b'\n')

    def _take(self, data):
        *lines, self._buffer = (self._buffer + data).split(b'\n')
        for line in lines:
            self.send(self._reply(line.decode('utf-8', 'replace').strip()).encode() + b'\n')
        if len(self._buffer) > LONGEST_LINE:
            raise ConnectionLost(f'{len(self._buffer)} bytes without a line end (limit {LONGEST_LINE})')


class DashboardConnection(LineConnection):
    """A dashboard client."""

    def __init__(self, sock, robot, log):
        super().__init__(sock, robot, log, lambda line: dashboard.answer(robot, line), dashboard.GREETING)


class ScriptConnection(Connection):
    """A client of the script port; it uploads programs and hears nothing back."""

    def __init__(self, sock, robot, log):
        super().__init__(sock, robot, log)
        self._reader = ScriptReader()

    def _take(self, data):
        try:
            for program in self._reader.feed(data):
                self._robot.load(parse_upload(program))
        except ScriptError as error:
            self._log(f'script port: {error}')


class RtdeConnection(Connection):
    """A client of the RTDE port: receives outputs at its rate, writes inputs, or both."""

    def __init__(self, sock, robot, log):
        super().__init__(sock, robot, log)
        self._buffer = bytearray()
        self._input_recipes = []  # the client numbers them 1, 2, 3 ... in the order of its requests
        self._outputs = None  # (recipe, sampler)
        self._every = 1  # control steps per packet
        self._started = False
        self._bad_inputs = self._skipped = 0
        self._handlers = {
            rtde_protocol.PROTOCOL_VERSION: self._protocol_version,
            rtde_protocol.CONTROLLER_VERSION: lambda payload: struct.pack('>4I', *dashboard.POLYSCOPE),
            OUTPUTS_SETUP: self._set_up_outputs,
            rtde_protocol.INPUTS_SETUP: self._set_up_inputs,
            START: self._start,
            rtde_protocol.PAUSE: self._pause,
        }

    @property
    def controls(self):
        return bool(self._input_recipes)

    def after_step(self):
        """Send a data packet where one is due; skip it where the client has not taken the last one."""
        if not self._started or self._robot.steps % self._every:
            return
        if not self.flush():
            self._skipped += 1
            return
        recipe, sample = self._outputs
        self.send(rtde_protocol.encode_data(1, recipe, sample(self._robot)))

    def close(self):
        """Free the input fields; what was dropped is said."""
        self._robot.inputs.free(self)
        if self._bad_inputs or self._skipped:
            self._log(f'RTDE client left: {self._bad_inputs} bad packets, {self._skipped} outputs skipped')
        super().close()

    def _take(self, data):
        self._buffer += data
        try:
            for kind, payload in rtde_protocol.take_packets(self._buffer):
                if kind == rtde_protocol.DATA:
                    self._write_inputs(payload)
                elif kind in self._handlers:
                    self.send(rtde_protocol.encode(kind, self._handlers[kind](payload)))
                else:
                    raise ProtocolError(f'packet of unknown type {kind}')
        except ProtocolError as error:
            raise ConnectionLost(f'RTDE client: {error}') from error

    def _protocol_version(self, payload):
        return b'\x01' if payload == b'\x00\x02' else b'\x00'

    def _set_up_outputs(self, payload):
        if len(payload) < 8:
            raise ProtocolError('output set-up without a frequency')
        (frequency,) = struct.unpack_from('>d', payload)
        rate = 1.0 / self._robot.period
        if not 1.0 <= frequency <= rate:
            self._log(f'RTDE output rate {frequency} Hz is outside 1 to {rate:.0f}; {rate:.0f} is used')
            frequency = rate
        names = rtde_protocol.split_names(payload[8:])
        types = [OUTPUT_TYPES.get(name, rtde_protocol.NOT_FOUND) for name in names]
        if names and rtde_protocol.NOT_FOUND not in types:
            self._outputs = (rtde_protocol.make_recipe(names, OUTPUT_TYPES), make_sampler(names))
            self._every = int(rate / frequency + 1e-9)
        return b'\x01' + ','.join(types).encode()

    def _set_up_inputs(self, payload):
        names = rtde_protocol.split_names(payload)
        types = self._robot.inputs.claim(self, names)
        usable = not {rtde_protocol.NOT_FOUND, rtde_protocol.IN_USE} & set(types)
        self._input_recipes.append(
            rtde_protocol.make_recipe(names, rtde_protocol.INPUT_TYPES) if usable and names else None
        )
        return bytes((len(self._input_recipes),)) + ','.join(types).encode()

    def _start(self, payload):
        self._started = self._outputs is not None
        return bytes((self._started,))

    def _pause(self, payload):
        self._started = False
        return b'\x01'

    def _write_inputs(self, payload):
        try:
            recipe = self._input_recipes[payload[0] - 1]
            fields = rtde_protocol.decode_data(recipe, payload[1:])
        except (IndexError, AttributeError, struct.error) as error:
            # ur_rtde sends such packets when given a vector of the wrong length; a controller must live on.
            self._bad_inputs += 1
            if self._bad_inputs == 1:
                self._log(f'RTDE input packet of {len(payload)} bytes ignored: {error}')
            return
        self._robot.write_inputs(fields)
