"""A subcommand that becomes a Python program of the environment."""

from collections.abc import Callable

from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop


def python_program(
    module: str, text: str, lacking: str = ''
) -> tuple[Callable[[], str], Callable[[list[str]], None]]:
    """Returns help_text and run of the subcommand.

    Args:
        module: of the program.
        text: of --help.
        lacking: what is said where no word is given; '' = it needs none.
    """

    def run(argv: list[str]) -> None:
        if lacking and not argv:
            raise Stop(lacking, 2)
        become_python(module, argv, ready())

    return (lambda: text), run
