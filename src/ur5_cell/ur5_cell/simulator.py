"""What stands behind the controller of the simulated cell: one interface, MuJoCo or Gazebo.

| | MuJoCo | Gazebo |
|---|---|---|
| time | the controller's steps, in real time | likewise; Gazebo keeps up with them |
| target of the joints | the controller | the controller |
| where the joints are | where the target is | what Gazebo has integrated, measured |
| pictures | drawn for the joints at the capture time | Gazebo's, stamped with the capture time |
"""

import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from ur5_cell.controller_process import ControllerProcess


class Picture(NamedTuple):
    """A frame of the wrist camera."""

    stamp_ns: int
    """When it was captured [ns since the epoch]."""
    pixels: np.ndarray
    """(image_height, image_width, 3) uint8 BGR."""


class Cell(NamedTuple):
    """What a simulator needs of the node around it."""

    deliver: Callable[[Picture], None]
    """Called with each frame when its delay is over."""
    target_at: Callable[[int], tuple[float, float] | None]
    """Where the disc is at a time [ns since the epoch], right and up on the screen [m]; None: nowhere."""
    complain: Callable[[str, str], None]
    """Called with a kind of fault and a line about it; each kind is said once."""


class Simulator(Protocol):
    """Moves the arm where the controller does not do so itself, and films it."""

    def start_controller(self, address: str, fault_port: int, arguments: list[str]) -> ControllerProcess:
        """Returns the controller, ready to be connected to, with the arm of this simulator.

        Raises:
            OSError: it cannot be had.
            ControllerFailed: the controller did not start.
        """

    def run(self, controller: ControllerProcess, stop: threading.Event) -> None:
        """Works until `stop` is set, in a thread of its own."""

    def losses(self) -> dict[str, int]:
        """Returns what was left out since the start, by kind."""
