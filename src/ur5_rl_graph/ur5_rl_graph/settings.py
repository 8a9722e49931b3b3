"""The parameters of a run: setting, what the architecture changes in it, task; later ones win.

config/settings/<setting>.yaml
config/settings/<architecture>/every_setting.yaml     where there is one
config/settings/<architecture>/<setting>.yaml         where there is one
config/tasks/<task>.yaml
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ur5_rl_graph.whole_file import write_text

EVERY_NODE = '/**'


class _Loader(yaml.SafeLoader):
    """Reads 1e-4 as a number, as ROS 2 does; to PyYAML it is a text."""


_Loader.add_implicit_resolver(
    'tag:yaml.org,2002:float', re.compile(r'^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$'), list('-+0123456789')
)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Returns the parameters in a file, by the name of the node; '/**' stands for every node.

    Raises:
        ValueError: it is no parameter file.
        OSError: it cannot be read.
    """
    try:
        content = yaml.load(path.read_text(encoding='utf-8'), _Loader)
        nodes = {node: dict(part['ros__parameters']) for node, part in content.items()}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        why = ' '.join(str(error).split())
        raise ValueError(
            f"{path} is no parameter file of the form '/**: ros__parameters: ...' ({why})"
        ) from None
    return nodes


def setting_file(config: Path, setting: str, base: Path = Path()) -> Path:
    """Returns the file of a setting.

    Args:
        config: the folder that holds `settings`.
        setting: its name, or the path of a YAML file.
        base: the folder that a relative path starts from; the present one where not given.

    Raises:
        ValueError: there is none.
    """
    named = config / f'settings/{setting}.yaml'
    path = (base / setting).absolute() if setting.endswith('.yaml') else named
    if not path.is_file():
        known = ', '.join(sorted(found.stem for found in named.parent.glob('*.yaml')))
        raise ValueError(f"setting is '{setting}'; choose {known} or an existing YAML file")
    return path


def resolve(
    config: Path, architecture: str, setting: Path, task: str, action_cycle_s: float | None = None
) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a run by the name of the node.

    Args:
        config: the folder that holds `settings` and `tasks`.
        architecture: seq_sac, async_sac_1, async_sac_2 or evaluate.
        setting: file of the setting; its stem is its name.
        task: reaching or tracking.
        action_cycle_s: instead of the setting's [s].

    Raises:
        ValueError, OSError: a file is missing or no parameter file.
    """
    overlays = [config / f'settings/{architecture}/{name}.yaml' for name in ('every_setting', setting.stem)]
    files = [setting, *(path for path in overlays if path.is_file()), config / f'tasks/{task}.yaml']
    nodes: dict[str, dict[str, Any]] = {EVERY_NODE: {}}
    for path in files:
        for node, values in read(path).items():
            nodes.setdefault(node, {}).update(values)
    values = nodes[EVERY_NODE]
    if values.get('governor') == 'exactly' and values.get('updates_per_step') == 0:
        values['updates_per_step'] = 1.0  # as many as one likes cannot be waited for
    if action_cycle_s is not None:
        values['action_cycle_s'] = float(action_cycle_s)
    return nodes


def of_node(nodes: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Returns the parameters that a node gets: those of every node, its own on top ('' = no node)."""
    values = dict(nodes.get(EVERY_NODE, {}))
    for written, own in nodes.items():
        if name and written.strip('/').rpartition('/')[2] == name:
            values |= own
    return values


def write(path: Path, nodes: dict[str, dict[str, Any]]) -> None:
    """Writes a parameter file."""
    content = {node: {'ros__parameters': values} for node, values in nodes.items() if values}
    write_text(path, yaml.safe_dump(content, sort_keys=False))
