"""Parameters of a run as the components take them."""

import dataclasses
from pathlib import Path
from typing import Any, TypeVar

from ur5_rl_env.agreement import check_run
from ur5_rl_graph import declared, settings
from ur5_rl_graph.config import typed
from ur5_rl_graph.parameter_file import EVERY_NODE

ROOT = Path(__file__).resolve().parents[3]
Config = TypeVar('Config')


def setting_file(setting: str) -> Path:
    """Returns the file of a setting given by its name or as a path.

    Raises:
        ValueError: there is none.
    """
    return settings.setting_file(ROOT / 'config', setting)


def run_parameters(architecture: str, setting: Path, task: str) -> dict[str, Any]:
    """Returns the parameters of all nodes of a run; lists are tuples.

    Raises:
        ValueError, OSError: a file is missing or no parameter file, or parameters contradict each other.
    """
    nodes = settings.resolve(ROOT / 'config', architecture, setting, task)
    check_run(nodes)
    values = dict(nodes.pop(EVERY_NODE))
    for node, own in nodes.items():
        for name in own:
            if len(declared.every_field()[name]) > 1:
                raise ValueError(
                    f'{setting}: {node} has a {name} of its own, and other nodes have one, too; in virtual '
                    "time there is one for all: write it under '/**'"
                )
        values |= own
    return values


def make(config_type: type[Config], parameters: dict[str, Any], **further: Any) -> Config:
    """Returns a configuration made of those parameters that it has.

    Raises:
        ValueError: a value of a wrong type or out of range.
    """
    values = {}
    for field in dataclasses.fields(config_type):
        if field.name in further:
            values[field.name] = further[field.name]
        elif field.name in parameters:
            values[field.name] = typed(field, parameters[field.name])
    return config_type(**values)
