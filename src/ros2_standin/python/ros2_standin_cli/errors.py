"""Errors of the command line; each message is one line."""


class CommandError(Exception):
    """What was asked for failed or is not there."""

    exit_code = 1


class UsageError(CommandError):
    """The command was called wrongly."""

    exit_code = 2
