"""./ur5rl shell"""

from tools.handover import become
from tools.layout import ACTIVATE, STATE
from tools.preparation import ready

SUMMARY = 'open a shell in the environment, or run one command in it: ./ur5rl shell [COMMAND ...]'

# A person's own start-up file may put other Pythons in front, so the environment comes after it.
_START_UP = f'[ -f ~/.bashrc ] && . ~/.bashrc\n. "{ACTIVATE}"\nPS1="(ur5rl) $PS1"\n'


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
    if argv:
        become(argv, env)
    start_up = STATE / 'bashrc'
    start_up.write_text(_START_UP, encoding='utf-8')
    become(['bash', '--rcfile', str(start_up), '-i'], env)
