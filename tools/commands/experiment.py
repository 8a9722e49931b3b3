"""./ur5rl experiment"""

from tools.handover import become_python
from tools.layout import ROOT
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'run many runs, to compare them: ./ur5rl experiment config/experiments/NAME.yaml'
_FOLDER = ROOT / 'config' / 'experiments'


def names() -> list[str]:
    """The experiments by name, without their ending."""
    return sorted(path.stem for path in _FOLDER.glob('*.yaml'))


def help_text() -> str:
    """The text of ./ur5rl experiment --help."""
    return '\n'.join(
        [
            'usage: ./ur5rl experiment config/experiments/NAME.yaml [output:=FOLDER]',
            '',
            'Runs architectures x settings x tasks x seeds, into results/NAME/ or the folder output:= names.',
            'Stopped or killed, the same command goes on: complete runs stay, the others begin again.',
            '  Ctrl-C     ends the runs in flight in good order; once more ends them at once',
            '  exit code  0 all complete, 1 a run failed, 2 wrong arguments, 130 stopped',
            '',
            'The keys of the file: docs/experiments.md. Experiments:',
            *(f'  {name}' for name in names()),
        ]
    )


def run(argv: list[str]) -> None:
    """Becomes the runner."""
    if not argv:
        raise Stop(f'experiment needs a file: a path, or one of {", ".join(names())}', 2)
    become_python('experiments', argv, ready())
