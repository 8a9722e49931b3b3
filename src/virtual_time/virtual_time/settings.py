"""Parameters of a run as the components take them."""

import dataclasses
from pathlib import Path
from typing import Any, TypeVar

from ur5_rl_env.agreement import check_run
from ur5_rl_graph import settings

ROOT = Path(__file__).resolve().parents[3]
Config = TypeVar('Config')


def setting_file(setting: str) -> Path:
    """Returns the file of a setting given by its name or as a path.

    Raises:
        ValueError: there is none.
    """
    return settings.setting_file(ROOT / 'config', setting)


def run_parameters(architecture: str, setting: Path, task: str) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a run by the name of the node.

    Raises:
        ValueError, OSError: a file is missing or no parameter file, or parameters contradict each other.
    """
    nodes = settings.resolve(ROOT / 'config', architecture, setting, task)
    check_run(nodes)
    return nodes


def make(config_type: type[Config], parameters: dict[str, Any], **further: Any) -> Config:
    """Returns a configuration made of those parameters that it has; a list becomes a tuple.

    Raises:
        ValueError: a value of a wrong type or out of range.
    """
    values = {}
    for field in dataclasses.fields(config_type):
        if field.name in further:
            values[field.name] = further[field.name]
        elif field.name in parameters:
            values[field.name] = _of_type(field, parameters[field.name])
    return config_type(**values)


def _of_type(field: dataclasses.Field, value: Any) -> Any:
    """Refuses what a node's parameter would refuse; a whole number may stand for a float."""
    wanted = type(field.default)
    if isinstance(value, list):
        value = tuple(value)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ValueError(
            f'parameter {field.name} is {value!r}; expected is {wanted.__name__} '
            f'({field.metadata["description"]})'
        )
    return value
