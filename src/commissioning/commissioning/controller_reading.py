"""What a UR controller says of itself, by plain RTDE and the dashboard. It is only asked.

Nothing is written, no program started or stopped. `examine` asks for the input registers, as a client that
would write to them does, and gives them back; a program that holds them keeps them.
"""

import itertools
import socket
import struct
import time
from collections.abc import Sequence
from typing import NamedTuple

from ur5_rl_env.devices.examination import (
    DASHBOARD_PORT,
    RTDE_PORT,
    Found,
    LinkLostError,
    answering,
    ask,
    connect,
    exactly,
    examine,
    line_of,
)

TIMEOUT_S = 2.0
LOOKED_AT_S = 0.48
"""For so long its states are looked at [s]."""
FIELDS = (
    'timestamp',
    'actual_q',
    'actual_TCP_pose',
    'tcp_offset',
    'robot_mode',
    'safety_mode',
    'runtime_state',
    'speed_scaling',
    'target_speed_fraction',
    'payload',
    'payload_cog',
)
QUESTIONS = ('is in remote control',)
"""Of the dashboard; a CB3 does not understand all of them."""
_FORMATS = {'DOUBLE': 'd', 'INT32': 'i', 'UINT32': 'I', 'UINT64': 'Q', 'VECTOR3D': '3d', 'VECTOR6D': '6d'}


class Reading(NamedTuple):
    """A controller as it was found."""

    found: Found
    values: dict[str, tuple[float, ...]]  # by RTDE's name; what the controller does not have is missing
    rate_hz: float  # of its states, by its own time stamps
    longest_gap_s: float  # between two of them, on arrival here
    answers: dict[str, str]  # of the dashboard, by question


def read(host: str, period_s: float) -> Reading:
    """Asks the controller for all of it.

    Args:
        host: its address.
        period_s: its control period [s]; so often its states are asked for.

    Raises:
        LinkLostError: what was found instead of a controller.
    """
    found = examine(host, TIMEOUT_S)
    values, rate_hz, gap_s = _states(host, period_s)
    return Reading(found, values, rate_hz, gap_s, _answers(host))


def _states(host: str, period_s: float) -> tuple[dict[str, tuple[float, ...]], float, float]:
    with connect(host, RTDE_PORT, TIMEOUT_S) as rtde, answering(host, RTDE_PORT):
        ask(rtde, host, b'V', struct.pack('>H', 2))
        types = _outputs(rtde, host, period_s, FIELDS)
        names = [name for name, kind in zip(FIELDS, types, strict=True) if kind in _FORMATS]
        types = _outputs(rtde, host, period_s, names)  # a recipe with a name that is not there gives nothing
        ask(rtde, host, b'S')
        states: list[dict[str, tuple[float, ...]]] = []
        arrivals: list[float] = []
        while len(states) < round(LOOKED_AT_S / period_s):
            size, kind = struct.unpack('>Hc', exactly(rtde, 3))
            body = exactly(rtde, size - 3)
            if kind == b'U':
                states.append(_values(names, types, body[1:]))
                arrivals.append(time.monotonic())
    gaps = [after - before for before, after in itertools.pairwise(arrivals)]
    lasted = states[-1]['timestamp'][0] - states[0]['timestamp'][0]
    return states[-1], (len(states) - 1) / max(lasted, 1e-9), max(gaps)


def _outputs(rtde: socket.socket, host: str, period_s: float, names: Sequence[str]) -> list[str]:
    request = struct.pack('>d', 1.0 / period_s) + ','.join(names).encode()
    types = ask(rtde, host, b'O', request)[1:].decode(errors='replace').split(',')
    if len(types) != len(names):
        raise LinkLostError(f'the controller at {host} answers {len(types)} types to {len(names)} names')
    return types


def _values(names: Sequence[str], types: Sequence[str], body: bytes) -> dict[str, tuple[float, ...]]:
    values = {}
    for name, kind in zip(names, types, strict=True):
        form = struct.Struct(f'>{_FORMATS[kind]}')
        values[name] = form.unpack_from(body)
        body = body[form.size :]
    return values


def _answers(host: str) -> dict[str, str]:
    with connect(host, DASHBOARD_PORT, TIMEOUT_S) as dashboard, answering(host, DASHBOARD_PORT):
        line_of(dashboard)  # the greeting
        answers = {}
        for question in QUESTIONS:
            dashboard.sendall(f'{question}\n'.encode())
            answers[question] = line_of(dashboard)
        return answers
