"""The end that a person asks for."""

import signal


class Stop:
    """The first SIGINT or SIGTERM lets what has begun end in order; a second one does not wait.

    Attributes:
        asked: whether there was one.
    """

    def __init__(self) -> None:
        """Was not asked for."""
        self.asked = False

    def __enter__(self) -> 'Stop':
        """Listens for signals until the end of the block."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        self._before = {number: signal.signal(number, self._on_signal) for number in numbers}
        return self

    def __exit__(self, *exception: object) -> None:
        """Leaves them to whoever had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether it was asked for."""
        return self.asked

    def _on_signal(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
