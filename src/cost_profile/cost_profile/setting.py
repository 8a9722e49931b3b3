"""The configurations of a setting, by its name."""

from typing import Any, TypeVar

from ur5_rl_graph.settings import of_node
from virtual_time.settings import make, run_parameters, setting_file

Config = TypeVar('Config')


def configuration(config_type: type[Config], setting: str, **further: Any) -> Config:
    """Returns a node's configuration in a setting of config/settings, or of a YAML file.

    Raises:
        ValueError, OSError: there is no such setting, or a value in it is out of range.
    """
    nodes = run_parameters('async_sac_2', setting_file(setting), 'reaching')
    return make(config_type, of_node(nodes, ''), **further)
