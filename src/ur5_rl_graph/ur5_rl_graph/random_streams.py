"""All random streams of a run, each derived from its one seed by name: no two draw the same numbers."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What draws random numbers. It keeps its number for ever, so that seeds keep their meaning."""

    NETWORKS = 0  # initial weights
    UPDATES = 1  # action noise inside the updates; further: updates done where it begins anew
    EXPLORATION = 2  # random actions and action noise of the actor; further: environment steps done
    MINI_BATCHES = 3  # draws and crops; further: environment steps done
    SENSOR_DELAY = 4  # delay and dropout of simulated camera frames
    PIXEL_NOISE = 5
    TARGETS = 6  # further: number of the episode, 0 = before the first
    JUMPS = 7  # of the target while a calibration measures


def _sequence(seed: int, stream: Stream, further: tuple[int, ...]) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(int(stream), *further))


def generator(seed: int, stream: Stream, *further: int) -> np.random.Generator:
    """Returns the generator of a stream.

    Args:
        seed: of the run, 0 to 2^31 - 1.
        stream: which.
        further: tells apart generators of one stream, so that a node that comes back does not repeat itself.
    """
    return np.random.default_rng(_sequence(seed, stream, further))


def number(seed: int, stream: Stream, *further: int) -> int:
    """Returns a 64-bit number that seeds a generator which is made elsewhere; arguments as of `generator`."""
    return int(_sequence(seed, stream, further).generate_state(1, np.uint64)[0])
