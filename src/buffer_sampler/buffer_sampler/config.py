"""Parameters of the replay buffer: the defaults are the baseline setting of thesis tables 5.1 and 5.3."""

from dataclasses import dataclass

from buffer_sampler.crop import check_crop
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import ACTION_FEEDBACK

GOVERNORS = ('at_most', 'exactly')


@dataclass(frozen=True, kw_only=True)
class BufferSamplerConfig:
    """What the buffer holds and hands out. Raises ValueError when made with a value out of range."""

    run_folder: str = setting('', 'folder of the run; the buffer lies in its folder replay')
    capacity: int = setting(100_000, 'transitions kept', low=100, high=10_000_000)
    frames_per_transition: float = setting(
        1.03,
        'camera frames kept per transition: 1.03 at an action cycle of one camera period, 2.03 at two',
        low=1.0,
        high=6.0,
    )
    batch_size: int = setting(128, 'transitions in a mini-batch', low=1, high=4096)
    observation_height: int = setting(90, 'height of a stored frame [pixel]', low=8, high=720)
    observation_width: int = setting(160, 'width of a stored frame [pixel]', low=8, high=1280)
    crop_height: int = setting(88, 'height of the cropped images [pixel]', low=8, high=720)
    crop_width: int = setting(156, 'width of the cropped images [pixel]', low=8, high=1280)
    action_feedback: str = setting(
        'executed',
        'action that is learned from: what the arm did, or what was asked for',
        choices=ACTION_FEEDBACK,
    )
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
    random_steps: int = setting(1000, 'environment steps before the first update', low=0, high=1_000_000)
    seed: int = setting(0, 'seed of the draws and the crops', low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        """Checks the ranges and what must fit together."""
        check(self)
        check_crop(self.observation_height, self.observation_width, self.crop_height, self.crop_width)
        if not self.run_folder:
            raise ValueError("run_folder is ''; it must name the folder of the run")
        if self.random_steps > self.capacity:
            raise ValueError(
                f'random_steps is {self.random_steps}, more than the capacity of {self.capacity}; '
                'they would be overwritten before the first update: set a smaller random_steps'
            )
