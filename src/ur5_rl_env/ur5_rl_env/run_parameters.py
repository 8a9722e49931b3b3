"""Parameters of a run as the components take them."""

from pathlib import Path
from typing import Any

from ur5_rl_env.agreement import check_run
from ur5_rl_graph import settings, shipped


def setting_file(setting: str) -> Path:
    """Returns the file of a setting given by its name or as a path.

    Raises:
        ValueError: there is none.
    """
    return settings.setting_file(shipped.folder() / 'config', setting)


def run_parameters(architecture: str, setting: Path, task: str) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a run by the name of the node.

    Raises:
        ValueError, OSError: a file is missing or no parameter file, or parameters contradict each other.
    """
    nodes = settings.resolve(shipped.folder() / 'config', architecture, setting, task)
    check_run(nodes)
    return nodes
