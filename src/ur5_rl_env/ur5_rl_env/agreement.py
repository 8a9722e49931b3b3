"""What the parameters of several nodes must agree on, and one node's with the bounds of the arm."""

from collections.abc import Mapping
from typing import Any

from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import RETURN_DEPTH, Guard, GuardConfig
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.parameter_file import EVERY_NODE
from ur5_rl_graph.settings import configuration, of_node


def check_run(nodes: Mapping[str, Mapping[str, Any]]) -> None:
    """Looks at the parameters of a run, by the name of the node; '/**' stands for every node.

    Raises:
        ValueError: a value out of range, or two that contradict each other; the line says which.
    """
    guard = configuration(nodes, 'arm_driver', GuardConfig)
    fastest = of_node(nodes, 'environment').get('max_joint_velocity', TaskConfig.max_joint_velocity)
    if fastest > guard.max_velocity:
        raise ValueError(
            f'max_joint_velocity (environment) is {fastest} rad/s, above max_velocity (arm_driver), '
            f'{guard.max_velocity} rad/s, to which every command would be clipped; make them equal'
        )
    _check_one_arm(nodes)
    check_home(configuration(nodes, 'arm_driver', ArmConfig).home, Guard(guard))


def _check_one_arm(nodes: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises ValueError where a node is for another model of the arm than the others."""
    everywhere = nodes.get(EVERY_NODE, {}).get('robot_model', UR5.name)
    for node, values in nodes.items():
        own = values.get('robot_model', everywhere)
        if own != everywhere:
            raise ValueError(
                f'robot_model of {node} is {own}, that of every node {everywhere}: a run has one arm; '
                f'give it once, for every node ({EVERY_NODE})'
            )


def check_home(home: tuple, guard: Guard) -> None:
    """Raises ValueError where the home position, (6,) [rad], is not well inside the guard's bounds."""
    if guard.outside(home, RETURN_DEPTH):
        where = guard.bounds.passed(home) or 'the arm'
        raise ValueError(
            f'home is {tuple(home)} rad, where {where} is not inside its bounds by {RETURN_DEPTH} rad or m; '
            "choose another home, or other bounds of arm_driver's guard"
        )
