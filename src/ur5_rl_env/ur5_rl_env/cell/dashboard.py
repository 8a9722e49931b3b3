"""The dashboard (port 29999): one line in, exactly one line out."""

from ur5_rl_env.cell.robot import EMERGENCY, IDLE, NORMAL, PAUSED, PLAYING, POWER_OFF, PROTECTIVE, RUNNING

GREETING = 'Connected: Universal Robots Dashboard Server'
POLYSCOPE = (3, 15, 8, 106339)  # major, minor, bugfix, build: the last CB3 series

_ROBOT_MODES = {POWER_OFF: 'POWER_OFF', IDLE: 'IDLE', RUNNING: 'RUNNING'}
_SAFETY_MODES = {NORMAL: 'NORMAL', PROTECTIVE: 'PROTECTIVE_STOP', EMERGENCY: 'ROBOT_EMERGENCY_STOP'}
_PROGRAM = 'rtde_control.urp'


def answer(robot, line):
    """Carry out one dashboard command.

    Args:
        robot: robot.Robot.
        line: the command, without its line end.

    Returns:
        The answer, one line without its end; the texts that ur_rtde compares are Universal Robots' own.
    """
    words = line.strip()
    if words.startswith(('popup', 'addToLog')):
        return 'showing popup' if words.startswith('popup') else 'Added log message'
    if words.startswith('load '):
        return f'File not found: {words[5:]}'
    handler = _COMMANDS.get(words)
    return handler(robot) if handler else f'could not understand: "{words}"'


def _unlock(robot):
    wait = robot.release_protective_stop()
    if wait > 0.0:
        return f'Cannot unlock protective stop until 5s after occurrence. {wait:.1f} s are left.'
    return 'Protective stop releasing'


def _stop(robot):
    robot.stop_program('stopped on the dashboard')
    return 'Stopped'  # also when nothing was running: ur_rtde's constructor relies on it


def _power_off(robot):
    robot.set_power(False)
    return 'Powering off'


_COMMANDS = {
    'unlock protective stop': _unlock,
    'stop': _stop,
    'play': lambda robot: 'Starting program' if robot.play() else 'Failed to execute: play',
    'pause': lambda robot: 'Pausing program' if robot.pause() else 'Failed to execute: pause',
    'power on': lambda robot: 'Powering on' if robot.set_power(True) else 'Failed to execute: power on',
    'power off': _power_off,
    'brake release': lambda robot: (
        'Brake releasing' if robot.release_brakes() else 'Failed to execute: brake release'
    ),
    'robotmode': lambda robot: f'Robotmode: {_ROBOT_MODES[robot.robot_mode]}',
    'safetymode': lambda robot: f'Safetymode: {_SAFETY_MODES[robot.safety_mode]}',
    'running': lambda robot: f'Program running: {str(robot.runtime_state == PLAYING).lower()}',
    'programState': lambda robot: (
        f'{ {PLAYING: "PLAYING", PAUSED: "PAUSED"}.get(robot.runtime_state, "STOPPED") } {_PROGRAM}'
    ),
    'PolyscopeVersion': lambda robot: f'URSoftware {".".join(map(str, POLYSCOPE))} (simulated)',
    'get robot model': lambda robot: 'UR5',
    'get serial number': lambda robot: '20173500000',
    'get loaded program': lambda robot: f'Loaded program: {_PROGRAM}',
    'is in remote control': lambda robot: 'true',
    'close safety popup': lambda robot: 'closing safety popup',
    'close popup': lambda robot: 'closing popup',
    'restart safety': lambda robot: 'Restarting safety',
    'quit': lambda robot: 'Disconnected',
}
