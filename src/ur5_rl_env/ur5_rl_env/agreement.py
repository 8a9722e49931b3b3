"""What the parameters of several nodes must agree on, and one node's with the bounds of the arm."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import RETURN_DEPTH, Guard, GuardConfig
from ur5_rl_env.task import TaskConfig

EVERY_NODE = '/**'


def check_run(nodes: Mapping[str, Mapping[str, Any]]) -> None:
    """Looks at the parameters of a run, by the name of the node; '/**' stands for every node.

    Raises:
        ValueError: a value out of range, or two that contradict each other; the line says which.
    """
    guard = _config(GuardConfig, nodes, 'arm_driver')
    fastest = _value(TaskConfig, 'max_joint_velocity', nodes, 'environment')
    if fastest > guard.max_velocity:
        raise ValueError(
            f'max_joint_velocity (environment) is {fastest} rad/s, above max_velocity (arm_driver), '
            f'{guard.max_velocity} rad/s, to which every command would be clipped; make them equal'
        )
    arm = _config(ArmConfig, nodes, 'arm_driver')
    scene = _value(ArmConfig, 'robot_model', nodes, 'robot_cell')
    if scene != arm.robot_model:
        raise ValueError(
            f'robot_model of robot_cell is {scene}, that of arm_driver {arm.robot_model}: a run has one arm; '
            'give it once, for every node (/**)'
        )
    check_home(arm.home, Guard(guard))


def check_home(home: tuple, guard: Guard) -> None:
    """Raises ValueError where the home position, (6,) [rad], is not well inside the guard's bounds."""
    if guard.outside(home, RETURN_DEPTH):
        where = guard.passed_bound(home) or 'the arm'
        raise ValueError(
            f'home is {tuple(home)} rad, where {where} is not inside its bounds by {RETURN_DEPTH} rad or m; '
            "choose another home, or other bounds of arm_driver's guard"
        )


def _config(kind: type, nodes: Mapping[str, Mapping[str, Any]], node: str) -> Any:
    names = [field.name for field in dataclasses.fields(kind)]
    return kind(**{name: _value(kind, name, nodes, node) for name in names})


def _value(kind: type, name: str, nodes: Mapping[str, Mapping[str, Any]], node: str) -> Any:
    """A parameter of `node` as that node will have it: its own, else that of every node, else its default."""
    default = next(field.default for field in dataclasses.fields(kind) if field.name == name)
    value = nodes.get(EVERY_NODE, {}).get(name, default)
    for written, values in nodes.items():
        if written.strip('/').rpartition('/')[2] == node:
            value = values.get(name, value)
    return tuple(value) if isinstance(value, list) else value
