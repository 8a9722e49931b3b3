"""./ur5rl timeline"""

from tools.python_program import python_program

SUMMARY = 'draw what each component of a run did when: ./ur5rl timeline RUN [start:=S] [cycles:=5]'
help_text, run = python_program(
    'run_reading.show_timeline',
    (
        'usage: ./ur5rl timeline RUN [start:=S] [cycles:=5]\n\n'
        'Writes two files into the folder of a run (thesis figure 4.5 of the run itself):\n'
        '  timeline.png   some action cycles: a lane for each component, a box for each piece of work\n'
        '  trace.json     the whole run, to open in https://ui.perfetto.dev or chrome://tracing\n\n'
        '  start:=S       where the picture begins [s since the first span, the zero of trace.json];\n'
        '                 none = in the middle of the learning phase\n'
        '  cycles:=5      how many action cycles it shows'
    ),
    'timeline needs the folder of a run: ./ur5rl timeline RUN',
)
