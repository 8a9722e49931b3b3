"""Runs a campaign: python -m experiments FILE.yaml [output:=FOLDER]."""

import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.campaign import Campaign
from experiments.experiment import ROOT, load
from experiments.screen import Screen
from ur5_rl_graph import shipped
from ur5_rl_graph.command import command, words_and_options


@command
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns the exit code."""
    files, chosen = words_and_options(argv, output='')
    if len(files) != 1:
        raise ValueError('give the one file of an experiment, such as config/experiments/smoke.yaml')
    path = experiment_file(files[0])
    folder = Path(chosen['output'] or shipped.results() / path.stem).absolute()
    return Campaign(load(path), folder, Screen()).run()


def experiment_file(name: str) -> Path:
    """Returns the file of an experiment given by its path, or by its name in config/experiments.

    Raises:
        ValueError: there is none.
    """
    folder = ROOT / 'config/experiments'
    for path in (Path(name), ROOT / name, folder / f'{name}.yaml'):
        if path.is_file():
            return path
    known = ', '.join(sorted(path.stem for path in folder.glob('*.yaml')))
    raise ValueError(f'there is no experiment {name!r}; choose {known} or the path of a YAML file')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
