"""Parameters of the replay buffer: the defaults are the baseline setting of thesis tables 5.1 and 5.3."""

import math
from dataclasses import dataclass

from buffer_sampler.crop import check_crop
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import ACTION_FEEDBACK, STACK
from ur5_rl_graph.sizes import ImageSize, MiniBatchSize

GOVERNORS = ('at_most', 'exactly')


@dataclass(frozen=True, kw_only=True)
class BufferSamplerConfig(ImageSize, MiniBatchSize):
    """What the buffer holds and hands out. Raises ValueError when made with a value out of range."""

    run_folder: str = setting('', 'folder of the run; the buffer lies in its folder replay')
    capacity: int = setting(100_000, 'transitions kept', low=100, high=10_000_000)
    action_cycle_s: float = setting(
        0.040,
        'that of the environment; this and the next two say how many frames are kept [s]',
        low=0.008,
        high=1.0,
    )
    camera_period_s: float = setting(0.040, 'time between two camera frames [s]', low=0.004, high=1.0)
    episode_s: float = setting(4.0, 'length of an episode [s]', low=0.04, high=3600.0)
    action_feedback: str = setting(
        'executed',
        'action that is learned from: what the arm did, or what was asked for',
        choices=ACTION_FEEDBACK,
    )
    replay_share: float = setting(
        0.5,
        'share of each mini-batch that is drawn from the bags of replay:=, where a run has some',
        low=0.0,
        high=1.0,
    )
    threads: int = setting(1, 'threads that copy the images of a mini-batch', low=1, high=64)
    slots: int = setting(3, 'mini-batches that sampling may be ahead of learning', low=1, high=16)
    updates_per_step: float = setting(
        1.0, 'updates per environment step; 0 = no limit', low=0.0, high=1000.0, live=True
    )
    governor: str = setting(
        'at_most',
        'at_most: actions never wait for updates; exactly: an action waits for those that steps have earned',
        choices=GOVERNORS,
        live=True,
    )
    error_band: int = setting(
        3000,
        'updates that learning may be behind of what the steps have earned; beyond, they are given up',
        low=1,
        high=1_000_000_000,
    )
    random_steps: int = setting(1000, 'environment steps before the first update', low=0, high=1_000_000)
    seed: int = setting(0, 'seed of the draws and the crops', low=0, high=2**31 - 1)

    @property
    def frames_per_transition(self) -> float:
        """Camera frames that a transition needs, each stored once: 1.03 in 4 s of 40 ms, 2.06 of 80 ms.

        An episode of n steps shows the three frames of its first observation and what is new in n others, of
        which none shows more than its three newest: longer cycles than three camera periods need no more.
        """
        steps = max(1, round(self.episode_s / self.action_cycle_s))
        new = min(STACK, max(1, math.ceil(self.action_cycle_s / self.camera_period_s - 1e-6)))
        return new + STACK / steps

    def __post_init__(self) -> None:
        """Checks the ranges and what must fit together."""
        check(self)
        height, width, _ = self.observation_shape
        check_crop(height, width, self.crop_height, self.crop_width)
        if not self.run_folder:
            raise ValueError("run_folder is ''; it must name the folder of the run")
        if self.random_steps > self.capacity:
            raise ValueError(
                f'random_steps is {self.random_steps}, more than the capacity of {self.capacity}; '
                'they would be overwritten before the first update: set a smaller random_steps'
            )
