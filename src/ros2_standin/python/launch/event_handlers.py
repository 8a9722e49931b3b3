"""What a launch file does when something happens."""

from .events.process import ProcessExited, ProcessStarted

__all__ = ['OnProcessExit', 'OnProcessStart']


class _OnProcess:
    """Handles one kind of event of every process.

    Attributes:
        kind: class of the event.
        handle: called with (event, context); what it returns is visited.
    """

    def __init__(self, kind, handle) -> None:
        if not callable(handle):
            raise TypeError(f'expected a function (event, context), got {type(handle).__name__} {handle!r}')
        self.kind, self.handle = kind, handle


class OnProcessExit(_OnProcess):
    """Handles the end of a process."""

    def __init__(self, *, on_exit) -> None:
        super().__init__(ProcessExited, on_exit)


class OnProcessStart(_OnProcess):
    """Handles the start of a process."""

    def __init__(self, *, on_start) -> None:
        super().__init__(ProcessStarted, on_start)
