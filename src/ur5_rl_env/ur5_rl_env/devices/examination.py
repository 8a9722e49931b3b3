"""What is found at the address of a controller, asked before ur_rtde touches it; nothing there is changed.

Plain RTDE and one question to the dashboard. ur_rtde itself waits for ever where nobody answers, and has the
running program stopped before it learns that another client holds the registers.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from ur5_rl_env.robot_models import MODELS, RobotModel

RTDE_PORT, DASHBOARD_PORT, SCRIPT_PORT = 30004, 29999, 30003
SERVICES = {
    RTDE_PORT: 'controller',
    DASHBOARD_PORT: 'dashboard server',
    SCRIPT_PORT: 'real-time interface, which takes programs,',
}
TAKEN = tuple(  # what ur_rtde's control interface writes to
    [f'input_int_register_{i}' for i in range(8)]
    + [f'input_double_register_{i}' for i in range(18)]
    + ['external_force_torque']
)
ON = 'is the robot on and on this network?'
ENABLE = (
    'Where a controller refuses: are its services enabled (Settings, Security, Services) and, where it has '
    'that switch, remote control?'
)


class LinkLostError(ConnectionError):
    """The controller cannot be reached, does not answer, or is in somebody else's hands."""


class NobodyThereError(LinkLostError):
    """Nothing listens where a controller should."""


class UnfitControllerError(ValueError):
    """What is there is not the robot that this program is made for; trying again does not help."""


class Found(NamedTuple):
    """What an examination has found."""

    model: str  # in the dashboard's words
    version: tuple  # (major, minor, bugfix, build) of the controller
    in_use: tuple  # names of the input registers that another client holds


def examine(host: str, timeout: float = 2.0) -> Found:
    """Asks the controller who it is and whether its registers are free. They are free again on return.

    Raises:
        LinkLostError: what was found instead of a controller.
    """
    with connect(host, RTDE_PORT, timeout) as rtde:
        if ask(rtde, host, b'V', struct.pack('>H', 2))[:1] != b'\x01':
            raise LinkLostError(f'what answers at {host}:{RTDE_PORT} does not speak RTDE version 2; {ON}')
        version = struct.unpack('>4I', ask(rtde, host, b'v').ljust(16, b'\0')[:16])
        types = ask(rtde, host, b'I', ','.join(TAKEN).encode())[1:].decode(errors='replace').split(',')
    in_use = tuple(name for name, kind in zip(TAKEN, types, strict=False) if kind == 'IN_USE')
    with connect(host, DASHBOARD_PORT, timeout) as dashboard:
        model = _model(dashboard, host)
    connect(host, SCRIPT_PORT, timeout).close()
    return Found(model, version, in_use)


def check_model(found: Found, host: str, robot_model: str) -> None:
    """Refuses every robot but that of the configuration: with other lengths home and bounds are elsewhere.

    Args:
        found: of the controller.
        host: its address.
        robot_model: name of the model that guard, home and scene are made for.

    Raises:
        UnfitControllerError: another model or another series; the line says what to do.
    """
    expected = MODELS[robot_model]
    fitting = [model.name for model in MODELS.values() if _may_be(found, model)]
    if robot_model in fitting:
        return
    version = '.'.join(map(str, found.version[:3]))
    if 'could not understand' in found.model.lower():
        raise UnfitControllerError(
            f'the robot at {host} does not tell its model, as it does from PolyScope 3.12 on (UR5e: 5.6); it '
            f'has {version}: update it'
        )
    remedy = f'robot_model:={fitting[0]}' if fitting else f'there is none for it among {", ".join(MODELS)}'
    raise UnfitControllerError(
        f'the robot at {host} is a {found.model or "model without name"} with PolyScope {version}, but '
        f'robot_model is {robot_model} ({expected.says} with PolyScope {expected.polyscope}), with '
        f'other link lengths, home and bounds: {remedy}'
    )


def _may_be(found: Found, model: RobotModel) -> bool:
    """Whether that is the arm: an e-Series controller may leave out the 'e', which its PolyScope tells."""
    return found.model in (model.says, model.says.removesuffix('e')) and found.version[0] == model.polyscope


def check_free(found: Found, host: str) -> None:
    """Refuses a controller that another client commands.

    Raises:
        LinkLostError: its registers are taken.
    """
    if found.in_use:
        raise LinkLostError(
            f'the controller at {host} is in use: another program holds {found.in_use[0]} and '
            f'{len(found.in_use) - 1} more of its RTDE registers. Nothing was touched; end that program.'
        )


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """Returns a connection to a port of the controller.

    Raises:
        LinkLostError: what is not there.
    """
    try:
        connection = socket.create_connection((host, port), timeout)
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError)
        hint = f' {ENABLE}' if refused and not _simulated(host) else ''
        kind = NobodyThereError if refused and port == RTDE_PORT else LinkLostError
        raise kind(f'{_missing(host, port, error)}{hint}') from None
    connection.settimeout(timeout)
    return connection


def ask(rtde: socket.socket, host: str, kind: bytes, payload: bytes = b'') -> bytes:
    """Returns the payload of the answer to one request; text messages in between are left out."""
    with answering(host, RTDE_PORT):
        rtde.sendall(struct.pack('>Hc', 3 + len(payload), kind) + payload)
        while True:
            size, answered = struct.unpack('>Hc', exactly(rtde, 3))
            body = exactly(rtde, max(size - 3, 0))
            if answered == kind:
                return body
            if answered != b'M':
                raise LinkLostError(f'what answers at {host}:{RTDE_PORT} does not speak RTDE version 2; {ON}')


def exactly(connection: socket.socket, count: int) -> bytes:
    """Returns the next `count` bytes; OSError where the connection ends before."""
    data = b''
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionResetError('connection closed')
        data += more
    return data


def _model(dashboard: socket.socket, host: str) -> str:
    with answering(host, DASHBOARD_PORT):
        line_of(dashboard)  # the greeting
        dashboard.sendall(b'get robot model\n')
        model = line_of(dashboard)
    if not model:
        raise LinkLostError(
            f'the dashboard server at {host}:{DASHBOARD_PORT} names no model: the robot is still starting; '
            'look at its pendant'
        )
    return model


def line_of(dashboard: socket.socket) -> str:
    """Returns the next line of the dashboard."""
    data = b''
    while not data.endswith(b'\n'):
        data += exactly(dashboard, 1)
    return data.decode(errors='replace').strip()


@contextlib.contextmanager
def answering(host: str, port: int) -> Iterator[None]:
    """Within, who does not answer is a LinkLostError that names the service."""
    try:
        yield
    except LinkLostError:
        raise
    except OSError as error:
        raise LinkLostError(_missing(host, port, error)) from None


def _missing(host: str, port: int, error: OSError) -> str:
    """Names what is not there, and what to look at: the port of a service, where the controller answers."""
    look = (
        ON if port == RTDE_PORT else f'port {RTDE_PORT} answers, so the robot is on: is port {port} closed?'
    )
    return f'no {SERVICES[port]} at {host}:{port} ({_reason(error)}); {look}'


def _reason(error: OSError) -> str:
    return 'no answer' if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()


def _simulated(host: str) -> bool:
    return host.startswith('127.')
