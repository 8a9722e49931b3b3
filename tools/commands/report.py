"""./ur5rl report"""

from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'make the report of a run again, one page for a browser: ./ur5rl report RUN'


def help_text() -> str:
    """The text of ./ur5rl report --help."""
    return (
        'usage: ./ur5rl report RUN\n\n'
        'Writes report.html into the folder of a run, as the end of each run does: what ran where, learning\n'
        'curve, losses and entropy, timing against the plan, what was lost or dropped, who worked when, and\n'
        'the configuration. One file: it opens from the disk and loads nothing.\n\n'
        'exit code 0: it is there; 1: it lacks a picture, for the reason that is printed; 2: no run'
    )


def run(argv: list[str]) -> None:
    """Becomes the program that writes it."""
    if not argv:
        raise Stop('report needs the folder of a run: ./ur5rl report RUN', 2)
    become_python('run_reading.report', argv, ready())
