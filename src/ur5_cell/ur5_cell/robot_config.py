"""Properties of the simulated controller.

What happens to program and arm on a protective stop or a watchdog trip differs between reports from real
controllers; a driver must survive either, so either can be chosen.
"""

from dataclasses import dataclass
from math import isfinite, pi

from ur5_cell.motion import JOINTS
from ur5_rl_env.robot_models import MODELS, UR5


@dataclass(frozen=True, kw_only=True)
class RobotConfig:
    """Properties of the simulated controller.

    Attributes:
        robot_model: which arm it is.
        start_joints: joint angles at power-up [rad], 6; none = its home.
        program_after_protective_stop: 'ended', or 'paused' (goes on with `play` after the release).
        watchdog_action: what a missed watchdog does: 'stop' the program, or 'protective_stop'.
        joint_limit: largest angle of any joint [rad]; beyond it is a protective stop.
        joint_speed_limit: largest joint speed [rad/s]; beyond it is a protective stop.
        joint_acceleration_limit: largest acceleration that a program may ask for [rad/s^2], as in ur_rtde.
        program_stop_deceleration: leading axis, when a program ends in motion [rad/s^2]; our choice.
        safety_stop_deceleration: leading axis, on a safety stop [rad/s^2]; our choice.
        release_after: a protective stop cannot be released sooner [s].
        program_start_delay: from upload to the program's first step [s].
        following_limit: farther from its target a joint causes a protective stop [rad]; our choice.
        steady_after: time at rest after which the arm is steady [s].
    """

    robot_model: str = UR5.name
    start_joints: tuple = ()
    program_after_protective_stop: str = 'ended'
    watchdog_action: str = 'stop'
    joint_limit: float = 2 * pi
    joint_speed_limit: float = 191 * pi / 180
    joint_acceleration_limit: float = 40.0
    program_stop_deceleration: float = 4.0
    safety_stop_deceleration: float = 12.0
    release_after: float = 5.0
    program_start_delay: float = 0.1
    following_limit: float = 0.2
    steady_after: float = 0.5

    @property
    def period(self) -> float:
        """Control period [s]."""
        return MODELS[self.robot_model].control_period_s

    def __post_init__(self) -> None:
        if self.robot_model not in MODELS:
            raise ValueError(f'robot_model is "{self.robot_model}"; choose one of {", ".join(MODELS)}')
        if not self.start_joints:
            object.__setattr__(self, 'start_joints', MODELS[self.robot_model].home)
        if len(self.start_joints) != JOINTS or not all(
            isfinite(q) and abs(q) < self.joint_limit for q in self.start_joints
        ):
            raise ValueError(
                f'start_joints is {self.start_joints}; it must be {JOINTS} angles within '
                f'+-{self.joint_limit:.4f} rad'
            )
        for name, choices in (
            ('program_after_protective_stop', ('ended', 'paused')),
            ('watchdog_action', ('stop', 'protective_stop')),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f'{name} is "{getattr(self, name)}"; choose one of {", ".join(choices)}')
