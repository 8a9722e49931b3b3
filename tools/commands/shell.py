"""./ur5rl shell"""

from tools.handover import become
from tools.layout import BASHRC
from tools.preparation import ready

SUMMARY = 'open a shell in the environment, or run one command in it: ./ur5rl shell [COMMAND ...]'


def help_text() -> str:
    """The text of ./ur5rl shell --help."""
    return (
        'usage: ./ur5rl shell [COMMAND ...]\n\n'
        'Without a command: bash with the environment. With one: runs it and ends with its exit code.\n'
        '  ./ur5rl shell ros2 topic list\n'
        '  source .ur5rl/activate.sh            the same environment in a shell of your own'
    )


def run(argv: list[str]) -> None:
    """Becomes the shell or the command."""
    env = ready()
    become(argv or ['bash', '--rcfile', str(BASHRC), '-i'], env)
