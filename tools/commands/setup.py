"""./ur5rl setup"""

from tools.layout import ACTIVATE, LOG, ROOT
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'install and build what is missing; the other commands do it too, on first use'


def help_text() -> str:
    """The text of ./ur5rl setup --help."""
    return (
        'usage: ./ur5rl setup\n\n'
        'Makes a virtual environment, installs the pinned packages and builds the workspace, under .ur5rl/;\n'
        'does again only what changed (requirements, messages, package files), goes on where it stopped.\n'
        'Where ROS 2 Jazzy is sourced, that one is used and nothing of ROS is installed.\n'
        f'Logs: {LOG}\n\n'
        'Afterwards, in any terminal:  source .ur5rl/activate.sh'
    )


def run(argv: list[str]) -> None:
    """Sets up, then says how to use it."""
    if argv:
        raise Stop(f'setup takes no arguments, got "{" ".join(argv)}"', 2)
    ready()
    print(f'ready: ./ur5rl launch async_sac_2, or "source {ACTIVATE.relative_to(ROOT)}" in a terminal')
