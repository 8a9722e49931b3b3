"""An episode as a film shows it, wherever it comes from."""

from typing import NamedTuple

import numpy as np


class Moment(NamedTuple):
    """One observation of an episode, and the reward of the step that led to it."""

    step: int  # k
    images: tuple[np.ndarray, ...]  # the camera's, (H, W, 3) uint8 BGR each, oldest first
    q: tuple[float, ...]  # six joint angles at the capture of the newest image [rad]
    target: tuple[float, float] | None  # centre of the disc on the screen [m]; None = not known
    reward: float
    so_far: float  # return up to it, of all steps, whether they are shown or not


class Episode(NamedTuple):
    """The moments of an episode in their order, at least one."""

    title: str
    moments: list[Moment]
    total: float  # return of all its steps, whether they are shown or not
