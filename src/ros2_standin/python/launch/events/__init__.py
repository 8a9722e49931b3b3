"""Events of a launch."""

from . import process
from .base import Event

__all__ = ['Event', 'Shutdown', 'process']


class Shutdown(Event):
    """The launch ends."""

    name = 'launch.events.Shutdown'

    def __init__(self, *, reason: str = 'reason not given', due_to_sigint: bool = False) -> None:
        self.reason, self.due_to_sigint = reason, due_to_sigint
