"""./ur5rl timeline"""

from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'draw what each component of a run did when: ./ur5rl timeline RUN [start:=S] [cycles:=5]'


def help_text() -> str:
    """The text of ./ur5rl timeline --help."""
    return (
        'usage: ./ur5rl timeline RUN [start:=S] [cycles:=5]\n\n'
        'Writes two files into the folder of a run (thesis figure 4.5 of the run itself):\n'
        '  timeline.png   some action cycles: a lane for each component, a box for each piece of work\n'
        '  trace.json     the whole run, to open in https://ui.perfetto.dev or chrome://tracing\n\n'
        '  start:=S       where the picture begins [s since the first span, the zero of trace.json];\n'
        '                 none = in the middle of the learning phase\n'
        '  cycles:=5      how many action cycles it shows'
    )


def run(argv: list[str]) -> None:
    """Becomes the program that draws."""
    if not argv:
        raise Stop('timeline needs the folder of a run: ./ur5rl timeline RUN', 2)
    become_python('run_reading.show_timeline', argv, ready())
