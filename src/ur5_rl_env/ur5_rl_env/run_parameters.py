"""Parameters of a run as the components take them: the one way from a setting to checked values."""

from pathlib import Path
from typing import Any

from ur5_rl_env.agreement import check_run
from ur5_rl_graph import settings, shipped
from ur5_rl_graph.parameter_file import EVERY_NODE


def setting_file(setting: str) -> Path:
    """Returns the file of a setting given by its name or as a path.

    Raises:
        ValueError: there is none.
    """
    return settings.setting_file(shipped.folder() / 'config', setting)


def run_parameters(
    architecture: str,
    setting: Path,
    task: str,
    running: tuple[str, ...] = (),
    robot_model: str = '',
    **given: Any,
) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a run by the name of the node.

    Args:
        architecture: seq_sac, async_sac_1, async_sac_2 or evaluate.
        setting: file of the setting; its stem is its name.
        task: reaching or tracking.
        running: nodes whose configurations are looked at one by one.
        robot_model: the arm that is meant; '' = the setting's.
        given: for every node, instead of the setting's.

    Raises:
        ValueError, OSError: a file is missing or no parameter file, or parameters contradict each other.
    """
    nodes = settings.resolve(shipped.folder() / 'config', architecture, setting, task, **given)
    if robot_model:
        nodes[EVERY_NODE]['robot_model'] = robot_model  # a node's own stays, and is refused if it is another
    check(nodes, running)
    return nodes


def check(nodes: dict[str, dict[str, Any]], running: tuple[str, ...] = ()) -> None:
    """Raises ValueError for parameters of `running` that are wrong, and for those of nodes that disagree."""
    settings.check_nodes(nodes, running)
    check_run(nodes)
