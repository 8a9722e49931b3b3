"""The runs of a campaign, in the order in which they start, and the commands that make them."""

import itertools
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from experiments.experiment import ROOT, Experiment, setting_file
from run_reading import evaluation as evaluation_file
from run_reading import identity, outcome
from run_reading.costs import load_costs
from sac_learner.checkpoint import load_checkpoint
from ur5_rl_graph import run_files

EVALUATION_SEED = 12345
"""Draws the targets of every evaluation, so that all policies meet the same."""


class Run(NamedTuple):
    """One run of a campaign."""

    architecture: str
    task: str
    setting: str  # its name, also where it was given as a path
    seed: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f'{self.architecture}_{self.task}_{self.setting}_{self.seed}'


def runs(experiment: Experiment) -> list[Run]:
    """Returns all runs. Seeds vary slowest: a campaign that is stopped early still compares something."""
    names = [setting_file(name).stem for name in experiment.settings]
    combinations = itertools.product(experiment.seeds, experiment.tasks, names, experiment.architectures)
    return [Run(architecture, task, name, seed) for seed, task, name, architecture in combinations]


class Command(NamedTuple):
    """A program with what it needs of its own in the environment."""

    arguments: list[str]
    environment: dict[str, str]

    def __str__(self) -> str:
        """As it is typed in a shell of `./ur5rl shell`."""
        variables = [f'{name}={shlex.quote(value)}' for name, value in self.environment.items()]
        return ' '.join(['cd', shlex.quote(str(ROOT)), '&&', *variables, shlex.join(self.arguments)])


def training(experiment: Experiment, run: Run, setting: Path, folder: Path, place: int) -> Command:
    """Returns the command of a run.

    Args:
        experiment: it belongs to.
        run: it is.
        setting: file of its setting.
        folder: of the run.
        place: a number that no other real-time run on this machine has at the same time, 1 to 101.
    """
    chosen = {'task': run.task, 'setting': setting, 'seed': run.seed, 'duration': experiment.duration}
    chosen |= {'init': experiment.checkpoint or '', 'output': folder}
    if experiment.mode == 'virtual':
        return Command(
            [
                sys.executable,
                '-m',
                'virtual_time',
                run.architecture,
                *_words(chosen | {'costs': experiment.cost_table}),
            ],
            {},
        )
    launch_file = ROOT / 'launch' / f'{run.architecture}.launch.py'
    return Command(['ros2', 'launch', str(launch_file), *_words(chosen)], {'ROS_DOMAIN_ID': str(place)})


def evaluation(experiment: Experiment, run: Run, setting: Path, folder: Path) -> Command:
    """Returns the command that evaluates the policy of a run, in virtual time."""
    chosen = {'checkpoint': checkpoint(folder), 'task': run.task, 'setting': setting}
    chosen |= {
        'seed': EVALUATION_SEED,
        'episodes': experiment.evaluation_episodes,
        'output': folder / run_files.EVALUATION,
    }
    return Command([sys.executable, '-m', 'virtual_time', 'evaluate', *_words(chosen)], {})


def _words(chosen: dict[str, object]) -> list[str]:
    return [f'{name}:={value}' for name, value in chosen.items() if value != '']


def checkpoint(folder: Path) -> Path:
    """Returns where a run leaves its networks."""
    return folder / run_files.CHECKPOINT


def untrained(folder: Path) -> str:
    """Returns why the run in `folder` does not count as trained, '' where it had its duration believably."""
    try:
        about = identity.read(folder)
    except (ValueError, OSError):
        about = {}  # what it was is another matter: `check_same`
    try:
        summary = outcome.read(folder)
        return outcome.doubt(summary, about) or _lacks(checkpoint(folder), summary.get('updates'))
    except FileNotFoundError:
        return f'it left no {run_files.OUTCOME}'
    except (ValueError, OSError) as error:
        return str(error)


def _lacks(path: Path, updates: object) -> str:
    """Returns what networks lack of so many updates: a full disk or a kill at the end leaves older ones."""
    if not path.is_file():
        return f'there is no {path}'
    saved = int(load_checkpoint(path)[0].get('updates', 0))
    lacks = isinstance(updates, int) and saved < updates
    return f'{path} holds {saved} of its {updates} updates' if lacks else ''


def is_evaluated(folder: Path, episodes: int) -> bool:
    """Whether the run in `folder` was evaluated over so many episodes."""
    try:
        return episodes == 0 or len(evaluation_file.read(folder / run_files.EVALUATION)) == episodes
    except (ValueError, OSError):
        return False


def check_same(folder: Path, experiment: Experiment, setting: str) -> None:
    """Raises ValueError if the complete run in `folder`, of a setting, was not what the experiment says now.

    Of `init` its path is compared, not what stands there.
    """
    try:
        known = identity.read(folder)
    except ValueError as error:
        raise ValueError(f'{error}; move {folder} away, and this run is made again') from None
    wanted: dict[str, object] = {
        'mode': experiment.mode,
        'duration': experiment.duration,
        'init': str(experiment.checkpoint or ''),
    }
    if experiment.mode == 'virtual':
        wanted['costs'] = experiment.cost_table
        if known['costs_ms']:  # older runs do not say them
            wanted['costs_ms'] = asdict(load_costs(experiment.cost_table, setting))
    for name, value in wanted.items():
        if known.get(name) != value:
            raise ValueError(
                f'{folder} was run with {name} {known.get(name)!r}, the experiment says {value!r}: '
                'choose another output:=, or delete the old campaign'
            )
