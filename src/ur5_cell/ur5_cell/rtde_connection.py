"""A client of the RTDE port: recipes of outputs at a rate, recipes of inputs, start and pause."""

import socket
import struct
from collections.abc import Callable

from ur5_cell import dashboard, rtde_protocol
from ur5_cell.connections import Connection, ConnectionLost, Log
from ur5_cell.registers import INPUT_TYPES
from ur5_cell.robot import Robot
from ur5_cell.rtde_outputs import Sampler, make_sampler, output_types
from ur5_cell.rtde_protocol import IN_USE, NOT_FOUND, ProtocolError, Recipe

LARGEST_RECIPE_ID = 255  # it is one byte


class RtdeConnection(Connection):
    """A client of the RTDE port: receives outputs at its rate, writes inputs, or both."""

    def __init__(self, sock: socket.socket, robot: Robot, log: Log) -> None:
        super().__init__(sock, robot, log)
        self._buffer = bytearray()
        self._version = 1  # of the protocol, until the client asks for another
        # The client numbers them 1, 2, 3 ... as it asks for them; None: it got no such fields.
        self._input_recipes: list[Recipe | None] = []
        self._outputs: tuple[Recipe, Sampler] | None = None
        self._every = 1  # control steps per packet
        self._started = False
        self._bad_inputs = 0
        self._handlers: dict[int, Callable[[bytes], bytes]] = {
            rtde_protocol.PROTOCOL_VERSION: self._protocol_version,
            rtde_protocol.CONTROLLER_VERSION: lambda payload: struct.pack(
                '>4I', *dashboard.POLYSCOPE[robot.config.robot_model]
            ),
            rtde_protocol.OUTPUTS_SETUP: self._set_up_outputs,
            rtde_protocol.INPUTS_SETUP: self._set_up_inputs,
            rtde_protocol.START: self._start,
            rtde_protocol.PAUSE: self._pause,
        }

    @property
    def controls(self) -> bool:
        return any(self._input_recipes)

    def after_step(self) -> None:
        """Send a data packet where one is due."""
        if self._started and self._robot.steps % self._every == 0:
            self._offer(self._data)
        else:
            self.flush()

    def close(self) -> None:
        """Free the input fields; what was dropped is said."""
        self._robot.inputs.free(self)
        if self._bad_inputs or self._dropped:
            self._log(f'RTDE client left: {self._bad_inputs} bad packets, {self._dropped} outputs skipped')
        super().close()

    def _take(self, data: bytes) -> None:
        self._buffer += data
        try:
            for kind, payload in rtde_protocol.take_packets(self._buffer):
                if kind == rtde_protocol.DATA:
                    self._write_inputs(payload)
                elif kind == rtde_protocol.TEXT:
                    text, source = rtde_protocol.decode_text(self._version, payload)
                    self._log(f'RTDE client {source or "without a name"} says: {text}')
                elif kind in self._handlers:
                    self._answer(rtde_protocol.encode(kind, self._handlers[kind](payload)))
                else:
                    raise ProtocolError(f'packet of unknown type {kind}')
        except ProtocolError as error:
            raise ConnectionLost(f'RTDE client: {error}') from error

    def _protocol_version(self, payload: bytes) -> bytes:
        (version,) = struct.unpack('>H', payload) if len(payload) == 2 else (0,)
        if version not in (1, 2):
            return b'\x00'
        self._version = version
        return b'\x01'

    @property
    def _output_id(self) -> bytes:
        """How a recipe of outputs is named in what is sent: there is one at a time, and none in version 1."""
        return b'\x01' if self._version == 2 else b''

    def _set_up_outputs(self, payload: bytes) -> bytes:
        self._outputs, self._started = None, False
        rate = frequency = 1.0 / self._robot.period
        if self._version == 2:
            if len(payload) < 8:
                raise ProtocolError('output set-up without a frequency')
            (frequency,) = struct.unpack_from('>d', payload)
            payload = payload[8:]
        if not 1.0 <= frequency <= rate:
            used = 1.0 if frequency < 1.0 else rate
            self._log(f'RTDE output rate {frequency} Hz is outside 1 to {rate:.0f}; {used:.0f} is used')
            frequency = used
        names = rtde_protocol.split_names(payload)
        known = output_types(self._robot.config.robot_model)
        types = [known.get(name, NOT_FOUND) for name in names]
        if names and NOT_FOUND not in types:
            self._outputs = (rtde_protocol.make_recipe(names, known), make_sampler(names))
            self._every = int(rate / frequency + 1e-9)
        return self._output_id + ','.join(types).encode()

    def _set_up_inputs(self, payload: bytes) -> bytes:
        if len(self._input_recipes) == LARGEST_RECIPE_ID:
            raise ProtocolError(f'more than {LARGEST_RECIPE_ID} input recipes')
        names = rtde_protocol.split_names(payload)
        types = self._robot.inputs.claim(self, names)
        usable = names and not {NOT_FOUND, IN_USE} & set(types)
        self._input_recipes.append(rtde_protocol.make_recipe(names, INPUT_TYPES) if usable else None)
        return bytes((len(self._input_recipes),)) + ','.join(types).encode()

    def _start(self, payload: bytes) -> bytes:
        self._started = self._outputs is not None
        return bytes((self._started,))

    def _pause(self, payload: bytes) -> bytes:
        self._started = False
        return b'\x01'

    def _data(self) -> bytes:
        assert self._outputs is not None  # nothing is started without them
        recipe, sample = self._outputs
        return rtde_protocol.encode_data(self._output_id, recipe, sample(self._robot))

    def _write_inputs(self, payload: bytes) -> None:
        number = payload[0] if payload else 0
        recipe = self._input_recipes[number - 1] if 0 < number <= len(self._input_recipes) else None
        if recipe is not None and len(payload) == 1 + recipe.layout.size:
            self._robot.write_inputs(rtde_protocol.decode_data(recipe, payload[1:]))
            return
        # ur_rtde sends such packets when given a vector of the wrong length; a controller must live on.
        self._bad_inputs += 1
        if self._bad_inputs == 1:
            need = 'no such recipe' if recipe is None else f'it has {1 + recipe.layout.size}'
            self._log(f'RTDE input packet of {len(payload)} bytes for recipe {number} ignored: {need}')
