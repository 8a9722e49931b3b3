"""What the parameters of several nodes must agree on, and one node's with the bounds of the arm."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import RETURN_DEPTH, Guard, GuardConfig
from ur5_rl_env.robot_models import MODELS, UR5
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
    robot_model_of(nodes)
    check_home(_config(ArmConfig, nodes, 'arm_driver').home, Guard(guard))


def robot_model_of(nodes: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the name of the model that all nodes of a run are for.

    Raises:
        ValueError: one of them is for another one than the others.
    """
    everywhere = nodes.get(EVERY_NODE, {}).get('robot_model', UR5.name)
    for node, values in nodes.items():
        own = values.get('robot_model', everywhere)
        if own != everywhere:
            raise ValueError(
                f'robot_model of {node} is {own}, that of every node {everywhere}: a run has one arm; '
                f'give it once, for every node ({EVERY_NODE})'
            )
    return everywhere


def give_robot_model(nodes: dict[str, dict[str, Any]], asked: str, whose: str) -> None:
    """Makes a run one of the model that was asked for; it goes before that of every node, as any argument.

    Args:
        nodes: parameters by the name of the node, which are changed.
        asked: name of the model, '' = as the parameters say.
        whose: where the parameters come from, in words.

    Raises:
        ValueError: there is no such model, or one node has another one of its own, which would win.
    """
    if not asked:
        return
    if asked not in MODELS:
        raise ValueError(f'robot_model is {asked!r}; choose one of: {", ".join(MODELS)}')
    nodes.setdefault(EVERY_NODE, {})['robot_model'] = asked
    for node, values in nodes.items():
        if (own := values.get('robot_model', asked)) != asked:
            raise ValueError(f'robot_model is {asked}, but {node} of {whose} has {own}: take one of them out')


def check_home(home: tuple, guard: Guard) -> None:
    """Raises ValueError where the home position, (6,) [rad], is not well inside the guard's bounds."""
    if guard.outside(home, RETURN_DEPTH):
        where = guard.bounds.passed(home) or 'the arm'
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
