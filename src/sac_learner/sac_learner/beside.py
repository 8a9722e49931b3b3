"""Work that may run beside other work on the same device."""

import torch


class Beside:
    """`with beside:` starts work that what follows does not wait for until `beside.join()`.

    On a second stream of a GPU; without one, all is done in the order in which it is written. What the work
    reads must live until `join`.
    """

    def __init__(self, stream: torch.cuda.Stream | None = None) -> None:
        """Takes the second stream, None where there is none."""
        self._stream = stream

    def __enter__(self) -> None:
        if self._stream is not None:
            self._stream.wait_stream(torch.cuda.current_stream())
            self._context = torch.cuda.stream(self._stream)
            self._context.__enter__()

    def __exit__(self, *error: object) -> None:
        if self._stream is not None:
            self._context.__exit__(*error)

    def join(self) -> None:
        """What follows comes after all work beside it."""
        if self._stream is not None:
            torch.cuda.current_stream().wait_stream(self._stream)
