"""The configurations of a setting, by its name."""

from typing import Any, TypeVar

from ur5_rl_graph.settings import EVERY_NODE, resolve
from virtual_time.settings import ROOT, make, setting_file

Config = TypeVar('Config')


def configuration(config_type: type[Config], setting: str, **further: Any) -> Config:
    """Returns a node's configuration in a setting of config/settings, or of a YAML file.

    Raises:
        ValueError, OSError: there is no such setting, or a value in it is out of range.
    """
    values = resolve(ROOT / 'config', 'async_sac_2', setting_file(setting), 'reaching')[EVERY_NODE]
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return make(config_type, plain, **further)
