"""What the two tasks are: cycle, episode, sizes, reward variant (thesis chapter 3)."""

from dataclasses import dataclass

from ur5_rl_env.robot_models import robot_model
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.config import check, setting
from ur5_rl_graph.data import ACTION_FEEDBACK
from ur5_rl_graph.sizes import ImageSize

CONTROL_CYCLE_S = 0.008
"""Control cycle of the UR5 [s]; an action cycle is a whole number of them (thesis 5.2). In the graph it is
the time between two joint states of any arm, whatever the controller's own period (`robot_models`)."""

REWARDS = ('thesis', 'released')


@dataclass(frozen=True, kw_only=True)
class TaskConfig(ImageSize):
    """The Markov decision process. Raises ValueError when made with a value out of range."""

    robot_model: str = robot_model()
    task: str = setting('reaching', 'reaching: the target stands still; tracking: it moves', choices=TASKS)
    action_cycle_s: float = setting(
        0.040, 'time from observation to observation, a multiple of 0.008 [s]', low=CONTROL_CYCLE_S, high=1.0
    )
    episode_s: float = setting(
        4.0, 'length of an episode, truncated, not terminated [s]', low=0.04, high=3600.0
    )
    reset_s: float = setting(3.0, 'shortest pause between two episodes [s]', low=0.0, high=60.0)
    max_joint_velocity: float = setting(
        0.7, 'joint velocity of an action of 1, the same for all five joints [rad/s]', low=0.01, high=3.0
    )
    camera_period_s: float = setting(
        0.040, 'time between two camera frames; images and joints pair within it [s]', low=0.004, high=1.0
    )
    reward: str = setting(
        'thesis', 'image weights: thesis equation 3.1, or its released code', choices=REWARDS
    )

    action_feedback: str = setting(
        'executed',
        'previous action in an observation: what the arm did, or what was asked',
        choices=ACTION_FEEDBACK,
    )

    @property
    def steps(self) -> int:
        """Action cycles in an episode: 100 of 40 ms in 4 s."""
        return max(1, round(self.episode_s / self.action_cycle_s))

    def __post_init__(self) -> None:
        check(self)
        cycles = self.action_cycle_s / CONTROL_CYCLE_S
        if abs(cycles - round(cycles)) > 1e-6:
            below = int(cycles) * CONTROL_CYCLE_S
            raise ValueError(
                f'action_cycle_s is {self.action_cycle_s}; it must be a multiple of the control cycle of '
                f'{CONTROL_CYCLE_S} s: choose {below:.3f} or {below + CONTROL_CYCLE_S:.3f}'
            )
        height, width, _ = self.observation_shape
        if height > self.image_height or width > self.image_width:
            raise ValueError(
                f'observation is {width}x{height}, the camera gives {self.image_width}x{self.image_height}; '
                'an observation cannot be larger than the camera frame'
            )
