"""./ur5rl report"""

from tools.python_program import python_program

SUMMARY = 'make the report of a run again, one page for a browser: ./ur5rl report RUN'
help_text, run = python_program(
    'run_reading.report',
    (
        'usage: ./ur5rl report RUN\n\n'
        'Writes report.html into the folder of a run, as the end of each run does: what ran where, learning\n'
        'curve, losses and entropy, timing against the plan, what was lost or dropped, who worked when, and\n'
        'the configuration. One file: it opens from the disk and loads nothing.\n\n'
        'exit code 0: it is there; 1: it lacks a picture, for the reason that is printed; 2: no run'
    ),
    'report needs the folder of a run: ./ur5rl report RUN',
)
