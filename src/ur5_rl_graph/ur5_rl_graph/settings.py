"""The parameters of a run: setting, what the architecture changes in it, task; later ones win.

config/settings/<setting>.yaml
config/settings/<architecture>/every_setting.yaml     where there is one
config/settings/<architecture>/<setting>.yaml         where there is one, for a setting of config/settings
config/tasks/<task>.yaml

In one file what a node is given by its own name goes before what every node is given.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ur5_rl_graph import declared
from ur5_rl_graph.parameter_file import EVERY_NODE, read

ENDINGS = ('.yaml', '.yml')


def setting_file(config: Path, setting: str, base: Path = Path()) -> Path:
    """Returns the file of a setting.

    Args:
        config: the folder that holds `settings`.
        setting: its name, or the path of a YAML file.
        base: the folder that a relative path starts from; the present one where not given.

    Raises:
        ValueError: there is none; the line says what would be one.
    """
    named = config / f'settings/{setting}.yaml'
    if setting and '/' not in setting and named.is_file():
        return named
    known = sorted(found.stem for found in named.parent.glob('*.yaml'))
    path = (base / setting).absolute()
    if path.suffix in ENDINGS and path.is_file():
        return path
    if setting and path.is_dir():
        why = f'{path} is a folder; name a YAML file in it'
    elif path.is_file():
        why = f'{path} does not end in .yaml; rename it'
    elif path.suffix in ENDINGS or '/' in setting:
        why = f'there is no file {path}'
    else:
        near = f' (the nearest name is {declared.nearest(setting, known)})' if setting else ''
        why = f'choose {", ".join(known)}{near}, or the path of a YAML file'
    raise ValueError(f"setting is '{setting}'; {why}")


def overlays(config: Path, architecture: str, setting: Path) -> list[Path]:
    """Returns the files in which an architecture changes a setting; later ones win.

    What is for a setting of config/settings by its name is not for a file elsewhere that has that name, too.
    """
    own = setting.parent.resolve() == (config / 'settings').resolve()
    names = ['every_setting', setting.stem] if own else ['every_setting']
    paths = [config / f'settings/{architecture}/{name}.yaml' for name in names]
    return [path for path in paths if path.is_file()]


def changed(config: Path, architecture: str, setting: Path) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a setting as an architecture changes them, by the name of the node.

    Raises:
        ValueError, OSError: a file is missing or no parameter file, or gives what the launch gives.
    """
    nodes: dict[str, dict[str, Any]] = {EVERY_NODE: {}}
    for path in (setting, *overlays(config, architecture, setting)):
        further = read(path)
        for node, values in further.items():
            for name in values:
                if giver := declared.giver(node, name):
                    raise ValueError(
                        f'{path}: {name} is given by {giver}, which would win; leave it out here'
                    )
        give(nodes, further)
    return nodes


def resolve(
    config: Path, architecture: str, setting: Path, task: str, **given: Any
) -> dict[str, dict[str, Any]]:
    """Returns the parameters of a run by the name of the node.

    Args:
        config: the folder that holds `settings` and `tasks`.
        architecture: seq_sac, async_sac_1, async_sac_2 or evaluate.
        setting: file of the setting; its stem is its name.
        task: reaching or tracking.
        given: for every node, instead of the setting's.

    Raises:
        ValueError, OSError: there is no such task; a file is missing or no parameter file, or gives what the
            launch gives.
    """
    nodes = changed(config, architecture, setting)
    tasks = {found.stem: found for found in sorted(config.glob('tasks/*.yaml'))}
    if task not in tasks:
        raise ValueError(f'task is {task!r}; choose one of: {", ".join(tasks)}')
    give(nodes, read(tasks[task]))
    sampler = of_node(nodes, 'buffer_sampler')
    if sampler.get('governor') == 'exactly' and sampler.get('updates_per_step') == 0:
        give(nodes, {EVERY_NODE: {'updates_per_step': 1.0}})  # as many as one likes cannot be waited for
    give(nodes, {EVERY_NODE: given})
    return nodes


def of_node(nodes: Mapping[str, Mapping[str, Any]], node: str) -> dict[str, Any]:
    """Returns the parameters that a node gets: those of every node, its own on top."""
    return {**nodes.get(EVERY_NODE, {}), **nodes.get(f'/{node}', {})}


def give(nodes: dict[str, dict[str, Any]], further: Mapping[str, Mapping[str, Any]]) -> None:
    """Adds what comes later and wins: of what it gives every node, no node keeps a value of its own."""
    everywhere = further.get(EVERY_NODE, {})
    for node in nodes.keys() - {EVERY_NODE}:
        nodes[node] = {name: value for name, value in nodes[node].items() if name not in everywhere}
    for node, values in further.items():
        nodes.setdefault(node, {}).update(values)


def configuration(nodes: Mapping[str, Mapping[str, Any]], node: str, kind: type, **given: Any) -> Any:
    """Returns a configuration of a node as that node will have it.

    Args:
        nodes: parameters by the name of the node, as of `resolve`.
        node: its name.
        kind: the class of the configuration.
        given: values that go before those of `nodes`, as a launch's do.

    Raises:
        ValueError: values that contradict each other, or are out of range.
    """
    values = of_node(nodes, node) | given
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})


def check_nodes(nodes: dict[str, dict[str, Any]], running: tuple[str, ...]) -> None:
    """Makes the configurations of the nodes that are to run, as they will.

    Raises:
        ValueError: values of a node that contradict each other, or are out of range.
    """
    for node in running:
        for kind in declared.configs(node):
            try:
                configuration(nodes, node, kind, run_folder='that of the run')
            except ValueError as error:
                raise ValueError(f'{node}: {error}') from None
