"""Events about one process."""

from .base import Event


class RunningProcessEvent(Event):
    """Something happened to a process that runs or ran."""

    def __init__(self, *, action, name: str, cmd: list, cwd, env, pid: int) -> None:
        self.action, self.process_name, self.cmd, self.cwd, self.env, self.pid = (
            action,
            name,
            cmd,
            cwd,
            env,
            pid,
        )


class ShutdownProcess(Event):
    """Ends the processes that a function picks, as the end of the launch does; they are not started again."""

    name = 'launch.events.process.ShutdownProcess'

    def __init__(self, *, process_matcher) -> None:
        self.process_matcher = process_matcher


class ProcessStarted(RunningProcessEvent):
    """A process started."""

    name = 'launch.events.process.ProcessStarted'


class ProcessExited(RunningProcessEvent):
    """A process ended; returncode is -N where signal N ended it."""

    name = 'launch.events.process.ProcessExited'

    def __init__(self, *, returncode: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.returncode = returncode
