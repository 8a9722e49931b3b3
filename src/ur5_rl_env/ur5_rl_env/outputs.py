"""What the environment's logic asks its node to do. Times are nanoseconds since the epoch (stamp_ns)."""

from typing import NamedTuple

import numpy as np

from ur5_rl_graph.data import Observation
from ur5_rl_graph.say import End as End
from ur5_rl_graph.say import Say as Say


class CycleTiming(NamedTuple):
    """Timing of the cycle from observation k-1 to observation k; the fields of CycleTiming.msg."""

    episode: int
    step: int
    cycle_ms: float
    lateness_ms: float
    overrun: bool
    response_ms: float
    image_age_ms: float
    joint_age_ms: float
    image_to_command_ms: float
    weights_age_s: float


class EpisodeSummary(NamedTuple):
    """The fields of Episode.msg."""

    episode: int
    total_steps: int
    steps: int
    episode_return: float
    duration_s: float
    reset_s: float
    overruns: int
    changed_steps: int
    unreported_steps: int
    stale_images: int
    refused_stamps: int
    extrapolated_joints: int
    older_images: int
    aborted: bool
    text: str
    target_x: float
    target_y: float


class Observe(NamedTuple):
    """Publish an observation and, from the second of an episode on, the timing of the cycle before it."""

    observation: Observation
    timing: CycleTiming | None


class Move(NamedTuple):
    """Send a velocity command."""

    velocity: np.ndarray  # (5,) [rad/s]
    stamp_ns: int  # its identity, by which the arm driver reports on it


class Call(NamedTuple):
    """Call a service; answer through `Lifecycle.on_answer` with the same token."""

    service: str  # 'stop', 'home' or 'target'
    token: int
    seed: int = 0  # of the target


class StartTarget(NamedTuple):
    """Have the target's motion begin: observation 0 went out."""

    seed: int
    stamp_ns: int


class Finish(NamedTuple):
    """Publish the summary of an episode."""

    summary: EpisodeSummary
    stamp_ns: int  # of its end


Output = Observe | Move | Call | StartTarget | Finish | Say | End
