"""Runs a campaign, or compares runs; `./ur5rl experiment` and `./ur5rl compare` call it.

python -m experiments run FILE.yaml [output:=FOLDER]
python -m experiments compare RUN... [name:=value ...]
"""

import sys
from pathlib import Path

from experiments.experiment import ROOT, load
from ur5_rl_graph import shipped
from ur5_rl_graph.options import options


def main(argv: list[str]) -> int:
    """Returns the exit code; 2 after one line that says what is wrong with what was given."""
    commands = {'run': run, 'compare': compare}
    try:
        if not argv or argv[0] not in commands:
            raise ValueError(f'the first word must be one of {", ".join(commands)}')
        return commands[argv[0]](argv[1:])
    except (ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr, flush=True)
        return 2
    except KeyboardInterrupt:
        return 130


def run(argv: list[str]) -> int:
    """Runs a campaign."""
    from experiments.campaign import Campaign
    from experiments.screen import Screen

    files, chosen = split(argv, output='')
    if len(files) != 1:
        raise ValueError('give the one file of an experiment, such as config/experiments/smoke.yaml')
    path = experiment_file(files[0])
    experiment = load(path)
    folder = Path(chosen['output'] or shipped.results() / path.stem).absolute()
    return Campaign(experiment, folder, Screen()).run()


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


def compare(argv: list[str]) -> int:
    """Compares runs."""
    from run_reading.comparison.compare import compare_runs

    folders, chosen = split(argv, output='', bins=30, reference='')
    return compare_runs([Path(folder) for folder in folders], **chosen)


def split(argv: list[str], **defaults: str | int) -> tuple[list[str], dict]:
    """Returns the words that are no options, and the options (name:=value) over their defaults.

    Raises:
        ValueError: an option that is not among them, or a value of another type.
    """
    words = [word for word in argv if ':=' not in word]
    return words, options([word for word in argv if ':=' in word], **defaults)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
