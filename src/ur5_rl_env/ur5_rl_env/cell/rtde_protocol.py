"""RTDE wire format, protocol version 2: packets, field types and the fields this controller has.

A packet is `uint16 size` (its own three header bytes included), `uint8 type`, payload; all big-endian.
Source: Universal Robots, "Real-Time Data Exchange (RTDE) Guide".
"""

import struct
from typing import NamedTuple

PROTOCOL_VERSION = ord('V')
CONTROLLER_VERSION = ord('v')
OUTPUTS_SETUP = ord('O')
INPUTS_SETUP = ord('I')
START = ord('S')
PAUSE = ord('P')
DATA = ord('U')

HEADER = struct.Struct('>HB')
LARGEST_NAME_LIST = 2048  # bytes of a set-up request, as the guide limits it

# type -> (struct characters, number of values)
TYPES = {
    'BOOL': ('?', 1),
    'UINT8': ('B', 1),
    'UINT32': ('I', 1),
    'UINT64': ('Q', 1),
    'INT32': ('i', 1),
    'DOUBLE': ('d', 1),
    'VECTOR3D': ('3d', 3),
    'VECTOR6D': ('6d', 6),
    'VECTOR6INT32': ('6i', 6),
    'VECTOR6UINT32': ('6I', 6),
}

NOT_FOUND = 'NOT_FOUND'
IN_USE = 'IN_USE'
REGISTERS = 48  # of each kind; 0-23 is the lower range, 24-47 the upper

_DOUBLES = (
    'timestamp actual_execution_time speed_scaling target_speed_fraction actual_momentum actual_main_voltage '
    'actual_robot_voltage actual_robot_current standard_analog_input0 standard_analog_input1 '
    'standard_analog_output0 standard_analog_output1 payload'
).split()
_VECTORS = (
    'target_q target_qd target_qdd target_current target_moment actual_q actual_qd actual_current '
    'joint_control_output actual_TCP_pose actual_TCP_speed actual_TCP_force target_TCP_pose target_TCP_speed '
    'joint_temperatures actual_joint_voltage payload_inertia'
).split()

# The names the ur_rtde client knows and no others: it would misread a packet with a name it does not know.
OUTPUT_TYPES = {
    **dict.fromkeys(_DOUBLES, 'DOUBLE'),
    **dict.fromkeys(_VECTORS, 'VECTOR6D'),
    'actual_digital_input_bits': 'UINT64',
    'actual_digital_output_bits': 'UINT64',
    'robot_mode': 'INT32',
    'joint_mode': 'VECTOR6INT32',
    'safety_mode': 'INT32',
    'actual_tool_accelerometer': 'VECTOR3D',
    'payload_cog': 'VECTOR3D',
    'runtime_state': 'UINT32',
    'robot_status_bits': 'UINT32',
    'safety_status_bits': 'UINT32',
    **{f'output_int_register_{i}': 'INT32' for i in range(REGISTERS)},
    **{f'output_double_register_{i}': 'DOUBLE' for i in range(REGISTERS)},
}

INPUT_TYPES = {
    **{f'input_int_register_{i}': 'INT32' for i in range(REGISTERS)},
    **{f'input_double_register_{i}': 'DOUBLE' for i in range(REGISTERS)},
    'external_force_torque': 'VECTOR6D',
    'speed_slider_mask': 'UINT32',
    'speed_slider_fraction': 'DOUBLE',
    'standard_digital_output_mask': 'UINT8',
    'standard_digital_output': 'UINT8',
    'configurable_digital_output_mask': 'UINT8',
    'configurable_digital_output': 'UINT8',
    'tool_digital_output_mask': 'UINT8',
    'tool_digital_output': 'UINT8',
    'standard_analog_output_mask': 'UINT8',
    'standard_analog_output_type': 'UINT8',
    'standard_analog_output_0': 'DOUBLE',
    'standard_analog_output_1': 'DOUBLE',
}


class ProtocolError(Exception):
    """A byte stream that cannot be RTDE; the connection is of no further use."""


class Recipe(NamedTuple):
    """The fields of a data packet, in order.

    Attributes:
        names: field names.
        lengths: number of values of each field.
        layout: packs and unpacks all values of the payload after the recipe id.
    """

    names: tuple
    lengths: tuple
    layout: struct.Struct


def make_recipe(names, types):
    """The recipe of `names`, all of them keys of `types` (OUTPUT_TYPES or INPUT_TYPES)."""
    codes, lengths = zip(*(TYPES[types[name]] for name in names), strict=True)
    return Recipe(tuple(names), lengths, struct.Struct('>' + ''.join(codes)))


def split_names(payload):
    """Field names of a set-up request: ASCII, comma-separated; a trailing comma is allowed.

    Raises:
        ProtocolError: the list is too long, or not ASCII.
    """
    if len(payload) > LARGEST_NAME_LIST:
        raise ProtocolError(f'name list of {len(payload)} bytes (limit {LARGEST_NAME_LIST})')
    try:
        text = payload.decode('ascii')
    except UnicodeDecodeError as error:
        raise ProtocolError(f'name list is not ASCII: {error}') from error
    return [name for name in text.split(',') if name]


def encode(kind, payload=b''):
    """One packet of type `kind`."""
    return HEADER.pack(HEADER.size + len(payload), kind) + payload


def encode_data(recipe_id, recipe, values):
    """A data packet; `values` are the fields' values one after another, vectors laid flat."""
    return (
        HEADER.pack(HEADER.size + 1 + recipe.layout.size, DATA)
        + bytes((recipe_id,))
        + recipe.layout.pack(*values)
    )


def decode_data(recipe, body):
    """Fields of a data packet's body (the payload after the recipe id).

    Returns:
        name -> number, or tuple of numbers for a vector.

    Raises:
        struct.error: `body` has not the recipe's size.
    """
    values = recipe.layout.unpack(body)
    fields, position = {}, 0
    for name, length in zip(recipe.names, recipe.lengths, strict=True):
        fields[name] = values[position] if length == 1 else values[position : position + length]
        position += length
    return fields


def take_packets(buffer):
    """Remove the complete packets from the front of a `bytearray`.

    Returns:
        A list of (type, payload); what remains in `buffer` is the beginning of the next packet.

    Raises:
        ProtocolError: a size smaller than a header.
    """
    packets, position = [], 0
    while len(buffer) - position >= HEADER.size:
        size, kind = HEADER.unpack_from(buffer, position)
        if size < HEADER.size:
            raise ProtocolError(f'packet size {size} is smaller than its header ({HEADER.size})')
        if len(buffer) - position < size:
            break
        packets.append((kind, bytes(buffer[position + HEADER.size : position + size])))
        position += size
    del buffer[:position]
    return packets
