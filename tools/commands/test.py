"""./ur5rl test"""

import os

from tools.handover import become_python
from tools.layout import ROOT
from tools.preparation import ready

WHOLE = ['-n', '2', '--dist', 'loadgroup', '--no-loadscope-reorder']
"""Arguments of the whole suite; conftest.py says which tests keep together."""
SUMMARY = 'run the tests: ./ur5rl test [pytest arguments]'


def help_text() -> str:
    """The text of ./ur5rl test --help."""
    return (
        'usage: ./ur5rl test [pytest arguments]\n\n'
        'Sets up on first use, then runs the tests of each package and of the whole graph with pytest;\n'
        'without arguments in two processes, those of the graph one by one in the first.\n'
        '  ./ur5rl test src                     only the packages, without the graph\n'
        "  ./ur5rl test -k guard -x             pytest's own options"
    )


def run(argv: list[str]) -> None:
    """Becomes pytest, in the repository's root."""
    env = ready()
    os.chdir(ROOT)
    become_python('pytest', argv or WHOLE, env)
