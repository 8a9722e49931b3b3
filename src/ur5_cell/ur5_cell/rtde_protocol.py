"""RTDE wire format, protocol versions 1 and 2: packets, recipes and field types.

A packet is `uint16 size` (its own three header bytes included), `uint8 type`, payload; all big-endian.
Version 1 is spoken until version 2 is asked for: output set-ups without a frequency (the rate is the
controller's), and no recipe id in what is sent for them.
Source: Universal Robots, "Real-Time Data Exchange (RTDE) Guide".
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

PROTOCOL_VERSION = ord('V')
CONTROLLER_VERSION = ord('v')
OUTPUTS_SETUP = ord('O')
INPUTS_SETUP = ord('I')
START = ord('S')
PAUSE = ord('P')
DATA = ord('U')
TEXT = ord('M')

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


class ProtocolError(Exception):
    """A byte stream that cannot be RTDE; the connection is of no further use."""


class Recipe(NamedTuple):
    """The fields of a data packet, in order.

    Attributes:
        names: field names.
        lengths: number of values of each field.
        layout: packs and unpacks all values of the payload after the recipe id.
    """

    names: tuple[str, ...]
    lengths: tuple[int, ...]
    layout: struct.Struct


def make_recipe(names: Sequence[str], types: Mapping[str, str]) -> Recipe:
    """The recipe of `names`, all of them keys of `types` (output_types() or INPUT_TYPES)."""
    codes, lengths = zip(*(TYPES[types[name]] for name in names), strict=True)
    return Recipe(tuple(names), lengths, struct.Struct('>' + ''.join(codes)))


def split_names(payload: bytes) -> list[str]:
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


def encode(kind: int, payload: bytes = b'') -> bytes:
    """One packet of type `kind`."""
    return HEADER.pack(HEADER.size + len(payload), kind) + payload


def encode_data(prefix: bytes, recipe: Recipe, values: Iterable[float]) -> bytes:
    """A data packet.

    Args:
        prefix: recipe id, one byte; empty in version 1.
        recipe: of its fields.
        values: the fields' values one after another, vectors laid flat.
    """
    return encode(DATA, prefix + recipe.layout.pack(*values))


def decode_data(recipe: Recipe, body: bytes) -> dict[str, float | tuple[float, ...]]:
    """Fields of a data packet's body (the payload after the recipe id).

    Returns:
        name -> number, or tuple of numbers for a vector.

    Raises:
        struct.error: `body` has not the recipe's size.
    """
    values = recipe.layout.unpack(body)
    fields: dict[str, float | tuple[float, ...]] = {}
    position = 0
    for name, length in zip(recipe.names, recipe.lengths, strict=True):
        fields[name] = values[position] if length == 1 else values[position : position + length]
        position += length
    return fields


def decode_text(version: int, payload: bytes) -> tuple[str, str]:
    """Text and source of a text message; whatever is damaged in it is left out.

    Args:
        version: protocol version, 1 (level, text) or 2 (length, text, length, source, level).
        payload: of the packet.
    """
    if version == 1:
        text, source = payload[1:], b''
    else:
        text, rest = _take_counted(payload)
        source, _ = _take_counted(rest)
    return text.decode('utf-8', 'replace'), source.decode('utf-8', 'replace')


def take_packets(buffer: bytearray) -> list[tuple[int, bytes]]:
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


def _take_counted(data: bytes) -> tuple[bytes, bytes]:
    """Split off a text that is preceded by its length, one byte."""
    end = 1 + data[0] if data else 0
    return data[1:end], data[end:]
