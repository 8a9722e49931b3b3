"""The one exception for everything a person can put right: it becomes one line and an exit code."""


class Stop(Exception):
    """Ends ./ur5rl with `ur5rl: <message>` on stderr.

    Args:
        message: what is wrong, with the value and the limit, and what to do about it.
        code: the exit code of the process.
    """

    def __init__(self, message: str, code: int = 1):
        super().__init__(message)
        self.code = code
