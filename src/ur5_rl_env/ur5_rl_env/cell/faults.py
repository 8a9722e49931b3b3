"""Faults on demand: the commands by which tests and the cell's services trouble the controller.

One line in, one line out (`ok`, or `error: ...`):

    protective_stop             as after a collision
    emergency_stop              the button is pushed
    release_emergency_stop      and pulled out again
    silence SECONDS             nothing is received or sent; arm and program go on
    drop SECONDS                all connections are cut and the ports closed for so long
"""

import socket

LONGEST_S = 600.0


def carry_out(controller, line):
    """Carry out one fault command on a controller (controller.RobotController); returns the answer."""
    command, *arguments = line.split() or ('',)
    plain, timed = controller.faults, controller.timed_faults
    if command in plain and not arguments:
        plain[command]()
        return 'ok'
    if command in timed and len(arguments) == 1:
        try:
            seconds = float(arguments[0])
        except ValueError:
            seconds = -1.0
        if not 0.0 < seconds <= LONGEST_S:
            return f'error: {command} takes seconds, 0 to {LONGEST_S:.0f}, not "{arguments[0]}"'
        timed[command](seconds)
        return 'ok'
    return f'error: "{line}" is none of {", ".join(plain)}, {" SECONDS, ".join(timed)} SECONDS'


def request(host, port, line, timeout=2.0):
    """Send one fault command to a running controller.

    Raises:
        OSError: nobody listens there, or the answer took longer than `timeout` [s].
        ValueError: the controller refused the command.
    """
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(line.encode() + b'\n')
        answer = connection.makefile().readline().strip()
    if answer != 'ok':
        raise ValueError(f'fault command "{line}": {answer or "no answer"}')
