"""A command of ./ur5rl: its words, and how it ends where they are wrong: one line and an exit code."""

import errno
import functools
import sys
from collections.abc import Callable, Sequence

from ur5_rl_graph import program
from ur5_rl_graph.options import options


def command(main: Callable[[Sequence[str]], int]) -> Callable[[Sequence[str]], int]:
    """Decorates the `main` of a command, which takes its words and returns its exit code.

    A ValueError or an OSError becomes 2 after one line on stderr; an interrupt becomes 130.
    """

    @functools.wraps(main)
    def ended(argv: Sequence[str]) -> int:
        try:
            return main(argv)
        except (ValueError, OSError) as error:
            if isinstance(error, BrokenPipeError) and program.nobody_reads():
                raise  # `ur5_rl_graph.program` knows what that means
            print(f'error: {" ".join(_told(error).split())}', file=sys.stderr, flush=True)
            return 2
        except KeyboardInterrupt:
            return 130

    return ended


def _told(error: ValueError | OSError) -> str:
    """The words of an error; of a full disk also what it could not hold, and the remedy."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        what = error.filename or 'its output'
        return f'{what} cannot be written ({error.strerror}): free some disk space, or write elsewhere'
    return str(error)


def words_and_options(argv: Sequence[str], **defaults: str | float | int) -> tuple[list[str], dict]:
    """Returns the words that are no options, and the options (name:=value) over their defaults.

    Raises:
        ValueError: an option that is not among them, or a value of another type.
    """
    words = [word for word in argv if ':=' not in word]
    return words, options([word for word in argv if ':=' in word], **defaults)
