"""./ur5rl setup"""

from tools.layout import ACTIVATE, LOG, ROOT
from tools.packages import TORCH_BUILDS, ask_for_torch
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'install and build what is missing; the other commands do it too, on first use'


def help_text() -> str:
    """The text of ./ur5rl setup --help."""
    return (
        'usage: ./ur5rl setup [torch:=auto|cpu|cuda]\n\n'
        'Makes a virtual environment, installs the pinned packages and builds the workspace, under .ur5rl/;\n'
        'does again only what changed (requirements, messages, package files), goes on where it stopped.\n'
        'Where ROS 2 Jazzy is sourced, that one is used and nothing of ROS is installed.\n'
        '  torch:=auto   with CUDA where this machine has an NVIDIA GPU; what is given is kept\n\n'
        f'Logs: {LOG}\n\n'
        'Afterwards, in any terminal:  source .ur5rl/activate.sh'
    )


def run(argv: list[str]) -> None:
    """Sets up, then says how to use it."""
    if argv:
        key, _, build = argv[0].partition(':=')
        if len(argv) > 1 or key != 'torch' or build not in TORCH_BUILDS:
            raise Stop(f'setup takes torch:={"|".join(TORCH_BUILDS)} or nothing, got "{" ".join(argv)}"', 2)
        ask_for_torch(build)
    ready()
    print(f'ready: ./ur5rl launch async_sac_2, or "source {ACTIVATE.relative_to(ROOT)}" in a terminal')
