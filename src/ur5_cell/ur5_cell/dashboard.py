"""The dashboard (port 29999): one line in, exactly one line out.

The commands are those of Universal Robots' "Dashboard Server, CB-Series", and of the e-Series' those that
clients may ask first of all (`safetystatus`, `version`, `is in remote control`). The answers are its texts,
since clients compare them.
"""

from collections.abc import Callable

from ur5_cell.robot import EMERGENCY, IDLE, NORMAL, PAUSED, PLAYING, POWER_OFF, PROTECTIVE, RUNNING, Robot
from ur5_rl_env.robot_models import MODELS

GREETING = 'Connected: Universal Robots Dashboard Server'
POLYSCOPE = {'ur5': (3, 15, 8, 106339), 'ur5e': (5, 11, 8, 109743)}
"""Major, minor, bugfix and build of the software that a simulated model has."""
QUIT = 'quit'  # the server closes the connection after its answer

_ROBOT_MODES = {POWER_OFF: 'POWER_OFF', IDLE: 'IDLE', RUNNING: 'RUNNING'}
_SAFETY_MODES = {NORMAL: 'NORMAL', PROTECTIVE: 'PROTECTIVE_STOP', EMERGENCY: 'ROBOT_EMERGENCY_STOP'}
_PROGRAM_STATES = {PLAYING: 'PLAYING', PAUSED: 'PAUSED'}
_PROGRAM = 'rtde_control.urp'
_ROLES = ('programmer', 'operator', 'none', 'locked', 'restricted')


def answer(robot: Robot, line: str) -> str:
    """Carry out one dashboard command.

    Args:
        robot: that it is for.
        line: the command, without its line end.

    Returns:
        The answer, one line without its end.
    """
    words = line.strip()
    if words in _COMMANDS:
        return _COMMANDS[words](robot)
    for command, handler in _WITH_ARGUMENT.items():
        if words == command or words.startswith(f'{command} '):
            return handler(robot, words[len(command) :].strip())
    return f'could not understand: "{words}"'


def _attempt(command: str, success: str, action: Callable[[Robot], bool]) -> Callable[[Robot], str]:
    return lambda robot: success if action(robot) else f'Failed to execute: {command}'


def _unlock(robot: Robot) -> str:
    if robot.release_protective_stop() > 0.0:
        return (
            'Cannot unlock protective stop until 5s after occurrence. '
            'Always inspect cause of protective stop before unlocking'
        )
    return 'Protective stop releasing'


def _stop(robot: Robot) -> str:
    robot.stop_program('stopped on the dashboard')
    return 'Stopped'  # also when nothing was running: ur_rtde's constructor relies on it


def _power_off(robot: Robot, text: str = 'Powering off') -> str:
    robot.set_power(False)
    return text


def _set_role(robot: Robot, role: str) -> str:
    if role.lower() not in _ROLES:
        return f'Failed setting user role: {role}'
    robot.user_role = role.upper()
    return f'Setting user role: {role}'


def _version(robot: Robot) -> str:
    return '.'.join(map(str, POLYSCOPE[robot.config.robot_model]))


def _say(text: str) -> Callable[[Robot], str]:
    return lambda robot: text


_COMMANDS: dict[str, Callable[[Robot], str]] = {
    'unlock protective stop': _unlock,
    'stop': _stop,
    'play': _attempt('play', 'Starting program', lambda robot: robot.play()),
    'pause': _attempt('pause', 'Pausing program', lambda robot: robot.pause()),
    'power on': _attempt('power on', 'Powering on', lambda robot: robot.set_power(True)),
    'power off': _power_off,
    'brake release': _attempt('brake release', 'Brake releasing', lambda robot: robot.release_brakes()),
    # A real one takes the power from the controller, too; here the process belongs to the one who started it.
    'shutdown': lambda robot: _power_off(robot, 'Shutting down'),
    'restart safety': lambda robot: _power_off(robot, 'Restarting safety'),
    'robotmode': lambda robot: f'Robotmode: {_ROBOT_MODES[robot.robot_mode]}',
    'safetymode': lambda robot: f'Safetymode: {_SAFETY_MODES[robot.safety_mode]}',
    'safetystatus': lambda robot: f'Safetystatus: {_SAFETY_MODES[robot.safety_mode]}',
    'running': lambda robot: f'Program running: {str(robot.runtime_state == PLAYING).lower()}',
    'programState': lambda robot: f'{_PROGRAM_STATES.get(robot.runtime_state, "STOPPED")} {_PROGRAM}',
    'isProgramSaved': _say(f'true {_PROGRAM}'),
    'get loaded program': _say(f'Loaded program: {_PROGRAM}'),
    'PolyscopeVersion': lambda robot: f'URSoftware {_version(robot)} (simulated)',
    'version': _version,
    'get robot model': lambda robot: MODELS[robot.config.robot_model].says,
    'get serial number': _say('20173500000'),
    'getUserRole': lambda robot: robot.user_role,
    'is in remote control': _say('true'),
    'close safety popup': _say('closing safety popup'),
    'close popup': _say('closing popup'),
    'saveLog': _say('Log saved to disk'),
    QUIT: _say('Disconnected'),
}

_WITH_ARGUMENT: dict[str, Callable[[Robot, str], str]] = {
    'load installation': lambda robot, name: f'File not found: {name}',
    'load': lambda robot, name: f'File not found: {name}',
    'popup': lambda robot, text: 'showing popup',
    'addToLog': lambda robot, text: 'Added log message' if text else 'No log message to add',
    'setUserRole': _set_role,
    'generate flight report': lambda robot, kind: 'Error: there is no flight data in a simulated controller',
    'generate support file': lambda robot, path: 'Error: there is no support file of a simulated controller',
}
