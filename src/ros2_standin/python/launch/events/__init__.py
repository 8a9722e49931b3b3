"""Events of a launch."""

__all__ = ['Shutdown']


class Shutdown:
    """The launch ends."""

    def __init__(self, *, reason: str = 'reason not given') -> None:
        self.reason = reason
