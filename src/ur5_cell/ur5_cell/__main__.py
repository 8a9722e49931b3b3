"""The simulated controller alone, without ROS and without MuJoCo; `./ur5rl cell` calls it.

python -m ur5_cell [address:=127.0.0.1] [name:=value ...]
"""

import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ur5_cell import faults
from ur5_cell.controller import RobotController, print_line, serve
from ur5_cell.dashboard import POLYSCOPE
from ur5_cell.loopback import DASHBOARD_PORT, RTDE_PORT, SCRIPT_PORT, BindError, loopback_address
from ur5_cell.robot_config import RobotConfig
from ur5_rl_env.cell_owner import FAULT_PORT
from ur5_rl_env.robot_models import MODELS, UR5
from ur5_rl_graph.command import command
from ur5_rl_graph.options import Defaults, options

_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(RobotConfig)}
_NAMES = ('robot_model', 'program_after_protective_stop', 'watchdog_action')
"""Options that are its fields as they are (robot_config.py)."""
HOME = 'home'
OPTIONS: Defaults = {
    'address': '127.0.0.1',
    'start_joints': HOME,
    **{name: _DEFAULTS[name] for name in _NAMES},
}


@command
def main(argv: Sequence[str]) -> int:
    """Runs a controller until Ctrl-C; returns the exit code, 2 where it cannot begin, after one line."""
    chosen = options(argv, **OPTIONS)
    config = config_of(chosen)
    try:
        host = loopback_address(chosen['address'], 'address')
        controller = RobotController(host, config=config, fault_port=FAULT_PORT, log=print_line)
    except BindError as error:
        raise ValueError(error) from None
    print(told(host, config), flush=True)
    return serve(controller)


def config_of(chosen: dict[str, Any]) -> RobotConfig:
    """The robot that the options ask for.

    Raises:
        ValueError: a value that none has.
    """
    asked = chosen['start_joints']
    try:
        joints = () if asked == HOME else tuple(float(angle) for angle in asked.split(','))
    except ValueError:
        example = ','.join(map(str, UR5.home))
        raise ValueError(
            f'start_joints is {asked!r}; it takes {HOME}, or six angles [rad] with commas between, '
            f'as {example}'
        ) from None
    return RobotConfig(start_joints=joints, **{name: chosen[name] for name in _NAMES})


def told(host: str, config: RobotConfig) -> str:
    """What listens where, and two lines with which a client of ur_rtde moves the arm."""
    model = MODELS[config.robot_model]
    version = '.'.join(map(str, POLYSCOPE[model.name][:3]))
    rate = f'{1.0 / config.period:.0f} Hz'
    first, *others = config.start_joints
    goal = [round(first - 0.2, 4), *others]
    return (
        f'a simulated {model.says} with a controller of PolyScope {version} on {host}; Ctrl-C ends it\n'
        f'  {RTDE_PORT}  RTDE, protocol versions 1 and 2, {rate}\n'
        f'  {SCRIPT_PORT}  script port: the program of ur_rtde, real-time stream at {rate}\n'
        f'  {DASHBOARD_PORT}  dashboard\n'
        f'  {FAULT_PORT}  faults, a line each: {", ".join(faults.COMMANDS)}\n'
        'with ur_rtde, in another process:\n'
        f"  from rtde_control import RTDEControlInterface; arm = RTDEControlInterface('{host}')\n"
        f'  arm.moveJ({goal}); arm.stopScript()'
    )


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
