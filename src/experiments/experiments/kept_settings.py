"""The settings of a campaign, kept in its folder: its runs start with them, whatever is edited later."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments.experiment import ROOT, Experiment, setting_file
from run_reading.costs import load_costs
from sac_learner.learner_check import check_learner
from ur5_rl_env.run_parameters import run_parameters
from ur5_rl_graph import declared, parameter_file, settings
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.parameter_file import EVERY_NODE

FOLDER = 'settings'
"""In that of a campaign."""
NOT_RUNNING = ('bag_player', 'bag_recorder', 'calibration', 'camera')
"""Nodes that no run of a campaign has, beside those that people look at."""


def check_runs(experiment: Experiment) -> None:
    """Looks whether every run could begin, as launch and virtual time do, before anything is written.

    Raises:
        ValueError: parameters that no node has, or that contradict each other; costs or a checkpoint of
            another setting.
        OSError: a file cannot be read.
    """
    check_parameters(experiment.parameters, experiment.architectures, experiment.settings)
    running = tuple(node for node in declared.NODES if declared.needed(node) and node not in NOT_RUNNING)
    with TemporaryDirectory() as folder:
        kept = keep(Path(folder), experiment.architectures, experiment.settings, experiment.parameters)
        for (architecture, name), path in kept.items():
            if experiment.mode == 'virtual':
                load_costs(experiment.cost_table, name)
            for task in experiment.tasks:
                try:
                    nodes = run_parameters(architecture, path, task, running)
                    check_learner(nodes, str(experiment.checkpoint or ''), anyway=False)
                except ValueError as error:
                    raise ValueError(f'{architecture} {name} {task}: {error}') from None


def keep(
    folder: Path, architectures: tuple[str, ...], names: tuple[str, ...], parameters: dict[str, Any]
) -> dict[tuple[str, str], Path]:
    """Writes each setting, as each architecture has it, with `parameters` on top into a campaign's folder.

    A file keeps the stem of its setting, by which its costs are known. A policy is evaluated with the file
    that it was trained with, and so in the action cycle of its architecture.

    Returns:
        The files by architecture and setting.

    Raises:
        ValueError: there are runs in a setting of that name with other values.
        OSError: a file cannot be read or written.
    """
    kept = {}
    for architecture in architectures:
        for source in map(setting_file, names):
            path = folder / FOLDER / architecture / source.name
            nodes = _nodes(architecture, source, parameters)
            if not path.exists() or not _has_run(folder, architecture, source.stem):
                path.parent.mkdir(parents=True, exist_ok=True)
                parameter_file.write(path, nodes)
            elif parameter_file.read(path) != nodes:
                raise ValueError(
                    f'{path} has other parameters than {source} with those of the experiment now: '
                    'choose another output:=, or delete the old campaign'
                )
            kept[architecture, source.stem] = path
    return kept


def check_parameters(
    parameters: dict[str, Any], architectures: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Raises ValueError for a parameter that no node has, or of a wrong value, or that would not be used."""
    for name, value in parameters.items():
        if giver := declared.giver(EVERY_NODE, name):
            raise ValueError(f'parameters has {name}, which is given by {giver}: leave it out')
        try:
            parameter_file.checked(EVERY_NODE, name, value)
        except ValueError as error:
            raise ValueError(f'parameters: {error}') from None
        for path in _later_files(architectures, names):
            if any(name in values for values in parameter_file.read(path).values()):
                raise ValueError(
                    f'parameters has {name}; {path} sets it later and would win: leave it out here'
                )


def _has_run(folder: Path, architecture: str, name: str) -> bool:
    return any(any(folder.glob(f'{architecture}_{task}_{name}_[0-9]*/')) for task in TASKS)


def _nodes(architecture: str, source: Path, parameters: dict[str, Any]) -> dict[str, dict[str, Any]]:
    nodes = settings.changed(ROOT / 'config', architecture, source)
    given = {name: parameter_file.checked(EVERY_NODE, name, value) for name, value in parameters.items()}
    settings.give(nodes, {EVERY_NODE: given})
    return {node: values for node, values in nodes.items() if values}  # as they are read again


def _later_files(architectures: tuple[str, ...], names: tuple[str, ...]) -> list[Path]:
    """The files that are applied after a setting."""
    config = ROOT / 'config'
    sources = [setting_file(name) for name in names]
    later = {
        path for a in architectures for source in sources for path in settings.overlays(config, a, source)
    }
    return [*sorted(later), *sorted((config / 'tasks').glob('*.yaml'))]
