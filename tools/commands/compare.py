"""./ur5rl compare"""

from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = "draw the thesis' figures from runs: ./ur5rl compare results/NAME [name:=value ...]"


def help_text() -> str:
    """The text of ./ur5rl compare --help."""
    return '\n'.join(
        [
            'usage: ./ur5rl compare RUN... [name:=value ...]',
            '',
            'Each RUN is the folder of a run, or a folder that holds such folders. Draws learning curves,',
            'overall return, evaluation and timing as PNG, each with a CSV of its figures.',
            '  output:=FOLDER                  instead of comparison/ in the only RUN or results/comparison',
            '  bins:=30                        equal stretches of time in the learning curves',
            '  reference:=servo=1490,zero=327  returns to draw as dashed lines',
        ]
    )


def run(argv: list[str]) -> None:
    """Becomes the comparison."""
    if not argv:
        raise Stop('compare needs the folders of runs, such as results/thesis (./ur5rl compare --help)', 2)
    become_python('run_reading.comparison', argv, ready())
