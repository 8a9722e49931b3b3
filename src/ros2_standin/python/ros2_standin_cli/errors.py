"""Errors of the command line."""


class UsageError(Exception):
    """The user asked for something that is not there; the message is one line."""
