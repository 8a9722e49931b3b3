"""Faults on demand: the commands by which tests and the cell's services trouble the controller.

One line in, one line out (`ok`, or `error: ...`):

    protective_stop             as after a collision
    emergency_stop              the button is pushed
    release_emergency_stop      and pulled out again
    silence SECONDS             nothing is received or sent; arm and program go on
    drop SECONDS                all connections are cut and the ports closed for so long
    speed_slider FRACTION       the slider on the pendant, 0.01 to 1

A further one troubles nobody: `run` is answered by the run that the controller belongs to.
"""

from typing import TYPE_CHECKING

from ur5_rl_env.cell_owner import ask

if TYPE_CHECKING:
    from ur5_cell.controller import RobotController

LONGEST_S = 600.0
SLOWEST = 0.01
COMMANDS = (
    'protective_stop',
    'emergency_stop',
    'release_emergency_stop',
    'silence SECONDS',
    'drop SECONDS',
    'speed_slider FRACTION',
)
"""As a person is told of them."""


def carry_out(controller: 'RobotController', line: str) -> str:
    """Carry out one fault command on a controller; returns the answer."""
    command, *arguments = line.split() or ('',)
    if line == 'run':
        return controller.run_identity
    plain, timed = controller.faults, controller.timed_faults
    if command in plain and not arguments:
        plain[command]()
        return 'ok'
    if len(arguments) == 1 and command in (*timed, 'speed_slider'):
        try:
            number = float(arguments[0])
        except ValueError:
            number = -1.0
        if command in timed and 0.0 < number <= LONGEST_S:
            timed[command](number)
            return 'ok'
        if command == 'speed_slider' and SLOWEST <= number <= 1.0:
            controller.robot.speed_fraction = number
            return 'ok'
        limits = f'seconds, 0 to {LONGEST_S:.0f}' if command in timed else f'a fraction, {SLOWEST} to 1'
        return f'error: {command} takes {limits}, not "{arguments[0]}"'
    return f'error: "{line}" is none of {", ".join(COMMANDS)}'


def request(host: str, port: int, line: str) -> None:
    """Send one fault command to a running controller.

    Raises:
        OSError: nobody listens there, or the answer took too long.
        ValueError: the controller refused the command.
    """
    answer = ask(host, port, line)
    if answer != 'ok':
        raise ValueError(f'fault command "{line}": {answer or "no answer"}')
