"""./ur5rl compare"""

from tools.python_program import python_program

SUMMARY = "draw the thesis' figures from runs: ./ur5rl compare results/NAME [name:=value ...]"
help_text, run = python_program(
    'run_reading.comparison',
    (
        'usage: ./ur5rl compare RUN... [name:=value ...]\n'
        '\n'
        'Each RUN is the folder of a run, or a folder that holds such folders. Draws learning curves,\n'
        'overall return, evaluation and timing as PNG, each with a CSV of its figures.\n'
        '  output:=FOLDER                  instead of comparison/ in the only RUN or results/comparison\n'
        '  bins:=30                        equal stretches of time in the learning curves\n'
        '  reference:=servo=1490,zero=327  returns to draw as dashed lines'
    ),
    'compare needs the folders of runs, such as results/thesis (./ur5rl compare --help)',
)
