"""Events about one process."""


class ProcessStarted:
    """A process started."""

    def __init__(self, *, name: str, cmd: list[str], pid: int) -> None:
        self.process_name, self.cmd, self.pid = name, cmd, pid


class ProcessExited(ProcessStarted):
    """A process ended; returncode is -N where signal N ended it."""

    def __init__(self, *, returncode: int, **fields) -> None:
        super().__init__(**fields)
        self.returncode = returncode


class ShutdownProcess:
    """Ends the processes that a function picks, as the end of the launch does; they are not started again."""

    def __init__(self, *, process_matcher) -> None:
        self.process_matcher = process_matcher
