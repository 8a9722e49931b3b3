"""Packets between the arm driver's node and its servo process: fixed structs over a SOCK_SEQPACKET pair."""

import enum
import struct
from typing import NamedTuple


class Request(enum.IntEnum):
    """What the node asks of the servo process; each is answered once, when it is done."""

    HOME = 10
    STOP = 11
    UNLOCK = 12


HOPELESS = 2  # exit code of a servo process that no further one would replace; its last text says why
VELOCITY, STATE, EXECUTED, TEXT, ANSWER = range(5)
LONGEST = 4096  # [byte]

_VELOCITY = struct.Struct('<Bq6d')
_REQUEST = struct.Struct('<BI')
_STATE = struct.Struct('<Bq12dBii4Id')
_EXECUTED = struct.Struct('<Bqq13d?')
_TEXT = struct.Struct('<BB')
_ANSWER = struct.Struct('<BI?')


class VelocityPacket(NamedTuple):
    """A velocity command."""

    stamp_ns: int  # when its sender made it, system clock
    velocity: tuple[float, ...]  # (6,) [rad/s]


class StatePacket(NamedTuple):
    """The arm in one control step."""

    capture_ns: int  # when the controller's packet reached this host, less how late that was, system clock
    q: tuple[float, ...]  # (6,) actual joint angles [rad]
    qd: tuple[float, ...]  # (6,) actual joint velocities [rad/s]
    state: int  # ArmState
    robot_mode: int
    safety_mode: int
    rejected: int  # commands that were not executed: stale or not finite
    interventions: int  # control steps in which the guard changed the request
    trips: int  # times that a moving arm was ramped to zero for want of fresh commands
    protective_stops: int
    speed_scaling: float  # share of each velocity that the controller grants, 1 = all


class ExecutedPacket(NamedTuple):
    """A velocity that was sent to the controller."""

    sent_ns: int  # system clock
    stamp_ns: int  # of the newest command, whether or not it still counts; 0 = none yet
    velocity: tuple[float, ...]  # (6,) [rad/s]
    mean_velocity: tuple[float, ...]  # (6,) that times speed scaling, mean since its first step [rad/s]
    speed_scaling: float
    changed: bool  # in any of these steps, by guard, watchdog or speed scaling


class TextPacket(NamedTuple):
    """The state in words, with cause and remedy."""

    state: int
    text: str


class AnswerPacket(NamedTuple):
    """The end of a request."""

    identity: int
    ok: bool
    text: str


class RequestPacket(NamedTuple):
    """A request and the number its answer will carry."""

    request: Request
    identity: int


Packet = VelocityPacket | StatePacket | ExecutedPacket | TextPacket | AnswerPacket | RequestPacket


def pack(packet: Packet) -> bytes:
    """Returns the bytes of one of the packets above."""
    match packet:
        case VelocityPacket(stamp, velocity):
            return _VELOCITY.pack(VELOCITY, stamp, *velocity)
        case RequestPacket(request, identity):
            return _REQUEST.pack(request, identity)
        case StatePacket():
            return _STATE.pack(STATE, packet.capture_ns, *packet.q, *packet.qd, *packet[3:])
        case ExecutedPacket(sent, stamp, velocity, mean, scaling, changed):
            return _EXECUTED.pack(EXECUTED, sent, stamp, *velocity, *mean, scaling, changed)
        case TextPacket(state, text):
            return _TEXT.pack(TEXT, state) + text.encode()[: LONGEST - _TEXT.size]
        case AnswerPacket(identity, ok, text):
            return _ANSWER.pack(ANSWER, identity, ok) + text.encode()[: LONGEST - _ANSWER.size]
    raise TypeError(f'{packet!r} is no packet of the arm driver')


def unpack(data: bytes) -> Packet:
    """Returns the packet in `data`; the two ends are one program, so that anything else is a bug."""
    kind = data[0]
    if kind == STATE:
        f = _STATE.unpack(data)
        return StatePacket(f[1], f[2:8], f[8:14], *f[14:])
    if kind == VELOCITY:
        f = _VELOCITY.unpack(data)
        return VelocityPacket(f[1], f[2:])
    if kind == EXECUTED:
        f = _EXECUTED.unpack(data)
        return ExecutedPacket(f[1], f[2], f[3:9], f[9:15], *f[15:])
    if kind == TEXT:
        return TextPacket(_TEXT.unpack_from(data)[1], data[_TEXT.size :].decode(errors='replace'))
    if kind == ANSWER:
        _, identity, ok = _ANSWER.unpack_from(data)
        return AnswerPacket(identity, ok, data[_ANSWER.size :].decode(errors='replace'))
    kind, identity = _REQUEST.unpack(data)
    return RequestPacket(Request(kind), identity)
